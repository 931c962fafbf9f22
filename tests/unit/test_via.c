/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"
#include "walk.h"

#include "sip/via.h"

static const struct {
	const char *value, *transport, *host;
	bool is_address;
	const char *port, *parameters, *branch, *maddr;
} vias[] = {
	{ "SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKa;rport", "UDP", "192.0.2.2", true, "5060",
	  ";branch=z9hG4bKa;rport", "z9hG4bKa", "" },
	{ "SIP/2.0/TCP host.example.com", "TCP", "host.example.com", false, "", "", "", "" },
	{ "SIP / 2.0 / UDP  192.0.2.2 : 5060 ;branch=x", "UDP", "192.0.2.2", true, "5060", ";branch=x", "x", "" },
	{ "SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;rport;branch=390skdjuw", "UDP", "192.0.2.2", true, "",
	  ";rport;branch=390skdjuw", "390skdjuw", "" },
	{ "SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ", "TCP", "spindle.example.com",
	  false, "", ";\r\n  branch  =   z9hG4bK9ikj8", "z9hG4bK9ikj8", "" },
	{ "sip/2.0/udp 192.0.2.2;BRANCH=Q", "udp", "192.0.2.2", true, "", ";BRANCH=Q", "Q", "" },
	{ "SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111", "UDP", "2001:db8::9:1", true,
	  "", ";received=[2001:db8::9:255];branch=z9hG4bKas3-111", "z9hG4bKas3-111", "" }, /* RFC 5118 4.1 */
	{ "SIP/2.0/UDP [2001:db8::9:1]:5090;received=2001:db8::9:255;branch=z", "UDP", "2001:db8::9:1", true, "5090",
	  ";received=2001:db8::9:255;branch=z", "z", "" }, /* RFC 5118 4.5 */
	{ "SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z", "UDP", "::ffff:192.0.2.10", false, "19823", ";branch=z",
	  "z", "" },
	{ "SIP/2.0/UDP 224.2.0.1;maddr=192.0.2.9;ttl=16", "UDP", "224.2.0.1", true, "", ";maddr=192.0.2.9;ttl=16", "",
	  "192.0.2.9" },
	{ "SIP/2.0/UDP h;x=\"a,b;branch=c\";branch=d", "UDP", "h", false, "", ";x=\"a,b;branch=c\";branch=d", "d", "" },
	{ "SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~", "TCP", "host1.example.com", false, "",
	  ";branch=z9hG4bK-.!%66*_+`'~", "z9hG4bK-.!%66*_+`'~", "" },
	{ "SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK56", "WSS", "df7jal23ls0d.invalid", false, "",
	  ";branch=z9hG4bK56", "z9hG4bK56", "" },
};

static void vias_are_taken_apart(void **state)
{
	(void)state;
	for (size_t index = 0; index < sizeof(vias) / sizeof(vias[0]); index++) {
		struct text rest = text_of(vias[index].value);
		struct sip_via via;
		if (!sip_via_next(&rest, &via))
			fail_msg("%s: cannot be read", vias[index].value);
		assert_text(rest, "");
		assert_text(via.transport, vias[index].transport);
		assert_text(via.host.name, vias[index].host);
		assert_int_equal(via.host.is_address, vias[index].is_address);
		assert_text(via.port_text, vias[index].port);
		assert_int_equal(via.port, strtoul(vias[index].port, NULL, 10));
		assert_text(via.parameters, vias[index].parameters);
		assert_text(via.branch, vias[index].branch);
		assert_text(via.maddr.name, vias[index].maddr);
		assert_false(sip_via_next(&rest, &via));
	}
}

static void one_value_may_hold_several(void **state)
{
	struct text rest = TEXT("SIP/2.0/UDP a;branch=\"1,2\" ,\r\n SIP/2.0/TCP 192.0.2.1:7 , SIP/2.0/UDP c;branch=3");
	struct sip_via via;
	(void)state;
	assert_true(sip_via_next(&rest, &via));
	assert_text(via.branch, "1,2");
	assert_true(sip_via_next(&rest, &via));
	assert_int_equal(sipalg_address_to_ipv4(&via.host.address), 0xc0000201);
	assert_text(via.branch, "");
	assert_true(sip_via_next(&rest, &via));
	assert_text(via.branch, "3");
	assert_false(sip_via_next(&rest, &via));
	assert_int_equal(rest.length, 0);
}

static void what_is_no_via_is_reported(void **state)
{
	static const char *const cases[] = {
		"SIP/2.0/UDP",
		"SIP/2.0/UDP ",
		"SIP/2.0/ 192.0.2.1",
		"SIP/2.0 192.0.2.1",
		"SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw", /* RFC 4475 3.1.2.16 */
		"HTTP/2.0/UDP 192.0.2.1",
		"SIP/2.0/UDP[2001:db8::1]",
		"SIP/2.0/UDP 192.0.2.1:",
		"SIP/2.0/UDP 192.0.2.1:0",
		"SIP/2.0/UDP 192.0.2.1:65536",
		"SIP/2.0/UDP 192.0.2.1:5060x",
		"SIP/2.0/UDP 192.0.2.1 x",
		"SIP/2.0/UDP 192.0.2.1,",
		"SIP/2.0/UDP 192.0.2.1;branch=",
		"SIP/2.0/UDP 192.0.2.1;branch=\"x",
		"SIP/2.0/UDP 192.0.2.1;maddr=<x>",
		"SIP/2.0/UDP 2001:db8::1",
		"SIP/2.0/UDP [2001:db8::1",
		",SIP/2.0/UDP 192.0.2.1",
		";",
	};
	struct sip_via via;
	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		struct text rest = text_of(cases[index]);
		if (sip_via_next(&rest, &via))
			fail_msg("%s: was read", cases[index]);
		assert_int_not_equal(rest.length, 0);
	}
}

static void empty_parameters_say_nothing_but_empty_entries_are_reported(void **state)
{
	struct text rest = TEXT("SIP/2.0/UDP 192.0.2.15;;,;,,"); /* RFC 4475 3.1.2.1 */
	struct sip_via via;
	(void)state;
	assert_true(sip_via_next(&rest, &via));
	assert_text(via.host.name, "192.0.2.15");
	assert_false(sip_via_next(&rest, &via));
	assert_text(rest, ";,,");
}

static void any_input_is_survived(void **state)
{
	(void)state;
	for (size_t index = 0; index < sizeof(vias) / sizeof(vias[0]); index++)
		try_everything(text_of(vias[index].value), walk_vias);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vias_are_taken_apart),
		cmocka_unit_test(one_value_may_hold_several),
		cmocka_unit_test(what_is_no_via_is_reported),
		cmocka_unit_test(empty_parameters_say_nothing_but_empty_entries_are_reported),
		cmocka_unit_test(any_input_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
