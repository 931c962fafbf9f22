/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user's own rules, followed as they change. */
#include "plane/netfilter/probe.h"
#include "plane/netfilter/state.h"

#include <string.h>

/* Many a firewall flushes the whole ruleset when it is loaded anew. */
static void put_back(struct plane *plane, uint64_t now_ns)
{
	int error = restore_table(plane, now_ns);

	if (error == 0) {
		plane_say(plane, "somebody removed table inet sipalg (nft flush ruleset?); it has been put back");
	} else {
		plane_say(plane, "somebody removed table inet sipalg and it cannot be put back: %s", strerror(error));
		plane->generation++; /* not what it will be: so this is tried again */
	}
}

bool rules_look(struct plane *plane)
{
	struct ruleset_contents *contents = &plane->contents;
	struct translation_rules translations;
	struct listing listing;
	bool changed = false;

	listing_read(&listing, &plane->nftables);
	for (enum family family = FAMILY_IPV4; family < FAMILY_COUNT; family++) {
		bool before = contents->let_in[family];

		contents->let_in[family] = probe_firewall(&listing, family);
		changed |= contents->let_in[family] != before;
	}
	translation_find(&listing, (const char(*)[PLANE_LINK_NAME_MAX])contents->wan, contents->wan_count,
	                 &translations);
	listing_free(&listing);
	if (memcmp(&translations, &plane->translations, sizeof(translations)) != 0) {
		plane->translations = translations;
		interfaces_tell_networks(plane);
	}
	return changed;
}

void rules_check(struct plane *plane, uint64_t now_ns)
{
	uint32_t generation = ruleset_generation(&plane->nftables);
	uint64_t own = plane->elements.committed;
	bool quiet = plane->contents.connectable == (plane->connectable > 0);
	bool same = generation != 0 && plane->generation != 0 &&
	            generation - plane->generation == (uint32_t)(own - plane->own_changes);
	bool changed, first = plane->generation == 0;

	plane->check_ns = now_ns + PLANE_CHECK_S * SIPALG_SECOND_NS;
	intercept_check(plane);
	plane->generation = generation;
	plane->own_changes = own;
	plane->contents.connectable = plane->connectable > 0;
	if (same && quiet)
		return;
	changed = rules_look(plane) || !quiet;
	interfaces_say_networks(plane);
	if (plane->on && !ruleset_exists(&plane->nftables))
		put_back(plane, now_ns);
	else if (plane->on && changed)
		(void)ruleset_install(&plane->nftables, &plane->contents); /* what the maps hold stays */
	if (!first && plane->observer.rules_changed != NULL)
		plane->observer.rules_changed(plane->observer.context);
}
