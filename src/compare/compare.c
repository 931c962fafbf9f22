/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compare/compare.h"

#include "base/cursor.h"
#include "sip/uri.h"

/* Which received line belongs to which sent one. */
struct pairs {
	uint16_t partner[LINES_MAX]; /* of a sent line, plus one; 0: none */
	bool taken[LINES_MAX];       /* received lines that have a partner */
};

static void add(struct changes *changes, enum place place, struct text before, struct text after)
{
	const struct change change = { .place = place, .before = before, .after = after };
	changes_add(changes, &change);
}

static size_t common_start(struct text left, struct text right)
{
	size_t length = 0;
	while (length < left.length && length < right.length && left.start[length] == right.start[length])
		length++;
	return length;
}

static size_t common_end(struct text left, struct text right)
{
	size_t length = 0;
	while (length < left.length && length < right.length &&
	       left.start[left.length - 1 - length] == right.start[right.length - 1 - length])
		length++;
	return length;
}

/* Of the received lines with the same name, the one most like it. An ALG that adds a Via must not make the others look
 * changed. */
static void pair_find(const struct message_lines *sent, const struct message_lines *received, size_t place,
                      struct pairs *pairs)
{
	size_t best = 0, best_likeness = 0;
	const struct header_line *line = &sent->list[place];
	for (size_t i = 1; i < received->count; i++) {
		const struct header_line *other = &received->list[i];
		if (pairs->taken[i] || !header_names_match(line, other))
			continue;
		bool equal = text_equal(line->value, other->value);
		size_t likeness =
		        equal ? SIZE_MAX
		              : 1 + common_start(line->value, other->value) + common_end(line->value, other->value);
		if (likeness > best_likeness) {
			best = i;
			best_likeness = likeness;
		}
	}
	if (best == 0)
		return;
	pairs->partner[place] = (uint16_t)(best + 1);
	pairs->taken[best] = true;
}

static void pairs_find(const struct message_lines *sent, const struct message_lines *received, struct pairs *pairs)
{
	memset(pairs, 0, sizeof *pairs);
	for (size_t i = 1; i < sent->count; i++)
		pair_find(sent, received, i, pairs);
}

/* Same header, other spelling of its name, its fold, its blanks or its line end. */
static bool form_differs(const struct header_line *sent, const struct header_line *received)
{
	if (!text_equal(sent->name, received->name) || sent->bare_lf != received->bare_lf)
		return true;
	struct text left = text_first(sent->whole, text_offset(sent->whole, sent->value));
	struct text right = text_first(received->whole, text_offset(received->whole, received->value));
	return !text_equal(left, right);
}

static void pair_compare(const struct header_line *sent, const struct header_line *received, struct changes *changes)
{
	if (form_differs(sent, received))
		add(changes, PLACE_FORM, sent->whole, received->whole);
	if (!text_equal(sent->value, received->value))
		compare_values(sent, received, changes);
}

static void headers_compare(const struct message_lines *sent, const struct message_lines *received,
                            struct changes *changes)
{
	struct pairs pairs;
	size_t last = 0;
	pairs_find(sent, received, &pairs);
	for (size_t i = 1; i < sent->count; i++) {
		if (pairs.partner[i] == 0) {
			add(changes, PLACE_HEADER_REMOVED, sent->list[i].whole, (struct text){ NULL, 0 });
			continue;
		}
		const struct header_line *partner = &received->list[pairs.partner[i] - 1];
		if (pairs.partner[i] < last && changes_find(changes, PLACE_ORDER) == NULL)
			add(changes, PLACE_ORDER, sent->list[i].whole, partner->whole);
		if (pairs.partner[i] > last)
			last = pairs.partner[i];
		pair_compare(&sent->list[i], partner, changes);
	}
	for (size_t i = 1; i < received->count; i++)
		if (!pairs.taken[i])
			add(changes, PLACE_HEADER_ADDED, (struct text){ NULL, 0 }, received->list[i].whole);
}

/* The Request-URI of a start line; empty: it is a status line. */
static struct text request_uri(struct text line)
{
	struct cursor cursor = cursor_of(line);
	struct text method = cursor_take_field(&cursor);
	struct text uri = cursor_take_field(&cursor);
	return text_begins_word(method, TEXT("sip/2.0")) ? text_first(line, 0) : uri;
}

static void start_lines_compare(struct text sent, struct text received, struct changes *changes)
{
	struct text before = request_uri(sent), after = request_uri(received);
	struct sip_uri from, to;
	if (text_equal(sent, received))
		return;
	if (text_equal(before, after) || before.length == 0 || !sip_uri_parse(before, &from) ||
	    !sip_uri_parse(after, &to)) {
		add(changes, PLACE_START_LINE, sent, received);
		return;
	}
	struct change change = { .place = PLACE_REQUEST_URI, .before = before, .after = after };
	change.from = (struct spot){ from.host.is_address ? from.host.address : change.from.address, from.port };
	change.to = (struct spot){ to.host.is_address ? to.host.address : change.to.address, to.port };
	changes_add(changes, &change);
}

/* How long the body is by Content-Length; SIZE_MAX: nobody says. */
static size_t length_told(const struct message_lines *lines)
{
	uint64_t number;
	const struct header_line *line = lines_find(lines, SIP_HEADER_CONTENT_LENGTH);
	return line != NULL && text_read_number(line->value, UINT32_MAX, &number) ? (size_t)number : SIZE_MAX;
}

static bool text_ends_with(struct text text, struct text end)
{
	return text.length >= end.length && text_equal(text_from(text, text.length - end.length), end);
}

/* Bytes behind the end that have become part of the body, or a Content-Length that is not the body's. What is wrong in
 * the message as it was sent is not the ALG's doing. */
static void content_compare(const struct message_lines *sent, const struct message_lines *received,
                            struct changes *changes)
{
	size_t sent_told = length_told(sent), told = length_told(received);
	struct text sent_body = text_first(sent->after, sent_told), body = received->after;
	struct text excess = text_from(sent->after, sent_body.length);
	const struct header_line *line = lines_find(received, SIP_HEADER_CONTENT_LENGTH);
	bool counted = excess.length > 0 && told == body.length && text_ends_with(body, excess);
	if (excess.length > 0 && text_ends_with(body, excess))
		body = text_first(body, body.length - excess.length);
	if (!text_equal(sent_body, body))
		compare_bodies(sent_body, body, changes);
	if (counted)
		add(changes, PLACE_EXCESS, excess, excess);
	else if (line != NULL && sent_told == sent_body.length && told != body.length &&
	         changes_find(changes, PLACE_BODY_END) == NULL && changes_find(changes, PLACE_BODY_APPENDED) == NULL)
		add(changes, PLACE_CONTENT_LENGTH, lines_find(sent, SIP_HEADER_CONTENT_LENGTH)->whole, line->whole);
}

void compare_messages(struct text sent, struct text received, struct changes *changes)
{
	struct message_lines before, after;
	changes->count = 0;
	changes->overflow = false;
	if (text_equal(sent, received))
		return;
	lines_read(sent, &before);
	lines_read(received, &after);
	if (before.count == 0 || after.count == 0 || before.ended != after.ended) {
		add(changes, PLACE_SYNTAX, sent, received);
		return;
	}
	if (!text_equal(before.lead, after.lead))
		add(changes, PLACE_FORM, before.lead, after.lead);
	start_lines_compare(before.list[0].whole, after.list[0].whole, changes);
	headers_compare(&before, &after, changes);
	content_compare(&before, &after, changes);
}
