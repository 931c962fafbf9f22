/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By which names the plane knows bindings: a slot is used again, a name not for long. */
#include "track/bindings.h"

enum { GENERATION_BITS = 32 - HANDLE_SLOT_BITS };

uint32_t bindings_handle(const struct bindings *bindings, uint32_t slot)
{
	return (uint32_t)bindings->list[slot].generation << HANDLE_SLOT_BITS | slot;
}

uint32_t bindings_slot(const struct bindings *bindings, uint32_t handle)
{
	uint32_t slot = handle & ((1u << HANDLE_SLOT_BITS) - 1);
	if (!slot || slot > bindings->pool.touched)
		return 0;
	const struct binding *binding = &bindings->list[slot];
	return binding->state == BINDING_ALIVE && binding->generation == handle >> HANDLE_SLOT_BITS ? slot : 0;
}

void bindings_rename(struct binding *binding)
{
	binding->generation = (binding->generation + 1) & ((1u << GENERATION_BITS) - 1);
}
