/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a router quotes of a datagram in an ICMP error, read and compared with what was sent. */
#ifndef PATH_QUOTE_H
#define PATH_QUOTE_H

#include "base/text.h"
#include "report/report.h"
#include "sipalg/address.h"

struct quote {
	struct text payload;        /* of the UDP datagram, as much as there is */
	bool has_header;            /* the rest is known */
	sipalg_endpoint source, to; /* as quoted */
	uint16_t length, checksum;  /* of the quoted UDP header */
	bool out_of_hops;           /* time exceeded; else unreachable */
	bool by_port;               /* unreachable: nobody listens there; the far end itself says so */
};

/* Reads an ICMP error from its type on (RFC 792, RFC 4443, extensions by RFC 4884) that quotes a UDP datagram of the
 * same family. False: it is something else, or cut before the end of the quoted UDP header. */
SIPALG_MUST_USE
bool quote_read(struct text icmp, bool ipv6, struct quote *quote);

/* The quoted bytes without an extension structure that a router appended without saying so (RFC 4884 5.1: behind 128
 * bytes of the quoted packet). `header` is the length of the quoted headers, IP's and UDP's. */
struct text quote_without_extension(struct text payload, size_t header);

/* What was sent. */
struct original {
	struct text bytes;
	size_t first_address_end; /* a quote that ends before tells little */
	uint16_t checksum;        /* of UDP; 0: not known */
};

struct quote_verdict {
	enum hop_state state;
	bool whole;         /* the whole message was quoted */
	bool by_numbers;    /* told by UDP's length or checksum: it is not known what was changed */
	bool checksum_fits; /* the quote has the very checksum: it comes through here */
	size_t seen;        /* bytes of the message that were quoted */
};

/* `checksums_come_through`: that of an earlier hop's quote was right, so that another one means something. */
struct quote_verdict quote_judge(const struct original *original, const struct quote *quote,
                                 bool checksums_come_through);

/* UDP's checksum (RFC 768, RFC 8200 8.1). */
uint16_t quote_checksum(const sipalg_endpoint *from, const sipalg_endpoint *to, struct text payload);

/* Of two messages of which one may be cut: as many whole lines as both have. */
void quote_cut_alike(struct text *sent, struct text *quoted);

#endif
