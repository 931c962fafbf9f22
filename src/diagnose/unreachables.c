/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diagnose/unreachables.h"

#include <stdio.h>

enum { ICMP4_UNREACHABLE = 3, ICMP6_UNREACHABLE = 1, ICMP6_TOO_BIG = 2, ANY_CODE = 255 };

/* RFC 792, RFC 1812 5.2.7.1; RFC 4443 3.1 and 3.2. */
static const struct {
	uint8_t type, code;
	bool is_size;
	const char *words;
} meanings[] = {
	{ ICMP4_UNREACHABLE, 0, false, "network unreachable" },
	{ ICMP4_UNREACHABLE, 1, false, "host unreachable" },
	{ ICMP4_UNREACHABLE, 3, false, "port unreachable" },
	{ ICMP4_UNREACHABLE, 4, true, "fragmentation needed, and not allowed" },
	{ ICMP4_UNREACHABLE, 9, false, "network prohibited by a firewall" },
	{ ICMP4_UNREACHABLE, 10, false, "host prohibited by a firewall" },
	{ ICMP4_UNREACHABLE, 13, false, "prohibited by a firewall" },
	{ ICMP6_UNREACHABLE, 0, false, "no route" },
	{ ICMP6_UNREACHABLE, 1, false, "prohibited by a firewall" },
	{ ICMP6_UNREACHABLE, 3, false, "address unreachable" },
	{ ICMP6_UNREACHABLE, 4, false, "port unreachable" },
	{ ICMP6_TOO_BIG, ANY_CODE, true, "packet too big" },
};
enum { MEANINGS = sizeof meanings / sizeof meanings[0] };

static size_t meaning_of(const struct unreachable *unreachable)
{
	size_t i = 0;
	while (i < MEANINGS && (meanings[i].type != unreachable->type ||
	                        (meanings[i].code != unreachable->code && meanings[i].code != ANY_CODE)))
		i++;
	return i;
}

void unreachables_note(struct unreachables *unreachables, const struct capture_item *item)
{
	for (size_t i = 0; i < unreachables->count; i++) {
		struct unreachable *known = &unreachables->list[i];
		if (sipalg_endpoint_equal(&known->to, &item->destination) && known->type == item->icmp_type &&
		    known->code == item->icmp_code) {
			known->count++;
			return;
		}
	}
	if (unreachables->count < UNREACHABLES_MAX)
		unreachables->list[unreachables->count++] =
		        (struct unreachable){ item->destination, item->reporter, item->icmp_type, item->icmp_code, 1 };
}

const struct unreachable *unreachables_find(const struct unreachables *unreachables, const sipalg_endpoint *to)
{
	for (size_t i = 0; i < unreachables->count; i++)
		if (sipalg_endpoint_equal(&unreachables->list[i].to, to))
			return &unreachables->list[i];
	return NULL;
}

bool unreachable_is_size(const struct unreachable *unreachable)
{
	size_t meaning = unreachable != NULL ? meaning_of(unreachable) : MEANINGS;
	return meaning < MEANINGS && meanings[meaning].is_size;
}

const char *unreachable_text(const struct unreachable *unreachable, char out[UNREACHABLE_TEXT_MAX])
{
	char reporter[SIPALG_ADDRESS_TEXT_MAX];
	out[0] = '\0';
	if (unreachable == NULL)
		return out;
	size_t meaning = meaning_of(unreachable);
	sipalg_address_write(&unreachable->reporter, reporter);
	snprintf(out, UNREACHABLE_TEXT_MAX, "; %s says by ICMP: %s", reporter,
	         meaning < MEANINGS ? meanings[meaning].words : "unreachable");
	return out;
}
