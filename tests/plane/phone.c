/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "phone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As it is written in a URI and in Via. */
static const char *host(const char *address)
{
	static char text[64];
	size_t length = strlen(address);

	if (strstr(address, ":") == NULL)
		return address;
	memset(text, 0, sizeof(text));
	text[0] = '[';
	memcpy(text + 1, address, length);
	text[length + 1] = ']';
	return text;
}

/* No address: no description. */
static size_t write_sdp(char *out, size_t size, const char *address, uint16_t port)
{
	const char *family;

	if (address == NULL)
		return 0;
	family = strchr(address, ':') == NULL ? "IP4" : "IP6";

	return (size_t)snprintf(out, size,
	                        "v=0\r\no=- 1 1 IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\nm=audio %u RTP/AVP 0\r\n",
	                        family, address, family, address, port);
}

size_t phone_invite(char out[WORLD_MESSAGE_MAX], const char *address, uint16_t port, uint16_t media_port,
                    const char *call, size_t padding)
{
	char sdp[512], filler[16384] = "";
	size_t sdp_length = write_sdp(sdp, sizeof(sdp), address, media_port);

	memset(filler, 'x', padding);
	return (size_t)snprintf(
	        out, WORLD_MESSAGE_MAX,
	        "INVITE sip:bob@203.0.113.2 SIP/2.0\r\nVia: SIP/2.0/UDP %s:%u;branch=z9hG4bK%s;rport\r\n"
	        "Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=1\r\nTo: <sip:bob@example.com>\r\n"
	        "Call-ID: %s\r\nCSeq: 1 INVITE\r\nContact: <sip:alice@%s:%u>\r\nSubject: %s\r\n"
	        "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
	        host(address), port, call, call, host(address), port, filler, sdp_length, sdp);
}

size_t phone_register(char out[WORLD_MESSAGE_MAX], const char *address, uint16_t port, const char *call)
{
	return (size_t)snprintf(
	        out, WORLD_MESSAGE_MAX,
	        "REGISTER sip:203.0.113.2 SIP/2.0\r\nVia: SIP/2.0/UDP %s:%u;branch=z9hG4bK%s;rport\r\n"
	        "Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=1\r\nTo: <sip:alice@example.com>\r\n"
	        "Call-ID: %s\r\nCSeq: 1 REGISTER\r\nContact: <sip:alice@%s:%u>\r\nExpires: 3600\r\n"
	        "Content-Length: 0\r\n\r\n",
	        host(address), port, call, call, host(address), port);
}

size_t phone_bye(char out[WORLD_MESSAGE_MAX], const char *address, uint16_t port, const char *call)
{
	return (size_t)snprintf(out, WORLD_MESSAGE_MAX,
	                        "BYE sip:bob@203.0.113.2 SIP/2.0\r\nVia: SIP/2.0/UDP %s:%u;branch=z9hG4bKb%s;rport\r\n"
	                        "Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=1\r\n"
	                        "To: <sip:bob@example.com>;tag=2\r\nCall-ID: %s\r\nCSeq: 2 BYE\r\n"
	                        "Content-Length: 0\r\n\r\n",
	                        host(address), port, call, call);
}

/* Appends the request's header of this name, without its line end. */
static size_t copy_header(char *out, size_t size, const char *request, const char *name)
{
	const char *start = strstr(request, name);
	size_t length = start == NULL ? 0 : strcspn(start, "\r");

	return (size_t)snprintf(out, size, "%.*s", (int)length, start == NULL ? "" : start);
}

size_t provider_response(char out[WORLD_MESSAGE_MAX], const char *request, const char *status, const char *sdp_address,
                         uint16_t media_port, int expires)
{
	static const char *const copied[] = { "Via:", "From:", "To:", "Call-ID:", "CSeq:" };
	const size_t size = WORLD_MESSAGE_MAX;
	char sdp[512] = "";
	size_t sdp_length = write_sdp(sdp, sizeof(sdp), sdp_address, media_port);
	size_t length = (size_t)snprintf(out, size, "SIP/2.0 %s\r\n", status);

	for (size_t index = 0; index < sizeof(copied) / sizeof(copied[0]); index++) {
		size_t before = length;

		length += copy_header(out + length, size - length, request, copied[index]);
		if (strcmp(copied[index], "To:") == 0 && strstr(out + before, ";tag=") == NULL)
			length += (size_t)snprintf(out + length, size - length, ";tag=2");
		length += (size_t)snprintf(out + length, size - length, "\r\n");
	}
	if (expires > 0) {
		length += copy_header(out + length, size - length, request, "Contact:");
		length += (size_t)snprintf(out + length, size - length, ";expires=%d\r\n", expires);
	} else {
		length += (size_t)snprintf(out + length, size - length, "Contact: <sip:bob@203.0.113.2>\r\n");
	}
	if (sdp_length > 0)
		length += (size_t)snprintf(out + length, size - length, "Content-Type: application/sdp\r\n");
	return length + (size_t)snprintf(out + length, size - length, "Content-Length: %zu\r\n\r\n%s", sdp_length, sdp);
}

size_t provider_request(char out[WORLD_MESSAGE_MAX], const char *method, const char *address, uint16_t port)
{
	return (size_t)snprintf(
	        out, WORLD_MESSAGE_MAX,
	        "%s sip:alice@%s:%u SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.2;branch=z9hG4bKp\r\n"
	        "Max-Forwards: 70\r\nFrom: <sip:bob@example.com>;tag=9\r\nTo: <sip:alice@example.com>\r\n"
	        "Call-ID: provider\r\nCSeq: 1 %s\r\nContact: <sip:bob@203.0.113.2>\r\n"
	        "Content-Length: 0\r\n\r\n",
	        method, host(address), port, method);
}

uint16_t message_media_port(const char *message)
{
	const char *line = strstr(message, "\nm=audio ");

	return line == NULL ? 0 : (uint16_t)strtoul(line + 9, NULL, 10);
}
