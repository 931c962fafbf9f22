/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/passage.h"

#include "sip/message.h"
#include "translate/crossing.h"

/* A capture is from the inside when it shows inside hosts talking to others; from the outside when it shows the
 * router's own address. The first packet decides: one capture may hold both sides, and each packet counts once. */
static enum seen_from side_of(const struct passage *passage, const struct capture_item *item, bool *crosses)
{
	bool from_inside = router_is_inside(passage->router, &item->source.address);
	bool to_inside = router_is_inside(passage->router, &item->destination.address);
	*crosses = from_inside != to_inside;
	if (from_inside || to_inside)
		return SEEN_FROM_INSIDE;
	bool from_own = router_is_own(passage->router, &item->source.address);
	*crosses = from_own != router_is_own(passage->router, &item->destination.address);
	return *crosses ? SEEN_FROM_OUTSIDE : SEEN_FROM_NOWHERE;
}

/* As the kernel sorts: by SIP's port and by the first bytes. */
static bool is_sip(const struct capture_item *item)
{
	struct sip_message message;
	return item->bytes.length > 0 && sip_message_parse(item->bytes, &message) != SIP_NOT_SIP;
}

static bool write_out(const struct crossing *crossing, struct text payload)
{
	return !crossing->item->cut &&
	       capture_write_datagram(crossing->passage->writer, crossing->item, &crossing->far_source,
	                              &crossing->far_destination, payload);
}

static void take_datagram(struct passage *passage, const struct capture_item *item)
{
	struct crossing crossing = crossing_begin(passage, item);
	struct text payload = item->bytes;
	bool sip = is_sip(item);
	if (!crossing_find_phone(&crossing, sip ? payload : text_first(payload, 0))) {
		passage->counts.unknown_host++;
		return;
	}
	if (sip)
		payload = crossing_pass(&crossing, payload, item->body_left);
	passage->counts.media += !sip;
	if (crossing_find_far(&crossing) && write_out(&crossing, payload))
		passage->counts.written++;
	else
		passage->counts.left_out++;
}

void passage_take(struct passage *passage, const struct capture_item *item)
{
	bool crosses;
	router_time_pass(passage->router, item->frame->time_ns);
	if (item->kind != CAPTURE_DATAGRAM && item->kind != CAPTURE_SEGMENT) {
		passage->counts.left_out += item->kind != CAPTURE_FRAGMENT;
		return;
	}
	enum seen_from side = side_of(passage, item, &crosses);
	if (!crosses || side == SEEN_FROM_NOWHERE) {
		passage->counts.not_crossing++;
		return;
	}
	if (passage->seen_from == SEEN_FROM_NOWHERE)
		passage->seen_from = side;
	if (passage->seen_from != side) {
		passage->counts.other_side++;
		return;
	}
	if (item->kind == CAPTURE_DATAGRAM)
		take_datagram(passage, item);
	else
		segments_take(passage, item);
}
