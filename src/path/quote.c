/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path/quote.h"

#include "sip/message.h"

enum {
	ICMP_HEADER = 8,
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	UDP_HEADER = 8,
	ICMP4_UNREACHABLE = 3,
	ICMP4_TIME_EXCEEDED = 11,
	ICMP4_PORT = 3, /* code of unreachable */
	ICMP6_UNREACHABLE = 1,
	ICMP6_TIME_EXCEEDED = 3,
	ICMP6_PORT = 4,
	EXTENSION_AFTER = 128, /* bytes of the quoted packet, RFC 4884 5.1 */
};

static uint8_t byte_at(struct text text, size_t at)
{
	return (uint8_t)text.start[at];
}

static uint16_t word_at(struct text text, size_t at)
{
	return (uint16_t)(byte_at(text, at) << 8 | byte_at(text, at + 1));
}

/* ---- Reading ---- */

static bool read_kind(struct text icmp, bool ipv6, struct quote *quote)
{
	uint8_t type = byte_at(icmp, 0), code = byte_at(icmp, 1);
	quote->out_of_hops = type == (ipv6 ? ICMP6_TIME_EXCEEDED : ICMP4_TIME_EXCEEDED) && code == 0;
	bool unreachable = type == (ipv6 ? ICMP6_UNREACHABLE : ICMP4_UNREACHABLE);
	quote->by_port = unreachable && code == (ipv6 ? ICMP6_PORT : ICMP4_PORT);
	return quote->out_of_hops || unreachable;
}

/* The quoted packet without what the ICMP header says comes behind it (RFC 4884 4). */
static struct text quoted_packet(struct text icmp, bool ipv6)
{
	struct text packet = text_from(icmp, ICMP_HEADER);
	size_t said = ipv6 ? byte_at(icmp, 4) * (size_t)8 : byte_at(icmp, 5) * (size_t)4;
	return said > 0 ? text_first(packet, said) : packet;
}

static size_t ip_header_length(struct text packet, bool ipv6)
{
	if (ipv6)
		return packet.length >= IPV6_HEADER && byte_at(packet, 0) >> 4 == 6 &&
		                       byte_at(packet, 6) == SIPALG_PROTOCOL_UDP
		               ? IPV6_HEADER
		               : 0;
	size_t length = packet.length >= IPV4_HEADER ? (byte_at(packet, 0) & 0xf) * (size_t)4 : 0;
	bool good = length >= IPV4_HEADER && byte_at(packet, 0) >> 4 == 4 && byte_at(packet, 9) == SIPALG_PROTOCOL_UDP;
	return good ? length : 0;
}

static sipalg_address address_at(struct text packet, size_t at, bool ipv6)
{
	sipalg_address address;
	if (!ipv6)
		return sipalg_address_from_ipv4((uint32_t)word_at(packet, at) << 16 | word_at(packet, at + 2));
	memcpy(address.bytes, packet.start + at, sizeof address.bytes);
	return address;
}

static void read_endpoints(struct text packet, size_t header, bool ipv6, struct quote *quote)
{
	struct text udp = text_from(packet, header);
	quote->source = (sipalg_endpoint){ .address = address_at(packet, ipv6 ? 8 : 12, ipv6),
		                           .port = word_at(udp, 0),
		                           .protocol = SIPALG_PROTOCOL_UDP };
	quote->to = (sipalg_endpoint){ .address = address_at(packet, ipv6 ? 24 : 16, ipv6),
		                       .port = word_at(udp, 2),
		                       .protocol = SIPALG_PROTOCOL_UDP };
	quote->length = word_at(udp, 4);
	quote->checksum = word_at(udp, 6);
}

bool quote_read(struct text icmp, bool ipv6, struct quote *quote)
{
	struct quote read = { .has_header = true };
	if (icmp.length < ICMP_HEADER || !read_kind(icmp, ipv6, &read))
		return false;
	struct text packet = quoted_packet(icmp, ipv6);
	size_t header = ip_header_length(packet, ipv6);
	if (header == 0 || packet.length < header + UDP_HEADER)
		return false;
	read_endpoints(packet, header, ipv6, &read);
	read.payload = text_from(packet, header + UDP_HEADER);
	if (read.length >= UDP_HEADER)
		read.payload = text_first(read.payload, read.length - (size_t)UDP_HEADER);
	read.payload = quote_without_extension(read.payload, header + UDP_HEADER);
	*quote = read;
	return true;
}

/* An extension begins with its version, 2, and reserved bits of zero (RFC 4884 7), which no text has. */
struct text quote_without_extension(struct text payload, size_t header)
{
	size_t quoted = EXTENSION_AFTER - header;
	if (payload.length < quoted + 4 || byte_at(payload, quoted) != 0x20 || byte_at(payload, quoted + 1) != 0)
		return payload;
	return text_first(payload, quoted);
}

/* ---- Comparing ---- */

static bool is_whole_message(struct text text)
{
	struct sip_message message;
	return sip_message_parse(text, &message) == SIP_WHOLE;
}

static size_t shorter(size_t left, size_t right)
{
	return left < right ? left : right;
}

static enum hop_state judge_checksum(const struct original *original, const struct quote *quote, bool come_through)
{
	if (original->checksum == 0 || !quote->has_header || quote->checksum == 0)
		return HOP_TOO_SHORT;
	if (original->checksum == quote->checksum)
		return HOP_AS_SENT;
	return come_through ? HOP_ALTERED : HOP_TOO_SHORT;
}

struct quote_verdict quote_judge(const struct original *original, const struct quote *quote,
                                 bool checksums_come_through)
{
	size_t sent = original->bytes.length, seen = shorter(quote->payload.length, sent);
	struct quote_verdict verdict = { .seen = quote->payload.length };
	bool same = memcmp(original->bytes.start, quote->payload.start, seen) == 0;
	bool length_differs = quote->has_header && quote->length != sent + UDP_HEADER;
	verdict.checksum_fits = quote->has_header && original->checksum != 0 && quote->checksum == original->checksum;
	if (!same || length_differs) {
		verdict.state = HOP_ALTERED;
		verdict.by_numbers = same;
		verdict.whole = !same && is_whole_message(quote->payload);
		return verdict;
	}
	verdict.seen = seen;
	verdict.whole = seen == sent;
	verdict.state = HOP_AS_SENT;
	if (seen < original->first_address_end) {
		verdict.state = judge_checksum(original, quote, checksums_come_through);
		verdict.by_numbers = verdict.state != HOP_TOO_SHORT;
	}
	return verdict;
}

static uint32_t sum_words(struct text bytes, uint32_t sum)
{
	for (size_t i = 0; i + 1 < bytes.length; i += 2)
		sum += word_at(bytes, i);
	if (bytes.length % 2 == 1)
		sum += (uint32_t)byte_at(bytes, bytes.length - 1) << 8;
	return sum;
}

static uint32_t sum_address(const sipalg_address *address, uint32_t sum)
{
	size_t skip = sipalg_address_is_ipv4(address) ? sizeof address->bytes - sizeof(uint32_t) : 0;
	struct text bytes = { (const char *)address->bytes, sizeof address->bytes };
	return sum_words(text_from(bytes, skip), sum);
}

uint16_t quote_checksum(const sipalg_endpoint *from, const sipalg_endpoint *to, struct text payload)
{
	uint32_t length = (uint32_t)payload.length + UDP_HEADER;
	uint32_t sum = sum_address(&from->address, sum_address(&to->address, SIPALG_PROTOCOL_UDP + length));
	sum = sum_words(payload, sum + from->port + to->port + length);
	while (sum > UINT16_MAX)
		sum = (sum & UINT16_MAX) + (sum >> 16);
	uint16_t checksum = (uint16_t)~sum;
	return checksum == 0 ? UINT16_MAX : checksum;
}

static size_t count_lines(struct text text)
{
	size_t count = 0;
	for (size_t end = text_find(text, '\n'); end < text.length; end = text_find(text, '\n')) {
		text = text_from(text, end + 1);
		count++;
	}
	return count;
}

static struct text first_lines(struct text text, size_t count)
{
	struct text rest = text;
	for (size_t i = 0; i < count; i++)
		rest = text_from(rest, text_find(rest, '\n') + 1);
	return text_first(text, text.length - rest.length);
}

void quote_cut_alike(struct text *sent, struct text *quoted)
{
	if (is_whole_message(*quoted))
		return;
	size_t lines = shorter(count_lines(*sent), count_lines(*quoted));
	if (lines == 0) {
		size_t length = shorter(sent->length, quoted->length);
		*sent = text_first(*sent, length);
		*quoted = text_first(*quoted, length);
		return;
	}
	*sent = first_lines(*sent, lines);
	*quoted = first_lines(*quoted, lines);
}
