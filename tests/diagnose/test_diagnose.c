/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happened, and what must be found: each story is told as captures of one side, of both, and of both in one file.
 */
#include "../unit/support.h"
#include "diagnose/reading.h"
#include "story.h"

#include <pcap/dlt.h>
#include <unistd.h>

/* ---- Stories in which nothing is wrong ---- */

static void a_plain_call(struct story *story)
{
	registers(story, 300);
	calls(story);
	sound(story, 5000, BOTH, BOTH);
	hangs_up(story);
}

static void on_ipv6(struct story *story)
{
	story->phone = story->router = "2001:db8:1::2";
	story->contact = story->contact_outside = "[2001:db8:1::2]";
	story->told = story->told_outside = "198.51.100.9"; /* a media relay's */
	story->server = "2001:db8:2::2";
	phone_sends(story, "OPTIONS sip:example.org SIP/2.0", "OPTIONS", false, BOTH);
	wait_ms(story, 100);
	phone_gets(story, "SIP/2.0 200 OK", "OPTIONS", false, BOTH);
}

/* A provider that answers to where messages and sound come from needs no right addresses. */
static void nat_that_the_provider_mends(struct story *story)
{
	story->contact = story->contact_outside = story->told = story->told_outside = story->phone;
	a_plain_call(story);
}

static void a_coherent_alg(struct story *story)
{
	story->contact = story->told = story->phone;
	a_plain_call(story);
}

static void a_held_call(struct story *story)
{
	story->extra_sdp = "a=sendonly\r\n";
	calls(story);
	sound(story, 5000, BOTH, 0);
	hangs_up(story);
}

/* As phones with few RTP ports do, and busy servers: the first call's sound is not the second one's. */
static void calls_on_the_same_ports(struct story *story)
{
	calls(story);
	sound(story, 5000, BOTH, BOTH);
	hangs_up(story);
	wait_ms(story, 1000);
	story->call_id = story->call_id_outside = "call-2@phone";
	story->told = story->told_outside = story->phone;
	story->cseq = 1;
	calls(story);
	sound(story, 5000, BOTH, BOTH);
	hangs_up(story);
}

static void a_refreshed_session(struct story *story)
{
	story->session_s = 600;
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	wait_ms(story, 297000);
	story->cseq = 2;
	phone_sends(story, "UPDATE sip:x@203.0.113.2 SIP/2.0", "UPDATE", false, BOTH);
	phone_gets(story, "SIP/2.0 200 OK", "UPDATE", false, BOTH);
	wait_ms(story, 290000);
	story->session_s = 0;
	story->cseq = 3;
	phone_sends(story, "BYE sip:x@203.0.113.2 SIP/2.0", "BYE", false, BOTH);
	phone_gets(story, "SIP/2.0 200 OK", "BYE", false, BOTH);
}

static void a_challenged_registration(struct story *story)
{
	for (int i = 0; i < 6; i++) {
		phone_sends(story, "REGISTER sip:example.org SIP/2.0", "REGISTER", false, BOTH);
		phone_gets(story, "SIP/2.0 401 Unauthorized", "REGISTER", false, BOTH);
		story->cseq++;
		phone_sends(story, "REGISTER sip:example.org SIP/2.0", "REGISTER", false, BOTH);
		phone_gets(story, "SIP/2.0 200 OK\r\nExpires: 60", "REGISTER", false, BOTH);
		story->cseq++;
		wait_ms(story, 50000);
	}
}

/* ---- Stories in which something is ---- */

static const unsigned timer_g_ms[] = { 500, 1000, 2000, 4000, 4000, 4000, 4000, 4000, 4000, 4000 };

static void ack_goes_astray(struct story *story)
{
	phone_sends(story, "INVITE sip:bob@example.org SIP/2.0", "INVITE", true, BOTH);
	phone_gets(story, "SIP/2.0 200 OK", "INVITE", true, BOTH);
	phone_sends(story, "ACK sip:x@203.0.113.2 SIP/2.0", "ACK", false, INSIDE);
	for (size_t i = 0; i < 10; i++) {
		sound(story, timer_g_ms[i], BOTH, BOTH);
		phone_gets(story, "SIP/2.0 200 OK", "INVITE", true, BOTH);
	}
	story->cseq = 7;
	phone_gets(story, "BYE sip:x@198.51.100.7 SIP/2.0", "BYE", false, BOTH);
	phone_sends(story, "SIP/2.0 200 OK", "BYE", false, BOTH);
}

static void repeat(struct story *story, void (*send)(struct story *story), unsigned times)
{
	for (unsigned i = 0, ms = 500; i < times; i++, ms *= 2) {
		send(story);
		wait_ms(story, ms);
	}
}

static void lost_bye(struct story *story)
{
	phone_gets(story, "BYE sip:x@198.51.100.7 SIP/2.0", "BYE", false, OUTSIDE);
}

static void bye_goes_astray(struct story *story)
{
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	story->cseq = 9;
	repeat(story, lost_bye, 7);
}

static void bye_to_private(struct story *story)
{
	server_sends_to(story, story->phone, "BYE sip:x@192.168.1.2 SIP/2.0", "BYE", false);
}

static void private_contact(struct story *story)
{
	story->contact = story->contact_outside = story->phone;
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	story->cseq = 9;
	repeat(story, bye_to_private, 7);
}

static void private_sdp(struct story *story)
{
	story->told = story->told_outside = story->phone;
	calls(story);
	sound(story, 5000, BOTH, 0);
	hangs_up(story);
}

static void sound_stops_on_the_way_in(struct story *story)
{
	calls(story);
	sound(story, 5000, BOTH, OUTSIDE);
	hangs_up(story);
}

static void sound_stops_on_the_way_out(struct story *story)
{
	calls(story);
	sound(story, 5000, INSIDE, BOTH);
	hangs_up(story);
}

static void lost_invite(struct story *story)
{
	phone_gets(story, "INVITE sip:x@198.51.100.7 SIP/2.0", "INVITE", true, OUTSIDE);
}

static void registration_outlived(struct story *story)
{
	registers(story, 3600);
	wait_ms(story, 120000);
	story->call_id = story->call_id_outside = "call-in-1";
	repeat(story, lost_invite, 6);
	story->call_id = story->call_id_outside = "registration-2";
	phone_sends(story, "REGISTER sip:example.org SIP/2.0", "REGISTER", false, BOTH);
	phone_gets(story, "SIP/2.0 200 OK\r\nExpires: 3600", "REGISTER", false, BOTH);
	wait_ms(story, 20000);
	story->call_id = story->call_id_outside = "call-in-2";
	phone_gets(story, "INVITE sip:x@198.51.100.7 SIP/2.0", "INVITE", true, BOTH);
	phone_sends(story, "SIP/2.0 486 Busy Here", "INVITE", false, BOTH);
}

static void session_timer_missed(struct story *story)
{
	story->session_s = 90;
	calls(story);
	sound(story, 70000, BOTH, BOTH);
	story->session_s = 0;
	hangs_up(story);
}

static void ice_broken(struct story *story)
{
	story->extra_sdp = "a=ice-ufrag:abcd\r\na=candidate:1 1 UDP 2130706431 192.168.1.2 12000 typ host\r\n";
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	hangs_up(story);
}

static void ice_mismatch(struct story *story)
{
	story->extra_sdp = "a=ice-mismatch\r\n";
	calls(story);
	hangs_up(story);
}

static void origin_noted(struct story *story)
{
	story->extra_sdp = "i=(o=IN IP4 192.168.1.2)\r\n";
	calls(story);
	hangs_up(story);
}

static void refused_again(struct story *story)
{
	for (int i = 0; i < 7; i++) {
		phone_sends(story, "REGISTER sip:example.org SIP/2.0", "REGISTER", false, BOTH);
		phone_gets(story, "SIP/2.0 403 Forbidden", "REGISTER", false, BOTH);
		story->cseq++;
		wait_ms(story, 5000);
	}
}

static void length_wrong(struct story *story)
{
	calls(story);
	phone_sends_text(
	        story,
	        "INFO sip:x@203.0.113.2 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK7\r\n"
	        "From: <sip:a@a.org>;tag=a\r\nTo: <sip:b@a.org>;tag=b\r\nCall-ID: call-1@phone\r\nCSeq: 5 INFO\r\n"
	        "Content-Type: text/plain\r\nContent-Length: 50\r\n\r\nhello",
	        BOTH);
	hangs_up(story);
}

static void body_left_over(struct story *story)
{
	calls(story);
	phone_sends_text(
	        story,
	        "INFO sip:x@203.0.113.2 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK7\r\n"
	        "From: <sip:a@a.org>;tag=a\r\nTo: <sip:b@a.org>;tag=b\r\nCall-ID: call-1@phone\r\nCSeq: 5 INFO\r\n"
	        "Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nhello",
	        BOTH);
	hangs_up(story);
}

static void invite_swallowed(struct story *story)
{
	phone_sends(story, "INVITE sip:bob@example.org SIP/2.0", "INVITE", true, INSIDE);
	wait_ms(story, 500);
}

static void message_dropped(struct story *story)
{
	registers(story, 300);
	story->call_id = story->call_id_outside = "call-2";
	repeat(story, invite_swallowed, 6);
}

static void half_rewritten(struct story *story)
{
	story->contact = story->told = story->told_outside = story->phone;
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	hangs_up(story);
}

static void call_id_rewritten(struct story *story)
{
	story->contact = story->told = story->phone;
	story->call_id = "77aa@192.168.1.2";
	story->call_id_outside = "77aa@198.51.100.7";
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	hangs_up(story);
}

/* Without translation only hops tell one side from the other in one file. */
static void routed_and_altered(struct story *story)
{
	story->call_id = "77aa@phone";
	story->call_id_outside = "77aa@router";
	on_ipv6(story);
}

/* ---- The table ---- */

struct story_case {
	const char *name;
	void (*tell)(struct story *story);
	const char *both, *inside,
	        *outside;    /* faults that must be found, by name, in this order; NULL: not looked at */
	const char *verdict; /* of both */
};

#define CASE(tell, both, inside, outside, verdict)                                                                     \
	{                                                                                                              \
#tell, tell, both, inside, outside, verdict                                                            \
	}

static const struct story_case stories[] = {
	CASE(a_plain_call, "", "", "", "no-alg"),
	CASE(on_ipv6, "", "", "", "no-alg"),
	CASE(nat_that_the_provider_mends, "", "", "", "no-alg"),
	CASE(a_coherent_alg, "", "", "", "alg-harmless"),
	CASE(a_held_call, "", "", "", "no-alg"),
	CASE(calls_on_the_same_ports, "", "", "", "no-alg"),
	CASE(a_refreshed_session, "", "", "", "no-alg"),
	CASE(a_challenged_registration, "", "", "", "no-alg"),
	CASE(ack_goes_astray, "ack-astray", "ack-astray", "ack-astray", "faults"),
	CASE(bye_goes_astray, "bye-astray", "", "bye-astray", "faults"),
	CASE(private_contact, "private-contact", "", "private-contact", "faults"),
	CASE(private_sdp, "private-sdp", NULL, "private-sdp", "faults"),
	CASE(sound_stops_on_the_way_in, "media-blocked-in", "media-blocked-in", "", "faults"),
	CASE(sound_stops_on_the_way_out, "media-blocked-out", "", NULL, "faults"),
	CASE(registration_outlived, "registration-outlived", "", "registration-outlived", "faults"),
	CASE(session_timer_missed, "session-timer-missed", "session-timer-missed", "session-timer-missed", "faults"),
	CASE(ice_broken, "ice-mismatch", "ice-mismatch", "ice-mismatch", "alg-harmful"),
	CASE(ice_mismatch, "ice-mismatch", "ice-mismatch", "ice-mismatch", "alg-harmful"),
	CASE(origin_noted, "sdp-line-added", "sdp-line-added", "sdp-line-added", "alg-harmful"),
	CASE(refused_again, "refused-repeatedly", "refused-repeatedly", "refused-repeatedly", "faults"),
	CASE(length_wrong, "content-length-wrong", "content-length-wrong", "content-length-wrong", "alg-harmful"),
	CASE(body_left_over, "content-length-wrong", "content-length-wrong", "content-length-wrong", "alg-harmful"),
	CASE(message_dropped, "message-dropped", "message-dropped", "", "alg-harmful"),
	CASE(half_rewritten, "sdp-not-rewritten", "", "", "alg-harmful"),
	CASE(routed_and_altered, "call-id-rewritten", "", "", "alg-harmful"),
	CASE(call_id_rewritten, "call-id-rewritten", "", "", "alg-harmful"),
};
enum { STORIES = sizeof stories / sizeof stories[0] };

/* ---- Diagnosing ---- */

static struct report *diagnose(const char *const *paths, size_t sides)
{
	struct diagnosis_wishes wishes = { .sides = sides };
	struct reading reading;
	struct problem problem;
	struct report *report = report_create("diagnose", "test");
	if (!reading_open(&reading, paths, sides, &problem))
		print_error("%s\n", problem.text);
	struct diagnosis *diagnosis = diagnosis_create(&wishes);
	assert_non_null(diagnosis);
	reading_run(&reading, diagnosis, NULL, NULL);
	reading_tell(&reading, report);
	diagnosis_finish(diagnosis, report);
	diagnosis_destroy(diagnosis);
	reading_close(&reading);
	return report;
}

/* Names of the faults, each once, hints aside. */
static void found_faults(const struct report *report, char *out, size_t size)
{
	size_t length = 0;
	out[0] = '\0';
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding *finding = &report->findings[i];
		const struct fault *fault = fault_of(finding->fault);
		if (fault->severity == SEVERITY_FAULT && finding->confidence != CONFIDENCE_HINT &&
		    strstr(out, fault->name) == NULL)
			length += (size_t)snprintf(out + length, size - length, "%s%s", length > 0 ? "," : "",
			                           fault->name);
	}
}

static bool expect(const struct story_case *story, const char *what, const char *const *paths, size_t sides,
                   const char *wanted, const char *verdict)
{
	char found[512];
	if (wanted == NULL)
		return true;
	struct report *report = diagnose(paths, sides);
	found_faults(report, found, sizeof found);
	bool right =
	        strcmp(found, wanted) == 0 && (verdict == NULL || strcmp(verdict_word(report->verdict), verdict) == 0);
	if (!right) {
		print_error("%s, %s: found \"%s\" (%s), wanted \"%s\" (%s)\n", story->name, what, found,
		            verdict_word(report->verdict), wanted, verdict != NULL ? verdict : "any");
		for (size_t i = 0; i < report->finding_count; i++)
			print_error("    %s\n", report->findings[i].detail);
	}
	report_destroy(report);
	return right;
}

static bool run_story(const struct story_case *told, const char *folder, bool one_file, int64_t ahead_ns)
{
	char inside[128], outside[128];
	struct story story = story_begin();
	snprintf(inside, sizeof inside, "%s/inside", folder);
	snprintf(outside, sizeof outside, "%s/outside", folder);
	story.one_file = one_file;
	story.outside_ahead_ns = ahead_ns;
	told->tell(&story);
	composer_save(&story.inside, inside);
	composer_save(&story.outside, outside);
	story_end(&story);
	const char *const both[] = { inside, outside }, *const turned[] = { outside, inside };
	size_t files = one_file ? 1 : 2;
	bool right = expect(told, one_file ? "one file" : "two files", both, files, told->both, told->verdict);
	if (!one_file) { /* each is told, even when one before was wrong */
		right = expect(told, "turned", turned, 2, told->both, told->verdict) && right;
		right = expect(told, "inside", both, 1, told->inside, NULL) && right;
		right = expect(told, "outside", turned, 1, told->outside, NULL) && right;
	}
	unlink(inside);
	unlink(outside);
	return right;
}

static void run_stories(bool one_file, int64_t ahead_ns)
{
	char folder[] = "stories-XXXXXX";
	bool right = true;
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < STORIES; i++)
		right &= run_story(&stories[i], folder, one_file, ahead_ns);
	rmdir(folder);
	assert_true(right);
}

static void two_captures_tell(void **state)
{
	(void)state;
	run_stories(false, 0);
}

static void one_capture_of_both_sides_tells(void **state)
{
	(void)state;
	run_stories(true, 0);
}

static void clocks_may_differ(void **state)
{
	static const int64_t hours_ns = INT64_C(5) * 3600 * 1000000000;
	(void)state;
	run_stories(false, hours_ns);
	run_stories(false, -hours_ns - 123456789);
}

/* ---- Fragments ---- */

static size_t faults_with_lost_fragments(uint32_t lost, bool others)
{
	static char message[4000];
	struct composer composer = composer_begin(DLT_RAW, false);
	sipalg_endpoint from = composer_endpoint("198.51.100.7:5060"), to = composer_endpoint("203.0.113.2:5060");
	char path[] = "fragments-XXXXXX";
	const char *const paths[] = { path };
	int length = snprintf(message, sizeof message, "INVITE sip:a@a.org SIP/2.0\r\nSubject: %01500d\r\n", 0);
	struct text text = { message, (size_t)length };
	close(mkstemp(path));
	compose_fragments(&composer, 1000000000, &from, &to, text, 800, lost);
	if (others)
		compose_fragments(&composer, 2000000000, &to, &from, text, 800, 0);
	compose_udp(&composer, UINT64_C(60000000000), &from, &to, TEXT("later"));
	composer_save(&composer, path);
	struct report *report = diagnose(paths, 1);
	size_t count = 0;
	for (size_t i = 0; i < report->finding_count; i++)
		count += report->findings[i].fault == FAULT_FRAGMENTS_LOST ? 1 + report->findings[i].confidence : 0;
	report_destroy(report);
	composer_end(&composer);
	unlink(path);
	return count;
}

/* A filter of ports leaves all later fragments out: that alone is a hint. */
static void lost_fragments_are_found(void **state)
{
	(void)state;
	assert_int_equal(faults_with_lost_fragments(0, false), 0);
	assert_int_equal(faults_with_lost_fragments(2, false), 1 + CONFIDENCE_HINT);
	assert_int_equal(faults_with_lost_fragments(2, true), 1 + CONFIDENCE_LIKELY);
}

/* ---- Damaged and empty captures ---- */

static void nothing_can_be_said_without_sip(void **state)
{
	struct composer composer = composer_begin(DLT_RAW, false);
	char path[] = "empty-XXXXXX";
	const char *const paths[] = { path };
	(void)state;
	close(mkstemp(path));
	composer_save(&composer, path);
	struct report *report = diagnose(paths, 1);
	assert_int_equal(report->verdict, VERDICT_UNKNOWN);
	assert_int_equal(report_exit_code(report), 2);
	report_destroy(report);
	composer_end(&composer);
	unlink(path);
}

static void every_truncation_is_diagnosed(void **state)
{
	static char bytes[1 << 20];
	struct story story = story_begin();
	char path[] = "cut-XXXXXX";
	const char *const paths[] = { path };
	(void)state;
	story.one_file = true;
	registers(&story, 300);
	calls(&story);
	hangs_up(&story);
	FILE *whole = composer_reader(&story.inside);
	size_t length = fread(bytes, 1, sizeof bytes, whole);
	fclose(whole);
	story_end(&story);
	close(mkstemp(path));
	for (size_t cut = 24; cut <= length; cut += 7) {
		FILE *file = fopen(path, "wb");
		fwrite(bytes, 1, cut, file);
		fclose(file);
		struct report *report = diagnose(paths, 1);
		char found[512];
		found_faults(report, found, sizeof found);
		assert_string_equal(found, "");
		report_destroy(report);
	}
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_captures_tell),
		cmocka_unit_test(one_capture_of_both_sides_tells),
		cmocka_unit_test(clocks_may_differ),
		cmocka_unit_test(lost_fragments_are_found),
		cmocka_unit_test(nothing_can_be_said_without_sip),
		cmocka_unit_test(every_truncation_is_diagnosed),
	};
	return cmocka_run_group_tests_name("diagnose", tests, NULL, NULL);
}
