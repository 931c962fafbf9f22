/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes captures for tests: packets told by their ends and payloads, framed for any link type, as pcap or pcapng. */
#ifndef TESTS_CAPTURE_COMPOSER_H
#define TESTS_CAPTURE_COMPOSER_H

#include "base/text.h"
#include "sipalg/address.h"

#include <stdio.h>

struct composer {
	FILE *file; /* of its own; read it after composer_rewind() */
	int link_type;
	bool is_ng;      /* pcapng */
	int tags;        /* VLAN tags of an Ethernet frame */
	bool is_pppoe;   /* … PPPoE within it */
	bool extensions; /* IPv6 with extension headers */
	size_t snapshot; /* bytes kept of a frame; 0: all */
	uint8_t hop_limit;
	uint16_t identification;
	uint32_t acknowledged;   /* what TCP segments acknowledge … */
	struct text tcp_options; /* … and their options, a multiple of four bytes */
};

/* An empty capture in a temporary file. */
struct composer composer_begin(int link_type, bool is_ng);

/* The same that has been written, to be read from the start. The composer may go on afterwards with composer_end(). */
FILE *composer_reader(struct composer *composer);
void composer_save(struct composer *composer, const char *path);
void composer_end(struct composer *composer);

/* "192.0.2.1:5060" or "[2001:db8::1]:5060" */
sipalg_endpoint composer_endpoint(const char *text);

void compose_frame(struct composer *composer, uint64_t time_ns, const uint8_t *bytes, size_t length);
void compose_udp(struct composer *composer, uint64_t time_ns, const sipalg_endpoint *from, const sipalg_endpoint *to,
                 struct text payload);
/* In fragments of so many bytes of IP payload each; those of which the bit is set in `lost` are left out. */
void compose_fragments(struct composer *composer, uint64_t time_ns, const sipalg_endpoint *from,
                       const sipalg_endpoint *to, struct text payload, size_t each, uint32_t lost);
void compose_tcp(struct composer *composer, uint64_t time_ns, const sipalg_endpoint *from, const sipalg_endpoint *to,
                 uint32_t sequence, uint8_t flags, struct text payload);
/* An ICMP error to `from`: what it sent to `to` was not delivered. */
void compose_unreachable(struct composer *composer, uint64_t time_ns, const sipalg_endpoint *from,
                         const sipalg_endpoint *to);
/* The same with a code of ICMP's. */
void compose_error(struct composer *composer, uint64_t time_ns, const sipalg_endpoint *from, const sipalg_endpoint *to,
                   uint8_t code);

#endif
