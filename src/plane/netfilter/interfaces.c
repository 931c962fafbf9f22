/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the interfaces say, and what follows from it. */
#include "plane/netfilter/state.h"

#include <errno.h>
#include <string.h>

static void add_outside(struct ruleset_contents *contents, const sipalg_address *outside)
{
	bool known = sipalg_address_is_none(outside);

	for (size_t other = 0; other < contents->outside_count; other++)
		known |= sipalg_address_equal(&contents->outside[other], outside);
	if (!known)
		contents->outside[contents->outside_count++] = *outside;
}

static void contents_update(struct plane *plane)
{
	struct ruleset_contents *contents = &plane->contents;
	const struct links_state *state = &plane->state;

	contents->wan_count = contents->outside_count = 0;
	for (size_t index = 0; index < state->wan_count; index++) {
		memcpy(contents->wan[contents->wan_count++], state->wan[index].name, PLANE_LINK_NAME_MAX);
		for (enum family family = FAMILY_IPV4; family < FAMILY_COUNT; family++)
			add_outside(contents, &state->wan[index].outside[family]);
	}
	memcpy(contents->inside, state->inside, sizeof(contents->inside));
	contents->inside_count = state->inside_count;
}

/* Whether hosts of this family share an address of the router's, so that nothing goes without it. */
static bool shares_outside(const struct plane *plane, enum family family)
{
	for (size_t index = 0; index < plane->network_count; index++)
		if (plane->networks[index].translation == SIPALG_TRANSLATION_PORTS &&
		    family_of(&plane->networks[index].inside.address) == family)
			return true;
	return false;
}

/* `old` is NULL when the interface was not there. */
static void say_outside_changes(const struct plane *plane, enum family family, const struct links_wan *wan,
                                const struct links_wan *old)
{
	const char *word = family == FAMILY_IPV4 ? "IPv4" : "IPv6";
	char text[SIPALG_ADDRESS_TEXT_MAX];

	if (!shares_outside(plane, family) ||
	    (old != NULL && sipalg_address_equal(&wan->outside[family], &old->outside[family])))
		return;
	if (sipalg_address_is_none(&wan->outside[family])) {
		plane_say(plane, "interface %s has no %s address: SIP passes unchanged until it has one", wan->name,
		          word);
	} else if (old != NULL) {
		sipalg_address_write(&wan->outside[family], text);
		plane_say(plane, "the outside address is now %s (%s)", text, wan->name);
	}
}

static void say_wan_changes(const struct plane *plane, const struct links_wan *wan, const struct links_wan *old)
{
	bool was_there = old != NULL && old->index != 0;

	if (wan->index == 0 && (old == NULL || was_there))
		plane_say(plane, "interface %s is not there: waiting for it", wan->name);
	for (enum family family = FAMILY_IPV4; family < FAMILY_COUNT && wan->index != 0; family++)
		say_outside_changes(plane, family, wan, was_there ? old : NULL);
}

static void say_link_changes(const struct plane *plane, const struct links_state *before)
{
	for (size_t index = 0; index < plane->state.wan_count; index++) {
		const struct links_wan *wan = &plane->state.wan[index], *old = &before->wan[index];
		bool known = index < before->wan_count && strcmp(wan->name, old->name) == 0;

		say_wan_changes(plane, wan, known ? old : NULL);
	}
	if (plane->state.wan_count == 0 && before->wan_count != 0)
		plane_say(plane, "there is no default route: SIP passes unchanged until there is one");
	if (plane->state.inside_count == 0 && before->inside_count != 0)
		plane_say(plane, "no LAN interface has an address: SIP passes unchanged until one has");
	if (plane->state.truncated && !before->truncated)
		plane_say(plane,
		          "more than %d LAN interfaces or %d networks: name the ones with phones by --lan and --inside",
		          PLANE_LINKS_MAX, SIPALG_PREFIXES_MAX);
}

static bool is_outside_now(const struct plane *plane, const sipalg_address *address)
{
	for (size_t index = 0; index < plane->state.wan_count; index++)
		if (sipalg_address_equal(&plane->state.wan[index].outside[family_of(address)], address))
			return true;
	return false;
}

/* An address that another one has replaced is gone for good; one that is merely missing may come back, and what is
 * bound to it with it. */
static void forget_replaced_address(struct plane *plane, const sipalg_address *now, sipalg_address *last)
{
	if (sipalg_address_is_none(now) || sipalg_address_equal(now, last))
		return;
	if (!sipalg_address_is_none(last) && !is_outside_now(plane, last)) {
		sipalg_engine_forget_outside(plane->engine, last);
		intercept_forget_outside(plane, last);
	}
	*last = *now;
}

static void forget_replaced_addresses(struct plane *plane)
{
	for (size_t index = 0; index < plane->state.wan_count; index++)
		for (enum family family = FAMILY_IPV4; family < FAMILY_COUNT; family++)
			forget_replaced_address(plane, &plane->state.wan[index].outside[family],
			                        &plane->last_outside[index][family]);
}

/* How a network inside looks from outside. */
static sipalg_network network_of(const struct plane *plane, const sipalg_prefix *inside)
{
	bool routed = family_of(&inside->address) == FAMILY_IPV6 && plane->settings.ipv6 != PLANE_IPV6_NAT66;

	return (sipalg_network){ .inside = *inside,
		                 .translation = routed ? SIPALG_TRANSLATION_NONE : SIPALG_TRANSLATION_PORTS };
}

static void tell_networks(struct plane *plane)
{
	plane->network_count = plane->state.inside_count;
	for (size_t index = 0; index < plane->state.inside_count; index++)
		plane->networks[index] = network_of(plane, &plane->state.inside[index]);
	if (!sipalg_engine_set_inside(plane->engine, plane->networks, plane->network_count))
		plane_say(plane, "too many inside networks: the list from before stays");
}

/* Looks at the interfaces and lets everybody know what has changed. */
int interfaces_look(struct plane *plane)
{
	struct links_state before = plane->state;
	int error = links_look(&plane->links, &plane->state);

	if (error != 0) {
		plane->state = before;
		return error;
	}
	if (links_state_equal(&before, &plane->state))
		return 0;
	tell_networks(plane);
	forget_replaced_addresses(plane);
	contents_update(plane);
	return plane->on ? ruleset_update(&plane->nftables, &plane->contents) : 0;
}

void interfaces_look_again(struct plane *plane, uint64_t now_ns)
{
	struct links_state before = plane->state;
	int error = interfaces_look(plane);

	plane->look_ns = SIPALG_NEVER;
	if (error == 0) {
		say_link_changes(plane, &before);
		/* At once: a new binding must not meet the old one in the kernel. */
		sipalg_engine_advance(plane->engine, now_ns);
		plane_carry_out(plane, now_ns);
	} else if (error != ENOENT) { /* a table that is missing is seen to by itself */
		plane_say(plane, "cannot follow the interfaces: %s; trying again", strerror(error));
		plane->look_ns = now_ns + SIPALG_SECOND_NS;
	}
}
