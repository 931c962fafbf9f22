/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/segments.h"

#include "capture/bytes.h"
#include "translate/crossing.h"

#include <stdlib.h>

enum {
	SEGMENT_LEAST = 1220, /* bytes that every path carries (RFC 8200 5, less the headers) */
	SEGMENT_MOST = 32768,
	OPTIONS_MAX = 40, /* bytes (RFC 9293 3.1) */
	OPTION_END = 0,
	OPTION_NOTHING = 1,
	OPTION_SACK = 5, /* RFC 2018 3 */
};

bool segments_create(struct segments *segments)
{
	*segments = (struct segments){ .flows = calloc(STREAMS_MAX + 1, sizeof *segments->flows) };
	return segments->flows != NULL && streams_create(&segments->streams);
}

void segments_destroy(struct segments *segments)
{
	const struct streams *streams = &segments->streams;
	for (uint32_t slot = streams->newest; slot != 0; slot = streams->slots[slot].older)
		free(segments->flows[slot].kept);
	free(segments->flows);
	streams_destroy(&segments->streams);
}

/* A segment on its way. */
struct passing {
	struct crossing crossing;
	struct stream *stream;
	struct flow *flow;
	const struct flow *answers; /* the other direction; NULL: its bytes go as they come */
	uint8_t options[OPTIONS_MAX];
	struct capture_tcp tcp;      /* of what is written */
	bool known;                  /* whose it is */
	bool message, written, lost; /* anything of it */
};

/* ---- What is acknowledged ---- */

static const struct flow *flow_of(const struct segments *segments, const struct stream *stream)
{
	const struct flow *flow = stream != NULL ? &segments->flows[stream - segments->streams.slots] : NULL;
	bool edited = flow != NULL && flow->begun && flow->number == stream->number && !stream_is_foreign(stream);
	return edited ? flow : NULL;
}

static void translate_sack(const struct flow *answers, uint8_t *option, size_t length)
{
	for (size_t at = 2; at + 4 <= length; at += 4)
		bytes_write32(option + at, flow_there(answers, bytes_read32(option + at)));
}

static void translate_options(struct passing *passing)
{
	struct text options = passing->tcp.options;
	size_t at = 0;
	memcpy(passing->options, options.start, options.length);
	passing->tcp.options.start = (const char *)passing->options;
	while (passing->answers != NULL && at + 1 < options.length && passing->options[at] != OPTION_END) {
		uint8_t *option = passing->options + at;
		size_t length = option[0] == OPTION_NOTHING ? 1 : option[1];
		if (length == 0 || length > options.length - at)
			return;
		if (option[0] == OPTION_SACK)
			translate_sack(passing->answers, option, length);
		at += length;
	}
}

/* ---- Writing ---- */

static void write_segment(struct passing *passing, uint32_t sequence, uint8_t flags, struct text payload)
{
	struct crossing *crossing = &passing->crossing;
	passing->tcp.sequence = sequence;
	passing->tcp.flags = flags;
	if (!crossing_find_far(crossing) ||
	    !capture_write_segment(crossing->passage->writer, crossing->item, &crossing->far_source,
	                           &crossing->far_destination, &passing->tcp, payload)) {
		passing->lost = true;
		return;
	}
	passing->written = true;
	crossing->passage->counts.written++;
	size_t length = payload.length + ((flags & (CAPTURE_TCP_SYN | CAPTURE_TCP_FIN)) != 0);
	passing->flow->written =
	        (struct flow_news){ sequence + (uint32_t)length, passing->tcp.acknowledged, passing->tcp.window };
}

static void write_bytes(struct passing *passing, uint32_t sequence, struct text bytes)
{
	uint8_t flags = passing->crossing.item->tcp.flags & (uint8_t) ~(CAPTURE_TCP_FIN | CAPTURE_TCP_RST);
	size_t longest = passing->flow->segment_max < SEGMENT_LEAST ? SEGMENT_LEAST : passing->flow->segment_max;
	while (!text_is_empty(bytes)) {
		struct text part = text_first(bytes, longest);
		write_segment(passing, sequence, flags, part);
		sequence += (uint32_t)part.length;
		bytes = text_from(bytes, part.length);
	}
}

/* As it came; what it acknowledges may be another number. */
static void write_same(struct passing *passing)
{
	const struct capture_item *item = passing->crossing.item;
	write_segment(passing, item->tcp.sequence, item->tcp.flags, item->bytes);
}

/* ---- Bytes ---- */

/* What has passed before, as it passed then. */
static void pass_again(struct passing *passing)
{
	const struct capture_item *item = passing->crossing.item;
	const struct flow *flow = passing->flow;
	int32_t before = flow->begun ? flow_distance(item->tcp.sequence, flow->here) : 0;
	struct text again;
	if (before <= 0 || text_is_empty(item->bytes) || !passing->known)
		return;
	if (flow_again(flow, item->tcp.sequence, text_first(item->bytes, (size_t)before), &again))
		write_bytes(passing, flow_there(flow, item->tcp.sequence), again);
	else
		passing->lost = true;
}

static void pass_piece(struct passing *passing, const struct stream_piece *piece)
{
	struct flow *flow = passing->flow;
	struct text bytes = piece->bytes;
	if (!flow->begun)
		flow_begin(flow, piece->sequence);
	if (!passing->known)
		passing->known =
		        crossing_find_phone(&passing->crossing, text_first(bytes, piece->is_message ? SIZE_MAX : 0));
	if (!passing->known)
		return;
	if (piece->is_message)
		bytes = crossing_pass(&passing->crossing, bytes, piece->body_left);
	passing->message |= piece->is_message;
	flow_pass(flow, piece->sequence, piece->bytes, bytes);
	write_bytes(passing, flow->there - (uint32_t)bytes.length, bytes);
}

static void pass_pieces(struct passing *passing)
{
	struct stream_piece piece;
	while (stream_next(&passing->crossing.passage->segments.streams, passing->stream, &piece))
		pass_piece(passing, &piece);
}

/* ---- What has no bytes ---- */

static bool is_same(const struct flow_news *left, const struct flow_news *right)
{
	return left->sequence == right->sequence && left->acknowledged == right->acknowledged &&
	       left->window == right->window;
}

/* A segment whose bytes wait, or that has none, is written when it tells anything, or when it repeated what had been
 * told here as well: else it would look like the sign of a loss (RFC 5681 2). */
static void pass_news(struct passing *passing)
{
	const struct capture_tcp *tcp = &passing->crossing.item->tcp;
	const struct flow *flow = passing->flow;
	struct flow_news seen = { tcp->sequence, tcp->acknowledged, tcp->window };
	struct flow_news news = { flow->begun ? flow_there(flow, tcp->sequence) : tcp->sequence,
		                  passing->tcp.acknowledged, tcp->window };
	bool repeats = tcp->length == 0 && is_same(&seen, &flow->seen);
	if (passing->known && (repeats || !is_same(&news, &flow->written)))
		write_segment(passing, news.sequence, tcp->flags, text_first(passing->crossing.item->bytes, 0));
}

static void pass_end(struct passing *passing)
{
	const struct capture_item *item = passing->crossing.item;
	struct flow *flow = passing->flow;
	uint32_t end = item->tcp.sequence + (uint32_t)item->tcp.length;
	int32_t ahead = flow->begun ? flow_distance(flow->here, end) : 0;
	uint32_t there = flow->begun ? flow_there(flow, end) : end;
	if (!passing->known)
		return;
	write_segment(passing, ahead > 0 ? there + (uint32_t)ahead : there, item->tcp.flags,
	              text_first(item->bytes, 0));
	if (flow->begun && ahead == 0 && (item->tcp.flags & CAPTURE_TCP_FIN) != 0)
		flow_end(flow);
}

/* ---- A segment ---- */

static struct passing begin(struct passage *passage, const struct capture_item *item)
{
	struct segments *segments = &passage->segments;
	struct passing passing = { .crossing = crossing_begin(passage, item), .tcp = item->tcp };
	passing.stream = streams_add(&segments->streams, item);
	passing.flow = &segments->flows[passing.stream - segments->streams.slots];
	passing.answers = flow_of(segments, streams_find(&segments->streams, &item->destination, &item->source));
	if (passing.answers != NULL && (item->tcp.flags & CAPTURE_TCP_ACK) != 0)
		passing.tcp.acknowledged = flow_there(passing.answers, item->tcp.acknowledged);
	passing.known = crossing_find_phone(&passing.crossing, text_first(item->bytes, 0));
	return passing;
}

static void pass(struct passing *passing)
{
	const struct capture_item *item = passing->crossing.item;
	struct flow *flow = passing->flow;
	if ((item->tcp.flags & CAPTURE_TCP_SYN) != 0 && !flow->begun)
		flow_begin(flow, item->tcp.sequence + 1);
	if ((item->tcp.flags & CAPTURE_TCP_SYN) != 0 || stream_is_foreign(passing->stream)) {
		if (passing->known)
			write_same(passing);
		return;
	}
	if (flow->segment_max < item->bytes.length)
		flow->segment_max = item->bytes.length < SEGMENT_MOST ? item->bytes.length : SEGMENT_MOST;
	pass_again(passing);
	bool ends = (item->tcp.flags & (CAPTURE_TCP_FIN | CAPTURE_TCP_RST)) != 0;
	if (ends)
		stream_end(passing->stream);
	pass_pieces(passing);
	if (ends)
		pass_end(passing);
	else if (!passing->written)
		pass_news(passing);
	flow->seen = (struct flow_news){ item->tcp.sequence + (uint32_t)item->tcp.length, item->tcp.acknowledged,
		                         item->tcp.window };
}

void segments_take(struct passage *passage, const struct capture_item *item)
{
	struct passing passing = begin(passage, item);
	if (passing.flow->number != passing.stream->number)
		*passing.flow = (struct flow){ .number = passing.stream->number, .kept = passing.flow->kept };
	translate_options(&passing);
	pass(&passing);
	if (!passing.known)
		passage->counts.unknown_host++;
	else
		passage->counts.left_out += passing.lost;
	passage->counts.media += passing.written && !passing.message;
}
