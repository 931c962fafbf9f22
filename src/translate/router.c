/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/router.h"

#include <sys/mman.h>
#include <sys/random.h>

enum {
	BINDINGS_MAX = 32768,
	CALLS_MAX = 16384,
	REGISTRATIONS_MAX = 16384,
	STEPS_MAX = 100000, /* deadlines met one by one between two packets; behind them time jumps */
	FORESEE_MAX = 64,   /* ports looked at for one message */
};

static bool create_engine(struct router *router, const uint8_t secret[16])
{
	sipalg_settings settings;
	sipalg_settings_defaults(&settings);
	memcpy(settings.secret, secret, sizeof settings.secret);
	settings.bindings_max = BINDINGS_MAX;
	settings.calls_max = CALLS_MAX;
	settings.registrations_max = REGISTRATIONS_MAX;
	router->memory_size = sipalg_engine_size(&settings);
	router->memory = mmap(NULL, router->memory_size, PROT_READ | PROT_WRITE,
	                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (router->memory == MAP_FAILED)
		return false;
	router->engine = sipalg_engine_create(router->memory, &settings);
	return router->engine != NULL;
}

static const sipalg_address *outside_for(const struct router *router, const sipalg_address *address)
{
	return sipalg_address_is_ipv4(address) ? &router->settings.outside : &router->settings.outside6;
}

static bool set_networks(struct router *router)
{
	sipalg_network networks[ROUTER_NETWORKS_MAX];
	for (size_t i = 0; i < router->settings.lan_count; i++) {
		const sipalg_prefix *lan = &router->settings.lan[i];
		bool routed = sipalg_address_is_none(outside_for(router, &lan->address));
		networks[i] = (sipalg_network){ .inside = *lan };
		networks[i].translation = routed ? SIPALG_TRANSLATION_NONE : SIPALG_TRANSLATION_PORTS;
	}
	return sipalg_engine_set_inside(router->engine, networks, router->settings.lan_count);
}

bool router_create(struct router *router, const struct router_settings *settings)
{
	uint8_t secret[16];
	struct hash_key key;
	*router = (struct router){ .settings = *settings };
	if (getrandom(secret, sizeof secret, 0) != sizeof secret)
		return false;
	memcpy(&key, secret, sizeof key);
	if (!mappings_create(&router->mappings, key))
		return false;
	if (create_engine(router, secret) && set_networks(router))
		return true;
	router_destroy(router);
	return false;
}

void router_destroy(struct router *router)
{
	mappings_destroy(&router->mappings);
	if (router->memory != NULL && router->memory != MAP_FAILED)
		munmap(router->memory, router->memory_size);
	*router = (struct router){ 0 };
}

bool router_is_inside(const struct router *router, const sipalg_address *address)
{
	return sipalg_engine_is_inside(router->engine, address);
}

bool router_is_own(const struct router *router, const sipalg_address *address)
{
	return !sipalg_address_is_none(address) && (sipalg_address_equal(address, &router->settings.outside) ||
	                                            sipalg_address_equal(address, &router->settings.outside6));
}

/* ---- Commands ---- */

static bool is_used(const struct router *router, const sipalg_command *command)
{
	const struct mapping *mapping = mappings_of_outside(&router->mappings, &command->outside);
	return mapping != NULL && mapping->used_ns + MAPPING_SILENT_S * SIPALG_SECOND_NS >= router->now_ns;
}

static void carry_out(struct router *router, const sipalg_command *command)
{
	switch (command->kind) {
	case SIPALG_COMMAND_OPEN:
		mappings_bind(&router->mappings, router->now_ns, command->binding, &command->inside, &command->outside);
		break;
	case SIPALG_COMMAND_CLOSE:
		mappings_unbind(&router->mappings, command->binding, &command->outside, command->keep_flows);
		break;
	case SIPALG_COMMAND_ASK_TRAFFIC:
		sipalg_engine_report_traffic(router->engine, router->now_ns, command->binding,
		                             is_used(router, command));
		break;
	case SIPALG_COMMAND_NONE:
	case SIPALG_COMMAND_REFRESH:
	case SIPALG_COMMAND_ADMIT:
	case SIPALG_COMMAND_DISMISS:
	case SIPALG_COMMAND_ENTER_FLOW:
	case SIPALG_COMMAND_HOLD_FLOW:
		break; /* who may come in, and how long flows live, does not change a packet */
	}
}

static void carry_out_all(struct router *router)
{
	sipalg_command command;
	while (sipalg_engine_next_command(router->engine, &command))
		carry_out(router, &command);
}

/* Deadlines are met one by one, in order, as they would be in life; a capture whose clock jumps by years is spared
 * that.
 */
void router_time_pass(struct router *router, uint64_t time_ns)
{
	for (size_t step = 0; step < STEPS_MAX; step++) {
		uint64_t deadline_ns = sipalg_engine_deadline(router->engine);
		if (deadline_ns > time_ns)
			break;
		router->now_ns = deadline_ns > router->now_ns ? deadline_ns : router->now_ns;
		sipalg_engine_advance(router->engine, router->now_ns);
		carry_out_all(router);
	}
	router->now_ns = time_ns > router->now_ns ? time_ns : router->now_ns;
}

/* ---- Messages ---- */

/* A port that another host's packets have already is passed over, as the kernel's plane does. */
static void pass_over_occupied(struct router *router, const sipalg_packet *packet)
{
	for (int tries = 0; tries < FORESEE_MAX; tries++) {
		sipalg_endpoint foreseen = sipalg_engine_foresee(router->engine, packet);
		const struct mapping *holder =
		        foreseen.port != 0 ? mappings_of_outside(&router->mappings, &foreseen) : NULL;
		if (holder == NULL || sipalg_endpoint_equal(&holder->inside, &packet->source))
			return;
		sipalg_engine_reserve_port(router->engine, packet->source.protocol, foreseen.port, true);
		sipalg_engine_move_binding(router->engine, router->now_ns, packet);
		carry_out_all(router);
	}
}

/* The port that the phone's packets have outside already; over TCP its connection has one by then. */
static uint16_t mapping_of(struct router *router, const sipalg_endpoint *phone)
{
	sipalg_endpoint outside;
	const struct mapping *mapping = mappings_of_inside(&router->mappings, phone);
	if (mapping != NULL)
		return mapping->outside.port;
	if (phone->protocol == SIPALG_PROTOCOL_TCP && router_outside_of(router, phone, phone->port, &outside))
		return outside.port;
	return 0;
}

void router_handle(struct router *router, enum sipalg_direction direction, const sipalg_endpoint *source,
                   const sipalg_endpoint *destination, struct text message, size_t body_left, sipalg_verdict *verdict)
{
	const sipalg_endpoint *phone = direction == SIPALG_OUTBOUND ? source : destination;
	bool is_ipv4 = sipalg_address_is_ipv4(&source->address);
	sipalg_packet packet = { .bytes = (const uint8_t *)message.start,
		                 .length = message.length,
		                 .body_left = body_left,
		                 .source = *source,
		                 .destination = *destination,
		                 .direction = direction,
		                 .outside = is_ipv4 ? router->settings.outside : router->settings.outside6,
		                 .other_outside = is_ipv4 ? router->settings.outside6 : router->settings.outside };
	if (source->protocol == SIPALG_PROTOCOL_TCP) {
		packet.mapping = mapping_of(router, phone);
	} else if (sipalg_engine_wants_mapping(router->engine, &packet)) {
		packet.mapping = mapping_of(router, phone);
		if (packet.mapping == 0)
			pass_over_occupied(router, &packet);
	}
	sipalg_engine_handle(router->engine, router->now_ns, &packet, verdict);
	carry_out_all(router);
}

bool router_outside_of(struct router *router, const sipalg_endpoint *inside, uint16_t wanted, sipalg_endpoint *outside)
{
	const sipalg_address *address = outside_for(router, &inside->address);
	if (sipalg_address_is_none(address)) { /* routed: it is called what it is */
		*outside = *inside;
		return true;
	}
	struct mapping *mapping = mappings_make(&router->mappings, router->now_ns, inside, address, wanted);
	if (mapping == NULL)
		return false;
	mappings_use(&router->mappings, router->now_ns, mapping);
	*outside = mapping->outside;
	return true;
}

bool router_inside_of(struct router *router, const sipalg_endpoint *outside, sipalg_endpoint *inside)
{
	struct mapping *mapping = mappings_of_outside(&router->mappings, outside);
	if (mapping == NULL)
		return false;
	mappings_use(&router->mappings, router->now_ns, mapping);
	*inside = mapping->inside;
	return true;
}
