/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/search.h"

#include "advice/words.h"

#include <math.h>
#include <stdlib.h>

enum { QUERY_WORDS_MAX = 24 };

/* What a match in each field is worth. */
enum field { FIELD_VENDOR = 0, FIELD_PRODUCT, FIELD_WORDS, FIELD_NAMES, FIELD_VERSIONS, FIELD_TEXT, FIELD_COUNT };
static const double weights[FIELD_COUNT] = { 4, 3, 3, 2, 1.5, 0.5 };
/* A match of this weight says that the entry is meant; one in the instructions by itself hardly does. */
static const double weight_sure = 2;
static const double enough = 0.5;

/* How well each word of the query is met by one entry. */
struct matches {
	double worth[QUERY_WORDS_MAX];
};

struct search {
	struct words query;
	struct matches *matches; /* of each entry */
	double rarity[QUERY_WORDS_MAX];
};

static void add_list(struct words *words, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		words_add(words, catalogue_item(list, i));
}

static void collect(const struct router *router, enum field field, struct words *words)
{
	words->count = 0;
	switch (field) {
	case FIELD_VENDOR:
		words_add(words, router->vendor);
		break;
	case FIELD_PRODUCT:
		words_add(words, router->product);
		break;
	case FIELD_WORDS:
		add_list(words, router->words);
		break;
	case FIELD_NAMES:
		add_list(words, router->names);
		break;
	case FIELD_VERSIONS:
		words_add(words, router->versions);
		break;
	case FIELD_TEXT:
		add_list(words, router->steps);
		add_list(words, router->commands);
		words_add(words, router->note);
		break;
	case FIELD_COUNT:
		break;
	}
}

static void match_field(const struct words *query, const struct words *words, double weight, struct matches *matches)
{
	for (size_t i = 0; i < query->count && i < QUERY_WORDS_MAX; i++) {
		for (size_t j = 0; j < words->count; j++) {
			double worth = weight * word_likeness(query->at[i].text, words->at[j].text);
			if (worth > matches->worth[i])
				matches->worth[i] = worth;
		}
	}
}

/* "TP-Link" is met by "tplink", or by "tp" and "link": whichever fits better stands for the group. */
static void settle_groups(const struct words *query, struct matches *matches)
{
	for (size_t i = 0; i < query->count && i < QUERY_WORDS_MAX; i++) {
		if (!query->at[i].joined)
			continue;
		double sum = 0;
		size_t parts = 0, j = i + 1;
		for (; j < query->count && j < QUERY_WORDS_MAX && query->at[j].group == query->at[i].group; j++) {
			sum += matches->worth[j];
			matches->worth[j] = 0;
			parts++;
		}
		if (parts > 0 && sum / (double)parts > matches->worth[i])
			matches->worth[i] = sum / (double)parts;
	}
}

/* Parts of a group are counted with the group. */
static bool is_counted(const struct words *query, size_t place)
{
	const struct word *word = &query->at[place];
	bool is_part = place > 0 && !word->joined && query->at[place - 1].group == word->group;
	return !is_part && !word_is_empty(word->text);
}

static void find_matches(const struct catalogue *catalogue, struct search *search)
{
	struct words words = { 0 };
	for (size_t i = 0; i < catalogue->count; i++) {
		for (int field = 0; field < FIELD_COUNT; field++) {
			collect(&catalogue->routers[i], (enum field)field, &words);
			match_field(&search->query, &words, weights[field], &search->matches[i]);
		}
		settle_groups(&search->query, &search->matches[i]);
	}
}

/* A word that no entry has is the rarest: an entry without it has little of what was asked. */
static void find_rarity(const struct catalogue *catalogue, struct search *search)
{
	for (size_t i = 0; i < search->query.count && i < QUERY_WORDS_MAX; i++) {
		size_t having = 0;
		for (size_t j = 0; j < catalogue->count; j++)
			having += search->matches[j].worth[i] > 0;
		search->rarity[i] = log(1 + (double)(catalogue->count + 1) / (double)(having + 1));
	}
}

/* 0: it does not have enough of what was asked. */
static double score_of(const struct search *search, const struct matches *matches)
{
	double score = 0, met = 0, asked = 0;
	for (size_t i = 0; i < search->query.count && i < QUERY_WORDS_MAX; i++) {
		if (!is_counted(&search->query, i))
			continue;
		double sureness = matches->worth[i] / weight_sure;
		score += search->rarity[i] * matches->worth[i];
		met += search->rarity[i] * (sureness < 1 ? sureness : 1);
		asked += search->rarity[i];
	}
	return asked > 0 && met >= enough * asked ? score : 0;
}

static int compare(const void *left, const void *right)
{
	const struct hit *one = left, *other = right;
	if (one->score < other->score || one->score > other->score)
		return one->score < other->score ? 1 : -1;
	return one->router < other->router ? -1 : 1;
}

size_t search_find(const struct catalogue *catalogue, const char *query, struct hit hits[ROUTERS_MAX])
{
	struct search search = { 0 };
	size_t count = 0;
	words_add(&search.query, query);
	search.matches = calloc(catalogue->count + 1, sizeof *search.matches);
	if (search.matches == NULL)
		return 0;
	find_matches(catalogue, &search);
	find_rarity(catalogue, &search);
	for (size_t i = 0; i < catalogue->count; i++) {
		double score = score_of(&search, &search.matches[i]);
		if (score > 0)
			hits[count++] = (struct hit){ &catalogue->routers[i], score };
	}
	free(search.matches);
	qsort(hits, count, sizeof hits[0], compare);
	return count;
}

bool search_is_empty(const char *query)
{
	struct words words = { 0 };
	words_add(&words, query);
	for (size_t i = 0; i < words.count; i++)
		if (!word_is_empty(words.at[i].text))
			return false;
	return true;
}
