/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/engine.h"

#include "rewrite/digits.h"

void passage_refuse(struct passage *passage, enum sipalg_reason reason)
{
	if (!passage_is_refused(passage))
		passage->refusal = reason;
}

bool passage_is_inside(const struct passage *passage, const struct sip_host *host)
{
	return host->is_address && passage_network_of(passage, &host->address);
}

/* A host speaks for itself only: what it names elsewhere inside is not its business. */
bool passage_is_own(const struct passage *passage, const struct sip_host *host)
{
	return host->is_address && sipalg_address_equal(&host->address, &passage->packet->source.address);
}

bool passage_is_outside(const struct passage *passage, const struct sip_host *host)
{
	if (!host->is_address)
		return false;
	if (sipalg_address_equal(&host->address, &passage->outside[1]))
		return true;
	if (sipalg_address_equal(&host->address, &passage->outside[0]))
		return !sipalg_address_is_none(&host->address);
	return passage->engine->inside.has_prefix && networks_have_outside(&passage->engine->inside, &host->address);
}

bool passage_is_known_outside(const struct passage *passage, const struct sip_host *host)
{
	const struct networks *inside = &passage->engine->inside;
	if (passage_is_outside(passage, host))
		return true;
	const struct network *network =
	        inside->has_routed && host->is_address ? networks_find(inside, &host->address) : NULL;
	return network && network->translation == SIPALG_TRANSLATION_NONE;
}

/* ---- Binding ---- */

/* In a routed network an address of local scope (RFC 1918, RFC 4193) is opened only when the message itself is sent
 * from one: else nobody who gets to read it could reach it. */
static bool is_in_scope(const struct passage *passage, const sipalg_address *inside)
{
	return !address_is_local(inside) || address_is_local(&passage->packet->source.address);
}

bool passage_find_outside(const struct passage *passage, const sipalg_address *inside, sipalg_address *outside)
{
	const struct network *network = passage_network_of(passage, inside);
	if (!network || (network->translation == SIPALG_TRANSLATION_NONE && !is_in_scope(passage, inside)))
		return false;
	return network_find_outside(network, passage->outside, inside, outside);
}

static bool is_router(const sipalg_engine *engine, const sipalg_address *address)
{
	for (size_t i = 0; i < engine->router_count; i++)
		if (sipalg_address_equal(&engine->router[i], address))
			return true;
	return false;
}

/* The same for a wish, which is the sender's nearly always. */
static inline bool find_outside(const struct passage *passage, struct bind_wish *wish)
{
	if (wish->is_own) {
		wish->outside = passage->sender_outside;
		wish->is_fixed = passage->sender_is_fixed;
		return !sipalg_address_is_none(&wish->outside);
	}
	wish->is_fixed = engine_keeps_ports(passage->engine, &wish->inside.address);
	return !is_router(passage->engine, &wish->inside.address) &&
	       passage_find_outside(passage, &wish->inside.address, &wish->outside);
}

static enum sipalg_reason reason_of(enum bind_result result)
{
	switch (result) {
	case BIND_HOST_LIMIT:
		return SIPALG_REASON_HOST_LIMIT;
	case BIND_NO_PORT:
		return SIPALG_REASON_PORTS_FULL;
	case BIND_OK:
	case BIND_REFUSED:
	case BIND_TABLE_FULL:
		break;
	}
	return SIPALG_REASON_BINDINGS_FULL;
}

static bool note_named(struct passage *passage, uint32_t slot, bool is_fresh)
{
	for (size_t i = 0; i < passage->named_count; i++)
		if (passage->named[i] == slot)
			return true;
	if (passage->named_count == PASSAGE_BINDINGS_MAX)
		return false;
	passage->named[passage->named_count] = slot;
	passage->is_fresh[passage->named_count++] = is_fresh;
	return true;
}

uint32_t passage_bind(struct passage *passage, struct bind_wish *wish)
{
	struct bindings *bindings = &passage->engine->bindings;
	if (!find_outside(passage, wish))
		return 0;
	uint32_t slot = 0;
	enum bind_result result = bindings_take(bindings, passage->now_ns, wish, &slot);
	if (result != BIND_OK) {
		passage_refuse(passage, reason_of(result));
		return 0;
	}
	struct binding *binding = &bindings->list[slot];
	bool is_fresh = !binding->is_open && !binding->owners;
	if (!note_named(passage, slot, is_fresh)) {
		if (is_fresh)
			bindings_drop(bindings, slot);
		passage_refuse(passage, SIPALG_REASON_TOO_LARGE);
		return 0;
	}
	if (wish->admits_any)
		bindings_admit_any(bindings, slot);
	return slot;
}

/* The text of an address. */
static inline const struct written_address *write_address(struct passage *passage, const sipalg_address *address)
{
	struct written_address *written = &passage->written;
	if (!sipalg_address_equal(&written->address, address)) { /* else it is still there */
		written->address = *address;
		written->is_ipv4 = sipalg_address_is_ipv4(address);
		written->length = sipalg_address_write(address, written->text);
	}
	return written;
}

void passage_replace_host(struct passage *passage, const struct sip_host *host, enum sipalg_place place,
                          const sipalg_address *address)
{
	const struct written_address *written = write_address(passage, address);
	if (written->is_ipv4 || !sipalg_address_equal(&host->address, address))
		edits_replace(&passage->edits, host->name, place, written->text, written->length);
}

/* ---- Endpoints ---- */

static uint16_t port_of(const struct named_endpoint *named)
{
	return named->port ? named->port : named->default_port;
}

/* Puts "address:port" in place of a host to which no port was written. An IPv6 address stands in brackets, which the
 * host's name is without (RFC 3261 25.1). */
static void write_host_and_port(struct passage *passage, const struct named_endpoint *named, struct text address,
                                uint16_t port)
{
	char text[SIPALG_REPLACEMENT_MAX];
	struct text span = named->host->name;
	size_t length = address.length;
	memcpy(text, address.start, length);
	if (!sipalg_address_is_ipv4(&named->host->address)) {
		text[length++] = ']';
		span.length++;
	}
	text[length++] = ':';
	length += digits_write(port, text + length);
	edits_replace(&passage->edits, span, named->place, text, length);
}

static void write_outside(struct passage *passage, const struct named_endpoint *named, const sipalg_endpoint *outside)
{
	if (!named->port && outside->port != named->default_port) {
		const struct written_address *written = write_address(passage, &outside->address);
		write_host_and_port(passage, named, (struct text){ written->text, written->length }, outside->port);
		return;
	}
	passage_replace_host(passage, named->host, named->place, &outside->address);
	if (named->port)
		passage_replace_port(passage, named->port_text, named->place, named->port, outside->port);
}

struct writing passage_writing_of(const struct named_endpoint *named)
{
	struct writing writing = { .form = named->port ? FORM_PORT : FORM_NO_PORT };
	if (!sipalg_address_is_ipv4(&named->host->address))
		writing.spelling = spelling_of(named->host->name, &named->host->address);
	return writing;
}

/* Of a routed network: nothing is to be written, nor to be remembered. */
static bool is_pinhole(const struct binding *binding)
{
	return sipalg_endpoint_equal(&binding->inside, &binding->outside);
}

void passage_note_writing(struct passage *passage, const struct named_endpoint *named, uint32_t slot,
                          struct writing writing)
{
	sipalg_engine *engine = passage->engine;
	struct binding *binding = &engine->bindings.list[slot];
	if (named->is_tentative) {
		struct writing before =
		        forms_recall(&engine->forms, &engine->key, binding, named->form_place, named->scope);
		passage->contact_waits = (before.form == FORM_OUTSIDE) != (writing.form == FORM_OUTSIDE);
		passage->waiting = writing;
		if (passage->contact_waits)
			return;
	}
	forms_note(&engine->forms, &engine->key, binding, named->form_place, named->scope, writing);
}

static uint32_t bind_own(struct passage *passage, const struct named_endpoint *named, const sipalg_endpoint *inside)
{
	struct bind_wish wish = { .inside = *inside, .is_signalling = true, .is_own = true };
	if (sipalg_endpoint_equal(inside, &passage->packet->source))
		wish.port = passage->packet->mapping;
	if (named->wants_twin)
		twin_wish(passage, &wish);
	return passage_bind(passage, &wish);
}

uint32_t passage_replace_endpoint(struct passage *passage, const struct named_endpoint *named)
{
	const struct binding *bindings = passage->engine->bindings.list;
	sipalg_endpoint inside = { .address = named->host->address,
		                   .port = port_of(named),
		                   .protocol = named->protocol };
	uint32_t slot = passage->via; /* which names the same endpoint, nearly always */
	if (!slot || !sipalg_endpoint_equal(&bindings[slot].inside, &inside))
		slot = bind_own(passage, named, &inside);
	if (!slot)
		return 0;
	const struct binding *binding = &bindings[slot];
	if (passage->sender_is_fixed && is_pinhole(binding))
		return slot;
	passage_note_writing(passage, named, slot, passage_writing_of(named));
	write_outside(passage, named, &binding->outside);
	return slot;
}

/* From the first byte of the host to the last of the port, "]", ":" and blanks between them included. */
static struct text host_and_port(const struct named_endpoint *named)
{
	struct text span = named->host->name;
	span.length = text_offset(span, named->port_text) + named->port_text.length;
	return span;
}

/* The phone wrote no port where there is one now. */
static void write_back_without_port(struct passage *passage, const struct named_endpoint *named, struct text address)
{
	char text[SIPALG_REPLACEMENT_MAX];
	size_t length = address.length;
	memcpy(text, address.start, length);
	if (!sipalg_address_is_ipv4(&named->host->address))
		text[length++] = ']';
	edits_replace(&passage->edits, host_and_port(named), named->place, text, length);
}

static void write_back(struct passage *passage, const struct named_endpoint *named, const sipalg_endpoint *inside,
                       struct writing writing)
{
	char text[SIPALG_ADDRESS_TEXT_MAX];
	struct text address = { text, spelling_write(writing.spelling, &inside->address, text) };
	if (!named->port && inside->port != named->default_port) {
		write_host_and_port(passage, named, address, inside->port);
	} else if (named->port && writing.form == FORM_NO_PORT && inside->port == named->default_port) {
		write_back_without_port(passage, named, address);
	} else {
		edits_replace(&passage->edits, named->host->name, named->place, address.start, address.length);
		if (named->port)
			passage_replace_port(passage, named->port_text, named->place, named->port, inside->port);
	}
}

/* Over a connection the packet itself says what its phone's end is outside, though the table has long forgotten it. */
static bool is_own_connection(const struct passage *passage, const sipalg_endpoint *outside)
{
	const sipalg_packet *packet = passage->packet;
	return packet->destination.protocol == SIPALG_PROTOCOL_TCP && outside->protocol == SIPALG_PROTOCOL_TCP &&
	       outside->port == packet->mapping && sipalg_address_equal(&outside->address, &packet->outside);
}

uint32_t passage_restore_endpoint(struct passage *passage, const struct named_endpoint *named)
{
	sipalg_engine *engine = passage->engine;
	sipalg_endpoint outside = { .address = named->host->address,
		                    .port = port_of(named),
		                    .protocol = named->protocol };
	uint32_t slot = bindings_find_alive_outside(&engine->bindings, &outside);
	const struct binding *binding = &engine->bindings.list[slot];
	if (!slot || !sipalg_address_equal(&binding->inside.address, &passage->packet->destination.address)) {
		if (is_own_connection(passage, &outside))
			write_back(passage, named, &passage->packet->destination,
			           (struct writing){ .form = FORM_PORT });
		return 0;
	}
	if (is_pinhole(binding))
		return slot;
	struct writing writing = forms_recall(&engine->forms, &engine->key, binding, named->form_place, named->scope);
	if (writing.form != FORM_OUTSIDE)
		write_back(passage, named, &binding->inside, writing);
	return slot;
}
