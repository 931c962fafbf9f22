/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside networks, and how their addresses look from outside. */
#ifndef ENGINE_NETWORKS_H
#define ENGINE_NETWORKS_H

#include "sipalg/engine.h"

/* A prefix as two words and the bits of them that count, since every address of every message is looked up. */
struct masked_prefix {
	uint64_t words[2], masks[2];
};

struct prefixes {
	size_t count;
	struct masked_prefix list[SIPALG_PREFIXES_MAX];
};

struct network {
	struct masked_prefix inside, outside;
	uint16_t adjustment; /* SIPALG_TRANSLATION_PREFIX_NEUTRAL: what one word gains, in one's complement */
	uint8_t length;      /* of both prefixes */
	bool is_ipv6;
	uint8_t translation; /* enum sipalg_translation */
};

struct networks {
	size_t count;
	bool has_routed, has_prefix;              /* one is not translated at all, one by its prefix */
	struct network list[SIPALG_PREFIXES_MAX]; /* longer prefixes first */
};

/* False: too many; the old list stays. */
SIPALG_MUST_USE
bool prefixes_set(struct prefixes *prefixes, const sipalg_prefix *list, size_t count);

/* False: too many, or one that cannot be; the old list stays. */
SIPALG_MUST_USE
bool networks_set(struct networks *networks, const sipalg_network *list, size_t count);

static inline bool prefix_contains(const struct masked_prefix *prefix, const uint64_t words[2])
{
	return ((words[0] ^ prefix->words[0]) & prefix->masks[0]) == 0 &&
	       ((words[1] ^ prefix->words[1]) & prefix->masks[1]) == 0;
}

static inline bool prefixes_contain(const struct prefixes *prefixes, const sipalg_address *address)
{
	uint64_t words[2];
	memcpy(words, address->bytes, sizeof(words));
	for (size_t i = 0; i < prefixes->count; i++)
		if (prefix_contains(&prefixes->list[i], words))
			return true;
	return false;
}

/* False for the IPv6 addresses of no host, and those that no router forwards: unspecified, loopback, link-local and
 * multicast (RFC 4291 2.4). */
bool address_is_forwarded(const sipalg_address *address);

/* The network of an inside address; NULL: it is not inside. */
static inline const struct network *networks_find(const struct networks *networks, const sipalg_address *address)
{
	uint64_t words[2];
	memcpy(words, address->bytes, sizeof(words));
	for (size_t i = 0; i < networks->count; i++)
		if (prefix_contains(&networks->list[i].inside, words))
			return !networks->list[i].is_ipv6 || address_is_forwarded(address) ? &networks->list[i] : NULL;
	return NULL;
}

/* True for an address that some inside address has outside because of a prefix translation. */
bool networks_have_outside(const struct networks *networks, const sipalg_address *address);

/* The outside address that an inside one has for itself alone. */
SIPALG_MUST_USE
bool network_find_own_outside(const struct network *network, const sipalg_address *inside, sipalg_address *outside);

/* Where an address of the network is seen outside; `shared` are the addresses that hosts share: IPv6, IPv4. False:
 * nowhere, for all that is known; RFC 6296 3.5 leaves addresses out whose words are all ones. */
SIPALG_MUST_USE
static inline bool network_find_outside(const struct network *network, const sipalg_address shared[2],
                                        const sipalg_address *inside, sipalg_address *outside)
{
	if (network->translation != SIPALG_TRANSLATION_PORTS)
		return network_find_own_outside(network, inside, outside);
	*outside = shared[!network->is_ipv6];
	return !sipalg_address_is_none(outside);
}

/* True for addresses that mean something else elsewhere: private, shared or link-local IPv4 (RFC 6890), unique local
 * IPv6 (RFC 4193). */
bool address_is_local(const sipalg_address *address);

#endif
