/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"
#include "walk.h"

#include "sip/message.h"

#define HEAD "Via: SIP/2.0/UDP h;branch=1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x@y\r\n"
#define OPTIONS "OPTIONS sip:c@d SIP/2.0\r\n" HEAD "CSeq: 7 OPTIONS\r\n"

/* As tricky as one message gets: what the gateway must still read. */
static const char tricky[] = "\r\n\n\r\nINVITE sip:bob@203.0.113.2;x=y SIP/2.0\r\n"
                             "VIA\t : SIP / 2.0 / UDP\r\n 192.168.1.2 : 5060;branch=1,\n\tSIP/2.0/TCP h\n"
                             "v:SIP/2.0/UDP [2001:db8::1]\r\n"
                             "f: \"A <, \\\" B\" <sip:a@x>;tag=1\r\n"
                             "TO:\r\n sip:b@y\r\n\t;tag=2\n"
                             "i : abc@def\r\n"
                             "Foobar roobar\r\n"
                             "Subject:\r\n  To: not a header\r\n"
                             "cSeQ:\r\n 0009\r\n\tINVITE \r\n"
                             "m: <sip:a@192.168.1.2>\r\n"
                             "contact: *\r\n"
                             "c:application/sdp\r\n"
                             "L :\r\n 4 \r\n"
                             "\r\nv=0\nexcess";

static void a_tricky_message_is_read(void **state)
{
	struct sip_message message;
	(void)state;
	assert_int_equal(sip_message_parse(TEXT(tricky), &message), SIP_WHOLE);
	assert_true(message.is_request);
	assert_int_equal(message.method, SIP_METHOD_INVITE);
	assert_text(message.method_name, "INVITE");
	assert_text(message.request_uri, "sip:bob@203.0.113.2;x=y");
	assert_int_equal(message.cseq, 9);
	assert_int_equal(message.header_count, 10);
	assert_text(sip_message_header(&message, SIP_HEADER_VIA),
	            "SIP / 2.0 / UDP\r\n 192.168.1.2 : 5060;branch=1,\n\tSIP/2.0/TCP h");
	assert_text(sip_message_header(&message, SIP_HEADER_FROM), "\"A <, \\\" B\" <sip:a@x>;tag=1");
	assert_text(sip_message_header(&message, SIP_HEADER_TO), "sip:b@y\r\n\t;tag=2");
	assert_text(sip_message_header(&message, SIP_HEADER_CALL_ID), "abc@def");
	assert_text(sip_message_header(&message, SIP_HEADER_CONTACT), "<sip:a@192.168.1.2>");
	assert_text(message.content_length, "4");
	assert_text(message.body, "v=0\n");
	assert_int_equal(message.whole.length, sizeof(tricky) - 1);
	assert_null(sip_message_header(&message, SIP_HEADER_ROUTE).start);
	assert_int_equal(message.headers[1].kind, SIP_HEADER_VIA);
	assert_text(message.headers[1].value, "SIP/2.0/UDP [2001:db8::1]");
	assert_text(message.headers[7].value, "*");
}

static void all_names_are_known_long_and_compact_in_any_case(void **state)
{
	static const struct {
		const char *name;
		enum sip_header_kind kind;
	} names[] = {
		{ "Via", SIP_HEADER_VIA },
		{ "v", SIP_HEADER_VIA },
		{ "Contact", SIP_HEADER_CONTACT },
		{ "m", SIP_HEADER_CONTACT },
		{ "Record-Route", SIP_HEADER_RECORD_ROUTE },
		{ "Route", SIP_HEADER_ROUTE },
		{ "Path", SIP_HEADER_PATH },
		{ "Service-Route", SIP_HEADER_SERVICE_ROUTE },
		{ "Expires", SIP_HEADER_EXPIRES },
		{ "Session-Expires", SIP_HEADER_SESSION_EXPIRES },
		{ "x", SIP_HEADER_SESSION_EXPIRES },
		{ "Subscription-State", SIP_HEADER_SUBSCRIPTION_STATE },
		{ "Authorization", SIP_HEADER_AUTHORIZATION },
		{ "Proxy-Authorization", SIP_HEADER_PROXY_AUTHORIZATION },
		{ "Identity-Info", SIP_HEADER_IDENTITY_INFO },
		{ "n", SIP_HEADER_IDENTITY_INFO },
		{ "Content-Encoding", SIP_HEADER_CONTENT_ENCODING },
		{ "e", SIP_HEADER_CONTENT_ENCODING },
		{ "Content-Type", SIP_HEADER_CONTENT_TYPE },
		{ "c", SIP_HEADER_CONTENT_TYPE },
		{ "Viaa", SIP_HEADER_OTHER },
		{ "Vi", SIP_HEADER_OTHER },
		{ "Contact-Foo", SIP_HEADER_OTHER },
		{ "C%6Fntact", SIP_HEADER_OTHER }, /* RFC 4475 3.1.1.5: no escapes in names */
		{ "Record\rRoute", SIP_HEADER_OTHER },
		{ "X-Route", SIP_HEADER_OTHER },
		{ "Max-Forwards", SIP_HEADER_OTHER },
		{ "s", SIP_HEADER_OTHER },
		{ "o", SIP_HEADER_OTHER },
		{ "[ia", SIP_HEADER_OTHER },
	};
	(void)state;
	for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
		for (int form = 0; form < 3; form++) {
			char bytes[512], name[64];
			struct sip_message message;
			snprintf(name, sizeof(name), "%s", names[index].name);
			for (char *at = name; *at && form > 0; at++)
				if (*at >= 'A' && *at <= 'z' && *at != '[')
					*at = (char)(form == 1 ? *at & ~0x20 : *at | 0x20);
			int length = snprintf(bytes, sizeof(bytes), "%s%s%s: 1\r\n\r\n", OPTIONS, name,
			                      form == 2 ? " \t" : "");
			assert_int_equal(sip_message_parse((struct text){ bytes, (size_t)length }, &message),
			                 SIP_WHOLE);
			bool is_other = names[index].kind == SIP_HEADER_OTHER;
			if (message.header_count != (is_other ? 5 : 6))
				fail_msg("%s: %zu headers", name, message.header_count);
			if (!is_other)
				assert_int_equal(message.headers[5].kind, names[index].kind);
		}
	}
}

static void methods_are_known_in_capitals_only(void **state)
{
	static const struct {
		const char *name;
		enum sip_method method;
	} methods[] = {
		{ "INVITE", SIP_METHOD_INVITE },
		{ "ACK", SIP_METHOD_ACK },
		{ "BYE", SIP_METHOD_BYE },
		{ "CANCEL", SIP_METHOD_CANCEL },
		{ "REGISTER", SIP_METHOD_REGISTER },
		{ "OPTIONS", SIP_METHOD_OPTIONS },
		{ "PRACK", SIP_METHOD_PRACK },
		{ "UPDATE", SIP_METHOD_UPDATE },
		{ "SUBSCRIBE", SIP_METHOD_SUBSCRIBE },
		{ "NOTIFY", SIP_METHOD_NOTIFY },
		{ "REFER", SIP_METHOD_REFER },
		{ "MESSAGE", SIP_METHOD_MESSAGE },
		{ "INFO", SIP_METHOD_INFO },
		{ "PUBLISH", SIP_METHOD_PUBLISH },
		{ "invite", SIP_METHOD_OTHER },
		{ "INVITES", SIP_METHOD_OTHER },
		{ "RE%47IST%45R", SIP_METHOD_OTHER },
		{ "!interesting-Method0123456789_*+`.%indeed'~", SIP_METHOD_OTHER },
	};
	(void)state;
	for (size_t index = 0; index < sizeof(methods) / sizeof(methods[0]); index++) {
		char request[512], response[512];
		struct sip_message message;
		const char *name = methods[index].name;
		snprintf(request, sizeof(request), "%s sip:c@d SIP/2.0\r\n%sCSeq: 1 %s\r\n\r\n", name, HEAD, name);
		snprintf(response, sizeof(response), "SIP/2.0 200 OK\r\n%sCSeq: 1 %s\r\n\r\n", HEAD, name);
		assert_int_equal(sip_message_parse(text_of(request), &message), SIP_WHOLE);
		assert_true(message.is_request);
		assert_int_equal(message.method, methods[index].method);
		assert_text(message.method_name, name);
		assert_int_equal(sip_message_parse(text_of(response), &message), SIP_WHOLE);
		assert_false(message.is_request);
		assert_int_equal(message.method, methods[index].method);
		assert_text(message.method_name, name);
	}
}

static void start_lines_are_judged(void **state)
{
	static const struct {
		const char *line;
		enum sip_result result;
		uint16_t status;
	} lines[] = {
		{ "OPTIONS sip:c@d SIP/2.0", SIP_WHOLE, 0 },
		{ "OPTIONS  sip:c@d  SIP/2.0 ", SIP_WHOLE, 0 },
		{ "OPTIONS sip:c@d; lr SIP/2.0", SIP_WHOLE, 0 },
		{ "OPTIONS <sip:c@d> sip/2.0", SIP_WHOLE, 0 },
		{ "SIP/2.0 200 OK", SIP_WHOLE, 200 },
		{ "sip/2.0 180 Ringing", SIP_WHOLE, 180 },
		{ "SIP/2.0 100 ", SIP_WHOLE, 100 },
		{ "SIP/2.0 100", SIP_WHOLE, 100 },
		{ "SIP/2.0 699 \xc3\xbc", SIP_WHOLE, 699 },
		{ "SIP/2.0 700 No", SIP_MALFORMED, 0 },
		{ "SIP/2.0 099 No", SIP_MALFORMED, 0 },
		{ "SIP/2.0 20 OK", SIP_MALFORMED, 0 },
		{ "SIP/2.0 2000 OK", SIP_MALFORMED, 0 },
		{ "SIP/2.0 4294967301 better not break the receiver", SIP_MALFORMED, 0 },
		{ "SIP/2.0 ", SIP_MALFORMED, 0 },
		{ "OPTIONS sip:c@d SIP/7.0", SIP_MALFORMED, 0 },
		{ "OPTIONS SIP/2.0", SIP_MALFORMED, 0 },
		{ "OPTIONS  SIP/2.0", SIP_MALFORMED, 0 },
		{ "OPTIONS sip:c@dSIP/2.0", SIP_MALFORMED, 0 },
		{ "OPTIONS sip:c@d", SIP_NOT_SIP, 0 },
		{ "OPTIONS\tsip:c@d SIP/2.0", SIP_NOT_SIP, 0 },
		{ " OPTIONS sip:c@d SIP/2.0", SIP_NOT_SIP, 0 },
		{ "OPT@ONS sip:c@d SIP/2.0", SIP_NOT_SIP, 0 },
		{ "GET / HTTP/1.1", SIP_NOT_SIP, 0 },
		{ "HTTP/1.1 200 OK", SIP_NOT_SIP, 0 },
		{ "SIP/2.0", SIP_NOT_SIP, 0 },
	};
	(void)state;
	for (size_t index = 0; index < sizeof(lines) / sizeof(lines[0]); index++) {
		char bytes[512];
		struct sip_message message;
		snprintf(bytes, sizeof(bytes), "%s\r\n%sCSeq: 1 OPTIONS\r\n\r\n", lines[index].line, HEAD);
		if (sip_message_parse(text_of(bytes), &message) != lines[index].result)
			fail_msg("\"%s\" is not %d", lines[index].line, lines[index].result);
		if (lines[index].result == SIP_WHOLE)
			assert_int_equal(message.status, lines[index].status);
	}
}

static void what_is_no_sip_is_told_from_what_is_broken(void **state)
{
	static const struct {
		const char *bytes;
		enum sip_result result;
	} cases[] = {
		{ "", SIP_NOT_SIP },
		{ "\r\n\r\n", SIP_NOT_SIP }, /* a keep-alive: RFC 5626 3.5.1 */
		{ "OPTIONS sip:c@d SIP/2.0", SIP_NOT_SIP },
		{ "OPTIONS sip:c@d SIP/2.0\r\n", SIP_MALFORMED },
		{ "OPTIONS sip:c@d SIP/2.0\r\n\r\n", SIP_MALFORMED },
		{ OPTIONS, SIP_MALFORMED }, /* the empty line is missing */
		{ OPTIONS "\r\n", SIP_WHOLE },
		{ OPTIONS "\n", SIP_WHOLE },
		{ OPTIONS "\r", SIP_MALFORMED },
		{ "OPTIONS sip:c@d SIP/2.0\r\n Via: x\r\n" HEAD "CSeq: 7 OPTIONS\r\n\r\n", SIP_MALFORMED },
		/* what must be there */
		{ "OPTIONS sip:c@d SIP/2.0\r\nFrom: a\r\nTo: b\r\nCall-ID: x\r\nCSeq: 7 OPTIONS\r\n\r\n",
		  SIP_MALFORMED },
		{ "OPTIONS sip:c@d SIP/2.0\r\nVia: a\r\nTo: b\r\nCall-ID: x\r\nCSeq: 7 OPTIONS\r\n\r\n",
		  SIP_MALFORMED },
		{ "OPTIONS sip:c@d SIP/2.0\r\nVia: a\r\nFrom: b\r\nCall-ID: x\r\nCSeq: 7 OPTIONS\r\n\r\n",
		  SIP_MALFORMED },
		{ "OPTIONS sip:c@d SIP/2.0\r\nVia: a\r\nFrom: b\r\nTo: x\r\nCSeq: 7 OPTIONS\r\n\r\n", SIP_MALFORMED },
		{ "OPTIONS sip:c@d SIP/2.0\r\n" HEAD "\r\n", SIP_MALFORMED },
		{ "OPTIONS sip:c@d SIP/2.0\r\nVia: a\r\nFrom: b\r\nTo: c\r\nCall-ID:\r\nCSeq: 7 OPTIONS\r\n\r\n",
		  SIP_MALFORMED },
		/* what may be there once */
		{ OPTIONS "From: x\r\n\r\n", SIP_MALFORMED },
		{ OPTIONS "To: x\r\n\r\n", SIP_MALFORMED },
		{ OPTIONS "i: x\r\n\r\n", SIP_MALFORMED },
		{ OPTIONS "CSeq: 7 OPTIONS\r\n\r\n", SIP_MALFORMED },
		{ OPTIONS "c: a/b\r\nContent-Type: a/b\r\n\r\n", SIP_MALFORMED },
		{ OPTIONS "l: 0\r\nContent-Length: 0\r\n\r\n", SIP_MALFORMED },
		{ OPTIONS "Via: x\r\nContact: x\r\nContact: y\r\n\r\n", SIP_WHOLE },
	};
	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		struct sip_message message;
		if (sip_message_parse(text_of(cases[index].bytes), &message) != cases[index].result)
			fail_msg("%s is not %d", cases[index].bytes, cases[index].result);
	}
}

static void cseq_is_a_number_and_the_method(void **state)
{
	static const struct {
		const char *value;
		enum sip_result result;
		uint64_t cseq;
	} cases[] = {
		{ "1 OPTIONS", SIP_WHOLE, 1 },
		{ "0009\t\r\n OPTIONS", SIP_WHOLE, 9 },
		{ "4294967295 OPTIONS", SIP_WHOLE, UINT32_MAX },
		{ "4294967296 OPTIONS", SIP_MALFORMED, 0 },
		{ "36893488147419103232 OPTIONS", SIP_MALFORMED, 0 },
		{ "1OPTIONS", SIP_MALFORMED, 0 },
		{ "1", SIP_MALFORMED, 0 },
		{ "OPTIONS", SIP_MALFORMED, 0 },
		{ "-1 OPTIONS", SIP_MALFORMED, 0 },
		{ "1 INVITE", SIP_MALFORMED, 0 },
		{ "1 options", SIP_MALFORMED, 0 },
		{ "1 OPTIONS x", SIP_MALFORMED, 0 },
		{ "", SIP_MALFORMED, 0 },
	};
	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		char bytes[512];
		struct sip_message message;
		snprintf(bytes, sizeof(bytes), "OPTIONS sip:c@d SIP/2.0\r\n%sCSeq: %s\r\n\r\n", HEAD,
		         cases[index].value);
		if (sip_message_parse(text_of(bytes), &message) != cases[index].result)
			fail_msg("CSeq: %s is not %d", cases[index].value, cases[index].result);
		if (cases[index].result == SIP_WHOLE)
			assert_int_equal(message.cseq, cases[index].cseq);
	}
}

static void content_length_frames_the_body(void **state)
{
	static const struct {
		const char *header;
		enum sip_result result;
		const char *body;
	} cases[] = {
		{ "", SIP_WHOLE, "0123456789" }, /* RFC 3261 18.3 */
		{ "Content-Length: 10\r\n", SIP_WHOLE, "0123456789" },
		{ "Content-Length: 0010\r\n", SIP_WHOLE, "0123456789" },
		{ "Content-Length: 4\r\n", SIP_WHOLE, "0123" },
		{ "l:\r\n\t4\r\n \r\n", SIP_WHOLE, "0123" },
		{ "L : 0\n", SIP_WHOLE, "" },
		{ "Content-Length: 11\r\n", SIP_MALFORMED, NULL },
		{ "Content-Length: 9999\r\n", SIP_MALFORMED, NULL },
		{ "Content-Length: 18446744073709551626\r\n", SIP_MALFORMED, NULL }, /* 2^64 + 10 */
		{ "Content-Length: -999\r\n", SIP_MALFORMED, NULL },
		{ "Content-Length: 4 4\r\n", SIP_MALFORMED, NULL },
		{ "Content-Length: 4x\r\n", SIP_MALFORMED, NULL },
		{ "Content-Length:\r\n", SIP_MALFORMED, NULL },
		{ "Content-Length: 13\r\nContent-Length: 5\r\n", SIP_MALFORMED, NULL },
	};
	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		char bytes[512];
		struct sip_message message;
		snprintf(bytes, sizeof(bytes), "%s%s\r\n0123456789", OPTIONS, cases[index].header);
		if (sip_message_parse(text_of(bytes), &message) != cases[index].result)
			fail_msg("%s is not %d", cases[index].header, cases[index].result);
		if (cases[index].result == SIP_WHOLE)
			assert_text(message.body, cases[index].body);
	}
}

static void headers_are_counted(void **state)
{
	(void)state;
	for (size_t extra = SIPALG_HEADERS_MAX - 5; extra <= SIPALG_HEADERS_MAX - 4; extra++) {
		static char bytes[8192];
		struct sip_message message;
		size_t length = (size_t)snprintf(bytes, sizeof(bytes), "%s", OPTIONS);
		for (size_t index = 0; index < extra; index++)
			length += (size_t)snprintf(bytes + length, sizeof(bytes) - length, "Via: x\r\nOther: y\r\n");
		length += (size_t)snprintf(bytes + length, sizeof(bytes) - length, "\r\n");
		assert_int_equal(sip_message_parse((struct text){ bytes, length }, &message),
		                 extra + 5 > SIPALG_HEADERS_MAX ? SIP_TOO_LARGE : SIP_WHOLE);
	}
}

static void any_input_is_survived(void **state)
{
	(void)state;
	try_everything(TEXT(tricky), walk_message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tricky_message_is_read),
		cmocka_unit_test(all_names_are_known_long_and_compact_in_any_case),
		cmocka_unit_test(methods_are_known_in_capitals_only),
		cmocka_unit_test(start_lines_are_judged),
		cmocka_unit_test(what_is_no_sip_is_told_from_what_is_broken),
		cmocka_unit_test(cseq_is_a_number_and_the_method),
		cmocka_unit_test(content_length_frames_the_body),
		cmocka_unit_test(headers_are_counted),
		cmocka_unit_test(any_input_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
