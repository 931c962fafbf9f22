/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How this router translates the addresses of its inside networks, as told by its own rules: what `masquerade`, `snat`
 * and their like at postrouting are for. Only looks. */
#ifndef PLANE_NETFILTER_TRANSLATION_H
#define PLANE_NETFILTER_TRANSLATION_H

#include "plane/netfilter/family.h"
#include "plane/netfilter/listing.h"
#include "plane/netfilter/plane.h"
#include "sipalg/engine.h"

enum {
	TRANSLATION_RULES_MAX = 64, /* rules that are looked at; with more all is in doubt */
};

/* What one rule does with packets that leave by the WAN. */
struct translation_rule {
	bool families[FAMILY_COUNT]; /* which it is for */
	bool certain;                /* false: it looks at something else, too, so it may be for other packets only */
	sipalg_prefix source;        /* of length 0: whatever the source */
	enum sipalg_translation translation;
	sipalg_prefix outside; /* of translation by prefix */
};

/* Comparable as bytes. */
struct translation_rules {
	struct translation_rule rules[TRANSLATION_RULES_MAX];
	size_t count;
	bool unknown[FAMILY_COUNT]; /* there are rules that cannot be seen */
};

/* Finds the rules that translate what leaves by one of these interfaces. */
void translation_find(const struct listing *listing, const char (*wan)[PLANE_LINK_NAME_MAX], size_t wan_count,
                      struct translation_rules *rules);

/* How a network inside is translated: by what the user said, else by the first rule that is for it, else not at all;
 * but private IPv4 networks share an address in any case, since nobody could reach them otherwise. */
sipalg_network translation_of(const struct translation_rules *rules, const struct plane_settings *settings,
                              const sipalg_prefix *inside);

#endif
