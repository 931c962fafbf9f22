/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diagnose/clocks.h"

#include "diagnose/sighting.h"

#include <stdlib.h>

enum { MARKS_MAX = 8192 }; /* messages of each capture */

/* A message by what an ALG leaves alone, and by all that makes it one. */
struct mark {
	uint64_t key;
	uint64_t time_ns;
	uint64_t order;
	bool is_request;
};

struct marks {
	struct mark list[MARKS_MAX];
	size_t count;
};

static uint64_t hash_of(struct text text)
{
	return text.length == 0 ? 0 : hash_of_bytes(text.start, text.length);
}

/* Call-IDs and branches are changed by some; names of methods, numbers and users are not. */
static uint64_t loose_key(const struct sighting *sighting)
{
	const struct sip_message *message = &sighting->message;
	const uint64_t parts[] = { message->cseq,
		                   message->status,
		                   message->is_request,
		                   hash_of(message->method_name),
		                   hash_of(sighting->from_tag),
		                   hash_of(sighting->to_tag) };
	return hash_of_bytes(parts, sizeof parts);
}

static int by_key(const void *left, const void *right)
{
	const struct mark *first = left, *second = right;
	if (first->key != second->key)
		return first->key < second->key ? -1 : 1;
	return (first->order > second->order) - (first->order < second->order);
}

static void collect(struct capture *capture, struct marks *marks, struct sighting *sighting)
{
	struct capture_item item;
	while (marks->count < MARKS_MAX && capture_next(capture, &item)) {
		if ((item.kind != CAPTURE_DATAGRAM && item.kind != CAPTURE_MESSAGE) ||
		    !sighting_read(&item, 0, sighting))
			continue;
		marks->list[marks->count] = (struct mark){ loose_key(sighting), sighting->time_ns, marks->count,
			                                   sighting->message.is_request };
		marks->count++;
	}
	qsort(marks->list, marks->count, sizeof *marks->list, by_key);
}

static int by_number(const void *left, const void *right)
{
	int64_t first = *(const int64_t *)left, second = *(const int64_t *)right;
	return (first > second) - (first < second);
}

/* The first of each key: repetitions come in both, as a rule, and lost ones are few. */
static bool is_first(const struct marks *marks, size_t at)
{
	return at == 0 || marks->list[at - 1].key != marks->list[at].key;
}

/* Requests and answers travel in opposite directions: what they take on the way falls out of the mean of both. */
static bool middle_of(const struct marks *first, const struct marks *second, bool requests, int64_t *middle)
{
	static int64_t steps[MARKS_MAX];
	size_t count = 0;
	for (size_t left = 0, right = 0; left < first->count && right < second->count;) {
		const struct mark *one = &first->list[left], *other = &second->list[right];
		if (one->key == other->key && one->is_request == requests && is_first(first, left) &&
		    is_first(second, right))
			steps[count++] = (int64_t)(other->time_ns - one->time_ns);
		left += one->key <= other->key;
		right += other->key <= one->key;
	}
	if (count == 0)
		return false;
	qsort(steps, count, sizeof *steps, by_number);
	*middle = steps[count / 2];
	return true;
}

bool clocks_compare(struct capture *first, struct capture *second, int64_t *ahead_ns)
{
	struct marks *marks = calloc(2, sizeof *marks);
	struct sighting *sighting = malloc(sizeof *sighting);
	int64_t of_requests, of_answers;
	bool found = false;
	if (marks != NULL && sighting != NULL) {
		collect(first, &marks[0], sighting);
		collect(second, &marks[1], sighting);
		bool requests = middle_of(&marks[0], &marks[1], true, &of_requests);
		bool answers = middle_of(&marks[0], &marks[1], false, &of_answers);
		found = requests || answers;
		if (requests && answers)
			*ahead_ns = of_requests + (of_answers - of_requests) / 2;
		else if (found)
			*ahead_ns = requests ? of_requests : of_answers;
	}
	free(marks);
	free(sighting);
	return found;
}
