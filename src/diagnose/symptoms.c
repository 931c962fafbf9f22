/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one message shows by itself, and what is lost before it is one. */
#include "diagnose/state.h"

#include "base/cursor.h"
#include "console/terminal.h"

#include <stdio.h>

struct evidence evidence_of(const struct call *call)
{
	return (struct evidence){ .call = call->hash, .where = call->id };
}

uint64_t hash_of_address(const sipalg_address *address)
{
	return hash_of_bytes(address, sizeof *address);
}

const char *endpoint_text(const sipalg_endpoint *end, char out[ENDPOINT_TEXT_MAX])
{
	char address[SIPALG_ADDRESS_TEXT_MAX];
	sipalg_address_write(&end->address, address);
	snprintf(out, ENDPOINT_TEXT_MAX, strchr(address, ':') != NULL ? "[%s]:%u" : "%s:%u", address,
	         (unsigned)end->port);
	return out;
}

bool tells_private(const struct event *event, const sipalg_endpoint *told)
{
	const struct seen *outside = &event->seen[event->seen_count - 1];
	bool translated =
	        event->seen_count == 2 && !sipalg_address_equal(&event->seen[0].from.address, &outside->from.address);
	return endpoint_is_given(told) && is_private_address(&told->address) &&
	       !sipalg_address_equal(&told->address, &outside->from.address) &&
	       (translated || !is_private_address(&outside->from.address));
}

const struct event *find_request(const struct call *call, const struct event *response)
{
	for (size_t i = call->count; i > 0 && !event_is_request(response); i--) {
		const struct event *event = &call->events[i - 1];
		if (event_is_request(event) && event->cseq == response->cseq && event->method == response->method &&
		    event->by != response->by)
			return event;
	}
	return NULL;
}

/* ---- Lengths ---- */

static bool begins_like_sip(struct text bytes)
{
	struct cursor cursor = cursor_of(bytes), line;
	if (!cursor_take_line(&cursor, &line))
		return false;
	struct text start = cursor_rest(line);
	return text_begins_word(start, TEXT("sip/2.0 ")) ||
	       (start.length > 8 && text_is_word(text_from(start, start.length - 8), TEXT(" sip/2.0")));
}

/* Over TCP a length that is too large takes in the message that follows. Of bodies only message/… hold one. */
static bool has_swallowed(const struct sighting *sighting)
{
	struct text type = sip_message_header(&sighting->message, SIP_HEADER_CONTENT_TYPE);
	struct cursor cursor = cursor_of(sighting->message.body), line;
	if (sighting->from.protocol != SIPALG_PROTOCOL_TCP || text_begins_word(type, TEXT("message/")) ||
	    text_begins_word(type, TEXT("multipart/")))
		return false;
	while (!cursor_is_end(cursor) && !begins_like_sip(cursor_rest(cursor)))
		if (!cursor_take_any_line(&cursor, &line))
			return false;
	return !cursor_is_end(cursor);
}

static void examine_length(struct diagnosis *diagnosis, const struct sighting *sighting, const struct call *call,
                           const struct event *event)
{
	struct evidence evidence = evidence_of(call);
	uint64_t about = hash_of_address(&sighting->from.address);
	char from[ENDPOINT_TEXT_MAX];
	endpoint_text(&sighting->from, from);
	if (sighting->too_short)
		causes_add(&diagnosis->causes, FAULT_CONTENT_LENGTH_WRONG, about, CONFIDENCE_LIKELY, &evidence,
		           "%s from %s: Content-Length says %llu, and only %zu bytes follow the header",
		           event->method_name, from, (unsigned long long)sighting->announced,
		           sighting->message.body.length);
	else if (has_swallowed(sighting))
		causes_add(&diagnosis->causes, FAULT_CONTENT_LENGTH_WRONG, about, CONFIDENCE_LIKELY, &evidence,
		           "%s from %s: Content-Length says %zu, and within so many bytes over TCP the next message "
		           "begins",
		           event->method_name, from, sighting->message.body.length);
	else if (sighting->excess > 0)
		causes_add(&diagnosis->causes, FAULT_CONTENT_LENGTH_WRONG, about, CONFIDENCE_LIKELY, &evidence,
		           "%s from %s: Content-Length says %zu, and %zu bytes more follow the header",
		           event->method_name, from, sighting->message.body.length, sighting->excess);
}

/* ---- ICE ---- */

static void examine_ice(struct diagnosis *diagnosis, const struct sighting *sighting, const struct call *call,
                        const struct event *event)
{
	const struct description *description = event->seen[event->seen_count - 1].description;
	struct evidence evidence = evidence_of(call);
	char from[ENDPOINT_TEXT_MAX];
	if (description == NULL)
		return;
	endpoint_text(&sighting->from, from);
	if (description->ice_mismatch)
		causes_add(&diagnosis->causes, FAULT_ICE_MISMATCH, 0, CONFIDENCE_CERTAIN, &evidence,
		           "%s answers a=ice-mismatch: the offer's addresses had been changed on the way to it", from);
	else if (description->ice_without_default && event->seen_count == 1)
		causes_add(&diagnosis->causes, FAULT_ICE_MISMATCH, 0, CONFIDENCE_LIKELY, &evidence,
		           "the description from %s names an address in c= and m= that none of its candidates has",
		           from);
}

/* ---- Marks that ALGs leave ---- */

static bool take_header_name(struct cursor *cursor, struct text *name)
{
	struct cursor line;
	if (!cursor_take_line(cursor, &line) || cursor_is_end(line))
		return false;
	*name = text_trim(text_first(cursor_rest(line), text_find(cursor_rest(line), ':')));
	return true;
}

/* A stack writes its headers' names one way: one that is small among capital ones was written by somebody else. */
static bool has_recased_header(struct text bytes, struct text *found)
{
	struct cursor cursor = cursor_of(bytes), line;
	size_t capital = 0, small = 0;
	struct text name;
	if (!cursor_take_line(&cursor, &line))
		return false;
	while (take_header_name(&cursor, &name)) {
		if (name.length < 3 || character_is(*name.start, CHARACTER_BLANK))
			continue;
		if (*name.start >= 'A' && *name.start <= 'Z')
			capital++;
		else if (text_is_word(name, TEXT("max-forwards")) && small++ == 0)
			*found = name;
	}
	return small == 1 && capital >= 5;
}

/* i=(o=IN IP4 192.168.1.2): some routers keep what they replaced in o= so. */
static bool has_origin_note(struct text body, struct text *found)
{
	struct cursor cursor = cursor_of(body), line;
	while (cursor_take_any_line(&cursor, &line)) {
		*found = cursor_rest(line);
		if (text_begins_word(*found, TEXT("i=(o=in ip")))
			return true;
	}
	return false;
}

static void examine_marks(struct diagnosis *diagnosis, const struct sighting *sighting, const struct call *call)
{
	struct evidence evidence = evidence_of(call);
	struct text found = { "", 0 };
	if (has_origin_note(sighting->message.body, &found))
		causes_add(&diagnosis->causes, FAULT_SDP_LINE_ADDED, 0, CONFIDENCE_CERTAIN, &evidence,
		           "\"%.*s\" is a note of a router's SIP ALG to itself, which phones do not write",
		           (int)(found.length < 64 ? found.length : 64), found.start);
	if (sighting->message.is_request && has_recased_header(sighting->bytes, &found))
		causes_add(&diagnosis->causes, FAULT_HEADER_RECASED, 0, CONFIDENCE_HINT, &evidence,
		           "\"%.*s\" alone is written in small letters: some SIP ALGs write it so", (int)found.length,
		           found.start);
}

void diagnosis_examine(struct diagnosis *diagnosis, const struct sighting *sighting, const struct call *call,
                       const struct event *event)
{
	if (event->seen_count == 1)
		examine_length(diagnosis, sighting, call, event);
	examine_ice(diagnosis, sighting, call, event);
	if (event->seen_count == 1)
		examine_marks(diagnosis, sighting, call);
}

/* ---- Fragments ---- */

/* A filter like "port 5060" keeps only the first fragment of each datagram, for the others have no ports: where
 * nobody's later fragments were captured, nothing can be said. */
void diagnosis_note_lost(struct diagnosis *diagnosis, const struct capture_item *item)
{
	char from[ENDPOINT_TEXT_MAX], to[ENDPOINT_TEXT_MAX];
	if (!begins_like_sip(item->bytes))
		return;
	diagnosis->sip_fragments_lost++;
	struct evidence evidence = { 0 };
	enum confidence confidence = diagnosis->later_fragments > 0 ? CONFIDENCE_LIKELY : CONFIDENCE_HINT;
	causes_add(&diagnosis->causes, FAULT_FRAGMENTS_LOST, hash_of_address(&item->source.address), confidence,
	           &evidence, "a message from %s to %s came in pieces, and not all of them came%s",
	           endpoint_text(&item->source, from), endpoint_text(&item->destination, to),
	           confidence == CONFIDENCE_HINT
	                   ? "; a filter such as \"port 5060\" would leave them out as well: capture "
	                     "with \"host …\" in its place"
	                   : "");
}
