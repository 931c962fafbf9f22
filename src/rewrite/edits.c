/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rewrite/edits.h"

#include "rewrite/digits.h"

void edits_begin(struct edits *edits, struct text original)
{
	edits->original = original;
	edits->count = 0;
	edits->end = 0;
	edits->growth = 0;
	edits->overflowed = false;
}

static size_t edit_end(const sipalg_edit *edit)
{
	return (size_t)edit->offset + edit->length;
}

static ptrdiff_t edit_growth(const sipalg_edit *edit)
{
	return (ptrdiff_t)edit->replacement_length - (ptrdiff_t)edit->length;
}

/* Where an edit of that offset belongs. An empty span at the end of another one stands behind it. */
static size_t find_place(const struct edits *edits, size_t offset)
{
	size_t at = edits->count;
	while (at > 0 && edits->list[at - 1].offset > offset)
		at--;
	return at;
}

static bool overlaps(const struct edits *edits, size_t at, size_t offset, size_t length)
{
	if (at > 0 && edit_end(&edits->list[at - 1]) > offset)
		return true;
	return at < edits->count && edits->list[at].offset < offset + length;
}

static void write_edit(struct edits *edits, size_t at, size_t offset, size_t length, enum sipalg_place place,
                       const char *replacement, size_t replacement_length)
{
	sipalg_edit *edit = &edits->list[at];
	edit->offset = (uint32_t)offset;
	edit->length = (uint32_t)length;
	edit->place = (uint8_t)place;
	edit->replacement_length = (uint8_t)replacement_length;
	memcpy(edit->replacement, replacement, replacement_length);
	edits->growth += edit_growth(edit);
}

void edits_replace(struct edits *edits, struct text span, enum sipalg_place place, const char *replacement,
                   size_t length)
{
	if (text_equal(span, (struct text){ replacement, length }))
		return;
	if (length > SIPALG_REPLACEMENT_MAX) {
		edits->overflowed = true;
		return;
	}
	size_t offset = text_offset(edits->original, span);
	if (offset >= edits->end && edits->count < SIPALG_EDITS_MAX) { /* nearly always: edits come in order */
		write_edit(edits, edits->count++, offset, span.length, place, replacement, length);
		edits->end = offset + span.length;
		return;
	}
	size_t at = find_place(edits, offset);
	if (at > 0 && edits->list[at - 1].offset == offset && edits->list[at - 1].length == span.length &&
	    span.length > 0) {
		edits->growth -= edit_growth(&edits->list[at - 1]);
		write_edit(edits, at - 1, offset, span.length, place, replacement, length);
		return;
	}
	if (edits->count == SIPALG_EDITS_MAX || overlaps(edits, at, offset, span.length)) {
		edits->overflowed = true;
		return;
	}
	memmove(&edits->list[at + 1], &edits->list[at], (edits->count - at) * sizeof(edits->list[0]));
	write_edit(edits, at, offset, span.length, place, replacement, length);
	edits->count++;
}

void edits_replace_number(struct edits *edits, struct text span, enum sipalg_place place, uint64_t number)
{
	char digits[DIGITS_MAX];
	size_t length = digits_write(number, digits);
	edits_replace(edits, span, place, digits, length);
}

/* More bytes than are needed, but how many is known beforehand: "255.255.255.255:65535" fits into the smaller number.
 */
static void copy_replacement(uint8_t *out, const sipalg_edit *edit)
{
	enum { SHORT = 22 };
	if (edit->replacement_length <= SHORT)
		memcpy(out, edit->replacement, SHORT);
	else
		memcpy(out, edit->replacement, sizeof(edit->replacement));
}

size_t edits_apply(const struct edits *edits, uint8_t *out)
{
	size_t from = 0, written = 0;
	for (size_t i = 0; i < edits->count; i++) {
		const sipalg_edit *edit = &edits->list[i];
		memcpy(out + written, edits->original.start + from, edit->offset - from);
		written += edit->offset - from;
		copy_replacement(out + written, edit);
		written += edit->replacement_length;
		from = edit_end(edit);
	}
	struct text rest = text_from(edits->original, from);
	memcpy(out + written, rest.start, rest.length);
	return written + rest.length;
}
