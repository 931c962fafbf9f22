/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/watch.h"

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum {
	IPV4_HEADER_MIN = 20, /* bytes (RFC 791) */
	IPV6_HEADER = 40,     /* RFC 8200 3; nobody here sends extension headers */
	UDP_HEADER = 8,
	TCP_HEADER_MIN = 20,
	TCP_FLAGS = 13, /* where they are (RFC 9293 3.1) */
	TCP_SYN = 2,
	TCP_ACK = 16,
};

static uint16_t number_read(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* The length of the IP header, with protocol and addresses read; 0: not an IP packet. */
static size_t header_read(const uint8_t *packet, size_t length, uint8_t *protocol, struct arrival *arrival)
{
	if (length >= IPV6_HEADER && packet[0] >> 4 == 6) {
		*protocol = packet[6];
		memcpy(arrival->from.address.bytes, packet + 8, 16);
		memcpy(arrival->at.address.bytes, packet + 24, 16);
		return IPV6_HEADER;
	}
	if (length < IPV4_HEADER_MIN || packet[0] >> 4 != 4)
		return 0;
	*protocol = packet[9];
	for (size_t i = 0; i < 2; i++) {
		const uint8_t *at = packet + 12 + 4 * i;
		uint32_t address = (uint32_t)number_read(at) << 16 | number_read(at + 2);
		*(i == 0 ? &arrival->from.address : &arrival->at.address) = sipalg_address_from_ipv4(address);
	}
	return (size_t)(packet[0] & 15) * 4;
}

bool watch_read(const uint8_t *packet, size_t length, struct arrival *arrival)
{
	struct arrival read = { 0 };
	uint8_t protocol = 0;
	size_t header = header_read(packet, length, &protocol, &read);
	if (header == 0 || header > length)
		return false;
	struct bytes rest = bytes_from((struct bytes){ (const char *)packet, length }, header);
	if (protocol == IPPROTO_UDP && rest.length >= UDP_HEADER)
		read.bytes = bytes_from(rest, UDP_HEADER);
	else if (protocol != IPPROTO_TCP || rest.length < TCP_HEADER_MIN ||
	         (packet[header + TCP_FLAGS] & (TCP_SYN | TCP_ACK)) != TCP_SYN)
		return false;
	read.from.port = number_read(packet + header);
	read.at.port = number_read(packet + header + 2);
	read.from.protocol = read.at.protocol = protocol;
	*arrival = read;
	return true;
}

bool watch_next(int watch, uint32_t wait_ms, char *buffer, size_t size, struct arrival *arrival)
{
	struct pollfd file = { .fd = watch, .events = POLLIN };
	while (poll(&file, 1, (int)wait_ms) > 0) {
		struct sockaddr_ll from = { 0 };
		socklen_t length = sizeof(from);
		ssize_t got = recvfrom(watch, buffer, size, 0, (struct sockaddr *)&from, &length);
		if (got > 0 && from.sll_pkttype == PACKET_HOST &&
		    watch_read((const uint8_t *)buffer, (size_t)got, arrival))
			return true;
	}
	return false;
}
