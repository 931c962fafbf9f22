/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track/forms.h"

void forms_lay_out(struct forms *forms, struct arena *arena)
{
	forms->buckets = arena_take(arena, FORMS_BUCKETS, sizeof(*forms->buckets));
}

/* Never 0, which is an empty entry: bit 0 is always set and says nothing. */
static uint64_t entry_key(const struct binding *binding, enum form_place place, struct hash scope)
{
	uint64_t endpoint = (uint64_t)binding->outside.port << 8 | (uint64_t)place << 1;
	return (scope.low ^ endpoint) | 1;
}

void forms_note(struct forms *forms, const struct hash_key *key, struct binding *binding, enum form_place place,
                struct text scope, enum written_form form)
{
	/* A phone that wrote its outside address and now writes its inside one has changed its mind for good (what it
	 * has said before stands, so the outside address is always noted), and of what it has registered the latest
	 * counts. */
	if (binding->forms[place] == FORM_UNKNOWN || binding->forms[place] == FORM_OUTSIDE || place == FORM_REGISTERED)
		binding->forms[place] = (uint8_t)form;
	bool is_usual = binding->forms[place] == form;
	if (place == FORM_REGISTERED || (is_usual && !forms->noted && form != FORM_OUTSIDE))
		return;
	struct hash hash = hash_text(key, scope);
	uint64_t wanted = entry_key(binding, place, hash);
	struct form_exception *ways = forms->buckets[hash.high % FORMS_BUCKETS];
	if (is_usual && form != FORM_OUTSIDE && ways[0].key != wanted && ways[1].key != wanted)
		return;
	if (ways[0].key != wanted) {
		ways[1] = ways[0];
		ways[0] = (struct form_exception){ .key = wanted };
	}
	ways[0].form = (uint8_t)form;
	forms->noted++;
}

enum written_form forms_recall(const struct forms *forms, const struct hash_key *key, const struct binding *binding,
                               enum form_place place, struct text scope)
{
	if (place == FORM_REGISTERED && binding->forms[place] == FORM_UNKNOWN)
		place = FORM_CONTACT;
	if (place == FORM_REGISTERED || !forms->noted)
		return (enum written_form)binding->forms[place];
	struct hash hash = hash_text(key, scope);
	uint64_t wanted = entry_key(binding, place, hash);
	const struct form_exception *ways = forms->buckets[hash.high % FORMS_BUCKETS];
	for (unsigned way = 0; way < FORMS_WAYS; way++)
		if (ways[way].key == wanted)
			return (enum written_form)ways[way].form;
	return (enum written_form)binding->forms[place];
}
