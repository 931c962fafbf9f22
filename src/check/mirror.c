/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the far end sends: answers and requests as a provider would write them, from what has reached it. Each is
 * composed twice: from what arrived, which is sent, and from what we had written, which is what we wish to get. */
#include "compare/lines.h"
#include "check/probe_send.h"

#include "sip/uri.h"

#include <stdio.h>

bool contact_find(struct text message, struct text *hostport, struct sip_uri *uri)
{
	struct message_lines lines;
	struct sip_name_addr entry;
	lines_read(message, &lines);
	const struct header_line *line = lines_find(&lines, SIP_HEADER_CONTACT);
	if (line == NULL)
		return false;
	struct text rest = line->value;
	if (!sip_name_addr_next(&rest, &entry) || entry.is_star || !sip_uri_parse(entry.uri, uri) ||
	    uri->scheme == SIP_SCHEME_OTHER)
		return false;
	/* The brackets of an IPv6 reference are not part of its name. */
	size_t start = text_offset(entry.uri, uri->host.name), end = start + uri->host.name.length;
	if (start > 0 && entry.uri.start[start - 1] == '[') {
		start--;
		end++;
	}
	if (uri->port_text.length > 0)
		end = text_offset(entry.uri, uri->port_text) + uri->port_text.length;
	*hostport = text_first(text_from(entry.uri, start), end - start);
	return true;
}

/* The value of the topmost Via with what a server adds to it (RFC 3261 18.2.1, RFC 3581 4), and the others as they are.
 */
static void via_answer(const struct message_lines *lines, struct text value, const sipalg_endpoint *source,
                       char out[FIELD_MAX])
{
	static const char flag[] = ";rport";
	char address[SIPALG_ADDRESS_TEXT_MAX], port[16] = "";
	const char *found = memmem(value.start, value.length, flag, strlen(flag));
	size_t before = found != NULL ? (size_t)(found - value.start) : value.length;
	struct text after = text_from(value, before + (found != NULL ? strlen(flag) : 0));
	sipalg_address_write(&source->address, address);
	if (found != NULL)
		snprintf(port, sizeof port, ";rport=%u", source->port);
	int length = snprintf(out, FIELD_MAX, "%.*s;received=%s%s%.*s", (int)before, value.start, address, port,
	                      (int)after.length, after.start);
	size_t used = (size_t)length;
	for (size_t i = 1; i < lines->count && used < FIELD_MAX; i++) {
		const struct header_line *line = &lines->list[i];
		if (line->kind == SIP_HEADER_VIA && line->value.start != value.start)
			used += (size_t)snprintf(out + used, FIELD_MAX - used, "\r\nVia: %.*s", (int)line->value.length,
			                         line->value.start);
	}
}

static bool copy_header(struct fields *fields, const struct message_lines *lines, enum sip_header_kind kind,
                        const char *name)
{
	const struct header_line *line = lines_find(lines, kind);
	if (line != NULL)
		blanks_set(&fields->blanks, name, line->value);
	return line != NULL;
}

/* The fields of an answer to this request, which came from there. */
static bool answer_fields(struct fields *fields, const struct exchange *exchange, struct text request,
                          const struct passage *passage)
{
	struct message_lines lines;
	lines_read(request, &lines);
	fields_begin(fields, exchange, &passage->own, passage->place);
	const struct header_line *via = lines_find(&lines, SIP_HEADER_VIA);
	if (via == NULL || !copy_header(fields, &lines, SIP_HEADER_FROM, "from") ||
	    !copy_header(fields, &lines, SIP_HEADER_TO, "to") ||
	    !copy_header(fields, &lines, SIP_HEADER_CALL_ID, "call-id") ||
	    !copy_header(fields, &lines, SIP_HEADER_CSEQ, "cseq"))
		return false;
	(void)copy_header(fields, &lines, SIP_HEADER_CONTACT, "requested-contact");
	fields_set_call(fields, exchange, passage);
	via_answer(&lines, via->value, &passage->source, fields->via);
	blanks_set(&fields->blanks, "via", (struct text){ fields->via, strlen(fields->via) });
	return true;
}

bool answer_compose(const struct exchange *exchange, const struct probe *probe, const struct passage *request,
                    struct composed *sent, struct composed *wished)
{
	struct fields fields;
	return request->arrived && answer_fields(&fields, exchange, request->received, request) &&
	       compose(&probe->pattern, &fields.blanks, sent) &&
	       answer_fields(&fields, exchange, request->sent, request) &&
	       compose(&probe->pattern, &fields.blanks, wished);
}

struct passage *answer_ask(struct exchange *exchange, const struct probe *probe, const struct passage *request)
{
	struct composed sent, wished;
	const struct reflect_way way = { .place = request->place, .port = request->source.port };
	if (!answer_compose(exchange, probe, request, &sent, &wished))
		return NULL;
	return exchange_ask(exchange, probe, &way, request->flow, composed_text(&sent), composed_text(&wished));
}

/* Where we are: as the far end knows it, or as we had written it. */
static void request_fields(struct fields *fields, const struct exchange *exchange, const struct reflect_way *way,
                           const sipalg_endpoint *own, const struct passage *beginning, struct text known)
{
	struct text hostport;
	struct sip_uri uri;
	char address[ADDRESS_TEXT_MAX];
	fields_begin(fields, exchange, own, way->place);
	snprintf(fields->outside, sizeof fields->outside, "%s:%u",
	         address_for_sip(&exchange->server->seen.address, address), way->port);
	blanks_set(&fields->blanks, "outside", (struct text){ fields->outside, strlen(fields->outside) });
	if (known.length == 0 || !contact_find(known, &hostport, &uri)) {
		snprintf(fields->contact, sizeof fields->contact, "%s:%u",
		         address_for_sip(&exchange->server->own.address, address), own->port);
		hostport = (struct text){ fields->contact, strlen(fields->contact) };
	}
	blanks_set(&fields->blanks, "contact", hostport);
	if (beginning != NULL)
		fields_set_call(fields, exchange, beginning);
}

bool request_compose(const struct exchange *exchange, const struct probe *probe, const struct reflect_way *way,
                     const sipalg_endpoint *own, const struct passage *known, struct composed *sent,
                     struct composed *wished)
{
	struct fields fields;
	const struct text none = { NULL, 0 };
	request_fields(&fields, exchange, way, own, known, known != NULL ? known->received : none);
	if (!compose(&probe->pattern, &fields.blanks, sent))
		return false;
	request_fields(&fields, exchange, way, own, known, known != NULL ? known->sent : none);
	return compose(&probe->pattern, &fields.blanks, wished);
}

struct passage *request_ask(struct exchange *exchange, const struct probe *probe, const struct reflect_way *way,
                            struct flow *flow, const struct passage *known)
{
	struct composed sent, wished;
	if (!request_compose(exchange, probe, way, &flow->own, known, &sent, &wished))
		return NULL;
	return exchange_ask(exchange, probe, way, flow, composed_text(&sent), composed_text(&wished));
}

struct passage *reply_send(struct exchange *exchange, const struct probe *probe, const struct passage *request)
{
	struct fields fields;
	struct message_lines lines;
	lines_read(request->received, &lines);
	fields_begin(&fields, exchange, &request->own, request->place);
	if (!copy_header(&fields, &lines, SIP_HEADER_VIA, "via") ||
	    !copy_header(&fields, &lines, SIP_HEADER_FROM, "from") ||
	    !copy_header(&fields, &lines, SIP_HEADER_TO, "to") ||
	    !copy_header(&fields, &lines, SIP_HEADER_CALL_ID, "call-id") ||
	    !fields_bind_media(&fields, exchange, probe->pattern.text))
		return NULL;
	return fields_send(exchange, probe, &fields, request->flow, request->place);
}
