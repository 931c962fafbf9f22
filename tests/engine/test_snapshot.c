/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An engine that takes over what another has saved goes on as if it were that one; and nothing that a file may hold
 * does more than be refused. */
#include "conversation.h"
#include "snapshot.h"
#include "world.h"

#include "base/hash.h"
#include "base/pack.h"

enum { SNAPSHOT_MAX = 1 << 20 };

static uint8_t saved[SNAPSHOT_MAX], again[SNAPSHOT_MAX];

static size_t save(const struct harness *harness)
{
	size_t length = sipalg_engine_save(harness->engine, harness->now_ns, saved, sizeof(saved));
	assert_true(length <= sizeof(saved));
	return length;
}

/* The harness gets an engine as new, with another secret. */
static void forget_engine(struct harness *harness)
{
	sipalg_settings settings = harness->settings;
	size_t size = sipalg_engine_size(&settings) + 64;
	memset(harness->memory, 0, size);
	memcpy(settings.secret, "fedcba9876543210", sizeof(settings.secret));
	uintptr_t start = ((uintptr_t)harness->memory + 63) / 64 * 64;
	harness->engine = sipalg_engine_create((void *)start, &settings);
	assert_true(sipalg_engine_set_inside(harness->engine, harness->networks, harness->network_count));
	harness->last_number = 0;
}

static enum sipalg_snapshot load(struct harness *harness, size_t length)
{
	struct guarded guarded = guarded_open(length);
	struct text bytes = guarded_put(&guarded, (struct text){ (const char *)saved, length });
	enum sipalg_snapshot result =
	        sipalg_engine_load(harness->engine, harness->now_ns, (const uint8_t *)bytes.start, length);
	guarded_close(&guarded);
	return result;
}

static void assert_nothing_taken(struct harness *harness)
{
	uint32_t cursor = 0;
	sipalg_binding_view view;
	assert_false(sipalg_engine_next_binding(harness->engine, &cursor, &view));
	assert_int_equal(sipalg_engine_deadline(harness->engine), SIPALG_NEVER);
}

static void advance(struct harness *harness)
{
	sipalg_engine_advance(harness->engine, harness->now_ns);
	harness_take_commands(harness);
}

/* ---- A restart ---- */

enum { PAIRS = 2 + PHONES + 2 * CALLS, HANDLE_IS_NEW = 1 << 30, HANDLE_GONE = 0 };

static void list_pairs(struct world *world, struct pair *pairs[PAIRS])
{
	size_t count = 0;
	pairs[count++] = &world->last;
	pairs[count++] = &world->echo;
	for (size_t i = 0; i < PHONES; i++)
		pairs[count++] = &world->phones[i].registration;
	for (size_t i = 0; i < CALLS; i++) {
		pairs[count++] = &world->calls[i].invite;
		pairs[count++] = &world->calls[i].contact;
	}
}

static void tell_new_handle(struct world *world, uint32_t before, uint32_t now)
{
	struct pair *pairs[PAIRS];
	list_pairs(world, pairs);
	for (size_t i = 0; i < PAIRS; i++)
		if (pairs[i]->handle == before)
			pairs[i]->handle = now | HANDLE_IS_NEW; /* not to be taken for another one's old handle */
}

/* Old handles mean nothing to the new engine. */
static void forget_old_handles(struct world *world)
{
	struct pair *pairs[PAIRS];
	list_pairs(world, pairs);
	for (size_t i = 0; i < PAIRS; i++)
		pairs[i]->handle = pairs[i]->handle & HANDLE_IS_NEW ? pairs[i]->handle ^ HANDLE_IS_NEW : HANDLE_GONE;
}

/* The kernel still holds its elements: each is told to the engine, and nothing is left to open. */
static void find_all_in_kernel(struct world *world)
{
	struct harness *harness = &world->harness;
	for (size_t i = 0; i < harness->binding_count; i++) {
		struct plane_binding *binding = &harness->bindings[i];
		uint64_t left_ns = binding->until_ns - harness->now_ns;
		sipalg_command open = { .kind = SIPALG_COMMAND_OPEN,
			                .admits = binding->admits_any ? SIPALG_ADMITS_ANY : SIPALG_ADMITS_PEERS,
			                .signalling = binding->signalling,
			                .inside = binding->inside,
			                .outside = binding->outside,
			                .lease_s = (uint32_t)(left_ns / SIPALG_SECOND_NS) };
		uint32_t before = binding->handle;
		expect(harness,
		       sipalg_engine_restore_binding(harness->engine, harness->now_ns, &open, &binding->handle));
		tell_new_handle(world, before, binding->handle);
	}
	forget_old_handles(world);
	advance(harness);
	expect(harness, harness_count(harness, SIPALG_COMMAND_OPEN) == 0);
	expect(harness, harness_count(harness, SIPALG_COMMAND_ADMIT) == 0);
}

/* The kernel has forgotten all: each is opened again, as it was. */
static void open_all_again(struct world *world)
{
	static struct plane_binding before[HARNESS_BINDINGS_MAX];
	struct harness *harness = &world->harness;
	size_t count = harness->binding_count;
	memcpy(before, harness->bindings, count * sizeof(before[0]));
	harness->opened -= count;
	harness->binding_count = 0;
	advance(harness);
	expect(harness, harness->binding_count == count);
	for (size_t i = 0; i < count; i++) {
		const struct plane_binding *now = harness_binding_outside(harness, &before[i].outside);
		expect(harness, now && sipalg_endpoint_equal(&now->inside, &before[i].inside));
		expect(harness, now->signalling == before[i].signalling && now->admits_any == before[i].admits_any);
		expect(harness, now->peer_count == before[i].peer_count);
		for (size_t peer = 0; peer < now->peer_count; peer++)
			expect(harness, plane_admits(now, &before[i].peers[peer]));
		tell_new_handle(world, before[i].handle, now->handle);
	}
	forget_old_handles(world);
}

static void restart(struct world *world, bool kernel_remembers)
{
	struct harness *harness = &world->harness;
	advance(harness);
	size_t length = save(harness);
	forget_engine(harness);
	expect(harness, load(harness, length) == SIPALG_SNAPSHOT_LOADED);
	(kernel_remembers ? find_all_in_kernel : open_all_again)(world);
	/* Nothing was lost, or it would not look the same now. */
	expect(harness, sipalg_engine_save(harness->engine, harness->now_ns, again, sizeof(again)) == length);
	expect(harness, memcmp(saved, again, length) == 0);
}

static void histories_survive_restarts(void **state)
{
	static struct world world;
	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		world_open(&world, seed, (enum world_network)(seed % WORLD_NETWORK_COUNT), false, NULL);
		for (size_t step = 0; step < 120; step++) {
			world_step(&world);
			if (chance(&world, 8) == 0)
				restart(&world, chance(&world, 2));
		}
		harness_wait_for_the_end(&world.harness);
		world_close(&world);
	}
}

/* ---- Time passes while nobody is there ---- */

static void call_and_register(void)
{
	registers(1, CONTACT_IN, "Expires: 600\n");
	is_registered(200, 1, CONTACT_OUT ";expires=600\n", "");
	asks("INVITE", 2, "", own(8000));
	hears(200, 2, "INVITE", "far", theirs());
	asks("SUBSCRIBE", 1, "", "Expires: 7200\n\n");
	hears(200, 1, "SUBSCRIBE", "far", "Expires: 7200\n\n");
}

static void restart_after(uint64_t seconds)
{
	size_t length = save(plane);
	plane->opened -= plane->binding_count;
	plane->binding_count = 0;
	plane->now_ns += seconds * SIPALG_SECOND_NS;
	forget_engine(plane);
	assert_int_equal(load(plane, length), SIPALG_SNAPSHOT_LOADED);
	advance(plane);
}

static void what_has_ended_meanwhile_ends(void **state)
{
	(void)state;
	call_and_register();
	assert_int_equal(sipalg_engine_counters(plane->engine)->registrations, 2);
	plane->has_traffic = true;
	restart_after(3600);
	assert_int_equal(sipalg_engine_counters(plane->engine)->registrations, 1); /* the subscription */
	assert_true(is_open(8000));                                                /* its call is asked after … */
	harness_wait(plane, 60);
	assert_true(is_open(8000)); /* … and goes on */
	plane->has_traffic = false;
	harness_wait(plane, SIPALG_MEDIA_IDLE_S + 60);
	assert_false(is_open(8000));
	assert_true(is_open(5060));
	harness_wait_for_the_end(plane);
}

static void what_is_shown_is_what_was_shown(void **state)
{
	(void)state;
	sipalg_registration_view before, after;
	sipalg_call_view call_before, call_after;
	call_and_register();
	assert_true(sipalg_engine_next_registration(plane->engine, &(uint32_t){ 0 }, &before));
	assert_true(sipalg_engine_next_call(plane->engine, &(uint32_t){ 0 }, &call_before));
	restart_after(5);
	assert_true(sipalg_engine_next_registration(plane->engine, &(uint32_t){ 0 }, &after));
	assert_true(sipalg_engine_next_call(plane->engine, &(uint32_t){ 0 }, &call_after));
	assert_string_equal(after.address_of_record, before.address_of_record);
	assert_true(after.granted && after.deadline_ns == before.deadline_ns);
	assert_string_equal(call_after.call_id, call_before.call_id);
	assert_true(call_after.since_ns == call_before.since_ns && call_after.deadline_ns == call_before.deadline_ns);
	assert_int_equal(call_after.media_count, call_before.media_count);
}

/* ---- What is refused ---- */

static void a_snapshot_cut_short_is_refused(void **state)
{
	(void)state;
	call_and_register();
	size_t length = save(plane);
	forget_engine(plane);
	for (size_t cut = 0; cut < length; cut++) {
		assert_int_equal(load(plane, cut), SIPALG_SNAPSHOT_DAMAGED);
		assert_nothing_taken(plane);
	}
}

static void a_snapshot_altered_is_refused(void **state)
{
	(void)state;
	call_and_register();
	size_t length = save(plane);
	forget_engine(plane);
	for (size_t at = 0; at < length; at++) {
		saved[at] ^= 0x10;
		assert_int_not_equal(load(plane, length), SIPALG_SNAPSHOT_LOADED);
		assert_nothing_taken(plane);
		saved[at] ^= 0x10;
	}
	assert_int_equal(load(plane, length), SIPALG_SNAPSHOT_LOADED);
}

static void another_version_and_another_clock_are_refused(void **state)
{
	(void)state;
	call_and_register();
	size_t length = save(plane);
	forget_engine(plane);
	plane->now_ns--;
	assert_int_equal(load(plane, length), SIPALG_SNAPSHOT_OTHER_CLOCK);
	plane->now_ns++;
	saved[SNAPSHOT_HASH_AT - 4]++;
	assert_int_equal(load(plane, length), SIPALG_SNAPSHOT_OTHER_VERSION);
	assert_nothing_taken(plane);
}

static void there_may_be_too_little_room_to_save(void **state)
{
	(void)state;
	call_and_register();
	size_t length = save(plane);
	for (size_t room = 0; room < length; room += 7) {
		memset(again, 0x77, sizeof(again));
		assert_int_equal(sipalg_engine_save(plane->engine, plane->now_ns, again, room), length);
		assert_int_equal(again[room], 0x77);
	}
}

/* ---- What is passed over ---- */

/* Records of kinds to come, and fields at the end of records: a byte more in each. */
static size_t make_newer(size_t length)
{
	size_t to = SNAPSHOT_RECORDS_AT;
	memcpy(again, saved, SNAPSHOT_RECORDS_AT);
	for (size_t at = SNAPSHOT_RECORDS_AT; at < length;) {
		size_t record = (size_t)saved[at + 1] | (size_t)saved[at + 2] << 8;
		memcpy(again + to, (const uint8_t[]){ 200, 1, 0, 77 }, 4);
		to += 4;
		memcpy(again + to, saved + at, 3 + record);
		again[to + 1] = (uint8_t)(record + 1);
		again[to + 2] = (uint8_t)((record + 1) >> 8);
		again[to + 3 + record] = 99;
		to += 3 + record + 1;
		at += 3 + record;
	}
	memcpy(saved, again, to);
	snapshot_rehash(saved, to);
	return to;
}

static void what_is_not_known_is_passed_over(void **state)
{
	(void)state;
	call_and_register();
	size_t length = save(plane), bindings = plane->binding_count;
	size_t newer = make_newer(length);
	forget_engine(plane);
	plane->opened = plane->binding_count = 0;
	assert_int_equal(load(plane, newer), SIPALG_SNAPSHOT_LOADED);
	advance(plane);
	assert_int_equal(plane->binding_count, bindings);
	asks("BYE", 3, "far", "");
	hears(200, 3, "BYE", "far", "");
	assert_false(is_open(8000));
	harness_wait_for_the_end(plane);
}

static void there_may_be_too_little_room_to_load(void **state)
{
	(void)state;
	call_and_register();
	size_t length = save(plane);
	plane->settings.bindings_max = plane->settings.calls_max = plane->settings.registrations_max = 1;
	forget_engine(plane);
	plane->opened = plane->binding_count = 0;
	assert_int_equal(load(plane, length), SIPALG_SNAPSHOT_LOADED);
	advance(plane);
	assert_int_equal(plane->binding_count, 1);
	harness_wait_for_the_end(plane);
}

/* ---- Forgeries ---- */

static void play_forgery(struct world *world, uint64_t seed)
{
	struct harness *harness = &world->harness;
	world_open(world, seed, WORLD_NAT, true, NULL);
	for (size_t step = 0; step < 60; step++)
		world_step(world);
	size_t length = save(harness);
	for (uint32_t changes = 1 + chance(world, 20); changes > 0 && length > SNAPSHOT_RECORDS_AT; changes--) {
		size_t at = SNAPSHOT_RECORDS_AT + chance(world, (uint32_t)(length - SNAPSHOT_RECORDS_AT));
		saved[at] = chance(world, 2) ? (uint8_t)chance(world, 256) : saved[at - chance(world, 100) % at];
	}
	snapshot_rehash(saved, length);
	forget_engine(harness);
	expect(harness, load(harness, length) == SIPALG_SNAPSHOT_LOADED);
	harness->opened = harness->closed = harness->binding_count = harness->recent_count = 0;
}

/* Whatever a file says that has the right hash: the engine goes on, and closes what it opens. */
static void forgeries_do_no_harm(void **state)
{
	static struct world world;
	(void)state;
	for (uint64_t seed = 1; seed <= 400; seed++) {
		sipalg_command command;
		play_forgery(&world, seed);
		uint32_t alive = 0, cursor = 0, steps = 0;
		sipalg_binding_view view;
		while (sipalg_engine_deadline(world.harness.engine) != SIPALG_NEVER) {
			uint64_t deadline_ns = sipalg_engine_deadline(world.harness.engine);
			if (deadline_ns > world.harness.now_ns)
				world.harness.now_ns = deadline_ns;
			sipalg_engine_advance(world.harness.engine, world.harness.now_ns);
			while (sipalg_engine_next_command(world.harness.engine, &command))
				alive += (command.kind == SIPALG_COMMAND_OPEN) -
				         (uint32_t)(command.kind == SIPALG_COMMAND_CLOSE);
			expect(&world.harness, ++steps < 100000);
		}
		expect(&world.harness, alive == 0);
		expect(&world.harness, !sipalg_engine_next_binding(world.harness.engine, &cursor, &view));
		world_close(&world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(histories_survive_restarts),
		cmocka_unit_test_setup_teardown(what_has_ended_meanwhile_ends, conversation_setup, harness_teardown),
		cmocka_unit_test_setup_teardown(what_is_shown_is_what_was_shown, conversation_setup, harness_teardown),
		cmocka_unit_test_setup_teardown(a_snapshot_cut_short_is_refused, conversation_setup, harness_teardown),
		cmocka_unit_test_setup_teardown(a_snapshot_altered_is_refused, conversation_setup, harness_teardown),
		cmocka_unit_test_setup_teardown(another_version_and_another_clock_are_refused, conversation_setup,
		                                harness_teardown),
		cmocka_unit_test_setup_teardown(there_may_be_too_little_room_to_save, conversation_setup,
		                                harness_teardown),
		cmocka_unit_test_setup_teardown(what_is_not_known_is_passed_over, conversation_setup, harness_teardown),
		cmocka_unit_test_setup_teardown(there_may_be_too_little_room_to_load, conversation_setup,
		                                harness_teardown),
		cmocka_unit_test(forgeries_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
