/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/tcp/hosts.h"

#include <stdlib.h>
#include <sys/random.h>

struct host {
	sipalg_address address;
	uint32_t count;
	uint32_t next; /* in its chain, or of the free ones; place + 1 */
};

bool hosts_open(struct hosts *hosts, uint32_t size)
{
	memset(hosts, 0, sizeof(*hosts));
	for (hosts->chain_count = 1; hosts->chain_count < size;)
		hosts->chain_count *= 2;
	hosts->size = size;
	hosts->hosts = calloc(size, sizeof(*hosts->hosts));
	hosts->chains = calloc(hosts->chain_count, sizeof(*hosts->chains));
	if (hosts->hosts == NULL || hosts->chains == NULL ||
	    getrandom(hosts->secret, sizeof(hosts->secret), 0) != (ssize_t)sizeof(hosts->secret)) {
		hosts_close(hosts);
		return false;
	}
	return true;
}

void hosts_close(struct hosts *hosts)
{
	free(hosts->hosts);
	free(hosts->chains);
	memset(hosts, 0, sizeof(*hosts));
}

/* Keyed, so that nobody outside knows which addresses share a chain. */
static uint32_t *chain_of(struct hosts *hosts, const sipalg_address *address)
{
	uint64_t halves[2], mixed;

	memcpy(halves, address->bytes, sizeof(halves));
	mixed = (halves[0] ^ hosts->secret[0]) * (hosts->secret[1] | 1);
	mixed = (mixed ^ mixed >> 32 ^ halves[1]) * UINT64_C(0x9e3779b97f4a7c15);
	mixed = (mixed ^ mixed >> 32 ^ hosts->secret[1]) * UINT64_C(0xd6e8feb86659fd93);
	return &hosts->chains[(mixed >> 32) & (hosts->chain_count - 1)];
}

/* The link that leads to the address's host; the one at the chain's end when there is none. */
static uint32_t *link_to(struct hosts *hosts, const sipalg_address *address)
{
	uint32_t *link = chain_of(hosts, address);

	while (*link != 0 && !sipalg_address_equal(&hosts->hosts[*link - 1].address, address))
		link = &hosts->hosts[*link - 1].next;
	return link;
}

/* A place for one host more; 0: there is none. */
static uint32_t place_take(struct hosts *hosts)
{
	uint32_t place = hosts->free;

	if (place != 0)
		hosts->free = hosts->hosts[place - 1].next;
	else if (hosts->used < hosts->size)
		place = ++hosts->used;
	return place;
}

bool hosts_add(struct hosts *hosts, const sipalg_address *address, uint32_t count_max)
{
	uint32_t *link = link_to(hosts, address);

	if (*link == 0) {
		uint32_t place = place_take(hosts);

		if (place == 0)
			return false;
		hosts->hosts[place - 1] = (struct host){ .address = *address };
		*link = place;
	}
	if (hosts->hosts[*link - 1].count >= count_max)
		return false;
	hosts->hosts[*link - 1].count++;
	return true;
}

uint32_t hosts_count(struct hosts *hosts, const sipalg_address *address)
{
	uint32_t place = *link_to(hosts, address);

	return place == 0 ? 0 : hosts->hosts[place - 1].count;
}

void hosts_remove(struct hosts *hosts, const sipalg_address *address)
{
	uint32_t *link = link_to(hosts, address), place = *link;

	if (place == 0 || --hosts->hosts[place - 1].count > 0)
		return;
	*link = hosts->hosts[place - 1].next;
	hosts->hosts[place - 1].next = hosts->free;
	hosts->free = place;
}
