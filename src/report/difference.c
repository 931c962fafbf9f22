/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/difference.h"

#include "report/alignment.h"
#include "report/pieces.h"

#include <stdlib.h>

/* A word longer than this is no address: what its two versions share at their ends is not marked. */
enum { WORD_WHOLE_MAX = 24 };

struct pieces {
	struct text *at;
	size_t count;
};

struct pieces_pair {
	struct pieces side[SIDE_COUNT];
};

/* All lines (or words) of a text; NULL in `at`: no memory. */
static struct pieces cut(struct text whole, struct text (*next)(struct text))
{
	struct pieces pieces = { 0 };
	for (struct text rest = whole; !text_is_empty(rest); rest = text_from(rest, next(rest).length))
		pieces.count++;
	pieces.at = malloc((pieces.count + 1) * sizeof *pieces.at);
	if (pieces.at == NULL)
		return pieces;
	struct text rest = whole;
	for (size_t i = 0; i < pieces.count; i++) {
		pieces.at[i] = next(rest);
		rest = text_from(rest, pieces.at[i].length);
	}
	return pieces;
}

static bool cut_both(const struct text version[SIDE_COUNT], struct text (*next)(struct text), struct pieces_pair *pair)
{
	pair->side[SIDE_SENT] = cut(version[SIDE_SENT], next);
	pair->side[SIDE_RECEIVED] = cut(version[SIDE_RECEIVED], next);
	return pair->side[SIDE_SENT].at != NULL && pair->side[SIDE_RECEIVED].at != NULL;
}

static void free_both(struct pieces_pair *pair)
{
	free(pair->side[SIDE_SENT].at);
	free(pair->side[SIDE_RECEIVED].at);
}

/* ---- Pairing: what both begin with and end with is paired at once, the middle by its likeness ---- */

struct middle {
	const struct text *left, *right;
};

static uint32_t line_score(const void *context, size_t left, size_t right)
{
	const struct middle *middle = context;
	return piece_likeness(middle->left[left], middle->right[right]);
}

static uint32_t word_score(const void *context, size_t left, size_t right)
{
	const struct middle *middle = context;
	return text_equal(middle->left[left], middle->right[right]) ? (uint32_t)middle->left[left].length : 0;
}

/* partner[i] for each sent piece. NULL: no memory. */
static size_t *pair_pieces(const struct pieces_pair *pair, alignment_score *score)
{
	const struct pieces *sent = &pair->side[SIDE_SENT], *received = &pair->side[SIDE_RECEIVED];
	size_t *partner = malloc((sent->count + 1) * sizeof *partner);
	size_t least = sent->count < received->count ? sent->count : received->count, head = 0, tail = 0;
	if (partner == NULL)
		return NULL;
	for (; head < least && text_equal(sent->at[head], received->at[head]); head++)
		partner[head] = head;
	while (tail < least - head &&
	       text_equal(sent->at[sent->count - 1 - tail], received->at[received->count - 1 - tail])) {
		tail++;
		partner[sent->count - tail] = received->count - tail;
	}
	struct middle middle = { sent->at + head, received->at + head };
	size_t middle_count = sent->count - head - tail;
	if (!alignment_find(middle_count, received->count - head - tail, score, &middle, partner + head)) {
		free(partner);
		return NULL;
	}
	for (size_t i = head; i < head + middle_count; i++)
		if (partner[i] != ALIGNMENT_ALONE)
			partner[i] += head;
	return partner;
}

/* ---- Marks ---- */

static bool add_mark(struct difference *difference, enum side side, struct text part)
{
	size_t count = difference->mark_count[side];
	if (text_is_empty(part))
		return true;
	if ((count & (count - 1)) == 0) { /* full: the room is 1, 2, 4, 8 … */
		struct span *grown = realloc(difference->marks[side], (count == 0 ? 1 : count * 2) * sizeof *grown);
		if (grown == NULL)
			return false;
		difference->marks[side] = grown;
	}
	difference->marks[side][count] = (struct span){ text_offset(difference->version[side], part), part.length };
	difference->mark_count[side]++;
	return true;
}

/* From one word to before another, as one slice of the line. */
static struct text slice(const struct pieces *words, size_t first, size_t end)
{
	if (first == end)
		return (struct text){ words->at[0].start, 0 };
	const struct text *last = &words->at[end - 1];
	return (struct text){ words->at[first].start, (size_t)(last->start - words->at[first].start) + last->length };
}

/* In long words without inner structure only the middle differs that their ends leave. */
static void shorten(struct text changed[SIDE_COUNT])
{
	struct text *one = &changed[SIDE_SENT], *other = &changed[SIDE_RECEIVED];
	if (one->length <= WORD_WHOLE_MAX && other->length <= WORD_WHOLE_MAX)
		return;
	while (one->length > 0 && other->length > 0 && one->start[0] == other->start[0]) {
		*one = text_from(*one, 1);
		*other = text_from(*other, 1);
	}
	while (one->length > 0 && other->length > 0 && one->start[one->length - 1] == other->start[other->length - 1]) {
		one->length--;
		other->length--;
	}
}

/* Marks what lies between two pairs of words. */
static bool mark_run(struct difference *difference, const struct pieces_pair *words, const size_t first[SIDE_COUNT],
                     const size_t end[SIDE_COUNT])
{
	struct text changed[SIDE_COUNT];
	for (int side = 0; side < SIDE_COUNT; side++)
		changed[side] = slice(&words->side[side], first[side], end[side]);
	shorten(changed);
	return add_mark(difference, SIDE_SENT, changed[SIDE_SENT]) &&
	       add_mark(difference, SIDE_RECEIVED, changed[SIDE_RECEIVED]);
}

static bool mark_words(struct difference *difference, const struct pieces_pair *words, const size_t *partner)
{
	size_t first[SIDE_COUNT] = { 0 }, end[SIDE_COUNT];
	for (size_t i = 0; i <= words->side[SIDE_SENT].count; i++) {
		bool last = i == words->side[SIDE_SENT].count;
		if (!last && partner[i] == ALIGNMENT_ALONE)
			continue;
		end[SIDE_SENT] = i;
		end[SIDE_RECEIVED] = last ? words->side[SIDE_RECEIVED].count : partner[i];
		if (!mark_run(difference, words, first, end))
			return false;
		first[SIDE_SENT] = end[SIDE_SENT] + 1;
		first[SIDE_RECEIVED] = end[SIDE_RECEIVED] + 1;
	}
	return true;
}

static bool mark_lines(struct difference *difference, const struct text line[SIDE_COUNT])
{
	struct pieces_pair words = { 0 };
	size_t *partner = NULL;
	bool marked = cut_both(line, piece_word, &words) && (partner = pair_pieces(&words, word_score)) != NULL &&
	              mark_words(difference, &words, partner);
	free(partner);
	free_both(&words);
	return marked;
}

/* ---- Lines ---- */

/* Adds a row; an empty text stands for no line on that side. */
static bool add_line(struct difference *difference, enum line_kind kind, struct text sent, struct text received)
{
	struct difference_line *line = &difference->lines[difference->line_count++];
	const struct text both[SIDE_COUNT] = { sent, received };
	*line = (struct difference_line){ .kind = kind };
	for (int side = 0; side < SIDE_COUNT; side++) {
		if (both[side].length > 0)
			line->line[side] =
			        (struct span){ text_offset(difference->version[side], both[side]), both[side].length };
		line->first_mark[side] = difference->mark_count[side];
	}
	if (kind == LINE_CHANGED && !mark_lines(difference, both))
		return false;
	for (int side = 0; side < SIDE_COUNT; side++)
		line->mark_count[side] = difference->mark_count[side] - line->first_mark[side];
	return true;
}

static const struct text nothing = { "", 0 };

static bool add_lines(struct difference *difference, const struct pieces_pair *lines, const size_t *partner)
{
	const struct pieces *sent = &lines->side[SIDE_SENT], *received = &lines->side[SIDE_RECEIVED];
	size_t j = 0;
	for (size_t i = 0; i <= sent->count; i++) {
		if (i < sent->count && partner[i] == ALIGNMENT_ALONE) {
			if (!add_line(difference, LINE_REMOVED, sent->at[i], nothing))
				return false;
			continue;
		}
		size_t end = i == sent->count ? received->count : partner[i];
		for (; j < end; j++)
			if (!add_line(difference, LINE_ADDED, nothing, received->at[j]))
				return false;
		if (i == sent->count)
			break;
		bool same = text_equal(sent->at[i], received->at[j]);
		if (!add_line(difference, same ? LINE_SAME : LINE_CHANGED, sent->at[i], received->at[j]))
			return false;
		j++;
	}
	return true;
}

static struct text line_text(const struct difference *difference, const struct difference_line *line, enum side side)
{
	return text_first(text_from(difference->version[side], line->line[side].offset), line->line[side].length);
}

/* A line that is missing in one place and stands in another has moved. Bounded: messages of that many lines are no
 * messages. */
static void find_moved(struct difference *difference)
{
	enum { LINES_MAX = 2 * ALIGNMENT_MAX };
	if (difference->line_count > LINES_MAX)
		return;
	for (size_t i = 0; i < difference->line_count; i++) {
		struct difference_line *removed = &difference->lines[i];
		struct text gone = line_text(difference, removed, SIDE_SENT);
		for (size_t j = 0; removed->kind == LINE_REMOVED && j < difference->line_count; j++) {
			struct difference_line *added = &difference->lines[j];
			if (added->kind != LINE_ADDED || !text_equal(gone, line_text(difference, added, SIDE_RECEIVED)))
				continue;
			removed->kind = LINE_MOVED;
			added->kind = LINE_MOVED;
		}
	}
}

static bool compare(struct difference *difference)
{
	struct pieces_pair lines = { 0 };
	size_t *partner = NULL;
	bool done = false;
	if (cut_both(difference->version, piece_line, &lines)) {
		size_t rows = lines.side[SIDE_SENT].count + lines.side[SIDE_RECEIVED].count;
		difference->lines = calloc(rows + 1, sizeof *difference->lines);
		partner = pair_pieces(&lines, line_score);
		done = difference->lines != NULL && partner != NULL && add_lines(difference, &lines, partner);
	}
	if (done)
		find_moved(difference);
	free(partner);
	free_both(&lines);
	return done;
}

static bool keep(struct difference *difference, enum side side, const struct text *version)
{
	static const struct text none = { "", 0 };
	const struct text *kept = version != NULL ? version : &none;
	char *copy = malloc(kept->length + 1);
	if (copy == NULL)
		return false;
	if (kept->length > 0)
		memcpy(copy, kept->start, kept->length);
	difference->version[side] = (struct text){ copy, kept->length };
	difference->present[side] = version != NULL;
	return true;
}

struct difference *difference_create(const struct text *sent, const struct text *received)
{
	struct difference *difference = calloc(1, sizeof *difference);
	if (difference == NULL)
		return NULL;
	if (!keep(difference, SIDE_SENT, sent) || !keep(difference, SIDE_RECEIVED, received) || !compare(difference)) {
		difference_destroy(difference);
		return NULL;
	}
	difference->equal = difference->present[SIDE_SENT] == difference->present[SIDE_RECEIVED] &&
	                    text_equal(difference->version[SIDE_SENT], difference->version[SIDE_RECEIVED]);
	return difference;
}

void difference_destroy(struct difference *difference)
{
	if (difference == NULL)
		return;
	for (int side = 0; side < SIDE_COUNT; side++) {
		free((char *)(uintptr_t)difference->version[side].start);
		free(difference->marks[side]);
	}
	free(difference->lines);
	free(difference);
}
