/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compare/compare.h"

#include "base/cursor.h"
#include "report/alignment.h"
#include "report/pieces.h"
#include "sdp/fields.h"

#include <stdlib.h>

enum { BODY_LINES_MAX = ALIGNMENT_MAX };

/* A line of a body, with its end. */
struct body_line {
	struct text text;
	bool described; /* part of a session description */
	uint8_t media;  /* which m= it belongs to; CHANGE_SESSION: none yet */
};

struct body {
	size_t count;
	struct body_line lines[BODY_LINES_MAX];
};

struct bodies {
	struct body sent, received;
	size_t partner[BODY_LINES_MAX];
	bool taken[BODY_LINES_MAX];
};

static bool begins_like_sdp(struct text line)
{
	return line.length >= 2 && line.start[1] == '=' && *line.start >= 'a' && *line.start <= 'z';
}

/* False: it has too many lines. A description begins with "v=" and ends where its lines do. */
static bool body_read(struct text text, struct body *body)
{
	bool described = false;
	uint8_t media = CHANGE_SESSION;
	for (body->count = 0; text.length > 0; body->count++) {
		struct text line = piece_line(text);
		if (body->count == BODY_LINES_MAX)
			return false;
		if (text_begins_word(line, TEXT("v=0"))) {
			described = true;
			media = CHANGE_SESSION;
		}
		described = described && begins_like_sdp(line);
		if (described && *line.start == 'm')
			media++; /* from 255 to 0 */
		body->lines[body->count] = (struct body_line){ line, described, media };
		text = text_from(text, line.length);
	}
	return true;
}

static bool has_end(struct text line)
{
	return line.length > 0 && line.start[line.length - 1] == '\n';
}

/* The last line of what has arrived ends too early. */
static bool is_cut(struct text sent, struct text received)
{
	return has_end(sent) && !has_end(received) && received.length > 0 && received.length < sent.length &&
	       text_equal(text_first(sent, received.length), received);
}

static uint32_t likeness(const void *context, size_t left, size_t right)
{
	const struct bodies *bodies = context;
	const struct body_line *sent = &bodies->sent.lines[left], *received = &bodies->received.lines[right];
	if (text_equal(sent->text, received->text))
		return 16;
	if (is_cut(sent->text, received->text))
		return 8;
	return sent->described && received->described ? piece_likeness(sent->text, received->text) : 0;
}

static void add(struct changes *changes, enum place place, const struct body_line *line, struct text before,
                struct text after)
{
	const struct change change = { .place = place, .index = line->media, .before = before, .after = after };
	changes_add(changes, &change);
}

static struct spot spot_of(const struct sdp_address *address, uint16_t port)
{
	struct spot spot = { .port = port };
	if (address->host.is_address)
		spot.address = address->host.address;
	return spot;
}

/* The address and port of a line that names one. */
struct described {
	struct sdp_address address;
	uint16_t port;
	struct text text; /* the part of the line that holds them */
};

/* "c=IN IP4 192.0.2.1" and "o=name id version IN IP4 192.0.2.1". */
static bool address_line_read(struct text line, unsigned words_before, struct described *out)
{
	struct cursor cursor = cursor_of(text_trim(text_from(line, 2)));
	for (unsigned i = 0; i < words_before; i++)
		(void)cursor_take_field(&cursor);
	return sdp_address_take(&cursor, &out->address) && (out->text = out->address.host.name).length > 0;
}

/* "a=rtcp:53020 IN IP4 192.0.2.1" (RFC 3605 2.1); the address may be missing. */
static bool rtcp_line_read(struct text line, struct described *out)
{
	struct text port;
	struct cursor cursor = cursor_of(text_trim(text_from(line, strlen("a=rtcp:"))));
	out->text = cursor_rest(cursor);
	if (!sdp_port_take(&cursor, &port, &out->port))
		return false;
	cursor_skip_blanks(&cursor);
	return cursor_is_end(cursor) || sdp_address_take(&cursor, &out->address);
}

/* "a=candidate:1 1 UDP 2130706431 192.0.2.1 12000 typ host" (RFC 8839 5.1). */
static bool candidate_line_read(struct text line, struct described *out)
{
	struct text host, port;
	struct cursor cursor = cursor_of(text_trim(text_from(line, strlen("a=candidate:"))));
	for (unsigned i = 0; i < 4; i++)
		(void)cursor_take_field(&cursor);
	host = cursor_take_field(&cursor);
	sdp_host_read(host, &out->address.host);
	out->text = host;
	cursor_skip_blanks(&cursor);
	if (!sdp_port_take(&cursor, &port, &out->port))
		return false;
	out->text.length = text_offset(host, port) + port.length;
	return true;
}

static bool described_read(struct text line, enum place *place, struct described *out)
{
	*out = (struct described){ 0 };
	if (text_begins_word(line, TEXT("c="))) {
		*place = PLACE_SDP_CONNECTION;
		return address_line_read(line, 0, out);
	}
	if (text_begins_word(line, TEXT("o="))) {
		*place = PLACE_SDP_ORIGIN;
		return address_line_read(line, 3, out);
	}
	if (text_begins_word(line, TEXT("a=rtcp:"))) {
		*place = PLACE_SDP_RTCP;
		return rtcp_line_read(line, out);
	}
	*place = PLACE_SDP_CANDIDATE;
	return text_begins_word(line, TEXT("a=candidate:")) && candidate_line_read(line, out);
}

/* Whether the lines are the same but for the part that was read. */
static bool rest_equal(struct text left, struct text left_part, struct text right, struct text right_part)
{
	size_t left_start = text_offset(left, left_part), right_start = text_offset(right, right_part);
	return text_equal(text_first(left, left_start), text_first(right, right_start)) &&
	       text_equal(text_trim(text_from(left, left_start + left_part.length)),
	                  text_trim(text_from(right, right_start + right_part.length)));
}

/* "m=audio 12000 RTP/AVP 0": the port and what stands around it. */
static bool media_port_read(struct text line, struct described *out)
{
	struct cursor cursor = cursor_of(text_trim(text_from(line, 2)));
	(void)cursor_take_field(&cursor);
	cursor_skip_blanks(&cursor);
	*out = (struct described){ 0 };
	return sdp_port_take(&cursor, &out->text, &out->port);
}

static void media_compare(const struct body_line *sent, const struct body_line *received, struct changes *changes)
{
	struct described before, after;
	bool readable = media_port_read(received->text, &after);
	if (!media_port_read(sent->text, &before) ||
	    (readable && !rest_equal(sent->text, before.text, received->text, after.text))) {
		add(changes, PLACE_SDP_OTHER, sent, sent->text, received->text);
		return;
	}
	const struct change change = { .place = PLACE_SDP_PORT,
		                       .index = sent->media,
		                       .before = before.text,
		                       .after = readable ? after.text : received->text,
		                       .from.port = before.port,
		                       .to.port = readable ? after.port : 0 };
	changes_add(changes, &change);
}

static void lines_compare(const struct body_line *sent, const struct body_line *received, struct changes *changes)
{
	enum place place, other_place;
	struct described before, after;
	if (is_cut(sent->text, received->text)) {
		add(changes, PLACE_BODY_END, sent, sent->text, received->text);
		return;
	}
	if (text_equal(text_trim(sent->text), text_trim(received->text))) {
		add(changes, PLACE_FORM, sent, sent->text, received->text);
		return;
	}
	if (text_begins_word(sent->text, TEXT("m=")) && text_begins_word(received->text, TEXT("m="))) {
		media_compare(sent, received, changes);
		return;
	}
	if (!described_read(sent->text, &place, &before) || !described_read(received->text, &other_place, &after) ||
	    place != other_place || !rest_equal(sent->text, before.text, received->text, after.text)) {
		bool origin = text_begins_word(sent->text, TEXT("o="));
		add(changes, origin ? PLACE_SDP_ORIGIN : PLACE_SDP_OTHER, sent, sent->text, received->text);
		return;
	}
	const struct change change = { .place = place,
		                       .index = sent->media,
		                       .before = before.text,
		                       .after = after.text,
		                       .from = spot_of(&before.address, before.port),
		                       .to = spot_of(&after.address, after.port) };
	changes_add(changes, &change);
}

/* Nothing of the sent body from this line on has arrived. */
static bool rest_missing(const struct bodies *bodies, size_t place)
{
	while (place < bodies->sent.count && bodies->partner[place] == ALIGNMENT_ALONE)
		place++;
	return place == bodies->sent.count;
}

static void sent_lines_compare(struct bodies *bodies, struct changes *changes)
{
	const struct text none = { NULL, 0 };
	for (size_t i = 0; i < bodies->sent.count; i++) {
		const struct body_line *line = &bodies->sent.lines[i];
		size_t partner = bodies->partner[i];
		if (partner != ALIGNMENT_ALONE) {
			const struct body_line *other = &bodies->received.lines[partner];
			bodies->taken[partner] = true;
			if (!text_equal(line->text, other->text))
				lines_compare(line, other, changes);
			continue;
		}
		if (rest_missing(bodies, i) && bodies->received.count < bodies->sent.count) {
			if (changes_find(changes, PLACE_BODY_END) == NULL)
				add(changes, PLACE_BODY_END, line, line->text, none);
			return;
		}
		add(changes, line->described ? PLACE_SDP_LINE_REMOVED : PLACE_BODY, line, line->text, none);
	}
}

/* Nothing of the received body from this line on was sent, while all that was sent has arrived. */
static bool rest_appended(const struct bodies *bodies, size_t place)
{
	for (size_t i = place; i < bodies->received.count; i++)
		if (bodies->taken[i])
			return false;
	for (size_t i = 0; i < bodies->sent.count; i++)
		if (bodies->partner[i] == ALIGNMENT_ALONE)
			return false;
	return true;
}

static void received_lines_compare(const struct bodies *bodies, struct changes *changes)
{
	const struct text none = { NULL, 0 };
	for (size_t i = 0; i < bodies->received.count; i++) {
		const struct body_line *line = &bodies->received.lines[i];
		if (bodies->taken[i])
			continue;
		if (rest_appended(bodies, i)) {
			add(changes, PLACE_BODY_APPENDED, line, none, line->text);
			return;
		}
		add(changes, line->described ? PLACE_SDP_LINE_ADDED : PLACE_BODY, line, none, line->text);
	}
}

/* A body that ends in the middle of one of its lines. */
static bool body_cut(struct text sent, struct text received)
{
	return received.length < sent.length && text_equal(text_first(sent, received.length), received);
}

void compare_bodies(struct text sent, struct text received, struct changes *changes)
{
	const struct body_line nowhere = { .media = CHANGE_SESSION };
	struct bodies *bodies = body_cut(sent, received) ? NULL : calloc(1, sizeof *bodies);
	if (body_cut(sent, received)) {
		add(changes, PLACE_BODY_END, &nowhere, text_from(sent, received.length), text_first(received, 0));
		return;
	}
	if (bodies == NULL || !body_read(sent, &bodies->sent) || !body_read(received, &bodies->received) ||
	    !alignment_find(bodies->sent.count, bodies->received.count, likeness, bodies, bodies->partner)) {
		add(changes, PLACE_BODY, &nowhere, sent, received);
	} else {
		sent_lines_compare(bodies, changes);
		received_lines_compare(bodies, changes);
	}
	free(bodies);
}
