/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/packet.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <string.h>

enum {
	UDP_HEADER = sizeof(struct udphdr),
	EVERY_LINK_CARRIES = 576,       /* bytes; RFC 791 3.1: no need to fragment below */
	EVERY_IPV6_LINK_CARRIES = 1280, /* RFC 8200 5 */
	VERSION_SHIFT = 4,              /* of the first byte of either */
	EXTENSION_UNIT = 8,             /* bytes; RFC 8200 4.3 */
};

static unsigned int version_of(const uint8_t *bytes)
{
	return bytes[0] >> VERSION_SHIFT;
}

static sipalg_endpoint endpoint(sipalg_address address, uint16_t port)
{
	return (sipalg_endpoint){ .address = address, .port = ntohs(port), .protocol = SIPALG_PROTOCOL_UDP };
}

static sipalg_address address_from_ipv6(const struct in6_addr *in)
{
	sipalg_address address;

	memcpy(address.bytes, in, sizeof(address.bytes));
	return address;
}

/* Each of these reads one IP header: the packet's addresses, and how many bytes there are before UDP. 0: it is none, or
 * the packet is not whole. */
static size_t ipv4_read(const uint8_t *bytes, size_t length, struct packet *packet)
{
	struct iphdr ip;
	size_t ip_length;

	if (length < sizeof(ip))
		return 0;
	memcpy(&ip, bytes, sizeof(ip));
	ip_length = ip.ihl * 4U;
	if (ip_length < sizeof(ip) || ip.protocol != IPPROTO_UDP || ntohs(ip.tot_len) != length ||
	    (ntohs(ip.frag_off) & (IP_MF | IP_OFFMASK)) != 0)
		return 0;
	packet->source.address = sipalg_address_from_ipv4(ntohl(ip.saddr));
	packet->destination.address = sipalg_address_from_ipv4(ntohl(ip.daddr));
	return ip_length;
}

static bool is_extension(uint8_t header)
{
	return header == IPPROTO_HOPOPTS || header == IPPROTO_ROUTING || header == IPPROTO_DSTOPTS;
}

static size_t ipv6_read(const uint8_t *bytes, size_t length, struct packet *packet)
{
	size_t at = sizeof(struct ip6_hdr);
	struct ip6_hdr ip;
	uint8_t header;

	if (length < sizeof(ip))
		return 0;
	memcpy(&ip, bytes, sizeof(ip));
	if (ntohs(ip.ip6_plen) != length - sizeof(ip))
		return 0;
	for (header = ip.ip6_nxt; is_extension(header) && at + EXTENSION_UNIT <= length;) {
		header = bytes[at];
		at += (bytes[at + 1] + 1U) * EXTENSION_UNIT;
	}
	if (header != IPPROTO_UDP || at + UDP_HEADER > PACKET_HEADERS_MAX)
		return 0;
	packet->source.address = address_from_ipv6(&ip.ip6_src);
	packet->destination.address = address_from_ipv6(&ip.ip6_dst);
	return at;
}

static size_t ip_read(const uint8_t *bytes, size_t length, struct packet *packet)
{
	if (length == 0)
		return 0;
	switch (version_of(bytes)) {
	case 4:
		return ipv4_read(bytes, length, packet);
	case 6:
		return ipv6_read(bytes, length, packet);
	default:
		return 0;
	}
}

bool packet_read(const uint8_t *bytes, size_t length, struct packet *packet)
{
	struct packet found = { .start = bytes };
	size_t ip_length = ip_read(bytes, length, &found);
	struct udphdr udp;

	if (ip_length == 0 || length < ip_length + UDP_HEADER)
		return false;
	memcpy(&udp, bytes + ip_length, sizeof(udp));
	if (ntohs(udp.len) != length - ip_length)
		return false;
	found.headers = ip_length + UDP_HEADER;
	found.message = bytes + found.headers;
	found.message_length = length - found.headers;
	found.source = endpoint(found.source.address, udp.source);
	found.destination = endpoint(found.destination.address, udp.dest);
	*packet = found;
	return true;
}

bool packet_can_hold(const struct packet *packet, size_t message_length)
{
	return message_length <= PACKET_QUEUED_MAX - packet->headers;
}

bool packet_outgrows(const struct packet *packet, size_t message_length)
{
	return !sipalg_address_is_ipv4(&packet->source.address) && message_length > packet->message_length &&
	       packet->headers + message_length > EVERY_IPV6_LINK_CARRIES;
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

/* RFC 768 and RFC 8200 8.1 sum the same: where the words of a sum stand does not matter, and the upper half of IPv6's
 * longer length is zero. Of an IPv4 address only its own four bytes count. */
static uint16_t udp_checksum(const struct packet *packet, const uint8_t *udp, size_t length)
{
	uint64_t sum = (uint64_t)htons(IPPROTO_UDP) + htons((uint16_t)length);
	size_t skipped =
	        sipalg_address_is_ipv4(&packet->source.address) ? sizeof(struct in6_addr) - sizeof(struct in_addr) : 0;
	uint16_t checksum;

	sum = sum_bytes(sum, packet->source.address.bytes + skipped, sizeof(struct in6_addr) - skipped);
	sum = sum_bytes(sum, packet->destination.address.bytes + skipped, sizeof(struct in6_addr) - skipped);
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

static void ipv4_write(const struct packet *packet, size_t total, bool grown, uint16_t checksum, uint8_t *out)
{
	struct iphdr ip;

	memcpy(&ip, out, sizeof(ip));
	ip.tot_len = htons((uint16_t)total);
	if (grown && total > EVERY_LINK_CARRIES && (ip.frag_off & htons(IP_DF)) != 0)
		allow_fragments(&ip, checksum);
	ip.check = 0;
	memcpy(out, &ip, sizeof(ip));
	ip.check = sum_fold(sum_bytes(0, out, packet->headers - UDP_HEADER));
	memcpy(out, &ip, sizeof(ip));
}

static void ipv6_write(size_t total, uint8_t *out)
{
	struct ip6_hdr ip;

	memcpy(&ip, out, sizeof(ip));
	ip.ip6_plen = htons((uint16_t)(total - sizeof(ip)));
	memcpy(out, &ip, sizeof(ip));
}

size_t packet_write(const struct packet *packet, const uint8_t *message, size_t length, uint8_t *out)
{
	uint8_t *udp_start = out + packet->headers - UDP_HEADER;
	size_t total = packet->headers + length;
	struct udphdr udp;

	memcpy(out, packet->start, packet->headers);
	memcpy(out + packet->headers, message, length);
	memcpy(&udp, udp_start, sizeof(udp));
	udp.len = htons((uint16_t)(length + UDP_HEADER));
	memcpy(udp_start, &udp, sizeof(udp));
	if (udp.check != 0) { /* RFC 768: zero means that the sender made none; IPv6 has no such packets */
		udp.check = 0;
		memcpy(udp_start, &udp, sizeof(udp));
		udp.check = udp_checksum(packet, udp_start, length + UDP_HEADER);
		memcpy(udp_start, &udp, sizeof(udp));
	}
	if (version_of(out) == 4)
		ipv4_write(packet, total, length > packet->message_length, udp.check, out);
	else
		ipv6_write(total, out);
	return total;
}
