/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/table.h"

#include "base/check.h"

void pool_lay_out(struct pool *pool, struct arena *arena, uint32_t capacity)
{
	pool->capacity = capacity;
	pool->next = arena_take(arena, capacity + (size_t)1, sizeof(*pool->next));
}

uint32_t pool_take(struct pool *pool)
{
	uint32_t slot = pool->free_slot;
	if (slot) {
		pool->free_slot = pool->next[slot];
	} else {
		if (pool->touched == pool->capacity)
			return 0;
		slot = ++pool->touched;
	}
	pool->used++;
	return slot;
}

void pool_give_back(struct pool *pool, uint32_t slot)
{
	check(slot && slot <= pool->touched && pool->used);
	pool->next[slot] = pool->free_slot;
	pool->free_slot = slot;
	pool->used--;
}

void table_lay_out_for(struct table *table, struct arena *arena, uint32_t capacity, uint32_t usual)
{
	uint32_t buckets = 16;
	while (buckets < usual)
		buckets *= 2;
	table->mask = buckets - 1;
	table->heads = arena_take(arena, buckets, sizeof(*table->heads));
	table->next = arena_take(arena, capacity + (size_t)1, sizeof(*table->next));
}

void table_insert(struct table *table, uint64_t hash, uint32_t slot)
{
	uint32_t *head = &table->heads[hash & table->mask];
	table->next[slot] = *head;
	*head = slot;
}

void table_remove(struct table *table, uint64_t hash, uint32_t slot)
{
	uint32_t *link = &table->heads[hash & table->mask];
	while (*link != slot) {
		check(*link);
		link = &table->next[*link];
	}
	*link = table->next[slot];
}
