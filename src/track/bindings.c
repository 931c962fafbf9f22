/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track/bindings.h"

#include "base/check.h"

enum {
	LEASE_OWNED_MIN_S = 900, /* an owned binding is told to the plane for so long: fewer refreshes, and the engine
	                          * closes it itself when its owner ends */
	LEASE_LEFT_MIN_S = 60,   /* a lease that ends so soon is renewed however little is to be added */
	LEASE_SLACK_S = 2,       /* … one that nobody owns */
};

void bindings_lay_out(struct bindings *bindings, struct arena *arena, uint32_t capacity)
{
	check(capacity < 1u << HANDLE_SLOT_BITS);
	pool_lay_out(&bindings->pool, arena, capacity);
	table_lay_out(&bindings->by_inside, arena, capacity);
	table_lay_out(&bindings->by_outside, arena, capacity);
	bindings->list = arena_take(arena, capacity + (size_t)1, sizeof(*bindings->list));
	pool_lay_out(&bindings->peer_pool, arena, capacity);
	bindings->peers = arena_take(arena, capacity + (size_t)1, sizeof(*bindings->peers));
	bindings->reserved_udp = arena_take(arena, PORT_BITMAP_BYTES, 1);
	bindings->reserved_tcp = arena_take(arena, PORT_BITMAP_BYTES, 1);
	bindings->quarantine_links = ages_lay_out(arena, capacity);
	hosts_lay_out(&bindings->hosts, arena, 2 * capacity); /* some have only legs, or what is in quarantine */
}

uint32_t bindings_find_inside(const struct bindings *bindings, const sipalg_endpoint *inside,
                              const sipalg_address *outside)
{
	uint32_t slot = table_first(&bindings->by_inside, endpoint_hash(&bindings->endpoint_key, inside));
	while (slot && !bindings_is(bindings, slot, inside, outside))
		slot = table_next(&bindings->by_inside, slot);
	return slot;
}

uint32_t bindings_find_outside(const struct bindings *bindings, const sipalg_endpoint *outside)
{
	uint32_t slot = table_first(&bindings->by_outside, endpoint_hash(&bindings->endpoint_key, outside));
	while (slot && !sipalg_endpoint_equal(&bindings->list[slot].outside, outside))
		slot = table_next(&bindings->by_outside, slot);
	return slot;
}

uint32_t bindings_find_alive_outside(const struct bindings *bindings, const sipalg_endpoint *outside)
{
	uint32_t slot = bindings_find_outside(bindings, outside);
	return slot && bindings->list[slot].state == BINDING_ALIVE ? slot : 0;
}

/* ---- Coming and going ---- */

static void free_slot(struct bindings *bindings, uint32_t slot)
{
	struct binding *binding = &bindings->list[slot];
	table_remove(&bindings->by_inside, endpoint_hash(&bindings->endpoint_key, &binding->inside), slot);
	table_remove(&bindings->by_outside, endpoint_hash(&bindings->endpoint_key, &binding->outside), slot);
	deadlines_set(bindings->deadlines, slot, DEADLINE_NEVER);
	binding->state = BINDING_FREE;
	bindings_rename(binding);
	pool_give_back(&bindings->pool, slot);
}

static void enter_quarantine(struct bindings *bindings, uint32_t slot)
{
	struct binding *binding = &bindings->list[slot];
	binding->state = BINDING_QUARANTINED;
	binding->deadline_ns = binding->kept_until_s * SIPALG_SECOND_NS;
	ages_add(&bindings->quarantine, bindings->quarantine_links, slot);
	hosts_quarantine(&bindings->hosts, binding->host, slot);
	deadlines_set(bindings->deadlines, slot, binding->deadline_ns);
}

static void leave_quarantine(struct bindings *bindings, uint32_t slot)
{
	ages_remove(&bindings->quarantine, bindings->quarantine_links, slot);
	hosts_leave_quarantine(&bindings->hosts, &bindings->endpoint_key, bindings->list[slot].host, slot);
	free_slot(bindings, slot);
}

static uint32_t take_slot(struct bindings *bindings)
{
	uint32_t slot = pool_take(&bindings->pool);
	if (!slot && bindings->quarantine.oldest) {
		leave_quarantine(bindings, bindings->quarantine.oldest);
		slot = pool_take(&bindings->pool);
	}
	return slot;
}

/* What a binding that begins to live has, new or come back from the quarantine. */
static void begin(struct binding *binding, uint64_t now_ns, const struct bind_wish *wish, uint32_t host)
{
	binding->deadline_ns = now_ns + SIPALG_UNANSWERED_S * SIPALG_SECOND_NS;
	binding->owned_until_s = 0;
	binding->leased_until_s = 0;
	binding->heard_s = 0;
	binding->owners = 0;
	binding->host = host;
	binding->first_peer = 0;
	binding->peer_count = 0;
	binding->state = BINDING_ALIVE;
	binding->is_open = false;
	binding->keeps_flows = false;
	binding->is_orphan = binding->is_asked = false;
	binding->is_withheld = wish->inside.protocol == SIPALG_PROTOCOL_TCP;
	binding->is_signalling = wish->is_signalling;
	binding->admits_any = wish->admits_any;
}

static enum bind_result revive(struct bindings *bindings, uint64_t now_ns, const struct bind_wish *wish, uint32_t slot)
{
	struct binding *binding = &bindings->list[slot];
	ages_remove(&bindings->quarantine, bindings->quarantine_links, slot);
	hosts_revive(&bindings->hosts, binding->host, slot);
	bindings_rename(binding);
	begin(binding, now_ns, wish, binding->host);
	return BIND_OK;
}

/* The ports of a host's bindings that have ended count, too: a host that opens and closes without end makes room for
 * itself only, and sooner than is good for it. */
static void make_room_for_host(struct bindings *bindings, const sipalg_address *address)
{
	uint32_t slot = hosts_find(&bindings->hosts, &bindings->endpoint_key, address);
	const struct host *host = &bindings->hosts.list[slot];
	if (slot && host->quarantine.count &&
	    host->counts[HOST_BINDINGS] + host->quarantine.count >= bindings->host_max)
		leave_quarantine(bindings, host->quarantine.oldest);
}

static enum bind_result create(struct bindings *bindings, uint64_t now_ns, const struct bind_wish *wish, uint32_t host,
                               uint32_t *out)
{
	uint16_t port = bindings_choose_port(bindings, wish);
	if (!port)
		return BIND_NO_PORT;
	uint32_t slot = take_slot(bindings);
	if (!slot)
		return BIND_TABLE_FULL;
	struct binding *binding = &bindings->list[slot];
	binding->inside = wish->inside;
	binding->kept_until_s = 0;
	binding->outside =
	        (sipalg_endpoint){ .address = wish->outside, .port = port, .protocol = wish->inside.protocol };
	memset(binding->forms, FORM_UNKNOWN, sizeof(binding->forms));
	binding->spelling = (struct kept_spelling){ 0 };
	begin(binding, now_ns, wish, host);
	table_insert(&bindings->by_inside, endpoint_hash(&bindings->endpoint_key, &binding->inside), slot);
	table_insert(&bindings->by_outside, endpoint_hash(&bindings->endpoint_key, &binding->outside), slot);
	*out = slot;
	return BIND_OK;
}

enum bind_result bindings_take(struct bindings *bindings, uint64_t now_ns, const struct bind_wish *wish, uint32_t *out)
{
	uint32_t slot = bindings_find_inside(bindings, &wish->inside, &wish->outside);
	if (slot && bindings->list[slot].state == BINDING_ALIVE) {
		*out = slot;
		return BIND_OK;
	}
	if (slot && bindings_may_revive(bindings, wish, slot)) {
		*out = slot;
		return revive(bindings, now_ns, wish, slot);
	}
	if (slot)
		leave_quarantine(bindings, slot);
	bool at_limit;
	make_room_for_host(bindings, &wish->inside.address);
	uint32_t host = hosts_charge(&bindings->hosts, &bindings->endpoint_key, &wish->inside.address, HOST_BINDINGS,
	                             bindings->host_max, &at_limit);
	if (!host)
		return at_limit ? BIND_HOST_LIMIT : BIND_TABLE_FULL;
	enum bind_result result = create(bindings, now_ns, wish, host, out);
	if (result != BIND_OK)
		hosts_release(&bindings->hosts, &bindings->endpoint_key, host, HOST_BINDINGS);
	return result;
}

static void forget_peers(struct bindings *bindings, struct binding *binding)
{
	while (binding->first_peer) {
		uint32_t peer = binding->first_peer;
		binding->first_peer = bindings->peers[peer].next;
		pool_give_back(&bindings->peer_pool, peer);
	}
	binding->peer_count = 0;
}

void bindings_close(struct bindings *bindings, uint32_t slot, uint64_t now_ns)
{
	struct binding *binding = &bindings->list[slot];
	check(binding->state == BINDING_ALIVE);
	if (binding->is_open) {
		bindings_command(bindings, slot, SIPALG_COMMAND_CLOSE)->keep_flows = binding->keeps_flows;
		bindings->closed++;
	}
	forget_peers(bindings, binding);
	binding->kept_until_s = seconds_rounded_up(now_ns) + SIPALG_QUARANTINE_S;
	enter_quarantine(bindings, slot);
}

void bindings_keep_away(struct bindings *bindings, uint32_t slot, uint32_t until_s)
{
	struct binding *binding = &bindings->list[slot];
	check(binding->state == BINDING_ALIVE && !binding->owners && !binding->is_open && !binding->peer_count);
	binding->kept_until_s = until_s;
	enter_quarantine(bindings, slot);
}

void bindings_put_aside(struct bindings *bindings, uint32_t slot, uint64_t now_ns)
{
	check(!bindings->list[slot].is_open && !bindings->list[slot].owners);
	bindings_close(bindings, slot, now_ns);
}

void bindings_doom(struct bindings *bindings, uint32_t slot, bool keeps_flows)
{
	struct binding *binding = &bindings->list[slot];
	binding->deadline_ns = 0;
	binding->keeps_flows = keeps_flows;
	deadlines_set(bindings->deadlines, slot, 0);
}

void bindings_drop(struct bindings *bindings, uint32_t slot)
{
	struct binding *binding = &bindings->list[slot];
	check(binding->state == BINDING_ALIVE && !binding->owners);
	forget_peers(bindings, binding);
	if (binding->kept_until_s) {
		enter_quarantine(bindings, slot);
		return;
	}
	hosts_release(&bindings->hosts, &bindings->endpoint_key, binding->host, HOST_BINDINGS);
	free_slot(bindings, slot);
}

void bindings_forget(struct bindings *bindings, uint32_t slot)
{
	struct binding *binding = &bindings->list[slot];
	bindings->closed += binding->is_open;
	binding->is_open = false;
	if (!binding->owners)
		bindings_drop(bindings, slot);
}

/* ---- Owners, peers ---- */

static uint64_t lease_left_ns(const struct binding *binding, uint64_t now_ns)
{
	uint64_t until_ns = binding->leased_until_s * SIPALG_SECOND_NS;
	return until_ns > now_ns ? until_ns - now_ns : 0;
}

/* At least a second: a lease that has run out already is renewed by who asks. */
static uint32_t lease_left_s(const struct binding *binding, uint64_t now_ns)
{
	uint64_t left_ns = lease_left_ns(binding, now_ns);
	return left_ns ? seconds_rounded_up(left_ns) : 1;
}

void bindings_disown(struct bindings *bindings, uint32_t slot, uint64_t now_ns)
{
	struct binding *binding = &bindings->list[slot];
	check(binding->owners);
	if (--binding->owners)
		return;
	binding->owned_until_s = 0;
	if (!binding->is_signalling || binding->deadline_ns <= now_ns)
		bindings_close(bindings, slot, now_ns);
	else
		bindings_settle(bindings, slot, now_ns);
}

/* The link to the entry of that peer, or the last one of all: peers stand in the order in which they were last spoken
 * to. */
static uint32_t *find_peer(const struct bindings *bindings, struct binding *binding, const sipalg_address *peer)
{
	uint32_t *link = &binding->first_peer;
	while (*link && !sipalg_address_equal(&bindings->peers[*link].address, peer) && bindings->peers[*link].next)
		link = &bindings->peers[*link].next;
	return link;
}

static void put_first(struct bindings *bindings, struct binding *binding, uint32_t peer)
{
	bindings->peers[peer].next = binding->first_peer;
	binding->first_peer = peer;
}

static void command_admit(struct bindings *bindings, uint32_t slot, uint32_t peer, uint64_t now_ns)
{
	sipalg_command *command = bindings_command(bindings, slot, SIPALG_COMMAND_ADMIT);
	command->peer.address = bindings->peers[peer].address;
	command->lease_s = lease_left_s(&bindings->list[slot], now_ns);
}

/* Nobody needs the last one as much as the newcomer: it was spoken to longest ago. */
static void dismiss(struct bindings *bindings, uint32_t slot, uint32_t *last)
{
	struct binding *binding = &bindings->list[slot];
	uint32_t peer = *last;
	if (binding->is_open)
		bindings_command(bindings, slot, SIPALG_COMMAND_DISMISS)->peer.address = bindings->peers[peer].address;
	*last = 0;
	binding->peer_count--;
	pool_give_back(&bindings->peer_pool, peer);
	bindings->peers_dismissed++;
}

bool bindings_admit(struct bindings *bindings, uint32_t slot, uint64_t now_ns, const sipalg_address *peer)
{
	struct binding *binding = &bindings->list[slot];
	uint32_t *link = find_peer(bindings, binding, peer);
	uint32_t at = *link;
	if (at && sipalg_address_equal(&bindings->peers[at].address, peer)) {
		*link = bindings->peers[at].next;
		put_first(bindings, binding, at);
		return true;
	}
	if (at && (binding->peer_count == SIPALG_PEERS_MAX || bindings->peer_pool.used == bindings->peer_pool.capacity))
		dismiss(bindings, slot, link);
	at = pool_take(&bindings->peer_pool);
	if (!at) {
		bindings->peers_refused++;
		return false;
	}
	bindings->peers[at].address = *peer;
	put_first(bindings, binding, at);
	binding->peer_count++;
	if (binding->is_open)
		command_admit(bindings, slot, at, now_ns);
	return true;
}

/* The plane is told of another binding in this one's place, whose flows go on. */
void bindings_admit_any(struct bindings *bindings, uint32_t slot)
{
	struct binding *binding = &bindings->list[slot];
	if (binding->admits_any || binding->is_signalling)
		return;
	if (binding->is_open) {
		bindings_command(bindings, slot, SIPALG_COMMAND_CLOSE)->keep_flows = true;
		bindings->closed++;
	}
	binding->is_open = false;
	binding->admits_any = true;
	forget_peers(bindings, binding);
}

/* ---- The plane's view ---- */

sipalg_command *bindings_command(struct bindings *bindings, uint32_t slot, enum sipalg_command_kind kind)
{
	const struct binding *binding = &bindings->list[slot];
	sipalg_command *command = commands_add(bindings->commands, kind);
	command->binding = bindings_handle(bindings, slot);
	command->inside = binding->inside;
	command->outside = binding->outside;
	command->admits = binding->admits_any ? SIPALG_ADMITS_ANY : SIPALG_ADMITS_PEERS;
	command->signalling = binding->is_signalling;
	return command;
}

/* Until when the plane should keep the binding if it hears nothing more. Owned ones get generous leases, for the engine
 * closes them itself; the bound keeps what a dead daemon leaves behind from staying open for long. */
static uint32_t wanted_until_s(const struct binding *binding, uint64_t now_ns)
{
	uint32_t now_s = (uint32_t)(now_ns / SIPALG_SECOND_NS);
	uint32_t least = now_s + LEASE_OWNED_MIN_S, most = now_s + SIPALG_LEASE_MAX_S;
	uint32_t owned = binding->owned_until_s > least ? binding->owned_until_s : least;
	/* What is asked about at its deadline still needs its lease then. */
	uint32_t last = seconds_rounded_up(binding->deadline_ns) + (binding->is_orphan ? BINDING_ASK_S : 0);
	uint32_t until = binding->owners ? owned : last;
	return until < most ? until : most;
}

static void open_binding(struct bindings *bindings, uint32_t slot, uint64_t now_ns)
{
	struct binding *binding = &bindings->list[slot];
	binding->leased_until_s = wanted_until_s(binding, now_ns);
	bindings_command(bindings, slot, SIPALG_COMMAND_OPEN)->lease_s = lease_left_s(binding, now_ns);
	for (uint32_t at = binding->first_peer; at; at = bindings->peers[at].next)
		command_admit(bindings, slot, at, now_ns);
	binding->is_open = true;
	bindings->opened++;
}

/* How long before its end a lease is renewed. */
static uint64_t lease_slack_ns(const struct binding *binding)
{
	return (binding->owners ? LEASE_LEFT_MIN_S : LEASE_SLACK_S) * SIPALG_SECOND_NS;
}

static void renew_lease(struct bindings *bindings, uint32_t slot, uint64_t now_ns)
{
	struct binding *binding = &bindings->list[slot];
	uint32_t wanted_s = wanted_until_s(binding, now_ns);
	if (wanted_s <= binding->leased_until_s)
		return;
	uint64_t left = lease_left_ns(binding, now_ns);
	if (left > lease_slack_ns(binding) && left > (wanted_s * SIPALG_SECOND_NS - now_ns) / 2)
		return;
	binding->leased_until_s = wanted_s;
	bindings_command(bindings, slot, SIPALG_COMMAND_REFRESH)->lease_s = lease_left_s(binding, now_ns);
}

void bindings_move(struct bindings *bindings, uint32_t slot, uint64_t now_ns, uint16_t port)
{
	struct binding *binding = &bindings->list[slot];
	check(binding->state == BINDING_ALIVE);
	if (binding->is_open) {
		bindings_command(bindings, slot, SIPALG_COMMAND_CLOSE)->keep_flows = true;
		bindings->closed++;
	}
	table_remove(&bindings->by_outside, endpoint_hash(&bindings->endpoint_key, &binding->outside), slot);
	binding->outside.port = port;
	table_insert(&bindings->by_outside, endpoint_hash(&bindings->endpoint_key, &binding->outside), slot);
	bindings_rename(binding);
	binding->is_open = false;
	bindings_settle(bindings, slot, now_ns);
}

/* When to look at the binding again: when it ends, or before its lease does. */
static uint64_t next_look(const struct binding *binding, uint64_t now_ns)
{
	uint64_t end = binding->owners ? DEADLINE_NEVER : binding->deadline_ns;
	if (!binding->is_open)
		return end;
	uint64_t slack = lease_slack_ns(binding), leased = binding->leased_until_s * SIPALG_SECOND_NS;
	uint64_t renewal = leased > now_ns + slack ? leased - slack : now_ns + slack;
	return end <= leased || end < renewal ? end : renewal;
}

void bindings_settle(struct bindings *bindings, uint32_t slot, uint64_t now_ns)
{
	struct binding *binding = &bindings->list[slot];
	if (binding->state != BINDING_ALIVE)
		return;
	if (!binding->is_open && !binding->is_withheld)
		open_binding(bindings, slot, now_ns);
	else if (binding->is_open)
		renew_lease(bindings, slot, now_ns);
	deadlines_set_by(bindings->deadlines, slot, next_look(binding, now_ns));
}

void bindings_become_due(struct bindings *bindings, uint32_t slot, uint64_t now_ns)
{
	struct binding *binding = &bindings->list[slot];
	if (binding->state == BINDING_QUARANTINED)
		leave_quarantine(bindings, slot);
	else if (binding->owners || binding->deadline_ns > now_ns)
		bindings_settle(bindings, slot, now_ns);
	else if (binding->is_orphan && binding->is_open && binding->deadline_ns)
		bindings_look_after_orphan(bindings, slot, now_ns);
	else
		bindings_close(bindings, slot, now_ns);
}
