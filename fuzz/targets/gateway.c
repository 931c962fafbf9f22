/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a router may say of itself: an answer to a search by UPnP, the description that names, the head and the title of
 * its page. Nothing of it may harm a terminal, and it is looked up among the routers that are known. */
#include "advice/description.h"
#include "advice/fetch.h"
#include "advice/ssdp.h"
#include "reader.h"

static void check_text(const char *text, size_t room)
{
	size_t length = strnlen(text, room);
	assert_true(length < room);
	for (size_t i = 0; i < length; i++)
		assert_true((unsigned char)text[i] >= ' ' && text[i] != 0x7f);
}

static void look_up(const struct evidence *evidence)
{
	static struct catalogue catalogue;
	const struct router *routers[RECOGNISED_MAX];
	const char *why[RECOGNISED_MAX];
	struct problem problem;
	if (catalogue.count == 0)
		assert_true(catalogue_open(&catalogue, &problem));
	size_t count = evidence_recognise(evidence, &catalogue, routers, why);
	assert_true(count <= RECOGNISED_MAX);
	for (size_t i = 0; i < count; i++)
		assert_true(routers[i] >= catalogue.routers && routers[i] < catalogue.routers + catalogue.count);
}

static void read_head(struct text text, struct evidence *evidence)
{
	struct page page = { .length = 0 };
	while (text.length > 0) {
		struct text line = text_first(text, text_find(text, '\n'));
		page_read_header(&page, line);
		text = text_from(text, line.length + 1);
	}
	evidence_keep(evidence, EVIDENCE_HTTP_SERVER, (struct text){ page.server, strlen(page.server) });
	evidence_keep(evidence, EVIDENCE_HTTP_REALM, (struct text){ page.realm, strlen(page.realm) });
}

static void read_gateway(struct text text)
{
	struct evidence evidence = { .address = "" };
	struct ssdp_answers answers = { .count = 0 };
	ssdp_read(text, &answers, &evidence);
	assert_true(answers.count <= SSDP_LOCATIONS_MAX);
	for (size_t i = 0; i < answers.count; i++)
		assert_true(strnlen(answers.locations[i], SSDP_URL_MAX) < SSDP_URL_MAX);
	read_head(text, &evidence);
	description_read(text, &evidence);
	title_read(text, &evidence);
	for (int kind = 0; kind < EVIDENCE_COUNT; kind++)
		check_text(evidence.texts[kind], EVIDENCE_TEXT_MAX);
	look_up(&evidence);
}

FUZZ_READER(read_gateway)
