/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/packet.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <string.h>

enum {
	UDP_HEADER = sizeof(struct udphdr),
	EVERY_LINK_CARRIES = 576, /* bytes; RFC 791 3.1: no need to fragment below */
};

static sipalg_endpoint endpoint(uint32_t address, uint16_t port)
{
	return (sipalg_endpoint){ .address = sipalg_address_from_ipv4(ntohl(address)),
		                  .port = ntohs(port),
		                  .protocol = SIPALG_PROTOCOL_UDP };
}

bool packet_read(const uint8_t *bytes, size_t length, struct packet *packet)
{
	struct iphdr ip;
	struct udphdr udp;
	size_t ip_length;

	if (length < sizeof(ip))
		return false;
	memcpy(&ip, bytes, sizeof(ip));
	ip_length = ip.ihl * 4U;
	if (ip.version != 4 || ip_length < sizeof(ip) || ip.protocol != IPPROTO_UDP || ntohs(ip.tot_len) != length ||
	    length < ip_length + UDP_HEADER || (ntohs(ip.frag_off) & (IP_MF | IP_OFFMASK)) != 0)
		return false;
	memcpy(&udp, bytes + ip_length, sizeof(udp));
	if (ntohs(udp.len) != length - ip_length)
		return false;
	*packet = (struct packet){
		.start = bytes,
		.headers = ip_length + UDP_HEADER,
		.message = bytes + ip_length + UDP_HEADER,
		.message_length = length - ip_length - UDP_HEADER,
		.source = endpoint(ip.saddr, udp.source),
		.destination = endpoint(ip.daddr, udp.dest),
	};
	return true;
}

bool packet_can_hold(const struct packet *packet, size_t message_length)
{
	return message_length <= PACKET_LENGTH_MAX - packet->headers;
}

/* The one's complement sum of RFC 1071, in whatever byte order the words lie; eight bytes at a time, carries added at
 * the end. */
static uint64_t sum_bytes(uint64_t sum, const uint8_t *bytes, size_t length)
{
	uint16_t word = 0;

	for (; length >= sizeof(uint32_t); bytes += sizeof(uint32_t), length -= sizeof(uint32_t)) {
		uint32_t words;

		memcpy(&words, bytes, sizeof(words));
		sum += words;
	}
	for (; length >= sizeof(word); bytes += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		sum += word;
	}
	word = 0;
	memcpy(&word, bytes, length);
	return sum + word;
}

static uint16_t sum_fold(uint64_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint16_t udp_checksum(const struct iphdr *ip, const uint8_t *udp, size_t length)
{
	uint64_t sum = (uint64_t)htons(IPPROTO_UDP) + htons((uint16_t)length);
	uint16_t checksum;

	sum = sum_bytes(sum, (const uint8_t *)&ip->saddr, sizeof(ip->saddr));
	sum = sum_bytes(sum, (const uint8_t *)&ip->daddr, sizeof(ip->daddr));
	checksum = sum_fold(sum_bytes(sum, udp, length));
	return checksum == 0 ? 0xffff : checksum; /* RFC 768: zero would say that there is none */
}

/* A message that has grown may no longer fit where the sender's did, and the sender, told to send less, already did:
 * it must be allowed to be fragmented. An identification of zero is then as good as none (RFC 6864 4). */
static void allow_fragments(struct iphdr *ip, uint16_t checksum)
{
	ip->frag_off = (uint16_t)(ip->frag_off & ~htons(IP_DF));
	if (ip->id == 0)
		ip->id = checksum != 0 ? checksum : htons(1);
}

size_t packet_write(const struct packet *packet, const uint8_t *message, size_t length, uint8_t *out)
{
	size_t ip_length = packet->headers - UDP_HEADER, total = packet->headers + length;
	struct iphdr ip;
	struct udphdr udp;

	memcpy(out, packet->start, packet->headers);
	memcpy(out + packet->headers, message, length);
	memcpy(&ip, out, sizeof(ip));
	memcpy(&udp, out + ip_length, sizeof(udp));

	udp.len = htons((uint16_t)(length + UDP_HEADER));
	memcpy(out + ip_length, &udp, sizeof(udp));
	if (udp.check != 0) { /* RFC 768: zero means that the sender made none */
		udp.check = 0;
		memcpy(out + ip_length, &udp, sizeof(udp));
		udp.check = udp_checksum(&ip, out + ip_length, length + UDP_HEADER);
		memcpy(out + ip_length, &udp, sizeof(udp));
	}

	ip.tot_len = htons((uint16_t)total);
	if (length > packet->message_length && total > EVERY_LINK_CARRIES && (ip.frag_off & htons(IP_DF)) != 0)
		allow_fragments(&ip, udp.check);
	ip.check = 0;
	memcpy(out, &ip, sizeof(ip));
	ip.check = sum_fold(sum_bytes(0, out, ip_length));
	memcpy(out, &ip, sizeof(ip));
	return total;
}
