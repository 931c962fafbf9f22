/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/alignment.h"

#include <stdlib.h>

/* best[i * width + j]: the highest sum for the first i items on the left and j on the right. */
struct sums {
	uint32_t *best;
	size_t width;
};

static uint32_t sum_at(const struct sums *sums, size_t left, size_t right)
{
	return sums->best[left * sums->width + right];
}

static void fill(struct sums *sums, size_t left_count, size_t right_count, alignment_score *score, const void *context)
{
	for (size_t i = 1; i <= left_count; i++) {
		for (size_t j = 1; j <= right_count; j++) {
			uint32_t here = score(context, i - 1, j - 1);
			uint32_t above = sum_at(sums, i - 1, j), before = sum_at(sums, i, j - 1);
			uint32_t most = above > before ? above : before;
			if (here > 0 && sum_at(sums, i - 1, j - 1) + here > most)
				most = sum_at(sums, i - 1, j - 1) + here;
			sums->best[i * sums->width + j] = most;
		}
	}
}

/* Backwards along the way that led to the highest sum. */
static void trace(const struct sums *sums, size_t left_count, size_t right_count, size_t *partner)
{
	size_t i = left_count, j = right_count;
	while (i > 0 && j > 0) {
		uint32_t here = sum_at(sums, i, j);
		if (here == sum_at(sums, i - 1, j)) {
			i--;
		} else if (here == sum_at(sums, i, j - 1)) {
			j--;
		} else {
			partner[--i] = --j;
		}
	}
}

bool alignment_find(size_t left_count, size_t right_count, alignment_score *score, const void *context, size_t *partner)
{
	for (size_t i = 0; i < left_count; i++)
		partner[i] = ALIGNMENT_ALONE;
	if (left_count == 0 || right_count == 0 || left_count > ALIGNMENT_MAX || right_count > ALIGNMENT_MAX)
		return true;
	struct sums sums = { .width = right_count + 1 };
	sums.best = calloc((left_count + 1) * sums.width, sizeof *sums.best);
	if (sums.best == NULL)
		return false;
	fill(&sums, left_count, right_count, score, context);
	trace(&sums, left_count, right_count, partner);
	free(sums.best);
	return true;
}
