/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "snapshot.h"

#include "base/hash.h"
#include "base/pack.h"

void snapshot_rehash(uint8_t *bytes, size_t length)
{
	static const struct hash_key accident = { { 0, 0 } };
	if (length < SNAPSHOT_HASHED_FROM)
		return;
	uint64_t hash = hash_bytes(&accident, bytes + SNAPSHOT_HASHED_FROM, length - SNAPSHOT_HASHED_FROM);
	struct pack pack = { .out = bytes, .at = SNAPSHOT_HASH_AT, .end = length };
	pack_u64(&pack, &hash);
}
