/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon: the engine, a plane, the control socket and the journal, in one loop. */
#ifndef DAEMON_RUN_H
#define DAEMON_RUN_H

#include "daemon/settings.h"

/* Is the gateway until SIGTERM or SIGINT. Prints "sipalg: ready" on standard output when packets flow through it, and
 * one line on standard error for each thing the operator should know. Returns the exit status: 0, or 1 when it could
 * not start. */
int daemon_run(const struct settings *settings);

#endif
