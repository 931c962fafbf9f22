/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slots and how to find them: a pool hands out slot numbers from 1 on (0 is "none"), a table finds slots by hash. The
 * objects themselves live in arrays of whoever uses these. Zeroed memory is an empty pool and an empty table. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/arena.h"
#include "sipalg/attributes.h"

struct pool {
	uint32_t capacity;
	uint32_t used;      /* slots taken at present */
	uint32_t touched;   /* slots ever taken: the pages behind it have not been touched */
	uint32_t free_slot; /* head of the list of free slots */
	uint32_t *next;     /* of a free slot */
};

void pool_lay_out(struct pool *pool, struct arena *arena, uint32_t capacity);

/* A free slot, 1 to capacity; 0 when all are taken. */
SIPALG_MUST_USE
uint32_t pool_take(struct pool *pool);

void pool_give_back(struct pool *pool, uint32_t slot);

struct table {
	uint32_t mask;
	uint32_t *heads;
	uint32_t *next; /* of a slot in its chain */
};

/* For slots 1 to `capacity`, of which `usual` are taken as a rule: chains are short then. */
void table_lay_out_for(struct table *table, struct arena *arena, uint32_t capacity, uint32_t usual);

static inline void table_lay_out(struct table *table, struct arena *arena, uint32_t capacity)
{
	table_lay_out_for(table, arena, capacity, capacity);
}

void table_insert(struct table *table, uint64_t hash, uint32_t slot);

/* The slot must be in the table under that hash. */
void table_remove(struct table *table, uint64_t hash, uint32_t slot);

/* The slots that may have this hash: from table_first() to table_next() until 0. The caller compares keys. */
static inline uint32_t table_first(const struct table *table, uint64_t hash)
{
	return table->heads[hash & table->mask];
}

static inline uint32_t table_next(const struct table *table, uint32_t slot)
{
	return table->next[slot];
}

#endif
