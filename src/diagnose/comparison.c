/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a router changed in a message that was seen on both its sides. */
#include "diagnose/state.h"

#include "compare/judge.h"

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

void diagnosis_compare(struct diagnosis *diagnosis, struct call *call, struct event *event, struct text sent,
                       struct text received)
{
	struct charges charges;
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
