/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages of RFC 4475, each with what its section says of it. MALFORMED here means that the gateway lets it pass
 * as it is: judging it is the receiver's business. */
#include "support.h"
#include "walk.h"

#include "sdp/sdp.h"
#include "sip/body.h"
#include "sip/message.h"
#include "sip/via.h"

static const struct {
	const char *name;
	enum sip_result result;
	size_t vias, contacts; /* entries that can be read */
	bool uri_is_readable;
	size_t media; /* of the SDP */
} messages[] = {
	/* 3.1.1 valid */
	{ "wsinv", SIP_WHOLE, 3, 1, true, 2 },
	{ "intmeth", SIP_WHOLE, 1, 0, true, 0 },
	{ "esc01", SIP_WHOLE, 1, 1, true, 2 },
	{ "escnull", SIP_WHOLE, 1, 2, true, 0 },
	{ "esc02", SIP_WHOLE, 1, 2, true, 0 },
	{ "lwsdisp", SIP_WHOLE, 1, 0, true, 0 },
	{ "longreq", SIP_WHOLE, 34, 1, true, 2 },
	{ "dblreq", SIP_WHOLE, 1, 1, true, 0 },
	{ "semiuri", SIP_WHOLE, 1, 0, true, 0 },
	{ "transports", SIP_WHOLE, 5, 0, true, 0 },
	{ "mpart01", SIP_WHOLE, 1, 1, true, 0 },
	{ "unreason", SIP_WHOLE, 1, 1, false, 2 },
	{ "noreason", SIP_WHOLE, 1, 1, false, 0 },
	/* 3.1.2 invalid */
	{ "badinv01", SIP_WHOLE, 1, 1, true, 2 },
	{ "clerr", SIP_MALFORMED, 0, 0, false, 0 },
	{ "ncl", SIP_MALFORMED, 0, 0, false, 0 },
	{ "scalar02", SIP_MALFORMED, 0, 0, false, 0 },
	{ "scalarlg", SIP_MALFORMED, 0, 0, false, 0 },
	{ "quotbal", SIP_WHOLE, 1, 1, true, 2 },
	{ "ltgtruri", SIP_WHOLE, 1, 1, false, 2 },
	{ "lwsruri", SIP_WHOLE, 1, 1, false, 2 },
	{ "lwsstart", SIP_WHOLE, 1, 1, true, 2 },
	{ "trws", SIP_WHOLE, 1, 0, true, 0 },
	{ "escruri", SIP_WHOLE, 1, 1, true, 2 },
	{ "baddate", SIP_WHOLE, 1, 1, true, 2 },
	{ "regbadct", SIP_WHOLE, 1, 0, true, 0 },
	{ "badaspec", SIP_WHOLE, 1, 0, true, 0 },
	{ "baddn", SIP_WHOLE, 1, 0, true, 0 },
	{ "badvers", SIP_MALFORMED, 0, 0, false, 0 },
	{ "mismatch01", SIP_MALFORMED, 0, 0, false, 0 },
	{ "mismatch02", SIP_MALFORMED, 0, 0, false, 0 },
	{ "bigcode", SIP_MALFORMED, 0, 0, false, 0 },
	/* 3.2 transactions, 3.3 applications, 3.4 backward compatibility */
	{ "badbranch", SIP_WHOLE, 1, 0, true, 0 },
	{ "insuf", SIP_MALFORMED, 0, 0, false, 0 },
	{ "unkscm", SIP_WHOLE, 1, 0, true, 0 },
	{ "novelsc", SIP_WHOLE, 1, 0, true, 0 },
	{ "unksm2", SIP_WHOLE, 1, 1, true, 0 },
	{ "bext01", SIP_WHOLE, 1, 0, true, 0 },
	{ "invut", SIP_WHOLE, 1, 1, true, 0 },
	{ "regaut01", SIP_WHOLE, 1, 0, true, 0 },
	{ "multi01", SIP_MALFORMED, 0, 0, false, 0 },
	{ "mcl01", SIP_MALFORMED, 0, 0, false, 0 },
	{ "bcast", SIP_WHOLE, 2, 1, false, 2 },
	{ "zeromf", SIP_WHOLE, 1, 0, true, 0 },
	{ "cparam01", SIP_WHOLE, 1, 1, true, 0 },
	{ "cparam02", SIP_WHOLE, 1, 1, true, 0 },
	{ "regescrt", SIP_WHOLE, 1, 1, true, 0 },
	{ "sdp01", SIP_WHOLE, 1, 1, true, 2 },
	{ "inv2543", SIP_WHOLE, 1, 0, true, 1 },
};

enum { MESSAGE_COUNT = sizeof(messages) / sizeof(messages[0]) };

static struct text message_read(size_t index)
{
	char path[64];
	snprintf(path, sizeof(path), "rfc4475/%s.sip", messages[index].name);
	return data_read(path);
}

static size_t via_count(const struct sip_message *message)
{
	size_t count = 0;
	struct sip_via via;
	for (size_t index = 0; index < message->header_count; index++) {
		struct text rest = message->headers[index].value;
		while (message->headers[index].kind == SIP_HEADER_VIA && sip_via_next(&rest, &via))
			count++;
	}
	return count;
}

static size_t contact_count(const struct sip_message *message)
{
	size_t count = 0;
	struct sip_name_addr entry;
	struct sip_uri uri;
	for (size_t index = 0; index < message->header_count; index++) {
		struct text rest = message->headers[index].value;
		while (message->headers[index].kind == SIP_HEADER_CONTACT && sip_name_addr_next(&rest, &entry))
			count += sip_uri_parse(entry.uri, &uri);
	}
	return count;
}

static size_t media_count(const struct sip_message *message)
{
	static struct sdp sdp;
	struct sip_body body;
	assert_true(sip_body_find_sdp(message, &body));
	if (body.sdp_count == 0)
		return 0;
	assert_int_equal(sdp_parse(body.sdp[0], &sdp), SDP_WHOLE);
	return sdp.media_count;
}

static void each_is_read_as_its_section_says(void **state)
{
	(void)state;
	for (size_t index = 0; index < MESSAGE_COUNT; index++) {
		struct text bytes = message_read(index);
		struct sip_message message;
		struct sip_uri uri;
		enum sip_result result = sip_message_parse(bytes, &message);
		if (result != messages[index].result)
			fail_msg("%s: %d", messages[index].name, result);
		if (result == SIP_WHOLE) {
			print_message("%s\n", messages[index].name);
			assert_int_equal(via_count(&message), messages[index].vias);
			assert_int_equal(contact_count(&message), messages[index].contacts);
			assert_int_equal(sip_uri_parse(message.request_uri, &uri), messages[index].uri_is_readable);
			assert_int_equal(media_count(&message), messages[index].media);
		}
		free((void *)bytes.start);
	}
}

static struct text only_uri(const struct sip_message *message, enum sip_header_kind kind)
{
	struct sip_name_addr entry;
	struct text rest = sip_message_header(message, kind);
	assert_true(sip_name_addr_next(&rest, &entry));
	return entry.uri;
}

static void the_short_tortuous_invite_is_read_in_full(void **state)
{
	struct text bytes = message_read(0), rest, value;
	struct sip_message message;
	struct sip_name_addr entry;
	struct sip_via via;
	(void)state;
	assert_int_equal(sip_message_parse(bytes, &message), SIP_WHOLE);
	assert_text(only_uri(&message, SIP_HEADER_TO), "sip:vivekg@chair-dnrc.example.com");
	assert_text(only_uri(&message, SIP_HEADER_FROM), "sip:jdrosen@example.com");
	assert_text(only_uri(&message, SIP_HEADER_CONTACT), "sip:jdrosen@example.com");
	assert_text(only_uri(&message, SIP_HEADER_ROUTE),
	            "sip:services.example.com;lr;unknownwith=value;unknown-no-value");
	assert_int_equal(message.cseq, 9);
	assert_text(message.content_length, "150");
	rest = sip_message_header(&message, SIP_HEADER_FROM);
	assert_true(sip_name_addr_next(&rest, &entry));
	assert_true(sip_parameter_find(entry.parameters, TEXT("tag"), &value));
	assert_text(value, "98asjd8");
	rest = message.headers[8].value;
	assert_true(sip_via_next(&rest, &via));
	assert_text(via.branch, "z9hG4bK9ikj8");
	assert_true(sip_via_next(&rest, &via));
	assert_text(via.host.name, "192.168.255.111");
	assert_text(via.branch, "z9hG4bK30239");
	free((void *)bytes.start);
}

static void the_second_request_of_two_is_excess(void **state)
{
	struct text bytes = message_read(7);
	struct sip_message message;
	(void)state;
	assert_string_equal(messages[7].name, "dblreq");
	assert_int_equal(sip_message_parse(bytes, &message), SIP_WHOLE);
	assert_int_equal(message.method, SIP_METHOD_REGISTER);
	assert_text(message.body, "");
	assert_int_equal(message.whole.length, bytes.length);
	free((void *)bytes.start);
}

static void any_change_to_any_is_survived(void **state)
{
	(void)state;
	for (size_t index = 0; index < MESSAGE_COUNT; index++) {
		struct text bytes = message_read(index);
		try_everything(bytes, walk_message);
		free((void *)bytes.start);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_read_as_its_section_says),
		cmocka_unit_test(the_short_tortuous_invite_is_read_in_full),
		cmocka_unit_test(the_second_request_of_two_is_excess),
		cmocka_unit_test(any_change_to_any_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
