/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The netfilter plane: the engine's place in a Linux router's packet path.
 *
 * Signalling comes through NFQUEUE (fail-open) to the engine; its bindings become elements of NAT maps in a table of
 * our own, `inet sipalg`, which are in force before the message that names them is released. Everything here belongs to
 * one thread:
 *
 *     plane_open(); then for ever: poll(plane_descriptors(), until plane_deadline()), plane_work(); plane_close()
 */
#ifndef PLANE_NETFILTER_PLANE_H
#define PLANE_NETFILTER_PLANE_H

#include "plane/tcp/relay.h"
#include "sipalg/engine.h"

#include <poll.h>

enum {
	PLANE_LINKS_MAX = 16,     /* interfaces named on either side */
	PLANE_LINK_NAME_MAX = 16, /* IFNAMSIZ, with its zero */
	PLANE_RESERVED_MAX = 64,
	PLANE_PORTS_MAX = 32,        /* configured signalling ports */
	PLANE_PORT_ENCRYPTED = 5061, /* RFC 3261 19.1.2: TLS, which is let pass and counted */
	PLANE_DESCRIPTORS_MAX = 5,   /* what plane_descriptors() fills at most */
	PLANE_QUEUE_DEFAULT = 5060,  /* the first queue number tried */
};

struct plane_port_range {
	uint16_t first, last; /* inclusive */
};

/* What this router does with IPv6. */
enum plane_ipv6 {
	PLANE_IPV6_AUTO = 0, /* what its rules say */
	PLANE_IPV6_ROUTED,   /* addresses stay what they are */
	PLANE_IPV6_NAT66,    /* many inside addresses share the router's */
	PLANE_IPV6_OFF,      /* it is not to be looked at */
};

/* What the user may say. All zero is a good start: everything is then found out, port 5060 excepted. */
struct plane_settings {
	char lan[PLANE_LINKS_MAX][PLANE_LINK_NAME_MAX]; /* none: every interface with a private prefix but the WAN's */
	size_t lan_count;
	char wan[PLANE_LINKS_MAX][PLANE_LINK_NAME_MAX]; /* none: the default route's interface */
	size_t wan_count;
	sipalg_prefix inside[SIPALG_PREFIXES_MAX]; /* networks routed behind the LAN, besides the LAN's own prefixes */
	size_t inside_count;
	sipalg_prefix servers[SIPALG_PREFIXES_MAX]; /* servers trusted besides those a phone spoke to */
	size_t server_count;
	sipalg_address outside;          /* none: the WAN interface's own address */
	uint16_t ports[PLANE_PORTS_MAX]; /* where SIP is expected even when its first bytes name no known method */
	size_t port_count;
	struct plane_port_range reserved[PLANE_RESERVED_MAX]; /* outside ports never to be chosen */
	size_t reserved_count;
	enum plane_ipv6 ipv6;
	/* Of the inside networks: not translated, whatever the rules say, or translated by prefix. */
	sipalg_prefix routed[SIPALG_PREFIXES_MAX];
	size_t routed_count;
	sipalg_network moved[SIPALG_PREFIXES_MAX];
	size_t moved_count;
	uint16_t queue;           /* 0: PLANE_QUEUE_DEFAULT, or the next that is free */
	bool without_tcp;         /* TCP passes as through plain NAT */
	uint32_t connections_max; /* of SIP over TCP, relayed at once; 0: the relay's default */
};

/* Who is told. Any function may be NULL. */
struct plane_observer {
	void *context;
	/* One line for the operator, without line end; it lives for the call only. */
	void (*say)(void *context, const char *line);
	/* A message has been handled; `packet` and `verdict` live for the call only. */
	void (*handled)(void *context, uint64_t now_ns, const sipalg_packet *packet, const sipalg_verdict *verdict);
	/* The user's rules have changed: what plane_advise() says may be another thing now. */
	void (*rules_changed)(void *context);
};

struct plane_counters {
	uint64_t wakeups;          /* receives that brought at least one message */
	uint64_t messages;         /* messages received from the queue */
	uint64_t rewritten;        /* … of these sent on with other bytes */
	uint64_t unfit;            /* … of these not whole UDP datagrams, or not crossing: sent on as they came */
	uint64_t overruns;         /* times the kernel had more messages than room for them (they pass unseen) */
	uint64_t commits;          /* nftables transactions */
	uint64_t commits_failed;   /* … refused as a whole and carried out one by one */
	uint64_t bindings_refused; /* bindings that the kernel would not take: their messages passed unchanged */
	uint64_t elements;         /* map elements added or deleted */
	uint64_t flows_entered, flows_deleted;
	uint64_t let_in;             /* flows from outside let in through a firewall */
	uint64_t let_in_refused;     /* … left to it, because there were too many of late */
	uint64_t sweeps;             /* walks through connection tracking */
	uint64_t restored;           /* bindings taken over from a predecessor */
	uint64_t connections_taken;  /* first packets of TCP connections sent to the relay */
	uint64_t connections_passed; /* … left to plain NAT: switched off, no room, encrypted */
	uint64_t encrypted;          /* connections that nobody on the path can read */
};

/* What the plane found out or was told. */
struct plane_view {
	char lan[PLANE_LINKS_MAX][PLANE_LINK_NAME_MAX];
	size_t lan_count;
	char wan[PLANE_LINKS_MAX][PLANE_LINK_NAME_MAX];
	size_t wan_count;
	sipalg_prefix inside[SIPALG_PREFIXES_MAX];
	size_t inside_count;
	sipalg_address outside; /* of the first WAN interface; none: it has none */
	uint16_t queue;
	bool native_queue; /* nft's own `queue` statement, not the xt target */
	bool tcp;          /* there is a relay */
};

/* A phone and a server that speak TLS. */
struct plane_encrypted {
	sipalg_address phone;
	sipalg_endpoint server;
	uint64_t connections; /* seen */
	uint64_t last_ns;     /* when the last one began */
};

struct plane;

/* Looks at the interfaces, takes over the bindings a predecessor left, installs the table and begins to receive. The
 * engine must know nothing but what it has loaded from a snapshot, and outlive the plane; settings are copied. NULL: it
 * could not, and one line said why and what to do. */
SIPALG_MUST_USE
struct plane *plane_open(const struct plane_settings *settings, const struct plane_observer *observer,
                         sipalg_engine *engine, uint64_t now_ns);

/* Prints advice, one line each, when another rule of this router would undo the gateway's work. */
void plane_advise(struct plane *plane);

/* Removes the table and everything else it holds. NULL is fine. */
void plane_close(struct plane *plane);

/* Fills what to poll() for; returns how many. May change after any call of plane_work(). */
size_t plane_descriptors(const struct plane *plane, struct pollfd descriptors[PLANE_DESCRIPTORS_MAX]);

/* When plane_work() wants to be called although nothing was received: the earlier of the engine's and its own. */
uint64_t plane_deadline(const struct plane *plane);

/* Does whatever there is to do now: handles the messages that wait, lets time pass for the engine. `descriptors` are
 * those of plane_descriptors() after poll(); `now_ns` is the clock that
 * plane_open() was given. */
void plane_work(struct plane *plane, const struct pollfd *descriptors, size_t count, uint64_t now_ns);

/* Carries out the engine's commands; for callers that made the engine give some (sipalg_engine_set_off()). */
void plane_carry_out(struct plane *plane, uint64_t now_ns);

/* Off: the table goes, plain NAT at once; flows that are up keep their translation. On: it comes back with the bindings
 * that still live. False: the kernel refused, the state is as before and a line said why. */
SIPALG_MUST_USE
bool plane_switch(struct plane *plane, uint64_t now_ns, bool on);

bool plane_is_on(const struct plane *plane);

const struct plane_counters *plane_counters(struct plane *plane);
void plane_describe(const struct plane *plane, struct plane_view *view);

/* What the relay counts; NULL: there is none. */
const struct relay_counters *plane_relay_counters(const struct plane *plane);

/* Walk over the connections that are relayed, and over the pairs that speak TLS: start with *cursor = 0, call until
 * false. */
bool plane_next_connection(const struct plane *plane, uint32_t *cursor, struct relay_view *view);
bool plane_next_encrypted(const struct plane *plane, uint32_t *cursor, struct plane_encrypted *view);

#endif
