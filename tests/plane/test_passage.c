/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which packets come to the engine, and that none is lost or changed that should not be. */
#include "cmocka_all.h"

#include "phone.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const char masquerade[] =
        "table ip nat { chain post { type nat hook postrouting priority 100; oifname \"wan\" masquerade\n }\n }\n";

static char message[WORLD_MESSAGE_MAX], received[WORLD_MESSAGE_MAX];

static void open_and_start(struct world *world)
{
	world_open(world, masquerade);
	assert_true(world_start(world));
}

/* ---- Recognition ---- */

struct recognition {
	const char *what;
	const char *bytes;
	size_t length;
	uint16_t from, to; /* ports: of the phone, of the server */
	bool queued;
};

#define BYTES(literal) (literal), sizeof(literal) - 1

static const struct recognition recognitions[] = {
	{ "a method, any port", BYTES("OPTIONS sip:a@b SIP/2.0\r\n\r\n"), 7000, 7001, true },
	{ "a response, any port", BYTES("SIP/2.0 200 OK\r\n\r\n"), 7000, 7001, true },
	{ "empty lines before it", BYTES("\r\n\r\nOPTIONS sip:a@b SIP/2.0\r\n\r\n"), 7000, 7001, true },
	{ "a bare line feed before it", BYTES("\nOPTIONS sip:a@b SIP/2.0\r\n\r\n"), 7000, 7001, true },
	{ "an unknown method, SIP's port there", BYTES("PING sip:a@b SIP/2.0\r\n\r\n"), 7000, 5060, true },
	{ "an unknown method, SIP's port here", BYTES("PING sip:a@b SIP/2.0\r\n\r\n"), 5060, 7001, true },
	{ "an unknown method, other ports", BYTES("PING sip:a@b SIP/2.0\r\n\r\n"), 7000, 7001, false },
	{ "keep-alive ping", BYTES("\r\n\r\n"), 5060, 5060, false },
	{ "keep-alive pong", BYTES("\r\n"), 5060, 5060, false },
	{ "keep-alive of zeros", BYTES("\0\0\0\0"), 5060, 5060, false },
	{ "keep-alive of one zero", BYTES("\0"), 5060, 5060, false },
	{ "an empty datagram", BYTES(""), 5060, 5060, false },
	{ "three letters", BYTES("INV"), 7000, 7001, false },
	{ "STUN", BYTES("\0\1\0\0\x21\x12\xa4\x42xxxxxxxxxxxx"), 5060, 5060, false },
	{ "RTP", BYTES("\x80\0INVITE"), 5060, 5060, false },
	{ "DTLS", BYTES("\x16\xfe\xff xxxxxxx"), 5060, 5060, false },
};

static void test_only_signalling_is_queued(void **state)
{
	struct world world;

	(void)state;
	open_and_start(&world);
	int phones[] = { world_socket(&world, PHONES, "10.0.0.5", 7000),
		         world_socket(&world, PHONES, "10.0.0.5", 5060) };
	int servers[] = { world_socket(&world, PROVIDER, "203.0.113.2", 7001),
		          world_socket(&world, PROVIDER, "203.0.113.2", 5060) };

	for (size_t index = 0; index < sizeof(recognitions) / sizeof(recognitions[0]); index++) {
		const struct recognition *row = &recognitions[index];
		uint64_t before = plane_counters(world.plane)->messages;
		int server = servers[row->to == 5060];
		sipalg_endpoint from;

		world_send(phones[row->from == 5060], "203.0.113.2", row->to, row->bytes, row->length);
		if (world_receive(&world, server, received, &from) != (ssize_t)row->length ||
		    memcmp(received, row->bytes, row->length) != 0)
			fail_msg("%s: lost or changed on the way out", row->what);
		if (plane_counters(world.plane)->messages - before != (row->queued ? 1 : 0))
			fail_msg("%s: %s the queue", row->what, row->queued ? "passed" : "went to");
		world_send(server, "203.0.113.1", from.port, row->bytes, row->length); /* and the way back */
		if (world_receive(&world, phones[row->from == 5060], received, NULL) != (ssize_t)row->length)
			fail_msg("%s: lost on the way in", row->what);
		if (plane_counters(world.plane)->messages - before != (row->queued ? 2 : 0))
			fail_msg("%s: not treated alike on the way in", row->what);
	}
	world_close(&world);
}

/* What the router itself sends or gets is none of the gateway's business. */
static void test_the_routers_own_sip_is_left_alone(void **state)
{
	struct world world;

	(void)state;
	open_and_start(&world);
	int own = world_socket(&world, ROUTER, "203.0.113.1", 5060);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);
	size_t length = provider_request(message, "OPTIONS", "203.0.113.1", 5060);

	world_send(own, "203.0.113.2", 5060, message, length);
	assert_int_equal(world_receive(&world, server, received, NULL), length);
	world_send(server, "203.0.113.1", 5060, message, length);
	assert_int_equal(world_receive(&world, own, received, NULL), length);
	assert_int_equal(plane_counters(world.plane)->messages, 0);
	world_close(&world);
}

/* ---- Sizes ---- */

static void assert_invite_arrives(struct world *world, int phone, int server, size_t padding)
{
	size_t length = phone_invite(message, "10.0.0.5", 5060, 4000, "size", padding);

	world_send(phone, "203.0.113.2", 5060, message, length);
	ssize_t arrived = world_receive(world, server, received, NULL);
	if (arrived <= 0)
		fail_msg("an INVITE of %zu bytes was lost", length);
	assert_true((size_t)arrived > length); /* an outside address is longer than the phone's */
	assert_null(strstr(received, "10.0.0.5"));
	assert_int_equal(world->reason, SIPALG_REASON_EDITED);
}

static void test_fragmented_messages_pass(void **state)
{
	struct world world;

	(void)state;
	open_and_start(&world);
	int phone = world_socket(&world, PHONES, "10.0.0.5", 5060);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);

	assert_invite_arrives(&world, phone, server, 3000);
	assert_invite_arrives(&world, phone, server, 12000);
	world_close(&world);
}

/* As large as the link takes, not to be fragmented, and longer behind the gateway. */
static void test_messages_that_grow_past_the_mtu_pass(void **state)
{
	const int always = IP_PMTUDISC_DO;
	struct world world;

	(void)state;
	open_and_start(&world);
	int phone = world_socket(&world, PHONES, "10.0.0.5", 5060);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);
	size_t bare = phone_invite(message, "10.0.0.5", 5060, 4000, "size", 0);

	assert_int_equal(setsockopt(phone, IPPROTO_IP, IP_MTU_DISCOVER, &always, sizeof(always)), 0);
	for (size_t length = 1440; length <= 1472; length += 4)
		assert_invite_arrives(&world, phone, server, length - bare);
	/* Nor does it matter that the route takes less than the interface. */
	assert_true(world_command(&world, ROUTER, "ip route add 203.0.113.2 dev wan mtu 1300"));
	for (size_t length = 1240; length <= 1272; length += 4)
		assert_invite_arrives(&world, phone, server, length - bare);
	world_close(&world);
}

/* ---- Many at once ---- */

static void test_a_burst_shares_transactions(void **state)
{
	enum { CALLS = 200 };
	struct world world;
	char call[32];

	(void)state;
	open_and_start(&world);
	int phone = world_socket(&world, PHONES, "10.0.0.5", 5060);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);

	for (int index = 0; index < CALLS; index++) { /* they pile up: the plane does not run meanwhile */
		snprintf(call, sizeof(call), "burst%d", index);
		size_t length = phone_invite(message, "10.0.0.5", 5060, (uint16_t)(10000 + 2 * index), call, 0);
		world_send(phone, "203.0.113.2", 5060, message, length);
	}
	for (int index = 0; index < CALLS; index++) {
		assert_true(world_receive(&world, server, received, NULL) > 0);
		assert_null(strstr(received, "10.0.0.5"));
		snprintf(call, sizeof(call), "Call-ID: burst%d\r\n", index);
		assert_non_null(strstr(received, call)); /* in the order in which they were sent */
	}
	const struct plane_counters *counters = plane_counters(world.plane);
	assert_int_equal(counters->messages, CALLS);
	assert_int_equal(counters->commits_failed, 0);
	assert_true(counters->commits <= CALLS / 10);
	assert_true(counters->elements >= 4 * CALLS);
	world_close(&world);
}

/* ---- Switching ---- */

static bool is_edited(struct world *world, int phone, int server, const char *call)
{
	size_t length = phone_invite(message, "10.0.0.5", 5060, 4000, call, 0);

	world_send(phone, "203.0.113.2", 5060, message, length);
	assert_true(world_receive(world, server, received, NULL) > 0);
	return strstr(received, "10.0.0.5") == NULL;
}

/* A phone and a provider with their media, and who comes late. */
struct party {
	int phone, media, server, server_media, late;
};

static void party_open(struct world *world, struct party *party)
{
	party->phone = world_socket(world, PHONES, "10.0.0.5", 5060);
	party->media = world_socket(world, PHONES, "10.0.0.5", 4000);
	party->server = world_socket(world, PROVIDER, "203.0.113.2", 5060);
	party->server_media = world_socket(world, PROVIDER, "203.0.113.2", 9000);
	party->late = world_socket(world, PROVIDER, "203.0.113.9", 9000);
}

static void test_off_is_plain_nat_and_on_comes_back(void **state)
{
	struct world world;
	struct party party;
	sipalg_endpoint from;

	(void)state;
	open_and_start(&world);
	party_open(&world, &party);
	int later = world_socket(&world, PROVIDER, "203.0.113.9", 9002);

	assert_true(is_edited(&world, party.phone, party.server, "before"));
	uint16_t port = message_media_port(received);
	world_send(party.media, "203.0.113.2", 9000, "\x80", 1);
	assert_true(world_receive(&world, party.server_media, received, &from) > 0);

	assert_true(plane_switch(world.plane, world_now_ns(), false));
	assert_false(plane_is_on(world.plane));
	assert_false(world_command(&world, ROUTER, "nft list table inet sipalg >/dev/null 2>&1"));
	assert_false(is_edited(&world, party.phone, party.server, "off"));
	world_send(party.server_media, "203.0.113.1", port, "\x80", 1); /* the call that is up goes on */
	assert_true(world_receive(&world, party.media, received, NULL) > 0);
	world_send(party.late, "203.0.113.1", port, "\x80", 1); /* but there is no hole any more */
	assert_true(world_silent(&world, party.media));

	assert_true(plane_switch(world.plane, world_now_ns(), true));
	assert_true(is_edited(&world, party.phone, party.server, "after"));
	world_send(later, "203.0.113.1", port, "\x80", 1);
	assert_true(world_receive(&world, party.media, received, NULL) > 0);
	world_close(&world);
}

static void switch_host(struct world *world, const char *address, bool off)
{
	sipalg_prefix prefix;

	assert_true(sipalg_prefix_read(address, strlen(address), &prefix));
	assert_true(sipalg_engine_set_off(world->engine, &prefix, off ? 1 : 0));
	plane_carry_out(world->plane, world_now_ns());
}

/* Switched off for one host: what it has up goes on, by the port that the far end knows, and nobody new gets in. */
static void test_off_for_one_host_cuts_nothing(void **state)
{
	struct world world;
	struct party party;
	sipalg_endpoint from;

	(void)state;
	open_and_start(&world);
	party_open(&world, &party);

	sipalg_engine_reserve_port(world.engine, SIPALG_PROTOCOL_UDP, 4000, true);
	assert_true(is_edited(&world, party.phone, party.server, "before"));
	uint16_t port = message_media_port(received);
	assert_int_not_equal(port, 4000); /* plain NAT would choose that */
	world_send(party.media, "203.0.113.2", 9000, "\x80", 1);
	assert_true(world_receive(&world, party.server_media, received, &from) > 0);
	switch_host(&world, "10.0.0.5", true);
	uint64_t sweeps = plane_counters(world.plane)->sweeps; /* one that cut it would come by then */
	for (int tries = 0; tries < 50 && plane_counters(world.plane)->sweeps < sweeps + 2; tries++)
		world_run(&world, 100);
	world_send(party.server_media, "203.0.113.1", port, "\x80", 1);
	assert_true(world_receive(&world, party.media, received, NULL) > 0);
	world_send(party.media, "203.0.113.2", 9000, "\x80", 1);
	assert_true(world_receive(&world, party.server_media, received, &from) > 0);
	assert_int_equal(from.port, port);
	world_send(party.late, "203.0.113.1", port, "\x80", 1);
	assert_true(world_silent(&world, party.media));
	world_close(&world);
}

/* While the flow of a phone was over, the port became that of a host that goes by plain NAT: the phone is heard all the
 * same, by another port, and the other host goes on. */
static void test_a_port_taken_meanwhile_is_given_up(void **state)
{
	struct world world;
	sipalg_endpoint from;
	static const char other[] = "OPTIONS sip:b SIP/2.0\r\n\r\n";

	(void)state;
	open_and_start(&world);
	int phone = world_socket(&world, PHONES, "10.0.0.5", 5060);
	int without = world_socket(&world, PHONES, "10.0.0.6", 5060);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);

	assert_true(is_edited(&world, phone, server, "before"));
	switch_host(&world, "10.0.0.6", true);
	assert_true(world_command(&world, ROUTER, "conntrack -F 2>/dev/null"));
	world_send(without, "203.0.113.2", 5060, other, sizeof(other) - 1);
	assert_true(world_receive(&world, server, received, &from) > 0);
	assert_int_equal(from.port, 5060);
	assert_true(is_edited(&world, phone, server, "after"));
	world_send(without, "203.0.113.2", 5060, other, sizeof(other) - 1);
	assert_true(world_receive(&world, server, received, &from) > 0);
	assert_int_equal(from.port, 5060);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_signalling_is_queued),
		cmocka_unit_test(test_the_routers_own_sip_is_left_alone),
		cmocka_unit_test(test_fragmented_messages_pass),
		cmocka_unit_test(test_messages_that_grow_past_the_mtu_pass),
		cmocka_unit_test(test_a_burst_shares_transactions),
		cmocka_unit_test(test_off_is_plain_nat_and_on_comes_back),
		cmocka_unit_test(test_off_for_one_host_cuts_nothing),
		cmocka_unit_test(test_a_port_taken_meanwhile_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
