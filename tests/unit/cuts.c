/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cuts.h"

static struct guarded cut_kept; /* what is not yet a piece */

static void note(struct cut *cut, sipalg_piece piece)
{
	cut->taken += piece.length;
	if (piece.kind == SIPALG_PIECE_PASS && cut->count > 0 &&
	    cut->pieces[cut->count - 1].kind == SIPALG_PIECE_PASS) {
		cut->pieces[cut->count - 1].length += piece.length;
		return;
	}
	assert_true(cut->count < CUT_PIECES_MAX);
	cut->pieces[cut->count++] = piece;
}

void cut_feed(struct cut *cut, struct text flow, size_t until)
{
	if (cut_kept.pages == NULL)
		cut_kept = guarded_open(CUT_FLOW_MAX);
	for (;;) {
		struct text left = { flow.start + cut->taken, until - cut->taken };
		left = guarded_put(&cut_kept, left);
		sipalg_piece piece = sipalg_stream_next(&cut->stream, (const uint8_t *)left.start, left.length);
		if (piece.kind == SIPALG_PIECE_NONE) {
			assert_int_equal(piece.length, 0);
			assert_true(left.length < SIPALG_MESSAGE_MAX);
			if (cut->stream.kind == SIPALG_STREAM_SIP && cut->stream.length == 0)
				assert_int_equal(cut->stream.seen, left.length); /* none is looked at twice */
			return;
		}
		assert_true(piece.length > 0 && piece.length <= left.length);
		note(cut, piece);
	}
}

static void assert_same_cut(const struct cut *left, const struct cut *right)
{
	assert_int_equal(left->count, right->count);
	for (size_t i = 0; i < left->count; i++) {
		assert_int_equal(left->pieces[i].kind, right->pieces[i].kind);
		assert_int_equal(left->pieces[i].length, right->pieces[i].length);
		assert_int_equal(left->pieces[i].body_left, right->pieces[i].body_left);
	}
	assert_int_equal(left->stream.kind, right->stream.kind);
	assert_int_equal(left->stream.trouble, right->stream.trouble);
}

uint64_t cut_draw(uint64_t *state)
{
	uint64_t bits = (*state += UINT64_C(0x9e3779b97f4a7c15));
	bits = (bits ^ bits >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	bits = (bits ^ bits >> 27) * UINT64_C(0x94d049bb133111eb);
	return bits ^ bits >> 31;
}

static void cut_at_random(struct cut *cut, struct text flow, uint64_t seed, size_t segment_max)
{
	*cut = (struct cut){ 0 };
	for (size_t until = 0; until < flow.length;) {
		size_t length = 1 + cut_draw(&seed) % segment_max;
		until = length < flow.length - until ? until + length : flow.length;
		cut_feed(cut, flow, until);
	}
}

const struct cut *cut_every_way(struct text flow)
{
	static struct cut whole, other;
	whole = (struct cut){ 0 };
	cut_feed(&whole, flow, flow.length);
	for (size_t at = 1; at < flow.length && flow.length < 4096; at++) {
		other = (struct cut){ 0 };
		cut_feed(&other, flow, at);
		cut_feed(&other, flow, flow.length);
		assert_same_cut(&whole, &other);
	}
	cut_at_random(&other, flow, 0, 1);
	assert_same_cut(&whole, &other);
	for (uint64_t seed = 1; seed < 8; seed++) {
		cut_at_random(&other, flow, seed, 1 << seed);
		assert_same_cut(&whole, &other);
	}
	return &whole;
}
