/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shows entries of the catalogue to people. */
#ifndef ADVICE_SHOW_H
#define ADVICE_SHOW_H

#include "advice/catalogue.h"

#include "console/terminal.h"

/* One entry whole. */
void show_router(const struct router *router, const struct terminal *terminal);

/* A line for each entry, by vendor. */
void show_list(const struct catalogue *catalogue, const struct terminal *terminal);

/* What to look for in a router that nobody has described. */
void show_general(const struct terminal *terminal);

#endif
