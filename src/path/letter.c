/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path/letter.h"

#include "host/endpoint.h"

#include <inttypes.h>
#include <stdio.h>

/* How one kind differs from the plain INVITE. */
struct form {
	const char *name, *title, *method;
	const char *max_forwards;
	bool describes; /* has a session description */
	bool no_length;
	bool compact, folded;
	const char *origin; /* of o=; NULL: our address */
	unsigned media_port;
};

enum { MEDIA_PORT = 40000, DISCARD_PORT = 9 };

static const struct form forms[LETTER_KIND_COUNT] = {
	[LETTER_INVITE] = { "invite", "an INVITE", "INVITE", "0", .describes = true, .media_port = MEDIA_PORT },
	[LETTER_REGISTER] = { "register", "a REGISTER", "REGISTER", "70", .describes = false },
	[LETTER_OPTIONS] = { "options", "an OPTIONS", "OPTIONS", "70", .describes = false },
	[LETTER_NO_LENGTH] = { "invite-no-length", "an INVITE without Content-Length", "INVITE", "0", .describes = true,
	                       .no_length = true, .media_port = MEDIA_PORT },
	[LETTER_COMPACT] = { "invite-compact", "an INVITE with compact header names", "INVITE", "0", .describes = true,
	                     .compact = true, .media_port = MEDIA_PORT },
	[LETTER_FOLDED] = { "invite-folded", "an INVITE with folded headers", "INVITE", "0", .describes = true,
	                    .folded = true, .media_port = MEDIA_PORT },
	[LETTER_ORIGIN_NAME] = { "invite-origin-name", "an INVITE whose o= line names a host", "INVITE", "0",
	                         .describes = true, .origin = "IN IP4 phone.invalid", .media_port = MEDIA_PORT },
	[LETTER_DISCARD] = { "invite-discard-port", "an INVITE whose media port is 9, as of trickle ICE", "INVITE", "0",
	                     .describes = true, .media_port = DISCARD_PORT },
};

const char *letter_title(enum letter_kind kind)
{
	return forms[kind].title;
}

const char *letter_name(enum letter_kind kind)
{
	return forms[kind].name;
}

static size_t write_body(const struct form *form, const struct correspondence *correspondence, char *out, size_t max)
{
	char address[SIPALG_ADDRESS_TEXT_MAX], own[SIPALG_ADDRESS_TEXT_MAX + 8];
	if (!form->describes)
		return 0;
	sipalg_address_write(&correspondence->inside.address, address);
	snprintf(own, sizeof own, "IN IP%c %s", endpoint_is_ipv6(correspondence->inside) ? '6' : '4', address);
	return (size_t)snprintf(out, max, "v=0\r\no=- 1 1 %s\r\ns=-\r\nc=%s\r\nt=0 0\r\nm=audio %u RTP/AVP 0\r\n",
	                        form->origin != NULL ? form->origin : own, own, form->media_port);
}

static int write_header(const struct form *form, const struct correspondence *correspondence,
                        const struct letter *letter, size_t body_length, char *out, size_t max)
{
	char inside[ENDPOINT_TEXT_MAX], fold[4] = " ", length[40] = "", type[64] = "";
	const bool small = form->compact;
	const char *host = correspondence->host, *mark = letter->mark;
	endpoint_write(correspondence->inside, inside);
	if (form->folded)
		snprintf(fold, sizeof fold, "\r\n ");
	if (!form->no_length)
		snprintf(length, sizeof length, "%s: %zu\r\n", small ? "l" : "Content-Length", body_length);
	if (form->describes)
		snprintf(type, sizeof type, "%s: application/sdp\r\n", small ? "c" : "Content-Type");
	return snprintf(out, max,
	                "%s sip:%s SIP/2.0\r\n"
	                "%s: SIP/2.0/UDP %s;rport;branch=z9hG4bK%s\r\n"
	                "%s:%s<sip:sipalg@%s>\r\n"
	                "Max-Forwards: %s\r\n"
	                "%s:%s<sip:sipalg@%s>;tag=%s\r\n"
	                "%s: <sip:%s>\r\n"
	                "%s: %s\r\n"
	                "CSeq: 1 %s\r\n"
	                "%s%s%s\r\n",
	                form->method, host, small ? "v" : "Via", inside, mark, small ? "m" : "Contact", fold, inside,
	                form->max_forwards, small ? "f" : "From", fold, inside, mark, small ? "t" : "To", host,
	                small ? "i" : "Call-ID", mark, form->method,
	                strcmp(form->method, "REGISTER") == 0 ? "Expires: 60\r\n" : "", type, length);
}

static size_t end_of_first_address(const struct correspondence *correspondence, const struct letter *letter)
{
	char inside[ENDPOINT_TEXT_MAX];
	endpoint_write(correspondence->inside, inside);
	const char *found = memmem(letter->bytes, letter->length, inside, strlen(inside));
	return found == NULL ? letter->length : (size_t)(found - letter->bytes) + strlen(inside);
}

bool letter_compose(const struct correspondence *correspondence, enum letter_kind kind, unsigned number,
                    struct letter *letter)
{
	const struct form *form = &forms[kind];
	char body[512];
	size_t body_length = write_body(form, correspondence, body, sizeof body);
	letter->kind = kind;
	snprintf(letter->mark, sizeof letter->mark, "%08" PRIx32 "n%un", correspondence->salt, number);
	int header = write_header(form, correspondence, letter, body_length, letter->bytes, sizeof letter->bytes);
	if (header < 0 || (size_t)header + body_length > sizeof letter->bytes || body_length > sizeof body)
		return false;
	memcpy(letter->bytes + header, body, body_length);
	letter->length = (size_t)header + body_length;
	letter->first_address_end = end_of_first_address(correspondence, letter);
	return true;
}

bool letter_compose_end(const struct correspondence *correspondence, const struct letter *invite, const char *method,
                        struct text to, struct letter *end)
{
	char inside[ENDPOINT_TEXT_MAX];
	bool is_ack = strcmp(method, "ACK") == 0;
	endpoint_write(correspondence->inside, inside);
	*end = (struct letter){ .kind = invite->kind };
	int length =
	        snprintf(end->bytes, sizeof end->bytes,
	                 "%s sip:%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;rport;branch=z9hG4bK%s%s\r\nMax-Forwards: 70\r\n"
	                 "From: <sip:sipalg@%s>;tag=%s\r\nTo: %.*s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n"
	                 "Content-Length: 0\r\n\r\n",
	                 method, correspondence->host, inside, invite->mark, is_ack ? "" : "b", inside, invite->mark,
	                 (int)to.length, to.start, invite->mark, is_ack ? 1 : 2, method);
	end->length = (size_t)length;
	return length > 0 && end->length < sizeof end->bytes;
}
