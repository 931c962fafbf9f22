/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gateway: the engine in its harness, what the kernel does with the commands, and what happens to a router. */
#include "simulation.h"

enum { SNAPSHOT_ROOM = 4 << 20, FORESEE_MAX = 64, LATE_S = SIPALG_UNANSWERED_S };

static void make_large(sipalg_settings *settings)
{
	settings->bindings_max = 2048;
	settings->calls_max = 1024;
	settings->registrations_max = 1024;
}

/* The harness shows each command; the kernel's model carries it out as well. */
static void carry_out(void *context, const sipalg_command *command)
{
	struct simulation *simulation = context;
	struct harness *harness = &simulation->harness;
	char inside[URI_MAX], outside[URI_MAX];
	note(simulation, "command %d for %u s: %s is %s", (int)command->kind, command->lease_s,
	     endpoint_text(&command->inside, inside), endpoint_text(&command->outside, outside));
	harness->has_traffic = false;
	(void)nat_command(&simulation->nat, harness->now_ns, command, &harness->has_traffic);
}

void gateway_open(struct simulation *simulation)
{
	struct harness *harness = &simulation->harness;
	struct nat *nat = &simulation->nat;
	harness_open(harness, make_large);
	harness->carry = carry_out;
	harness->carry_context = simulation;
	harness->allows_early_port = false;
	harness->rarely_looks = true;
	nat->outside = outside_address;
	nat->udp_timeout_s = NAT_UDP_TIMEOUT_S;
	nat->udp_stream_timeout_s = NAT_UDP_STREAM_TIMEOUT_S;
	simulation->snapshot = malloc(SNAPSHOT_ROOM);
	assert_non_null(simulation->snapshot);
}

void gateway_go_to(struct simulation *simulation, uint64_t then_ns)
{
	struct harness *harness = &simulation->harness;
	if (sipalg_engine_deadline(harness->engine) <= then_ns)
		harness_go_to(harness, then_ns);
	harness->now_ns = then_ns;
	expect(harness, !simulation->nat.wrong);
}

/* ---- Datagrams ---- */

uint32_t phone_at(const struct simulation *simulation, const sipalg_endpoint *endpoint)
{
	uint32_t phone = (sipalg_address_to_ipv4(&endpoint->address) & 0xff) - 2;
	return phone < simulation->phone_count ? phone : 0;
}

/* One in a while overtakes others, comes twice, or not at all. */
static void travel(struct simulation *simulation, enum event_kind kind, const struct datagram *datagram, bool is_wild)
{
	if (is_wild && chance_of(simulation, 1000) < simulation->loss)
		return;
	uint32_t times = is_wild && chance_of(simulation, 1000) < simulation->repeats ? 2 : 1;
	for (; times > 0; times--) {
		uint32_t delay_ms = 1 + chance_of(simulation, is_wild ? 40 : 3);
		if (is_wild && chance_of(simulation, 50) == 0)
			delay_ms += chance_of(simulation, 1000);
		event_add(simulation, kind, delay_ms, 0, 0, datagram);
	}
}

void network_send(struct simulation *simulation, const struct datagram *datagram)
{
	char from[URI_MAX], to[URI_MAX];
	note(simulation, "%s > %s link %u: %.*s", endpoint_text(&datagram->from, from),
	     endpoint_text(&datagram->to, to), link_of(simulation, (struct text){ datagram->bytes, datagram->length }),
	     (int)strcspn(datagram->bytes, "\r"), datagram->bytes);
	travel(simulation, EVENT_AT_GATEWAY, datagram, !endpoint_is_inside(datagram->from));
}

/* As the netfilter plane does: a port that another host's flow to the same peer uses is passed over, or given up. Then
 * the provider still has the former one, until the phone registers again. */
static void learn_mapping(struct simulation *simulation, sipalg_packet *packet)
{
	const sipalg_endpoint from = packet->source, to = packet->destination;
	struct harness *harness = &simulation->harness;
	if (!sipalg_engine_wants_mapping(harness->engine, packet))
		return;
	packet->mapping = nat_mapping(&simulation->nat, harness->now_ns, from, to);
	for (int tries = 0; packet->mapping == 0 && tries < FORESEE_MAX; tries++) {
		sipalg_endpoint foreseen = sipalg_engine_foresee(harness->engine, packet);
		if (!foreseen.port || !nat_is_occupied(&simulation->nat, harness->now_ns, foreseen, to, from))
			return;
		harness_reserve_port(harness, foreseen.port, true);
		sipalg_engine_move_binding(harness->engine, harness->now_ns, packet);
		simulation->phones[phone_at(simulation, &from)].is_astray = true;
	}
}

/* Through the engine: what comes out is what goes on. */
static void engine_pass(struct simulation *simulation, struct datagram *datagram, enum sipalg_direction direction)
{
	struct harness *harness = &simulation->harness;
	sipalg_packet packet = { .bytes = (const uint8_t *)datagram->bytes,
		                 .length = datagram->length,
		                 .source = datagram->from,
		                 .destination = datagram->to,
		                 .direction = direction,
		                 .outside = simulation->nat.outside };
	learn_mapping(simulation, &packet);
	harness_pass(harness, &packet);
	simulation->messages++;
	note(simulation, "passes %s: link %u: %.20s", sipalg_reason_word(harness->verdict.reason),
	     link_of(simulation, (struct text){ datagram->bytes, datagram->length }), harness->sent.bytes);
	expect(harness, harness->sent.length > 0 && harness->sent.length < DATAGRAM_MAX);
	memcpy(datagram->bytes, harness->sent.bytes, harness->sent.length);
	datagram->bytes[harness->sent.length] = '\0';
	datagram->length = harness->sent.length;
}

/* What may get lost at the gateway: what is sent to an address that is no longer ours, or to a phone of which the
 * provider knows nothing that is true. */
static void expect_excuse(struct simulation *simulation, const struct datagram *datagram)
{
	struct text message = { datagram->bytes, datagram->length };
	uint32_t link = link_of(simulation, message);
	const struct phone *phone = NULL;
	const struct side *side = &simulation->links[link].sides[PHONE];
	if (link)
		phone = &simulation->phones[simulation->links[link].phone];
	/* Nobody waits for it any more. */
	bool is_late = side->stage == STAGE_OVER && now_of(simulation) - side->changed_ns >= LATE_S * SIPALG_SECOND_NS;
	/* By a registration that names an address that is gone it has nothing; its calls are over. */
	sipalg_endpoint contact;
	if (phone && side->stage == STAGE_OVER)
		is_late = is_late || !uri_endpoint(phone->contact, &contact) ||
		          !sipalg_address_equal(&contact.address, &simulation->nat.outside);
	/* The provider goes on repeating it to where it thought the phone was when it began. */
	uint32_t client = simulation->links[link].sides[PROVIDER].client;
	is_late = is_late || (phone && client && simulation->clients[client].since_ns <= phone->mended_ns);
	bool is_excused = !sipalg_address_equal(&datagram->to.address, &simulation->nat.outside) || !phone ||
	                  !phone->is_up || !phone->is_registered || phone->is_astray || phone->is_unknown ||
	                  simulation->is_ending || is_late;
	if (!is_excused)
		note(simulation, "vanished: phone %u, %.*s", simulation->links[link].phone, (int)message.length,
		     message.start);
	expect(&simulation->harness, is_excused);
}

void gateway_receive(struct simulation *simulation, const struct datagram *given)
{
	struct datagram datagram = *given;
	struct nat *nat = &simulation->nat;
	uint64_t now_ns = now_of(simulation);
	if (endpoint_is_inside(datagram.from)) {
		engine_pass(simulation, &datagram, SIPALG_OUTBOUND);
		datagram.from = nat_outbound(nat, now_ns, datagram.from, datagram.to);
		travel(simulation, EVENT_AT_END, &datagram, true);
		return;
	}
	if (!nat_inbound(nat, now_ns, datagram.from, datagram.to, &datagram.to)) {
		expect_excuse(simulation, &datagram);
		return;
	}
	engine_pass(simulation, &datagram, SIPALG_INBOUND);
	travel(simulation, EVENT_AT_END, &datagram, false);
}

/* ---- Trouble ---- */

/* A binding that the kernel still has is named to the new engine; one that it does not take is deleted. */
static bool restore_binding(struct simulation *simulation, struct plane_binding *known)
{
	struct harness *harness = &simulation->harness;
	struct nat_binding *binding = simulation->nat.bindings, *end = binding + NAT_BINDINGS_MAX;
	while (binding < end &&
	       !(binding->deadline_ns > harness->now_ns && endpoint_equal(binding->outside, known->outside)))
		binding++;
	if (binding == end)
		return false;
	sipalg_command open = { .kind = SIPALG_COMMAND_OPEN,
		                .admits = known->admits_any ? SIPALG_ADMITS_ANY : SIPALG_ADMITS_PEERS,
		                .signalling = known->signalling,
		                .inside = known->inside,
		                .outside = known->outside,
		                .lease_s = (uint32_t)((binding->deadline_ns - harness->now_ns) / SIPALG_SECOND_NS) };
	if (!sipalg_engine_restore_binding(harness->engine, harness->now_ns, &open, &binding->handle)) {
		binding->deadline_ns = 0;
		return false;
	}
	known->handle = binding->handle;
	return true;
}

static void restore_bindings(struct simulation *simulation, bool has_snapshot)
{
	struct harness *harness = &simulation->harness;
	size_t count = 0;
	for (size_t i = 0; i < harness->binding_count; i++) {
		struct plane_binding *known = &harness->bindings[i];
		if (!has_snapshot)
			known->peer_count = 0; /* the engine does not know whom it has admitted */
		if (restore_binding(simulation, known))
			harness->bindings[count++] = *known;
	}
	harness->binding_count = count;
}

/* Killed, it leaves its bindings behind; ended, only the flows. The snapshot may be gone after a kill. */
static void restart(struct simulation *simulation, bool is_killed, bool has_snapshot)
{
	struct harness *harness = &simulation->harness;
	note(simulation, "the gateway is %s, %s snapshot", is_killed ? "killed" : "restarted",
	     has_snapshot ? "with" : "no");
	simulation->restarts++;
	size_t length = sipalg_engine_save(harness->engine, harness->now_ns, simulation->snapshot, SNAPSHOT_ROOM);
	expect(harness, length <= SNAPSHOT_ROOM);
	for (size_t i = 0; !is_killed && i < NAT_BINDINGS_MAX; i++)
		simulation->nat.bindings[i].deadline_ns = 0;
	for (struct phone *phone = simulation->phones; phone < simulation->phones + simulation->phone_count; phone++) {
		phone->is_unknown = phone->is_unknown || !has_snapshot;
		phone->forgotten_ns = has_snapshot ? phone->forgotten_ns : harness->now_ns;
		/* Then those are removed, and with them what only they tell: who may send to it. */
		phone->is_astray = phone->is_astray || (phone->is_unknown && !is_killed);
	}
	for (uint32_t link = 1; !has_snapshot && link <= simulation->link_count; link++)
		link_forget(simulation, link);
	memset(harness->engine, 0, sipalg_engine_size(&harness->settings));
	harness->engine = sipalg_engine_create(harness->engine, &harness->settings);
	harness->last_number = 0;
	harness_set_networks(harness, harness->networks, harness->network_count);
	expect(harness, sipalg_engine_set_off(harness->engine, simulation->off, simulation->off_count));
	if (has_snapshot)
		expect(harness, sipalg_engine_load(harness->engine, harness->now_ns, simulation->snapshot, length) ==
		                        SIPALG_SNAPSHOT_LOADED);
	harness->allows_early_port = harness->allows_early_port || !has_snapshot;
	restore_bindings(simulation, has_snapshot);
	sipalg_engine_advance(harness->engine, harness->now_ns);
	harness_take_commands(harness);
	harness_go_to(harness, harness->now_ns);
	harness->opened = harness->closed + harness->binding_count;
}

/* What was bound to the address is gone; watchful phones notice. */
static void readdress(struct simulation *simulation)
{
	struct harness *harness = &simulation->harness;
	sipalg_address gone = simulation->nat.outside, next;
	char text[URI_MAX];
	snprintf(text, sizeof(text), "203.0.113.%u", 2 + ++simulation->addresses);
	expect(harness, sipalg_address_read(text, strlen(text), &next));
	note(simulation, "the outside address is %s", text);
	simulation->readdressed++;
	nat_readdress(&simulation->nat, &next);
	harness->outside[1] = next;
	sipalg_engine_forget_outside(harness->engine, &gone);
	harness_go_to(harness, harness->now_ns);
	phone_notices_address(simulation);
}

static void switch_host(struct simulation *simulation)
{
	struct harness *harness = &simulation->harness;
	struct phone *phone = &simulation->phones[chance_of(simulation, simulation->phone_count)];
	size_t at = 0;
	while (at < simulation->off_count && !sipalg_address_equal(&simulation->off[at].address, &phone->at.address))
		at++;
	if (at < simulation->off_count)
		simulation->off[at] = simulation->off[--simulation->off_count];
	else if (simulation->off_count < SIPALG_PREFIXES_MAX)
		simulation->off[simulation->off_count++] = (sipalg_prefix){ phone->at.address, 128 };
	if (phone->link)
		link_forget(simulation, phone->link);
	phone->is_off = !phone->is_off;
	phone->switched_ns = harness->now_ns;
	phone->is_astray = true;
	note(simulation, "the gateway is %s for phone %u", phone->is_off ? "off" : "on",
	     phone_at(simulation, &phone->at));
	expect(harness, sipalg_engine_set_off(harness->engine, simulation->off, simulation->off_count));
	harness_take_commands(harness);
}

static void all_on(struct simulation *simulation)
{
	simulation->off_count = 0;
	expect(&simulation->harness, sipalg_engine_set_off(simulation->harness.engine, NULL, 0));
	for (uint32_t phone = 0; phone < simulation->phone_count; phone++)
		simulation->phones[phone].is_off = false;
}

void gateway_trouble(struct simulation *simulation)
{
	uint32_t dice = chance_of(simulation, 10);
	if (simulation->is_ending) {
		all_on(simulation);
		return;
	}
	if (dice < 2)
		readdress(simulation);
	else if (dice < 4)
		restart(simulation, false, true);
	else if (dice < 6)
		restart(simulation, true, true);
	else if (dice < 7)
		restart(simulation, true, false);
	else
		switch_host(simulation);
	event_add(simulation, EVENT_GATEWAY, 10000 + chance_of(simulation, 200000), 0, 0, NULL);
}
