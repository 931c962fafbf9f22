/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmocka_all.h"

#include "report/difference.h"

#include <stdlib.h>
#include <string.h>

enum { PICTURE_MAX = 4096 };

static struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static size_t put(char *picture, size_t at, const char *text, size_t length)
{
	assert_true(at + length < PICTURE_MAX);
	memcpy(picture + at, text, length);
	return at + length;
}

/* One side of a line with its marks in brackets, line ends left out. */
static size_t draw_side(const struct difference *difference, const struct difference_line *line, enum side side,
                        char *picture, size_t at)
{
	const char *bytes = difference->version[side].start;
	for (size_t i = line->line[side].offset; i < line->line[side].offset + line->line[side].length; i++) {
		for (size_t j = 0; j < line->mark_count[side]; j++) {
			const struct span *mark = &difference->marks[side][line->first_mark[side] + j];
			at = i == mark->offset ? put(picture, at, "[", 1) : at;
		}
		at = bytes[i] == '\r'   ? put(picture, at, "\\r", 2)
		     : bytes[i] != '\n' ? put(picture, at, bytes + i, 1)
		                        : at;
		for (size_t j = 0; j < line->mark_count[side]; j++) {
			const struct span *mark = &difference->marks[side][line->first_mark[side] + j];
			at = i + 1 == mark->offset + mark->length ? put(picture, at, "]", 1) : at;
		}
	}
	return at;
}

/* "=line", "~sent|received", "-line", "+line", "<line" moved away, ">line" moved here. */
static void draw(const struct difference *difference, char picture[PICTURE_MAX])
{
	size_t at = 0;
	for (size_t i = 0; i < difference->line_count; i++) {
		const struct difference_line *line = &difference->lines[i];
		static const char signs[] = { '=', '~', '-', '+', '<' };
		bool has_sent = line->line[SIDE_SENT].length > 0;
		char sign = line->kind == LINE_MOVED && !has_sent ? '>' : signs[line->kind];
		at = put(picture, at, &sign, 1);
		at = draw_side(difference, line, has_sent ? SIDE_SENT : SIDE_RECEIVED, picture, at);
		if (line->kind == LINE_CHANGED) {
			at = put(picture, at, "|", 1);
			at = draw_side(difference, line, SIDE_RECEIVED, picture, at);
		}
		at = put(picture, at, "\n", 1);
	}
	picture[at] = '\0';
}

static void expect(const char *sent, const char *received, const char *expected)
{
	char picture[PICTURE_MAX];
	struct text versions[SIDE_COUNT] = { text_of(sent), text_of(received) };
	struct difference *difference = difference_create(&versions[SIDE_SENT], &versions[SIDE_RECEIVED]);
	assert_non_null(difference);
	draw(difference, picture);
	assert_string_equal(picture, expected);
	assert_int_equal(difference->equal, strcmp(sent, received) == 0);
	difference_destroy(difference);
}

static void test_same(void **state)
{
	(void)state;
	expect("", "", "");
	expect("a\nb\n", "a\nb\n", "=a\n=b\n");
	expect("a", "a", "=a\n");
}

static void test_words(void **state)
{
	(void)state;
	expect("Via: SIP/2.0/UDP 192.168.1.2:5060;rport\n", "Via: SIP/2.0/UDP 203.0.113.1:40000;rport\n",
	       "~Via: SIP/2.0/UDP [192.168.1.2]:[5060];rport|Via: SIP/2.0/UDP [203.0.113.1]:[40000];rport\n");
	expect("Contact: <sip:a@1.1.1.1>\n", "Contact: <sip:a@1.1.1.1:5060>\n",
	       "~Contact: <sip:a@1.1.1.1>|Contact: <sip:a@1.1.1.1[:5060]>\n");
	expect("Max-Forwards: 70\n", "max-forwards: 69\n", "~[Max-Forwards]: [70]|[max-forwards]: [69]\n");
	expect("c=IN IP6 2001:db8::2\n", "c=IN IP6 2001:db8::9\n", "~c=IN IP6 2001:db8::[2]|c=IN IP6 2001:db8::[9]\n");
}

/* Of a long word only what its ends leave. */
static void test_long_words(void **state)
{
	(void)state;
	expect("Via: x;branch=z9hG4bK-0123456789-0123456789-a-xyz\n",
	       "Via: x;branch=z9hG4bK-0123456789-0123456789-b-xyz\n",
	       "~Via: x;branch=z9hG4bK-0123456789-0123456789-[a]-xyz|"
	       "Via: x;branch=z9hG4bK-0123456789-0123456789-[b]-xyz\n");
}

static void test_lines(void **state)
{
	(void)state;
	expect("A: 1\nB: 2\nC: 3\n", "A: 1\nC: 3\n", "=A: 1\n-B: 2\n=C: 3\n");
	expect("A: 1\nC: 3\n", "A: 1\nB: 2\nC: 3\n", "=A: 1\n+B: 2\n=C: 3\n");
	/* A header belongs to the one with its name, in whatever case or form, and not to its neighbour. */
	expect("Via: one\nFrom: x\n", "v: two\nFrom: x\n", "~[Via]: [one]|[v]: [two]\n=From: x\n");
	expect("A: 1\nB: 2\n", "C: 1\nD: 2\n", "-A: 1\n-B: 2\n+C: 1\n+D: 2\n");
	/* SDP lines go by their letter, attributes by their name, media by their kind. */
	expect("c=IN IP4 10.0.0.1\na=rtcp:1\n", "a=sendrecv\nc=IN IP4 10.0.0.9\na=rtcp:2\n",
	       "+a=sendrecv\n~c=IN IP4 [10.0.0.1]|c=IN IP4 [10.0.0.9]\n~a=rtcp:[1]|a=rtcp:[2]\n");
	expect("m=audio 1 RTP/AVP 0\nm=video 2 RTP/AVP 9\n", "m=video 4 RTP/AVP 9\n",
	       "-m=audio 1 RTP/AVP 0\n~m=video [2] RTP/AVP 9|m=video [4] RTP/AVP 9\n");
	/* The second Via is the one that was there. */
	expect("Via: b\n", "Via: a\nVia: b\n", "+Via: a\n=Via: b\n");
}

static void test_moved(void **state)
{
	(void)state;
	expect("From: a\nTo: b\nCSeq: 1\n", "To: b\nFrom: a\nCSeq: 1\n", ">To: b\n=From: a\n<To: b\n=CSeq: 1\n");
	expect("A: 1\nB: 2\n", "B: 2\n", "-A: 1\n=B: 2\n");
}

static void test_line_ends(void **state)
{
	(void)state;
	expect("A: 1\r\n", "A: 1\n", "~A: 1[\\r]|A: 1\n");
	expect("A: 1", "A: 1\n", "~A: 1|A: 1[]\n");
}

static void test_absent(void **state)
{
	(void)state;
	char picture[PICTURE_MAX];
	struct text sent = text_of("A: 1\nB: 2\n");
	struct difference *difference = difference_create(&sent, NULL);
	draw(difference, picture);
	assert_string_equal(picture, "-A: 1\n-B: 2\n");
	assert_true(difference->present[SIDE_SENT] && !difference->present[SIDE_RECEIVED]);
	assert_false(difference->equal);
	difference_destroy(difference);
	struct text empty = text_of("");
	difference = difference_create(&empty, NULL);
	assert_false(difference->equal);
	difference_destroy(difference);
}

/* What is outside the marks is the same on both sides, and no byte is left out, whatever the bytes. */
static void check_property(const struct difference *difference)
{
	size_t next[SIDE_COUNT] = { 0 };
	for (size_t i = 0; i < difference->line_count; i++) {
		const struct difference_line *line = &difference->lines[i];
		char rest[SIDE_COUNT][PICTURE_MAX];
		size_t length[SIDE_COUNT] = { 0 };
		for (int side = 0; side < SIDE_COUNT; side++) {
			const struct span *span = &line->line[side];
			if (span->length > 0)
				assert_int_equal(span->offset, next[side]);
			next[side] += span->length;
			size_t at = span->offset;
			for (size_t j = 0; j <= line->mark_count[side] && span->length > 0; j++) {
				bool last = j == line->mark_count[side];
				const struct span *mark =
				        last ? NULL : &difference->marks[side][line->first_mark[side] + j];
				size_t end = last ? span->offset + span->length : mark->offset;
				assert_true(end >= at && (last || mark->length > 0));
				memcpy(rest[side] + length[side], difference->version[side].start + at, end - at);
				length[side] += end - at;
				at = last ? end : mark->offset + mark->length;
			}
		}
		if (line->kind == LINE_SAME || line->kind == LINE_CHANGED) {
			assert_int_equal(length[SIDE_SENT], length[SIDE_RECEIVED]);
			assert_memory_equal(rest[SIDE_SENT], rest[SIDE_RECEIVED], length[SIDE_SENT]);
		}
	}
	assert_int_equal(next[SIDE_SENT], difference->version[SIDE_SENT].length);
	assert_int_equal(next[SIDE_RECEIVED], difference->version[SIDE_RECEIVED].length);
}

static unsigned chance(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245U + 12345U;
	return (*seed >> 16) % below;
}

static void test_any_bytes(void **state)
{
	(void)state;
	static const char alphabet[] = { 'A', ':', ' ', '1', '.', '\n', '\r', '=', 'a', (char)0xff, 0, ';' };
	for (unsigned seed = 1, round = 0; round < 3000; round++) {
		char bytes[SIDE_COUNT][200];
		struct text versions[SIDE_COUNT];
		for (int side = 0; side < SIDE_COUNT; side++) {
			size_t length = chance(&seed, sizeof bytes[side]);
			for (size_t i = 0; i < length; i++)
				bytes[side][i] = alphabet[chance(&seed, sizeof alphabet)];
			versions[side] = (struct text){ bytes[side], length };
		}
		struct difference *difference = difference_create(&versions[SIDE_SENT], &versions[SIDE_RECEIVED]);
		check_property(difference);
		difference_destroy(difference);
	}
}

/* More lines and words than are compared with each other. */
static void test_huge(void **state)
{
	(void)state;
	enum { HUGE = 65536 };
	char *bytes[SIDE_COUNT] = { malloc(HUGE), malloc(HUGE) };
	for (int form = 0; form < 2; form++) {
		for (size_t i = 0; i < HUGE; i++) {
			bytes[SIDE_SENT][i] = i % 2 == 0 ? 'a' : form == 0 ? '\n' : ' ';
			bytes[SIDE_RECEIVED][i] = i % 2 == 0 ? 'b' : form == 0 ? '\n' : ' ';
		}
		for (int side = 0; form == 1 && side < SIDE_COUNT; side++)
			memcpy(bytes[side], "A:", 2);
		struct text sent = { bytes[SIDE_SENT], HUGE }, received = { bytes[SIDE_RECEIVED], HUGE };
		struct difference *difference = difference_create(&sent, &received);
		assert_non_null(difference);
		assert_false(difference->equal);
		assert_int_equal(difference->lines[0].kind, form == 0 ? LINE_REMOVED : LINE_CHANGED);
		difference_destroy(difference);
	}
	free(bytes[SIDE_SENT]);
	free(bytes[SIDE_RECEIVED]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),   cmocka_unit_test(test_words),     cmocka_unit_test(test_long_words),
		cmocka_unit_test(test_lines),  cmocka_unit_test(test_moved),     cmocka_unit_test(test_line_ends),
		cmocka_unit_test(test_absent), cmocka_unit_test(test_any_bytes), cmocka_unit_test(test_huge),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
