/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TCP connection to a host by name, with patience of its own. */
#ifndef REFLECT_CONNECT_H
#define REFLECT_CONNECT_H

#include "console/problem.h"
#include "reflect/client.h"

/* Tries the host's addresses one after the other; the socket does not block. -1: *problem says why. */
int connect_host(const char *host, uint16_t port, enum reflect_family family, struct problem *problem);

/* Waits for the descriptor; false: the time has passed. `events` as poll() has them. */
bool connect_wait(int descriptor, short events, uint64_t until_ns);

#endif
