/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track/forms.h"

void forms_lay_out(struct forms *forms, struct arena *arena)
{
	forms->buckets = arena_take(arena, FORMS_BUCKETS, sizeof(*forms->buckets));
}

static struct writing usual_writing(const struct binding *binding, enum form_place place)
{
	struct writing writing = { .form = binding->forms[place] & (uint8_t)~FORM_SPELT };
	if (binding->forms[place] & FORM_SPELT)
		writing.spelling = spelling_of_kept(&binding->spelling);
	return writing;
}

static bool is_usual_writing(const struct binding *binding, enum form_place place, const struct writing *writing)
{
	if (binding->forms[place] == writing->form)
		return spelling_is_usual(writing->spelling);
	return writing_equal(usual_writing(binding, place), *writing);
}

/* A binding has room for one spelling besides the usual one; a third remains an exception. */
static void make_usual(struct binding *binding, enum form_place place, const struct writing *writing)
{
	binding->forms[place] = writing->form;
	if (spelling_is_usual(writing->spelling))
		return;
	if (spelling_is_usual(spelling_of_kept(&binding->spelling)))
		binding->spelling = spelling_keep(writing->spelling);
	binding->forms[place] |= FORM_SPELT;
}

/* The host, since hosts may have the same port, each at an address of its own, and phones that call each other the same
 * Call-ID. */
static uint64_t host_number(const struct binding *binding)
{
	uint64_t words[2];
	memcpy(words, binding->inside.address.bytes, sizeof(words));
	return words[0] * UINT64_C(0x9e3779b97f4a7c15) ^ words[1] * UINT64_C(0xbf58476d1ce4e5b9);
}

/* Never 0, which is an empty entry: bit 0 is always set and says nothing. */
static uint64_t entry_key(const struct binding *binding, enum form_place place, uint64_t scope)
{
	uint64_t endpoint = (uint64_t)binding->outside.port << 8 | (uint64_t)place << 1;
	return (scope ^ endpoint ^ host_number(binding)) | 1;
}

static size_t bucket_of(uint64_t entry_key)
{
	return (entry_key >> 32) % FORMS_BUCKETS;
}

/* REGISTER has no scope: of what has been registered the latest counts. */
static uint64_t scope_hash(const struct hash_key *key, enum form_place place, struct text scope)
{
	return place == FORM_REGISTERED ? 0 : hash_text(key, scope);
}

static bool has_exceptions(const struct forms *forms, const struct binding *binding, enum form_place place)
{
	return forms->noted && (place != FORM_REGISTERED || !spelling_is_usual(spelling_of_kept(&binding->spelling)));
}

void forms_note(struct forms *forms, const struct hash_key *key, struct binding *binding, enum form_place place,
                struct text scope, struct writing writing)
{
	/* A phone that wrote its outside address and now writes its inside one has changed its mind for good (what it
	 * has said before stands, so the outside address is always noted). */
	uint8_t before = binding->forms[place];
	if (before == FORM_UNKNOWN || before == FORM_OUTSIDE || place == FORM_REGISTERED)
		make_usual(binding, place, &writing);
	bool is_usual = is_usual_writing(binding, place, &writing);
	bool is_noted = writing.form == FORM_OUTSIDE && place != FORM_REGISTERED;
	if (is_usual && !is_noted && !has_exceptions(forms, binding, place))
		return;
	uint64_t wanted = entry_key(binding, place, scope_hash(key, place, scope));
	struct form_exception *ways = forms->buckets[bucket_of(wanted)];
	if (is_usual && !is_noted && ways[0].key != wanted && ways[1].key != wanted)
		return;
	if (ways[0].key != wanted) {
		ways[1] = ways[0];
		ways[0] = (struct form_exception){ .key = wanted };
	}
	ways[0].writing = writing;
	forms->noted++;
}

struct writing forms_recall(const struct forms *forms, const struct hash_key *key, const struct binding *binding,
                            enum form_place place, struct text scope)
{
	if (place == FORM_REGISTERED && binding->forms[place] == FORM_UNKNOWN)
		place = FORM_CONTACT;
	if (!has_exceptions(forms, binding, place))
		return usual_writing(binding, place);
	uint64_t wanted = entry_key(binding, place, scope_hash(key, place, scope));
	const struct form_exception *ways = forms->buckets[bucket_of(wanted)];
	for (unsigned way = 0; way < FORMS_WAYS; way++)
		if (ways[way].key == wanted)
			return ways[way].writing;
	return usual_writing(binding, place);
}
