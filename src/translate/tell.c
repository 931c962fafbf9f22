/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/tell.h"

#include "report/letters.h"
#include "sip/message.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

enum { LINE_MAX_SHOWN = 200, ENDPOINT_TEXT_MAX = SIPALG_ADDRESS_TEXT_MAX + 16, PLACE_WIDTH = 16 };

static const char *endpoint_text(const sipalg_endpoint *endpoint, char out[ENDPOINT_TEXT_MAX])
{
	char address[SIPALG_ADDRESS_TEXT_MAX];
	bool is_ipv4 = sipalg_address_is_ipv4(&endpoint->address);
	sipalg_address_write(&endpoint->address, address);
	snprintf(out, ENDPOINT_TEXT_MAX, is_ipv4 ? "%s:%u" : "[%s]:%u", address, endpoint->port);
	return out;
}

static const char *direction_word(enum sipalg_direction direction)
{
	return direction == SIPALG_OUTBOUND ? "outbound" : "inbound";
}

/* Text of a message, made safe. */
static const char *safe(struct text text, char *out, size_t room)
{
	char shown[LETTER_TEXT_MAX];
	size_t length = 0;
	while (!text_is_empty(text)) {
		struct letter letter = letter_next(text);
		letter_write(text, letter, true, shown);
		if (length + strlen(shown) + 1 > room)
			break;
		length += (size_t)snprintf(out + length, room - length, "%s", shown);
		text = text_from(text, letter.length);
	}
	out[length] = '\0';
	return out;
}

/* Line ends before it are keep-alives (RFC 3261 7.5). */
static struct text start_line(struct text message)
{
	while (!text_is_empty(message) && (message.start[0] == '\r' || message.start[0] == '\n'))
		message = text_from(message, 1);
	size_t length = 0;
	while (length < message.length && message.start[length] != '\r' && message.start[length] != '\n')
		length++;
	return text_first(message, length);
}

static struct text header_text(const struct passage_message *message, enum sip_header_kind kind)
{
	struct sip_message parsed;
	bool whole = sip_message_parse(message->bytes, &parsed) == SIP_WHOLE;
	struct text value = whole ? sip_message_header(&parsed, kind) : (struct text){ "", 0 };
	return value.start != NULL ? value : (struct text){ "", 0 };
}

static struct text before_of(const struct passage_message *message, const sipalg_edit *edit)
{
	return text_first(text_from(message->bytes, edit->offset), edit->length);
}

static struct text after_of(const sipalg_edit *edit)
{
	return (struct text){ edit->replacement, edit->replacement_length };
}

/* ---- For people ---- */

static void print_edits(const struct teller *teller, const struct passage_message *message)
{
	char before[LINE_MAX_SHOWN], after[LINE_MAX_SHOWN];
	for (size_t i = 0; i < message->verdict->edit_count; i++) {
		const sipalg_edit *edit = &message->verdict->edits[i];
		printf("    %-*s %s %s %s%s%s\n", PLACE_WIDTH, sipalg_place_word((enum sipalg_place)edit->place),
		       safe(before_of(message, edit), before, sizeof before), teller->terminal.arrow,
		       terminal_style(&teller->terminal, STYLE_CHANGED), safe(after_of(edit), after, sizeof after),
		       terminal_style(&teller->terminal, STYLE_PLAIN));
	}
}

static void print_message(const struct teller *teller, const struct passage_message *message)
{
	char source[ENDPOINT_TEXT_MAX], destination[ENDPOINT_TEXT_MAX], line[LINE_MAX_SHOWN], cseq[LINE_MAX_SHOWN];
	const struct terminal *terminal = &teller->terminal;
	const struct capture_frame *frame = message->item->frame;
	uint64_t since_us = (frame->time_ns - teller->begin_ns) / 1000;
	struct text start = start_line(message->bytes);
	bool response = start.length > 4 && memcmp(start.start, "SIP/", 4) == 0;
	printf("%s%s%6" PRIu64 ".%03u s  frame %" PRIu64 "  %s  %s %s %s%s\n", teller->told > 1 ? "\n" : "",
	       terminal_style(terminal, STYLE_DIM), since_us / 1000000, (unsigned)(since_us / 1000 % 1000),
	       frame->number, direction_word(message->direction), endpoint_text(&message->source, source),
	       terminal->arrow, endpoint_text(&message->destination, destination),
	       terminal_style(terminal, STYLE_PLAIN));
	printf("  %s%s%s", terminal_style(terminal, STYLE_BOLD), safe(start, line, sizeof line),
	       terminal_style(terminal, STYLE_PLAIN));
	if (response)
		printf("  (%s)", safe(header_text(message, SIP_HEADER_CSEQ), cseq, sizeof cseq));
	printf("\n  %s: %s\n", sipalg_reason_word(message->verdict->reason),
	       sipalg_reason_sentence(message->verdict->reason));
	print_edits(teller, message);
}

/* ---- For programs ---- */

static json_t *json_edits(const struct passage_message *message)
{
	char before[LINE_MAX_SHOWN], after[LINE_MAX_SHOWN];
	json_t *edits = json_array();
	for (size_t i = 0; i < message->verdict->edit_count; i++) {
		const sipalg_edit *edit = &message->verdict->edits[i];
		json_array_append_new(edits, json_pack("{s:s, s:s, s:s}", "place",
		                                       sipalg_place_word((enum sipalg_place)edit->place), "before",
		                                       safe(before_of(message, edit), before, sizeof before), "after",
		                                       safe(after_of(edit), after, sizeof after)));
	}
	return edits;
}

static json_t *json_message(const struct passage_message *message)
{
	char source[ENDPOINT_TEXT_MAX], destination[ENDPOINT_TEXT_MAX], line[LINE_MAX_SHOWN], cseq[LINE_MAX_SHOWN];
	char call_id[LINE_MAX_SHOWN];
	const struct capture_frame *frame = message->item->frame;
	return json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "number", (json_int_t)frame->number,
	                 "time_us", (json_int_t)(frame->time_ns / 1000), "direction",
	                 direction_word(message->direction), "source", endpoint_text(&message->source, source),
	                 "destination", endpoint_text(&message->destination, destination), "start_line",
	                 safe(start_line(message->bytes), line, sizeof line), "call_id",
	                 safe(header_text(message, SIP_HEADER_CALL_ID), call_id, sizeof call_id), "cseq",
	                 safe(header_text(message, SIP_HEADER_CSEQ), cseq, sizeof cseq), "reason",
	                 sipalg_reason_word(message->verdict->reason), "sentence",
	                 sipalg_reason_sentence(message->verdict->reason), "edits", json_edits(message));
}

static void print_json(json_t *json)
{
	if (json != NULL)
		json_dumpf(json, stdout, JSON_COMPACT);
	json_decref(json);
}

void tell_message(void *context, const struct passage_message *message)
{
	struct teller *teller = context;
	if (teller->begin_ns == 0)
		teller->begin_ns = message->item->frame->time_ns;
	teller->reasons[message->verdict->reason]++;
	teller->told++;
	if (!teller->json) {
		print_message(teller, message);
		return;
	}
	fputs(teller->told == 1 ? "{\"messages\":[\n" : ",\n", stdout);
	print_json(json_message(message));
}

/* ---- The end ---- */

static const char *side_word(enum seen_from side)
{
	static const char *const words[] = { "nowhere", "inside", "outside" };
	return words[side];
}

static void end_json(const struct teller *teller, const struct passage *passage, const char *trouble)
{
	const struct passage_counts *counts = &passage->counts;
	json_t *reasons = json_object();
	for (int i = 0; i < SIPALG_REASON_COUNT; i++)
		if (teller->reasons[i] > 0)
			json_object_set_new(reasons, sipalg_reason_word((enum sipalg_reason)i),
			                    json_integer((json_int_t)teller->reasons[i]));
	fputs(teller->told == 0 ? "{\"messages\":[],\n\"summary\":" : "],\n\"summary\":", stdout);
	print_json(json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "seen_from",
	                     side_word(passage->seen_from), "written", (json_int_t)counts->written, "messages",
	                     (json_int_t)counts->messages, "media", (json_int_t)counts->media, "other_side",
	                     (json_int_t)counts->other_side, "not_crossing", (json_int_t)counts->not_crossing,
	                     "unknown_host", (json_int_t)counts->unknown_host, "left_out", (json_int_t)counts->left_out,
	                     "reasons", reasons, "trouble", trouble != NULL ? json_string(trouble) : json_null()));
	fputs("}\n", stdout);
}

static void print_count(uint64_t count, const char *what)
{
	char text[COUNT_TEXT_MAX];
	if (count > 0)
		printf("  %10s  %s\n", count_text(count, text), what);
}

void tell_end(struct teller *teller, const struct passage *passage, const char *trouble)
{
	const struct passage_counts *counts = &passage->counts;
	if (teller->json) {
		end_json(teller, passage, trouble);
		return;
	}
	printf("%s%sSeen from %s%s\n", teller->told > 0 ? "\n" : "", terminal_style(&teller->terminal, STYLE_BOLD),
	       side_word(passage->seen_from), terminal_style(&teller->terminal, STYLE_PLAIN));
	for (int i = 0; i < SIPALG_REASON_COUNT; i++) {
		char text[64];
		snprintf(text, sizeof text, "messages %s", sipalg_reason_word((enum sipalg_reason)i));
		print_count(teller->reasons[i], text);
	}
	print_count(counts->media, "other packets translated");
	print_count(counts->written, "packets written");
	print_count(counts->not_crossing, "packets that do not cross the router");
	print_count(counts->other_side, "packets of the router's other side, which the capture holds too");
	print_count(counts->unknown_host, "packets of inside hosts that nothing names");
	print_count(counts->left_out, "frames left out: neither UDP nor TCP, or cut");
}
