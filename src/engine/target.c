/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the far end sends its requests within a call: the Contact it was given last, and has accepted. */
#include "engine/engine.h"

static void forget_former(struct passage *passage, uint32_t slot)
{
	leg_reach(passage, slot, LEG_BY_FORMER_CONTACT, 0);
	leg_reach(passage, slot, LEG_BY_FORMER_TWIN, 0);
}

/* The far end goes on using the Contact it has until it accepts the request, and for good when it refuses. */
static void propose(struct passage *passage, uint32_t slot, const struct passing_contact *contact)
{
	struct leg *leg = leg_at(passage, slot);
	if (leg->ways[LEG_BY_CONTACT] != contact->binding && !leg->ways[LEG_BY_FORMER_CONTACT]) {
		leg_reach(passage, slot, LEG_BY_FORMER_CONTACT, leg->ways[LEG_BY_CONTACT]);
		leg_reach(passage, slot, LEG_BY_FORMER_TWIN, leg->ways[LEG_BY_TWIN]);
	}
	if (!passage->contact_waits && !leg->ways[LEG_BY_FORMER_CONTACT])
		return;
	leg->contact = passage->contact_waits ? passage->waiting : (struct writing){ .form = FORM_UNKNOWN };
	leg->contact_cseq = (uint32_t)passage->message.cseq;
}

void target_take_over(struct passage *passage, uint32_t slot, const struct passing_contact *contact)
{
	if (passage->changes_call)
		propose(passage, slot, contact);
	leg_reach(passage, slot, LEG_BY_CONTACT, contact->binding);
	leg_reach(passage, slot, LEG_BY_TWIN, contact->twin);
	if (!passage->changes_call) /* last: the former Contact may be this one again, and must not close between */
		forget_former(passage, slot);
}

static bool is_answered(const struct passage *passage, const struct leg *leg)
{
	return passage->packet->direction == SIPALG_INBOUND && leg->contact_cseq == (uint32_t)passage->message.cseq;
}

void target_accepted(struct passage *passage, uint32_t slot)
{
	sipalg_engine *engine = passage->engine;
	struct leg *leg = leg_at(passage, slot);
	if (!is_answered(passage, leg))
		return;
	if (leg->contact.form != FORM_UNKNOWN && leg->ways[LEG_BY_CONTACT])
		forms_note(&engine->forms, &engine->key, &engine->bindings.list[leg->ways[LEG_BY_CONTACT]],
		           FORM_CONTACT, passage->call_id_text, leg->contact);
	leg->contact.form = FORM_UNKNOWN;
	forget_former(passage, slot);
}

void target_refused(struct passage *passage, uint32_t slot)
{
	struct leg *leg = leg_at(passage, slot);
	if (!leg->ways[LEG_BY_FORMER_CONTACT] || !is_answered(passage, leg))
		return;
	leg_reach(passage, slot, LEG_BY_CONTACT, leg->ways[LEG_BY_FORMER_CONTACT]);
	leg_reach(passage, slot, LEG_BY_TWIN, leg->ways[LEG_BY_FORMER_TWIN]);
	forget_former(passage, slot);
}
