/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks the default gateway what it is: by UPnP (SSDP and the description it names), by its web page, by the maker of
 * its network card. What it says is hostile input. Only the gateway itself is asked. */
#ifndef ADVICE_IDENTIFY_H
#define ADVICE_IDENTIFY_H

#include "advice/catalogue.h"
#include "advice/evidence.h"

#include "console/terminal.h"
#include "report/report.h"

struct identity {
	struct evidence evidence;
	const struct router *routers[RECOGNISED_MAX]; /* entries that fit; the catalogue's */
	const char *why[RECOGNISED_MAX];              /* by what; the evidence's texts, or static ones */
	size_t count;
};

/* Takes at most about five seconds. False: there is no gateway; the problem says why. */
bool identify_gateway(const struct catalogue *catalogue, struct identity *identity, struct problem *problem);

json_t *identity_to_json(const struct identity *identity);
void identity_print(const struct identity *identity, const struct terminal *terminal);

/* For the tools: asks, and tells the report what the gateway is and where its switch is. What fails is a note. */
void identify_for_report(struct report *report);

#endif
