/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happened, and what must be found: each story is told as captures of one side, of both, and of both in one file.
 */
#include "../unit/support.h"
#include "diagnose/reading.h"
#include "stories.h"

#include <pcap/dlt.h>
#include <unistd.h>

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

static const struct stories *const stories[] = { &stories_fine, &stories_faulty, &stories_answers, &stories_tcp };

static void run_stories(bool one_file, int64_t ahead_ns)
{
	char folder[] = "stories-XXXXXX";
	bool right = true;
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++)
		for (size_t j = 0; j < stories[i]->count; j++)
			right &= run_story(&stories[i]->cases[j], folder, one_file, ahead_ns);
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

/* ---- What is told, and decides nothing ---- */

static bool is_hinted(const struct report *report, enum fault_kind fault)
{
	bool hinted = false;
	for (size_t i = 0; i < report->finding_count; i++) {
		hinted = hinted || report->findings[i].fault == fault;
		assert_true(report->findings[i].fault != fault || report->findings[i].confidence == CONFIDENCE_HINT);
	}
	return hinted;
}

static void hints_decide_nothing(void **state)
{
	static const struct {
		void (*tell)(struct story *story);
		enum fault_kind fault;
		size_t sides; /* 1: the outside alone */
		enum verdict verdict;
	} cases[] = {
		{ sound_from_another_port, FAULT_MEDIA_SOURCE_PORT, 2, VERDICT_ALG_HARMLESS },
		{ a_coherent_alg, FAULT_MEDIA_SOURCE_PORT, 0, VERDICT_ALG_HARMLESS },
		{ response_port_of_server, FAULT_RESPONSE_PORT_FORCED, 1, VERDICT_NO_ALG },
	};
	static const char *const paths[] = { "hint-outside", "hint-inside" };
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct story story = story_begin();
		cases[i].tell(&story);
		composer_save(&story.outside, paths[0]);
		composer_save(&story.inside, paths[1]);
		story_end(&story);
		struct report *report = diagnose(paths, cases[i].sides != 0 ? cases[i].sides : 2);
		assert_int_equal(is_hinted(report, cases[i].fault), cases[i].sides != 0);
		assert_int_equal(report->verdict, cases[i].verdict);
		report_destroy(report);
	}
	unlink(paths[0]);
	unlink(paths[1]);
}

/* ---- What ICMP says ---- */

static void sound_refused(struct story *story)
{
	calls(story);
	unreachable(story, "203.0.113.2", 30000, SIPALG_PROTOCOL_UDP, 13);
	sound(story, 5000, INSIDE, BOTH);
	hangs_up(story);
}

static void invite_too_large(struct story *story)
{
	registers(story, 300);
	story->call_id = story->call_id_outside = "call-2";
	unreachable(story, "203.0.113.2", 5060, SIPALG_PROTOCOL_UDP, 4);
	repeat(story, invite_swallowed, 6);
}

static void connection_prohibited(struct story *story)
{
	registers(story, 300);
	story->server = "203.0.113.99";
	story->phone_port = 40001;
	phone_segment(story, CAPTURE_TCP_SYN, INSIDE);
	unreachable(story, "203.0.113.99", 5060, SIPALG_PROTOCOL_TCP, 10);
}

/* A phone that has hung up, to which sound is still on its way. */
static void sound_after_the_call(struct story *story)
{
	calls(story);
	sound(story, 5000, BOTH, BOTH);
	hangs_up(story);
	unreachable(story, "203.0.113.2", 30000, SIPALG_PROTOCOL_UDP, 3);
}

static void icmp_is_named_as_cause(void **state)
{
	static const struct {
		void (*tell)(struct story *story);
		enum fault_kind fault; /* NONE: nothing is found, whatever ICMP says */
		const char *words;
	} cases[] = {
		{ sound_refused, FAULT_MEDIA_BLOCKED_OUT, "says by ICMP: prohibited by a firewall" },
		{ invite_too_large, FAULT_LARGE_MESSAGE_LOST, "says by ICMP: fragmentation needed" },
		{ connection_prohibited, FAULT_TCP_BLOCKED, "says by ICMP: host prohibited" },
		{ sound_after_the_call, FAULT_NONE, NULL },
	};
	static const char *const paths[] = { "icmp-inside", "icmp-outside" };
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct story story = story_begin();
		bool named = false;
		char found[512];
		cases[i].tell(&story);
		composer_save(&story.inside, paths[0]);
		composer_save(&story.outside, paths[1]);
		story_end(&story);
		struct report *report = diagnose(paths, 2);
		for (size_t j = 0; j < report->finding_count; j++)
			named = named || (report->findings[j].fault == cases[i].fault &&
			                  strstr(report->findings[j].detail, cases[i].words) != NULL);
		found_faults(report, found, sizeof found);
		assert_string_equal(found, cases[i].fault == FAULT_NONE ? "" : fault_of(cases[i].fault)->name);
		assert_int_equal(named, cases[i].fault != FAULT_NONE);
		report_destroy(report);
	}
	unlink(paths[0]);
	unlink(paths[1]);
}

/* ---- Whose ALG ---- */

static void kept_origin(struct story *story)
{
	story->extra_sdp = "i=(o=IN IP4 192.168.1.2)\r\n";
	calls(story);
	hangs_up(story);
}

static void own_address_received(struct story *story)
{
	story->no_rport = true;
	story->received = ";received=198.51.100.7;rport=40000";
	story->received_inside = ";received=192.168.1.2;rport=5060";
	registers(story, 300);
}

static bool is_noted(const struct report *report, const char *words)
{
	for (size_t i = 0; i < report->note_count; i++)
		if (strstr(report->notes[i], words) != NULL)
			return true;
	return false;
}

static void known_algs_are_recognised(void **state)
{
	static const struct {
		void (*tell)(struct story *story);
		const char *words, *advice;
	} cases[] = {
		{ kept_origin, "looks like FortiGate's", "`sipalg advice fortigate`" },
		{ own_address_received, "looks like Linux's nf_nat_sip", "`sipalg advice nf_nat_sip`" },
		{ a_coherent_alg, NULL, NULL },
	};
	static const char *const paths[] = { "known-inside", "known-outside" };
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct story story = story_begin();
		cases[i].tell(&story);
		composer_save(&story.inside, paths[0]);
		composer_save(&story.outside, paths[1]);
		story_end(&story);
		struct report *report = diagnose(paths, 2);
		assert_int_equal(is_noted(report, "looks like"), cases[i].words != NULL);
		assert_true(cases[i].words == NULL || is_noted(report, cases[i].words));
		assert_true(cases[i].words == NULL || is_noted(report, cases[i].advice));
		report_destroy(report);
	}
	unlink(paths[0]);
	unlink(paths[1]);
}

/* ---- Notes ---- */

static void translation_is_noted(void **state)
{
	static const struct {
		const char *router;
		enum fault_kind noted, other;
	} cases[] = {
		{ "198.51.100.7", FAULT_NAT, FAULT_CARRIER_NAT },
		{ "100.64.3.7", FAULT_CARRIER_NAT, FAULT_NAT },
	};
	static const char path[] = "noted";
	static const char *const paths[] = { path };
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct story story = story_begin();
		story.one_file = true;
		story.router = cases[i].router;
		registers(&story, 300);
		composer_save(&story.inside, path);
		story_end(&story);
		struct report *report = diagnose(paths, 1);
		assert_true(report_has(report, cases[i].noted));
		assert_false(report_has(report, cases[i].other));
		assert_int_equal(report->verdict, VERDICT_NO_ALG);
		report_destroy(report);
	}
	unlink(path);
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

/* What a test that fails leaves behind is not left where it was started. */
static int go_to_folder(void **state)
{
	static char folder[] = "/tmp/diagnose-XXXXXX";
	*state = folder;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
	return chdir("/") == 0 ? rmdir(*state) : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_captures_tell),
		cmocka_unit_test(one_capture_of_both_sides_tells),
		cmocka_unit_test(clocks_may_differ),
		cmocka_unit_test(hints_decide_nothing),
		cmocka_unit_test(icmp_is_named_as_cause),
		cmocka_unit_test(known_algs_are_recognised),
		cmocka_unit_test(translation_is_noted),
		cmocka_unit_test(lost_fragments_are_found),
		cmocka_unit_test(nothing_can_be_said_without_sip),
		cmocka_unit_test(every_truncation_is_diagnosed),
	};
	return cmocka_run_group_tests_name("diagnose", tests, go_to_folder, leave_folder);
}
