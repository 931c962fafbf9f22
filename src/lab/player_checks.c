/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and reasons. */
#include "lab/player_state.h"

#include <string.h>

static bool number_resolve(struct player *player, const char *text, uint32_t *number)
{
	const char *unknown = NULL;
	const char *known = variables_put(player->store, &player->variables, text, false, &unknown);
	return known && bytes_number(bytes_of(known), number);
}

/* expect A even | odd | = B [+ N] | != B */
const char *expect_play(struct player *player, const struct step *step)
{
	const struct words *words = &step->words;
	const char *relation = words->list[2];
	uint32_t left, right = 0, more = 0;
	bool holds;
	if (!number_resolve(player, words->list[1], &left))
		return "the left side has no value";
	if (words->count > 3 && !number_resolve(player, words->list[3], &right))
		return "the right side has no value";
	if (words->count > 5 && (strcmp(words->list[4], "+") != 0 || !number_resolve(player, words->list[5], &more)))
		return "say: expect {name} = NUMBER + NUMBER";
	if (strcmp(relation, "even") == 0 || strcmp(relation, "odd") == 0)
		holds = (left % 2 == 0) == (strcmp(relation, "even") == 0);
	else if (strcmp(relation, "=") == 0 || strcmp(relation, "!=") == 0)
		holds = (left == right + more) == (strcmp(relation, "=") == 0);
	else
		return "a relation is even, odd, = or !=";
	return holds ? NULL : store_format(player->store, "it is %u", left);
}

const char *let_play(struct player *player, const struct step *step)
{
	uint32_t left, right;
	if (!number_resolve(player, step->words.list[3], &left) || !number_resolve(player, step->words.list[5], &right))
		return "a number has no value";
	if (!variables_set(&player->variables, step->words.list[1], store_format(player->store, "%u", left + right)))
		return "too many names";
	return NULL;
}

const char *reason_play(struct player *player, const struct step *step)
{
	const char *reason = player->world->operations->reason(player->world);
	if (!reason || strcmp(reason, step->words.list[1]) == 0)
		return NULL;
	return store_format(player->store, "the reason was %s", reason);
}
