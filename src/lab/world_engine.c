/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine and a model of NAT in one process: the same scenarios, on a clock that waits for nobody. */
#include "lab/model.h"

#include <stdlib.h>
#include <string.h>

enum {
	MODEL_STEPS_MAX = 1000000, /* of the engine's clock: more means that it does not go on */
	MODEL_BINDINGS = 4096,
	MODEL_FORESEE_MAX = 64, /* ports looked at for one message */
};

static sipalg_address address_of(const char *text)
{
	sipalg_address address;
	return sipalg_address_read(text, strlen(text), &address) ? address : (sipalg_address){ 0 };
}

/* ---- The engine ---- */

static void commands_carry_out(struct engine_world *model)
{
	sipalg_command command;
	while (sipalg_engine_next_command(model->engine, &command)) {
		bool alive = false;
		if (nat_command(&model->nat, model->now_ns, &command, &alive))
			sipalg_engine_report_traffic(model->engine, model->now_ns, command.binding, alive);
	}
}

/* Takes over the bindings of an engine that was killed. */
static void bindings_restore(struct engine_world *model)
{
	for (size_t i = 0; i < NAT_BINDINGS_MAX; i++) {
		struct nat_binding *binding = &model->nat.bindings[i];
		sipalg_command open = { .kind = SIPALG_COMMAND_OPEN,
			                .admits = binding->admits_any ? SIPALG_ADMITS_ANY : SIPALG_ADMITS_PEERS,
			                .signalling = binding->signalling,
			                .inside = binding->inside,
			                .outside = binding->outside };
		if (binding->deadline_ns <= model->now_ns)
			continue;
		open.lease_s = (uint32_t)((binding->deadline_ns - model->now_ns) / SIPALG_SECOND_NS);
		if (!sipalg_engine_restore_binding(model->engine, model->now_ns, &open, &binding->handle))
			binding->deadline_ns = 0;
	}
}

static const char *engine_start(struct engine_world *model)
{
	sipalg_network networks[NAT_NETWORKS];
	size_t count = nat_networks(&model->nat, networks);
	if (model->engine)
		return "sipalg runs already";
	sipalg_address router = address_of(LAB_LAN_ROUTER);
	memset(model->memory, 0, sipalg_engine_size(&model->settings));
	model->engine = sipalg_engine_create(model->memory, &model->settings);
	if (!model->engine || !sipalg_engine_set_inside(model->engine, networks, count))
		return "the engine cannot be made";
	sipalg_engine_set_router(model->engine, &router, 1);
	if (model->snapshot_length > 0 && sipalg_engine_load(model->engine, model->now_ns, model->snapshot,
	                                                     model->snapshot_length) != SIPALG_SNAPSHOT_LOADED)
		return "the engine refuses its snapshot";
	bindings_restore(model);
	sipalg_engine_advance(model->engine, model->now_ns);
	commands_carry_out(model);
	return NULL;
}

static void forget_bindings(struct engine_world *model)
{
	for (size_t i = 0; i < NAT_BINDINGS_MAX; i++)
		model->nat.bindings[i].deadline_ns = 0;
}

/* Killed, it leaves its bindings behind; ended, it does not. What it knows is in its snapshot either way. */
static void engine_stop(struct engine_world *model, bool is_killed)
{
	if (!model->engine)
		return;
	model->snapshot_length = sipalg_engine_save(model->engine, model->now_ns, model->snapshot, MODEL_SNAPSHOT_MAX);
	if (!is_killed)
		forget_bindings(model);
	model->engine = NULL;
	model_streams_reset(model);
}

/* What the plane would hand to the engine: what begins like SIP, and what uses SIP's port. */
static bool is_for_engine(sipalg_endpoint from, sipalg_endpoint to, struct bytes message)
{
	size_t at = 0;
	if (from.port == SIPALG_PORT_SIP || to.port == SIPALG_PORT_SIP)
		return true;
	while (at < message.length && (message.start[at] == '\r' || message.start[at] == '\n'))
		at++;
	return at < message.length && message.start[at] >= 'A' && message.start[at] <= 'Z';
}

/* As the netfilter plane does: a port another host's flow to the same peer uses is passed over. */
static void pass_over_occupied(struct engine_world *model, const sipalg_packet *packet, sipalg_endpoint from,
                               sipalg_endpoint to)
{
	for (int tries = 0; tries < MODEL_FORESEE_MAX; tries++) {
		sipalg_endpoint foreseen = sipalg_engine_foresee(model->engine, packet);
		if (foreseen.port == 0 || !nat_is_occupied(&model->nat, model->now_ns, foreseen, to, from))
			return;
		sipalg_engine_reserve_port(model->engine, SIPALG_PROTOCOL_UDP, foreseen.port, true);
		sipalg_engine_move_binding(model->engine, model->now_ns, packet);
	}
}

sipalg_address model_outside(const struct engine_world *model, sipalg_endpoint endpoint, bool other)
{
	return endpoint_is_ipv6(endpoint) == other ? model->nat.outside : model->nat.outside6;
}

struct bytes model_handle(struct engine_world *model, sipalg_packet *packet)
{
	sipalg_verdict verdict;
	sipalg_engine_handle(model->engine, model->now_ns, packet, &verdict);
	model->reason = verdict.reason;
	struct bytes passed = store_bytes(model->store, (struct bytes){ (const char *)verdict.bytes, verdict.length });
	commands_carry_out(model);
	return passed;
}

/* The message as the engine lets it pass. `from` and `to` are as in the middle of the router. */
static struct bytes engine_pass(struct engine_world *model, sipalg_endpoint from, sipalg_endpoint to,
                                struct bytes message)
{
	sipalg_packet packet = { .bytes = (const uint8_t *)message.start,
		                 .length = message.length,
		                 .source = from,
		                 .destination = to,
		                 .direction = endpoint_is_inside(from) ? SIPALG_OUTBOUND : SIPALG_INBOUND,
		                 .outside = model_outside(model, from, false),
		                 .other_outside = model_outside(model, from, true) };
	if (!model->engine || !is_for_engine(from, to, message))
		return message;
	if (!endpoint_is_ipv6(from))
		packet.outside = packet.direction == SIPALG_OUTBOUND
		                         ? nat_address(&model->nat, model->now_ns, from, to)
		                         : nat_address(&model->nat, model->now_ns, to, from);
	if (sipalg_engine_wants_mapping(model->engine, &packet)) {
		packet.mapping = nat_mapping(&model->nat, model->now_ns, from, to);
		if (packet.mapping == 0)
			pass_over_occupied(model, &packet, from, to);
	}
	return model_handle(model, &packet);
}

void model_time_pass(struct engine_world *model, uint64_t until_ns)
{
	for (size_t step = 0; model->engine && step < MODEL_STEPS_MAX; step++) {
		uint64_t deadline_ns = sipalg_engine_deadline(model->engine);
		if (deadline_ns > until_ns)
			break;
		model->now_ns = deadline_ns > model->now_ns ? deadline_ns : model->now_ns;
		sipalg_engine_advance(model->engine, model->now_ns);
		commands_carry_out(model);
	}
	model->now_ns = until_ns;
}

/* ---- Packets ---- */

bool model_has_socket(const struct engine_world *model, sipalg_endpoint endpoint)
{
	for (size_t i = 0; i < model->socket_count; i++)
		if (endpoint_equal(model->sockets[i], endpoint))
			return true;
	return false;
}

void model_arrive(struct engine_world *model, struct arrival arrival)
{
	if (model->queue_count < MODEL_QUEUE_MAX)
		model->queue[model->queue_count++] = arrival;
	else
		model->nat.wrong = "too much has arrived that the scenario does not ask for";
}

static void deliver(struct engine_world *model, sipalg_endpoint from, sipalg_endpoint at, struct bytes message)
{
	struct arrival arrival = { .kind = ARRIVAL_DATAGRAM, .at = at, .from = from };
	arrival.bytes = store_bytes(model->store, message);
	if (model_has_socket(model, at))
		model_arrive(model, arrival);
	else if (endpoint_is_inside(at))
		model->stray = arrival;
}

static void come_in(struct engine_world *model, sipalg_endpoint from, sipalg_endpoint to, struct bytes message)
{
	sipalg_endpoint inside;
	if (nat_inbound(&model->nat, model->now_ns, from, to, &inside))
		deliver(model, from, inside, engine_pass(model, from, inside, message));
}

static void go_out(struct engine_world *model, sipalg_endpoint from, sipalg_endpoint to, struct bytes message)
{
	struct bytes passed = engine_pass(model, from, to, message);
	sipalg_endpoint outside = nat_outbound(&model->nat, model->now_ns, from, to);
	/* From one phone to another one's outside address and back in (RFC 4787 6). */
	if (nat_is_own(&model->nat, &to.address))
		come_in(model, outside, to, passed);
	else
		deliver(model, outside, to, passed);
}

static const char *model_open(struct world *world, sipalg_endpoint endpoint)
{
	struct engine_world *model = model_of(world);
	if (model_has_socket(model, endpoint))
		return NULL;
	if (model->socket_count == MODEL_SOCKETS_MAX)
		return "too many sockets";
	model->sockets[model->socket_count++] = endpoint;
	return NULL;
}

static const char *model_refuse(struct world *world, sipalg_endpoint endpoint)
{
	struct engine_world *model = model_of(world);
	for (size_t i = 0; i < model->socket_count; i++)
		if (endpoint_equal(model->sockets[i], endpoint))
			model->sockets[i] = model->sockets[--model->socket_count];
	return NULL;
}

static const char *model_send(struct world *world, sipalg_endpoint from, sipalg_endpoint to, struct bytes message,
                              bool no_fragments)
{
	struct engine_world *model = model_of(world);
	(void)no_fragments; /* the model's links take any size */
	/* A packet takes its time. */
	model_time_pass(model, model->now_ns + SIPALG_SECOND_NS / 1000);
	if (endpoint_is_inside(from) == endpoint_is_inside(to) && !nat_is_own(&model->nat, &to.address))
		deliver(model, from, to, message);
	else if (endpoint_is_inside(from))
		go_out(model, from, to, message);
	else
		come_in(model, from, to, message);
	return model->nat.wrong;
}

static bool model_receive(struct world *world, uint32_t wait_ms, struct arrival *arrival)
{
	struct engine_world *model = model_of(world);
	(void)wait_ms; /* what is not there yet will not come */
	if (model->queue_count == 0)
		return false;
	*arrival = model->queue[0];
	model->queue_count--;
	memmove(model->queue, model->queue + 1, model->queue_count * sizeof(model->queue[0]));
	return true;
}

static bool model_overhear(struct world *world, uint32_t wait_ms, struct arrival *arrival)
{
	struct engine_world *model = model_of(world);
	bool heard = model->stray.at.port != 0;
	(void)wait_ms;
	*arrival = model->stray;
	model->stray = (struct arrival){ 0 };
	return heard;
}

/* Only ports that a flow or a binding has can be open. */
static const char *model_scan(struct world *world, sipalg_endpoint from, sipalg_endpoint to, const uint8_t *passed_over)
{
	struct engine_world *model = model_of(world);
	uint8_t *ports = store_take(model->store, SCAN_PORTS_BYTES);
	if (from.protocol == SIPALG_PROTOCOL_TCP)
		from.port = SCAN_PORT_FIRST; /* not that of a connection which stands */
	nat_mark_ports(&model->nat, model->now_ns, to, ports);
	for (uint32_t port = SCAN_PORT_FIRST; port <= SCAN_PORT_LAST; port++) {
		sipalg_endpoint inside;
		to.port = (uint16_t)port;
		if (!scan_passes_over(ports, to.port) || scan_passes_over(passed_over, to.port) ||
		    !nat_inbound(&model->nat, model->now_ns, from, to, &inside))
			continue;
		model->stray = (struct arrival){
			.kind = ARRIVAL_DATAGRAM, .at = inside, .from = from, .bytes = bytes_of("scan")
		};
	}
	return model->nat.wrong;
}

static void model_wait(struct world *world, uint32_t wait_ms)
{
	struct engine_world *model = model_of(world);
	model_time_pass(model, model->now_ns + wait_ms * (SIPALG_SECOND_NS / 1000));
}

static const char *model_switch(struct engine_world *model, bool off, const char *whom)
{
	sipalg_prefix prefix;
	if (!model->engine)
		return "sipalg does not run";
	if (!sipalg_prefix_read(whom, strlen(whom), &prefix))
		return "a switch takes an address or a prefix";
	if (!sipalg_engine_set_off(model->engine, &prefix, off ? 1 : 0))
		return "the engine refuses the switch";
	commands_carry_out(model);
	return NULL;
}

/* Masquerade forgets the flows of the address that is gone, sipalg what was bound to it. */
static const char *model_readdress(struct engine_world *model, const char *address)
{
	sipalg_address outside, gone = model->nat.outside;
	if (!sipalg_address_read(address, strlen(address), &outside))
		return "this is no address";
	nat_readdress(&model->nat, &outside);
	model_streams_reset(model);
	if (model->engine) {
		sipalg_engine_forget_outside(model->engine, &gone);
		model_time_pass(model, model->now_ns);
	}
	return NULL;
}

/* The first WAN is down: what was bound to it ends. */
static void model_end_former(struct engine_world *model)
{
	sipalg_address gone = model->nat.former;
	model->nat.former = (sipalg_address){ 0 };
	nat_forget_address(&model->nat, &gone);
	if (model->engine) {
		sipalg_engine_forget_outside(model->engine, &gone);
		model_time_pass(model, model->now_ns);
	}
}

static const char *model_change_networks(struct engine_world *model, bool gone)
{
	sipalg_network networks[NAT_NETWORKS];
	model->nat.second_is_gone = gone;
	size_t count = nat_networks(&model->nat, networks);
	if (model->engine && !sipalg_engine_set_inside(model->engine, networks, count))
		return "the engine refuses the networks";
	commands_carry_out(model);
	return NULL;
}

static const char *model_router(struct world *world, const struct words *words)
{
	struct engine_world *model = model_of(world);
	const char *action = words->list[1];
	if (strcmp(action, "address") == 0)
		return model_readdress(model, words->list[2]);
	sipalg_address second = address_of(LAB_SECOND_WAN_ROUTER);
	if (strcmp(action, "network") == 0)
		return model_change_networks(model, strcmp(words->list[2], "gone") == 0);
	if (strcmp(action, "failover") == 0)
		nat_fail_over(&model->nat, &second);
	else if (!sipalg_address_is_none(&model->nat.former) && strcmp(action, "link") == 0)
		model_end_former(model);
	else if (strcmp(action, "link") == 0 || strcmp(action, "conntrack-flush") == 0)
		nat_forget_flows(&model->nat);
	if (!model->memory)
		return NULL;
	if (strcmp(action, "start") == 0)
		return engine_start(model);
	if (strcmp(action, "stop") == 0 || strcmp(action, "kill") == 0)
		engine_stop(model, strcmp(action, "kill") == 0);
	else if (strcmp(action, "off") == 0 || strcmp(action, "on") == 0)
		return model_switch(model, strcmp(action, "off") == 0,
		                    words->count > 2 ? words->list[2] : LAB_LAN_PREFIX "0/24");
	else if (!model->engine && (strcmp(action, "reload") == 0 || strcmp(action, "flush") == 0))
		forget_bindings(model); /* while it runs, they are put back by the plane */
	return NULL;
}

static const char *model_reason(struct world *world)
{
	struct engine_world *model = model_of(world);
	return model->memory ? sipalg_reason_word(model->reason) : NULL;
}

/* When all owners are gone, nothing may stay open. */
static const char *model_close(struct world *world)
{
	struct engine_world *model = model_of(world);
	const char *wrong = model->nat.wrong;
	for (size_t step = 0; model->engine && !wrong; step++) {
		uint64_t deadline_ns = sipalg_engine_deadline(model->engine);
		if (deadline_ns == SIPALG_NEVER)
			break;
		if (step == MODEL_STEPS_MAX)
			wrong = "the engine's deadlines never end";
		model_time_pass(model, deadline_ns > model->now_ns ? deadline_ns : model->now_ns);
	}
	if (!wrong && model->engine && sipalg_engine_counters(model->engine)->bindings > 0)
		wrong = "bindings stay open though nothing holds them and no deadline is left";
	free(model->memory);
	return wrong ? wrong : model->nat.wrong;
}

bool model_is_sip_port(const struct engine_world *model, uint16_t port)
{
	for (size_t i = 0; i < model->sip_port_count; i++)
		if (model->sip_ports[i] == port)
			return true;
	return model->sip_port_count == 0 && port == SIPALG_PORT_SIP;
}

static void sip_ports_heed(struct engine_world *model, const char *ports)
{
	for (const char *port = ports; *port != '\0' && model->sip_port_count < MODEL_SIP_PORTS_MAX;) {
		size_t length = strcspn(port, ",");
		uint32_t number;
		if (bytes_number((struct bytes){ port, length }, &number))
			model->sip_ports[model->sip_port_count++] = (uint16_t)number;
		port += length + (port[length] == ',');
	}
}

/* How much of something there may be. */
static void limit_heed(sipalg_settings *settings, const char *option, const char *value)
{
	const struct {
		const char *option;
		uint32_t *limit;
	} limits[] = {
		{ "--bindings", &settings->bindings_max },
		{ "--host-bindings", &settings->host_bindings_max },
		{ "--calls", &settings->calls_max },
		{ "--registrations", &settings->registrations_max },
	};
	uint32_t number;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (strcmp(option, limits[i].option) == 0 && bytes_number(bytes_of(value), &number))
			*limits[i].limit = number;
}

/* Of sipalg's options the model knows --server ADDRESS, --sip-port PORT,…, --hairpin-media and the limits. */
static void options_heed(struct engine_world *model, const struct words *options)
{
	struct nat *nat = &model->nat;
	for (size_t i = 0; i < options->count; i++) {
		const char *value = i + 1 < options->count ? options->list[i + 1] : "";
		sipalg_address server;
		limit_heed(&model->settings, options->list[i], value);
		if (strcmp(options->list[i], "--hairpin-media") == 0)
			model->settings.hairpin_media = true;
		if (strcmp(options->list[i], "--sip-port") == 0)
			sip_ports_heed(model, value);
		if (strcmp(options->list[i], "--server") == 0 && nat->server_count < NAT_SERVERS_MAX &&
		    sipalg_address_read(value, strlen(value), &server))
			nat->servers[nat->server_count++] = server;
	}
}

static uint32_t or_default(uint32_t value, uint32_t standard)
{
	return value > 0 ? value : standard;
}

const char *world_engine_open(struct store *store, const struct scenario *scenario, enum router router,
                              struct world **world)
{
	static const struct world_operations operations = {
		.open = model_open,
		.send = model_send,
		.receive = model_receive,
		.overhear = model_overhear,
		.refuse = model_refuse,
		.connect = model_connect,
		.write = model_write,
		.finish = model_finish,
		.pause = model_pause,
		.stuck = model_stuck,
		.scan = model_scan,
		.wait = model_wait,
		.router = model_router,
		.reason = model_reason,
		.close = model_close,
	};
	struct engine_world *model = store_take(store, sizeof(*model));
	*model = (struct engine_world){ .world = { &operations, 0, 0 }, .store = store, .now_ns = SIPALG_SECOND_NS };
	model->nat.outside = address_of(LAB_WAN_ROUTER);
	model->nat.outside6 = address_of(LAB_WAN6_ROUTER);
	model->nat.ip6 = scenario->setup.ip6;
	model->nat.firewall = scenario->setup.firewall != FIREWALL_NONE;
	model->nat.udp_timeout_s = or_default(scenario->setup.udp_timeout_s, NAT_UDP_TIMEOUT_S);
	model->nat.udp_stream_timeout_s = or_default(scenario->setup.udp_stream_timeout_s, NAT_UDP_STREAM_TIMEOUT_S);
	*world = &model->world;
	if (router == ROUTER_PLAIN)
		return NULL;
	sipalg_settings_defaults(&model->settings);
	memset(model->settings.secret, 0x5a, sizeof(model->settings.secret));
	model->settings.bindings_max = model->settings.calls_max = model->settings.registrations_max = MODEL_BINDINGS;
	options_heed(model, &scenario->setup.options);
	model->memory = calloc(1, sipalg_engine_size(&model->settings));
	return model->memory ? engine_start(model) : "out of memory";
}
