/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine knows, written down. */
#include "engine/snapshot.h"

enum { RECORD_HEAD = 3 }; /* the kind, one byte; the length, two */

struct record {
	size_t head; /* where it begins */
	enum snapshot_kind kind;
};

static struct record begin(struct pack *pack, enum snapshot_kind kind)
{
	struct record record = { pack->at, kind };
	pack->at += RECORD_HEAD;
	return record;
}

/* Its length is known only now. */
static void end(struct pack *pack, struct record record)
{
	size_t end_at = pack->at;
	pack->at = record.head;
	(void)pack_number(pack, record.kind, 1);
	(void)pack_number(pack, end_at - record.head - RECORD_HEAD, 2);
	pack->at = end_at;
}

static sipalg_endpoint outside_of(const sipalg_engine *engine, uint32_t binding)
{
	return binding ? engine->bindings.list[binding].outside : (sipalg_endpoint){ 0 };
}

static void save_binding(struct pack *pack, const struct bindings *bindings, uint32_t slot)
{
	struct snapshot_binding saved = { .binding = bindings->list[slot] };
	struct record record = begin(pack, SNAPSHOT_BINDING);
	size_t count = 0;
	for (uint32_t at = saved.binding.first_peer; at; at = bindings->peers[at].next)
		saved.peers[count++] = bindings->peers[at].address;
	snapshot_pack_binding(pack, &saved);
	end(pack, record);
}

/* Those in quarantine come in the order in which they are to leave it. */
static void save_bindings(struct pack *pack, const struct bindings *bindings)
{
	for (uint32_t slot = 1; slot <= bindings->pool.touched; slot++)
		if (bindings->list[slot].state == BINDING_ALIVE)
			save_binding(pack, bindings, slot);
	for (uint32_t slot = bindings->quarantine.oldest; slot; slot = bindings->quarantine_links[slot].next)
		save_binding(pack, bindings, slot);
}

static void save_registrations(struct pack *pack, const sipalg_engine *engine)
{
	const struct registrations *registrations = &engine->registrations;
	for (uint32_t slot = 1; slot <= registrations->pool.touched; slot++) {
		struct snapshot_registration saved = { .registration = registrations->list[slot] };
		if (!saved.registration.binding)
			continue;
		struct record record = begin(pack, SNAPSHOT_REGISTRATION);
		saved.outside = outside_of(engine, saved.registration.binding);
		snapshot_pack_registration(pack, &saved);
		end(pack, record);
	}
}

static void save_leg(struct pack *pack, const sipalg_engine *engine, const struct leg *leg)
{
	struct snapshot_leg saved = { .leg = *leg };
	struct record record = begin(pack, SNAPSHOT_LEG);
	for (size_t i = 0; i < LEG_WAY_COUNT; i++)
		saved.ways[i] = outside_of(engine, leg->ways[i]);
	for (uint8_t i = 0; i < leg->media_count; i++)
		saved.media[i] = outside_of(engine, leg->media[i].binding);
	snapshot_pack_leg(pack, &saved);
	end(pack, record);
}

static void save_calls(struct pack *pack, const sipalg_engine *engine)
{
	const struct calls *calls = &engine->calls;
	for (uint32_t slot = 1; slot <= calls->pool.touched; slot++) {
		struct call call = calls->list[slot];
		if (!call.is_used)
			continue;
		struct record record = begin(pack, SNAPSHOT_CALL);
		snapshot_pack_call(pack, &call);
		end(pack, record);
		for (uint32_t leg = call.first_leg; leg; leg = calls->legs[leg].next)
			save_leg(pack, engine, &calls->legs[leg]);
	}
}

/* Newer exceptions last, as they were noted. */
static void save_forms(struct pack *pack, const struct forms *forms)
{
	for (uint32_t bucket = 0; forms->noted && bucket < FORMS_BUCKETS; bucket++)
		for (unsigned way = FORMS_WAYS; way-- > 0;) {
			struct snapshot_form saved = { bucket, forms->buckets[bucket][way] };
			if (!saved.exception.key)
				continue;
			struct record record = begin(pack, SNAPSHOT_FORM);
			snapshot_pack_form(pack, &saved);
			end(pack, record);
		}
}

size_t sipalg_engine_save(const sipalg_engine *engine, uint64_t now_ns, uint8_t *bytes, size_t room)
{
	static const struct hash_key accident = { { 0, 0 } };
	struct snapshot_heading heading = {
		.magic = SNAPSHOT_MAGIC, .version = SNAPSHOT_VERSION, .saved_ns = now_ns, .key = engine->key
	};
	struct pack pack = { .out = bytes, .end = room };
	size_t hashed_from = snapshot_pack_heading(&pack, &heading);
	save_bindings(&pack, &engine->bindings);
	save_registrations(&pack, engine);
	save_calls(&pack, engine);
	save_forms(&pack, &engine->forms);
	size_t length = pack.at;
	if (length > room)
		return length;
	heading.hash = hash_bytes(&accident, bytes + hashed_from, length - hashed_from);
	pack.at = 0;
	(void)snapshot_pack_heading(&pack, &heading);
	return length;
}
