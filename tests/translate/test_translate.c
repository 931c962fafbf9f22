/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../report/cmocka_all.h"

#include "translate/reverse.h"
#include "translate/router.h"

#include <stdlib.h>
#include <string.h>

static sipalg_address address_of(const char *text)
{
	sipalg_address address = { 0 };
	assert_true(sipalg_address_read(text, strlen(text), &address));
	return address;
}

static sipalg_endpoint endpoint(const char *address, uint16_t port)
{
	return (sipalg_endpoint){ .address = address_of(address), .port = port, .protocol = SIPALG_PROTOCOL_UDP };
}

static struct router open_router(void)
{
	struct router_settings settings = { .lan_count = 1, .outside = address_of("203.0.113.1") };
	struct router router;
	assert_true(sipalg_prefix_read("192.168.0.0/16", 14, &settings.lan[0]));
	assert_true(router_create(&router, &settings));
	return router;
}

static uint16_t port_of(struct router *router, sipalg_endpoint inside)
{
	sipalg_endpoint outside;
	assert_true(router_outside_of(router, &inside, inside.port, &outside));
	return outside.port;
}

static void test_ports(void **state)
{
	(void)state;
	struct router router = open_router();
	sipalg_endpoint inside, outside = endpoint("203.0.113.1", 5061);
	assert_int_equal(port_of(&router, endpoint("192.168.1.2", 5060)), 5060);
	assert_int_equal(port_of(&router, endpoint("192.168.1.3", 5060)), 5061);
	assert_int_equal(port_of(&router, endpoint("192.168.1.2", 5060)), 5060);
	assert_true(router_inside_of(&router, &outside, &inside));
	assert_true(inside.port == 5060 &&
	            sipalg_address_equal(&inside.address, &(sipalg_address[]){ address_of("192.168.1.3") }[0]));
	outside.port = 9999;
	assert_false(router_inside_of(&router, &outside, &inside));
	/* Who has been silent for two minutes gives its port back when somebody else comes; a connection may be silent
	 * for two hours. */
	sipalg_endpoint connected = endpoint("192.168.1.2", 40000), other = endpoint("192.168.1.4", 40000);
	connected.protocol = other.protocol = SIPALG_PROTOCOL_TCP;
	assert_int_equal(port_of(&router, connected), 40000);
	router_time_pass(&router, 200 * SIPALG_SECOND_NS);
	assert_int_equal(port_of(&router, endpoint("192.168.1.4", 5060)), 5060);
	assert_int_equal(port_of(&router, other), 40001);
	router_time_pass(&router, 8000 * SIPALG_SECOND_NS);
	other.port = 40000;
	other.address = address_of("192.168.1.5");
	assert_int_equal(port_of(&router, other), 40000);
	router_destroy(&router);
}

/* More hosts than there is room for: the silent ones make room, and memory stays what it is. */
static void test_crowd(void **state)
{
	(void)state;
	struct router router = open_router();
	for (uint32_t i = 0; i < 200000; i++) {
		sipalg_endpoint inside = endpoint("192.168.0.1", (uint16_t)(1024 + i % 60000)), outside;
		inside.address.bytes[15] = (uint8_t)i;
		inside.address.bytes[14] = (uint8_t)(i >> 8);
		(void)!router_outside_of(&router, &inside, inside.port, &outside);
		if (i % 1000 == 0)
			router_time_pass(&router, i * SIPALG_SECOND_NS / 100);
	}
	assert_true(router.mappings.pool.used <= MAPPINGS_MAX);
	router_destroy(&router);
}

static void test_bindings(void **state)
{
	(void)state;
	struct router router = open_router();
	struct mappings *mappings = &router.mappings;
	sipalg_endpoint inside = endpoint("192.168.1.2", 12000), outside = endpoint("203.0.113.1", 12002), found;
	port_of(&router, inside);
	mappings_bind(mappings, 0, 7, &inside, &outside);
	assert_int_equal(port_of(&router, inside), 12002);
	mappings_unbind(mappings, 8, &outside, false); /* another one's */
	assert_int_equal(port_of(&router, inside), 12002);
	mappings_unbind(mappings, 7, &outside, true);
	assert_int_equal(port_of(&router, inside), 12002);
	mappings_bind(mappings, 0, 9, &inside, &outside);
	mappings_unbind(mappings, 9, &outside, false);
	assert_false(router_inside_of(&router, &outside, &found));
	/* A binding is not made room with, however long it is silent. */
	mappings_bind(mappings, 0, 10, &inside, &outside);
	router_time_pass(&router, 10000 * SIPALG_SECOND_NS);
	for (uint32_t i = 0; i < MAPPINGS_MAX + 10; i++) {
		sipalg_endpoint other = endpoint("192.168.2.1", (uint16_t)(i % 60000 + 1024)), ignored;
		other.address.bytes[15] = (uint8_t)(i / 60000);
		(void)!router_outside_of(&router, &other, other.port, &ignored);
	}
	assert_true(router_inside_of(&router, &outside, &found));
	router_destroy(&router);
}

static const char response[] =
        "SIP/2.0 200 OK\r\n"
        "Via: SIP/2.0/UDP 192.168.1.2:5060;branch=z9hG4bK-1;received=192.168.1.2;rport=5060\r\n"
        "From: \"192.168.1.2\" <sip:alice@192.168.1.2>;tag=1\r\n"
        "To: <sip:alice@192.168.1.2>;tag=2\r\n"
        "Call-ID: 1@192.168.1.2\r\n"
        "CSeq: 1 REGISTER\r\n"
        "Contact: \"a@192.168.1.2\" <sip:alice@192.168.1.2>;expires=3600,<sip:alice@192.168.1.9>\r\n"
        "Content-Length: 0\r\n\r\n";
static const char reversed[] =
        "SIP/2.0 200 OK\r\n"
        "Via: SIP/2.0/UDP 203.0.113.1:5070;branch=z9hG4bK-1;received=192.168.1.2;rport=5060\r\n"
        "From: \"192.168.1.2\" <sip:alice@192.168.1.2>;tag=1\r\n"
        "To: <sip:alice@192.168.1.2>;tag=2\r\n"
        "Call-ID: 1@192.168.1.2\r\n"
        "CSeq: 1 REGISTER\r\n"
        "Contact: \"a@192.168.1.2\" <sip:alice@203.0.113.1:5070>;expires=3600,<sip:alice@192.168.1.9>\r\n"
        "Content-Length: 0\r\n\r\n";

static void test_reverse(void **state)
{
	(void)state;
	struct router router = open_router();
	sipalg_endpoint inside = endpoint("192.168.1.2", 5060), outside = endpoint("203.0.113.1", 5070);
	char *out = malloc(REVERSE_MAX);
	assert_int_equal(reverse_message(&router, &inside, TEXT(response), out), 0); /* nothing is bound */
	mappings_bind(&router.mappings, 0, 1, &inside, &outside);
	size_t length = reverse_message(&router, &inside, TEXT(response), out);
	assert_int_equal(length, sizeof reversed - 1);
	assert_memory_equal(out, reversed, length);
	/* Cut anywhere, and with any byte another one: never more than it has room for, never beyond its end. */
	for (size_t cut = 0; cut < sizeof response; cut++) {
		char *copy = malloc(cut + 1);
		memcpy(copy, response, cut);
		(void)reverse_message(&router, &inside, (struct text){ copy, cut }, out);
		for (int byte = 0; cut > 0 && byte < 256; byte += 17) {
			copy[cut - 1] = (char)byte;
			(void)reverse_message(&router, &inside, (struct text){ copy, cut }, out);
		}
		free(copy);
	}
	free(out);
	router_destroy(&router);
}

/* A clock that jumps by thirty years, or back, stops nobody. */
static void test_clock(void **state)
{
	(void)state;
	struct router router = open_router();
	sipalg_endpoint phone = endpoint("192.168.1.2", 5060), server = endpoint("203.0.113.2", 5060);
	static const char request[] = "REGISTER sip:example.com SIP/2.0\r\n"
	                              "Via: SIP/2.0/UDP 192.168.1.2:5060;branch=z9hG4bK-1\r\n"
	                              "From: <sip:a@example.com>;tag=1\r\nTo: <sip:a@example.com>\r\nCall-ID: 1\r\n"
	                              "CSeq: 1 REGISTER\r\nContact: <sip:a@192.168.1.2>;expires=3600\r\n\r\n";
	sipalg_verdict verdict;
	uint64_t start_ns = UINT64_C(1700000000) * SIPALG_SECOND_NS;
	router_time_pass(&router, start_ns);
	router_handle(&router, SIPALG_OUTBOUND, &phone, &server, TEXT(request), 0, &verdict);
	assert_int_equal(verdict.reason, SIPALG_REASON_EDITED);
	router_time_pass(&router, 0);
	assert_int_equal(router.now_ns, start_ns);
	router_time_pass(&router, start_ns + UINT64_C(30) * 365 * 86400 * SIPALG_SECOND_NS);
	router_handle(&router, SIPALG_OUTBOUND, &phone, &server, TEXT(request), 0, &verdict);
	assert_int_equal(verdict.reason, SIPALG_REASON_EDITED);
	router_time_pass(&router, UINT64_MAX - 1);
	router_destroy(&router);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ports),   cmocka_unit_test(test_crowd), cmocka_unit_test(test_bindings),
		cmocka_unit_test(test_reverse), cmocka_unit_test(test_clock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
