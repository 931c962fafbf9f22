/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/openings.h"

#include <sys/mman.h>

bool openings_open(struct openings *openings)
{
	void *memory = mmap(NULL, OPENINGS_MAX * sizeof(struct opening), PROT_READ | PROT_WRITE,
	                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	openings->places = memory == MAP_FAILED ? NULL : memory;
	return openings->places != NULL;
}

void openings_close(struct openings *openings)
{
	if (openings->places != NULL)
		munmap(openings->places, OPENINGS_MAX * sizeof(struct opening));
	openings->places = NULL;
}

static uint32_t hash_bytes(uint32_t hash, const void *bytes, size_t length)
{
	for (size_t index = 0; index < length; index++) /* FNV-1a: collisions cost a phone only its translation */
		hash = (hash ^ ((const uint8_t *)bytes)[index]) * UINT32_C(16777619);
	return hash;
}

static struct opening *bucket(struct openings *openings, const sipalg_endpoint *source,
                              const sipalg_endpoint *destination)
{
	uint32_t hash = hash_bytes(UINT32_C(2166136261), source, sizeof(*source));

	hash = hash_bytes(hash, destination, sizeof(*destination));
	return &openings->places[(hash ^ hash >> 16) % (OPENINGS_MAX / OPENINGS_BUCKET) * OPENINGS_BUCKET];
}

static bool is_over(const struct opening *opening, uint64_t now_ns)
{
	return opening->since_ns == 0 || now_ns - opening->since_ns >= OPENINGS_S * SIPALG_SECOND_NS;
}

struct opening *openings_find(struct openings *openings, uint64_t now_ns, const sipalg_endpoint *source,
                              const sipalg_endpoint *destination)
{
	struct opening *first = bucket(openings, source, destination);

	for (struct opening *opening = first; opening < first + OPENINGS_BUCKET; opening++)
		if (!is_over(opening, now_ns) && sipalg_endpoint_equal(&opening->syn.source, source) &&
		    sipalg_endpoint_equal(&opening->syn.destination, destination))
			return opening;
	return NULL;
}

struct opening *openings_add(struct openings *openings, uint64_t now_ns, const struct syn *syn)
{
	struct opening *first = bucket(openings, &syn->source, &syn->destination);
	struct opening *place = openings_find(openings, now_ns, &syn->source, &syn->destination);

	for (struct opening *opening = first; place == NULL && opening < first + OPENINGS_BUCKET; opening++)
		if (is_over(opening, now_ns))
			place = opening;
	if (place != NULL)
		*place = (struct opening){ .syn = *syn, .since_ns = now_ns };
	return place;
}

void openings_end(struct opening *opening)
{
	opening->since_ns = 0;
}
