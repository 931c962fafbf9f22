/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/nat.h"

#include <string.h>

static uint64_t seconds_after(uint64_t now_ns, uint32_t seconds)
{
	return now_ns + seconds * SIPALG_SECOND_NS;
}

static void complain(struct nat *nat, const char *what)
{
	nat->wrong = nat->wrong ? nat->wrong : what;
}

/* ---- Flows ---- */

static struct nat_flow *flow_of_inside(struct nat *nat, uint64_t now_ns, sipalg_endpoint inside, sipalg_endpoint peer)
{
	for (size_t i = 0; i < nat->flow_count; i++) {
		struct nat_flow *flow = &nat->flows[i];
		if (flow->deadline_ns > now_ns && endpoint_equal(flow->inside, inside) &&
		    endpoint_equal(flow->peer, peer))
			return flow;
	}
	return NULL;
}

static struct nat_flow *flow_of_outside(struct nat *nat, uint64_t now_ns, sipalg_endpoint outside, sipalg_endpoint peer)
{
	for (size_t i = 0; i < nat->flow_count; i++) {
		struct nat_flow *flow = &nat->flows[i];
		if (flow->deadline_ns > now_ns && endpoint_equal(flow->outside, outside) &&
		    endpoint_equal(flow->peer, peer))
			return flow;
	}
	return NULL;
}

static struct nat_flow *flow_add(struct nat *nat, uint64_t now_ns, struct nat_flow flow)
{
	size_t at = 0;
	while (at < nat->flow_count && nat->flows[at].deadline_ns > now_ns)
		at++;
	if (at == NAT_FLOWS_MAX) {
		complain(nat, "the model has no room for another flow");
		at--;
	} else if (at == nat->flow_count) {
		nat->flow_count++;
	}
	flow.deadline_ns = seconds_after(now_ns, nat->udp_timeout_s);
	nat->flows[at] = flow;
	return &nat->flows[at];
}

/* A packet of the flow restarts its timeout. */
static void flow_touch(const struct nat *nat, uint64_t now_ns, struct nat_flow *flow, bool from_outside)
{
	flow->replied = flow->replied || from_outside != flow->from_outside;
	uint32_t timeout_s = flow->replied ? nat->udp_stream_timeout_s : nat->udp_timeout_s;
	if (flow->inside.protocol == SIPALG_PROTOCOL_TCP)
		timeout_s = NAT_TCP_TIMEOUT_S;
	flow->deadline_ns = seconds_after(now_ns, timeout_s);
}

/* ---- Bindings ---- */

/* An inside endpoint may have one under each of the router's addresses. */
static struct nat_binding *binding_of_inside(struct nat *nat, uint64_t now_ns, sipalg_endpoint inside,
                                             const sipalg_address *outside)
{
	for (size_t i = 0; i < nat->binding_count; i++)
		if (nat->bindings[i].deadline_ns > now_ns && endpoint_equal(nat->bindings[i].inside, inside) &&
		    sipalg_address_equal(&nat->bindings[i].outside.address, outside))
			return &nat->bindings[i];
	return NULL;
}

static struct nat_binding *binding_of_outside(struct nat *nat, uint64_t now_ns, sipalg_endpoint outside)
{
	for (size_t i = 0; i < nat->binding_count; i++)
		if (nat->bindings[i].deadline_ns > now_ns && endpoint_equal(nat->bindings[i].outside, outside))
			return &nat->bindings[i];
	return NULL;
}

static bool binding_admits(const struct nat_binding *binding, const sipalg_address *peer)
{
	for (size_t i = 0; i < binding->peer_count; i++)
		if (sipalg_address_equal(&binding->peers[i], peer))
			return true;
	return binding->admits_any;
}

/* A server the user trusts may send to any signalling binding. */
static bool peer_is_trusted(const struct nat *nat, const struct nat_binding *binding, const sipalg_address *peer)
{
	for (size_t i = 0; i < nat->server_count; i++)
		if (sipalg_address_equal(&nat->servers[i], peer))
			return binding->signalling;
	return false;
}

/* ---- Packets ---- */

void nat_readdress(struct nat *nat, const sipalg_address *outside)
{
	nat->outside = *outside;
	nat_forget_flows(nat);
}

void nat_fail_over(struct nat *nat, const sipalg_address *outside)
{
	nat->former = nat->outside;
	nat->outside = *outside;
}

sipalg_address nat_address(const struct nat *nat, uint64_t now_ns, sipalg_endpoint inside, sipalg_endpoint peer)
{
	for (size_t i = 0; i < nat->flow_count; i++)
		if (nat->flows[i].deadline_ns > now_ns && endpoint_equal(nat->flows[i].inside, inside) &&
		    endpoint_equal(nat->flows[i].peer, peer) &&
		    sipalg_address_equal(&nat->flows[i].outside.address, &nat->former))
			return nat->former;
	return nat->outside;
}

void nat_forget_address(struct nat *nat, const sipalg_address *outside)
{
	for (size_t i = 0; i < nat->flow_count; i++)
		if (sipalg_address_equal(&nat->flows[i].outside.address, outside))
			nat->flows[i].deadline_ns = 0;
}

void nat_forget_flows(struct nat *nat)
{
	for (size_t i = 0; i < nat->flow_count; i++)
		nat->flows[i].deadline_ns = 0;
}

uint16_t nat_mapping(const struct nat *nat, uint64_t now_ns, sipalg_endpoint inside, sipalg_endpoint peer)
{
	for (size_t i = 0; i < nat->flow_count; i++) {
		const struct nat_flow *flow = &nat->flows[i];
		if (flow->deadline_ns > now_ns && endpoint_equal(flow->inside, inside) &&
		    endpoint_equal(flow->peer, peer))
			return flow->outside.port;
	}
	return 0;
}

bool nat_is_occupied(const struct nat *nat, uint64_t now_ns, sipalg_endpoint outside, sipalg_endpoint peer,
                     sipalg_endpoint inside)
{
	for (size_t i = 0; i < nat->flow_count; i++) {
		const struct nat_flow *flow = &nat->flows[i];
		if (flow->deadline_ns > now_ns && endpoint_equal(flow->outside, outside) &&
		    endpoint_equal(flow->peer, peer))
			return !endpoint_equal(flow->inside, inside);
	}
	return false;
}

/* ---- Translation ---- */

static sipalg_prefix prefix_of(const char *text)
{
	sipalg_prefix prefix = { 0 };
	return sipalg_prefix_read(text, strlen(text), &prefix) ? prefix : (sipalg_prefix){ 0 };
}

size_t nat_networks(const struct nat *nat, sipalg_network networks[NAT_NETWORKS])
{
	enum sipalg_translation ip6 = nat->ip6 == SIPALG_TRANSLATION_PORTS ? nat->ip6 : SIPALG_TRANSLATION_NONE;
	networks[0] = (sipalg_network){ .inside = prefix_of(LAB_LAN_PREFIX "0/24") };
	networks[1] = (sipalg_network){ .inside = prefix_of(LAB_LAN_SECOND_PREFIX "0/24") };
	networks[2] = (sipalg_network){ .inside = prefix_of(LAB_LAN6_PREFIX "/64"), .translation = ip6 };
	networks[3] = (sipalg_network){ .inside = prefix_of(LAB_ULA_PREFIX "/64"), .translation = nat->ip6 };
	if (nat->ip6 == SIPALG_TRANSLATION_PREFIX)
		networks[3].outside = prefix_of(LAB_TRANSLATED_PREFIX "/64");
	if (nat->second_is_gone)
		networks[1] = networks[0];
	return NAT_NETWORKS;
}

static enum sipalg_translation translation_of(const struct nat *nat, sipalg_endpoint inside)
{
	sipalg_prefix local = prefix_of(LAB_ULA_PREFIX "/64");
	if (!endpoint_is_ipv6(inside))
		return SIPALG_TRANSLATION_PORTS;
	if (nat->ip6 == SIPALG_TRANSLATION_PREFIX && !sipalg_prefix_contains(&local, &inside.address))
		return SIPALG_TRANSLATION_NONE;
	return nat->ip6;
}

/* Masquerade keeps the port when nobody talks to this peer from it; nobody is sent to himself. */
static sipalg_endpoint masquerade(struct nat *nat, uint64_t now_ns, sipalg_endpoint inside, sipalg_endpoint peer)
{
	sipalg_endpoint outside = inside;
	outside.address = endpoint_is_ipv6(inside) ? nat->outside6 : nat->outside;
	while (flow_of_outside(nat, now_ns, outside, peer) || endpoint_equal(outside, peer))
		outside.port = outside.port == UINT16_MAX ? 1024 : (uint16_t)(outside.port + 1);
	return outside;
}

static sipalg_endpoint translate(struct nat *nat, uint64_t now_ns, sipalg_endpoint inside, sipalg_endpoint peer)
{
	sipalg_endpoint outside = inside;
	sipalg_prefix prefix = prefix_of(LAB_TRANSLATED_PREFIX "/64");
	switch (translation_of(nat, inside)) {
	case SIPALG_TRANSLATION_PORTS:
		return masquerade(nat, now_ns, inside, peer);
	case SIPALG_TRANSLATION_PREFIX:
	case SIPALG_TRANSLATION_PREFIX_NEUTRAL:
		memcpy(outside.address.bytes, prefix.address.bytes, 8);
		break;
	case SIPALG_TRANSLATION_NONE:
		break;
	}
	return outside;
}

bool nat_is_own(const struct nat *nat, const sipalg_address *address)
{
	sipalg_prefix translated = prefix_of(LAB_TRANSLATED_PREFIX "/64");
	return sipalg_address_equal(address, &nat->outside) || sipalg_address_equal(address, &nat->former) ||
	       sipalg_address_equal(address, &nat->outside6) || sipalg_prefix_contains(&translated, address);
}

/* What is routed and no firewall stops. */
static bool is_open(const struct nat *nat, sipalg_endpoint to)
{
	return endpoint_is_inside(to) && endpoint_is_ipv6(to) && !nat->firewall;
}

bool nat_is_signalling(struct nat *nat, uint64_t now_ns, sipalg_endpoint outside)
{
	const struct nat_binding *binding = binding_of_outside(nat, now_ns, outside);
	return binding && binding->signalling;
}

sipalg_endpoint nat_outbound(struct nat *nat, uint64_t now_ns, sipalg_endpoint inside, sipalg_endpoint peer)
{
	struct nat_flow *flow = flow_of_inside(nat, now_ns, inside, peer);
	if (!flow) {
		sipalg_endpoint outside = translate(nat, now_ns, inside, peer);
		struct nat_binding *binding = binding_of_inside(nat, now_ns, inside, &outside.address);
		if (binding)
			outside = binding->outside;
		flow = flow_add(nat, now_ns, (struct nat_flow){ .inside = inside, .peer = peer, .outside = outside });
	}
	flow_touch(nat, now_ns, flow, false);
	return flow->outside;
}

bool nat_inbound(struct nat *nat, uint64_t now_ns, sipalg_endpoint peer, sipalg_endpoint outside,
                 sipalg_endpoint *inside)
{
	struct nat_flow *flow = flow_of_outside(nat, now_ns, outside, peer);
	if (!flow) {
		struct nat_flow new = { .inside = outside, .peer = peer, .outside = outside, .from_outside = true };
		struct nat_binding *binding = binding_of_outside(nat, now_ns, outside);
		bool admitted = binding && (binding_admits(binding, &peer.address) ||
		                            peer_is_trusted(nat, binding, &peer.address));
		if (admitted)
			new.inside = binding->inside;
		else if (!is_open(nat, outside))
			return false;
		flow = flow_add(nat, now_ns, new);
	}
	flow_touch(nat, now_ns, flow, true);
	*inside = flow->inside;
	return true;
}

static void mark_port(sipalg_endpoint outside, sipalg_endpoint at, uint8_t *ports)
{
	at.port = outside.port;
	if (endpoint_equal(outside, at))
		ports[at.port / 8] = (uint8_t)(ports[at.port / 8] | 1U << at.port % 8);
}

void nat_mark_ports(const struct nat *nat, uint64_t now_ns, sipalg_endpoint at, uint8_t *ports)
{
	for (size_t i = 0; i < NAT_FLOWS_MAX; i++)
		if (nat->flows[i].deadline_ns > now_ns)
			mark_port(nat->flows[i].outside, at, ports);
	for (size_t i = 0; i < NAT_BINDINGS_MAX; i++)
		if (nat->bindings[i].deadline_ns > now_ns)
			mark_port(nat->bindings[i].outside, at, ports);
}

/* ---- Commands ---- */

/* Flows that keep a binding from being true. */
static void flows_clear(struct nat *nat, const struct nat_binding *binding, bool all)
{
	for (size_t i = 0; i < nat->flow_count; i++)
		if (endpoint_equal(nat->flows[i].inside, binding->inside) &&
		    sipalg_address_equal(&nat->flows[i].outside.address, &binding->outside.address) &&
		    (all || !endpoint_equal(nat->flows[i].outside, binding->outside)))
			nat->flows[i].deadline_ns = 0;
}

static void binding_open(struct nat *nat, uint64_t now_ns, const sipalg_command *command)
{
	sipalg_endpoint inside = command->inside, outside = command->outside;
	if (binding_of_inside(nat, now_ns, inside, &outside.address) || binding_of_outside(nat, now_ns, outside))
		complain(nat, "the engine opened a binding whose address is bound already");
	flows_clear(nat, &(struct nat_binding){ .inside = inside, .outside = outside }, false);
	size_t at = 0;
	while (at < nat->binding_count && nat->bindings[at].deadline_ns > now_ns)
		at++;
	if (at == NAT_BINDINGS_MAX) {
		complain(nat, "the model has no room for another binding");
		return;
	}
	nat->binding_count += at == nat->binding_count;
	nat->bindings[at] = (struct nat_binding){ .handle = command->binding,
		                                  .inside = inside,
		                                  .outside = outside,
		                                  .admits_any = command->admits == SIPALG_ADMITS_ANY,
		                                  .signalling = command->signalling,
		                                  .deadline_ns = seconds_after(now_ns, command->lease_s) };
}

static void binding_close(struct nat *nat, struct nat_binding *binding, bool keep_flows)
{
	if (!keep_flows)
		flows_clear(nat, binding, true);
	binding->deadline_ns = 0;
}

static void binding_admit(struct nat_binding *binding, const sipalg_address *peer)
{
	if (!binding_admits(binding, peer) && binding->peer_count < SIPALG_PEERS_MAX)
		binding->peers[binding->peer_count++] = *peer;
}

static void binding_dismiss(struct nat_binding *binding, const sipalg_address *peer)
{
	for (size_t i = binding->peer_count; i-- > 0;)
		if (sipalg_address_equal(&binding->peers[i], peer))
			binding->peers[i] = binding->peers[--binding->peer_count];
}

/* What keeps a flow from being entered, and began before there was the binding: the host's own, from this port under
 * another mapping, or from another port under this one. */
static void flows_make_way(struct nat *nat, uint64_t now_ns, const struct nat_flow *flow)
{
	struct nat_flow *sent = flow_of_inside(nat, now_ns, flow->inside, flow->peer);
	struct nat_flow *heard = flow_of_outside(nat, now_ns, flow->outside, flow->peer);
	if (sent && !endpoint_equal(sent->outside, flow->outside))
		sent->deadline_ns = 0;
	if (heard && !endpoint_equal(heard->inside, flow->inside) &&
	    sipalg_address_equal(&heard->inside.address, &flow->inside.address))
		heard->deadline_ns = 0;
}

static void flow_enter(struct nat *nat, uint64_t now_ns, const sipalg_command *command)
{
	struct nat_flow flow = { .inside = command->inside,
		                 .peer = command->peer,
		                 .outside = command->outside,
		                 .from_outside = true,
		                 .replied = true };
	flows_make_way(nat, now_ns, &flow);
	if (!flow_of_inside(nat, now_ns, flow.inside, flow.peer) &&
	    !flow_of_outside(nat, now_ns, flow.outside, flow.peer))
		flow_add(nat, now_ns, flow)->deadline_ns = seconds_after(now_ns, command->lease_s);
}

static void flow_hold(struct nat *nat, uint64_t now_ns, const sipalg_command *command)
{
	struct nat_flow *flow = flow_of_inside(nat, now_ns, command->inside, command->peer);
	if (flow)
		flow->deadline_ns = seconds_after(now_ns, command->lease_s);
}

/* Connection tracking tells which bindings carry traffic. */
static bool binding_is_used(const struct nat *nat, uint64_t now_ns, const struct nat_binding *binding)
{
	for (size_t i = 0; i < nat->flow_count; i++)
		if (nat->flows[i].deadline_ns > now_ns && endpoint_equal(nat->flows[i].outside, binding->outside))
			return true;
	return false;
}

static struct nat_binding *binding_of_handle(struct nat *nat, uint64_t now_ns, uint32_t handle)
{
	for (size_t i = 0; i < nat->binding_count; i++)
		if (nat->bindings[i].deadline_ns > now_ns && nat->bindings[i].handle == handle)
			return &nat->bindings[i];
	return NULL;
}

bool nat_command(struct nat *nat, uint64_t now_ns, const sipalg_command *command, bool *alive)
{
	struct nat_binding *binding = binding_of_handle(nat, now_ns, command->binding);
	switch (command->kind) {
	case SIPALG_COMMAND_NONE:
		complain(nat, "the engine gave a command that is none");
		return false;
	case SIPALG_COMMAND_OPEN:
		binding_open(nat, now_ns, command);
		return false;
	case SIPALG_COMMAND_ENTER_FLOW:
		flow_enter(nat, now_ns, command);
		return false;
	case SIPALG_COMMAND_HOLD_FLOW:
		flow_hold(nat, now_ns, command);
		return false;
	case SIPALG_COMMAND_REFRESH:
	case SIPALG_COMMAND_ADMIT:
	case SIPALG_COMMAND_DISMISS:
	case SIPALG_COMMAND_CLOSE:
	case SIPALG_COMMAND_ASK_TRAFFIC:
		break;
	}
	if (!binding) {
		/* Closing what the lease has already ended is no harm. */
		if (command->kind != SIPALG_COMMAND_CLOSE)
			complain(nat, command->kind == SIPALG_COMMAND_REFRESH
			                      ? "the engine refreshed a binding whose lease was over"
			                      : "the engine gave a command for a binding whose lease was over");
		*alive = false;
		return command->kind == SIPALG_COMMAND_ASK_TRAFFIC;
	}
	if (command->kind == SIPALG_COMMAND_REFRESH)
		binding->deadline_ns = seconds_after(now_ns, command->lease_s);
	else if (command->kind == SIPALG_COMMAND_ADMIT)
		binding_admit(binding, &command->peer.address);
	else if (command->kind == SIPALG_COMMAND_DISMISS)
		binding_dismiss(binding, &command->peer.address);
	else if (command->kind == SIPALG_COMMAND_CLOSE)
		binding_close(nat, binding, command->keep_flows);
	*alive = binding_is_used(nat, now_ns, binding);
	return command->kind == SIPALG_COMMAND_ASK_TRAFFIC;
}
