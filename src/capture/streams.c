/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/streams.h"

#include "base/hash.h"
#include "capture/capture.h"

#include <stdlib.h>

/* Sequence numbers wrap (RFC 9293 3.4): which of two comes first is a matter of distance. */
static int32_t distance(uint32_t from, uint32_t to)
{
	return (int32_t)(to - from);
}

/* ---- The table ---- */

static void lay_out(struct streams *streams)
{
	pool_lay_out(&streams->pool, &streams->arena, STREAMS_MAX);
	table_lay_out(&streams->table, &streams->arena, STREAMS_MAX);
	streams->slots = arena_take(&streams->arena, STREAMS_MAX + 1, sizeof *streams->slots);
}

bool streams_create(struct streams *streams)
{
	*streams = (struct streams){ 0 };
	lay_out(streams);
	uint8_t *base = calloc(1, streams->arena.used);
	streams->arena = (struct arena){ .base = base };
	if (base != NULL)
		lay_out(streams);
	return base != NULL;
}

static void let_go_early(struct streams *streams, struct stream *stream)
{
	while (stream->early != NULL) {
		struct early *first = stream->early;
		stream->early = first->next;
		free(first);
	}
	streams->bytes -= stream->early_bytes;
	stream->early_count = 0;
	stream->early_bytes = 0;
}

static void let_go_bytes(struct streams *streams, struct stream *stream)
{
	free(stream->bytes);
	streams->bytes -= stream->capacity;
	stream->bytes = NULL;
	stream->length = stream->capacity = stream->taken = 0;
}

void streams_destroy(struct streams *streams)
{
	for (uint32_t slot = streams->newest; slot != 0; slot = streams->slots[slot].older) {
		let_go_early(streams, &streams->slots[slot]);
		let_go_bytes(streams, &streams->slots[slot]);
	}
	free(streams->arena.base);
	*streams = (struct streams){ 0 };
}

static uint64_t hash_of(const sipalg_endpoint ends[2])
{
	static const struct hash_key key = { { 0 } };
	return hash_bytes(&key, ends, 2 * sizeof *ends);
}

static void unlink_slot(struct streams *streams, uint32_t slot)
{
	struct stream *stream = &streams->slots[slot];
	*(stream->newer != 0 ? &streams->slots[stream->newer].older : &streams->newest) = stream->older;
	*(stream->older != 0 ? &streams->slots[stream->older].newer : &streams->oldest) = stream->newer;
}

static void link_newest(struct streams *streams, uint32_t slot)
{
	struct stream *stream = &streams->slots[slot];
	stream->newer = 0;
	stream->older = streams->newest;
	*(streams->newest != 0 ? &streams->slots[streams->newest].newer : &streams->oldest) = slot;
	streams->newest = slot;
}

static uint32_t take_slot(struct streams *streams)
{
	uint32_t slot = pool_take(&streams->pool);
	if (slot != 0)
		return slot;
	slot = streams->oldest;
	struct stream *stream = &streams->slots[slot];
	let_go_early(streams, stream);
	let_go_bytes(streams, stream);
	table_remove(&streams->table, hash_of(stream->ends), slot);
	unlink_slot(streams, slot);
	return slot;
}

static uint32_t find(const struct streams *streams, const sipalg_endpoint ends[2], uint64_t hash)
{
	uint32_t slot = table_first(&streams->table, hash);
	while (slot != 0 && memcmp(streams->slots[slot].ends, ends, 2 * sizeof *ends) != 0)
		slot = table_next(&streams->table, slot);
	return slot;
}

struct stream *streams_find(const struct streams *streams, const sipalg_endpoint *source,
                            const sipalg_endpoint *destination)
{
	const sipalg_endpoint ends[2] = { *source, *destination };
	uint32_t slot = find(streams, ends, hash_of(ends));
	return slot != 0 ? &streams->slots[slot] : NULL;
}

static struct stream *find_or_begin(struct streams *streams, const struct capture_item *segment)
{
	const sipalg_endpoint ends[2] = { segment->source, segment->destination };
	uint64_t hash = hash_of(ends);
	uint32_t slot = find(streams, ends, hash);
	if (slot != 0) {
		unlink_slot(streams, slot);
	} else {
		slot = take_slot(streams);
		streams->slots[slot] =
		        (struct stream){ .ends = { ends[0], ends[1] }, .used = true, .number = ++streams->begun };
		table_insert(&streams->table, hash, slot);
	}
	link_newest(streams, slot);
	return &streams->slots[slot];
}

/* ---- Bytes in order ---- */

static bool make_room(struct streams *streams, struct stream *stream, size_t more)
{
	size_t wanted = stream->length + more, capacity = stream->capacity != 0 ? stream->capacity : 2048;
	if (wanted <= stream->capacity)
		return true;
	if (wanted > STREAM_BYTES_MAX)
		return false;
	while (capacity < wanted)
		capacity *= 2;
	if (streams->bytes + capacity - stream->capacity > STREAMS_BYTES_MAX)
		return false;
	char *bytes = realloc(stream->bytes, capacity);
	if (bytes == NULL)
		return false;
	streams->bytes += capacity - stream->capacity;
	stream->bytes = bytes;
	stream->capacity = capacity;
	return true;
}

/* What was taken as a piece goes. */
static void drop_taken(struct stream *stream)
{
	if (stream->taken == 0)
		return;
	stream->length -= stream->taken;
	memmove(stream->bytes, stream->bytes + stream->taken, stream->length);
	stream->segment_begun = stream->segment_begun || stream->taken > stream->segment_at;
	stream->segment_at -= stream->taken < stream->segment_at ? stream->taken : stream->segment_at;
	stream->taken = 0;
}

/* Somewhere before the next byte bytes are missing, or nobody knows what they were: a message can only be recognised
 * where a segment begins with one. */
static void begin_anew(struct streams *streams, struct stream *stream, bool from_start)
{
	let_go_bytes(streams, stream);
	stream->framing = (sipalg_stream){ 0 };
	stream->from_start = from_start;
	stream->told = stream->is_broken_told = false;
}

bool stream_is_foreign(const struct stream *stream)
{
	return stream->framing.kind == SIPALG_STREAM_TLS ||
	       (stream->framing.kind == SIPALG_STREAM_OTHER && stream->from_start);
}

static void note_gap(struct streams *streams, struct stream *stream)
{
	streams->gaps++;
	stream->gaps++;
}

static void append(struct streams *streams, struct stream *stream, struct text bytes)
{
	drop_taken(stream);
	if (stream->framing.kind == SIPALG_STREAM_OTHER && !stream->from_start)
		begin_anew(streams, stream, false);
	if (stream_is_foreign(stream) || bytes.length == 0)
		return;
	if (!make_room(streams, stream, bytes.length)) {
		note_gap(streams, stream);
		begin_anew(streams, stream, false);
		return;
	}
	memcpy(stream->bytes + stream->length, bytes.start, bytes.length);
	stream->segment_at = stream->length;
	stream->segment_begun = false;
	stream->length += bytes.length;
}

/* ---- Segments ---- */

static void keep_early(struct streams *streams, struct stream *stream, const struct capture_item *segment)
{
	struct early **place = &stream->early;
	while (*place != NULL && distance((*place)->sequence, segment->tcp.sequence) > 0)
		place = &(*place)->next;
	if (*place != NULL && (*place)->sequence == segment->tcp.sequence && (*place)->length >= segment->bytes.length)
		return;
	struct early *early = malloc(sizeof *early + segment->bytes.length);
	if (early == NULL)
		return;
	early->next = *place;
	early->sequence = segment->tcp.sequence;
	early->length = segment->bytes.length;
	memcpy(early->bytes, segment->bytes.start, early->length);
	*place = early;
	stream->early_count++;
	stream->early_bytes += early->length;
	streams->bytes += early->length;
}

/* Appends what of these bytes is new. False: they begin behind the next one wanted. */
static bool append_new(struct streams *streams, struct stream *stream, uint32_t sequence, struct text bytes)
{
	int32_t old = distance(sequence, stream->next_sequence);
	if (old < 0)
		return false;
	if ((size_t)old < bytes.length) {
		append(streams, stream, text_from(bytes, (size_t)old));
		stream->next_sequence = sequence + (uint32_t)bytes.length;
	}
	return true;
}

static void append_early(struct streams *streams, struct stream *stream)
{
	while (stream->early != NULL) {
		struct early *first = stream->early;
		if (!append_new(streams, stream, first->sequence, (struct text){ first->bytes, first->length }))
			return;
		stream->early = first->next;
		stream->early_count--;
		stream->early_bytes -= first->length;
		streams->bytes -= first->length;
		free(first);
	}
}

/* What is missing will not come: once what is kept has been taken, go on behind it. */
static void skip_gap(struct streams *streams, struct stream *stream, uint32_t sequence)
{
	note_gap(streams, stream);
	stream->skips = true;
	stream->skip_to = sequence;
}

static bool has_waited_enough(const struct streams *streams, const struct stream *stream)
{
	return stream->early_count >= STREAM_EARLY_MAX || stream->early_bytes >= STREAM_BYTES_MAX ||
	       (stream->early_count > 0 && streams->bytes >= STREAMS_BYTES_MAX / 2);
}

static void begin_at(struct streams *streams, struct stream *stream, uint32_t sequence, bool from_start)
{
	let_go_early(streams, stream);
	begin_anew(streams, stream, from_start);
	stream->next_sequence = sequence;
	stream->in_order = true;
	stream->skips = stream->ended = false;
}

/* What of a segment the capture does not hold (a snapshot length) is missing. */
static void note_cut(struct streams *streams, struct stream *stream, const struct capture_item *segment)
{
	uint32_t end = segment->tcp.sequence + (uint32_t)segment->tcp.length;
	if (segment->bytes.length != segment->tcp.length && distance(stream->next_sequence, end) > 0)
		skip_gap(streams, stream, end);
}

struct stream *streams_add(struct streams *streams, const struct capture_item *segment)
{
	struct stream *stream = find_or_begin(streams, segment);
	bool is_first = (segment->tcp.flags & CAPTURE_TCP_SYN) != 0;
	if (is_first && (!stream->in_order || stream->next_sequence != segment->tcp.sequence + 1)) {
		begin_at(streams, stream, segment->tcp.sequence + 1, true);
		stream->number = ++streams->begun;
	}
	if (is_first || segment->tcp.length == 0)
		return stream;
	if (!stream->in_order)
		begin_at(streams, stream, segment->tcp.sequence, false);
	if (stream_is_foreign(stream))
		return stream;
	if (append_new(streams, stream, segment->tcp.sequence, segment->bytes)) {
		append_early(streams, stream);
		note_cut(streams, stream, segment);
	} else {
		keep_early(streams, stream, segment);
		if (has_waited_enough(streams, stream))
			skip_gap(streams, stream, stream->early->sequence);
	}
	return stream;
}

void stream_end(struct stream *stream)
{
	stream->ended = true;
}

/* ---- Messages ---- */

/* Says once what kind of stream this turned out to be; one whose framing broke is read on where a message begins. */
static void tell(struct streams *streams, struct stream *stream)
{
	if (stream->told)
		return;
	if (stream->framing.kind == SIPALG_STREAM_TLS && stream->from_start) {
		streams->encrypted++;
		stream->told = true;
	}
	if (stream->framing.kind == SIPALG_STREAM_OTHER && stream->framing.trouble != SIPALG_STREAM_NO_TROUBLE) {
		streams->broken++;
		begin_anew(streams, stream, false);
	}
}

static void skip(struct streams *streams, struct stream *stream)
{
	stream->skips = false;
	begin_anew(streams, stream, false);
	stream->next_sequence = stream->skip_to;
	append_early(streams, stream);
}

static bool is_broken(const struct stream *stream)
{
	return stream->framing.kind == SIPALG_STREAM_OTHER && stream->framing.trouble != SIPALG_STREAM_NO_TROUBLE &&
	       stream->framing.trouble != SIPALG_STREAM_GIVEN_UP;
}

static bool take_piece(struct stream *stream, struct stream_piece *piece)
{
	sipalg_piece taken = sipalg_stream_next(&stream->framing, (const uint8_t *)stream->bytes, stream->length);
	if (taken.kind == SIPALG_PIECE_NONE || taken.length == 0)
		return false;
	*piece = (struct stream_piece){ .is_message = taken.kind != SIPALG_PIECE_PASS,
		                        .sequence = stream->next_sequence - (uint32_t)stream->length,
		                        .bytes = { stream->bytes, taken.length },
		                        .body_left = taken.body_left,
		                        .is_split = stream->segment_at > 0 || stream->segment_begun };
	piece->is_broken = !piece->is_message && is_broken(stream) && !stream->is_broken_told;
	stream->is_broken_told = stream->is_broken_told || piece->is_broken;
	stream->taken = taken.length;
	return true;
}

bool stream_next(struct streams *streams, struct stream *stream, struct stream_piece *piece)
{
	for (drop_taken(stream);; drop_taken(stream)) {
		if (stream->length > 0 && take_piece(stream, piece))
			return true;
		if (stream->ended && !stream->skips && stream->early != NULL)
			skip_gap(streams, stream, stream->early->sequence);
		if (!stream->skips && !(stream->ended && stream->length > 0))
			break;
		if (stream->length > 0)
			sipalg_stream_give_up(&stream->framing);
		else
			skip(streams, stream);
	}
	tell(streams, stream);
	if (stream->length == 0)
		let_go_bytes(streams, stream);
	return false;
}
