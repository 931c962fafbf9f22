/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/link.h"

#include "capture/bytes.h"

#include <pcap/dlt.h>

enum {
	ETHERNET_ADDRESSES = 12,
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	TYPE_VLAN = 0x8100,
	TYPE_QINQ = 0x88a8, /* IEEE 802.1ad; before it was agreed on, 0x9100 */
	TYPE_QINQ_OLD = 0x9100,
	TYPE_PPPOE = 0x8864, /* RFC 2516 4 */
	TAGS_MAX = 4,
	PPPOE_HEADER = 6,
	PPPOE_LENGTH_AT = 4,
	PPP_IPV4 = 0x0021, /* RFC 1661 2 */
	PPP_IPV6 = 0x0057,
	SLL_TYPE_AT = 14, /* the packet's type in the header of Linux "any" */
	SLL_LENGTH = 16,
	SLL2_INTERFACE_AT = 4,
	SLL2_LENGTH = 20,
	LOOPBACK_LENGTH = 4,
};

static bool holds_ip(const uint8_t *frame, size_t length, struct link *link, size_t offset)
{
	link->offset = offset;
	return offset < length && (frame[offset] >> 4 == 4 || frame[offset] >> 4 == 6);
}

/* The protocol field may be compressed to one byte (RFC 1661 6.5), and address and control left out. */
static bool ppp_read(const uint8_t *frame, size_t length, struct link *link, size_t at)
{
	uint16_t protocol;
	if (at + 2 <= length && frame[at] == 0xff && frame[at + 1] == 0x03)
		at += 2;
	if (at + 2 > length)
		return false;
	bool compressed = frame[at] & 1;
	protocol = compressed ? frame[at] : bytes_read16(frame + at);
	at += compressed ? 1 : 2;
	return (protocol == PPP_IPV4 || protocol == PPP_IPV6) && holds_ip(frame, length, link, at);
}

static bool pppoe_read(const uint8_t *frame, size_t length, struct link *link, size_t at)
{
	link->pppoe_length = at + PPPOE_LENGTH_AT;
	return at + PPPOE_HEADER <= length && ppp_read(frame, length, link, at + PPPOE_HEADER);
}

/* `at` is where an EtherType stands. */
static bool type_read(const uint8_t *frame, size_t length, struct link *link, size_t at)
{
	for (int tags = 0; tags <= TAGS_MAX && at + 2 <= length; tags++, at += 4) {
		switch (bytes_read16(frame + at)) {
		case TYPE_IPV4:
		case TYPE_IPV6:
			return holds_ip(frame, length, link, at + 2);
		case TYPE_PPPOE:
			return pppoe_read(frame, length, link, at + 2);
		case TYPE_VLAN:
		case TYPE_QINQ:
		case TYPE_QINQ_OLD:
			break;
		default:
			return false;
		}
	}
	return false;
}

/* The type of what Linux "any" captured stands at its header's end in version 1, so that tags may follow it there; in
 * version 2 it is the first thing. */
static bool sll2_read(const uint8_t *frame, size_t length, struct link *link)
{
	if (length < SLL2_LENGTH)
		return false;
	link->interface = bytes_read32(frame + SLL2_INTERFACE_AT);
	switch (bytes_read16(frame)) {
	case TYPE_IPV4:
	case TYPE_IPV6:
		return holds_ip(frame, length, link, SLL2_LENGTH);
	case TYPE_VLAN:
	case TYPE_QINQ:
		return type_read(frame, length, link, SLL2_LENGTH + 2);
	case TYPE_PPPOE:
		return pppoe_read(frame, length, link, SLL2_LENGTH);
	default:
		return false;
	}
}

bool link_is_supported(int type)
{
	switch (type) {
	case DLT_EN10MB:
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
	case DLT_NULL:
	case DLT_LOOP:
	case DLT_PPP:
	case DLT_PPP_SERIAL:
	case DLT_PPP_ETHER:
		return true;
	default:
		return false;
	}
}

bool link_read(int type, const uint8_t *frame, size_t length, struct link *link)
{
	*link = (struct link){ 0 };
	switch (type) {
	case DLT_EN10MB:
		return type_read(frame, length, link, ETHERNET_ADDRESSES);
	case DLT_LINUX_SLL:
		return type_read(frame, length, link, SLL_TYPE_AT);
	case DLT_LINUX_SLL2:
		return sll2_read(frame, length, link);
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		return holds_ip(frame, length, link, 0);
	case DLT_NULL:
	case DLT_LOOP: /* the address family's number differs between systems: the version of IP tells */
		return holds_ip(frame, length, link, LOOPBACK_LENGTH);
	case DLT_PPP:
	case DLT_PPP_SERIAL:
		return ppp_read(frame, length, link, 0);
	case DLT_PPP_ETHER:
		return pppoe_read(frame, length, link, 0);
	default:
		return false;
	}
}
