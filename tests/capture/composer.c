/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "composer.h"

#include <netinet/in.h>
#include <pcap/dlt.h>
#include <stdlib.h>

enum { FRAME_MAX = 70000, HEADERS_MAX = 128, IP_MAX = 65535 };

struct bytes {
	uint8_t bytes[FRAME_MAX];
	size_t length;
};

static void put(struct bytes *out, const void *bytes, size_t length)
{
	if (length > 0)
		memcpy(out->bytes + out->length, bytes, length);
	out->length += length;
}

static void put8(struct bytes *out, unsigned number)
{
	out->bytes[out->length++] = (uint8_t)number;
}

static void put16(struct bytes *out, unsigned number)
{
	put8(out, number >> 8 & 0xff);
	put8(out, number & 0xff);
}

static void put32(struct bytes *out, uint32_t number)
{
	put16(out, number >> 16);
	put16(out, number & 0xffff);
}

/* ---- Files: in this machine's byte order, as libpcap writes them ---- */

static void write32(FILE *file, uint32_t number)
{
	fwrite(&number, sizeof number, 1, file);
}

static void write_block(FILE *file, uint32_t type, const void *body, size_t length)
{
	static const uint8_t padding[4];
	size_t padded = (length + 3) / 4 * 4;
	write32(file, type);
	write32(file, (uint32_t)padded + 12);
	fwrite(body, 1, length, file);
	fwrite(padding, 1, padded - length, file);
	write32(file, (uint32_t)padded + 12);
}

struct composer composer_begin(int link_type, bool is_ng)
{
	struct composer composer = { .file = tmpfile(), .link_type = link_type, .is_ng = is_ng, .hop_limit = 64 };
	uint16_t wire_type = link_type == DLT_RAW ? 101 : (uint16_t)link_type; /* LINKTYPE_RAW differs from DLT_RAW */
	if (composer.file == NULL)
		abort();
	if (is_ng) {
		const uint32_t section[] = { 0x1a2b3c4d, 0x00000001, UINT32_MAX, UINT32_MAX };
		/* Option if_tsresol: nanoseconds. */
		const uint32_t interface[] = { wire_type, 262144, 0x00010009, 9, 0 };
		write_block(composer.file, 0x0a0d0d0a, section, sizeof section);
		write_block(composer.file, 1, interface, sizeof interface);
	} else {
		const uint32_t header[] = { 0xa1b23c4d, 0x00040002, 0, 0, 262144, wire_type };
		fwrite(header, sizeof header, 1, composer.file);
	}
	return composer;
}

void compose_frame(struct composer *composer, uint64_t time_ns, const uint8_t *bytes, size_t length)
{
	size_t kept = composer->snapshot != 0 && composer->snapshot < length ? composer->snapshot : length;
	if (composer->is_ng) {
		static struct bytes block;
		const uint32_t head[] = { 0, (uint32_t)(time_ns >> 32), (uint32_t)time_ns, (uint32_t)kept,
			                  (uint32_t)length };
		block.length = 0;
		put(&block, head, sizeof head);
		put(&block, bytes, kept);
		write_block(composer->file, 6, block.bytes, block.length);
		return;
	}
	const uint32_t head[] = { (uint32_t)(time_ns / 1000000000), (uint32_t)(time_ns % 1000000000), (uint32_t)kept,
		                  (uint32_t)length };
	fwrite(head, sizeof head, 1, composer->file);
	fwrite(bytes, 1, kept, composer->file);
}

FILE *composer_reader(struct composer *composer)
{
	fflush(composer->file);
	FILE *copy = tmpfile();
	char bytes[65536];
	size_t length;
	if (copy == NULL)
		abort();
	rewind(composer->file);
	while ((length = fread(bytes, 1, sizeof bytes, composer->file)) > 0)
		fwrite(bytes, 1, length, copy);
	fseek(composer->file, 0, SEEK_END);
	rewind(copy);
	return copy;
}

void composer_save(struct composer *composer, const char *path)
{
	FILE *from = composer_reader(composer), *to = fopen(path, "wb");
	char bytes[65536];
	size_t length;
	if (to == NULL)
		abort();
	while ((length = fread(bytes, 1, sizeof bytes, from)) > 0)
		fwrite(bytes, 1, length, to);
	fclose(from);
	fclose(to);
}

void composer_end(struct composer *composer)
{
	fclose(composer->file);
}

sipalg_endpoint composer_endpoint(const char *text)
{
	sipalg_endpoint endpoint = { .protocol = SIPALG_PROTOCOL_UDP };
	const char *colon = strrchr(text, ':'), *start = text[0] == '[' ? text + 1 : text;
	size_t length = (size_t)(colon - start) - (text[0] == '[');
	uint64_t port;
	if (!sipalg_address_read(start, length, &endpoint.address) ||
	    !text_read_number((struct text){ colon + 1, strlen(colon + 1) }, 65535, &port))
		abort();
	endpoint.port = (uint16_t)port;
	return endpoint;
}

/* ---- Headers ---- */

static bool is_ipv4(const sipalg_endpoint *end)
{
	return sipalg_address_is_ipv4(&end->address);
}

static void put_address(struct bytes *out, const sipalg_endpoint *end)
{
	size_t skipped = is_ipv4(end) ? 12 : 0;
	put(out, end->address.bytes + skipped, 16 - skipped);
}

static void put_ethernet(const struct composer *composer, struct bytes *out, unsigned type, size_t length)
{
	static const uint8_t addresses[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	put(out, addresses, sizeof addresses);
	for (int tag = 0; tag < composer->tags; tag++) {
		put16(out, tag == 0 && composer->tags > 1 ? 0x88a8 : 0x8100);
		put16(out, 7);
	}
	if (!composer->is_pppoe) {
		put16(out, type);
		return;
	}
	put16(out, 0x8864);
	put16(out, 0x1100);
	put16(out, 1);
	put16(out, (unsigned)length + 2);
	put16(out, type == 0x0800 ? 0x0021 : 0x0057);
}

/* `length` is the IP packet's. */
static void put_link(const struct composer *composer, struct bytes *out, bool ipv4, size_t length)
{
	static const uint8_t zero[16];
	unsigned type = ipv4 ? 0x0800 : 0x86dd;
	switch (composer->link_type) {
	case DLT_EN10MB:
		put_ethernet(composer, out, type, length);
		break;
	case DLT_LINUX_SLL:
		put(out, zero, 14);
		put16(out, type);
		break;
	case DLT_LINUX_SLL2:
		put16(out, type);
		put(out, zero, 2);
		put32(out, 3);
		put(out, zero, 12);
		break;
	case DLT_NULL:
	case DLT_LOOP:
		put32(out, ipv4 ? 2 : 30);
		break;
	case DLT_PPP:
		put16(out, ipv4 ? 0x0021 : 0x0057);
		break;
	default:
		break;
	}
}

static uint16_t checksum(uint32_t sum, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum += (uint32_t)bytes[i] << (i % 2 == 0 ? 8 : 0);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

struct fragment {
	size_t at;
	bool more;
	bool is_one;
};

static void put_ipv4(struct composer *composer, struct bytes *out, const sipalg_endpoint *from,
                     const sipalg_endpoint *to, uint8_t protocol, size_t length, struct fragment fragment)
{
	size_t start = out->length;
	put16(out, 0x4500);
	put16(out, (unsigned)length + 20);
	put16(out, composer->identification);
	put16(out, (unsigned)(fragment.at / 8) | (fragment.more ? 0x2000 : 0));
	put8(out, composer->hop_limit);
	put8(out, protocol);
	put16(out, 0);
	put_address(out, from);
	put_address(out, to);
	uint16_t sum = checksum(0, out->bytes + start, 20);
	out->bytes[start + 10] = (uint8_t)(sum >> 8);
	out->bytes[start + 11] = (uint8_t)sum;
}

static void put_ipv6(struct composer *composer, struct bytes *out, const sipalg_endpoint *from,
                     const sipalg_endpoint *to, uint8_t protocol, size_t length, struct fragment fragment)
{
	size_t extensions = (composer->extensions ? 16U : 0U) + (fragment.is_one ? 8U : 0U);
	uint8_t inner = fragment.is_one ? IPPROTO_FRAGMENT : protocol;
	put32(out, 0x60000000);
	put16(out, (unsigned)(length + extensions));
	put8(out, composer->extensions ? IPPROTO_HOPOPTS : inner);
	put8(out, composer->hop_limit);
	put_address(out, from);
	put_address(out, to);
	if (composer->extensions) { /* two headers, each filled with PadN (RFC 8200 4.2) */
		put8(out, IPPROTO_DSTOPTS);
		put(out, "\0\1\4\0\0\0\0", 7);
		put8(out, inner);
		put(out, "\0\1\4\0\0\0\0", 7);
	}
	if (fragment.is_one) {
		put8(out, protocol);
		put8(out, 0);
		put16(out, (unsigned)fragment.at | fragment.more);
		put32(out, composer->identification);
	}
}

static void compose_ip(struct composer *composer, uint64_t time_ns, const sipalg_endpoint *from,
                       const sipalg_endpoint *to, uint8_t protocol, const uint8_t *payload, size_t length,
                       struct fragment fragment)
{
	static struct bytes out;
	size_t extensions = (composer->extensions ? 16U : 0U) + (fragment.is_one ? 8U : 0U);
	out.length = 0;
	put_link(composer, &out, is_ipv4(from), length + (is_ipv4(from) ? 20 : 40 + extensions));
	(is_ipv4(from) ? put_ipv4 : put_ipv6)(composer, &out, from, to, protocol, length, fragment);
	put(&out, payload, length);
	compose_frame(composer, time_ns, out.bytes, out.length);
}

static void put_udp(struct bytes *out, const sipalg_endpoint *from, const sipalg_endpoint *to, struct text payload)
{
	struct bytes *pseudo = calloc(1, sizeof *pseudo);
	put_address(pseudo, from);
	put_address(pseudo, to);
	put16(pseudo, IPPROTO_UDP);
	put16(pseudo, (unsigned)payload.length + 8);
	size_t start = pseudo->length;
	put16(pseudo, from->port);
	put16(pseudo, to->port);
	put16(pseudo, (unsigned)payload.length + 8);
	put16(pseudo, 0);
	put(pseudo, payload.start, payload.length);
	uint16_t sum = checksum(0, pseudo->bytes, pseudo->length);
	pseudo->bytes[start + 6] = (uint8_t)(sum >> 8);
	pseudo->bytes[start + 7] = (uint8_t)sum;
	put(out, pseudo->bytes + start, pseudo->length - start);
	free(pseudo);
}

/* ---- Packets ---- */

void compose_udp(struct composer *composer, uint64_t time_ns, const sipalg_endpoint *from, const sipalg_endpoint *to,
                 struct text payload)
{
	static struct bytes udp;
	udp.length = 0;
	put_udp(&udp, from, to, payload);
	composer->identification++;
	compose_ip(composer, time_ns, from, to, IPPROTO_UDP, udp.bytes, udp.length, (struct fragment){ 0 });
}

void compose_fragments(struct composer *composer, uint64_t time_ns, const sipalg_endpoint *from,
                       const sipalg_endpoint *to, struct text payload, size_t each, uint32_t lost)
{
	static struct bytes udp;
	udp.length = 0;
	put_udp(&udp, from, to, payload);
	composer->identification++;
	for (size_t at = 0, number = 0; at < udp.length; at += each, number++) {
		size_t left = udp.length - at;
		if ((lost >> number & 1) == 0)
			compose_ip(composer, time_ns, from, to, IPPROTO_UDP, udp.bytes + at, left < each ? left : each,
			           (struct fragment){ at, left > each, true });
	}
}

void compose_tcp(struct composer *composer, uint64_t time_ns, const sipalg_endpoint *from, const sipalg_endpoint *to,
                 uint32_t sequence, uint8_t flags, struct text payload)
{
	static struct bytes tcp;
	tcp.length = 0;
	put16(&tcp, from->port);
	put16(&tcp, to->port);
	put32(&tcp, sequence);
	put32(&tcp, composer->acknowledged);
	put16(&tcp, (unsigned)(20 + composer->tcp_options.length) / 4 << 12 | flags);
	put16(&tcp, 65535);
	put32(&tcp, 0);
	put(&tcp, composer->tcp_options.start, composer->tcp_options.length);
	put(&tcp, payload.start, payload.length);
	compose_ip(composer, time_ns, from, to, IPPROTO_TCP, tcp.bytes, tcp.length, (struct fragment){ 0 });
}

void compose_error(struct composer *composer, uint64_t time_ns, const sipalg_endpoint *from, const sipalg_endpoint *to,
                   uint8_t code)
{
	static struct bytes icmp;
	bool ipv4 = is_ipv4(from);
	icmp.length = 0;
	put8(&icmp, ipv4 ? 3 : 1);
	put8(&icmp, code);
	put16(&icmp, 0);
	put32(&icmp, 0);
	(ipv4 ? put_ipv4 : put_ipv6)(composer, &icmp, from, to, from->protocol, 8, (struct fragment){ 0 });
	put16(&icmp, from->port);
	put16(&icmp, to->port);
	put32(&icmp, 0x00080000);
	compose_ip(composer, time_ns, to, from, ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, icmp.bytes, icmp.length,
	           (struct fragment){ 0 });
}

void compose_unreachable(struct composer *composer, uint64_t time_ns, const sipalg_endpoint *from,
                         const sipalg_endpoint *to)
{
	compose_error(composer, time_ns, from, to, is_ipv4(from) ? 3 : 4); /* the port */
}
