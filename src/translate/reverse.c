/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/reverse.h"

#include "sip/message.h"
#include "sip/via.h"

#include <stdio.h>

struct writer {
	const struct router *router;
	const sipalg_endpoint *phone;
	struct text message;
	char *out;
	size_t length;
	size_t copied; /* bytes of the message that are in `out`, in this form or another */
	bool changed, full;
};

static void put(struct writer *writer, const char *bytes, size_t length)
{
	if (writer->full || length > REVERSE_MAX - writer->length) {
		writer->full = true;
		return;
	}
	memcpy(writer->out + writer->length, bytes, length);
	writer->length += length;
}

/* The message up to this place, as it is. */
static void copy_until(struct writer *writer, size_t offset)
{
	put(writer, writer->message.start + writer->copied, offset - writer->copied);
	writer->copied = offset;
}

/* In place of this part of the message. */
static void put_instead(struct writer *writer, struct text part, const char *bytes, size_t length)
{
	copy_until(writer, text_offset(writer->message, part));
	put(writer, bytes, length);
	writer->copied += part.length;
	writer->changed = true;
}

/* As the engine writes it: a port where the phone wrote one, or where it is not the usual one. */
static void put_port(struct writer *writer, struct text host, struct text port_text, uint16_t port)
{
	char digits[8];
	size_t length = (size_t)snprintf(digits, sizeof digits, ":%u", port);
	size_t behind = text_offset(writer->message, host) + host.length;
	if (!text_is_empty(port_text)) {
		put_instead(writer, port_text, digits + 1, length - 1);
		return;
	}
	if (port == SIPALG_PORT_SIP)
		return;
	behind += behind < writer->message.length && writer->message.start[behind] == ']';
	copy_until(writer, behind);
	put(writer, digits, length);
}

static void reverse_place(struct writer *writer, const struct sip_host *host, struct text port_text, uint16_t port)
{
	char address[SIPALG_ADDRESS_TEXT_MAX];
	sipalg_endpoint named = *writer->phone;
	named.port = port != 0 ? port : SIPALG_PORT_SIP;
	if (!host->is_address || !sipalg_address_equal(&host->address, &writer->phone->address))
		return;
	const struct mapping *mapping = mappings_of_inside(&writer->router->mappings, &named);
	bool is_connected = named.protocol == SIPALG_PROTOCOL_TCP && named.port == writer->phone->port;
	if (mapping == NULL || (mapping->binding == 0 && !is_connected))
		return;
	put_instead(writer, host->name, address, sipalg_address_write(&mapping->outside.address, address));
	put_port(writer, host->name, port_text, mapping->outside.port);
}

static void reverse_uri(struct writer *writer, struct text text)
{
	struct sip_uri uri;
	if (sip_uri_parse(text, &uri) && uri.scheme != SIP_SCHEME_OTHER)
		reverse_place(writer, &uri.host, uri.port_text, uri.port);
}

static bool names_places(enum sip_header_kind kind)
{
	return kind == SIP_HEADER_CONTACT || kind == SIP_HEADER_RECORD_ROUTE || kind == SIP_HEADER_ROUTE ||
	       kind == SIP_HEADER_PATH || kind == SIP_HEADER_SERVICE_ROUTE;
}

static void reverse_header(struct writer *writer, const struct sip_header *header)
{
	struct text rest = header->value;
	struct sip_name_addr entry;
	struct sip_via via;
	while (header->kind == SIP_HEADER_VIA && sip_via_next(&rest, &via))
		reverse_place(writer, &via.host, via.port_text, via.port);
	while (names_places(header->kind) && sip_name_addr_next(&rest, &entry))
		reverse_uri(writer, entry.uri);
}

size_t reverse_message(const struct router *router, const sipalg_endpoint *phone, struct text message,
                       char out[REVERSE_MAX])
{
	struct writer writer = { .router = router, .phone = phone, .message = message, .out = out };
	struct sip_message parsed;
	if (sip_message_parse(message, &parsed) != SIP_WHOLE)
		return 0;
	if (parsed.is_request)
		reverse_uri(&writer, parsed.request_uri);
	for (size_t i = 0; i < parsed.header_count; i++)
		reverse_header(&writer, &parsed.headers[i]);
	copy_until(&writer, message.length);
	return writer.changed && !writer.full ? writer.length : 0;
}
