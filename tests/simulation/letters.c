/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What phones and the provider write and read. */
#include "simulation.h"

const char *endpoint_text(const sipalg_endpoint *endpoint, char text[URI_MAX])
{
	uint32_t ipv4 = sipalg_address_to_ipv4(&endpoint->address);
	snprintf(text, URI_MAX, "%u.%u.%u.%u:%u", ipv4 >> 24, ipv4 >> 16 & 255, ipv4 >> 8 & 255, ipv4 & 255,
	         endpoint->port);
	return text;
}

static uint64_t number_of(const char *text)
{
	return strtoull(text, NULL, 10);
}

bool uri_endpoint(const char *uri, sipalg_endpoint *endpoint)
{
	const char *at = strchr(uri, '@');
	unsigned a, b, c, d, port = SIPALG_PORT_SIP;
	if (!at || sscanf(at + 1, "%u.%u.%u.%u:%u", &a, &b, &c, &d, &port) < 4)
		return false;
	*endpoint = (sipalg_endpoint){ .address = sipalg_address_from_ipv4(a << 24 | b << 16 | c << 8 | d),
		                       .port = (uint16_t)port,
		                       .protocol = SIPALG_PROTOCOL_UDP };
	return true;
}

void text_keep(char *to, size_t room, struct text text)
{
	size_t length = text.length < room - 1 ? text.length : room - 1;
	if (length > 0)
		memcpy(to, text.start, length);
	to[length] = '\0';
}

uint32_t cseq_of(struct text message)
{
	char text[32];
	text_keep(text, sizeof(text), header_of(message, "CSeq", 0));
	return (uint32_t)number_of(text);
}

uint32_t link_of(const struct simulation *simulation, struct text message)
{
	char text[32];
	text_keep(text, sizeof(text), header_of(message, "Call-ID", 'i'));
	uint64_t link = number_of(text);
	return text[0] >= '0' && text[0] <= '9' && link <= simulation->link_count ? (uint32_t)link : 0;
}

void branch_of(struct text message, char branch[48])
{
	char via[200];
	text_keep(via, sizeof(via), header_of(message, "Via", 'v'));
	const char *start = strstr(via, "branch=");
	start = start ? start + 7 : "";
	text_keep(branch, 48, (struct text){ start, strcspn(start, ";, ") });
}

/* ---- Session descriptions ---- */

void sdp_write(struct simulation *simulation, const struct side *side, char sdp[SDP_MAX])
{
	char text[URI_MAX];
	(void)simulation;
	endpoint_text(&side->media, text);
	*strchr(text, ':') = '\0';
	snprintf(sdp, SDP_MAX,
	         "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %u RTP/AVP 0\r\na=%s\r\n", text,
	         text, side->media.port,
	         side->holds     ? "sendonly"
	         : side->is_held ? "recvonly"
	                         : "sendrecv");
}

void sdp_take(struct side *side, struct text message)
{
	char uri[URI_MAX];
	struct text body = body_of(message);
	if (body.length == 0)
		return;
	text_keep(side->far_sdp, sizeof(side->far_sdp), body);
	const char *host = strstr(side->far_sdp, "\nc=IN IP4 "), *port = strstr(side->far_sdp, "\nm=audio ");
	if (!host || !port)
		return;
	snprintf(uri, sizeof(uri), "@%.*s:%u", (int)strcspn(host + 10, "\r"), host + 10, (unsigned)number_of(port + 9));
	(void)uri_endpoint(uri, &side->far_media);
	side->is_held = strstr(side->far_sdp, "a=sendonly") != NULL;
}

/* ---- Requests and responses ---- */

uint32_t session_s(uint32_t link)
{
	return 90 + link % 4 * 100;
}

static void letter_into(struct simulation *simulation, struct datagram *datagram)
{
	struct letter *draft = &simulation->draft;
	expect(&simulation->harness, draft->length < DATAGRAM_MAX);
	memcpy(datagram->bytes, draft->bytes, draft->length);
	datagram->bytes[draft->length] = '\0';
	datagram->length = draft->length;
}

static void body_add(struct simulation *simulation, const char *sdp)
{
	if (sdp)
		letter_add(&simulation->draft, "Content-Type: application/sdp\n");
	letter_add(&simulation->draft, "Content-Length: #\n\n%s", sdp ? sdp : "");
	letter_seal(&simulation->draft, true);
}

void request_write(struct simulation *simulation, struct datagram *datagram, uint32_t link, enum side_name name,
                   const char *method, uint32_t cseq, const char *branch, const char *extra, const char *sdp)
{
	const struct link *call = &simulation->links[link];
	const struct phone *phone = &simulation->phones[call->phone];
	const struct side *side = &call->sides[name];
	struct letter *draft = &simulation->draft;
	char here[URI_MAX];
	bool has_dialog = side->stage != STAGE_INVITING;
	datagram->from = name == PHONE ? phone->at : phone->server;
	datagram->to = phone->server;
	if (name == PROVIDER)
		expect(&simulation->harness, uri_endpoint(side->target, &datagram->to));
	endpoint_text(&datagram->from, here);
	letter_clear(draft);
	letter_add(draft, "%s %s SIP/2.0\nVia: SIP/2.0/UDP %s%s;branch=%s\nMax-Forwards: 70\n", method, side->target,
	           here, name == PROVIDER || phone->has_rport ? ";rport" : "", branch);
	letter_add(draft, "From: <sip:%s@sip.example.com>;tag=%s%u\nTo: <sip:%s@sip.example.com>",
	           name ? "far" : "near", name ? "s" : "p", link, name ? "near" : "far");
	if (has_dialog)
		letter_add(draft, ";tag=%s%u", name ? "p" : "s", link);
	letter_add(draft, "\nCall-ID: %u@simulation\nCSeq: %u %s\n", link, cseq, method);
	if (strcmp(method, "BYE") && strcmp(method, "CANCEL"))
		letter_add(draft, "Contact: <sip:%u@%s>\n", name ? 0 : call->phone, here);
	if (name == PROVIDER && sdp)
		letter_add(draft, "Session-Expires: %u;refresher=uac\n", session_s(link));
	letter_add(draft, "%s", extra);
	body_add(simulation, sdp);
	letter_into(simulation, datagram);
}

void register_write(struct simulation *simulation, struct datagram *datagram, uint32_t number, const char *branch,
                    uint32_t expires_s)
{
	const struct phone *phone = &simulation->phones[number];
	struct letter *draft = &simulation->draft;
	char here[URI_MAX];
	datagram->from = phone->at;
	datagram->to = phone->server;
	endpoint_text(&phone->at, here);
	letter_clear(draft);
	letter_add(draft, "REGISTER sip:sip.example.com SIP/2.0\nVia: SIP/2.0/UDP %s%s;branch=%s\nMax-Forwards: 70\n",
	           here, phone->has_rport ? ";rport" : "", branch);
	letter_add(draft, "From: <sip:%u@sip.example.com>;tag=r%u\nTo: <sip:%u@sip.example.com>\n", number, number,
	           number);
	letter_add(draft, "Call-ID: r%u@simulation\nCSeq: %u REGISTER\nContact: <sip:%u@%s>\nExpires: %u\n%s", number,
	           phone->cseq, number, here, expires_s,
	           phone->knows_nonce ? "Authorization: Digest nonce=\"1\"\n" : "");
	body_add(simulation, NULL);
	letter_into(simulation, datagram);
}

static const char *reason_phrase(unsigned status)
{
	return status < 200 ? "Trying" : status < 300 ? "OK" : "No";
}

void response_write(struct simulation *simulation, struct datagram *datagram, const struct datagram *request,
                    uint32_t link, enum side_name name, unsigned status, const char *extra, const char *sdp)
{
	struct letter *draft = &simulation->draft;
	struct text asked = { request->bytes, request->length };
	struct text to = header_of(asked, "To", 't');
	char here[URI_MAX];
	letter_clear(draft);
	letter_add(draft, "SIP/2.0 %u %s\n", status, reason_phrase(status));
	letter_add_headers(draft, asked, "Via", 'v');
	letter_add_headers(draft, asked, "From", 'f');
	letter_add(draft, "To: ");
	letter_add_text(draft, to);
	if (text_find(to, ';') == to.length && status > 100)
		letter_add(draft, ";tag=%s%u", name ? "s" : "p", link);
	letter_add(draft, "\n");
	letter_add_headers(draft, asked, "Call-ID", 'i');
	letter_add_headers(draft, asked, "CSeq", 0);
	datagram->from = request->to;
	datagram->to = request->from;
	if (link && status < 300)
		letter_add(draft, "Contact: <sip:%u@%s>\n", name ? 0 : simulation->links[link].phone,
		           endpoint_text(&request->to, here));
	if (name == PROVIDER && sdp)
		letter_add(draft, "Require: timer\nSession-Expires: %u;refresher=uas\n", session_s(link));
	letter_add(draft, "%s", extra);
	body_add(simulation, sdp);
	letter_into(simulation, datagram);
	/* RFC 3261 18.2.2, RFC 3581 4: without rport to the port that the Via names. */
	char via[200];
	text_keep(via, sizeof(via), header_of(asked, "Via", 'v'));
	const char *host = strstr(via, "UDP "), *colon = host ? strchr(host, ':') : NULL;
	if (colon && !strstr(via, "rport"))
		datagram->to.port = (uint16_t)number_of(colon + 1);
}
