/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sipalg run` on the lab's router: started, switched, killed, ended. */
#ifndef LAB_GATEWAY_H
#define LAB_GATEWAY_H

#include "lab/network.h"

#include <sys/types.h>

struct gateway {
	const char *program;
	const struct router_setup *setup;
	const struct network *network;
	FILE *output; /* what sipalg printed */
	pid_t process;
	int pipe;
};

/* Starts it and waits until packets flow through it. */
const char *gateway_start(struct store *store, struct gateway *gateway);

/* As a crash would. */
void gateway_kill(struct gateway *gateway);

/* `sipalg off`, `sipalg on`, with an address or without. */
const char *gateway_switch(struct store *store, const struct gateway *gateway, const char *to, const char *whom);

/* Ends it as an administrator would. NULL: it ended well. */
const char *gateway_end(struct store *store, struct gateway *gateway);

#endif
