/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track.h"

static void commands_come_out_as_they_went_in(void **state)
{
	(void)state;
	struct arena counting = { 0 }, arena;
	struct commands commands = { 0 };
	commands_lay_out(&commands, &counting);
	void *memory = arena_open(&arena, counting.used);
	commands_lay_out(&commands, &arena);
	sipalg_command command;
	assert_false(commands_take(&commands, &command));
	uint64_t added = 0, taken = 0, chance = 9;
	for (unsigned round = 0; round < 200; round++) { /* round the ring several times */
		while (commands.count < SIPALG_COMMANDS_MAX && draw(&chance) % 100) {
			added++;
			commands_add(&commands, SIPALG_COMMAND_OPEN)->binding = (uint32_t)added * 3;
		}
		assert_int_equal(commands_has_room(&commands), commands.count < SIPALG_COMMANDS_MAX / 2);
		while (draw(&chance) % 100 && commands_take(&commands, &command)) {
			assert_int_equal(command.number, ++taken);
			assert_int_equal(command.binding, (uint32_t)taken * 3);
			assert_int_equal(command.lease_s, 0); /* whatever was there before */
			command.lease_s = 7;
		}
	}
	assert_int_equal(added - taken, commands.count);
	free(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(commands_come_out_as_they_went_in) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
