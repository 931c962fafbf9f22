/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers in network order. */
#ifndef CAPTURE_BYTES_H
#define CAPTURE_BYTES_H

#include <stdint.h>

static inline uint16_t bytes_read16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline uint32_t bytes_read32(const uint8_t *bytes)
{
	return (uint32_t)bytes_read16(bytes) << 16 | bytes_read16(bytes + 2);
}

static inline void bytes_write16(uint8_t *bytes, uint16_t number)
{
	bytes[0] = (uint8_t)(number >> 8);
	bytes[1] = (uint8_t)number;
}

static inline void bytes_write32(uint8_t *bytes, uint32_t number)
{
	bytes_write16(bytes, (uint16_t)(number >> 16));
	bytes_write16(bytes + 2, (uint16_t)number);
}

#endif
