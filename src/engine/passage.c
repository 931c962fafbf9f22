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
	return host->is_address && networks_find(&passage->engine->inside, &host->address);
}

/* A host speaks for itself only: what it names elsewhere inside is not its business. */
bool passage_is_own(const struct passage *passage, const struct sip_host *host)
{
	return host->is_address && sipalg_address_equal(&host->address, &passage->packet->source.address);
}

bool passage_is_outside(const struct passage *passage, const struct sip_host *host)
{
	return host->is_address && sipalg_address_equal(&host->address, &passage->outside);
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
	wish->outside = passage->outside;
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
	return slot;
}

void passage_replace_host(struct passage *passage, struct text host, enum sipalg_place place,
                          const sipalg_address *address)
{
	char text[SIPALG_ADDRESS_TEXT_MAX];
	size_t length = sipalg_address_write(address, text);
	edits_replace(&passage->edits, host, place, text, length);
}

void passage_replace_host_by_outside(struct passage *passage, struct text host, enum sipalg_place place)
{
	edits_replace(&passage->edits, host, place, passage->outside_text, passage->outside_length);
}

/* Puts "address:port" in place of a host to which no port was written; `text` holds the address and room for the port.
 */
static void write_host_and_port(struct passage *passage, const struct named_endpoint *named, char *text, size_t length,
                                uint16_t port)
{
	text[length++] = ':';
	length += digits_write(port, text + length);
	edits_replace(&passage->edits, named->host->name, named->place, text, length);
}

static uint16_t port_of(const struct named_endpoint *named)
{
	return named->port ? named->port : named->default_port;
}

static void write_outside(struct passage *passage, const struct named_endpoint *named, uint16_t port)
{
	if (!named->port && port != named->default_port) {
		char text[SIPALG_ADDRESS_TEXT_MAX + DIGITS_MAX];
		memcpy(text, passage->outside_text, passage->outside_length);
		write_host_and_port(passage, named, text, passage->outside_length, port);
		return;
	}
	passage_replace_host_by_outside(passage, named->host->name, named->place);
	if (named->port && named->port != port)
		edits_replace_number(&passage->edits, named->port_text, named->place, port);
}

void passage_note_form(struct passage *passage, const struct named_endpoint *named, uint32_t slot,
                       enum written_form form)
{
	sipalg_engine *engine = passage->engine;
	struct binding *binding = &engine->bindings.list[slot];
	if (named->is_tentative) {
		enum written_form before =
		        forms_recall(&engine->forms, &engine->key, binding, named->form_place, named->scope);
		passage->contact_waits = (before == FORM_OUTSIDE) != (form == FORM_OUTSIDE);
		if (passage->contact_waits)
			return;
	}
	forms_note(&engine->forms, &engine->key, binding, named->form_place, named->scope, form);
}

uint32_t passage_replace_endpoint(struct passage *passage, const struct named_endpoint *named)
{
	sipalg_engine *engine = passage->engine;
	struct bind_wish wish = { .is_signalling = true };
	wish.inside = (sipalg_endpoint){ .address = named->host->address,
		                         .port = port_of(named),
		                         .protocol = named->protocol };
	if (sipalg_endpoint_equal(&wish.inside, &passage->packet->source))
		wish.port = passage->packet->mapping;
	uint32_t slot = passage_bind(passage, &wish);
	if (!slot)
		return 0;
	const struct binding *binding = &engine->bindings.list[slot];
	passage_note_form(passage, named, slot, named->port ? FORM_PORT : FORM_NO_PORT);
	write_outside(passage, named, binding->outside.port);
	return slot;
}

/* From the first byte of the host to the last of the port, ": " between them included. */
static struct text host_and_port(const struct named_endpoint *named)
{
	struct text span = named->host->name;
	span.length = text_offset(span, named->port_text) + named->port_text.length;
	return span;
}

static void write_back(struct passage *passage, const struct named_endpoint *named, const sipalg_endpoint *inside,
                       enum written_form form)
{
	if (!named->port && inside->port != named->default_port) {
		char text[SIPALG_ADDRESS_TEXT_MAX + DIGITS_MAX];
		size_t length = sipalg_address_write(&inside->address, text);
		write_host_and_port(passage, named, text, length, inside->port);
	} else if (!named->port) {
		passage_replace_host(passage, named->host->name, named->place, &inside->address);
	} else if (form == FORM_NO_PORT && inside->port == named->default_port) {
		passage_replace_host(passage, host_and_port(named), named->place, &inside->address);
	} else {
		passage_replace_host(passage, named->host->name, named->place, &inside->address);
		if (named->port != inside->port)
			edits_replace_number(&passage->edits, named->port_text, named->place, inside->port);
	}
}

uint32_t passage_restore_endpoint(struct passage *passage, const struct named_endpoint *named)
{
	sipalg_engine *engine = passage->engine;
	sipalg_endpoint outside = { .address = passage->outside, .port = port_of(named), .protocol = named->protocol };
	uint32_t slot = bindings_find_alive_outside(&engine->bindings, &outside);
	if (!slot)
		return 0;
	const struct binding *binding = &engine->bindings.list[slot];
	if (!sipalg_address_equal(&binding->inside.address, &passage->packet->destination.address))
		return 0;
	enum written_form form = forms_recall(&engine->forms, &engine->key, binding, named->form_place, named->scope);
	if (form != FORM_OUTSIDE)
		write_back(passage, named, &binding->inside, form);
	return slot;
}
