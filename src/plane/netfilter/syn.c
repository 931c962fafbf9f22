/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/syn.h"

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <string.h>

static bool read_ipv4(const uint8_t *bytes, size_t length, struct syn *syn, size_t *header)
{
	struct iphdr ip;

	memcpy(&ip, bytes, sizeof(ip));
	*header = ip.ihl * 4U;
	if (*header < sizeof(ip) || ip.protocol != IPPROTO_TCP || ntohs(ip.tot_len) != length ||
	    (ntohs(ip.frag_off) & (IP_MF | IP_OFFMASK)) != 0)
		return false;
	syn->source.address = sipalg_address_from_ipv4(ntohl(ip.saddr));
	syn->destination.address = sipalg_address_from_ipv4(ntohl(ip.daddr));
	return true;
}

static bool read_ipv6(const uint8_t *bytes, size_t length, struct syn *syn, size_t *header)
{
	struct ip6_hdr ip;

	*header = sizeof(ip);
	if (length < sizeof(ip))
		return false;
	memcpy(&ip, bytes, sizeof(ip));
	memcpy(&syn->source.address, &ip.ip6_src, sizeof(ip.ip6_src));
	memcpy(&syn->destination.address, &ip.ip6_dst, sizeof(ip.ip6_dst));
	return ip.ip6_nxt == IPPROTO_TCP && ntohs(ip.ip6_plen) == length - sizeof(ip);
}

bool syn_read(const uint8_t *bytes, size_t length, struct syn *syn)
{
	struct syn read = { 0 };
	struct tcphdr tcp;
	size_t header;

	if (length < sizeof(struct iphdr))
		return false;
	if (!(bytes[0] >> 4 == 4   ? read_ipv4(bytes, length, &read, &header)
	      : bytes[0] >> 4 == 6 ? read_ipv6(bytes, length, &read, &header)
	                           : false))
		return false;
	if (length < header + sizeof(tcp))
		return false;
	memcpy(&tcp, bytes + header, sizeof(tcp));
	if (tcp.syn == 0 || tcp.ack != 0 || tcp.rst != 0 || tcp.fin != 0)
		return false;
	read.source.port = ntohs(tcp.source);
	read.destination.port = ntohs(tcp.dest);
	read.source.protocol = read.destination.protocol = SIPALG_PROTOCOL_TCP;
	read.sequence = ntohl(tcp.seq);
	*syn = read;
	return true;
}
