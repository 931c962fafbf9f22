/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "segment.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <string.h>

bool segment_read(const uint8_t *packet, size_t length, struct segment *segment)
{
	struct iphdr ip;
	struct tcphdr tcp;
	size_t headers;
	if (length < sizeof ip + sizeof tcp || packet[0] >> 4 != 4)
		return false;
	memcpy(&ip, packet, sizeof ip);
	headers = ip.ihl * 4U;
	if (ip.protocol != IPPROTO_TCP || headers + sizeof tcp > length)
		return false;
	memcpy(&tcp, packet + headers, sizeof tcp);
	headers += tcp.doff * 4U;
	if (headers > length)
		return false;
	*segment = (struct segment){ headers, length - headers, ntohs(tcp.source), ntohs(tcp.dest) };
	return true;
}

static uint32_t sum_words(uint32_t sum, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return length % 2 == 0 ? sum : sum + ((uint32_t)bytes[length - 1] << 8);
}

void segment_seal(uint8_t *packet, size_t length)
{
	size_t header = (packet[0] & 15U) * 4U, check = header + offsetof(struct tcphdr, check);
	uint32_t sum = IPPROTO_TCP + (uint32_t)(length - header);
	memset(packet + check, 0, 2);
	sum = sum_words(sum, packet + offsetof(struct iphdr, saddr), 8);
	sum = sum_words(sum, packet + header, length - header);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	packet[check] = (uint8_t)(~sum >> 8);
	packet[check + 1] = (uint8_t)~sum;
}
