/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a router changed in a message that was seen on both its sides. */
#include "diagnose/state.h"

#include "compare/judge.h"

#include <stdio.h>

/* What fails when such a thing was changed: whoever judges the call need not look for another reason. */
static void blame(struct call *call, enum fault_kind fault)
{
	switch ((int)fault) {
	case FAULT_CONTACT_NOT_REWRITTEN:
	case FAULT_CONTACT_UNREACHABLE:
	case FAULT_CONTACT_PORT_WRONG:
	case FAULT_HALF_REWRITTEN:
	case FAULT_REQUEST_URI_REWRITTEN:
	case FAULT_TAG_REWRITTEN:
	case FAULT_BRANCH_REWRITTEN:
		call->contact_blamed = true;
		break;
	case FAULT_SDP_NOT_REWRITTEN:
	case FAULT_SDP_ADDRESS_WRONG:
	case FAULT_SDP_PORT_WRONG:
	case FAULT_ICE_MISMATCH:
		call->media_blamed = true;
		break;
	default:
		break;
	}
}

static void note_rewriting(struct diagnosis *diagnosis, const struct charges *charges, const struct evidence *evidence,
                           const struct event *event)
{
	const char *whole = charges->count == 0 ? ", coherently" : "";
	if (charges->rewritten)
		causes_add(&diagnosis->causes, FAULT_ALG_REWRITES, 0, CONFIDENCE_CERTAIN, evidence,
		           "%s leaves the router with its inside addresses replaced%s", event->method_name, whole);
	if (charges->restored)
		causes_add(&diagnosis->causes, FAULT_ALG_UNDOES_ON_RETURN, 0, CONFIDENCE_CERTAIN, evidence,
		           "%s comes in with the inside addresses put back%s", event->method_name, whole);
}

static void judge_pair(const struct event *event, struct text sent, struct text received, struct charges *charges)
{
	const struct seen *first = &event->seen[0], *second = &event->seen[1];
	struct judge judge = { .outside_count = 1, .neighbours = true };
	bool came_in = sipalg_address_equal(&first->from.address, &second->from.address) &&
	               !sipalg_address_equal(&first->to.address, &second->to.address);
	if (came_in) {
		judge.inside = second->to.address;
		judge.outsides[0] = first->to.address;
		judge_return(&judge, sent, received, charges);
		return;
	}
	judge.inside = first->from.address;
	judge.outsides[0] = second->from.address;
	judge.port = first->from.port;
	judge.port_seen = second->from.port;
	judge_outbound(&judge, sent, received, charges);
}

/* ---- Over TCP ---- */

static bool names(struct text message, const sipalg_address *address)
{
	char text[SIPALG_ADDRESS_TEXT_MAX];
	sipalg_address_write(address, text);
	return memmem(message.start, message.length, text, strlen(text)) != NULL;
}

/* Some ALGs take a segment for a message, and look at no other: see judge_connections(). */
static void count_split(struct split_count *count, const struct call *call, const struct event *event, struct text sent,
                        struct text received)
{
	const struct seen *first = &event->seen[0], *second = &event->seen[1];
	bool untouched = text_equal(sent, received);
	if (first->from.protocol != SIPALG_PROTOCOL_TCP ||
	    sipalg_address_equal(&first->from.address, &second->from.address) || !names(sent, &first->from.address))
		return;
	count->rewritten += !untouched;
	count->untouched += untouched && !first->is_split;
	if (!untouched || !first->is_split || count->untouched_split++ > 0)
		return;
	count->first.call = call->hash;
	snprintf(count->first.id, sizeof count->first.id, "%s", call->id);
	snprintf(count->first.method, sizeof count->first.method, "%s", event->method_name);
}

void diagnosis_compare(struct diagnosis *diagnosis, struct call *call, struct event *event, struct text sent,
                       struct text received)
{
	struct charges charges;
	count_split(&diagnosis->split, call, event, sent, received);
	if (text_equal(sent, received))
		return;
	struct evidence evidence = { .call = call->hash, .where = call->id, .sent = sent, .received = received };
	diagnosis->altered++;
	judge_pair(event, sent, received, &charges);
	event->mark = charges.count > 0 ? MARK_BAD : MARK_CHANGED;
	event->remark = charges.count > 0 ? fault_of(charges.list[0].fault)->name : "rewritten";
	note_rewriting(diagnosis, &charges, &evidence, event);
	for (size_t i = 0; i < charges.count; i++) {
		blame(call, charges.list[i].fault);
		causes_add(&diagnosis->causes, charges.list[i].fault, 0, CONFIDENCE_CERTAIN, &evidence, "%s%s%s: %s",
		           event_is_request(event) ? "" : "answer to ", event->method_name,
		           event->by == PARTY_CALLER ? " of the caller" : " of the called", charges.list[i].detail);
	}
}
