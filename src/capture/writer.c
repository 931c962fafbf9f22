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
	TCP_HEADER = 20,
	TCP_FLAGS_AT = 13,
	TCP_CHECKSUM_AT = 16,
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

/* The checksum of UDP or TCP, which covers the addresses (RFC 768, RFC 9293 3.1). */
static uint16_t sum_transport(const sipalg_endpoint *source, const sipalg_endpoint *destination, uint8_t protocol,
                              const uint8_t *bytes, size_t length)
{
	uint32_t sum = sum_address(sum_address(protocol + (uint32_t)length, &source->address), &destination->address);
	return sum_fold(sum_bytes(sum, bytes, length));
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

/* A packet as it was, but for its ends and what it carries. */
struct rewritten {
	const struct capture_item *item;
	const sipalg_endpoint *source, *destination;
	struct internet_packet packet; /* as it was */
	bool is_ipv4;
	uint8_t *transport; /* where the header of UDP or TCP belongs */
	size_t length;      /* from there to the end */
};

/* Frame and IP header. False: IP cannot carry so much, or not between these ends. */
static bool rewrite_begin(struct capture_writer *writer, struct rewritten *rewritten)
{
	const struct capture_frame *frame = rewritten->item->frame;
	struct internet_packet *packet = &rewritten->packet;
	uint8_t *ip = writer->frame + frame->link.offset;
	if (!internet_read(frame->bytes + frame->link.offset, frame->length - frame->link.offset, packet) ||
	    frame->link.offset + packet->header_length + UDP_HEADER > HEADERS_MAX ||
	    packet->header_length + rewritten->length > PACKET_MAX)
		return false;
	rewritten->is_ipv4 = packet->start[0] >> 4 == 4;
	if (rewritten->is_ipv4 != sipalg_address_is_ipv4(&rewritten->source->address) ||
	    rewritten->is_ipv4 != sipalg_address_is_ipv4(&rewritten->destination->address))
		return false;
	memcpy(writer->frame, frame->bytes, frame->link.offset);
	rewritten->transport = ip + (rewritten->is_ipv4 ? write_ipv4 : write_ipv6)(
	                                    ip, packet, &rewritten->source->address, &rewritten->destination->address,
	                                    rewritten->length);
	return true;
}

static void rewrite_end(struct capture_writer *writer, const struct rewritten *rewritten)
{
	const struct capture_frame *frame = rewritten->item->frame;
	size_t length = (size_t)(rewritten->transport - writer->frame) + rewritten->length;
	size_t pppoe = frame->link.pppoe_length;
	if (pppoe != 0) /* counts the protocol field before IP too (RFC 2516 4) */
		bytes_write16(writer->frame + pppoe, (uint16_t)(length - pppoe - 2));
	dump(writer, frame, writer->frame, length, length);
}

static void write_ports(const struct rewritten *rewritten, uint8_t *transport)
{
	bytes_write16(transport, rewritten->source->port);
	bytes_write16(transport + 2, rewritten->destination->port);
}

static void write_payload(uint8_t *place, struct text payload)
{
	if (payload.length > 0)
		memcpy(place, payload.start, payload.length);
}

/* A sender that made no checksum (IPv4 only, RFC 768) has none. */
static bool has_udp_checksum(const struct rewritten *rewritten)
{
	const struct internet_packet *packet = &rewritten->packet;
	return !rewritten->is_ipv4 || packet->is_fragment || packet->payload_length < UDP_HEADER ||
	       bytes_read16(packet->payload + UDP_CHECKSUM_AT) != 0;
}

bool capture_write_datagram(struct capture_writer *writer, const struct capture_item *item,
                            const sipalg_endpoint *source, const sipalg_endpoint *destination, struct text payload)
{
	struct rewritten rewritten = { .item = item, .source = source, .destination = destination };
	rewritten.length = UDP_HEADER + payload.length;
	if (!rewrite_begin(writer, &rewritten))
		return false;
	uint8_t *udp = rewritten.transport;
	write_ports(&rewritten, udp);
	bytes_write16(udp + 4, (uint16_t)rewritten.length);
	bytes_write16(udp + UDP_CHECKSUM_AT, 0);
	write_payload(udp + UDP_HEADER, payload);
	if (has_udp_checksum(&rewritten)) {
		uint16_t sum = sum_transport(source, destination, IPPROTO_UDP, udp, rewritten.length);
		bytes_write16(udp + UDP_CHECKSUM_AT, sum == 0 ? UINT16_MAX : sum);
	}
	rewrite_end(writer, &rewritten);
	return true;
}

bool capture_write_segment(struct capture_writer *writer, const struct capture_item *item,
                           const sipalg_endpoint *source, const sipalg_endpoint *destination,
                           const struct capture_tcp *tcp, struct text payload)
{
	struct rewritten rewritten = { .item = item, .source = source, .destination = destination };
	size_t header = TCP_HEADER + tcp->options.length;
	rewritten.length = header + payload.length;
	if (!rewrite_begin(writer, &rewritten))
		return false;
	uint8_t *place = rewritten.transport;
	memcpy(place, rewritten.packet.payload, TCP_HEADER);
	write_ports(&rewritten, place);
	bytes_write32(place + 4, tcp->sequence);
	bytes_write32(place + 8, tcp->acknowledged);
	place[TCP_FLAGS_AT] = tcp->flags;
	bytes_write16(place + 14, tcp->window);
	bytes_write16(place + TCP_CHECKSUM_AT, 0);
	write_payload(place + TCP_HEADER, tcp->options);
	write_payload(place + header, payload);
	bytes_write16(place + TCP_CHECKSUM_AT,
	              sum_transport(source, destination, IPPROTO_TCP, place, rewritten.length));
	rewrite_end(writer, &rewritten);
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
