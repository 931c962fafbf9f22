/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track.h"

#include "base/table.h"

enum { CAPACITY = 60 };

static void an_arena_aligns_and_counts(void **state)
{
	(void)state;
	struct arena counting = { 0 }, arena;
	assert_null(arena_take(&counting, 3, 5));
	assert_null(arena_take(&counting, 1, 1));
	assert_int_equal(counting.used, ARENA_ALIGNMENT + 1);
	void *memory = arena_open(&arena, counting.used);
	uint8_t *first = arena_take(&arena, 3, 5), *second = arena_take(&arena, 1, 1);
	assert_ptr_equal(first, memory);
	assert_int_equal(second - first, ARENA_ALIGNMENT);
	assert_int_equal(arena.used, counting.used);
	free(memory);
}

static void a_pool_hands_out_each_slot_once(void **state)
{
	(void)state;
	struct pool pool = { 0 };
	struct arena arena;
	void *memory = arena_open(&arena, 4096);
	bool is_taken[CAPACITY + 1] = { false };
	uint32_t taken = 0;
	uint64_t chance = 1;
	pool_lay_out(&pool, &arena, CAPACITY);
	for (unsigned step = 0; step < 20000; step++) {
		uint32_t slot = (uint32_t)(1 + draw(&chance) % CAPACITY);
		if (draw(&chance) % 2) {
			slot = pool_take(&pool);
			assert_int_equal(slot == 0, taken == CAPACITY);
			assert_true(slot <= CAPACITY && (!slot || !is_taken[slot]));
			is_taken[slot] = slot != 0;
			taken += slot != 0;
		} else if (is_taken[slot]) {
			pool_give_back(&pool, slot);
			is_taken[slot] = false;
			taken--;
		}
		assert_int_equal(pool.used, taken);
	}
	free(memory);
}

static size_t count_in_chain(const struct table *table, uint64_t hash, uint32_t slot)
{
	size_t count = 0;
	for (uint32_t at = table_first(table, hash); at; at = table_next(table, at))
		count += at == slot;
	return count;
}

/* Many hashes on few buckets, some of them equal. */
static void a_table_finds_what_is_in_it(void **state)
{
	(void)state;
	struct table table = { 0 };
	struct arena arena;
	void *memory = arena_open(&arena, 4096);
	uint64_t chance = 2, hashes[CAPACITY + 1] = { 0 };
	bool is_in[CAPACITY + 1] = { false };
	table_lay_out(&table, &arena, CAPACITY);
	for (unsigned step = 0; step < 20000; step++) {
		uint32_t slot = (uint32_t)(1 + draw(&chance) % CAPACITY);
		if (is_in[slot]) {
			table_remove(&table, hashes[slot], slot);
		} else {
			hashes[slot] = draw(&chance) % 5 ? draw(&chance) % 40 : draw(&chance);
			table_insert(&table, hashes[slot], slot);
		}
		is_in[slot] = !is_in[slot];
		for (uint32_t other = 1; other <= CAPACITY; other++)
			assert_int_equal(count_in_chain(&table, hashes[other], other), is_in[other]);
	}
	free(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_arena_aligns_and_counts),
		cmocka_unit_test(a_pool_hands_out_each_slot_once),
		cmocka_unit_test(a_table_finds_what_is_in_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
