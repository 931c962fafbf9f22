/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/packet.h"

#include "reader.h"

/* A packet that can be read is written with its own message as it was, but for its checksums, and with a longer one so
 * that it can be read again. */
static void read_packet(struct text text)
{
	static uint8_t out[PACKET_HEADERS_MAX + PACKET_LENGTH_MAX], message[PACKET_LENGTH_MAX];
	struct packet packet, again;
	if (!packet_read((const uint8_t *)text.start, text.length, &packet))
		return;
	assert_int_equal(packet.headers + packet.message_length, text.length);
	assert_true(packet.headers <= PACKET_HEADERS_MAX);
	size_t length = packet_write(&packet, packet.message, packet.message_length, out);
	assert_int_equal(length, text.length);
	assert_memory_equal(out + packet.headers, packet.message, packet.message_length);
	if (!packet_can_hold(&packet, packet.message_length + 22))
		return;
	memcpy(message, packet.message, packet.message_length);
	memset(message + packet.message_length, 'x', 22);
	length = packet_write(&packet, message, packet.message_length + 22, out);
	assert_true(packet_read(out, length, &again));
	assert_int_equal(again.message_length, packet.message_length + 22);
	assert_true(sipalg_endpoint_equal(&again.source, &packet.source));
	assert_true(sipalg_endpoint_equal(&again.destination, &packet.destination));
}

FUZZ_READER(read_packet)
