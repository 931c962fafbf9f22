/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the interfaces say, and what follows from it. */
#include "plane/netfilter/state.h"

#include <errno.h>
#include <string.h>

static void contents_update(struct plane *plane)
{
	struct ruleset_contents *contents = &plane->contents;
	const struct links_state *state = &plane->state;

	contents->wan_count = contents->outside_count = 0;
	for (size_t index = 0; index < state->wan_count; index++) {
		memcpy(contents->wan[contents->wan_count++], state->wan[index].name, PLANE_LINK_NAME_MAX);
		bool known = sipalg_address_is_none(&state->wan[index].outside);

		for (size_t other = 0; other < contents->outside_count; other++)
			known |= sipalg_address_equal(&contents->outside[other], &state->wan[index].outside);
		if (!known)
			contents->outside[contents->outside_count++] = state->wan[index].outside;
	}
	memcpy(contents->inside, state->inside, sizeof(contents->inside));
	contents->inside_count = state->inside_count;
}

static void say_link_changes(const struct plane *plane, const struct links_state *before)
{
	char text[SIPALG_ADDRESS_TEXT_MAX];

	for (size_t index = 0; index < plane->state.wan_count; index++) {
		const struct links_wan *wan = &plane->state.wan[index], *old = &before->wan[index];
		bool known = index < before->wan_count && strcmp(wan->name, old->name) == 0;

		if (wan->index == 0 && (!known || old->index != 0))
			plane_say(plane, "interface %s is not there: waiting for it", wan->name);
		else if (wan->index != 0 && sipalg_address_is_none(&wan->outside) &&
		         (!known || old->index == 0 || !sipalg_address_is_none(&old->outside)))
			plane_say(plane, "interface %s has no IPv4 address: SIP passes unchanged until it has one",
			          wan->name);
		else if (known && wan->index != 0 && !sipalg_address_equal(&wan->outside, &old->outside)) {
			sipalg_address_write(&wan->outside, text);
			plane_say(plane, "the outside address is now %s (%s)", text, wan->name);
		}
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
		if (sipalg_address_equal(&plane->state.wan[index].outside, address))
			return true;
	return false;
}

/* An address that another one has replaced is gone for good; one that is merely missing may come back, and what is
 * bound to it with it. */
static void forget_replaced_addresses(struct plane *plane)
{
	for (size_t index = 0; index < plane->state.wan_count; index++) {
		const sipalg_address *now = &plane->state.wan[index].outside;
		sipalg_address *last = &plane->last_outside[index];

		if (sipalg_address_is_none(now) || sipalg_address_equal(now, last))
			continue;
		if (!sipalg_address_is_none(last) && !is_outside_now(plane, last))
			sipalg_engine_forget_outside(plane->engine, last);
		*last = *now;
	}
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
	sipalg_network networks[SIPALG_PREFIXES_MAX] = { 0 };
	for (size_t index = 0; index < plane->state.inside_count; index++)
		networks[index].inside = plane->state.inside[index];
	if (!sipalg_engine_set_inside(plane->engine, networks, plane->state.inside_count))
		plane_say(plane, "too many inside networks: the list from before stays");
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
