/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/journal.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static sipalg_packet make_packet(const char *text)
{
	return (sipalg_packet){
		.bytes = (const uint8_t *)text,
		.length = strlen(text),
		.source = { sipalg_address_from_ipv4(0xc0a80102), 5060, SIPALG_PROTOCOL_UDP, 0 },
		.destination = { sipalg_address_from_ipv4(0xcb007102), 5060, SIPALG_PROTOCOL_UDP, 0 },
		.direction = SIPALG_OUTBOUND,
	};
}

/* The Call-ID's value, as the engine would point to it. */
static sipalg_verdict make_verdict(const sipalg_packet *packet, enum sipalg_reason reason)
{
	sipalg_verdict verdict = { .reason = reason, .bytes = packet->bytes, .length = packet->length };
	const char *name = strstr((const char *)packet->bytes, "Call-ID: ");
	if (name != NULL) {
		verdict.call_id = name + strlen("Call-ID: ");
		verdict.call_id_length = strcspn(verdict.call_id, "\r\n");
	}
	return verdict;
}

static void assert_text(struct journal_text text, const char *expected)
{
	if (text.length != strlen(expected) || memcmp(text.start, expected, text.length) != 0)
		fail_msg("\"%.*s\" is not \"%s\"", (int)text.length, text.start, expected);
}

static const char invite[] = "INVITE sip:bob@example.com SIP/2.0\r\n"
                             "Via: SIP/2.0/UDP 192.168.1.2:5060;branch=z9hG4bK1\r\n"
                             "Call-ID: f81d4fae@192.168.1.2\r\n"
                             "cseq : 7 INVITE\r\n"
                             "\r\n";

static void test_a_message_is_kept(void **state)
{
	(void)state;
	struct journal *journal = journal_create(0);
	struct journal_entry entry;
	struct journal_edit edit;
	uint64_t cursor = 0;
	size_t edit_cursor = 0;
	sipalg_packet packet = make_packet(invite);
	sipalg_verdict verdict = make_verdict(&packet, SIPALG_REASON_EDITED);
	sipalg_edit edits[2] = {
		{ .offset = 53,
		  .length = 16,
		  .replacement_length = 16,
		  .place = SIPALG_PLACE_VIA,
		  .replacement = "203.0.113.1:1234" },
		{ .offset = 60,
		  .length = 0,
		  .replacement_length = 1,
		  .place = SIPALG_PLACE_CONTACT,
		  .replacement = "x" },
	};
	verdict.edits = edits;
	verdict.edit_count = 2;
	journal_record(journal, 1234567890, &packet, &verdict);

	assert_true(journal_next(journal, &cursor, &entry));
	assert_int_equal(entry.number, 1);
	assert_int_equal(entry.wall_ns, 1234567890);
	assert_int_equal(entry.direction, SIPALG_OUTBOUND);
	assert_int_equal(entry.reason, SIPALG_REASON_EDITED);
	assert_true(sipalg_endpoint_equal(&entry.source, &packet.source));
	assert_true(sipalg_endpoint_equal(&entry.destination, &packet.destination));
	assert_text(entry.start_line, "INVITE sip:bob@example.com SIP/2.0");
	assert_text(entry.call_id, "f81d4fae@192.168.1.2");
	assert_text(entry.cseq, "7 INVITE");
	assert_int_equal(entry.edit_count, 2);
	assert_true(journal_next_edit(&entry, &edit_cursor, &edit));
	assert_int_equal(edit.place, SIPALG_PLACE_VIA);
	assert_text(edit.original, "192.168.1.2:5060");
	assert_text(edit.replacement, "203.0.113.1:1234");
	assert_false(edit.cut);
	assert_true(journal_next_edit(&entry, &edit_cursor, &edit));
	assert_text(edit.original, "");
	assert_text(edit.replacement, "x");
	assert_false(journal_next_edit(&entry, &edit_cursor, &edit));
	assert_false(journal_next(journal, &cursor, &entry));
	journal_destroy(journal);
}

static void test_odd_messages_are_kept(void **state)
{
	(void)state;
	static const struct {
		const char *text, *start_line, *cseq;
	} cases[] = {
		{ "", "", "" },
		{ "\r\n\r\n", "", "" },
		{ "\r\nSIP/2.0 200 OK\nCSeq:2 BYE\n\n", "SIP/2.0 200 OK", "2 BYE" },
		{ "garbage without an end", "garbage without an end", "" },
		{ "OPTIONS sip:a SIP/2.0\r\nCSeq", "OPTIONS sip:a SIP/2.0", "" },
		{ "OPTIONS sip:a SIP/2.0\r\nCSequence: 3\r\n\r\n", "OPTIONS sip:a SIP/2.0", "" },
		{ "A\r\nCSeq: \t 123456789012345678901234567890123456789012345\r\n", "A",
		  "1234567890123456789012345678901234567890" },
	};
	struct journal *journal = journal_create(0);
	uint64_t cursor = 0;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct journal_entry entry;
		/* At the end of its memory, so that a sanitizer sees a look beyond. */
		size_t length = strlen(cases[i].text);
		char *text = malloc(length + (length == 0));
		memcpy(text, cases[i].text, length);
		sipalg_packet packet = make_packet("");
		packet.bytes = (const uint8_t *)text;
		packet.length = length;
		journal_record(journal, i, &packet, &(sipalg_verdict){ .reason = SIPALG_REASON_MALFORMED });
		free(text);
		assert_true(journal_next(journal, &cursor, &entry));
		assert_text(entry.start_line, cases[i].start_line);
		assert_text(entry.cseq, cases[i].cseq);
		assert_int_equal(entry.call_id.length, 0);
	}
	journal_destroy(journal);
}

static void test_long_texts_are_cut(void **state)
{
	(void)state;
	struct journal *journal = journal_create(0);
	struct journal_entry entry;
	struct journal_edit edit;
	uint64_t cursor = 0;
	size_t edit_cursor = 0, edits_told = 0;
	char text[4096];
	memset(text, 'x', sizeof text);
	sipalg_edit edits[SIPALG_EDITS_MAX];
	for (size_t i = 0; i < SIPALG_EDITS_MAX; i++)
		edits[i] = (sipalg_edit){ .offset = (uint32_t)i,
			                  .length = 1000,
			                  .replacement_length = SIPALG_REPLACEMENT_MAX };
	sipalg_packet packet = make_packet("");
	packet.bytes = (const uint8_t *)text;
	packet.length = sizeof text;
	sipalg_verdict verdict = {
		.call_id = text, .call_id_length = 1000, .edits = edits, .edit_count = SIPALG_EDITS_MAX
	};
	journal_record(journal, 1, &packet, &verdict);
	assert_true(journal_next(journal, &cursor, &entry));
	assert_int_equal(entry.start_line.length, JOURNAL_START_LINE_MAX);
	assert_int_equal(entry.call_id.length, JOURNAL_CALL_ID_MAX);
	assert_int_equal(entry.edit_count, SIPALG_EDITS_MAX);
	while (journal_next_edit(&entry, &edit_cursor, &edit)) {
		assert_int_equal(edit.original.length, JOURNAL_ORIGINAL_MAX);
		assert_true(edit.cut);
		edits_told++;
	}
	assert_int_equal(edits_told, JOURNAL_EDITS_MAX);
	journal_destroy(journal);
}

/* What a message numbered so holds: lengths differ from one to the next, so that every place of the ring's end is met.
 */
static size_t number_text(uint64_t number, char out[512])
{
	int head = snprintf(out, 512, "M%u\r\nCall-ID: %u-", (unsigned)number, (unsigned)number);
	size_t length = (size_t)head + (size_t)(number * 7919 % 240);
	memset(out + head, 'a' + (int)(number % 26), length - (size_t)head);
	memcpy(out + length, "\r\n\r\n", 5);
	return length + 4;
}

/* However many messages come, what is read is whole, in order, without holes, and ends with the latest. */
static void test_the_oldest_make_room(void **state)
{
	(void)state;
	enum { MESSAGES = 20000 };
	for (size_t size = JOURNAL_SIZE_MIN; size < JOURNAL_SIZE_MIN + 1024; size += 192) {
		struct journal *journal = journal_create(size);
		uint64_t kept = 0;
		for (uint64_t number = 1; number <= MESSAGES; number++) {
			char text[512], expected[512];
			number_text(number, text);
			sipalg_packet packet = make_packet(text);
			sipalg_verdict verdict = make_verdict(&packet, SIPALG_REASON_NOTHING_TO_DO);
			journal_record(journal, number, &packet, &verdict);
			if (number % 997 != 0 && number != MESSAGES)
				continue;
			struct journal_entry entry;
			uint64_t cursor = 0, last = 0;
			for (kept = 0; journal_next(journal, &cursor, &entry); kept++) {
				assert_true(last == 0 || entry.number == last + 1);
				last = entry.number;
				number_text(last, expected);
				char *call_id = strstr(expected, "Call-ID: ") + strlen("Call-ID: ");
				call_id[strcspn(call_id, "\r")] = '\0';
				call_id[strlen(call_id) < JOURNAL_CALL_ID_MAX ? strlen(call_id) : JOURNAL_CALL_ID_MAX] =
				        '\0';
				assert_text(entry.call_id, call_id);
				assert_int_equal(entry.wall_ns, last);
			}
			assert_int_equal(last, number);
		}
		assert_int_equal(journal_count(journal), MESSAGES);
		/* A record takes some 300 bytes: nothing much of the ring lies idle. */
		assert_in_range(kept, size / 400, size / 100);
		journal_destroy(journal);
	}
}

/* A reader that stands still is overtaken, and goes on with the oldest message there is. */
static void test_a_slow_reader_skips(void **state)
{
	(void)state;
	struct journal *journal = journal_create(0);
	struct journal_entry entry;
	uint64_t cursor = 0, last = 0;
	char text[512];
	for (uint64_t number = 1; number <= 5000; number++) {
		number_text(number, text);
		sipalg_packet packet = make_packet(text);
		sipalg_verdict verdict = make_verdict(&packet, SIPALG_REASON_NOTHING_TO_DO);
		journal_record(journal, number, &packet, &verdict);
		if (number % 100 != 0)
			continue;
		assert_true(journal_next(journal, &cursor, &entry));
		assert_true(entry.number > last);
		last = entry.number;
		number_text(last, text);
		assert_memory_equal(entry.start_line.start, text, entry.start_line.length);
	}
	assert_in_range(last, 4000, 5000);
	journal_destroy(journal);
}

static void test_no_journal_is_none(void **state)
{
	(void)state;
	struct journal_entry entry;
	uint64_t cursor = 0;
	sipalg_packet packet = make_packet(invite);
	journal_record(NULL, 1, &packet, &(sipalg_verdict){ 0 });
	assert_false(journal_next(NULL, &cursor, &entry));
	assert_int_equal(journal_count(NULL), 0);
	journal_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_message_is_kept),   cmocka_unit_test(test_odd_messages_are_kept),
		cmocka_unit_test(test_long_texts_are_cut),  cmocka_unit_test(test_the_oldest_make_room),
		cmocka_unit_test(test_a_slow_reader_skips), cmocka_unit_test(test_no_journal_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
