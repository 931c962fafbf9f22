/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A scenario: who takes part, how the router is set up, and the steps. The language is described in lab/README.md. */
#ifndef LAB_SCENARIO_H
#define LAB_SCENARIO_H

#include "lab/endpoint.h"
#include "lab/script.h"
#include "sipalg/engine.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	SCENARIO_PARTIES_MAX = 96,
	SCENARIO_STEPS_MAX = 2000,
	SCENARIO_REPLACEMENTS_MAX = 32, /* of one step */
	SCENARIO_CUTS_MAX = 16,         /* of one message */
};

/* A phone, a server, a media server: the name is the scenario's, the protocol is the one it speaks SIP over. */
struct party {
	const char *name;
	sipalg_endpoint endpoint;
};

enum step_kind {
	STEP_NONE = 0,
	STEP_SEND,    /* a -> s, with a message */
	STEP_REPLY,   /* s => a 200 OK */
	STEP_RECEIVE, /* s <- a, with replacements */
	STEP_MEDIA,   /* rtp a:12000 -> m:20000 */
	STEP_SCAN,    /* scan x -> 203.0.113.1: nothing may be open */
	STEP_WAIT,
	STEP_ROUTER,  /* something is done to the router while it runs */
	STEP_REASON,  /* the engine's word for the last message */
	STEP_EXPECT,  /* a relation between captured numbers */
	STEP_LET,     /* a number from others */
	STEP_CONNECT, /* a connects s */
	STEP_CLOSE,   /* a closes s: a sends no more */
	STEP_RESET,   /* a resets s */
	STEP_PAUSE,   /* s pauses a: s does not read what a sends */
	STEP_READ,    /* s reads a: again */
	STEP_STUCK,   /* a stuck s: what a sends must not leave any more */
	STEP_REFUSE,  /* s refuses: connections */
	STEP_LISTEN,  /* s listens: again */
};

enum step_flag {
	FLAG_AGAIN = 1,      /* send: the same bytes as last time */
	FLAG_RAW = 2,        /* send: escapes count, line ends of the file do not */
	FLAG_ESCAPED = 4,    /* send: escapes count */
	FLAG_LF = 8,         /* send: bare LF line ends */
	FLAG_DF = 16,        /* send: don't fragment */
	FLAG_NEVER = 32,     /* send, media: must not arrive anywhere */
	FLAG_SAME = 64,      /* receive: the same bytes as last time */
	FLAG_HELD = 128,     /* send: together with the next message, in one segment */
	FLAG_EVERY = 256,    /* send: cut every so many bytes, not at places */
	FLAG_CLOSED = 512,   /* receive: the end of what the other sends */
	FLAG_RESET = 1024,   /* receive: a reset; with FLAG_CLOSED: one of both */
	FLAG_REFUSED = 2048, /* connect: it must be refused */
};

/* In lines that begin with `where` ("*": in all), `old` becomes `new`. */
struct replacement {
	const char *where, *old, *new;
};

struct step {
	enum step_kind kind;
	struct line line;   /* the statement */
	struct lines block; /* the indented lines below it, bare of trailing blank ones */
	const char *from;   /* as written: NAME, NAME:PORT or ADDRESS:PORT; {name} not yet put in */
	const char *to;
	const char *source;               /* receive, media: the source the packet must show */
	const char *at;                   /* media: where it must arrive; NULL: at `to` */
	const char *but;                  /* scan: ports that are open; NULL: none */
	const char *status;               /* reply: "200 OK" */
	const char *tag;                  /* reply: the To tag, when the request has none */
	const char *request;              /* reply: the request contains this text */
	const char *file;                 /* send: the message is in this file */
	unsigned flags;                   /* enum step_flag */
	const char *connection;           /* its name; NULL: the newest that fits */
	uint32_t cuts[SCENARIO_CUTS_MAX]; /* send: where segments begin, or how long they are (FLAG_EVERY) */
	size_t cut_count;
	uint32_t size; /* send: bytes of the message, {pad} fills it up */
	uint32_t wait_ms;
	struct replacement replacements[SCENARIO_REPLACEMENTS_MAX];
	size_t replacement_count;
	struct words words; /* router, reason, expect */
};

/* The user's forward chain. */
enum firewall {
	FIREWALL_NONE = 0, /* everything passes */
	FIREWALL_USUAL,    /* dropped but for established, related, dnat and what comes from inside */
	FIREWALL_STRICT,   /* dropped but for established, related and what comes from inside */
};

/* How the router is set up before the first step. */
struct router_setup {
	uint32_t udp_timeout_s, udp_stream_timeout_s; /* 0: the kernel's own */
	bool snat;                                    /* a snat rule in place of masquerade */
	int nat_priority;                             /* of the user's postrouting chain */
	enum firewall firewall;
	bool second_wan;             /* flows stay on the WAN on which they began */
	bool closed_input;           /* nothing but what is established reaches the router itself */
	enum sipalg_translation ip6; /* NONE: routed; PORTS: masqueraded; PREFIX: the unique local network */
	struct words options;        /* further options of `sipalg run` */
};

/* What a router is known to do, for the reader: it is shown when it comes out otherwise. */
enum known { KNOWN_NOTHING = 0, KNOWN_PASSES, KNOWN_FAILS };

struct scenario {
	const char *name, *folder, *title, *faults, *about;
	struct party parties[SCENARIO_PARTIES_MAX];
	size_t party_count;
	struct router_setup setup;
	enum known plain_known, kernel_known;
	bool only_sipalg; /* nothing of it can be asked of another router */
	struct step *steps;
	size_t step_count, step_room;
	uint32_t wait_ms; /* sum of all waits */
};

/* Reads the file. False: *error says where, what and how it should be. */
bool scenario_read(struct store *store, const char *path, struct scenario *scenario, const char **error);

const struct party *scenario_party(const struct scenario *scenario, struct bytes name);

/* Reads NAME, NAME:PORT or ADDRESS:PORT. */
bool scenario_endpoint(const struct scenario *scenario, const char *text, sipalg_endpoint *endpoint);

/* Parses the statement line and appends it to the steps or the set-up: statement.c. NULL: understood; else what is
 * wrong. */
const char *statement_parse(struct store *store, struct scenario *scenario, struct line line, struct words *words,
                            struct lines block);

#endif
