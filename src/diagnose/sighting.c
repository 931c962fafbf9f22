/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diagnose/sighting.h"

#include "base/cursor.h"
#include "base/hash.h"
#include "sip/tag.h"
#include "sip/via.h"

uint64_t hash_of_bytes(const void *bytes, size_t length)
{
	static const struct hash_key key = { { 0 } };
	uint64_t hash = hash_bytes(&key, bytes, length);
	return hash != 0 ? hash : 1;
}

static uint64_t hash_of_text(struct text text)
{
	return text.length == 0 ? 0 : hash_of_bytes(text.start, text.length);
}

/* Most datagrams of a capture are media: the first byte tells. */
static bool may_be_sip(struct text bytes)
{
	char first = bytes.length > 0 ? *bytes.start : '\0';
	return bytes.length >= 16 &&
	       ((first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z') || first == '\r' || first == '\n');
}

/* How long the header is, empty line included; 0: it does not end. */
static size_t header_length(struct text bytes)
{
	struct cursor cursor = cursor_of(bytes), line;
	cursor_skip_class(&cursor, CHARACTER_BLANK);
	while (cursor_take_line(&cursor, &line))
		if (cursor_is_end(line))
			return text_offset(bytes, cursor_rest(cursor));
	return 0;
}

/* A message whose Content-Length says more than came can still be told which one it is. */
static bool read_despite_length(struct sighting *sighting)
{
	size_t header = header_length(sighting->bytes);
	struct text start = text_trim(text_first(sighting->bytes, header));
	uint64_t announced;
	if (header == 0 || start.length == 0)
		return false;
	struct text framed = text_from(text_first(sighting->bytes, header), text_offset(sighting->bytes, start));
	if (!sip_header_frame(framed, &announced) || announced <= sighting->bytes.length - header)
		return false;
	if (sip_message_parse_header(text_first(sighting->bytes, header), (size_t)announced, &sighting->message) !=
	    SIP_WHOLE)
		return false;
	sighting->message.body = text_from(sighting->bytes, header);
	sighting->too_short = true;
	sighting->announced = announced;
	return true;
}

/* Line ends and zeros behind a message say nothing. */
static size_t excess_of(const struct sighting *sighting)
{
	const struct sip_message *message = &sighting->message;
	if (sighting->too_short || message->content_length.length == 0)
		return 0;
	struct text rest =
	        text_from(sighting->bytes, text_offset(sighting->bytes, message->body) + message->body.length);
	while (rest.length > 0 &&
	       (rest.start[rest.length - 1] == '\0' || character_is(rest.start[rest.length - 1], CHARACTER_BLANK)))
		rest.length--;
	return rest.length;
}

static void read_branch(struct sighting *sighting)
{
	struct text rest = sip_message_header(&sighting->message, SIP_HEADER_VIA);
	struct sip_via via;
	if (sip_via_next(&rest, &via))
		sighting->branch = via.branch;
}

static uint64_t key_of(const struct sighting *sighting)
{
	const struct sip_message *message = &sighting->message;
	const uint64_t parts[] = {
		sighting->call,     hash_of_text(sighting->from_tag),   hash_of_text(sighting->to_tag),
		message->cseq,      hash_of_text(message->method_name), message->status,
		message->is_request
	};
	return hash_of_bytes(parts, sizeof parts);
}

bool sighting_read(const struct capture_item *item, size_t side, struct sighting *sighting)
{
	if (item->cut || !may_be_sip(item->bytes))
		return false;
	sighting->side = side;
	sighting->frame = item->frame->number;
	sighting->time_ns = item->frame->time_ns;
	sighting->from = item->source;
	sighting->to = item->destination;
	sighting->hop_limit = item->hop_limit;
	sighting->bytes = item->bytes;
	sighting->is_split = item->is_split;
	sighting->too_short = false;
	sighting->announced = 0;
	enum sip_result result =
	        item->body_left > 0 ? sip_message_parse_header(item->bytes, (size_t)item->body_left, &sighting->message)
	                            : sip_message_parse(item->bytes, &sighting->message);
	if (result != SIP_WHOLE && (result != SIP_MALFORMED || !read_despite_length(sighting)))
		return false;
	sighting->from_tag = sighting->to_tag = sighting->branch = (struct text){ NULL, 0 };
	if (!sip_tag_find(sip_message_header(&sighting->message, SIP_HEADER_FROM), &sighting->from_tag))
		sighting->from_tag = (struct text){ NULL, 0 };
	if (!sip_tag_find(sip_message_header(&sighting->message, SIP_HEADER_TO), &sighting->to_tag))
		sighting->to_tag = (struct text){ NULL, 0 };
	read_branch(sighting);
	sighting->call = hash_of_text(sip_message_header(&sighting->message, SIP_HEADER_CALL_ID));
	sighting->body = hash_of_text(sighting->message.body);
	sighting->excess = item->body_left > 0 ? 0 : excess_of(sighting);
	sighting->key = key_of(sighting);
	return true;
}
