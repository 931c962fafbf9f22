/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TCP relay: transparent sockets between phones and servers, so that SIP messages in a stream can be edited.
 *
 * It stands in the middle of a connection without either end seeing it: a packet that somebody (the netfilter plane, by
 * `tproxy`) brings to its listening port becomes a connection whose own address is the one the opener meant, and the
 * connection onward is made from an address that is not this machine's. It knows sockets and epoll, nothing of
 * netfilter and nothing of SIP but where messages begin and end (sipalg/stream.h). Whoever opens it says by its hooks
 * where connections lead and what becomes of messages. Everything here belongs to one thread:
 *
 *     relay_open(); then for ever: poll(relay_descriptor(), until relay_deadline()), relay_work(); relay_close()
 *
 * What it promises: every byte arrives, in order, once; only messages are changed, and only as the hook says. Who reads
 * slowly makes the other side wait (back-pressure), nothing piles up. End of data, half-closed connections and resets
 * arrive as they were sent. A stream that is not SIP is spliced: its bytes do not enter this process. */
#ifndef PLANE_TCP_RELAY_H
#define PLANE_TCP_RELAY_H

#include "sipalg/engine.h"
#include "sipalg/stream.h"

struct relay_settings {
	uint32_t connections_max;      /* in all; more are reset. Lowered to what RLIMIT_NOFILE can be raised to */
	uint32_t host_connections_max; /* of one phone's address (relay_route.phone); more are reset */
	size_t buffers_max;            /* bytes kept in all for what is unfinished or cannot be written yet */
};

void relay_settings_defaults(struct relay_settings *settings);

/* Where a connection leads. */
struct relay_route {
	enum sipalg_direction direction; /* of what the opener sends */
	sipalg_endpoint phone, server;   /* the inside and the outside end, as sipalg_packet wants them */
	sipalg_endpoint from;            /* the onward connection's own end; port 0: any but the phone's */
	sipalg_endpoint to;              /* … and its far end */
	uint32_t mark;                   /* of its packets, for policy routing; 0: none */
	/* The fields of sipalg_packet of these names, of all its messages. */
	sipalg_address outside, other_outside;
	uint16_t mapping;
};

/* All must be given. A hook must not call the relay. */
struct relay_hooks {
	void *context;
	/* A connection was opened from `source` to `destination`, as its packets say. Fills *route. False: it is
	 * refused, by a reset. */
	bool (*route)(void *context, uint64_t now_ns, const sipalg_endpoint *source, const sipalg_endpoint *destination,
	              struct relay_route *route);
	/* The onward connection stands, from `local`, and nothing has been sent: the moment to find out what NAT makes
	 * of it and to fill route->outside and route->mapping. */
	void (*connected)(void *context, uint64_t now_ns, struct relay_route *route, const sipalg_endpoint *local);
	/* A message: as sipalg_engine_handle(), with the commands carried out on return. The packet's bytes and the
	 * verdict's are used until the next call. */
	void (*message)(void *context, uint64_t now_ns, const sipalg_packet *packet, sipalg_verdict *verdict);
};

struct relay_counters {
	uint64_t accepted;        /* connections brought to the listening port */
	uint64_t refused;         /* … reset because the route hook said so */
	uint64_t refused_full;    /* … because there were connections_max */
	uint64_t refused_host;    /* … because there were host_connections_max of that phone */
	uint64_t unreachable;     /* … because the onward connection failed */
	uint64_t resets;          /* connections that one end reset, or that died (keep-alive, timeout) */
	uint64_t messages;        /* messages (and headers of very long ones) given to the hook */
	uint64_t rewritten;       /* … of these sent on with other bytes */
	uint64_t encrypted;       /* connections that turned out to be TLS */
	uint64_t foreign;         /* … not SIP */
	uint64_t given_up;        /* streams no longer read as SIP: a message did not end in time, or was malformed */
	uint64_t waits;           /* times reading had to stop because buffers_max was reached */
	uint64_t accept_pauses;   /* times descriptors ran out */
	uint32_t connections;     /* at present */
	uint32_t connections_max; /* what settings and RLIMIT_NOFILE allow */
	size_t buffered;          /* bytes kept at present, as buffers_max counts them */
};

struct relay;

/* Listens and is ready. Settings and hooks are copied. The process must ignore SIGPIPE. NULL: it could not; errno says
 * why (EPERM: CAP_NET_ADMIN is missing). */
SIPALG_MUST_USE
struct relay *relay_open(const struct relay_settings *settings, const struct relay_hooks *hooks);

/* Ends all connections by resets, so that phones connect anew at once. NULL is fine. */
void relay_close(struct relay *relay);

/* The port on which it listens, at 127.0.0.1 and (where the kernel has IPv6) ::1; chosen by the kernel. */
uint16_t relay_port(const struct relay *relay);

/* Whether a connection of this phone would find room; else it had better not be brought here. */
bool relay_has_room(struct relay *relay, const sipalg_address *phone);

/* One descriptor to poll() for POLLIN, always the same. */
int relay_descriptor(const struct relay *relay);

/* When relay_work() wants to be called although the descriptor is silent; in the past: at once, there is more to do
 * than one turn allows; SIPALG_NEVER. */
uint64_t relay_deadline(const struct relay *relay);

/* Does what there is to do, but no more than a few milliseconds of it. `now_ns` is CLOCK_MONOTONIC. */
void relay_work(struct relay *relay, uint64_t now_ns);

/* Off: messages pass without the hook, on open connections from the next message on. On: the hook sees them again. */
void relay_set_parsing(struct relay *relay, bool on);

/* This outside address is no longer this network's: connections whose route.outside it is are reset, since nothing
 * arrives on them any more and a phone that knows connects anew. */
void relay_forget_outside(struct relay *relay, const sipalg_address *outside);

const struct relay_counters *relay_counters(struct relay *relay);

/* ---- Looking inside ---- */

enum relay_state {
	RELAY_NONE = 0,
	RELAY_CONNECTING,  /* the onward connection does not stand yet */
	RELAY_ESTABLISHED, /* both ends may speak */
	RELAY_HALF_CLOSED, /* one end has said all */
};

struct relay_view {
	struct relay_route route;
	enum relay_state state;
	enum sipalg_stream_kind outbound, inbound; /* what the phone speaks, what the server speaks */
	uint64_t since_ns;
	uint64_t messages; /* both ways */
	size_t buffered;   /* bytes kept for it */
};

/* Walks over the connections: start with *cursor = 0, call until false. */
bool relay_next_connection(const struct relay *relay, uint32_t *cursor, struct relay_view *view);

#endif
