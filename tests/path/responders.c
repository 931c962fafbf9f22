/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "responders.h"

#include "host/endpoint.h"
#include "sip/message.h"

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- SIP ---- */

static int header(char *out, size_t max, const char *name, const struct sip_message *message, enum sip_header_kind kind,
                  const char *behind)
{
	struct text value = sip_message_header(message, kind);
	return snprintf(out, max, "%s: %.*s%s\r\n", name, (int)value.length, value.start, behind);
}

static size_t write_response(const struct sip_message *request, const sipalg_endpoint *source, char *out, size_t max)
{
	char address[SIPALG_ADDRESS_TEXT_MAX], via[80];
	sipalg_address_write(&source->address, address);
	snprintf(via, sizeof via, ";received=%s;rport=%u", address, source->port);
	int length = snprintf(out, max, "SIP/2.0 404 Not Found\r\n");
	length += header(out + length, max - (size_t)length, "Via", request, SIP_HEADER_VIA, via);
	length += header(out + length, max - (size_t)length, "From", request, SIP_HEADER_FROM, "");
	length += header(out + length, max - (size_t)length, "To", request, SIP_HEADER_TO, ";tag=s");
	length += header(out + length, max - (size_t)length, "Call-ID", request, SIP_HEADER_CALL_ID, "");
	length += header(out + length, max - (size_t)length, "CSeq", request, SIP_HEADER_CSEQ, "");
	length += snprintf(out + length, max - (size_t)length, "Content-Length: 0\r\n\r\n");
	return (size_t)length;
}

void serve_sip(int strict)
{
	const struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(5060) };
	int descriptor = socket(AF_INET6, SOCK_DGRAM, 0);
	static char bytes[4096], response[4096];
	if (bind(descriptor, (const struct sockaddr *)&any, sizeof any) != 0)
		return;
	for (;;) {
		struct sockaddr_storage name;
		socklen_t name_length = sizeof name;
		struct sip_message request;
		ssize_t length = recvfrom(descriptor, bytes, sizeof bytes, 0, (struct sockaddr *)&name, &name_length);
		if (length <= 0 || sip_message_parse((struct text){ bytes, (size_t)length }, &request) != SIP_WHOLE ||
		    !request.is_request || request.method == SIP_METHOD_ACK ||
		    (strict && request.content_length.length == 0))
			continue;
		sipalg_endpoint source = endpoint_of_socket(&name, SIPALG_PROTOCOL_UDP);
		size_t size = write_response(&request, &source, response, sizeof response);
		sendto(descriptor, response, size, 0, (struct sockaddr *)&name, name_length);
	}
}

/* ---- ICMP ---- */

static uint16_t checksum(const uint8_t *bytes, size_t length)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < length; i++)
		sum += (uint32_t)bytes[i] << (i % 2 == 0 ? 8 : 0);
	while (sum > UINT16_MAX)
		sum = (sum & UINT16_MAX) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put_checksum(uint8_t *bytes, size_t length, size_t at)
{
	uint16_t sum = checksum(bytes, length);
	bytes[at] = (uint8_t)(sum >> 8);
	bytes[at + 1] = (uint8_t)sum;
}

/* One label of MPLS (RFC 4950) in an extension structure (RFC 4884 7). */
static size_t put_extension(uint8_t *out)
{
	static const uint8_t extension[12] = { 0x20, 0, 0, 0, 0, 8, 1, 1, 0x12, 0x34, 0x51, 0x01 };
	memcpy(out, extension, sizeof extension);
	put_checksum(out, sizeof extension, 2);
	return sizeof extension;
}

static size_t write_error(const uint8_t *packet, size_t length, int mpls, uint8_t out[256])
{
	enum { HEADER = 8, SHORT = 28, LONG = 128 };
	size_t quoted = mpls ? LONG : SHORT, size = HEADER;
	memset(out, 0, 256);
	out[0] = 11; /* time exceeded */
	memcpy(out + size, packet, length < quoted ? length : quoted);
	size += quoted;
	if (mpls)
		size += put_extension(out + size);
	put_checksum(out, size, 2);
	return size;
}

void serve_quotes(int mpls)
{
	const struct sockaddr_ll left = { .sll_family = AF_PACKET,
		                          .sll_protocol = htons(ETH_P_IP),
		                          .sll_ifindex = (int)if_nametoindex("left") };
	int in = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP)), out = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	uint8_t packet[2048], error[256];
	if (bind(in, (const struct sockaddr *)&left, sizeof left) != 0)
		return;
	for (;;) {
		ssize_t length = recv(in, packet, sizeof packet, 0);
		/* UDP with its last hop, for somebody further on */
		if (length < 28 || packet[8] != 1 || packet[9] != IPPROTO_UDP || packet[16] != 203)
			continue;
		struct sockaddr_in to = { .sin_family = AF_INET };
		memcpy(&to.sin_addr, packet + 12, sizeof to.sin_addr);
		size_t size = write_error(packet, (size_t)length, mpls, error);
		sendto(out, error, size, 0, (const struct sockaddr *)&to, sizeof to);
	}
}
