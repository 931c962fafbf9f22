/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where SIP headers tell somebody where to send packets, and what is done there. */
#include "engine/engine.h"

#include "sip/via.h"

enum { PORT_SIPS = 5061 };

/* ---- What a URI or Via names ---- */

static bool is_stream(struct text transport)
{
	return text_is_word(transport, TEXT("tcp")) || text_is_word(transport, TEXT("tls"));
}

static struct named_endpoint named_by_uri(const struct passage *passage, const struct sip_uri *uri,
                                          enum sipalg_place place, enum form_place form_place)
{
	struct named_endpoint named = { .host = &uri->host,
		                        .port_text = uri->port_text,
		                        .port = uri->port,
		                        .default_port = SIPALG_PORT_SIP,
		                        .protocol = passage->packet->source.protocol,
		                        .place = place,
		                        .form_place = form_place,
		                        .scope = passage->call_id_text };
	if (uri->scheme == SIP_SCHEME_SIPS || text_is_word(uri->transport, TEXT("tls")))
		named.default_port = PORT_SIPS;
	if (is_stream(uri->transport))
		named.protocol = SIPALG_PROTOCOL_TCP;
	else if (text_is_word(uri->transport, TEXT("udp")))
		named.protocol = SIPALG_PROTOCOL_UDP;
	return named;
}

static struct named_endpoint named_by_via(const struct passage *passage, const struct sip_via *via)
{
	return (struct named_endpoint){ .host = &via->host,
		                        .port_text = via->port_text,
		                        .port = via->port,
		                        .default_port = SIPALG_PORT_SIP,
		                        .protocol = passage->packet->source.protocol,
		                        .place = SIPALG_PLACE_VIA,
		                        .form_place = FORM_VIA,
		                        .scope = via->branch };
}

static struct named_endpoint named_by_contact(const struct passage *passage, const struct passing_contact *contact)
{
	bool is_register = passage->message.method == SIP_METHOD_REGISTER;
	struct named_endpoint named = named_by_uri(passage, &contact->uri, SIPALG_PLACE_CONTACT,
	                                           is_register ? FORM_REGISTERED : FORM_CONTACT);
	named.is_tentative = passage->changes_call;
	return named;
}

/* The topmost Via: the one the next hop answers to. */
static bool read_top_via(struct passage *passage, struct sip_via *via)
{
	struct text value = sip_message_header(&passage->message, SIP_HEADER_VIA);
	if (sip_via_next(&value, via))
		return true;
	passage_refuse(passage, SIPALG_REASON_MALFORMED);
	return false;
}

/* ---- Contact ---- */

static void add_contact(struct passage *passage, const struct sip_name_addr *entry)
{
	if (entry->is_star) {
		passage->has_star = true;
		return;
	}
	if (passage->contact_count == PASSAGE_CONTACTS_MAX) {
		passage_refuse(passage, SIPALG_REASON_TOO_LARGE);
		return;
	}
	struct passing_contact *contact = &passage->contacts[passage->contact_count];
	if (!sip_uri_parse(entry->uri, &contact->uri)) {
		passage_refuse(passage, SIPALG_REASON_MALFORMED);
		return;
	}
	if (contact->uri.scheme == SIP_SCHEME_OTHER)
		return;
	contact->binding = contact->twin = 0;
	struct text expires;
	uint64_t seconds;
	contact->has_expires = sip_parameter_find(entry->parameters, TEXT("expires"), &expires) &&
	                       text_read_number(expires, UINT32_MAX, &seconds);
	contact->expires_s = contact->has_expires ? (uint32_t)seconds : 0;
	passage->contact_count++;
}

static void read_contacts(struct passage *passage)
{
	const struct sip_message *message = &passage->message;
	uint16_t first = message->first[SIP_HEADER_CONTACT];
	for (size_t i = first ? first - 1u : message->header_count; i < message->header_count; i++) {
		if (message->headers[i].kind != SIP_HEADER_CONTACT)
			continue;
		struct text rest = message->headers[i].value;
		struct sip_name_addr entry;
		while (sip_name_addr_next(&rest, &entry))
			add_contact(passage, &entry);
		if (!text_is_empty(rest))
			passage_refuse(passage, SIPALG_REASON_MALFORMED);
	}
}

static const sipalg_address *outside_of(const struct passage *passage, uint32_t slot)
{
	return &passage->engine->bindings.list[slot].outside.address;
}

static const sipalg_address *inside_of(const struct passage *passage, uint32_t slot)
{
	return &passage->engine->bindings.list[slot].inside.address;
}

/* maddr says where the request is really sent (RFC 3261 19.1.1): it follows the host. On its own it is changed only
 * where the port needs no room that the URI does not have. */
static void replace_maddr(struct passage *passage, struct passing_contact *contact)
{
	struct named_endpoint named = named_by_contact(passage, contact);
	named.host = &contact->uri.maddr;
	if (contact->binding)
		passage_replace_host(passage, &contact->uri.maddr, SIPALG_PLACE_CONTACT,
		                     outside_of(passage, contact->binding));
	else if (named.port)
		contact->binding = passage_replace_endpoint(passage, &named);
}

/* Without a transport a URI means UDP (RFC 3263 4.1), but a phone that sends it over a connection is as often thought
 * to mean TCP: both find it. Only the connection's own port is TCP's alone. */
static bool means_any_transport(const struct passage *passage, const struct named_endpoint *named,
                                const struct sip_uri *uri)
{
	const sipalg_endpoint *source = &passage->packet->source;
	return source->protocol == SIPALG_PROTOCOL_TCP && uri->scheme == SIP_SCHEME_SIP &&
	       text_is_empty(uri->transport) && named->port != source->port;
}

static void replace_own_contact(struct passage *passage, struct passing_contact *contact, struct named_endpoint *named)
{
	named->wants_twin = means_any_transport(passage, named, &contact->uri);
	contact->binding = passage_replace_endpoint(passage, named);
	if (contact->binding && named->wants_twin)
		contact->twin = twin_bind(passage, contact->binding);
	if (contact->twin)
		passage_note_writing(passage, named, contact->twin, passage_writing_of(named));
}

static void replace_contact(struct passage *passage, struct passing_contact *contact)
{
	const struct sip_uri *uri = &contact->uri;
	struct named_endpoint named = named_by_contact(passage, contact);
	if (passage_is_own(passage, &uri->host))
		replace_own_contact(passage, contact, &named);
	else if (passage_is_inside(passage, &uri->host))
		passage->has_foreign = true;
	if (passage_is_own(passage, &uri->maddr))
		replace_maddr(passage, contact);
}

/* The phone has learnt its outside address (by STUN, or from received and rport) and writes it itself. The binding
 * behind it, when there is one, is owned as if the gateway had written it; the message stays. */
static void adopt_public_contact(struct passage *passage, struct passing_contact *contact)
{
	sipalg_engine *engine = passage->engine;
	struct named_endpoint named = named_by_contact(passage, contact);
	sipalg_endpoint outside = { .address = named.host->address,
		                    .port = named.port ? named.port : named.default_port,
		                    .protocol = named.protocol };
	uint32_t slot = bindings_find_alive_outside(&engine->bindings, &outside);
	if (!slot)
		return;
	const struct binding *binding = &engine->bindings.list[slot];
	if (!sipalg_address_equal(&binding->inside.address, &passage->packet->source.address))
		return;
	struct bind_wish wish = { .inside = binding->inside, .is_signalling = true, .is_own = true };
	contact->binding = passage_bind(passage, &wish);
	if (contact->binding)
		passage_note_writing(passage, &named, contact->binding, (struct writing){ .form = FORM_OUTSIDE });
}

/* ---- Record-Route and its like ---- */

static bool is_route(enum sip_header_kind kind)
{
	return kind == SIP_HEADER_RECORD_ROUTE || kind == SIP_HEADER_ROUTE || kind == SIP_HEADER_PATH ||
	       kind == SIP_HEADER_SERVICE_ROUTE;
}

/* Where requests are to come from now on; Route and Service-Route say where they go. */
static bool is_way_in(enum sip_header_kind kind)
{
	return kind == SIP_HEADER_RECORD_ROUTE || kind == SIP_HEADER_PATH;
}

static void replace_route(struct passage *passage, enum sip_header_kind kind, const struct sip_uri *uri)
{
	struct named_endpoint named = named_by_uri(passage, uri, SIPALG_PLACE_ROUTE, FORM_ROUTE);
	uint32_t slot = 0;
	if (passage_is_own(passage, &uri->host))
		slot = passage_replace_endpoint(passage, &named);
	else if (passage_is_inside(passage, &uri->host))
		passage->has_foreign = true;
	if (slot && !passage->route && is_way_in(kind))
		passage->route = slot; /* the first is the one next to the outside (RFC 3261 16.6 item 4) */
}

static void restore_route(struct passage *passage, enum sip_header_kind kind, const struct sip_uri *uri)
{
	(void)kind;
	struct named_endpoint named = named_by_uri(passage, uri, SIPALG_PLACE_ROUTE, FORM_ROUTE);
	if (passage_is_known_outside(passage, &uri->host))
		(void)passage_restore_endpoint(passage, &named);
}

typedef void route_visitor(struct passage *passage, enum sip_header_kind kind, const struct sip_uri *uri);

static void walk_route(struct passage *passage, const struct sip_header *header, route_visitor *visit)
{
	struct text rest = header->value;
	struct sip_name_addr entry;
	struct sip_uri uri;
	while (sip_name_addr_next(&rest, &entry))
		if (sip_uri_parse(entry.uri, &uri) && uri.scheme != SIP_SCHEME_OTHER)
			visit(passage, (enum sip_header_kind)header->kind, &uri);
	if (!text_is_empty(rest))
		passage_refuse(passage, SIPALG_REASON_MALFORMED);
}

static void walk_routes(struct passage *passage, route_visitor *visit)
{
	const struct sip_message *message = &passage->message;
	if (!message->first[SIP_HEADER_RECORD_ROUTE] && !message->first[SIP_HEADER_ROUTE] &&
	    !message->first[SIP_HEADER_PATH] && !message->first[SIP_HEADER_SERVICE_ROUTE])
		return;
	for (size_t i = 0; i < message->header_count; i++)
		if (is_route(message->headers[i].kind))
			walk_route(passage, &message->headers[i], visit);
}

/* ---- Both ways ---- */

static void replace_via(struct passage *passage)
{
	struct sip_via via;
	if (!read_top_via(passage, &via))
		return;
	if (!passage_is_own(passage, &via.host)) {
		passage->has_foreign |= passage_is_inside(passage, &via.host);
		return;
	}
	struct named_endpoint named = named_by_via(passage, &via);
	passage->via = passage_replace_endpoint(passage, &named);
	if (passage->via && passage_is_own(passage, &via.maddr))
		passage_replace_host(passage, &via.maddr, SIPALG_PLACE_VIA, outside_of(passage, passage->via));
}

void headers_go_out(struct passage *passage)
{
	read_contacts(passage);
	passage->changes_call = dialogs_change_call(passage);
	for (size_t i = 0; i < passage->contact_count; i++)
		passage->is_public |= passage_is_outside(passage, &passage->contacts[i].uri.host);
	if (passage_is_refused(passage))
		return;
	if (passage->is_public) {
		for (size_t i = 0; i < passage->contact_count; i++)
			if (passage_is_outside(passage, &passage->contacts[i].uri.host))
				adopt_public_contact(passage, &passage->contacts[i]);
		return;
	}
	if (passage->message.is_request)
		replace_via(passage);
	for (size_t i = 0; i < passage->contact_count; i++)
		replace_contact(passage, &passage->contacts[i]);
	walk_routes(passage, replace_route);
}

static void restore_via(struct passage *passage)
{
	struct sip_via via;
	if (!read_top_via(passage, &via) || !passage_is_known_outside(passage, &via.host))
		return;
	struct named_endpoint named = named_by_via(passage, &via);
	passage->via = passage_restore_endpoint(passage, &named);
	if (passage->via && passage_is_outside(passage, &via.maddr))
		passage_replace_host(passage, &via.maddr, SIPALG_PLACE_VIA, inside_of(passage, passage->via));
}

/* Where the URI names an inside host as it is known outside: in its host; or in its maddr, which is restored only with
 * a port beside it. NULL: nowhere. */
static const struct sip_host *known_outside(const struct passage *passage, const struct sip_uri *uri)
{
	if (passage_is_known_outside(passage, &uri->host))
		return &uri->host;
	return uri->port && passage_is_known_outside(passage, &uri->maddr) ? &uri->maddr : NULL;
}

static uint32_t restore_uri(struct passage *passage, const struct named_endpoint *named, const struct sip_uri *uri)
{
	uint32_t slot = passage_restore_endpoint(passage, named);
	if (slot && named->host == &uri->host && passage_is_outside(passage, &uri->maddr))
		passage_replace_host(passage, &uri->maddr, named->place, inside_of(passage, slot));
	return slot;
}

/* Within a dialog the Request-URI is the Contact that the phone gave there; else it is what it has registered, which
 * the ACK of a failure repeats (RFC 3261 17.1.1.3). */
static void restore_request_uri(struct passage *passage)
{
	struct text to = sip_message_header(&passage->message, SIP_HEADER_TO);
	struct sip_name_addr entry;
	struct sip_uri uri;
	struct text tag;
	if (!sip_uri_parse(passage->message.request_uri, &uri) || uri.scheme == SIP_SCHEME_OTHER)
		return;
	const struct sip_host *host = known_outside(passage, &uri);
	if (!host)
		return;
	bool is_in_dialog = sip_name_addr_next(&to, &entry) && sip_parameter_find(entry.parameters, TEXT("tag"), &tag);
	enum form_place form_place = is_in_dialog ? FORM_CONTACT : FORM_REGISTERED;
	struct named_endpoint named = named_by_uri(passage, &uri, SIPALG_PLACE_REQUEST_URI, form_place);
	named.host = host;
	uint32_t slot = restore_uri(passage, &named, &uri);
	sipalg_engine *engine = passage->engine;
	struct binding *binding = &engine->bindings.list[slot];
	if (slot && !is_in_dialog && binding->forms[FORM_REGISTERED] != FORM_UNKNOWN)
		forms_note(&engine->forms, &engine->key, binding, FORM_CONTACT, named.scope,
		           forms_recall(&engine->forms, &engine->key, binding, FORM_REGISTERED, named.scope));
}

/* Without a transport a URI means UDP (RFC 3263 4.1). What the far end says over a connection may so name a neighbour
 * who speaks UDP, though the phone itself has the same port for TCP; only the connection's own port is the phone's for
 * sure, and what a registrar lists. */
static bool names_neighbour(const struct passage *passage, const struct sip_uri *uri)
{
	const sipalg_packet *packet = passage->packet;
	const struct bindings *bindings = &passage->engine->bindings;
	sipalg_endpoint outside = { .address = uri->host.address,
		                    .port = uri->port ? uri->port : SIPALG_PORT_SIP,
		                    .protocol = SIPALG_PROTOCOL_UDP };
	if (packet->destination.protocol != SIPALG_PROTOCOL_TCP || !uri->host.is_address ||
	    passage->message.method == SIP_METHOD_REGISTER || uri->scheme != SIP_SCHEME_SIP ||
	    !text_is_empty(uri->transport) || outside.port == packet->mapping)
		return false;
	uint32_t slot = bindings_find_alive_outside(bindings, &outside);
	return slot && !sipalg_address_equal(&bindings->list[slot].inside.address, &packet->destination.address);
}

static void restore_contact(struct passage *passage, struct passing_contact *contact)
{
	const struct sip_host *host = known_outside(passage, &contact->uri);
	if (!host || names_neighbour(passage, &contact->uri))
		return;
	struct named_endpoint named = named_by_contact(passage, contact);
	named.host = host;
	contact->binding = restore_uri(passage, &named, &contact->uri);
}

void headers_come_in(struct passage *passage)
{
	if (passage->message.is_request)
		restore_request_uri(passage);
	else
		restore_via(passage);
	read_contacts(passage);
	for (size_t i = 0; i < passage->contact_count; i++)
		restore_contact(passage, &passage->contacts[i]);
	walk_routes(passage, restore_route);
}
