/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a message passes unchanged, each reason at least once; and when there is no room, nothing is done by halves. */
#include "harness.h"

#define DIALOG(call) "From: <sip:a@x>;tag=1\nTo: <sip:b@x>\nCall-ID: " call "\nCSeq: 1 INVITE\n"
#define INVITE(host, call)                                                                                             \
	"INVITE sip:b@198.51.100.1 SIP/2.0\nVia: SIP/2.0/UDP " host "\n" DIALOG(call) "Contact: <sip:a@" host ">\n"
#define WITH_SDP(host) "Content-Type: application/sdp\nContent-Length: #\n\nv=0\nc=IN IP4 " host "\n"
#define AUDIO "m=audio 8000 RTP/AVP 0\n"
#define VIDEO "m=video 8002 RTP/AVP 31\n"

/* The message goes out as it came, for that reason, and the plane hears nothing. */
static void refuse(struct harness *harness, const char *address, const char *message, enum sipalg_reason reason)
{
	static struct letter given;
	sipalg_endpoint phone = endpoint_of(address, 5060), server = server_endpoint();
	size_t open = harness->binding_count;
	uint64_t counted = sipalg_engine_counters(harness->engine)->reasons[reason];
	letter_write(&given, "%s", message);
	harness_out(harness, &phone, &server, letter_text(&given));
	assert_reason(harness, reason);
	assert_same(harness, letter_text(&harness->sent), letter_text(&given));
	assert_int_equal(harness->command_count, 0);
	assert_int_equal(harness->binding_count, open);
	assert_int_equal(sipalg_engine_counters(harness->engine)->reasons[reason], counted + 1);
}

static void accept(struct harness *harness, const char *address, const char *message)
{
	static struct letter given;
	sipalg_endpoint phone = endpoint_of(address, 5060), server = server_endpoint();
	letter_write(&given, "%s", message);
	harness_out(harness, &phone, &server, letter_text(&given));
	assert_reason(harness, SIPALG_REASON_EDITED);
}

/* ---- Not for the gateway ---- */

static void what_is_not_to_be_looked_at_stays(void **state)
{
	struct harness *harness = *state;
	refuse(harness, "192.168.1.2", "\n\n", SIPALG_REASON_NOT_SIP);
	refuse(harness, "192.168.1.2", "GET / HTTP/1.1\n\n", SIPALG_REASON_NOT_SIP);
	refuse(harness, "192.168.1.2", "INVITE sip:b@x SIP/2.0\n\n", SIPALG_REASON_MALFORMED);
	refuse(harness, "192.168.1.2", INVITE("192.168.1.2", "x") "Content-Length: 7\n\n", SIPALG_REASON_MALFORMED);
	refuse(harness, "192.168.1.2", INVITE("198.51.100.77", "x") "\n", SIPALG_REASON_NOTHING_TO_DO);
	refuse(harness, "192.168.1.2", INVITE("192.168.1.3", "x") "\n", SIPALG_REASON_FOREIGN_HOST);
	refuse(harness, "192.168.1.2", INVITE("203.0.113.1", "x") "\n", SIPALG_REASON_ALREADY_PUBLIC);
	refuse(harness, "192.168.1.2",
	       INVITE("192.168.1.2", "x") "Identity: \"a\"\nIdentity-Info: <https://x>;alg=rsa-sha1\n\n",
	       SIPALG_REASON_SIGNED);
}

static void sealed_bodies_stay(void **state)
{
	struct harness *harness = *state;
	static struct letter given;
	sipalg_endpoint phone = endpoint_of("192.168.1.2", 5060), server = server_endpoint();
	letter_write(&given, "INVITE sip:b@x SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.3\n" DIALOG(
	                             "x") "Content-Type: multipart/signed;boundary=b\n"
	                                  "Content-Length: #\n\n--b\nContent-Type: application/sdp\n\nv=0\n"
	                                  "c=IN IP4 192.168.1.2\n" AUDIO "--b--\n");
	harness_out(harness, &phone, &server, letter_text(&given));
	assert_reason(harness, SIPALG_REASON_SIGNED);
	assert_int_equal(harness->binding_count, 0);
}

static void who_does_not_cross_is_left_alone(void **state)
{
	struct harness *harness = *state;
	static struct letter given;
	letter_write(&given, INVITE("192.168.1.2", "x") "\n");
	sipalg_packet packet = { .bytes = (const uint8_t *)given.bytes,
		                 .length = given.length,
		                 .source = endpoint_of("192.168.1.2", 5060),
		                 .destination = server_endpoint(),
		                 .outside = outside_address };
	harness_pass(harness, &packet);
	assert_reason(harness, SIPALG_REASON_NOT_CROSSING);
	packet.direction = SIPALG_OUTBOUND;
	packet.outside = (sipalg_address){ { 0 } };
	harness_pass(harness, &packet);
	assert_reason(harness, SIPALG_REASON_NO_OUTSIDE);
	assert_int_equal(harness->binding_count, 0);
}

/* ---- Off ---- */

static void hosts_that_are_off_are_left_alone(void **state)
{
	struct harness *harness = *state;
	sipalg_prefix off;
	assert_true(sipalg_prefix_read("192.168.1.2/32", 14, &off));
	accept(harness, "192.168.1.2", INVITE("192.168.1.2", "x") WITH_SDP("192.168.1.2") AUDIO);
	accept(harness, "192.168.1.3", INVITE("192.168.1.3", "y") WITH_SDP("192.168.1.3") AUDIO);
	assert_int_equal(harness->binding_count, 6);
	assert_true(sipalg_engine_set_off(harness->engine, &off, 1));
	harness_take_commands(harness);
	harness_wait(harness, 0);
	assert_int_equal(harness->binding_count, 3);
	assert_true(harness_count(harness, SIPALG_COMMAND_CLOSE) > 0);
	for (size_t i = 0; i < harness_count(harness, SIPALG_COMMAND_CLOSE); i++)
		assert_true(harness_command(harness, SIPALG_COMMAND_CLOSE, i)->keep_flows);
	refuse(harness, "192.168.1.2", INVITE("192.168.1.2", "x") WITH_SDP("192.168.1.2") AUDIO,
	       SIPALG_REASON_SWITCHED_OFF);
	static struct letter given;
	sipalg_endpoint phone = endpoint_of("192.168.1.2", 5060), server = server_endpoint();
	letter_write(&given, "SIP/2.0 180 R\nVia: SIP/2.0/UDP 203.0.113.1\n" DIALOG("x") "\n");
	harness_in(harness, &server, &phone, letter_text(&given));
	assert_reason(harness, SIPALG_REASON_SWITCHED_OFF);
	assert_true(sipalg_engine_set_off(harness->engine, NULL, 0));
	accept(harness, "192.168.1.2", INVITE("192.168.1.2", "x") WITH_SDP("192.168.1.2") AUDIO);
	harness_wait_for_the_end(harness);
}

static void prefix_lists_have_an_end(void **state)
{
	struct harness *harness = *state;
	static sipalg_network networks[SIPALG_PREFIXES_MAX + 1];
	static sipalg_prefix prefixes[SIPALG_PREFIXES_MAX + 1];
	sipalg_address inside = endpoint_of("192.168.1.2", 0).address;
	assert_false(sipalg_engine_set_inside(harness->engine, networks, SIPALG_PREFIXES_MAX + 1));
	assert_false(sipalg_engine_set_off(harness->engine, prefixes, SIPALG_PREFIXES_MAX + 1));
	assert_true(sipalg_engine_is_inside(harness->engine, &inside));
	for (size_t i = 0; i < SIPALG_PREFIXES_MAX; i++)
		assert_true(sipalg_prefix_read("10.0.0.0/8", 10, &networks[i].inside));
	assert_true(sipalg_engine_set_inside(harness->engine, networks, SIPALG_PREFIXES_MAX));
	assert_false(sipalg_engine_is_inside(harness->engine, &inside));
}

/* ---- No room: all or nothing ---- */

static void with(struct harness *harness, void (*change)(sipalg_settings *settings))
{
	harness_close(harness);
	harness_open(harness, change);
}

static void make_three_bindings(sipalg_settings *settings)
{
	settings->bindings_max = 3;
}

static void bindings_run_out(void **state)
{
	struct harness *harness = *state;
	with(harness, make_three_bindings);
	refuse(harness, "192.168.1.2", INVITE("192.168.1.2", "x") WITH_SDP("192.168.1.2") AUDIO VIDEO,
	       SIPALG_REASON_BINDINGS_FULL);
	assert_int_equal(sipalg_engine_deadline(harness->engine), SIPALG_NEVER);
	assert_int_equal(sipalg_engine_counters(harness->engine)->calls, 0);
	accept(harness, "192.168.1.2", INVITE("192.168.1.2", "x") WITH_SDP("192.168.1.2") AUDIO);
	refuse(harness, "192.168.1.3", INVITE("192.168.1.3", "y") "\n", SIPALG_REASON_BINDINGS_FULL);
	refuse(harness, "192.168.1.2", INVITE("192.168.1.2", "x") WITH_SDP("192.168.1.2") AUDIO VIDEO,
	       SIPALG_REASON_BINDINGS_FULL);
	harness_wait_for_the_end(harness);
}

static void make_three_a_host(sipalg_settings *settings)
{
	settings->host_bindings_max = 3;
}

static void a_host_has_a_limit(void **state)
{
	struct harness *harness = *state;
	with(harness, make_three_a_host);
	accept(harness, "192.168.1.2", INVITE("192.168.1.2", "x") WITH_SDP("192.168.1.2") AUDIO);
	refuse(harness, "192.168.1.2", INVITE("192.168.1.2", "y") WITH_SDP("192.168.1.2") VIDEO,
	       SIPALG_REASON_HOST_LIMIT);
	accept(harness, "192.168.1.3", INVITE("192.168.1.3", "z") WITH_SDP("192.168.1.3") AUDIO);
	harness_wait_for_the_end(harness);
}

static void make_three_ports(sipalg_settings *settings)
{
	settings->port_min = 5060;
	settings->port_max = 5062;
}

static void ports_run_out(void **state)
{
	struct harness *harness = *state;
	with(harness, make_three_ports);
	accept(harness, "192.168.1.2", INVITE("192.168.1.2", "x") "\n");
	refuse(harness, "192.168.1.3", INVITE("192.168.1.3", "y") WITH_SDP("192.168.1.3") AUDIO,
	       SIPALG_REASON_PORTS_FULL);
	accept(harness, "192.168.1.3", INVITE("192.168.1.3", "z") "\n");
	refuse(harness, "192.168.1.4", INVITE("192.168.1.4", "w") "\n", SIPALG_REASON_PORTS_FULL);
	harness_wait_for_the_end(harness);
}

static void make_one_call(sipalg_settings *settings)
{
	settings->calls_max = 1;
}

static void calls_run_out(void **state)
{
	struct harness *harness = *state;
	with(harness, make_one_call);
	accept(harness, "192.168.1.2", INVITE("192.168.1.2", "x") WITH_SDP("192.168.1.2") AUDIO);
	refuse(harness, "192.168.1.2", INVITE("192.168.1.2", "y") WITH_SDP("192.168.1.2") VIDEO,
	       SIPALG_REASON_CALLS_FULL);
	assert_int_equal(harness->binding_count, 3);
	harness_wait_for_the_end(harness);
}

static void make_one_registration(sipalg_settings *settings)
{
	settings->registrations_max = 1;
}

static void registrations_run_out(void **state)
{
	struct harness *harness = *state;
	with(harness, make_one_registration);
#define REGISTER(contacts)                                                                                             \
	"REGISTER sip:x SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.2\nFrom: <sip:a@x>;tag=1\nTo: <sip:a@x>\nCall-ID: r\n"     \
	"CSeq: 1 REGISTER\nContact: " contacts "\n\n"
	refuse(harness, "192.168.1.2", REGISTER("<sip:a@192.168.1.2:5060>, <sip:a@192.168.1.2:5062>"),
	       SIPALG_REASON_REGISTRATIONS_FULL);
	assert_int_equal(sipalg_engine_counters(harness->engine)->registrations, 0);
	accept(harness, "192.168.1.2", REGISTER("<sip:a@192.168.1.2:5060>"));
	assert_int_equal(sipalg_engine_counters(harness->engine)->registrations, 1);
	refuse(harness, "192.168.1.2", REGISTER("<sip:a@192.168.1.2:5062>"), SIPALG_REASON_REGISTRATIONS_FULL);
	accept(harness, "192.168.1.2", REGISTER("<sip:a@192.168.1.2:5062>;expires=0"));
	harness_wait_for_the_end(harness);
}

/* ---- Too large ---- */

static void refuse_letter(struct harness *harness, struct letter *letter)
{
	sipalg_endpoint phone = endpoint_of("192.168.1.3", 5060), server = server_endpoint();
	harness_out(harness, &phone, &server, letter_text(letter));
	assert_reason(harness, SIPALG_REASON_TOO_LARGE);
	assert_int_equal(harness->binding_count, 0);
	assert_int_equal(sipalg_engine_counters(harness->engine)->calls, 0);
	assert_int_equal(sipalg_engine_deadline(harness->engine), SIPALG_NEVER);
}

static void too_many_media(void **state)
{
	static struct letter letter;
	letter_clear(&letter);
	letter_add(&letter, INVITE("192.168.1.3", "x") WITH_SDP("192.168.1.3"));
	for (unsigned i = 0; i < SIPALG_LEG_MEDIA_MAX / 2 + 1; i++)
		letter_add(&letter, "m=audio %u RTP/AVP 0\n", 8000 + 2 * i);
	letter_seal(&letter, true);
	refuse_letter(*state, &letter);
	letter_clear(&letter);
	letter_add(&letter, INVITE("192.168.1.3", "y") WITH_SDP("192.168.1.3"));
	for (unsigned i = 0; i < SIPALG_SDP_MEDIA_MAX + 1; i++)
		letter_add(&letter, "m=audio 8000 RTP/AVP 0\n");
	letter_seal(&letter, true);
	refuse_letter(*state, &letter);
}

static void too_many_contacts_and_headers(void **state)
{
	static struct letter letter;
	letter_clear(&letter);
	letter_add(&letter,
	           "INVITE sip:b@x SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.3\n" DIALOG("x") "Contact: <sip:a@192.168.1.3>");
	for (unsigned i = 0; i < SIPALG_LIST_MAX; i++)
		letter_add(&letter, ",<sip:a@192.168.1.3:%u>", 6000 + i);
	letter_add(&letter, "\n\n");
	letter_seal(&letter, true);
	refuse_letter(*state, &letter);
	letter_clear(&letter);
	letter_add(&letter, INVITE("192.168.1.3", "x"));
	for (unsigned i = 0; i < SIPALG_HEADERS_MAX; i++)
		letter_add(&letter, "Route: <sip:x>\n");
	letter_add(&letter, "\n");
	letter_seal(&letter, true);
	refuse_letter(*state, &letter);
}

static void too_many_edits(void **state)
{
	static struct letter letter;
	letter_clear(&letter);
	letter_add(&letter, INVITE("192.168.1.3", "x"));
	letter_add(&letter, "Route: <sip:192.168.1.3>");
	for (unsigned i = 0; i < SIPALG_EDITS_MAX; i++)
		letter_add(&letter, ", <sip:192.168.1.3>");
	letter_add(&letter, "\n\n");
	letter_seal(&letter, true);
	refuse_letter(*state, &letter);
}

static struct letter long_letter;

/* Of exactly that length. */
static void write_long(size_t length)
{
	letter_write(&long_letter, INVITE("192.168.1.3", "x") "Subject: ");
	while (long_letter.length < length - 4)
		long_letter.bytes[long_letter.length++] = 'x';
	letter_add(&long_letter, "\r\n\r\n");
}

static void the_longest_message_passes(void **state)
{
	struct harness *harness = *state;
	sipalg_endpoint phone = endpoint_of("192.168.1.3", 5060), server = server_endpoint();
	write_long(SIPALG_DATAGRAM_MAX + 1);
	refuse_letter(harness, &long_letter);
	write_long(SIPALG_DATAGRAM_MAX);
	harness_out(harness, &phone, &server, letter_text(&long_letter));
	assert_reason(harness, SIPALG_REASON_EDITED);
}

static void make_long_ports(sipalg_settings *settings)
{
	settings->port_min = 10000;
}

/* ":10060" comes to stand where no port was. */
static void a_message_may_outgrow_its_datagram(void **state)
{
	struct harness *harness = *state;
	with(harness, make_long_ports);
	write_long(SIPALG_DATAGRAM_MAX - 11);
	refuse_letter(harness, &long_letter);
	write_long(SIPALG_DATAGRAM_MAX - 12);
	sipalg_endpoint phone = endpoint_of("192.168.1.3", 5060), server = server_endpoint();
	harness_out(harness, &phone, &server, letter_text(&long_letter));
	assert_reason(harness, SIPALG_REASON_EDITED);
	assert_int_equal(harness->sent.length, SIPALG_DATAGRAM_MAX);
}

static void make_many_bindings(sipalg_settings *settings)
{
	settings->bindings_max = 3 * SIPALG_COMMANDS_MAX;
}

/* More ends at once than the queue of commands holds: it comes in portions. */
static void the_queue_of_commands_is_never_full(void **state)
{
	struct harness *harness = *state;
	static struct letter given;
	sipalg_endpoint phone = endpoint_of("192.168.1.2", 5060), server = server_endpoint();
	sipalg_prefix off;
	with(harness, make_many_bindings);
	for (unsigned i = 0; i < 2 * SIPALG_COMMANDS_MAX; i++) {
		letter_write(
		        &given,
		        "FOO sip:x SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.2:%u\nFrom: <sip:a@x>;tag=1\nTo: <sip:b@x>\n"
		        "Call-ID: x\nCSeq: 1 FOO\n\n",
		        2000 + i);
		harness_out(harness, &phone, &server, letter_text(&given));
	}
	assert_int_equal(harness->binding_count, 2 * SIPALG_COMMANDS_MAX);
	assert_true(sipalg_prefix_read("192.168.1.2", 11, &off));
	assert_true(sipalg_engine_set_off(harness->engine, &off, 1));
	harness_wait(harness, 0);
	assert_int_equal(harness->binding_count, 0);
}

int main(void)
{
#define LIMIT_TEST(test) cmocka_unit_test_setup_teardown(test, harness_setup, harness_teardown)
	const struct CMUnitTest tests[] = {
		LIMIT_TEST(what_is_not_to_be_looked_at_stays),
		LIMIT_TEST(sealed_bodies_stay),
		LIMIT_TEST(who_does_not_cross_is_left_alone),
		LIMIT_TEST(hosts_that_are_off_are_left_alone),
		LIMIT_TEST(prefix_lists_have_an_end),
		LIMIT_TEST(bindings_run_out),
		LIMIT_TEST(a_host_has_a_limit),
		LIMIT_TEST(ports_run_out),
		LIMIT_TEST(calls_run_out),
		LIMIT_TEST(registrations_run_out),
		LIMIT_TEST(too_many_media),
		LIMIT_TEST(too_many_contacts_and_headers),
		LIMIT_TEST(too_many_edits),
		LIMIT_TEST(the_longest_message_passes),
		LIMIT_TEST(a_message_may_outgrow_its_datagram),
		LIMIT_TEST(the_queue_of_commands_is_never_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
