/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/phones.h"

#include "sip/message.h"
#include "sip/via.h"

static bool take_host(const struct router *router, const struct sip_host *host, uint16_t port, sipalg_endpoint *inside)
{
	if (!host->is_address || !router_is_inside(router, &host->address))
		return false;
	inside->address = host->address;
	inside->port = port != 0 ? port : SIPALG_PORT_SIP;
	return true;
}

/* A request's first Via is its sender's; a response's is somebody else's. */
static bool read_via(const struct router *router, const struct sip_message *message, sipalg_endpoint *inside)
{
	struct text rest = sip_message_header(message, SIP_HEADER_VIA);
	struct sip_via via;
	return message->is_request && rest.start != NULL && sip_via_next(&rest, &via) &&
	       take_host(router, &via.host, via.port, inside);
}

static bool read_contact(const struct router *router, const struct sip_message *message, sipalg_endpoint *inside)
{
	struct text rest = sip_message_header(message, SIP_HEADER_CONTACT);
	struct sip_name_addr entry;
	struct sip_uri uri;
	return rest.start != NULL && sip_name_addr_next(&rest, &entry) && sip_uri_parse(entry.uri, &uri) &&
	       uri.scheme != SIP_SCHEME_OTHER && take_host(router, &uri.host, uri.port, inside);
}

bool phone_find(struct router *router, const sipalg_endpoint *source, struct text message, sipalg_endpoint *inside)
{
	struct sip_message parsed;
	sipalg_endpoint outside;
	*inside = *source;
	if (sip_message_parse(message, &parsed) != SIP_WHOLE)
		return false;
	if (!read_via(router, &parsed, inside) && !read_contact(router, &parsed, inside))
		return false;
	if (source->protocol == SIPALG_PROTOCOL_TCP)
		inside->port = source->port;
	return router_outside_of(router, inside, source->port, &outside);
}
