/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/identify.h"

#include "advice/description.h"
#include "advice/fetch.h"
#include "advice/gateway.h"
#include "advice/ssdp.h"
#include "report/printer.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static void ask_by_upnp(const struct gateway *gateway, struct evidence *evidence)
{
	struct ssdp_answers answers = { 0 };
	ssdp_search(gateway, &answers, evidence);
	for (size_t i = 0; i < answers.count; i++) {
		struct page page;
		if (page_fetch(gateway, answers.locations[i], &page))
			description_read((struct text){ page.body, page.length }, evidence);
		page_clear(&page);
		if (evidence->texts[EVIDENCE_MODEL][0] != '\0')
			break;
	}
}

static void ask_for_page(const struct gateway *gateway, struct evidence *evidence)
{
	struct page page;
	char url[sizeof evidence->address + 16];
	snprintf(url, sizeof url, "http://%s/", evidence->address);
	if (page_fetch(gateway, url, &page)) {
		evidence_keep(evidence, EVIDENCE_HTTP_SERVER, text_of(page.server));
		evidence_keep(evidence, EVIDENCE_HTTP_REALM, text_of(page.realm));
		title_read((struct text){ page.body, page.length }, evidence);
	}
	page_clear(&page);
}

bool identify_gateway(const struct catalogue *catalogue, struct identity *identity, struct problem *problem)
{
	struct gateway gateway;
	*identity = (struct identity){ 0 };
	if (!gateway_find(&gateway, problem))
		return false;
	struct evidence *evidence = &identity->evidence;
	inet_ntop(AF_INET, &gateway.address, evidence->address, sizeof evidence->address);
	ask_by_upnp(&gateway, evidence);
	ask_for_page(&gateway, evidence);
	/* Last: the kernel knows the card's address when something has been sent. */
	gateway_find_mac(&gateway, evidence->mac);
	evidence_find_mac_vendor(evidence);
	identity->count = evidence_recognise(evidence, catalogue, identity->routers, identity->why);
	return true;
}

json_t *identity_to_json(const struct identity *identity)
{
	const struct evidence *evidence = &identity->evidence;
	json_t *said = json_object(), *routers = json_array();
	for (int kind = 0; kind < EVIDENCE_COUNT; kind++)
		if (evidence->texts[kind][0] != '\0')
			json_object_set_new(said, evidence_title((enum evidence_kind)kind),
			                    json_string(evidence->texts[kind]));
	for (size_t i = 0; i < identity->count; i++) {
		json_t *entry = json_copy(identity->routers[i]->json);
		json_object_set_new(entry, "why", json_string(identity->why[i]));
		json_array_append_new(routers, entry);
	}
	return json_pack("{s:s, s:s, s:o, s:o}", "gateway", evidence->address, "mac", evidence->mac, "said", said,
	                 "routers", routers);
}

void identity_print(const struct identity *identity, const struct terminal *terminal)
{
	enum { LABEL = 2, BODY = 22 };
	const struct evidence *evidence = &identity->evidence;
	struct printer printer = printer_create(terminal, false, stdout);
	printf("%sThe router at %s%s\n", terminal_style(terminal, STYLE_BOLD), evidence->address,
	       terminal_style(terminal, STYLE_PLAIN));
	for (int kind = 0; kind < EVIDENCE_COUNT; kind++)
		if (evidence->texts[kind][0] != '\0')
			printer_paragraph(&printer, LABEL, evidence_title((enum evidence_kind)kind), BODY,
			                  evidence->texts[kind]);
	if (evidence->mac[0] != '\0')
		printer_paragraph(&printer, LABEL, "MAC address", BODY, evidence->mac);
}

/* ---- For the tools ---- */

static void join_list(const json_t *list, const char *between, char *out, size_t room)
{
	size_t used = 0;
	out[0] = '\0';
	for (size_t i = 0; i < json_array_size(list) && used < room; i++)
		used += (size_t)snprintf(out + used, room - used, "%s%s", i > 0 ? between : "",
		                         catalogue_item(list, i));
}

static void tell_report(struct report *report, const struct identity *identity)
{
	const struct evidence *evidence = &identity->evidence;
	char name[2 * EVIDENCE_TEXT_MAX + 64], steps[1024], commands[1024];
	snprintf(name, sizeof name, "%s %s %s", evidence->address, evidence->texts[EVIDENCE_MANUFACTURER],
	         evidence->texts[EVIDENCE_MODEL]);
	report_add_fact(report, "router", name);
	for (size_t i = 0; i < identity->count; i++) {
		const struct router *router = identity->routers[i];
		snprintf(name, sizeof name, "%s %s", router->vendor, router->product);
		join_list(router->steps, " ", steps, sizeof steps);
		join_list(router->commands, "\n", commands, sizeof commands);
		report_add_remedy(report, &(struct remedy){ name, (char *)(uintptr_t)identity->why[i], steps, commands,
		                                            (char *)(uintptr_t)router->source });
	}
	if (identity->count == 0)
		report_add_note(
		        report,
		        "The router at %s is none that `sipalg advice` knows; look through its pages for SIP ALG, SIP "
		        "Passthrough, SIP Helper, VoIP ALG or Application Layer Gateway.",
		        evidence->address);
}

void identify_for_report(struct report *report)
{
	struct catalogue *catalogue = calloc(1, sizeof *catalogue);
	struct identity identity;
	struct problem problem;
	if (catalogue == NULL || !catalogue_open(catalogue, &problem)) {
		report_add_note(report, "The router was not identified: %s",
		                catalogue == NULL ? "no memory" : problem.text);
		free(catalogue);
		return;
	}
	if (identify_gateway(catalogue, &identity, &problem))
		tell_report(report, &identity);
	else
		report_add_note(report, "The router was not identified: %s", problem.text);
	catalogue_close(catalogue);
	free(catalogue);
}
