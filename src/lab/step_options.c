/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/step_options.h"

#include <string.h>

/* One word that stands for itself. */
static bool flag_read(const char *option, struct step *step)
{
	static const struct {
		const char *word;
		unsigned flag;
	} flags[] = {
		{ "again", FLAG_AGAIN },
		{ "raw", FLAG_RAW },
		{ "escaped", FLAG_ESCAPED },
		{ "lf", FLAG_LF },
		{ "df", FLAG_DF },
		{ "same", FLAG_SAME },
		{ "never", FLAG_NEVER },
		{ "held", FLAG_HELD },
		{ "closed", FLAG_CLOSED },
		{ "refused", FLAG_REFUSED },
		{ "unchanged", 0 },
		{ "reset", FLAG_RESET },
		{ "arrives", 0 },
		{ "ended", FLAG_CLOSED | FLAG_RESET },
	};
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(flags[i].word, option) == 0) {
			step->flags |= flags[i].flag;
			return true;
		}
	return false;
}

/* cut every N; cut at N,N,… */
static const char *cuts_read(const char *how, const char *places, struct step *step)
{
	bool every = strcmp(how, "every") == 0;
	if (!every && strcmp(how, "at") != 0)
		return "say: cut every BYTES, or cut at PLACE,PLACE,…";
	step->flags |= every ? FLAG_EVERY : 0;
	for (const char *place = places; *place != '\0';) {
		size_t length = strcspn(place, ",");
		uint32_t *cut = &step->cuts[step->cut_count];
		if (step->cut_count == (every ? 1 : SCENARIO_CUTS_MAX))
			return "these are too many cuts";
		if (!bytes_number((struct bytes){ place, length }, cut) || *cut <= (step->cut_count > 0 ? cut[-1] : 0))
			return "where to cut is a number of bytes, and each is more than the one before";
		step->cut_count++;
		place += length + (place[length] == ',');
	}
	return step->cut_count > 0 ? NULL : "where to cut is missing";
}

static const char *value_read(struct store *store, const char *option, const char *value, struct step *step)
{
	const struct {
		const char *word;
		const char **value;
	} texts[] = { { "from", &step->source },
		      { "at", &step->at },
		      { "file", &step->file },
		      { "as", &step->connection },
		      { "on", &step->connection } };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(texts[i].word, option) == 0) {
			*texts[i].value = value;
			return NULL;
		}
	if (strcmp(option, "size") == 0 && bytes_number(bytes_of(value), &step->size))
		return NULL;
	return store_format(store, "\"%s\" is no option here", option);
}

const char *step_option_read(struct store *store, const struct words *words, size_t *index, struct step *step)
{
	const char *option = words->list[(*index)++];
	size_t left = words->count - *index;
	if (flag_read(option, step))
		return NULL;
	if (strcmp(option, "cut") == 0 && left >= 2) {
		*index += 2;
		return cuts_read(words->list[*index - 2], words->list[*index - 1], step);
	}
	if (left == 0)
		return store_format(store, "\"%s\" is no option here, or its value is missing", option);
	return value_read(store, option, words->list[(*index)++], step);
}

const char *step_options_read(struct store *store, const struct words *words, size_t index, struct step *step)
{
	const char *wrong = NULL;
	while (!wrong && index < words->count)
		wrong = step_option_read(store, words, &index, step);
	return wrong;
}
