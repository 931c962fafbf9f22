/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What silence is evidence of, and above all of what it is not. */
#include "support.h"

#include "check/silence.h"

#define A REACH_ALIVE
#define L REACH_LOST
#define U REACH_UNKNOWN

static const struct {
	const char *what;
	enum sipalg_protocol protocol;
	struct silence silences[SILENCES_MAX];
	enum fault_kind faults[EXPECTED_MAX];
} cases[] = {
	{ "all is reached", SIPALG_PROTOCOL_UDP, { { 5, A, A, 0 }, { 12, A, A, 0 } }, { FAULT_NONE } },
	{ "nothing is known", SIPALG_PROTOCOL_UDP, { { 5, U, U, 0 }, { 12, U, U, 0 } }, { FAULT_NONE } },
	{ "closed before any keep-alive",
	  SIPALG_PROTOCOL_UDP,
	  { { 5, A, A, 0 }, { 12, L, L, 0 } },
	  { FAULT_BINDING_TOO_SHORT } },
	{ "… with SIP's port not tried",
	  SIPALG_PROTOCOL_UDP,
	  { { 5, U, A, 0 }, { 12, U, L, 0 } },
	  { FAULT_BINDING_TOO_SHORT } },
	{ "a gateway keeps SIP's way open",
	  SIPALG_PROTOCOL_UDP,
	  { { 5, A, L, 0 }, { 12, A, L, 0 } },
	  { FAULT_UDP_BINDING_SHORT } },
	{ "keep-alives help", SIPALG_PROTOCOL_UDP, { { 12, A, A, 0 }, { 35, L, L, 0 } }, { FAULT_UDP_BINDING_SHORT } },
	{ "SIP's port alone", SIPALG_PROTOCOL_UDP, { { 12, A, A, 0 }, { 35, L, A, 0 } }, { FAULT_BINDING_TOO_SHORT } },
	{ "an ALG's address",
	  SIPALG_PROTOCOL_UDP,
	  { { 12, A, A, 1 }, { 35, L, A, 1 } },
	  { FAULT_REGISTRATION_OUTLIVED } },
	{ "… and NAT's own",
	  SIPALG_PROTOCOL_UDP,
	  { { 12, A, A, 1 }, { 35, L, L, 1 } },
	  { FAULT_REGISTRATION_OUTLIVED, FAULT_UDP_BINDING_SHORT } },
	{ "a lost packet is no closed way", SIPALG_PROTOCOL_UDP, { { 5, L, L, 0 }, { 12, A, A, 0 } }, { FAULT_NONE } },
	{ "… of either kind",
	  SIPALG_PROTOCOL_UDP,
	  { { 5, A, L, 0 }, { 12, L, A, 0 }, { 35, A, A, 0 } },
	  { FAULT_NONE } },
	{ "… nor of an ALG", SIPALG_PROTOCOL_UDP, { { 5, L, A, 1 }, { 12, A, A, 1 } }, { FAULT_NONE } },

	{ "connections stand", SIPALG_PROTOCOL_TCP, { { 12, A, A, 0 }, { 905, A, A, 0 } }, { FAULT_NONE } },
	{ "forgotten before any keep-alive",
	  SIPALG_PROTOCOL_TCP,
	  { { 35, A, A, 0 }, { 65, L, L, 0 } },
	  { FAULT_BINDING_TOO_SHORT } },
	{ "keep-alives help, too",
	  SIPALG_PROTOCOL_TCP,
	  { { 65, A, A, 0 }, { 185, L, L, 0 } },
	  { FAULT_TCP_BINDING_SHORT } },
	{ "on SIP's port alone",
	  SIPALG_PROTOCOL_TCP,
	  { { 185, A, A, 0 }, { 905, L, A, 0 } },
	  { FAULT_BINDING_TOO_SHORT } },
	{ "a relay keeps it", SIPALG_PROTOCOL_TCP, { { 5, A, L, 0 }, { 12, A, L, 0 } }, { FAULT_TCP_BINDING_SHORT } },
};

static void each_silence_shows_its_fault(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct silence silences[SILENCES_MAX];
		struct charges charges;
		size_t count = 0;
		memcpy(silences, cases[i].silences, sizeof silences);
		while (count < SILENCES_MAX && silences[count].silent_s > 0)
			count++;
		silence_judge(cases[i].protocol, silences, count, 600, &charges);
		assert_charges(cases[i].what, &charges, cases[i].faults);
	}
}

/* The first time after which nothing comes is the one that a user can act on. */
static void the_shortest_time_is_told(void **state)
{
	struct silence silences[] = { { 5, A, A, 0 }, { 12, L, L, 0 }, { 35, L, L, 0 } };
	struct charges charges;
	(void)state;
	silence_judge(SIPALG_PROTOCOL_UDP, silences, 3, 600, &charges);
	assert_non_null(strstr(charges.list[0].detail, "after 12 s of silence"));
}

static void short_times_are_a_part_of_the_long_ones(void **state)
{
	size_t few, all;
	const uint32_t *short_s = silence_times(false, &few), *long_s = silence_times(true, &all);
	(void)state;
	assert_int_equal(few, 2);
	assert_int_equal(all, SILENCES_MAX);
	for (size_t i = 0; i < all; i++)
		assert_true(i == 0 || long_s[i] > long_s[i - 1]);
	assert_memory_equal(short_s, long_s, few * sizeof *short_s);
	assert_int_equal(long_s[all - 1], 905);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_silence_shows_its_fault),
		cmocka_unit_test(the_shortest_time_is_told),
		cmocka_unit_test(short_times_are_a_part_of_the_long_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
