/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"
#include "walk.h"

#include "sip/uri.h"

/* `host` NULL: no sip or sips URI. A host in the table with an address is a literal one. */
static const struct {
	const char *text;
	enum sip_scheme scheme;
	const char *user, *host;
	bool is_address;
	uint16_t port;
	const char *parameters, *headers, *maddr, *transport;
} uris[] = {
	{ "sip:10.0.0.5", SIP_SCHEME_SIP, "", "10.0.0.5", true, 0, "", "", "", "" },
	{ "SIP:alice@10.0.0.5:5062", SIP_SCHEME_SIP, "alice", "10.0.0.5", true, 5062, "", "", "", "" },
	{ "sips:alice@example.com", SIP_SCHEME_SIPS, "alice", "example.com", false, 0, "", "", "", "" },
	{ "sip:alice:secret@example.com:65535", SIP_SCHEME_SIP, "alice:secret", "example.com", false, 65535, "", "", "",
	  "" },
	{ "sip:user@[2001:db8::1]:5060", SIP_SCHEME_SIP, "user", "2001:db8::1", true, 5060, "", "", "", "" },
	{ "sip:[2001:db8::10:5070]", SIP_SCHEME_SIP, "", "2001:db8::10:5070", true, 0, "", "", "",
	  "" }, /* RFC 5118 4.3 */
	{ "sip:[2001:db8::10]:5070", SIP_SCHEME_SIP, "", "2001:db8::10", true, 5070, "", "", "",
	  "" }, /* RFC 5118 4.4 */
	{ "sip:u@[2001:db8:::192.0.2.1]", SIP_SCHEME_SIP, "u", "2001:db8:::192.0.2.1", false, 0, "", "", "",
	  "" },                                                                                              /* 4.10 */
	{ "sip:u@[::ffff:192.0.2.10]", SIP_SCHEME_SIP, "u", "::ffff:192.0.2.10", false, 0, "", "", "", "" }, /* 4.9 */
	{ "sip:[192.0.2.1]", SIP_SCHEME_SIP, "", "192.0.2.1", false, 0, "", "", "", "" }, /* brackets are for IPv6 */
	{ "sip:h;transport=tcp;lr", SIP_SCHEME_SIP, "", "h", false, 0, ";transport=tcp;lr", "", "", "tcp" },
	{ "sip:h;TRANSPORT=UDP;MAddr=239.0.0.1;ttl=1", SIP_SCHEME_SIP, "", "h", false, 0,
	  ";TRANSPORT=UDP;MAddr=239.0.0.1;ttl=1", "", "239.0.0.1", "UDP" },
	{ "sip:h;maddr=[2001:db8::2]", SIP_SCHEME_SIP, "", "h", false, 0, ";maddr=[2001:db8::2]", "", "2001:db8::2",
	  "" },
	{ "sip:h:9?to=a&subject=b", SIP_SCHEME_SIP, "", "h", false, 9, "", "to=a&subject=b", "", "" },
	{ "sip:h;p=1?a=b?c", SIP_SCHEME_SIP, "", "h", false, 0, ";p=1", "a=b?c", "", "" },
	{ "sip:h;p=a/b:c[1]&+$x;line=zz==", SIP_SCHEME_SIP, "", "h", false, 0, ";p=a/b:c[1]&+$x;line=zz==", "", "",
	  "" },
	/* userinfo holds whatever stands before '@' (RFC 4475 3.1.1.2, 3.1.1.3, 3.1.1.9) */
	{ "sip:user;par=u%40example.net@example.com", SIP_SCHEME_SIP, "user;par=u%40example.net", "example.com", false,
	  0, "", "", "", "" },
	{ "sip:10.0.0.9;x?y=1@10.0.0.5", SIP_SCHEME_SIP, "10.0.0.9;x?y=1", "10.0.0.5", true, 0, "", "", "", "" },
	{ "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
	  SIP_SCHEME_SIP, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",
	  "example.com", false, 0, "", "", "", "" },
	{ "sip:sips%3Auser%40example.com@example.net", SIP_SCHEME_SIP, "sips%3Auser%40example.com", "example.net",
	  false, 0, "", "", "", "" },
	/* a name that begins like an address is a name */
	{ "sip:10.0.0.5.example.com", SIP_SCHEME_SIP, "", "10.0.0.5.example.com", false, 0, "", "", "", "" },
	{ "sip:10.0.0.256", SIP_SCHEME_SIP, "", "10.0.0.256", false, 0, "", "", "", "" },
	{ "sip:10.0.0.05", SIP_SCHEME_SIP, "", "10.0.0.05", false, 0, "", "", "", "" },
	{ "sip:host_name.invalid", SIP_SCHEME_SIP, "", "host_name.invalid", false, 0, "", "", "", "" },
	{ "tel:+4930123456;phone-context=+49", SIP_SCHEME_OTHER, "", NULL, false, 0, "", "", "", "" },
	{ "soap.beep://192.0.2.103:3002", SIP_SCHEME_OTHER, "", NULL, false, 0, "", "", "", "" },
	{ "sipx:alice@10.0.0.5", SIP_SCHEME_OTHER, "", NULL, false, 0, "", "", "", "" },
};

static void uris_are_taken_apart(void **state)
{
	(void)state;
	for (size_t index = 0; index < sizeof(uris) / sizeof(uris[0]); index++) {
		struct sip_uri uri;
		if (!sip_uri_parse(text_of(uris[index].text), &uri))
			fail_msg("%s: cannot be read", uris[index].text);
		assert_int_equal(uri.scheme, uris[index].scheme);
		assert_text(uri.user, uris[index].user);
		assert_text(uri.host.name, uris[index].host ? uris[index].host : "");
		assert_int_equal(uri.host.is_address, uris[index].is_address);
		assert_int_equal(uri.port, uris[index].port);
		assert_text(uri.parameters, uris[index].parameters);
		assert_text(uri.headers, uris[index].headers);
		assert_text(uri.maddr.name, uris[index].maddr);
		assert_text(uri.transport, uris[index].transport);
	}
}

static void addresses_and_ports_are_held_as_numbers(void **state)
{
	struct sip_uri uri;
	(void)state;
	assert_true(sip_uri_parse(TEXT("sip:a@192.0.2.7:05060"), &uri));
	assert_int_equal(sipalg_address_to_ipv4(&uri.host.address), 0xc0000207);
	assert_text(uri.port_text, "05060");
	assert_int_equal(uri.port, 5060);
	assert_true(sip_uri_parse(TEXT("sip:h;maddr=192.0.2.8"), &uri));
	assert_true(uri.maddr.is_address);
	assert_int_equal(sipalg_address_to_ipv4(&uri.maddr.address), 0xc0000208);
}

static void what_is_no_uri_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"sip",
		"sip:",
		":",
		"sip:@",
		"sip:alice@",
		"sip:alice@:5060",
		"sip:host:",
		"sip:host:0",
		"sip:host:65536",
		"sip:host:99999999999999999999",
		"sip:host:50x",
		"sip:host :5060",
		"sip: host",
		"<sip:user@example.com>",   /* RFC 4475 3.1.2.7 */
		"sip:user@example.com; lr", /* RFC 4475 3.1.2.8 */
		"sip:2001:db8::10",         /* RFC 5118 4.2: an IPv6 address without brackets */
		"sip:[2001:db8::10",
		"sip:[]",
		"sip:[example.com]",
		"sip:[2001:db8::10]x",
		"sip:a@b@c",
		"sip:a@b;maddr=",
		"sip:a@b;maddr=x y",
		"sip:a@b;x=\"quoted\"",
		"sip:a@b;x=<y>",
		"sip:a@b?x=<y>",
		"sip:a@b;x=y z",
		"sip:ho%41st",
		"s@p:alice",
		"tel:",
	};
	struct sip_uri uri;
	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++)
		if (sip_uri_parse(text_of(cases[index]), &uri))
			fail_msg("%s: was read", cases[index]);
}

static void any_input_is_survived(void **state)
{
	(void)state;
	for (size_t index = 0; index < sizeof(uris) / sizeof(uris[0]); index++)
		try_everything(text_of(uris[index].text), walk_uri);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uris_are_taken_apart),
		cmocka_unit_test(addresses_and_ports_are_held_as_numbers),
		cmocka_unit_test(what_is_no_uri_is_refused),
		cmocka_unit_test(any_input_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
