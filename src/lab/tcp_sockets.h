/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TCP sockets of a kernel world: those that wait for connections, and the ends of connections. */
#ifndef LAB_TCP_SOCKETS_H
#define LAB_TCP_SOCKETS_H

#include "lab/world.h"

#include <poll.h>

enum { TCP_SOCKETS_MAX = 640 };

struct tcp_socket {
	int file;
	sipalg_endpoint local;
	bool listening, connecting;
	bool paused;   /* nobody reads */
	bool silent;   /* nothing more will come */
	bool finished; /* nothing more is to be sent than what is kept */
	char *kept;    /* what the socket has not taken yet */
	size_t kept_length;
};

/* A socket's place is the number of its end. */
struct tcp_sockets {
	struct store *store;
	struct tcp_socket list[TCP_SOCKETS_MAX];
	size_t count;
	char bytes[65536]; /* what was read last */
};

/* Each takes over `file`, a bound socket. NULL: done. */
const char *tcp_sockets_listen(struct tcp_sockets *sockets, int file, sipalg_endpoint local);
const char *tcp_sockets_connect(struct tcp_sockets *sockets, int file, sipalg_endpoint to, unsigned *end);

/* True when there is one that listens. */
bool tcp_sockets_have(const struct tcp_sockets *sockets, sipalg_endpoint local);
const char *tcp_sockets_refuse(struct tcp_sockets *sockets, sipalg_endpoint local);

const char *tcp_sockets_write(struct tcp_sockets *sockets, unsigned end, struct bytes bytes);
const char *tcp_sockets_finish(struct tcp_sockets *sockets, unsigned end, bool reset);
bool tcp_sockets_stuck(const struct tcp_sockets *sockets, unsigned end);

/* What to poll() for; as many as sockets->count. */
void tcp_sockets_poll(const struct tcp_sockets *sockets, struct pollfd *files);

/* Does what a socket is ready for. True: that was an arrival. */
bool tcp_sockets_take(struct tcp_sockets *sockets, size_t place, short ready, struct arrival *arrival);

void tcp_sockets_release(struct tcp_sockets *sockets);

#endif
