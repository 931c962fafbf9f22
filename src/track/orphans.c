/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bindings that an earlier process has left in the plane. What its snapshot tells of them, owners lay claim to; media
 * that nobody claims belong to a call that was set up just before that process died, and nobody will say when it ends.
 */
#include "track/bindings.h"

void bindings_become_orphan(struct bindings *bindings, uint32_t slot, uint64_t now_ns)
{
	struct binding *binding = &bindings->list[slot];
	binding->is_orphan = !binding->is_signalling && !binding->owners;
	if (binding->is_orphan)
		binding->owned_until_s = seconds_rounded_up(now_ns) + SIPALG_WORDLESS_MAX_S;
}

/* Whether it carries anything is asked while it still has its lease. */
static uint32_t first_look_s(const struct bindings *bindings, uint32_t lease_s)
{
	uint32_t last_s = lease_s > BINDING_ASK_S ? lease_s - BINDING_ASK_S : 0;
	return last_s < bindings->silence_s ? last_s : bindings->silence_s;
}

uint32_t bindings_restore(struct bindings *bindings, uint64_t now_ns, const struct bind_wish *wish, uint32_t lease_s)
{
	sipalg_endpoint outside = { .address = wish->outside, .port = wish->port, .protocol = wish->inside.protocol };
	uint32_t slot = bindings_find_inside(bindings, &wish->inside, &wish->outside);
	uint64_t lease_until_ns = now_ns + lease_s * SIPALG_SECOND_NS;
	if (slot != bindings_find_outside(bindings, &outside))
		return 0;
	if (slot && (bindings->list[slot].state != BINDING_ALIVE || bindings->list[slot].is_open))
		return 0;
	if (!slot) {
		if (bindings_take(bindings, now_ns, wish, &slot) != BIND_OK)
			return 0;
		bindings->list[slot].deadline_ns = lease_until_ns;
		if (!wish->is_signalling)
			bindings->list[slot].deadline_ns = now_ns + first_look_s(bindings, lease_s) * SIPALG_SECOND_NS;
	}
	struct binding *binding = &bindings->list[slot];
	binding->leased_until_s = (uint32_t)(lease_until_ns / SIPALG_SECOND_NS); /* not longer than the plane has it */
	binding->is_open = true;
	binding->is_withheld = false;
	bindings_become_orphan(bindings, slot, now_ns);
	bindings->opened++;
	deadlines_set(bindings->deadlines, slot, now_ns); /* to be looked at with room for commands */
	return slot;
}

/* It lives as long as it carries something, as calls do; and no longer than those of which nobody says a word, whose
 * media are not cut. */
void bindings_look_after_orphan(struct bindings *bindings, uint32_t slot, uint64_t now_ns)
{
	struct binding *binding = &bindings->list[slot];
	bool is_silent =
	        binding->is_asked && (binding->heard_s + BINDING_ASK_S) * SIPALG_SECOND_NS < binding->deadline_ns;
	binding->keeps_flows = !is_silent && binding->owned_until_s * SIPALG_SECOND_NS <= now_ns;
	if (is_silent || binding->keeps_flows) {
		bindings_close(bindings, slot, now_ns);
		return;
	}
	if (!binding->is_asked)
		bindings_command(bindings, slot, SIPALG_COMMAND_ASK_TRAFFIC);
	binding->deadline_ns = now_ns + (binding->is_asked ? bindings->silence_s : BINDING_ASK_S) * SIPALG_SECOND_NS;
	binding->is_asked = !binding->is_asked;
	bindings_settle(bindings, slot, now_ns);
}
