/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of bindings, which port a binding gets, and what the plane is told. */
#include "track.h"

static struct track track;

static int setup(void **state)
{
	(void)state;
	track_open(&track, 64);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	track_close(&track);
	return 0;
}

static uint16_t outside_port(uint32_t slot)
{
	return track.bindings.list[slot].outside.port;
}

static uint32_t take(unsigned host, uint16_t port)
{
	struct bind_wish wish = wish_for(host, port);
	return track_take(&track, &wish);
}

static void settle(uint32_t slot)
{
	bindings_settle(&track.bindings, slot, track.now_ns);
}

/* ---- Ports ---- */

static void the_inside_port_is_kept_when_free(void **state)
{
	(void)state;
	uint32_t first = take(2, 5060);
	assert_int_equal(outside_port(first), 5060);
	assert_int_equal(take(2, 5060), first);
	assert_int_equal(outside_port(take(3, 5060)), 5062);
	assert_int_equal(outside_port(take(4, 5060)), 5064);
	assert_int_equal(outside_port(take(5, 5061)), 5061);
}

static void another_address_or_protocol_has_ports_of_its_own(void **state)
{
	(void)state;
	struct bind_wish wish = wish_for(2, 5060);
	uint32_t first = take(2, 5060);
	wish.inside.protocol = SIPALG_PROTOCOL_TCP;
	assert_int_equal(outside_port(track_take(&track, &wish)), 5060);
	wish = wish_for(2, 5060);
	wish.outside = sipalg_address_from_ipv4(0xcb007102);
	uint32_t second = track_take(&track, &wish);
	assert_int_equal(outside_port(second), 5060);
	assert_int_not_equal(second, first);
}

static void parity_is_kept(void **state)
{
	(void)state;
	for (unsigned host = 2; host < 40; host++) {
		struct bind_wish wish = wish_for(host, (uint16_t)(host % 2 ? 8001 : 500)); /* 500 is below the range */
		uint16_t port = outside_port(track_take(&track, &wish));
		assert_int_equal(port % 2, host % 2);
		assert_true(port >= SIPALG_PORT_MIN);
	}
}

static void a_pair_finds_two_ports(void **state)
{
	(void)state;
	(void)take(2, 8003);
	struct bind_wish wish = wish_for(3, 8002);
	wish.with_next = true;
	assert_int_equal(outside_port(track_take(&track, &wish)), 8004);
	wish = wish_for(4, 65534);
	(void)take(5, 65535);
	wish.with_next = true;
	uint16_t port = outside_port(track_take(&track, &wish));
	assert_true(port % 2 == 0 && port < 65534);
	wish = wish_for(6, 65535);
	wish.with_next = true; /* there is no next */
	port = outside_port(track_take(&track, &wish));
	assert_true(port % 2 == 1 && port < 65535);
}

static void a_wish_for_a_port_comes_first(void **state)
{
	(void)state;
	struct bind_wish wish = wish_for(2, 5060);
	wish.port = 40001;
	assert_int_equal(bindings_choose_port(&track.bindings, &wish), 40001);
	assert_int_equal(outside_port(track_take(&track, &wish)), 40001);
	wish = wish_for(3, 5060);
	wish.port = 40001;
	assert_int_equal(outside_port(track_take(&track, &wish)), 5060);
	wish = wish_for(4, 5070);
	wish.port = 40001;
	wish.port_only = true;
	uint32_t slot = 99;
	assert_int_equal(bindings_take(&track.bindings, track.now_ns, &wish, &slot), BIND_NO_PORT);
	assert_int_equal(slot, 99);
}

static void only_ports_of_the_range_are_used(void **state)
{
	(void)state;
	track.bindings.port_min = 20001;
	track.bindings.port_max = 20009;
	track.bindings.cursor[0] = track.bindings.cursor[1] = 20001;
	bool seen[10] = { false };
	for (unsigned host = 2; host < 6; host++) { /* four of the even ones */
		uint16_t port = outside_port(take(host, 5060));
		assert_true(port >= 20001 && port <= 20009 && port % 2 == 0 && !seen[port - 20000]);
		seen[port - 20000] = true;
	}
	struct bind_wish wish = wish_for(6, 5060);
	uint32_t slot;
	assert_int_equal(bindings_take(&track.bindings, track.now_ns, &wish, &slot), BIND_NO_PORT);
	wish = wish_for(6, 5061);
	assert_int_equal(bindings_take(&track.bindings, track.now_ns, &wish, &slot), BIND_OK);
}

static void reserved_ports_are_left_out(void **state)
{
	(void)state;
	bindings_reserve_port(&track.bindings, SIPALG_PROTOCOL_UDP, 8000, true);
	bindings_reserve_port(&track.bindings, SIPALG_PROTOCOL_UDP, 8003, true);
	bindings_reserve_port(&track.bindings, SIPALG_PROTOCOL_TCP, 8004, true);
	struct bind_wish wish = wish_for(2, 8000);
	wish.with_next = true;
	assert_int_equal(bindings_choose_port(&track.bindings, &wish), 8004);
	bindings_reserve_port(&track.bindings, SIPALG_PROTOCOL_UDP, 8000, false);
	assert_int_equal(bindings_choose_port(&track.bindings, &wish), 8000);
}

/* The kernel has given it to somebody else meanwhile. */
static void a_reserved_port_does_not_come_back(void **state)
{
	(void)state;
	uint32_t slot = take(2, 8000);
	bindings_settle(&track.bindings, slot, track.now_ns);
	track_wait(&track, SIPALG_UNANSWERED_S);
	assert_int_equal(track.bindings.list[slot].state, BINDING_QUARANTINED);
	bindings_reserve_port(&track.bindings, SIPALG_PROTOCOL_UDP, 8000, true);
	assert_int_equal(outside_port(take(2, 8000)), 8002);
	assert_int_equal(track.bindings.quarantine.count, 0);
}

/* More taken ports in a row than one search looks at: later searches go on behind them. */
static void a_search_goes_on_where_the_last_failed(void **state)
{
	(void)state;
	struct bind_wish wish = wish_for(2, 1024);
	for (uint32_t port = 1024; port < 1024 + 3 * SIPALG_PORT_TRIES_MAX; port += 2)
		bindings_reserve_port(&track.bindings, SIPALG_PROTOCOL_UDP, (uint16_t)port, true);
	assert_int_equal(bindings_choose_port(&track.bindings, &wish), 0);
	uint16_t port = bindings_choose_port(&track.bindings, &wish);
	assert_int_equal(port, 1024 + 3 * SIPALG_PORT_TRIES_MAX);
}

/* ---- Quarantine ---- */

static void a_closed_port_is_kept_from_others(void **state)
{
	(void)state;
	uint32_t slot = take(2, 8000);
	settle(slot);
	bindings_close(&track.bindings, slot, track.now_ns);
	track_wait(&track, SIPALG_QUARANTINE_S - 1);
	assert_int_equal(outside_port(take(3, 8000)), 8002);
	track_wait(&track, 2);
	assert_int_equal(outside_port(take(4, 8000)), 8000);
}

static void the_same_endpoint_gets_it_back_at_once(void **state)
{
	(void)state;
	(void)take(3, 8000);
	uint32_t slot = take(2, 8000);
	assert_int_equal(outside_port(slot), 8002);
	settle(slot);
	uint32_t handle = bindings_handle(&track.bindings, slot);
	bindings_close(&track.bindings, slot, track.now_ns);
	assert_int_equal(bindings_slot(&track.bindings, handle), 0);
	assert_int_equal(take(2, 8000), slot);
	assert_int_equal(outside_port(slot), 8002);
	assert_int_not_equal(bindings_handle(&track.bindings, slot), handle);
	assert_int_equal(bindings_slot(&track.bindings, bindings_handle(&track.bindings, slot)), slot);
	settle(slot);
	track_wait(&track, SIPALG_UNANSWERED_S + 1); /* it ends a second time */
	assert_int_equal(bindings_find_alive_outside(&track.bindings, &track.bindings.list[slot].outside), 0);
	assert_int_equal(bindings_find_outside(&track.bindings, &track.bindings.list[slot].outside), slot);
	track_wait(&track, SIPALG_QUARANTINE_S + 1);
	assert_int_equal(bindings_find_outside(&track.bindings, &track.bindings.list[slot].outside), 0);
}

/* … but what was left of the quarantine goes on when nothing came of it. */
static void a_drop_does_not_end_a_quarantine(void **state)
{
	(void)state;
	uint32_t slot = take(2, 8000);
	settle(slot);
	bindings_close(&track.bindings, slot, track.now_ns);
	track_wait(&track, 10);
	assert_int_equal(take(2, 8000), slot);
	bindings_drop(&track.bindings, slot);
	assert_int_equal(outside_port(take(3, 8000)), 8002);
	track_wait(&track, SIPALG_QUARANTINE_S);
	assert_int_equal(outside_port(take(4, 8000)), 8000);
	uint32_t fresh = take(5, 9000); /* in a slot that nobody had */
	bindings_drop(&track.bindings, fresh);
	assert_int_equal(outside_port(take(6, 9000)), 9000);
	track_wait(&track, 1000);
	settle(fresh);
	track_wait(&track, 1000);
	assert_int_equal(take(7, 7000), fresh); /* … and in one that has been in quarantine */
	bindings_drop(&track.bindings, fresh);
	assert_int_equal(outside_port(take(8, 7000)), 7000);
}

static void the_oldest_is_given_up_when_slots_run_out(void **state)
{
	(void)state;
	uint32_t slots[64];
	for (unsigned i = 0; i < 64; i++)
		settle(slots[i] = take(2 + i, (uint16_t)(8000 + 2 * i)));
	struct bind_wish wish = wish_for(100, 9000);
	uint32_t slot;
	assert_int_equal(bindings_take(&track.bindings, track.now_ns, &wish, &slot), BIND_TABLE_FULL);
	bindings_close(&track.bindings, slots[7], track.now_ns);
	bindings_close(&track.bindings, slots[3], track.now_ns);
	bindings_close(&track.bindings, slots[9], track.now_ns);
	(void)take(2 + 3, 8006); /* from the middle of the list */
	assert_int_equal(take(100, 9000), slots[7]);
	assert_int_equal(take(101, 9001), slots[9]);
	wish = wish_for(102, 9002);
	assert_int_equal(bindings_take(&track.bindings, track.now_ns, &wish, &slot), BIND_TABLE_FULL);
}

/* ---- Owners, leases, commands ---- */

static void an_unowned_binding_ends_at_its_deadline(void **state)
{
	(void)state;
	sipalg_command last;
	uint32_t slot = take(2, 8000);
	settle(slot);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_OPEN, &last), 1);
	assert_int_equal(last.lease_s, SIPALG_UNANSWERED_S);
	assert_int_equal(last.binding, bindings_handle(&track.bindings, slot));
	settle(slot);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_OPEN, NULL), 0);
	track_wait(&track, 20);
	bindings_touch(&track.bindings, slot, track.now_ns + seconds_ns(SIPALG_UNANSWERED_S));
	bindings_touch(&track.bindings, slot, track.now_ns); /* never shorter */
	settle(slot);
	track_wait(&track, 29);
	assert_int_equal(bindings_slot(&track.bindings, last.binding), slot);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, NULL), 0);
	track_wait(&track, 2);
	assert_int_equal(bindings_slot(&track.bindings, last.binding), 0);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, NULL), 1);
	track_wait(&track, 1000);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, NULL), 0);
}

/* With so long between the owner's words, the lease never ends before the binding. */
static void leases_outlive_each_look(void **state)
{
	(void)state;
	static const uint64_t owned_s[] = { 33, 100, 700, 950, 3600, 7200, 100000 };
	for (size_t i = 0; i < sizeof(owned_s) / sizeof(owned_s[0]); i++) {
		sipalg_command command;
		uint32_t slot = take((unsigned)(2 + i), 8000);
		uint64_t lease_end_ns = 0, end_ns = track.now_ns + seconds_ns(owned_s[i]);
		bindings_own(&track.bindings, slot, end_ns);
		settle(slot);
		for (; track.now_ns < end_ns; track_wait(&track, 1))
			while (commands_take(&track.commands, &command)) {
				assert_true(command.kind == SIPALG_COMMAND_OPEN || track.now_ns < lease_end_ns);
				assert_true(command.lease_s > 0 && command.lease_s <= SIPALG_LEASE_MAX_S);
				lease_end_ns = track.now_ns + seconds_ns(command.lease_s);
			}
		assert_true(lease_end_ns >= end_ns);
		bindings_disown(&track.bindings, slot, track.now_ns);
		assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, NULL), 1);
	}
}

static void every_owner_counts(void **state)
{
	(void)state;
	uint32_t slot = take(2, 8000);
	sipalg_command last;
	bindings_own(&track.bindings, slot, track.now_ns + seconds_ns(2000));
	bindings_own(&track.bindings, slot, track.now_ns + seconds_ns(10));
	settle(slot);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_OPEN, &last), 1);
	assert_int_equal(last.lease_s, 2000);
	bindings_disown(&track.bindings, slot, track.now_ns);
	track_wait(&track, 500);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, NULL), 0);
	bindings_disown(&track.bindings, slot, track.now_ns);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, NULL), 1);
}

/* Signalling goes on until its own deadline; media end with their call. */
static void signalling_outlives_its_owner(void **state)
{
	(void)state;
	for (unsigned is_signalling = 0; is_signalling < 2; is_signalling++) {
		struct bind_wish wish = wish_for(2 + is_signalling, 5060);
		wish.is_signalling = is_signalling;
		uint32_t slot = track_take(&track, &wish);
		bindings_own(&track.bindings, slot, track.now_ns + seconds_ns(50));
		settle(slot);
		bindings_disown(&track.bindings, slot, track.now_ns);
		assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, NULL), !is_signalling);
		track_wait(&track, SIPALG_UNANSWERED_S + 1);
		assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, NULL), is_signalling);
	}
}

static void what_was_never_opened_is_never_closed(void **state)
{
	(void)state;
	uint32_t slot = take(2, 8000);
	bindings_own(&track.bindings, slot, track.now_ns);
	bindings_disown(&track.bindings, slot, track.now_ns);
	bindings_drop(&track.bindings, take(3, 8000));
	track_wait(&track, 1000);
	assert_int_equal(track.commands.last_number, 0);
	assert_int_equal(track.bindings.opened, 0);
}

static void peers_are_admitted_once(void **state)
{
	(void)state;
	sipalg_command last;
	struct bind_wish wish = wish_for(2, 5060);
	wish.is_signalling = true;
	uint32_t slot = track_take(&track, &wish);
	sipalg_address peers[SIPALG_PEERS_MAX + 1];
	for (uint32_t i = 0; i <= SIPALG_PEERS_MAX; i++)
		peers[i] = sipalg_address_from_ipv4(0xc6336400 + i);
	assert_true(bindings_admit(&track.bindings, slot, track.now_ns, &peers[0]));
	assert_int_equal(track.commands.count, 0); /* not before it is open */
	settle(slot);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_ADMIT, &last), 1);
	assert_true(sipalg_address_equal(&last.peer.address, &peers[0]));
	assert_int_equal(last.lease_s, SIPALG_UNANSWERED_S);
	for (uint32_t i = 0; i < SIPALG_PEERS_MAX; i++)
		assert_true(bindings_admit(&track.bindings, slot, track.now_ns, &peers[i]));
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_ADMIT, NULL), SIPALG_PEERS_MAX - 1);
	bindings_close(&track.bindings, slot, track.now_ns);
	assert_int_equal(track.bindings.peer_pool.used, 0);
	assert_int_equal(track_take(&track, &wish), slot);
	assert_int_equal(track.bindings.list[slot].peer_count, 0);
}

static void tcp_is_withheld(void **state)
{
	(void)state;
	struct bind_wish wish = wish_for(2, 5060);
	wish.inside.protocol = SIPALG_PROTOCOL_TCP;
	uint32_t slot = track_take(&track, &wish);
	settle(slot);
	assert_int_equal(track.commands.count, 0);
	track.bindings.list[slot].is_withheld = false;
	settle(slot);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_OPEN, NULL), 1);
}

static void a_doomed_binding_keeps_its_flows(void **state)
{
	(void)state;
	sipalg_command last;
	uint32_t slot = take(2, 8000), owned = take(3, 8000);
	bindings_own(&track.bindings, owned, track.now_ns + seconds_ns(100));
	settle(slot);
	settle(owned);
	bindings_doom(&track.bindings, slot, true);
	bindings_doom(&track.bindings, owned, true);
	(void)track_commands(&track, SIPALG_COMMAND_OPEN, NULL);
	track_wait(&track, 0);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, &last), 1);
	assert_true(last.keep_flows);
	bindings_disown(&track.bindings, owned, track.now_ns);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, &last), 1);
	assert_true(last.keep_flows);
}

/* ---- Hosts, handles, restoring ---- */

static void a_host_has_a_limit(void **state)
{
	(void)state;
	uint32_t slot;
	struct bind_wish wish = wish_for(2, 8004);
	track.bindings.host_max = 2;
	uint32_t first = take(2, 8000);
	(void)take(2, 8002);
	assert_int_equal(bindings_take(&track.bindings, track.now_ns, &wish, &slot), BIND_HOST_LIMIT);
	(void)take(3, 8004);
	settle(first);
	bindings_close(&track.bindings, first, track.now_ns); /* in quarantine it gives way */
	assert_int_equal(bindings_take(&track.bindings, track.now_ns, &wish, &slot), BIND_OK);
	wish = wish_for(2, 8000);
	assert_int_equal(bindings_take(&track.bindings, track.now_ns, &wish, &slot), BIND_HOST_LIMIT);
	track_wait(&track, 1000);
	for (slot = 1; slot <= track.bindings.pool.touched; slot++)
		if (track.bindings.list[slot].state == BINDING_ALIVE)
			settle(slot);
	track_wait(&track, 1000);
	assert_int_equal(track.bindings.hosts.pool.used, 0);
}

/* What a host has closed holds ports, too; but only as many as the host may have, so that others find some. */
static void a_host_fills_no_quarantine(void **state)
{
	(void)state;
	track.bindings.host_max = 4;
	uint32_t other = take(3, 9000);
	settle(other);
	bindings_close(&track.bindings, other, track.now_ns);
	for (uint16_t i = 0; i < 200; i++) {
		uint32_t slot = take(2, (uint16_t)(10000 + 2 * i));
		settle(slot);
		bindings_close(&track.bindings, slot, track.now_ns);
	}
	assert_int_equal(track.bindings.quarantine.count, 4 + 1);
	assert_int_equal(take(2, 10398), take(2, 10398)); /* the last one it had comes back */
	assert_int_equal(track.bindings.list[other].state, BINDING_QUARANTINED);
	track_wait(&track, 1000);
}

static void a_refusal_leaves_no_host_behind(void **state)
{
	(void)state;
	uint32_t slot;
	struct bind_wish wish = wish_for(2, 8000);
	wish.port = 80;
	wish.port_only = true;
	assert_int_equal(bindings_take(&track.bindings, track.now_ns, &wish, &slot), BIND_NO_PORT);
	assert_int_equal(track.bindings.hosts.pool.used, 0);
}

static void handles_of_the_past_are_nobody(void **state)
{
	(void)state;
	uint32_t slot = take(2, 8000), handles[5];
	for (unsigned i = 0; i < 5; i++) {
		handles[i] = bindings_handle(&track.bindings, slot);
		assert_int_not_equal(handles[i], 0);
		bindings_drop(&track.bindings, slot);
		assert_int_equal(take(2, (uint16_t)(9000 + i)), slot);
		for (unsigned j = 0; j <= i; j++)
			assert_int_equal(bindings_slot(&track.bindings, handles[j]), 0);
	}
	assert_int_equal(bindings_slot(&track.bindings, 0), 0);
	assert_int_equal(bindings_slot(&track.bindings, UINT32_MAX), 0);
	assert_int_equal(bindings_slot(&track.bindings, 60), 0);
}

/* ---- All of it, against a list ---- */

static void check_all(unsigned hosts)
{
	for (unsigned host = 2; host < hosts; host++)
		for (uint16_t port = 8000; port < 8008; port++) {
			struct bind_wish wish = wish_for(host, port);
			uint32_t slot = bindings_find_inside(&track.bindings, &wish.inside, &wish.outside);
			if (!slot)
				continue;
			const struct binding *binding = &track.bindings.list[slot];
			assert_true(sipalg_endpoint_equal(&binding->inside, &wish.inside));
			assert_int_equal(bindings_find_outside(&track.bindings, &binding->outside), slot);
			assert_int_not_equal(binding->state, BINDING_FREE);
		}
}

static void random_lives_leave_nothing_behind(void **state)
{
	(void)state;
	uint64_t chance = 3;
	uint32_t owned[200];
	size_t count = 0;
	for (unsigned step = 0; step < 20000; step++) {
		struct bind_wish wish =
		        wish_for(2 + (unsigned)(draw(&chance) % 12), (uint16_t)(8000 + draw(&chance) % 8));
		uint32_t slot, at = count ? (uint32_t)(draw(&chance) % count) : 0;
		wish.with_next = draw(&chance) % 4 == 0;
		switch (draw(&chance) % 6) {
		case 0:
		case 1:
			if (bindings_take(&track.bindings, track.now_ns, &wish, &slot) != BIND_OK)
				break;
			if (count < 200 && draw(&chance) % 2) {
				bindings_own(&track.bindings, slot, track.now_ns + seconds_ns(draw(&chance) % 2000));
				owned[count++] = slot;
			}
			settle(slot);
			break;
		case 2:
			if (!count)
				break;
			bindings_disown(&track.bindings, owned[at], track.now_ns);
			owned[at] = owned[--count];
			break;
		case 3:
			track_wait(&track, draw(&chance) % 100);
			break;
		default:
			check_all(14);
		}
		(void)track_commands(&track, SIPALG_COMMAND_NONE, NULL);
	}
	while (count)
		bindings_disown(&track.bindings, owned[--count], track.now_ns);
	(void)track_commands(&track, SIPALG_COMMAND_NONE, NULL);
	track_wait(&track, 4000);
	assert_int_equal(track.bindings.opened, track.bindings.closed);
	assert_int_equal(track.bindings.pool.used, 0);
	assert_int_equal(track.bindings.hosts.pool.used, 0);
	assert_int_equal(track.bindings.quarantine.oldest, 0);
	assert_true(deadlines_first(&track.deadlines) == DEADLINE_NEVER);
}

int main(void)
{
#define BINDING_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		BINDING_TEST(the_inside_port_is_kept_when_free),
		BINDING_TEST(another_address_or_protocol_has_ports_of_its_own),
		BINDING_TEST(parity_is_kept),
		BINDING_TEST(a_pair_finds_two_ports),
		BINDING_TEST(a_wish_for_a_port_comes_first),
		BINDING_TEST(only_ports_of_the_range_are_used),
		BINDING_TEST(reserved_ports_are_left_out),
		BINDING_TEST(a_reserved_port_does_not_come_back),
		BINDING_TEST(a_search_goes_on_where_the_last_failed),
		BINDING_TEST(a_closed_port_is_kept_from_others),
		BINDING_TEST(the_same_endpoint_gets_it_back_at_once),
		BINDING_TEST(a_drop_does_not_end_a_quarantine),
		BINDING_TEST(the_oldest_is_given_up_when_slots_run_out),
		BINDING_TEST(an_unowned_binding_ends_at_its_deadline),
		BINDING_TEST(leases_outlive_each_look),
		BINDING_TEST(every_owner_counts),
		BINDING_TEST(signalling_outlives_its_owner),
		BINDING_TEST(what_was_never_opened_is_never_closed),
		BINDING_TEST(peers_are_admitted_once),
		BINDING_TEST(tcp_is_withheld),
		BINDING_TEST(a_doomed_binding_keeps_its_flows),
		BINDING_TEST(a_host_has_a_limit),
		BINDING_TEST(a_host_fills_no_quarantine),
		BINDING_TEST(a_refusal_leaves_no_host_behind),
		BINDING_TEST(handles_of_the_past_are_nobody),
		BINDING_TEST(random_lives_leave_nothing_behind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
