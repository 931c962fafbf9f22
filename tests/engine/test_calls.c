/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls and their legs: states, deadlines, dialogs, offers and answers, silence. */
#include "track.h"

static struct track track;
static uint32_t call, leg;
static uint64_t id = 11;
static sipalg_address phone;

static struct leg *the_leg(void)
{
	return &track.calls.legs[leg];
}

static void begin_leg(enum leg_state state)
{
	call = calls_take(&track.calls, track.now_ns, id, TEXT("a call\n"));
	leg = calls_add_leg(&track.calls, track.now_ns, call, 77, &phone, state);
	assert_true(call && leg);
}

static int setup(void **state)
{
	(void)state;
	track_open(&track, 32);
	phone = sipalg_address_from_ipv4(0xc0a80102);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	track_close(&track);
	return 0;
}

static void happen(enum leg_event event)
{
	calls_leg_event(&track.calls, track.now_ns, leg, event);
}

static uint32_t media(uint16_t port)
{
	struct bind_wish wish = wish_for(2, port);
	uint32_t slot = track_take(&track, &wish);
	assert_true(calls_leg_names_media(&track.calls, leg, slot, 0, false));
	bindings_settle(&track.bindings, slot, track.now_ns);
	return slot;
}

static bool is_alive(uint32_t slot)
{
	return track.bindings.list[slot].state == BINDING_ALIVE;
}

/* ---- States ---- */

#define S(state) LEG_##state
static const enum leg_state expected[LEG_STATE_COUNT][LEG_EVENT_COUNT] = {
	/* INVITED, PROCEEDED, RANG, ANSWERED, CHALLENGED, REFUSED, HUNG_UP, GONE, FELL_SILENT */
	[LEG_TRYING] = { S(TRYING), S(PROCEEDING), S(EARLY), S(CONFIRMED), S(TRYING), S(ENDED), S(TRYING), S(TRYING),
	                 S(ENDED) },
	[LEG_PROCEEDING] = { S(PROCEEDING), S(PROCEEDING), S(EARLY), S(CONFIRMED), S(TRYING), S(ENDED), S(PROCEEDING),
	                     S(PROCEEDING), S(ENDED) },
	[LEG_EARLY] = { S(EARLY), S(EARLY), S(EARLY), S(CONFIRMED), S(TRYING), S(ENDED), S(EARLY), S(EARLY), S(ENDED) },
	[LEG_CONFIRMED] = { S(CONFIRMED), S(CONFIRMED), S(CONFIRMED), S(CONFIRMED), S(CONFIRMED), S(CONFIRMED),
	                    S(ENDING), S(ENDED), S(ENDED) },
	[LEG_ENDING] = { S(ENDING), S(ENDING), S(ENDING), S(ENDING), S(ENDING), S(ENDING), S(ENDING), S(ENDED),
	                 S(ENDED) },
	[LEG_ENDED] = { S(TRYING), S(ENDED), S(ENDED), S(ENDED), S(ENDED), S(ENDED), S(ENDED), S(ENDED), S(ENDED) },
};

static void bring_to(enum leg_state state)
{
	begin_leg(state <= LEG_EARLY ? state : LEG_CONFIRMED);
	if (state == LEG_ENDING)
		happen(LEG_HUNG_UP);
	else if (state == LEG_ENDED)
		happen(LEG_GONE);
	assert_int_equal(the_leg()->state, state);
}

static void each_event_in_each_state(void **unused)
{
	(void)unused;
	for (int state = LEG_TRYING; state <= LEG_ENDED; state++)
		for (int event = 0; event < LEG_EVENT_COUNT; event++) {
			bring_to((enum leg_state)state);
			uint32_t slot = state == LEG_ENDED ? 0 : media(8000);
			happen((enum leg_event)event);
			enum leg_state then = expected[state][event];
			assert_int_equal(the_leg()->state, then);
			assert_int_equal(the_leg()->media_count, slot && then != LEG_ENDED);
			if (slot)
				assert_int_equal(is_alive(slot), then != LEG_ENDED);
			assert_int_equal(track.calls.begun - track.calls.ended, then != LEG_ENDED);
			calls_leg_doom(&track.calls, track.now_ns, leg);
			track_wait(&track, 100000);
			assert_int_equal(track.calls.pool.used, 0);
			assert_int_equal(track.calls.leg_pool.used, 0);
			assert_int_equal(track.calls.begun, track.calls.ended);
			(void)track_commands(&track, SIPALG_COMMAND_NONE, NULL);
		}
}

struct lifetime {
	enum leg_state state;
	bool has_media, is_held;
	uint32_t session_s, expires_s;
	uint64_t lives_s;
};

static const struct lifetime lifetimes[] = {
	{ LEG_TRYING, true, false, 0, 0, SIPALG_TRANSACTION_S },
	{ LEG_TRYING, true, false, 1800, 3000, SIPALG_TRANSACTION_S },
	{ LEG_EARLY, true, false, 0, 0, SIPALG_EARLY_S },
	{ LEG_EARLY, true, false, 0, 30, SIPALG_EARLY_S },
	{ LEG_EARLY, true, false, 0, 2000, 2000 },
	{ LEG_EARLY, true, false, 0, 999999, SIPALG_EARLY_MAX_S },
	{ LEG_CONFIRMED, true, false, 0, 0, SIPALG_MEDIA_IDLE_S },
	{ LEG_CONFIRMED, true, false, 1800, 0, 1800 + SIPALG_SESSION_MARGIN_S },
	{ LEG_CONFIRMED, true, true, 0, 0, SIPALG_HELD_MAX_S },
	{ LEG_CONFIRMED, true, true, 1800, 0, 1800 + SIPALG_SESSION_MARGIN_S },
	{ LEG_CONFIRMED, false, false, 0, 0, SIPALG_HELD_MAX_S },
};

static void how_long_each_state_lives(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lifetimes) / sizeof(lifetimes[0]); i++) {
		const struct lifetime *row = &lifetimes[i];
		begin_leg(row->state);
		if (row->has_media)
			(void)media(8000);
		the_leg()->is_held = row->is_held;
		the_leg()->session_s = row->session_s;
		the_leg()->expires_s = row->expires_s;
		happen(row->state == LEG_CONFIRMED ? LEG_ANSWERED : row->state == LEG_EARLY ? LEG_RANG : LEG_INVITED);
		assert_int_equal(the_leg()->deadline_ns - track.now_ns, seconds_ns(row->lives_s));
		calls_leg_doom(&track.calls, track.now_ns, leg);
		track_wait(&track, 100);
		(void)track_commands(&track, SIPALG_COMMAND_NONE, NULL);
	}
	track.calls.media_idle_s = 0; /* never */
	begin_leg(LEG_CONFIRMED);
	(void)media(8000);
	happen(LEG_ANSWERED);
	assert_int_equal(the_leg()->deadline_ns - track.now_ns, seconds_ns(SIPALG_HELD_MAX_S));
}

/* The plane is told at once for how long, within the longest lease. */
static void bindings_are_prolonged(void **state)
{
	(void)state;
	begin_leg(LEG_TRYING);
	struct bind_wish wish = wish_for(2, 5060);
	wish.is_signalling = true;
	uint32_t contact = track_take(&track, &wish), slot = media(8000);
	calls_leg_reach(&track.calls, track.now_ns, leg, LEG_BY_CONTACT, contact);
	the_leg()->session_s = 3000;
	happen(LEG_ANSWERED);
	assert_int_equal(track.bindings.list[slot].owned_until_s, seconds_rounded_up(the_leg()->deadline_ns));
	assert_int_equal(track.bindings.list[contact].owned_until_s, seconds_rounded_up(the_leg()->deadline_ns));
}

static void a_tombstone_stays_for_a_transaction(void **state)
{
	(void)state;
	bring_to(LEG_ENDED);
	track_wait(&track, SIPALG_TRANSACTION_S / 2);
	happen(LEG_ANSWERED); /* late repetitions neither revive it nor keep it */
	track_wait(&track, SIPALG_TRANSACTION_S / 2 - 1);
	assert_int_equal(calls_find_leg(&track.calls, call, 77, &phone), leg);
	leg_confirm_dialog(the_leg(), 5);
	assert_int_equal(the_leg()->dialog_count, 0);
	track_wait(&track, 2);
	assert_int_equal(calls_find(&track.calls, id), 0);
}

static void hurry_is_for_who_waits(void **state)
{
	(void)state;
	for (int at = LEG_TRYING; at <= LEG_ENDED; at++) {
		bring_to((enum leg_state)at);
		uint64_t before = the_leg()->deadline_ns;
		track_wait(&track, 10);
		calls_leg_hurry(&track.calls, track.now_ns, leg);
		bool hurries = at <= LEG_EARLY;
		uint64_t hurried = track.now_ns + seconds_ns(SIPALG_TRANSACTION_S);
		assert_true(the_leg()->deadline_ns == (hurries ? hurried : before));
		calls_leg_doom(&track.calls, track.now_ns, leg);
		track_wait(&track, 100);
	}
}

/* ---- Calls and legs ---- */

static void calls_are_found_by_their_id(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 32; i++) {
		uint64_t other = in_chain(i); /* all in one chain */
		assert_int_not_equal(calls_take(&track.calls, track.now_ns, other, TEXT("x")), 0);
	}
	uint64_t one_more = in_chain(33);
	for (uint32_t i = 1; i <= 32; i++) {
		uint64_t other = in_chain(i);
		uint32_t slot = calls_find(&track.calls, other);
		assert_true(slot && track.calls.list[slot].id == other);
		assert_int_equal(calls_take(&track.calls, track.now_ns, other, TEXT("x")), slot);
	}
	assert_int_equal(calls_find(&track.calls, one_more), 0);
	assert_int_not_equal(calls_take(&track.calls, track.now_ns, one_more, TEXT("x")), 0);
	assert_int_equal(calls_find(&track.calls, in_chain(1)), 0); /* it came first, and nobody took it up */
	track_wait(&track, SIPALG_EARLY_S + 1);                     /* nobody took them up */
	assert_int_equal(track.calls.pool.used, 0);
}

static void legs_are_found_by_their_tag(void **state)
{
	(void)state;
	begin_leg(LEG_EARLY);
	uint32_t first = leg;
	sipalg_address other = sipalg_address_from_ipv4(0xc0a80103);
	uint32_t second = calls_add_leg(&track.calls, track.now_ns, call, 78, &other, LEG_EARLY);
	assert_int_equal(calls_find_leg(&track.calls, call, 77, &phone), first);
	assert_int_equal(calls_find_leg(&track.calls, call, 78, &other), second);
	assert_int_equal(calls_find_leg(&track.calls, call, 79, &phone), 0);
	assert_int_equal(calls_find_leg(&track.calls, 0, 77, &phone), 0);
	assert_int_equal(calls_leg_of_phone(&track.calls, call, &phone, true), first);
	assert_int_equal(calls_leg_of_phone(&track.calls, call, &phone, false), second);
	happen(LEG_REFUSED);
	track_wait(&track, SIPALG_TRANSACTION_S + 1);
	assert_int_equal(calls_find_leg(&track.calls, call, 77, &phone), 0);
	assert_int_equal(calls_find_leg(&track.calls, call, 78, &other), second);
}

/* ---- Dialogs ---- */

static void the_last_dialog_counts(void **state)
{
	(void)state;
	begin_leg(LEG_CONFIRMED);
	leg_confirm_dialog(the_leg(), 1);
	leg_confirm_dialog(the_leg(), 2);
	leg_confirm_dialog(the_leg(), 2);
	assert_int_equal(the_leg()->dialog_count, 2);
	assert_false(leg_hang_up_dialog(the_leg(), 1));
	assert_false(leg_hang_up_dialog(the_leg(), 9)); /* none of its own */
	assert_false(leg_end_dialog(the_leg(), 1));
	assert_false(leg_end_dialog(the_leg(), 1));
	assert_true(leg_hang_up_dialog(the_leg(), 2));
	assert_true(leg_end_dialog(the_leg(), 2));
	for (uint64_t tag = 1; tag < 20; tag++)
		leg_confirm_dialog(the_leg(), tag);
	assert_int_equal(the_leg()->dialog_count, SIPALG_LEG_DIALOGS_MAX);
}

/* ---- Offer and answer ---- */

static void an_accepted_offer_gives_up_the_old(void **state)
{
	(void)state;
	begin_leg(LEG_CONFIRMED);
	leg_begin_offer(the_leg(), 1, true);
	uint32_t old = media(8000), both = media(8002);
	calls_leg_offer_accepted(&track.calls, track.now_ns, leg, 1);
	leg_begin_offer(the_leg(), 2, true);
	assert_int_equal(media(8002), both);
	uint32_t new = media(8004);
	leg_begin_offer(the_leg(), 2, true); /* said again */
	(void)media(8002);
	(void)media(8004);
	calls_leg_offer_accepted(&track.calls, track.now_ns, leg, 1); /* an answer to another */
	assert_true(is_alive(old) && is_alive(both) && is_alive(new));
	calls_leg_offer_accepted(&track.calls, track.now_ns, leg, 2);
	assert_true(!is_alive(old) && is_alive(both) && is_alive(new));
	assert_int_equal(the_leg()->media_count, 2);
}

static void a_refused_offer_gives_up_the_new(void **state)
{
	(void)state;
	begin_leg(LEG_CONFIRMED);
	leg_begin_offer(the_leg(), 1, true);
	uint32_t old = media(8000);
	calls_leg_offer_accepted(&track.calls, track.now_ns, leg, 1);
	leg_begin_offer(the_leg(), 2, true);
	assert_int_equal(media(8000), old);
	uint32_t new = media(8004);
	leg_begin_offer(the_leg(), 2, true); /* said again */
	assert_int_equal(media(8004), new);
	calls_leg_offer_refused(&track.calls, track.now_ns, leg, 3);
	assert_true(is_alive(new));
	calls_leg_offer_refused(&track.calls, track.now_ns, leg, 2);
	assert_true(is_alive(old) && !is_alive(new));
	calls_leg_offer_refused(&track.calls, track.now_ns, leg, 2); /* said again */
	assert_true(is_alive(old));
}

/* It comes again, and is accepted or refused as one. */
static void a_challenged_offer_stays(void **state)
{
	(void)state;
	begin_leg(LEG_CONFIRMED);
	leg_begin_offer(the_leg(), 1, true);
	uint32_t old = media(8000);
	calls_leg_offer_accepted(&track.calls, track.now_ns, leg, 1);
	leg_begin_offer(the_leg(), 2, true);
	uint32_t new = media(8004);
	leg_offer_challenged(the_leg(), 1); /* an answer to another */
	leg_offer_challenged(the_leg(), 2);
	assert_true(is_alive(old) && is_alive(new));
	leg_begin_offer(the_leg(), 3, true);
	assert_int_equal(media(8004), new);
	calls_leg_offer_refused(&track.calls, track.now_ns, leg, 3);
	assert_true(is_alive(old) && !is_alive(new));
	leg_begin_offer(the_leg(), 4, true);
	new = media(8004);
	leg_offer_challenged(the_leg(), 4);
	leg_begin_offer(the_leg(), 5, true);
	assert_int_equal(media(8004), new);
	calls_leg_offer_accepted(&track.calls, track.now_ns, leg, 5);
	assert_true(!is_alive(old) && is_alive(new));
}

static void a_leg_has_room_for_so_many(void **state)
{
	(void)state;
	begin_leg(LEG_TRYING);
	for (uint16_t i = 0; i < SIPALG_LEG_MEDIA_MAX; i++)
		(void)media((uint16_t)(8000 + i));
	struct bind_wish wish = wish_for(2, 9000);
	uint32_t slot = track_take(&track, &wish);
	assert_false(calls_leg_names_media(&track.calls, leg, slot, 0, false));
	assert_int_equal(track.bindings.list[slot].owners, 0);
	(void)media(8003); /* one it has already */
}

static void a_contact_takes_the_place_of_the_last(void **state)
{
	(void)state;
	begin_leg(LEG_CONFIRMED);
	struct bind_wish wish = wish_for(2, 5060);
	wish.is_signalling = true;
	uint32_t first = track_take(&track, &wish);
	wish.inside.port = 5062;
	uint32_t second = track_take(&track, &wish);
	calls_leg_reach(&track.calls, track.now_ns, leg, LEG_BY_CONTACT, first);
	calls_leg_reach(&track.calls, track.now_ns, leg, LEG_BY_CONTACT, first);
	assert_int_equal(track.bindings.list[first].owners, 1);
	calls_leg_reach(&track.calls, track.now_ns, leg, LEG_BY_CONTACT, second);
	assert_int_equal(track.bindings.list[first].owners, 0);
	assert_int_equal(track.bindings.list[second].owners, 1);
	happen(LEG_GONE);
	assert_int_equal(track.bindings.list[second].owners, 0);
}

/* ---- Where the media go ---- */

enum { FAR = 99 };

static void far_end_is_at(uint16_t port)
{
	sipalg_endpoint rtp = { .address = sipalg_address_from_ipv4(0xc6336409), .port = port };
	struct remote_media *remote = call_remote_media(&track.calls.list[call], FAR, false);
	remote_media_begin(remote, FAR);
	remote_media_add(remote, &rtp, &rtp);
}

static void flows_are_entered_once(void **state)
{
	(void)state;
	sipalg_command last;
	const sipalg_address far_address = sipalg_address_from_ipv4(0xc6336409);
	begin_leg(LEG_CONFIRMED);
	leg_begin_offer(the_leg(), 1, true);
	uint32_t slot = media(8000);
	calls_leg_join_media(&track.calls, track.now_ns, leg, FAR); /* the far end has not spoken */
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_ENTER_FLOW, NULL), 0);
	far_end_is_at(30000);
	calls_leg_join_media(&track.calls, track.now_ns, leg, FAR);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_ENTER_FLOW, &last), 1);
	assert_int_equal(last.binding, bindings_handle(&track.bindings, slot));
	assert_true(sipalg_address_equal(&last.peer.address, &far_address));
	assert_int_equal(last.peer.port, 30000);
	calls_leg_join_media(&track.calls, track.now_ns, leg, FAR);
	assert_int_equal(track.commands.count, 0);
	far_end_is_at(30002);
	calls_leg_join_media(&track.calls, track.now_ns, leg, FAR);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_ENTER_FLOW, &last), 1);
	assert_int_equal(last.peer.port, 30002);
	far_end_is_at(0); /* rejected */
	calls_leg_join_media(&track.calls, track.now_ns, leg, FAR);
	assert_int_equal(track.commands.count, 0);
}

/* ---- Silence ---- */

static void silence_is_looked_into(void **state)
{
	(void)state;
	begin_leg(LEG_CONFIRMED);
	uint32_t slot = media(8000);
	(void)media(8001);
	happen(LEG_ANSWERED);
	(void)track_commands(&track, SIPALG_COMMAND_NONE, NULL);
	for (unsigned round = 0; round < 3; round++) {
		track_wait(&track, SIPALG_MEDIA_IDLE_S - 1);
		assert_int_equal(track_commands(&track, SIPALG_COMMAND_ASK_TRAFFIC, NULL), 0);
		track_wait(&track, 1);
		assert_int_equal(track_commands(&track, SIPALG_COMMAND_ASK_TRAFFIC, NULL), 2);
		track.bindings.list[slot].heard_s = seconds_rounded_up(track.now_ns);
		track_wait(&track, 10);
		assert_int_equal(the_leg()->state, LEG_CONFIRMED);
	}
	track_wait(&track, SIPALG_MEDIA_IDLE_S + 20);
	assert_int_equal(the_leg()->state, LEG_ENDED);
	assert_false(is_alive(slot));
}

/* What was heard before the question is no answer; what is said meanwhile makes one needless. */
static void a_word_is_an_answer(void **state)
{
	(void)state;
	begin_leg(LEG_CONFIRMED);
	uint32_t slot = media(8000);
	happen(LEG_ANSWERED);
	track_wait(&track, SIPALG_MEDIA_IDLE_S + 1);
	happen(LEG_ANSWERED);
	track_wait(&track, 100);
	assert_int_equal(the_leg()->state, LEG_CONFIRMED);
	track.bindings.list[slot].heard_s = seconds_rounded_up(track.now_ns);
	track_wait(&track, SIPALG_MEDIA_IDLE_S - 100 + 15);
	assert_int_equal(the_leg()->state, LEG_ENDED);
}

static void hear_media_until(uint32_t slot, uint64_t then_ns)
{
	while (track.now_ns < then_ns && the_leg()->state == LEG_CONFIRMED) {
		track.bindings.list[slot].heard_s = seconds_rounded_up(track.now_ns);
		track_wait(&track, 5);
	}
}

/* Media alone do not keep a call for more than a day; but they are not cut. */
static void media_without_a_word_end_after_a_day(void **state)
{
	(void)state;
	const uint64_t day_ns = seconds_ns(SIPALG_WORDLESS_MAX_S), idle_ns = seconds_ns(SIPALG_MEDIA_IDLE_S + 60);
	sipalg_command last;
	begin_leg(LEG_CONFIRMED);
	uint32_t slot = media(8000);
	happen(LEG_ANSWERED);
	bindings_settle(&track.bindings, slot, track.now_ns);
	hear_media_until(slot, track.now_ns + day_ns / 2);
	happen(LEG_INVITED); /* a word: another day */
	uint64_t begun_ns = track.now_ns;
	hear_media_until(slot, begun_ns + day_ns - idle_ns);
	assert_int_equal(the_leg()->state, LEG_CONFIRMED);
	(void)track_commands(&track, SIPALG_COMMAND_NONE, NULL);
	hear_media_until(slot, begun_ns + day_ns + idle_ns);
	assert_int_equal(the_leg()->state, LEG_ENDED);
	assert_false(is_alive(slot));
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, &last), 1);
	assert_true(last.keep_flows);
}

static uint32_t begin_and_end(uint64_t number)
{
	uint64_t other = number * 977;
	uint32_t new_call = calls_take(&track.calls, track.now_ns, other, TEXT("another"));
	uint32_t new_leg = new_call ? calls_add_leg(&track.calls, track.now_ns, new_call, 1, &phone, LEG_EARLY) : 0;
	if (new_leg)
		calls_leg_event(&track.calls, track.now_ns, new_leg, LEG_REFUSED);
	return new_leg;
}

/* Calls that are over keep no room from new ones, however many they are: the table has 32 places. */
static void the_ended_give_way(void **state)
{
	(void)state;
	begin_leg(LEG_CONFIRMED);
	happen(LEG_ANSWERED);
	for (uint64_t number = 1; number <= 500; number++)
		assert_true(begin_and_end(number));
	assert_int_equal(track.calls.leg_pool.used, 32);
	assert_int_equal(the_leg()->state, LEG_CONFIRMED);
	track_wait(&track, SIPALG_TRANSACTION_S + 1);
	assert_int_equal(track.calls.leg_pool.used, 1);
	assert_int_equal(track.calls.pool.used, 1);
	assert_int_equal(track.calls.ended_legs.count, 0);
}

/* … nor does a new leg take the last place from the ended one of its own call. */
static void an_ended_leg_stays_for_its_own_call(void **state)
{
	(void)state;
	begin_leg(LEG_EARLY);
	happen(LEG_REFUSED);
	for (uint64_t tag = 100; calls_add_leg(&track.calls, track.now_ns, call, tag, &phone, LEG_EARLY); tag++)
		assert_true(tag < 200);
	assert_int_equal(calls_find(&track.calls, id), call);
	assert_int_equal(the_leg()->state, LEG_ENDED);
}

int main(void)
{
#define CALL_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CALL_TEST(each_event_in_each_state),
		CALL_TEST(how_long_each_state_lives),
		CALL_TEST(bindings_are_prolonged),
		CALL_TEST(a_tombstone_stays_for_a_transaction),
		CALL_TEST(hurry_is_for_who_waits),
		CALL_TEST(calls_are_found_by_their_id),
		CALL_TEST(legs_are_found_by_their_tag),
		CALL_TEST(the_last_dialog_counts),
		CALL_TEST(an_accepted_offer_gives_up_the_old),
		CALL_TEST(a_refused_offer_gives_up_the_new),
		CALL_TEST(a_challenged_offer_stays),
		CALL_TEST(a_leg_has_room_for_so_many),
		CALL_TEST(a_contact_takes_the_place_of_the_last),
		CALL_TEST(flows_are_entered_once),
		CALL_TEST(silence_is_looked_into),
		CALL_TEST(media_without_a_word_end_after_a_day),
		CALL_TEST(a_word_is_an_answer),
		CALL_TEST(the_ended_give_way),
		CALL_TEST(an_ended_leg_stays_for_its_own_call),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
