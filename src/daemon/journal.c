/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/journal.h"

#include <string.h>
#include <sys/mman.h>

/* Positions count bytes since the journal was made and never wrap; a position's place in the ring is its remainder.
 * A record is one piece: where the ring's end is too near, a gap is left. Everything starts on eight bytes. */
struct journal {
	uint64_t oldest, end; /* positions of the oldest record and of the next one */
	uint64_t count;
	size_t size;   /* of the ring */
	size_t mapped; /* of the whole mapping */
	uint8_t *ring;
};

enum {
	RECORD_ALIGNMENT = 8,
	EDIT_CUT = 0x80, /* in packed_edit.place: the original was longer */
	CSEQ_LINES_MAX = 24,
	CSEQ_BYTES_MAX = 2048,
};

/* What is kept of a message; texts and edits follow it without gaps. */
struct record {
	uint32_t size; /* of the whole, with what follows and padding */
	uint8_t direction, reason;
	uint16_t edit_count;
	uint64_t wall_ns; /* GAP_NS: a gap */
	uint64_t number;
	sipalg_endpoint source, destination;
	uint16_t edits_length;
	uint8_t start_line_length, call_id_length, cseq_length;
	uint8_t unused[3];
};

struct packed_edit {
	uint8_t place, original_length, replacement_length; /* the two texts follow */
};

/* No wall clock shows this. A gap needs only the fields up to wall_ns; the ring's end always has room for them. */
#define GAP_NS UINT64_MAX

enum {
	EDIT_SIZE_MAX = sizeof(struct packed_edit) + JOURNAL_ORIGINAL_MAX + SIPALG_REPLACEMENT_MAX,
	RECORD_SIZE_MAX = sizeof(struct record) + JOURNAL_START_LINE_MAX + JOURNAL_CALL_ID_MAX + JOURNAL_CSEQ_MAX +
	                  JOURNAL_EDITS_MAX * EDIT_SIZE_MAX + RECORD_ALIGNMENT,
};
_Static_assert(RECORD_SIZE_MAX * 4 <= JOURNAL_SIZE_MIN, "the smallest ring must hold several records");
_Static_assert(sizeof(struct record) % RECORD_ALIGNMENT == 0, "records are aligned");

struct journal *journal_create(size_t size)
{
	if (size < JOURNAL_SIZE_MIN)
		size = JOURNAL_SIZE_MIN;
	size = size / 64 * 64;
	size_t mapped = sizeof(struct journal) + 64 + size;
	void *memory = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return NULL;
	struct journal *journal = memory;
	journal->size = size;
	journal->mapped = mapped;
	journal->ring = (uint8_t *)memory + (sizeof *journal + 63) / 64 * 64;
	return journal;
}

void journal_destroy(struct journal *journal)
{
	if (journal != NULL)
		munmap(journal, journal->mapped);
}

uint64_t journal_count(const struct journal *journal)
{
	return journal == NULL ? 0 : journal->count;
}

/* ---- Recording ---- */

static struct record *record_at(const struct journal *journal, uint64_t position)
{
	return (struct record *)(void *)(journal->ring + position % journal->size);
}

static uint64_t contiguous_room(const struct journal *journal, uint64_t position)
{
	return journal->size - position % journal->size;
}

/* What is left at the ring's end may be too little even for a gap's fields: then it is skipped by its position. */
static uint64_t gap_skip(const struct journal *journal, uint64_t position)
{
	uint64_t room = contiguous_room(journal, position);
	if (room < sizeof(struct record) || record_at(journal, position)->wall_ns == GAP_NS)
		return position + room;
	return position;
}

/* Lets the oldest go until `needed` bytes in one piece are free behind the latest, and returns where they are. What is
 * left of the ring's end becomes a gap; the records it overwrites have gone by then. */
static struct record *ring_reserve(struct journal *journal, size_t needed)
{
	uint64_t room = contiguous_room(journal, journal->end);
	uint64_t start = room < needed ? journal->end + room : journal->end;
	while (journal->oldest < journal->end && journal->oldest + journal->size < start + needed)
		journal->oldest = gap_skip(journal, journal->oldest + record_at(journal, journal->oldest)->size);
	if (journal->oldest >= journal->end)
		journal->oldest = start;
	if (start != journal->end && room >= sizeof(struct record))
		record_at(journal, journal->end)->wall_ns = GAP_NS;
	journal->end = start;
	return record_at(journal, start);
}

static uint8_t *text_put(uint8_t *at, const void *start, size_t length)
{
	if (length > 0)
		memcpy(at, start, length);
	return at + length;
}

static size_t smaller(size_t left, size_t right)
{
	return left < right ? left : right;
}

/* The first line that is not empty (RFC 3261 7.5 allows empty ones before it). */
static struct journal_text find_start_line(const sipalg_packet *packet)
{
	const char *start = (const char *)packet->bytes, *end = start + packet->length;
	while (start < end && (*start == '\r' || *start == '\n'))
		start++;
	size_t kept = smaller((size_t)(end - start), JOURNAL_START_LINE_MAX);
	const char *line_end = kept > 0 ? memchr(start, '\n', kept) : NULL;
	size_t length = line_end != NULL ? (size_t)(line_end - start) : kept;
	if (length > 0 && start[length - 1] == '\r')
		length--;
	return (struct journal_text){ start, length };
}

static bool is_cseq(const char *line, size_t length)
{
	return length > 5 && (line[0] | 0x20) == 'c' && (line[1] | 0x20) == 's' && (line[2] | 0x20) == 'e' &&
	       (line[3] | 0x20) == 'q' && (line[4] == ':' || line[4] == ' ' || line[4] == '\t');
}

/* The CSeq as it stands in its line. This is only for display: a folded one is shown in part, one far behind not at
 * all. */
static struct journal_text find_cseq(const sipalg_packet *packet, struct journal_text start_line)
{
	const char *at = start_line.start + start_line.length;
	const char *end = (const char *)packet->bytes + packet->length;
	if (end - at > CSEQ_BYTES_MAX)
		end = at + CSEQ_BYTES_MAX;
	for (int lines = 0; lines < CSEQ_LINES_MAX && at < end; lines++) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		if (line_end == NULL)
			break;
		if (is_cseq(at, (size_t)(line_end - at))) {
			const char *value = at + 4;
			while (value < line_end && (*value == ':' || *value == ' ' || *value == '\t'))
				value++;
			size_t length = (size_t)(line_end - value);
			if (length > 0 && value[length - 1] == '\r')
				length--;
			return (struct journal_text){ value, smaller(length, JOURNAL_CSEQ_MAX) };
		}
		at = line_end + 1;
	}
	return (struct journal_text){ at, 0 };
}

static uint8_t *edits_put(uint8_t *at, const sipalg_packet *packet, const sipalg_verdict *verdict)
{
	size_t count = smaller(verdict->edit_count, JOURNAL_EDITS_MAX);
	for (size_t i = 0; i < count; i++) {
		const sipalg_edit *edit = &verdict->edits[i];
		size_t original = smaller(edit->length, JOURNAL_ORIGINAL_MAX);
		struct packed_edit packed = {
			.place = (uint8_t)(edit->place | (original < edit->length ? EDIT_CUT : 0)),
			.original_length = (uint8_t)original,
			.replacement_length = edit->replacement_length,
		};
		at = text_put(at, &packed, sizeof packed);
		at = text_put(at, packet->bytes + edit->offset, original);
		at = text_put(at, edit->replacement, edit->replacement_length);
	}
	return at;
}

static size_t edits_size(const sipalg_verdict *verdict)
{
	size_t size = 0, count = smaller(verdict->edit_count, JOURNAL_EDITS_MAX);
	for (size_t i = 0; i < count; i++)
		size += sizeof(struct packed_edit) + smaller(verdict->edits[i].length, JOURNAL_ORIGINAL_MAX) +
		        verdict->edits[i].replacement_length;
	return size;
}

void journal_record(struct journal *journal, uint64_t wall_ns, const sipalg_packet *packet,
                    const sipalg_verdict *verdict)
{
	if (journal == NULL)
		return;
	struct journal_text start_line = find_start_line(packet);
	struct journal_text cseq = find_cseq(packet, start_line);
	size_t call_id_length = smaller(verdict->call_id_length, JOURNAL_CALL_ID_MAX);
	size_t edits_length = edits_size(verdict);
	size_t size = sizeof(struct record) + start_line.length + call_id_length + cseq.length + edits_length;
	size = (size + RECORD_ALIGNMENT - 1) / RECORD_ALIGNMENT * RECORD_ALIGNMENT;

	struct record *record = ring_reserve(journal, size);
	*record = (struct record){
		.size = (uint32_t)size,
		.direction = (uint8_t)packet->direction,
		.reason = (uint8_t)verdict->reason,
		.edit_count = (uint16_t)verdict->edit_count,
		.wall_ns = wall_ns,
		.number = ++journal->count,
		.source = packet->source,
		.destination = packet->destination,
		.edits_length = (uint16_t)edits_length,
		.start_line_length = (uint8_t)start_line.length,
		.call_id_length = (uint8_t)call_id_length,
		.cseq_length = (uint8_t)cseq.length,
	};
	uint8_t *at = (uint8_t *)(record + 1);
	at = text_put(at, start_line.start, start_line.length);
	at = text_put(at, verdict->call_id, call_id_length);
	at = text_put(at, cseq.start, cseq.length);
	edits_put(at, packet, verdict);
	journal->end += size;
}

/* ---- Reading ---- */

bool journal_next(const struct journal *journal, uint64_t *cursor, struct journal_entry *entry)
{
	if (journal == NULL)
		return false;
	uint64_t position = *cursor < journal->oldest ? journal->oldest : *cursor;
	if (position < journal->end)
		position = gap_skip(journal, position);
	if (position >= journal->end)
		return false;
	const struct record *record = record_at(journal, position);
	const char *text = (const char *)(record + 1);
	*entry = (struct journal_entry){
		.number = record->number,
		.wall_ns = record->wall_ns,
		.source = record->source,
		.destination = record->destination,
		.direction = record->direction,
		.reason = record->reason,
		.start_line = { text, record->start_line_length },
		.call_id = { text + record->start_line_length, record->call_id_length },
		.edit_count = record->edit_count,
		.edits_length = record->edits_length,
	};
	entry->cseq = (struct journal_text){ entry->call_id.start + entry->call_id.length, record->cseq_length };
	entry->edits = (const uint8_t *)entry->cseq.start + entry->cseq.length;
	*cursor = position + record->size;
	return true;
}

bool journal_next_edit(const struct journal_entry *entry, size_t *cursor, struct journal_edit *edit)
{
	struct packed_edit packed;
	if (*cursor + sizeof packed > entry->edits_length)
		return false;
	const uint8_t *at = entry->edits + *cursor;
	memcpy(&packed, at, sizeof packed);
	const char *original = (const char *)at + sizeof packed;
	*edit = (struct journal_edit){
		.place = packed.place & ~EDIT_CUT,
		.original = { original, packed.original_length },
		.replacement = { original + packed.original_length, packed.replacement_length },
		.cut = (packed.place & EDIT_CUT) != 0,
	};
	*cursor += sizeof packed + packed.original_length + packed.replacement_length;
	return true;
}
