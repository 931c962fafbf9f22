/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/writer.h"

#include "capture/bytes.h"
#include "capture/internet.h"

#include <netinet/in.h>
#include <pcap/pcap.h>
#include <stdlib.h>

enum {
	UDP_HEADER = 8,
	UDP_CHECKSUM_AT = 6,
	IPV6_HEADER = 40,
	HEADERS_MAX = 512, /* link and IP */
	PACKET_MAX = 65535,
	SNAPSHOT_MAX = 262144, /* bytes; what libpcap itself allows */
};

struct capture_writer {
	pcap_t *pcap;
	pcap_dumper_t *file;
	char name[128];
	uint8_t frame[HEADERS_MAX + PACKET_MAX];
};

struct capture_writer *capture_writer_open(const char *path, int link_type, struct problem *problem)
{
	struct capture_writer *writer = calloc(1, sizeof *writer);
	if (writer == NULL) {
		problem_say(problem, "%s: there is no memory to write it", path);
		return NULL;
	}
	snprintf(writer->name, sizeof writer->name, "%s", path);
	writer->pcap = pcap_open_dead_with_tstamp_precision(link_type, SNAPSHOT_MAX, PCAP_TSTAMP_PRECISION_NANO);
	writer->file = writer->pcap != NULL ? pcap_dump_open(writer->pcap, path) : NULL;
	if (writer->file != NULL)
		return writer;
	problem_say(problem, "%s", writer->pcap != NULL ? pcap_geterr(writer->pcap) : "there is no memory");
	if (writer->pcap != NULL)
		pcap_close(writer->pcap);
	free(writer);
	return NULL;
}

static void dump(struct capture_writer *writer, const struct capture_frame *frame, const uint8_t *bytes, size_t length,
                 size_t wire_length)
{
	struct pcap_pkthdr header = { .caplen = (bpf_u_int32)length, .len = (bpf_u_int32)wire_length };
	header.ts.tv_sec = (time_t)(frame->time_ns / UINT64_C(1000000000));
	header.ts.tv_usec = (suseconds_t)(frame->time_ns % UINT64_C(1000000000)); /* nanoseconds in this file */
	pcap_dump((u_char *)writer->file, &header, bytes);
}

void capture_write_frame(struct capture_writer *writer, const struct capture_frame *frame)
{
	dump(writer, frame, frame->bytes, frame->length, frame->wire_length);
}

/* The one's complement sum of RFC 1071. */
static uint32_t sum_bytes(uint32_t sum, const uint8_t *bytes, size_t length)
{
	for (size_t at = 0; at + 1 < length; at += 2)
		sum += bytes_read16(bytes + at);
	if (length % 2 != 0)
		sum += (uint32_t)bytes[length - 1] << 8;
	return sum;
}

static uint16_t sum_fold(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* What an address adds to it: an IPv4 one has only its own four bytes. */
static uint32_t sum_address(uint32_t sum, const sipalg_address *address)
{
	size_t skipped = sipalg_address_is_ipv4(address) ? 12 : 0;
	return sum_bytes(sum, address->bytes + skipped, sizeof address->bytes - skipped);
}

/* A sender that made no checksum (IPv4 only, RFC 768) has none. */
static void write_udp(uint8_t *udp, const sipalg_endpoint *source, const sipalg_endpoint *destination,
                      struct text payload, bool has_checksum)
{
	size_t length = UDP_HEADER + payload.length;
	bytes_write16(udp, source->port);
	bytes_write16(udp + 2, destination->port);
	bytes_write16(udp + 4, (uint16_t)length);
	bytes_write16(udp + UDP_CHECKSUM_AT, 0);
	if (payload.length > 0)
		memcpy(udp + UDP_HEADER, payload.start, payload.length);
	if (!has_checksum)
		return;
	uint32_t sum =
	        sum_address(sum_address(IPPROTO_UDP + (uint32_t)length, &source->address), &destination->address);
	uint16_t checksum = sum_fold(sum_bytes(sum, udp, length));
	bytes_write16(udp + UDP_CHECKSUM_AT, checksum == 0 ? UINT16_MAX : checksum);
}

/* Each of these writes an IP header like the one that was and returns its length. */
static size_t write_ipv4(uint8_t *ip, const struct internet_packet *packet, const sipalg_address *source,
                         const sipalg_address *destination, size_t payload)
{
	size_t length = packet->header_length;
	memcpy(ip, packet->start, length);
	bytes_write16(ip + 2, (uint16_t)(length + payload));
	bytes_write16(ip + 6, bytes_read16(ip + 6) & 0x4000); /* "don't fragment" stays */
	bytes_write16(ip + 10, 0);
	memcpy(ip + 12, source->bytes + 12, 4);
	memcpy(ip + 16, destination->bytes + 12, 4);
	bytes_write16(ip + 10, sum_fold(sum_bytes(0, ip, length)));
	return length;
}

static size_t write_ipv6(uint8_t *ip, const struct internet_packet *packet, const sipalg_address *source,
                         const sipalg_address *destination, size_t payload)
{
	size_t length = packet->is_fragment ? IPV6_HEADER : packet->header_length;
	memcpy(ip, packet->start, length);
	if (packet->is_fragment)
		ip[6] = IPPROTO_UDP;
	bytes_write16(ip + 4, (uint16_t)(length - IPV6_HEADER + payload));
	memcpy(ip + 8, source->bytes, sizeof source->bytes);
	memcpy(ip + 24, destination->bytes, sizeof destination->bytes);
	return length;
}

bool capture_write_datagram(struct capture_writer *writer, const struct capture_item *item,
                            const sipalg_endpoint *source, const sipalg_endpoint *destination, struct text payload)
{
	const struct capture_frame *frame = item->frame;
	const struct link *link = &frame->link;
	struct internet_packet packet;
	uint8_t *ip = writer->frame + link->offset;
	if (!internet_read(frame->bytes + link->offset, frame->length - link->offset, &packet) ||
	    link->offset + packet.header_length + UDP_HEADER > HEADERS_MAX ||
	    packet.header_length + UDP_HEADER + payload.length > PACKET_MAX)
		return false;
	bool is_ipv4 = packet.start[0] >> 4 == 4;
	if (is_ipv4 != sipalg_address_is_ipv4(&source->address) ||
	    is_ipv4 != sipalg_address_is_ipv4(&destination->address))
		return false;
	memcpy(writer->frame, frame->bytes, link->offset);
	size_t udp_length = UDP_HEADER + payload.length;
	size_t header =
	        (is_ipv4 ? write_ipv4 : write_ipv6)(ip, &packet, &source->address, &destination->address, udp_length);
	bool had_checksum = packet.is_fragment || packet.payload_length < UDP_HEADER ||
	                    bytes_read16(packet.payload + UDP_CHECKSUM_AT) != 0;
	write_udp(ip + header, source, destination, payload, had_checksum || !is_ipv4);
	if (link->pppoe_length != 0) /* counts the protocol field before IP too (RFC 2516 4) */
		bytes_write16(writer->frame + link->pppoe_length,
		              (uint16_t)(link->offset - link->pppoe_length - 2 + header + udp_length));
	dump(writer, frame, writer->frame, link->offset + header + udp_length, link->offset + header + udp_length);
	return true;
}

bool capture_writer_close(struct capture_writer *writer, struct problem *problem)
{
	bool complete = pcap_dump_flush(writer->file) == 0 && !ferror(pcap_dump_file(writer->file));
	if (!complete)
		problem_say(problem, "%s: not all could be written; is the disk full?", writer->name);
	pcap_dump_close(writer->file);
	pcap_close(writer->pcap);
	free(writer);
	return complete;
}
