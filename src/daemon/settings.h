/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user may choose. A setting has one name: `lan = eth1` in the file is `--lan eth1` on the command line. */
#ifndef DAEMON_SETTINGS_H
#define DAEMON_SETTINGS_H

#include "console/problem.h"
#include "console/values.h"
#include "sipalg/engine.h"

#include <sys/types.h>

#define SETTINGS_FILE_PATH "/etc/sipalg.conf"
#define SETTINGS_SOCKET_PATH "/run/sipalg/control"
#define SETTINGS_STATE_PATH "/var/lib/sipalg/switches"

enum {
	SETTINGS_INTERFACES_MAX = 16,
	SETTINGS_SERVERS_MAX = 64, /* trusted servers */
	SETTINGS_SIP_PORTS_MAX = 16,
	SETTINGS_RESERVED_MAX = 64, /* ranges of ports */
	SETTINGS_PAIRS_MAX = 16,    /* networks translated by prefix, of either kind */
	SETTINGS_JOURNAL_KIB = 4096,
	SETTINGS_JOURNAL_KIB_MAX = 1048576,
	SETTINGS_LINE_MAX = 1024, /* bytes of a line of the file */
	SETTINGS_CONNECTIONS = 32768,
	SETTINGS_OBJECTS_MAX = 16777216, /* bindings, calls, registrations, connections */
	SETTINGS_SECONDS_MAX = 2592000,  /* 30 days */
};

/* The names of the settings, in the order in which help and the manual list them. */
enum setting {
	SETTING_LAN,
	SETTING_WAN,
	SETTING_INSIDE,
	SETTING_OUTSIDE,
	SETTING_IPV6,
	SETTING_ROUTED,
	SETTING_NETMAP,
	SETTING_NPTV6,
	SETTING_SERVER,
	SETTING_OFF,
	SETTING_SIP_PORT,
	SETTING_TCP,
	SETTING_OUTSIDE_PORTS,
	SETTING_RESERVE,
	SETTING_NARROW_MEDIA,
	SETTING_HAIRPIN_MEDIA,
	SETTING_MEDIA_IDLE,
	SETTING_REGISTRATION_GRACE,
	SETTING_BINDINGS,
	SETTING_HOST_BINDINGS,
	SETTING_CALLS,
	SETTING_REGISTRATIONS,
	SETTING_CONNECTIONS,
	SETTING_QUEUE,
	SETTING_SOCKET,
	SETTING_GROUP,
	SETTING_USER,
	SETTING_SANDBOX,
	SETTING_STATE,
	SETTING_JOURNAL,
	SETTING_COUNT,
};

struct interface_list {
	char names[SETTINGS_INTERFACES_MAX][IFNAMSIZ];
	size_t count;
};

/* What the router does with IPv6. */
enum settings_ipv6 {
	SETTINGS_IPV6_AUTO = 0, /* the daemon finds out */
	SETTINGS_IPV6_ROUTED,
	SETTINGS_IPV6_NAT66,
	SETTINGS_IPV6_OFF,
	SETTINGS_IPV6_COUNT,
};

/* Networks whose prefix is translated into another one of the same length. */
struct prefix_pairs {
	struct {
		sipalg_prefix inside, outside;
	} list[SETTINGS_PAIRS_MAX];
	size_t count;
};

/* Who said it: a higher source wins over a lower one, whatever the order in which they are read. */
enum settings_source {
	SETTINGS_BY_DEFAULT = 0,
	SETTINGS_BY_FILE,
	SETTINGS_BY_COMMAND_LINE,
};

struct settings {
	struct interface_list lan, wan;            /* empty: the daemon finds them (default route, private prefixes) */
	sipalg_prefix inside[SIPALG_PREFIXES_MAX]; /* added to those read from the LAN interfaces */
	size_t inside_count;
	sipalg_address outside; /* none: read from the WAN interface */
	enum settings_ipv6 ipv6;
	sipalg_prefix routed[SIPALG_PREFIXES_MAX]; /* inside networks that are not translated */
	size_t routed_count;
	struct prefix_pairs netmap, nptv6;      /* … or by prefix: the rest kept as it is, or RFC 6296's way */
	sipalg_prefix off[SIPALG_PREFIXES_MAX]; /* hosts the gateway leaves alone */
	size_t off_count;
	sipalg_prefix servers[SETTINGS_SERVERS_MAX]; /* may send SIP to a phone without having been spoken to */
	size_t server_count;
	uint16_t sip_ports[SETTINGS_SIP_PORTS_MAX]; /* queued whatever the first bytes are */
	size_t sip_port_count;
	struct port_range reserved[SETTINGS_RESERVED_MAX]; /* outside ports never chosen, UDP and TCP */
	size_t reserved_count;
	bool tcp;                    /* SIP over TCP is read */
	uint32_t connections;        /* relayed at once at most */
	uint16_t queue;              /* number of the netfilter queue; 0: the daemon finds a free one */
	sipalg_settings engine;      /* `secret` is all zero: the daemon fills it */
	char socket[VALUE_PATH_MAX]; /* of the control socket */
	gid_t group;                 /* may use the socket too (mode 0660); (gid_t)-1: nobody but root (0600) */
	uid_t user;                  /* whom the daemon becomes once all is open; 0: root stays */
	gid_t user_group;            /* … its group */
	bool sandbox;                /* rights, files and system calls are given up */
	char state[VALUE_PATH_MAX];  /* file that remembers what was switched off; empty: forget it */
	uint32_t journal_kib;        /* memory for `sipalg explain`; 0: none */

	enum settings_source source[SETTING_COUNT];
};

/* One row for each setting: what help, the manual's check and the command line know about it. */
struct setting_row {
	const char *name;     /* "lan" */
	const char *argument; /* "INTERFACE[,INTERFACE…]" */
	const char *help;     /* one sentence, with the default */
	bool flag;            /* `--name` alone means yes */
};

extern const struct setting_row settings_table[SETTING_COUNT];

void settings_defaults(struct settings *settings);

/* Sets one setting from its text. Within one source a list setting grows with each call; a higher source replaces what
 * a lower one said and a lower one is then ignored (but still checked). False: the name is not known (the nearest one
 * is named) or the value cannot be used; `settings` is unchanged. */
SIPALG_MUST_USE
bool settings_set(struct settings *settings, enum settings_source source, const char *name, const char *value,
                  struct problem *problem);

/* Reads a file of `name = value` lines. False: `problem` begins with "PATH:LINE: ". */
SIPALG_MUST_USE
bool settings_read_file(struct settings *settings, const char *path, struct problem *problem);

/* Whether the settings agree with each other. Call it once all sources have been read. */
SIPALG_MUST_USE
bool settings_check(const struct settings *settings, struct problem *problem);

#endif
