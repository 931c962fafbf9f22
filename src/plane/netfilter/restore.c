/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking over the bindings a predecessor left in the kernel, and giving the kernel those the engine holds. */
#include "plane/netfilter/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- From the kernel to the engine ---- */

struct found_list {
	struct element_found *rows;
	size_t count, capacity;
	bool failed;
};

static void found_add(void *context, const struct element_found *found)
{
	struct found_list *list = context;

	if (list->count == list->capacity) {
		size_t capacity = list->capacity == 0 ? 1024 : list->capacity * 2;
		struct element_found *rows = realloc(list->rows, capacity * sizeof(*rows));

		if (rows == NULL) {
			list->failed = true;
			return;
		}
		list->rows = rows;
		list->capacity = capacity;
	}
	list->rows[list->count++] = *found;
}

static int found_order(const void *left, const void *right)
{
	const struct element_found *one = left, *other = right;

	return memcmp(&one->key, &other->key, sizeof(one->key));
}

/* The first row of an outside endpoint; NULL: none. */
static const struct element_found *found_first(const struct found_list *list, const sipalg_endpoint *key)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(&list->rows[middle].key, key, sizeof(*key)) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list->count && sipalg_endpoint_equal(&list->rows[low].key, key) ? &list->rows[low] : NULL;
}

static void restore_peers(struct plane *plane, const struct found_list *list, const sipalg_command *open,
                          uint32_t binding)
{
	const struct element_found *row = found_first(list, &open->outside);

	for (; row != NULL && row < list->rows + list->count && sipalg_endpoint_equal(&row->key, &open->outside);
	     row++) {
		sipalg_endpoint peer = { .address = row->peer, .protocol = row->key.protocol };

		(void)peers_add(&plane->peers, binding, &peer);
	}
}

static void restore_binding(struct plane *plane, uint64_t now_ns, const struct element_found *row,
                            const struct found_list lists[RULESET_MAP_COUNT])
{
	sipalg_command open = {
		.kind = SIPALG_COMMAND_OPEN,
		.inside = row->key,
		.outside = row->value,
		.lease_s = row->lifetime_s > ELEMENTS_GRACE_S ? row->lifetime_s - ELEMENTS_GRACE_S : 1,
	};
	uint32_t binding;

	if (found_first(&lists[RULESET_MAP_IN_ANY], &open.outside) != NULL)
		open.admits = SIPALG_ADMITS_ANY;
	open.signalling = found_first(&lists[RULESET_MAP_IN_SERVER], &open.outside) != NULL;
	if (!sipalg_engine_restore_binding(plane->engine, now_ns, &open, &binding))
		return; /* its elements end by themselves */
	plane->counters.restored++;
	if (open.admits == SIPALG_ADMITS_PEERS)
		restore_peers(plane, &lists[RULESET_MAP_IN_PEER], &open, binding);
}

/* Every binding that translates is in `out`; one that does not is known by its being its own value. */
static void restore_all(struct plane *plane, uint64_t now_ns, const struct found_list lists[RULESET_MAP_COUNT])
{
	for (enum ruleset_map map = RULESET_MAP_OUT; map < RULESET_MAP_COUNT; map++)
		for (size_t index = 0; index < lists[map].count; index++) {
			const struct element_found *row = &lists[map].rows[index];

			if (map == RULESET_MAP_OUT || sipalg_endpoint_equal(&row->key, &row->value))
				restore_binding(plane, now_ns, row, lists);
		}
}

void restore_bindings(struct plane *plane, uint64_t now_ns)
{
	struct found_list lists[RULESET_MAP_COUNT] = { 0 };

	if (!ruleset_exists(&plane->nftables))
		return;
	for (enum ruleset_map map = RULESET_MAP_OUT; map < RULESET_MAP_COUNT; map++) {
		(void)elements_read(&plane->nftables, map, found_add, &lists[map]);
		if (lists[map].count > 0)
			qsort(lists[map].rows, lists[map].count, sizeof(lists[map].rows[0]), found_order);
	}
	restore_all(plane, now_ns, lists);
	for (enum ruleset_map map = RULESET_MAP_OUT; map < RULESET_MAP_COUNT; map++)
		free(lists[map].rows);
}

/* ---- What only a snapshot holds ---- */

static bool shares_an_address(const struct plane *plane, const sipalg_address *inside)
{
	for (size_t index = 0; index < plane->networks.count; index++)
		if (plane->networks.list[index].translation != SIPALG_TRANSLATION_PORTS &&
		    sipalg_prefix_contains(&plane->networks.list[index].inside, inside))
			return false;
	return true;
}

/* The address was replaced while nobody looked. Or it is still that of an interface by which the default route led
 * earlier: calls go on there. */
static void forget_replaced(struct plane *plane)
{
	bool adopted = false;
	sipalg_address forgotten = { { 0 } };
	sipalg_binding_view view;
	uint32_t cursor = 0;

	while (sipalg_engine_next_binding(plane->engine, &cursor, &view)) {
		const sipalg_address *outside = &view.outside.address;

		if (sipalg_address_equal(outside, &forgotten) || !shares_an_address(plane, &view.inside.address) ||
		    interfaces_outside_lives(plane, outside))
			continue;
		forgotten = *outside;
		if (links_adopt(&plane->links, &plane->state, outside))
			adopted = true;
		else
			sipalg_engine_forget_outside(plane->engine, outside);
	}
	if (adopted)
		(void)interfaces_look(plane);
}

static void count_connectable(struct plane *plane)
{
	sipalg_binding_view view;
	uint32_t cursor = 0;

	plane->connectable = 0;
	while (sipalg_engine_next_binding(plane->engine, &cursor, &view))
		plane->connectable += view.outside.protocol == SIPALG_PROTOCOL_TCP;
}

void restore_rest(struct plane *plane, uint64_t now_ns)
{
	forget_replaced(plane);
	while (sipalg_engine_deadline(plane->engine) <= now_ns) {
		sipalg_engine_advance(plane->engine, now_ns);
		plane_carry_out(plane, now_ns);
	}
	count_connectable(plane);
}

/* ---- From the engine to the kernel ---- */

static void refuse_restored(void *context, uint32_t binding)
{
	struct plane *plane = context;

	plane->counters.bindings_refused++;
	sipalg_engine_forget_binding(plane->engine, binding);
	peers_forget(&plane->peers, binding);
}

static void add_binding(struct plane *plane, uint64_t now_ns, const sipalg_binding_view *view)
{
	sipalg_command open = { .kind = SIPALG_COMMAND_OPEN,
		                .binding = view->binding,
		                .admits = view->admits,
		                .signalling = view->signalling,
		                .lease_s = SIPALG_LEASE_MAX_S,
		                .inside = view->inside,
		                .outside = view->outside };
	uint32_t cursor = PEERS_END;
	const struct peer *peer;

	if (view->owners == 0) {
		if (view->deadline_ns <= now_ns)
			return;
		if (view->deadline_ns - now_ns < SIPALG_LEASE_MAX_S * SIPALG_SECOND_NS)
			open.lease_s = (uint32_t)((view->deadline_ns - now_ns) / SIPALG_SECOND_NS) + 1;
	}
	elements_open_binding(&plane->elements, &open);
	open.kind = SIPALG_COMMAND_ADMIT;
	while ((peer = peers_next(&plane->peers, view->binding, &cursor)) != NULL) {
		open.peer = peer_endpoint(peer);
		if (peer->port == 0)
			elements_admit_peer(&plane->elements, &open);
	}
}

int restore_table(struct plane *plane, uint64_t now_ns)
{
	sipalg_binding_view view;
	uint32_t cursor = 0;
	int error = ruleset_install(&plane->nftables, &plane->contents);

	elements_drop(&plane->elements);
	plane->commit_ns = SIPALG_NEVER;
	while (error == 0 && sipalg_engine_next_binding(plane->engine, &cursor, &view)) {
		add_binding(plane, now_ns, &view);
		if (!elements_have_room(&plane->elements))
			error = elements_commit(&plane->elements, &plane->nftables, refuse_restored, plane);
	}
	if (error == 0)
		error = elements_commit(&plane->elements, &plane->nftables, refuse_restored, plane);
	return error;
}
