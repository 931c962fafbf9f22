/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/passage.h"

#include "sip/message.h"
#include "translate/phones.h"

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

static void write_out(struct passage *passage, const struct capture_item *item, const sipalg_endpoint *source,
                      const sipalg_endpoint *destination, struct text payload)
{
	if (item->kind == CAPTURE_DATAGRAM && !item->cut &&
	    capture_write_datagram(passage->writer, item, source, destination, payload))
		passage->counts.written++;
	else if (item->kind == CAPTURE_DATAGRAM)
		passage->counts.left_out++;
}

static void tell(struct passage *passage, const struct passage_message *message)
{
	passage->counts.messages++;
	passage->tell(passage->context, message);
}

static struct text bytes_of(const sipalg_verdict *verdict)
{
	return (struct text){ (const char *)verdict->bytes, verdict->length };
}

/* ---- A capture from the inside ---- */

static void leave(struct passage *passage, const struct capture_item *item)
{
	sipalg_verdict verdict;
	sipalg_endpoint outside;
	struct text payload = item->bytes;
	bool sip = is_sip(item);
	if (sip) {
		router_handle(passage->router, SIPALG_OUTBOUND, &item->source, &item->destination, item->bytes,
		              (size_t)item->body_left, &verdict);
		payload = bytes_of(&verdict);
	}
	passage->counts.media += !sip;
	if (router_outside_of(passage->router, &item->source, item->source.port, &outside))
		write_out(passage, item, &outside, &item->destination, payload);
	else
		passage->counts.left_out++;
	if (sip)
		tell(passage, &(struct passage_message){ .item = item,
		                                         .direction = SIPALG_OUTBOUND,
		                                         .source = item->source,
		                                         .destination = item->destination,
		                                         .bytes = item->bytes,
		                                         .verdict = &verdict });
}

/* Whether the router makes of `sent` what was captured: then that is what was sent. */
static bool leads_to(struct passage *passage, const struct capture_item *item, struct text sent,
                     sipalg_verdict *verdict)
{
	router_handle(passage->router, SIPALG_INBOUND, &item->source, &item->destination, sent, (size_t)item->body_left,
	              verdict);
	return text_equal(bytes_of(verdict), item->bytes);
}

/* What has come in: outside it was what the router made this of. */
static void have_come(struct passage *passage, const struct capture_item *item)
{
	sipalg_verdict verdict;
	sipalg_endpoint outside;
	struct text sent = item->bytes;
	bool sip = is_sip(item), reversed = false;
	if (sip) {
		size_t length = reverse_message(passage->router, &item->destination, item->bytes, passage->reversed);
		struct text candidate = { passage->reversed, length };
		reversed = length > 0 && leads_to(passage, item, candidate, &verdict);
		if (reversed)
			sent = candidate;
		else
			(void)leads_to(passage, item, item->bytes, &verdict);
	}
	passage->counts.media += !sip;
	if (router_outside_of(passage->router, &item->destination, item->destination.port, &outside))
		write_out(passage, item, &item->source, &outside, sent);
	else
		passage->counts.left_out++;
	if (sip)
		tell(passage, &(struct passage_message){ .item = item,
		                                         .direction = SIPALG_INBOUND,
		                                         .source = item->source,
		                                         .destination = item->destination,
		                                         .bytes = sent,
		                                         .verdict = &verdict,
		                                         .reversed = reversed });
}

/* ---- A capture from the outside ---- */

/* What has left: the message is what the phone wrote, as no gateway was there; which phone that is, it says itself. */
static void have_left(struct passage *passage, const struct capture_item *item)
{
	sipalg_verdict verdict;
	sipalg_endpoint inside;
	bool sip = is_sip(item);
	if (!router_inside_of(passage->router, &item->source, &inside) &&
	    !(sip && phone_find(passage->router, item, &inside))) {
		passage->counts.unknown_host++;
		return;
	}
	passage->counts.media += !sip;
	write_out(passage, item, &inside, &item->destination, item->bytes);
	if (!sip)
		return;
	router_handle(passage->router, SIPALG_OUTBOUND, &inside, &item->destination, item->bytes,
	              (size_t)item->body_left, &verdict);
	tell(passage, &(struct passage_message){ .item = item,
	                                         .direction = SIPALG_OUTBOUND,
	                                         .source = inside,
	                                         .destination = item->destination,
	                                         .bytes = item->bytes,
	                                         .verdict = &verdict });
}

static void come_in(struct passage *passage, const struct capture_item *item)
{
	sipalg_verdict verdict;
	sipalg_endpoint inside;
	struct text payload = item->bytes;
	bool sip = is_sip(item);
	if (!router_inside_of(passage->router, &item->destination, &inside)) {
		passage->counts.unknown_host++;
		return;
	}
	passage->counts.media += !sip;
	if (sip) {
		router_handle(passage->router, SIPALG_INBOUND, &item->source, &inside, item->bytes,
		              (size_t)item->body_left, &verdict);
		payload = bytes_of(&verdict);
	}
	write_out(passage, item, &item->source, &inside, payload);
	if (sip)
		tell(passage, &(struct passage_message){ .item = item,
		                                         .direction = SIPALG_INBOUND,
		                                         .source = item->source,
		                                         .destination = inside,
		                                         .bytes = item->bytes,
		                                         .verdict = &verdict });
}

static bool is_passed_on(enum capture_kind kind)
{
	switch (kind) {
	case CAPTURE_DATAGRAM:
	case CAPTURE_MESSAGE:
		return true;
	case CAPTURE_OTHER:
	case CAPTURE_SEGMENT:
	case CAPTURE_FRAGMENT:
	case CAPTURE_FRAGMENTS_LOST:
	case CAPTURE_UNREACHABLE:
		break;
	}
	return false;
}

void passage_take(struct passage *passage, const struct capture_item *item)
{
	bool crosses, outbound;
	router_time_pass(passage->router, item->frame->time_ns);
	if (!is_passed_on(item->kind)) {
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
	if (side == SEEN_FROM_INSIDE) {
		outbound = router_is_inside(passage->router, &item->source.address);
		(outbound ? leave : have_come)(passage, item);
	} else {
		outbound = router_is_own(passage->router, &item->source.address);
		(outbound ? have_left : come_in)(passage, item);
	}
}
