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
		memcpy(contents->wan[index], state->wan[index].name, PLANE_LINK_NAME_MAX);
		contents->wan_count++;
		for (enum family family = FAMILY_IPV4; family < FAMILY_COUNT; family++) {
			contents->wan_address[family][index] = state->wan[index].outside[family];
			add_outside(contents, &state->wan[index].outside[family]);
		}
	}
	memcpy(contents->inside, state->inside, sizeof(contents->inside));
	contents->inside_count = state->inside_count;
}

/* Whether hosts of this family share an address of the router's, so that nothing goes without it. */
static bool shares_outside(const struct plane *plane, enum family family)
{
	for (size_t index = 0; index < plane->networks.count; index++)
		if (plane->networks.list[index].translation == SIPALG_TRANSLATION_PORTS &&
		    family_of(&plane->networks.list[index].inside.address) == family)
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
	for (size_t index = 0; index < plane->contents.outside_count; index++)
		if (sipalg_address_equal(&plane->contents.outside[index], address))
			return true;
	return false;
}

/* One that is merely missing may come back, and what is bound to it with it; not once there is another way out. */
bool interfaces_outside_lives(const struct plane *plane, const sipalg_address *address)
{
	for (size_t index = 0; index < plane->contents.outside_count; index++)
		if (family_of(&plane->contents.outside[index]) == family_of(address))
			return is_outside_now(plane, address);
	return true;
}

static void remember_outside(struct plane *plane, const sipalg_address *outside)
{
	sipalg_address *free = NULL;

	for (size_t index = 0; index < PLANE_LINKS_MAX * FAMILY_COUNT; index++) {
		sipalg_address *place = &plane->outsides[index];

		if (sipalg_address_equal(place, outside))
			return;
		if (free == NULL && sipalg_address_is_none(place))
			free = place;
	}
	if (free != NULL)
		*free = *outside;
}

static void follow_outsides(struct plane *plane)
{
	for (size_t index = 0; index < PLANE_LINKS_MAX * FAMILY_COUNT; index++) {
		sipalg_address *outside = &plane->outsides[index];

		if (sipalg_address_is_none(outside) || interfaces_outside_lives(plane, outside))
			continue;
		sipalg_engine_forget_outside(plane->engine, outside);
		intercept_forget_outside(plane, outside);
		*outside = (sipalg_address){ { 0 } };
	}
	for (size_t index = 0; index < plane->contents.outside_count; index++)
		remember_outside(plane, &plane->contents.outside[index]);
}

static bool network_is_known(const struct plane_networks *networks, const sipalg_network *network)
{
	for (size_t index = 0; index < networks->count; index++) {
		const sipalg_network *known = &networks->list[index];

		if (known->translation == network->translation && known->inside.length == network->inside.length &&
		    known->outside.length == network->outside.length &&
		    sipalg_address_equal(&known->inside.address, &network->inside.address) &&
		    sipalg_address_equal(&known->outside.address, &network->outside.address))
			return true;
	}
	return false;
}

/* What is not the usual: private IPv4 networks that share an address. */
static void say_network(const struct plane *plane, const sipalg_network *network)
{
	static const char *const words[] = {
		[SIPALG_TRANSLATION_PORTS] = "its hosts share the router's address (NAT66)",
		[SIPALG_TRANSLATION_NONE] =
		        "it is routed: SIP is not edited, holes are opened where a firewall needs them",
		[SIPALG_TRANSLATION_PREFIX] = "its prefix is translated",
		[SIPALG_TRANSLATION_PREFIX_NEUTRAL] = "its prefix is translated, and checksums are kept (RFC 6296)",
	};
	bool ipv4 = family_of(&network->inside.address) == FAMILY_IPV4;
	char text[SIPALG_ADDRESS_TEXT_MAX];

	if (ipv4 && network->translation == SIPALG_TRANSLATION_PORTS)
		return;
	sipalg_address_write(&network->inside.address, text);
	plane_say(plane, "inside network %s/%d: %s; %s say otherwise", text,
	          ipv4 ? network->inside.length - 96 : network->inside.length, words[network->translation],
	          ipv4 ? "--inside and --routed" : "--ipv6, --routed and --netmap");
}

void interfaces_tell_networks(struct plane *plane)
{
	struct plane_networks *networks = &plane->networks;

	*networks = (struct plane_networks){ 0 };
	plane->elements.own_count = 0;
	for (size_t index = 0; index < plane->state.inside_count; index++) {
		sipalg_network network =
		        translation_of(&plane->translations, &plane->settings, &plane->state.inside[index]);

		if (network_is_known(networks, &network))
			continue;
		networks->list[networks->count++] = network;
		if (network.translation != SIPALG_TRANSLATION_PORTS)
			plane->elements.own[plane->elements.own_count++] = network.inside;
	}
	sipalg_engine_set_router(plane->engine, plane->state.router, plane->state.router_count);
	if (!sipalg_engine_set_inside(plane->engine, networks->list, networks->count))
		plane_say(plane, "the inside networks cannot be translated so: the list from before stays");
}

void interfaces_say_networks(struct plane *plane)
{
	for (size_t index = 0; index < plane->networks.count; index++)
		if (!network_is_known(&plane->said_networks, &plane->networks.list[index]))
			say_network(plane, &plane->networks.list[index]);
	plane->said_networks = plane->networks;
}

static bool same_wans(const struct links_state *left, const struct links_state *right)
{
	bool same = left->wan_count == right->wan_count;

	for (size_t index = 0; same && index < left->wan_count; index++)
		same = strcmp(left->wan[index].name, right->wan[index].name) == 0;
	return same;
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
	interfaces_tell_networks(plane);
	if (!same_wans(&before, &plane->state)) { /* rules are for some interfaces */
		plane->generation = 0;
		plane->check_ns = plane->now_ns;
	}
	contents_update(plane);
	follow_outsides(plane);
	intercept_follow_addresses(plane);
	return plane->on ? ruleset_update(&plane->nftables, &plane->contents) : 0;
}

void interfaces_look_again(struct plane *plane, uint64_t now_ns)
{
	struct links_state before = plane->state;
	int error = interfaces_look(plane);

	plane->look_ns = SIPALG_NEVER;
	plane->looked_ns = now_ns;
	if (error == 0) {
		say_link_changes(plane, &before);
		interfaces_say_networks(plane);
		/* At once: a new binding must not meet the old one in the kernel. */
		sipalg_engine_advance(plane->engine, now_ns);
		plane_carry_out(plane, now_ns);
	} else if (error != ENOENT) { /* a table that is missing is seen to by itself */
		plane_say(plane, "cannot follow the interfaces: %s; trying again", strerror(error));
		plane->look_ns = now_ns + SIPALG_SECOND_NS;
	}
}
