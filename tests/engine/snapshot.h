/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots that somebody has tampered with. */
#ifndef TESTS_ENGINE_SNAPSHOT_H
#define TESTS_ENGINE_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

enum {
	SNAPSHOT_HASH_AT = 8 + 1 + 4, /* behind the magic, with its zero, and the version */
	SNAPSHOT_HASHED_FROM = SNAPSHOT_HASH_AT + 8,
	SNAPSHOT_RECORDS_AT = SNAPSHOT_HASHED_FROM + 8 + 16, /* behind the time and the key */
};

/* Makes the hash right for what the bytes are now. */
void snapshot_rehash(uint8_t *bytes, size_t length);

#endif
