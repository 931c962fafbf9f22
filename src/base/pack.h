/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and bytes on their way into a block of memory or out of it again. Who describes the fields of a thing does so
 * once, for both ways. Numbers lie in it with their lowest byte first, whatever the machine. */
#ifndef BASE_PACK_H
#define BASE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct pack {
	uint8_t *out;      /* writing: what does not fit is only counted */
	const uint8_t *in; /* reading, when not NULL: what lies behind the end is zero */
	size_t at, end;
};

static inline bool pack_fits(const struct pack *pack, size_t length)
{
	return pack->at <= pack->end && length <= pack->end - pack->at;
}

static inline void pack_bytes(struct pack *pack, void *bytes, size_t length)
{
	bool fits = pack_fits(pack, length);
	if (pack->in && fits)
		memcpy(bytes, pack->in + pack->at, length);
	else if (pack->in)
		memset(bytes, 0, length);
	else if (fits)
		memcpy(pack->out + pack->at, bytes, length);
	pack->at += length;
}

/* A number of `length` bytes: the one that was written, or that is there. */
static inline uint64_t pack_number(struct pack *pack, uint64_t number, size_t length)
{
	uint8_t bytes[sizeof(number)];
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)(number >> 8 * i);
	pack_bytes(pack, bytes, length);
	number = 0;
	for (size_t i = 0; i < length; i++)
		number |= (uint64_t)bytes[i] << 8 * i;
	return number;
}

static inline void pack_u8(struct pack *pack, uint8_t *number)
{
	pack_bytes(pack, number, 1);
}

static inline void pack_u16(struct pack *pack, uint16_t *number)
{
	*number = (uint16_t)pack_number(pack, *number, sizeof(*number));
}

static inline void pack_u32(struct pack *pack, uint32_t *number)
{
	*number = (uint32_t)pack_number(pack, *number, sizeof(*number));
}

static inline void pack_u64(struct pack *pack, uint64_t *number)
{
	*number = pack_number(pack, *number, sizeof(*number));
}

static inline void pack_bool(struct pack *pack, bool *truth)
{
	*truth = pack_number(pack, *truth, 1) != 0;
}

#endif
