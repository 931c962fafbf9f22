/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TCP connection of a phone, captured, translated and read again. */
#ifndef TESTS_TRANSLATE_CONNECTION_H
#define TESTS_TRANSLATE_CONNECTION_H

#include "../capture/composer.h"
#include "translate/passage.h"

enum {
	FIN = CAPTURE_TCP_FIN,
	SYN = CAPTURE_TCP_SYN,
	RST = CAPTURE_TCP_RST,
	ACK = CAPTURE_TCP_ACK,
	BYTES_MAX = 400000,
	WRITTEN_MAX = 4000,
};

struct bytes {
	char bytes[BYTES_MAX];
	size_t length;
};

/* What a capture was made of, and what came out: by direction, 0 is from the phone. */
struct world {
	struct composer composer;
	sipalg_endpoint ends[2];
	uint32_t next[2];
	uint64_t now_ns;
	struct bytes expected[2]; /* the bytes of each stream on the other side */
	size_t written_count;
	struct written {
		int from;
		uint16_t phone_port;
		uint32_t sequence, acknowledged;
		uint8_t flags;
		size_t length;
		char options[12];
	} written[WRITTEN_MAX];
	struct bytes streams[2]; /* as read */
	struct passage_counts counts;
	enum seen_from seen_from;
	size_t messages_read, gaps;
};

static const char *const phone_address = "10.0.0.5", *const outside_address = "203.0.113.1";

void add(struct bytes *to, struct text bytes);
struct world *world_begin(const char *phone, const char *server);
void world_end(struct world *world);

/* A segment of the capture. */
void put_at(struct world *world, int from, uint32_t sequence, uint8_t flags, struct text bytes);
/* The next one; returns the sequence number of its first byte. */
uint32_t put(struct world *world, int from, uint8_t flags, struct text bytes);
void acknowledge(struct world *world, int from);
void connect_both(struct world *world);
void close_both(struct world *world);

/* Messages as they are with this address. */
struct text invite(char out[2048], int number, const char *address);
struct text ringing(char out[2048], int number, const char *address);

/* Through `sipalg translate`, and what was written read again. */
void translate(struct world *world);
void read_back(struct world *world);

/* The streams are what was expected, none lacks a byte. */
void expect_streams(struct world *world);
/* Nobody acknowledges what was not sent, and in the end all is acknowledged; but for what comes again, each begins
 * where the last one ended. */
void expect_numbers(const struct world *world);
size_t count_flags(const struct world *world, uint8_t flags);

#endif
