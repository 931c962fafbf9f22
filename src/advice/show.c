/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/show.h"

#include "console/table.h"
#include "report/printer.h"

#include <stdio.h>
#include <string.h>

enum { LABEL = 2, BODY = 16 };

/* What an entry's kind means for a reader; "": the steps say it all. */
static const char *kind_sentence(const char *kind)
{
	static const struct {
		const char *kind, *sentence;
	} kinds[] = {
		{ "none", "has no SIP ALG" },
		{ "fixed", "has a SIP ALG that cannot be switched off" },
		{ "soften", "the ALG can be made less harmful" },
		{ "unclear", "the sources are not clear about it" },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return kinds[i].sentence;
	return "";
}

static void join(const json_t *list, char *out, size_t room)
{
	size_t used = 0;
	out[0] = '\0';
	for (size_t i = 0; i < json_array_size(list) && used < room; i++)
		used += (size_t)snprintf(out + used, room - used, "%s%s", i > 0 ? ", " : "", catalogue_item(list, i));
}

static void show_commands(const struct router *router)
{
	for (size_t i = 0; i < json_array_size(router->commands); i++)
		printf("%*s%-*s%s\n", LABEL, "", BODY - LABEL, i == 0 ? "commands" : "",
		       catalogue_item(router->commands, i));
}

void show_router(const struct router *router, const struct terminal *terminal)
{
	struct printer printer = printer_create(terminal, false, stdout);
	char names[256], number[32];
	join(router->names, names, sizeof names);
	printf("%s%s %s%s\n", terminal_style(terminal, STYLE_BOLD), router->vendor,
	       strcmp(router->vendor, router->product) == 0 ? "" : router->product,
	       terminal_style(terminal, STYLE_PLAIN));
	if (kind_sentence(router->kind)[0] != '\0')
		printer_paragraph(&printer, LABEL, "in short", BODY, kind_sentence(router->kind));
	if (names[0] != '\0' && strcmp(router->kind, "none") != 0)
		printer_paragraph(&printer, LABEL, "it is called", BODY, names);
	for (size_t i = 0; i < json_array_size(router->steps); i++) {
		snprintf(number, sizeof number, "%zu.", i + 1);
		printer_paragraph(&printer, BODY - 3, number, BODY, catalogue_item(router->steps, i));
	}
	show_commands(router);
	if (router->note[0] != '\0')
		printer_paragraph(&printer, LABEL, "note", BODY, router->note);
	printer_paragraph(&printer, LABEL, "source", BODY,
	                  router->source[0] != '\0' ? router->source : "none that is public: try it with care");
}

void show_list(const struct catalogue *catalogue, const struct terminal *terminal)
{
	static const char *const heads[] = { "VENDOR", "PRODUCT", "IT IS CALLED", NULL };
	struct table *table = table_create(terminal, heads);
	char names[TABLE_CELL_MAX];
	for (size_t i = 0; table != NULL && i < catalogue->count; i++) {
		const struct router *router = &catalogue->routers[i];
		join(router->names, names, sizeof names);
		table_add(table, (const char *const[]){ router->vendor, router->product, names });
	}
	if (table != NULL)
		table_finish(table);
	printf("\n`sipalg advice WORDS` tells about one\n");
}

void show_general(const struct terminal *terminal)
{
	static const char *const lines[] = {
		"Log in to the router (its address is on a label below it) and look through the pages named Advanced, "
		"NAT, WAN, Firewall, Security or Applications.",
		"The switch is called SIP ALG, SIP Passthrough, SIP Transformations, SIP Helper, SIP Inspection, SIP "
		"Fixup, VoIP ALG, Application Layer Gateway, NAT ALG or conntrack helper. Take all ticks near the word "
		"SIP away; only \"Disable SIP ALG\" wants one.",
		"Save, restart the router and then the phones: what was up before keeps the old treatment.",
		"Look again after an update of the router's software, or a reset: many switch it on again.",
		"If there is no switch: let the phone use TLS, TCP or another port than 5060 where the provider offers "
		"it, set STUN in the phone, or put the router into bridge mode behind one of your own.",
	};
	struct printer printer = printer_create(terminal, false, stdout);
	printf("%sIn any router%s\n", terminal_style(terminal, STYLE_BOLD), terminal_style(terminal, STYLE_PLAIN));
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		printer_paragraph(&printer, LABEL, "-", LABEL + 2, lines[i]);
}
