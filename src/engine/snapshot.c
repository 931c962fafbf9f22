/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fields of each record, for writing and reading alike. Counts come out of a file here: none is taken beyond what
 * there is room for. */
#include "engine/snapshot.h"

size_t snapshot_pack_heading(struct pack *pack, struct snapshot_heading *heading)
{
	pack_bytes(pack, heading->magic, sizeof(heading->magic));
	pack_u32(pack, &heading->version);
	pack_u64(pack, &heading->hash);
	size_t hashed_from = pack->at;
	pack_u64(pack, &heading->saved_ns);
	pack_u64(pack, &heading->key.words[0]);
	pack_u64(pack, &heading->key.words[1]);
	return hashed_from;
}

static void pack_endpoint(struct pack *pack, sipalg_endpoint *endpoint)
{
	pack_bytes(pack, &endpoint->address, sizeof(endpoint->address));
	pack_u16(pack, &endpoint->port);
	pack_u8(pack, &endpoint->protocol);
	endpoint->unused = 0;
}

/* A count of at most `max`. */
static uint8_t pack_count(struct pack *pack, uint8_t *count, uint8_t max)
{
	pack_u8(pack, count);
	if (*count > max)
		*count = max;
	return *count;
}

static void pack_label(struct pack *pack, char label[SIPALG_LABEL_MAX])
{
	const char *end = memchr(label, '\0', SIPALG_LABEL_MAX);
	uint8_t length = (uint8_t)(pack->in || !end ? 0 : end - label);
	pack_count(pack, &length, SIPALG_LABEL_MAX - 1);
	pack_bytes(pack, label, length);
	label[length] = '\0';
}

static void pack_writing(struct pack *pack, struct writing *writing)
{
	pack_u8(pack, &writing->form);
	struct kept_spelling kept = spelling_keep(writing->spelling);
	pack_bytes(pack, &kept, sizeof(kept));
	writing->spelling = spelling_of_kept(&kept);
}

void snapshot_pack_binding(struct pack *pack, struct snapshot_binding *saved)
{
	struct binding *binding = &saved->binding;
	pack_endpoint(pack, &binding->inside);
	pack_endpoint(pack, &binding->outside);
	pack_u64(pack, &binding->deadline_ns);
	pack_u32(pack, &binding->kept_until_s);
	pack_u8(pack, &binding->state);
	pack_bool(pack, &binding->is_withheld);
	pack_bool(pack, &binding->is_signalling);
	pack_bool(pack, &binding->admits_any);
	pack_bool(pack, &binding->keeps_flows);
	pack_bytes(pack, binding->forms, sizeof(binding->forms));
	pack_bytes(pack, &binding->spelling, sizeof(binding->spelling));
	pack_count(pack, &binding->peer_count, SIPALG_PEERS_MAX);
	pack_bytes(pack, saved->peers, binding->peer_count * sizeof(saved->peers[0]));
}

void snapshot_pack_registration(struct pack *pack, struct snapshot_registration *saved)
{
	struct registration *registration = &saved->registration;
	pack_u64(pack, &registration->key);
	pack_u64(pack, &registration->deadline_ns);
	pack_endpoint(pack, &saved->outside);
	pack_u32(pack, &registration->requested_s);
	pack_u8(pack, &registration->kind);
	pack_bool(pack, &registration->is_granted);
	pack_label(pack, registration->label);
	for (size_t i = 0; i < REGISTRATION_ASKED_MAX; i++)
		pack_u64(pack, &registration->asked[i]);
	pack_u32(pack, &registration->peer);
}

static void pack_remote(struct pack *pack, struct remote_media *remote)
{
	pack_u64(pack, &remote->tag);
	pack_count(pack, &remote->address_count, REMOTE_ADDRESSES_MAX);
	for (uint8_t i = 0; i < remote->address_count; i++)
		pack_bytes(pack, &remote->addresses[i], sizeof(remote->addresses[i]));
	pack_count(pack, &remote->line_count, REMOTE_LINES_MAX);
	for (uint8_t i = 0; i < remote->line_count; i++) {
		struct remote_line *line = &remote->lines[i];
		pack_u16(pack, &line->port);
		pack_u16(pack, &line->rtcp_port);
		pack_u8(pack, &line->address);
		pack_u8(pack, &line->rtcp_address);
	}
}

void snapshot_pack_call(struct pack *pack, struct call *call)
{
	pack_u64(pack, &call->id);
	pack_u64(pack, &call->since_ns);
	pack_u64(pack, &call->deadline_ns);
	pack_label(pack, call->label);
	pack_bool(pack, &call->is_direct);
	for (size_t i = 0; i < CALL_REMOTE_COUNT; i++)
		pack_remote(pack, &call->remotes[i]);
}

static void pack_media(struct pack *pack, struct leg_media *media, sipalg_endpoint *outside)
{
	pack_endpoint(pack, outside);
	pack_u32(pack, &media->flow_mark);
	pack_u16(pack, &media->first_offer);
	pack_u16(pack, &media->last_offer);
	pack_u8(pack, &media->line);
	pack_bool(pack, &media->is_rtcp);
}

void snapshot_pack_leg(struct pack *pack, struct snapshot_leg *saved)
{
	struct leg *leg = &saved->leg;
	pack_u64(pack, &leg->tag);
	pack_bytes(pack, &leg->phone, sizeof(leg->phone));
	pack_u64(pack, &leg->deadline_ns);
	pack_u32(pack, &leg->session_s);
	pack_u32(pack, &leg->expires_s);
	for (size_t i = 0; i < LEG_BY_FORMER_CONTACT; i++)
		pack_endpoint(pack, &saved->ways[i]);
	pack_u32(pack, &leg->invite_cseq);
	pack_u32(pack, &leg->offer_cseq);
	pack_u32(pack, &leg->contact_cseq);
	pack_writing(pack, &leg->contact);
	pack_u8(pack, &leg->origin);
	pack_u16(pack, &leg->offer);
	pack_u8(pack, &leg->state);
	pack_bool(pack, &leg->offer_is_open);
	pack_bool(pack, &leg->offer_is_challenged);
	pack_bool(pack, &leg->is_held);
	pack_count(pack, &leg->dialog_count, SIPALG_LEG_DIALOGS_MAX);
	for (uint8_t i = 0; i < leg->dialog_count; i++)
		pack_u64(pack, &leg->dialogs[i]);
	pack_u8(pack, &leg->dialogs_ending);
	pack_u8(pack, &leg->dialogs_over);
	pack_count(pack, &leg->media_count, SIPALG_LEG_MEDIA_MAX);
	for (uint8_t i = 0; i < leg->media_count; i++)
		pack_media(pack, &leg->media[i], &saved->media[i]);
	for (size_t i = LEG_BY_FORMER_CONTACT; i < LEG_WAY_COUNT; i++)
		pack_endpoint(pack, &saved->ways[i]);
	pack_bytes(pack, leg->peers, sizeof(leg->peers));
	pack_u64(pack, &leg->word_ns);
}

void snapshot_pack_form(struct pack *pack, struct snapshot_form *saved)
{
	pack_u32(pack, &saved->bucket);
	pack_u64(pack, &saved->exception.key);
	pack_writing(pack, &saved->exception.writing);
}
