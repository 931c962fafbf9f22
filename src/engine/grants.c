/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registrations and subscriptions: what the phone asks for and what a 2xx grants. */
#include "engine/engine.h"

#include "sip/tag.h"

/* The Expires header in seconds; `otherwise` when there is none or it cannot be read. */
static uint32_t expires_header(const struct passage *passage, uint32_t otherwise)
{
	uint64_t seconds;
	struct text value = sip_message_header(&passage->message, SIP_HEADER_EXPIRES);
	return text_read_number(value, UINT32_MAX, &seconds) ? (uint32_t)seconds : otherwise;
}

/* The address of record is the URI in To, and comes back in the response as it was sent (RFC 3261 10.2). */
static bool read_address_of_record(const struct passage *passage, struct text *uri)
{
	struct text value = sip_message_header(&passage->message, SIP_HEADER_TO);
	struct sip_name_addr entry;
	if (!sip_name_addr_next(&value, &entry))
		return false;
	*uri = entry.uri;
	return true;
}

/* Registrations are kept by address of record and inside host, so that many hosts under one address of record do not
 * have to be told apart one by one. */
static uint64_t registration_key(const struct passage *passage, struct text uri, const sipalg_address *host)
{
	return hash_text(&passage->engine->key, uri) ^ hash_bytes(&passage->engine->key, host, sizeof(*host));
}

/* ---- Questions and answers ---- */

static uint64_t peer_of(const struct passage *passage, const sipalg_endpoint *peer)
{
	return hash_bytes(&passage->engine->key, &peer->address, sizeof(peer->address));
}

/* A request and its answer have Call-ID and CSeq in common (RFC 3261 8.1.3.3, 8.2.6.2), and the address at the other
 * end. */
static uint64_t question_of(const struct passage *passage, uint64_t peer)
{
	const uint64_t odd = 0x9e3779b97f4a7c15;
	uint64_t call_id = hash_text(&passage->engine->key, passage->call_id_text);
	return call_id ^ (peer << 1 | peer >> 63) ^ passage->message.cseq * odd;
}

/* All that is under the key is asked about. */
static void note_question(struct passage *passage, uint64_t key)
{
	struct registrations *registrations = &passage->engine->registrations;
	uint64_t peer = peer_of(passage, &passage->packet->destination);
	uint64_t question = question_of(passage, peer);
	for (uint32_t slot = registrations_first(registrations, key); slot;
	     slot = registrations_next(registrations, slot))
		registration_note_asked(&registrations->list[slot], question, (uint32_t)peer);
}

/* False: nobody has asked whoever says this, or not for this. */
static bool is_answer(const struct passage *passage, uint64_t key)
{
	const struct registrations *registrations = &passage->engine->registrations;
	uint64_t question = question_of(passage, peer_of(passage, &passage->packet->source));
	uint32_t slot = registrations_first(registrations, key);
	while (slot && !registration_has_asked(&registrations->list[slot], question))
		slot = registrations_next(registrations, slot);
	return slot != 0;
}

/* ---- REGISTER ---- */

static void ask_to_remove_all(struct passage *passage, uint64_t key)
{
	struct registrations *registrations = &passage->engine->registrations;
	for (uint32_t slot = registrations_first(registrations, key); slot;
	     slot = registrations_next(registrations, slot))
		registrations->list[slot].requested_s = 0;
}

static uint32_t find_registration(struct passage *passage, uint64_t key, uint32_t binding)
{
	struct registrations *registrations = &passage->engine->registrations;
	uint32_t slot = registrations_first(registrations, key);
	while (slot && registrations->list[slot].binding != binding)
		slot = registrations_next(registrations, slot);
	return slot;
}

static uint32_t seconds_of(const struct passing_contact *contact, uint32_t by_default_s)
{
	return contact->has_expires ? contact->expires_s : by_default_s;
}

/* A Path is needed for as long as any inside contact, of the proxy's own host or behind it (RFC 3327 5). */
static uint32_t seconds_of_path(const struct passage *passage, uint32_t by_default_s)
{
	uint32_t longest_s = 0;
	for (size_t i = 0; i < passage->contact_count; i++) {
		const struct passing_contact *contact = &passage->contacts[i];
		uint32_t seconds = seconds_of(contact, by_default_s);
		if ((contact->binding || passage_is_inside(passage, &contact->uri.host)) && seconds > longest_s)
			longest_s = seconds;
	}
	return longest_s;
}

/* Why there is no room for every Contact that is not yet registered, and the Path; NOTHING_TO_DO: there is. */
static enum sipalg_reason reason_of_no_room(struct passage *passage, uint64_t key, uint32_t by_default_s)
{
	const struct registrations *registrations = &passage->engine->registrations;
	const struct pool *pool = &registrations->pool;
	uint32_t some_binding = passage->route;
	uint32_t wanted = passage->route && !find_registration(passage, key, passage->route);
	for (size_t i = 0; i < passage->contact_count; i++) {
		const struct passing_contact *contact = &passage->contacts[i];
		if (!seconds_of(contact, by_default_s))
			continue;
		wanted += contact->binding && contact->binding != passage->route &&
		          !find_registration(passage, key, contact->binding);
		wanted += contact->twin && !find_registration(passage, key, contact->twin);
		some_binding = contact->binding ? contact->binding : some_binding;
	}
	if (wanted > pool->capacity - pool->used)
		return SIPALG_REASON_REGISTRATIONS_FULL;
	return wanted && !registrations_have_room(registrations, some_binding, wanted) ? SIPALG_REASON_HOST_LIMIT
	                                                                               : SIPALG_REASON_NOTHING_TO_DO;
}

static void request(struct passage *passage, enum registration_kind kind, uint64_t key, uint32_t binding,
                    uint32_t requested_s, struct text uri)
{
	if (binding)
		(void)registrations_request(&passage->engine->registrations, passage->now_ns, kind, key, binding,
		                            requested_s, uri);
}

static void ask_to_register(struct passage *passage)
{
	struct text uri;
	if (!read_address_of_record(passage, &uri))
		return;
	uint64_t key = registration_key(passage, uri, &passage->packet->source.address);
	uint32_t by_default_s = expires_header(passage, SIPALG_REGISTRATION_S);
	enum sipalg_reason no_room = reason_of_no_room(passage, key, by_default_s);
	if (no_room != SIPALG_REASON_NOTHING_TO_DO) {
		passage_refuse(passage, no_room);
		return;
	}
	if (passage->has_star && by_default_s == 0)
		ask_to_remove_all(passage, key);
	bool is_path_contact = false; /* the same port of the same host: one registration stands for both */
	for (size_t i = 0; i < passage->contact_count; i++) {
		const struct passing_contact *contact = &passage->contacts[i];
		request(passage, REGISTRATION_CONTACT, key, contact->binding, seconds_of(contact, by_default_s), uri);
		request(passage, REGISTRATION_CONTACT, key, contact->twin, seconds_of(contact, by_default_s), uri);
		is_path_contact = is_path_contact || contact->binding == passage->route;
	}
	if (!is_path_contact)
		request(passage, REGISTRATION_PATH, key, passage->route, seconds_of_path(passage, by_default_s), uri);
	note_question(passage, key);
}

/* The registrar's flow shall not end before the registration, and only now may a TCP Contact be opened, to it alone. */
static void open_to_registrar(struct passage *passage, uint32_t binding_slot, uint32_t granted_s)
{
	struct bindings *bindings = &passage->engine->bindings;
	const sipalg_endpoint *registrar = &passage->packet->source;
	bool is_tcp = bindings->list[binding_slot].inside.protocol == SIPALG_PROTOCOL_TCP;
	if (is_tcp || registrar->protocol == SIPALG_PROTOCOL_TCP) {
		passage_open_to_peer(passage, binding_slot);
		return;
	}
	bindings_settle(bindings, binding_slot, passage->now_ns);
	sipalg_command *command = bindings_command(bindings, binding_slot, SIPALG_COMMAND_HOLD_FLOW);
	command->peer = *registrar;
	command->lease_s = granted_s;
}

static void grant(struct passage *passage, uint32_t slot, uint32_t granted_s)
{
	struct registrations *registrations = &passage->engine->registrations;
	registrations->list[slot].is_listed = true;
	if (!granted_s) {
		registrations_end(registrations, passage->now_ns, slot);
		return;
	}
	registrations_grant(registrations, passage->now_ns, slot, granted_s);
	open_to_registrar(passage, registrations->list[slot].binding, granted_s);
}

/* What the registrar says in the Contact, else in Expires, else what the phone had asked for (RFC 3261 10.2.4). */
static uint32_t granted_seconds(const struct passage *passage, const struct passing_contact *contact,
                                const struct registration *registration)
{
	if (contact->has_expires)
		return contact->expires_s;
	uint32_t asked_s = registration->requested_s ? registration->requested_s : SIPALG_REGISTRATION_S;
	return expires_header(passage, asked_s);
}

/* The registrar need not return the Path (RFC 3327 5.3): the contacts behind it tell how long it is needed. */
static void grant_path(struct passage *passage, uint64_t key)
{
	struct registrations *registrations = &passage->engine->registrations;
	uint32_t slot = registrations_first(registrations, key);
	while (slot && registrations->list[slot].kind != REGISTRATION_PATH)
		slot = registrations_next(registrations, slot);
	if (!slot)
		return;
	const struct registration *registration = &registrations->list[slot];
	uint32_t asked_s = registration->requested_s ? registration->requested_s : SIPALG_REGISTRATION_S;
	uint32_t granted_s = seconds_of_path(passage, expires_header(passage, asked_s));
	if (granted_s)
		grant(passage, slot, granted_s);
}

static void forget_listed(struct passage *passage, uint64_t key)
{
	struct registrations *registrations = &passage->engine->registrations;
	for (uint32_t slot = registrations_first(registrations, key); slot;
	     slot = registrations_next(registrations, slot))
		registrations->list[slot].is_listed = false;
}

/* A registrar lists every Contact it holds; one of this host's that is missing has gone. A 2xx without any Contact
 * removes only what the phone had asked to remove: some registrars do not list at all. */
static void settle_unlisted(struct passage *passage, uint64_t key)
{
	struct registrations *registrations = &passage->engine->registrations;
	uint32_t next = 0;
	for (uint32_t slot = registrations_first(registrations, key); slot; slot = next) {
		next = registrations_next(registrations, slot);
		const struct registration *registration = &registrations->list[slot];
		if (registration->is_listed)
			continue;
		if (passage->contact_count || !registration->requested_s)
			registrations_end(registrations, passage->now_ns, slot);
		else
			grant(passage, slot, expires_header(passage, registration->requested_s));
	}
}

static void hear_contact(struct passage *passage, uint64_t key, const struct passing_contact *contact, uint32_t binding)
{
	uint32_t slot = binding ? find_registration(passage, key, binding) : 0;
	if (slot)
		grant(passage, slot, granted_seconds(passage, contact, &passage->engine->registrations.list[slot]));
}

static void hear_registered(struct passage *passage)
{
	struct text uri;
	if (!read_address_of_record(passage, &uri))
		return;
	uint64_t key = registration_key(passage, uri, &passage->packet->destination.address);
	if (!is_answer(passage, key))
		return;
	forget_listed(passage, key);
	for (size_t i = 0; i < passage->contact_count; i++) {
		const struct passing_contact *contact = &passage->contacts[i];
		hear_contact(passage, key, contact, contact->binding);
		if (contact->binding)
			hear_contact(passage, key, contact, twin_find(passage, contact->binding));
	}
	grant_path(passage, key);
	settle_unlisted(passage, key);
}

/* ---- SUBSCRIBE ---- */

static uint64_t subscription_key(const struct passage *passage, enum sip_header_kind who)
{
	const sipalg_packet *packet = passage->packet;
	const sipalg_endpoint *phone = packet->direction == SIPALG_OUTBOUND ? &packet->source : &packet->destination;
	uint64_t key = passage->call_id;
	struct text tag;
	key ^= hash_bytes(&passage->engine->key, &phone->address, sizeof(phone->address));
	if (sip_tag_find(sip_message_header(&passage->message, who), &tag))
		key ^= hash_text(&passage->engine->key, tag);
	return key;
}

static void ask_to_subscribe(struct passage *passage, enum sip_header_kind who)
{
	uint64_t key = subscription_key(passage, who);
	uint32_t seconds = expires_header(passage, SIPALG_REGISTRATION_S);
	uint32_t binding = passage->contact_count ? passage->contacts[0].binding : 0;
	uint32_t twin = binding ? passage->contacts[0].twin : 0;
	if (passage->route) /* NOTIFY comes by the Record-Route of an inside proxy (RFC 6665 4.3) */
		binding = passage->route;
	request(passage, REGISTRATION_SUBSCRIPTION, key, binding, seconds, passage->call_id_text);
	request(passage, REGISTRATION_SUBSCRIPTION, key, twin, seconds, passage->call_id_text);
	note_question(passage, key);
}

/* The notifier may open a connection for its requests. */
static void open_to_notifier(struct passage *passage, uint32_t binding)
{
	if (passage->engine->bindings.list[binding].inside.protocol == SIPALG_PROTOCOL_TCP)
		passage_open_to_peer(passage, binding);
}

static void hear_subscribed(struct passage *passage, enum sip_header_kind who)
{
	struct registrations *registrations = &passage->engine->registrations;
	uint64_t key = subscription_key(passage, who);
	uint32_t next = 0;
	if (passage->packet->direction == SIPALG_INBOUND && !is_answer(passage, key))
		return;
	for (uint32_t slot = registrations_first(registrations, key); slot; slot = next) {
		next = registrations_next(registrations, slot);
		uint32_t granted_s = expires_header(passage, registrations->list[slot].requested_s);
		if (!granted_s) {
			registrations_end(registrations, passage->now_ns, slot);
			continue;
		}
		registrations_grant(registrations, passage->now_ns, slot, granted_s);
		open_to_notifier(passage, registrations->list[slot].binding);
	}
}

/* NOTIFY says when a subscription is over (RFC 6665 4.1.3). */
static void hear_notified(struct passage *passage, enum sip_header_kind who)
{
	struct registrations *registrations = &passage->engine->registrations;
	struct text state = sip_message_header(&passage->message, SIP_HEADER_SUBSCRIPTION_STATE);
	uint64_t key = subscription_key(passage, who);
	uint32_t next = 0;
	bool is_own_word = passage->packet->direction == SIPALG_OUTBOUND;
	uint64_t peer = peer_of(passage, &passage->packet->source);
	if (!text_begins_word(state, TEXT("terminated")))
		return;
	for (uint32_t slot = registrations_first(registrations, key); slot; slot = next) {
		next = registrations_next(registrations, slot);
		if (is_own_word || registrations->list[slot].peer == (uint32_t)peer)
			registrations_end(registrations, passage->now_ns, slot);
	}
}

/* ---- Both ways ---- */

static bool is_success(const struct sip_message *message)
{
	return message->status >= 200 && message->status < 300;
}

void grants_follow_outbound(struct passage *passage)
{
	const struct sip_message *message = &passage->message;
	if (message->method == SIP_METHOD_REGISTER && message->is_request) {
		ask_to_register(passage);
	} else if (message->method == SIP_METHOD_SUBSCRIBE && message->is_request) {
		ask_to_subscribe(passage, SIP_HEADER_FROM);
	} else if (message->method == SIP_METHOD_SUBSCRIBE && is_success(message)) {
		ask_to_subscribe(passage, SIP_HEADER_TO);
		hear_subscribed(passage, SIP_HEADER_TO);
	} else if (message->method == SIP_METHOD_NOTIFY && message->is_request) {
		hear_notified(passage, SIP_HEADER_FROM);
	}
}

void grants_follow_inbound(struct passage *passage)
{
	const struct sip_message *message = &passage->message;
	if (message->method == SIP_METHOD_REGISTER && is_success(message))
		hear_registered(passage);
	else if (message->method == SIP_METHOD_SUBSCRIBE && is_success(message))
		hear_subscribed(passage, SIP_HEADER_FROM);
	else if (message->method == SIP_METHOD_NOTIFY && message->is_request)
		hear_notified(passage, SIP_HEADER_TO);
}
