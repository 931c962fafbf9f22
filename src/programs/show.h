/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How each thing that `sipalg show` knows is shown. */
#ifndef PROGRAMS_SHOW_H
#define PROGRAMS_SHOW_H

#include "programs/client.h"
#include "console/terminal.h"

void show_status(const struct terminal *terminal, const json_t *status);
void show_sandbox(const struct terminal *terminal, const json_t *sandbox);
void show_counters(const struct terminal *terminal, const json_t *counters);

/* These return an exit code. */
int show_phones(const struct terminal *terminal, struct client *client);
int show_calls(const struct terminal *terminal, struct client *client);
int show_connections(const struct terminal *terminal, struct client *client);
int show_encrypted(const struct terminal *terminal, struct client *client);
int show_bindings(const struct terminal *terminal, struct client *client);

#endif
