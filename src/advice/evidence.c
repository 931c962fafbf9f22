/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/evidence.h"

#include "advice/embedded.h"
#include "report/letters.h"

#include <string.h>
#include <strings.h>

const char *evidence_title(enum evidence_kind kind)
{
	static const char *const titles[EVIDENCE_COUNT] = {
		"UPnP manufacturer", "UPnP model",  "UPnP model number", "UPnP description", "UPnP name",
		"UPnP server",       "HTTP server", "HTTP realm",        "web page",         "network card",
	};
	return titles[kind];
}

void evidence_keep(struct evidence *evidence, enum evidence_kind kind, struct text text)
{
	char *kept = evidence->texts[kind];
	size_t length = 0;
	bool apart = false;
	if (kept[0] != '\0')
		return;
	for (struct letter letter; !text_is_empty(text); text = text_from(text, letter.length)) {
		letter = letter_next(text);
		if (!letter_is_visible(letter) || letter.code == ' ') {
			apart = length > 0;
			continue;
		}
		if (length + apart + letter.length >= EVIDENCE_TEXT_MAX)
			break;
		if (apart)
			kept[length++] = ' ';
		memcpy(kept + length, text.start, letter.length);
		length += letter.length;
		apart = false;
	}
	kept[length] = '\0';
}

/* ---- The card's maker ---- */

enum { MAC_PREFIX = 6 };

/* The first six digits, small. */
static bool read_prefix(const char *mac, char prefix[MAC_PREFIX + 1])
{
	size_t length = 0;
	for (; *mac != '\0' && length < MAC_PREFIX; mac++)
		if (*mac != ':')
			prefix[length++] = (char)(*mac >= 'A' && *mac <= 'F' ? *mac - 'A' + 'a' : *mac);
	prefix[length] = '\0';
	return length == MAC_PREFIX;
}

static struct text next_line(struct text *rest)
{
	const char *end = memchr(rest->start, '\n', rest->length);
	struct text line = end != NULL ? text_first(*rest, (size_t)(end - rest->start)) : *rest;
	*rest = text_from(*rest, line.length + 1);
	return line;
}

/* Lines are "Vendor: 001122 334455 …", and go on in lines that begin with a blank. */
void evidence_find_mac_vendor(struct evidence *evidence)
{
	struct text rest = { (const char *)embedded_mac_vendors, embedded_mac_vendors_length }, vendor = { "", 0 };
	char prefix[MAC_PREFIX + 1];
	if (!read_prefix(evidence->mac, prefix))
		return;
	while (!text_is_empty(rest)) {
		struct text line = next_line(&rest);
		const char *colon = memchr(line.start, ':', line.length);
		if (line.length > 0 && line.start[0] == '#')
			continue;
		if (colon != NULL)
			vendor = text_first(line, (size_t)(colon - line.start));
		if (memmem(line.start, line.length, prefix, MAC_PREFIX) != NULL)
			evidence_keep(evidence, EVIDENCE_MAC_VENDOR, vendor);
	}
}

/* ---- Entries that fit ---- */

static bool is_word_byte(char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* `name` stands in the text from the beginning of a word on. */
static bool says(const char *text, const char *name)
{
	for (const char *at = text; (at = strcasestr(at, name)) != NULL; at++)
		if (at == text || !is_word_byte(at[-1]))
			return true;
	return false;
}

struct fit {
	const struct router *router;
	const char *why;
	size_t length; /* of the longest name it was recognised by */
};

static struct fit fit_of(const struct evidence *evidence, const struct router *router)
{
	struct fit fit = { .router = router };
	for (size_t i = 0; i < json_array_size(router->recognise); i++) {
		const char *name = catalogue_item(router->recognise, i);
		for (int kind = 0; kind < EVIDENCE_MAC_VENDOR; kind++) {
			if (strlen(name) <= fit.length || !says(evidence->texts[kind], name))
				continue;
			fit.length = strlen(name);
			fit.why = evidence->texts[kind];
		}
	}
	return fit;
}

/* Keeps the best, best first. Returns how many are kept. */
static size_t insert(struct fit fits[RECOGNISED_MAX], size_t count, struct fit fit)
{
	size_t place = count;
	while (place > 0 && fits[place - 1].length < fit.length)
		place--;
	if (place == RECOGNISED_MAX)
		return count;
	count += count < RECOGNISED_MAX;
	for (size_t i = count - 1; i > place; i--)
		fits[i] = fits[i - 1];
	fits[place] = fit;
	return count;
}

size_t evidence_recognise(const struct evidence *evidence, const struct catalogue *catalogue,
                          const struct router *routers[RECOGNISED_MAX], const char *why[RECOGNISED_MAX])
{
	struct fit fits[RECOGNISED_MAX];
	const char *maker = evidence->texts[EVIDENCE_MAC_VENDOR];
	size_t count = 0;
	for (size_t i = 0; i < catalogue->count; i++) {
		struct fit fit = fit_of(evidence, &catalogue->routers[i]);
		if (fit.length > 0)
			count = insert(fits, count, fit);
	}
	for (size_t i = 0; count < RECOGNISED_MAX && maker[0] != '\0' && i < catalogue->count; i++) {
		struct fit fit = { &catalogue->routers[i], maker, 0 };
		bool found = false;
		for (size_t j = 0; j < count; j++)
			found = found || fits[j].length > 0 || fits[j].router == fit.router;
		if (!found && strcmp(fit.router->vendor, maker) == 0)
			count = insert(fits, count, fit);
	}
	for (size_t i = 0; i < count; i++) {
		routers[i] = fits[i].router;
		why[i] = fits[i].why;
	}
	return count;
}
