/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/crossing.h"

#include "translate/phones.h"

struct crossing crossing_begin(struct passage *passage, const struct capture_item *item)
{
	bool outbound = passage->seen_from == SEEN_FROM_INSIDE
	                        ? router_is_inside(passage->router, &item->source.address)
	                        : router_is_own(passage->router, &item->source.address);
	return (struct crossing){ .passage = passage,
		                  .item = item,
		                  .direction = outbound ? SIPALG_OUTBOUND : SIPALG_INBOUND,
		                  .source = item->source,
		                  .destination = item->destination };
}

bool crossing_find_phone(struct crossing *crossing, struct text message)
{
	struct router *router = crossing->passage->router;
	const struct capture_item *item = crossing->item;
	if (crossing->passage->seen_from == SEEN_FROM_INSIDE)
		return true;
	if (crossing->direction == SIPALG_INBOUND)
		return router_inside_of(router, &item->destination, &crossing->destination);
	return router_inside_of(router, &item->source, &crossing->source) ||
	       (!text_is_empty(message) && phone_find(router, &item->source, message, &crossing->source));
}

bool crossing_find_far(struct crossing *crossing)
{
	struct router *router = crossing->passage->router;
	const struct capture_item *item = crossing->item;
	crossing->far_source = crossing->source;
	crossing->far_destination = crossing->destination;
	if (crossing->passage->seen_from == SEEN_FROM_OUTSIDE)
		return true;
	return crossing->direction == SIPALG_OUTBOUND
	               ? router_outside_of(router, &item->source, item->source.port, &crossing->far_source)
	               : router_outside_of(router, &item->destination, item->destination.port,
	                                   &crossing->far_destination);
}

/* ---- Messages ---- */

static struct text bytes_of(const sipalg_verdict *verdict)
{
	return (struct text){ (const char *)verdict->bytes, verdict->length };
}

static void handle(struct crossing *crossing, struct text message, uint64_t body_left, sipalg_verdict *verdict)
{
	router_handle(crossing->passage->router, crossing->direction, &crossing->source, &crossing->destination,
	              message, (size_t)body_left, verdict);
}

static void tell(const struct crossing *crossing, struct text message, const sipalg_verdict *verdict)
{
	struct passage *passage = crossing->passage;
	passage->counts.messages++;
	passage->tell(passage->context, &(struct passage_message){ .item = crossing->item,
	                                                           .direction = crossing->direction,
	                                                           .source = crossing->source,
	                                                           .destination = crossing->destination,
	                                                           .bytes = message,
	                                                           .verdict = verdict });
}

/* What was sent for a phone to get this: that of which the router makes what was captured. */
static struct text take_back(struct crossing *crossing, struct text message, uint64_t body_left)
{
	struct passage *passage = crossing->passage;
	sipalg_verdict verdict;
	size_t length = reverse_message(passage->router, &crossing->destination, message, passage->reversed);
	struct text sent = { passage->reversed, length };
	if (length > 0)
		handle(crossing, sent, body_left, &verdict);
	if (length == 0 || !text_equal(bytes_of(&verdict), message)) {
		handle(crossing, message, body_left, &verdict);
		sent = message;
	}
	tell(crossing, sent, &verdict);
	return sent;
}

struct text crossing_pass(struct crossing *crossing, struct text message, uint64_t body_left)
{
	bool from_inside = crossing->passage->seen_from == SEEN_FROM_INSIDE;
	bool outbound = crossing->direction == SIPALG_OUTBOUND;
	sipalg_verdict verdict;
	if (from_inside && !outbound)
		return take_back(crossing, message, body_left);
	handle(crossing, message, body_left, &verdict);
	tell(crossing, message, &verdict);
	return from_inside == outbound ? bytes_of(&verdict) : message;
}
