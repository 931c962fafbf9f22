/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track.h"

enum { THINGS = 97 };

/* What the heap is to do, done slowly. */
struct model {
	uint64_t due_ns[THINGS];
};

static uint64_t model_first(const struct model *model)
{
	uint64_t first = DEADLINE_NEVER;
	for (uint32_t thing = 0; thing < THINGS; thing++)
		if (model->due_ns[thing] < first)
			first = model->due_ns[thing];
	return first;
}

static void set(struct deadlines *deadlines, struct model *model, uint64_t *chance)
{
	uint32_t thing = (uint32_t)(draw(chance) % THINGS);
	uint64_t due_ns = draw(chance) % 8 ? draw(chance) % 1000 : DEADLINE_NEVER;
	if (draw(chance) % 3) {
		deadlines_set(deadlines, thing, due_ns);
		model->due_ns[thing] = due_ns;
	} else if (due_ns != DEADLINE_NEVER) {
		deadlines_set_by(deadlines, thing, due_ns);
		if (due_ns < model->due_ns[thing])
			model->due_ns[thing] = due_ns;
	}
}

static void take(struct deadlines *deadlines, struct model *model, uint64_t now_ns)
{
	uint32_t thing;
	uint64_t first = model_first(model);
	bool is_due = deadlines_take_due(deadlines, now_ns, &thing);
	assert_int_equal(is_due, first <= now_ns && first != DEADLINE_NEVER);
	if (!is_due)
		return;
	assert_int_equal(model->due_ns[thing], first);
	model->due_ns[thing] = DEADLINE_NEVER;
}

static void agrees_with_a_list(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed < 40; seed++) {
		struct deadlines deadlines = { 0 };
		struct arena arena;
		void *memory = arena_open(&arena, 8192);
		deadlines_lay_out(&deadlines, &arena, THINGS);
		struct model model;
		memset(&model, 0xff, sizeof(model));
		uint64_t chance = seed;
		for (unsigned step = 0; step < 2000; step++) {
			if (draw(&chance) % 4)
				set(&deadlines, &model, &chance);
			else
				take(&deadlines, &model, draw(&chance) % 1000);
			assert_true(deadlines_first(&deadlines) == model_first(&model));
		}
		while (model_first(&model) != DEADLINE_NEVER)
			take(&deadlines, &model, 1000);
		assert_int_equal(deadlines.count, 0);
		free(memory);
	}
}

static void set_by_never_postpones(void **state)
{
	(void)state;
	struct deadlines deadlines = { 0 };
	struct arena arena;
	void *memory = arena_open(&arena, 8192);
	deadlines_lay_out(&deadlines, &arena, THINGS);
	deadlines_set_by(&deadlines, 5, 100);
	deadlines_set_by(&deadlines, 5, 200);
	assert_int_equal(deadlines_first(&deadlines), 100);
	deadlines_set_by(&deadlines, 5, 50);
	assert_int_equal(deadlines_first(&deadlines), 50);
	deadlines_set_by(&deadlines, 5, DEADLINE_NEVER);
	assert_int_equal(deadlines_first(&deadlines), 50);
	deadlines_set(&deadlines, 5, 300);
	assert_int_equal(deadlines_first(&deadlines), 300);
	assert_int_equal(deadlines.count, 1);
	free(memory);
}

static void empty_is_never_due(void **state)
{
	(void)state;
	struct deadlines deadlines = { 0 };
	struct arena arena;
	void *memory = arena_open(&arena, 8192);
	uint32_t thing = 77;
	deadlines_lay_out(&deadlines, &arena, THINGS);
	assert_false(deadlines_take_due(&deadlines, DEADLINE_NEVER, &thing));
	deadlines_set(&deadlines, 3, DEADLINE_NEVER);
	assert_false(deadlines_take_due(&deadlines, DEADLINE_NEVER, &thing));
	assert_int_equal(thing, 77);
	free(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_list),
		cmocka_unit_test(set_by_never_postpones),
		cmocka_unit_test(empty_is_never_due),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
