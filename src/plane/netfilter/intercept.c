/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/intercept.h"
#include "plane/netfilter/reach.h"
#include "plane/netfilter/state.h"

#include <errno.h>
#include <string.h>

/* ---- The relay's questions ---- */

/* Our addresses on the interface by which it leaves or came. */
static void fill_outside(const struct plane *plane, uint32_t link, const sipalg_address *server,
                         struct relay_route *route)
{
	const struct links_wan *wan = links_find_wan(&plane->state, link);
	enum family family = family_of(server);

	if (wan == NULL)
		return;
	route->outside = wan->outside[family];
	route->other_outside = wan->outside[family == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4];
}

/* The onward connection begins at the phone's own address, so that the user's NAT and routing by source apply, from
 * whatever port: the phone's own is taken by the connection it opened. */
static void route_outbound(const struct opening *opening, struct relay_route *route)
{
	route->phone = route->from = opening->syn.source;
	route->server = route->to = opening->syn.destination;
	route->from.port = 0;
}

/* The phone sees the server's own address and port. */
static bool route_inbound(const struct plane *plane, const struct opening *opening, struct relay_route *route)
{
	sipalg_binding_view binding;

	if (!sipalg_engine_find_binding(plane->engine, &opening->syn.destination, &binding))
		return false;
	route->phone = route->to = binding.inside;
	route->server = route->from = opening->syn.source;
	route->outside = binding.outside.address;
	route->mapping = binding.outside.port;
	return true;
}

/* Only what was sent here by ourselves: whoever else finds the port is refused. */
static bool find_route(void *context, uint64_t now_ns, const sipalg_endpoint *source,
                       const sipalg_endpoint *destination, struct relay_route *route)
{
	struct plane *plane = context;
	struct opening *opening = openings_find(&plane->intercept.openings, now_ns, source, destination);

	if (opening == NULL || opening->swallowed)
		return false;
	*route = (struct relay_route){ .direction = (enum sipalg_direction)opening->direction };
	fill_outside(plane, opening->link, &opening->syn.destination.address, route);
	route->mark = opening->mark;
	openings_end(opening);
	if (route->direction == SIPALG_INBOUND)
		return route_inbound(plane, opening, route);
	route_outbound(opening, route);
	return true;
}

static void note_connected(void *context, uint64_t now_ns, struct relay_route *route, const sipalg_endpoint *local)
{
	struct plane *plane = context;
	struct tuple sent = { *local, route->to };
	struct flow flow;

	(void)now_ns;
	if (route->direction != SIPALG_OUTBOUND || !conntrack_find(&plane->conntrack, &sent, &flow))
		return;
	const sipalg_endpoint *outside = flow_outside(&flow, local);
	enum family family = family_of(&outside->address);

	if (sipalg_endpoint_equal(outside, local))
		return;
	route->outside = outside->address;
	route->mapping = outside->port;
	for (size_t index = 0; index < plane->state.wan_count; index++) {
		const sipalg_address *own = plane->state.wan[index].outside;

		if (sipalg_address_equal(&own[family], &outside->address))
			route->other_outside = own[family == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4];
	}
}

static void handle_message(void *context, uint64_t now_ns, const sipalg_packet *packet, sipalg_verdict *verdict)
{
	struct plane *plane = context;
	const struct plane_cause cause = { .origin = 0, .packet = packet };

	plane->opened_count = 0;
	plane->withdrawn[0] = false;
	sipalg_engine_handle(plane->engine, now_ns, packet, verdict);
	if (plane->observer.handled != NULL)
		plane->observer.handled(plane->observer.context, now_ns, packet, verdict);
	commands_gather(plane, now_ns, &cause);
	commands_commit(plane, now_ns);
	plane->opened_count = 0;
	if (!plane->withdrawn[0])
		return;
	verdict->bytes = packet->bytes;
	verdict->length = packet->length;
}

/* ---- Opening and closing ---- */

static bool refuse(struct plane *plane, const char *what, int error)
{
	plane_say(plane, "SIP over TCP passes as through plain NAT: %s: %s", what, strerror(error));
	intercept_close(plane);
	return false;
}

static bool open_relay(struct plane *plane)
{
	const struct relay_hooks hooks = { plane, find_route, note_connected, handle_message };
	struct relay_settings settings;

	relay_settings_defaults(&settings);
	if (plane->settings.connections_max > 0)
		settings.connections_max = plane->settings.connections_max;
	plane->intercept.relay = relay_open(&settings, &hooks);
	return plane->intercept.relay != NULL;
}

bool intercept_open(struct plane *plane)
{
	struct intercept *intercept = &plane->intercept;
	int error;

	intercept->raw = (struct raw){ -1, -1 };
	(void)divert_remove(&plane->nftables); /* of a predecessor's: its relay is gone */
	if (plane->settings.without_tcp)
		return false;
	error = divert_try(&plane->nftables, &plane->contents);
	(void)divert_remove(&plane->nftables); /* what was only tried may have left an empty table */
	if (error != 0)
		return refuse(plane, "it needs nft_tproxy and nft_socket (OpenWrt: kmod-nft-tproxy, kmod-nft-socket)",
		              error);
	error = raw_open(&intercept->raw, DIVERT_SIGN);
	if (error != 0)
		return refuse(plane, "cannot open a raw socket (CAP_NET_RAW)", error);
	if (!openings_open(&intercept->openings))
		return refuse(plane, "cannot remember connections", ENOMEM);
	if (!open_relay(plane))
		return refuse(plane, "cannot listen on transparent sockets (CAP_NET_ADMIN)", errno);
	intercept->divert.contents = &plane->contents;
	intercept->divert.port = relay_port(intercept->relay);
	intercept_follow_addresses(plane);
	return true;
}

static void uninstall(struct plane *plane)
{
	struct intercept *intercept = &plane->intercept;

	if (!intercept->installed)
		return;
	(void)divert_remove(&plane->nftables);
	intercept->installed = false;
}

static uint32_t connections(const struct intercept *intercept)
{
	return intercept->relay == NULL ? 0 : relay_counters(intercept->relay)->connections;
}

void intercept_close(struct plane *plane)
{
	struct intercept *intercept = &plane->intercept;
	uint32_t count = connections(intercept);

	if (count > 0)
		plane_say(plane, "%u TCP connection%s with it; phones connect again by themselves", count,
		          count == 1 ? " ends" : "s end");
	relay_close(intercept->relay);
	intercept->relay = NULL;
	uninstall(plane);
	openings_close(&intercept->openings);
	raw_close(&intercept->raw);
}

int intercept_switch(struct plane *plane, bool on)
{
	struct intercept *intercept = &plane->intercept;

	if (intercept->relay == NULL)
		return 0;
	relay_set_parsing(intercept->relay, on);
	intercept->taking = on;
	if (on)
		return 0; /* installed when the first connection comes */
	if (connections(intercept) == 0)
		uninstall(plane);
	else if (intercept->installed)
		plane_say(plane, "%u TCP connection%s on, no longer read, until the end", connections(intercept),
		          connections(intercept) == 1 ? " goes" : "s go");
	return 0;
}

/* Returns whether all is in force as it should be. */
static bool put_in_force(struct plane *plane)
{
	struct intercept *intercept = &plane->intercept;
	int error = divert_install(&plane->nftables, &intercept->divert);

	intercept->outdated = error != 0;
	if (error != 0)
		plane_say(plane, "cannot put back what SIP over TCP needs: %s; trying again", strerror(error));
	return error == 0;
}

void intercept_check(struct plane *plane)
{
	struct intercept *intercept = &plane->intercept;

	if (!intercept->installed)
		return;
	if (connections(intercept) > 0)
		intercept->needed_ns = plane->now_ns;
	if (plane->now_ns - intercept->needed_ns > INTERCEPT_IDLE_S * SIPALG_SECOND_NS)
		uninstall(plane);
	else if (intercept->outdated)
		(void)put_in_force(plane);
	else if (!divert_exists(&plane->nftables) && put_in_force(plane))
		plane_say(plane, "somebody removed table inet sipalg_relay of SIP over TCP; put back");
}

/* One of the router's own of this family, such as phones know it by: routes lead to and from it as they do to and from
 * the phones. */
static sipalg_address find_home(const struct plane *plane, enum family family)
{
	const struct links_state *state = &plane->state;

	for (size_t index = 0; index < state->router_count; index++)
		if (family_of(&state->router[index]) == family)
			return state->router[index];
	for (size_t index = 0; index < state->wan_count; index++)
		if (!sipalg_address_is_none(&state->wan[index].outside[family]))
			return state->wan[index].outside[family];
	return (sipalg_address){ { 0 } };
}

void intercept_follow_addresses(struct plane *plane)
{
	struct intercept *intercept = &plane->intercept;
	bool same = true;

	for (enum family family = FAMILY_IPV4; family < FAMILY_COUNT; family++) {
		sipalg_address home = find_home(plane, family);

		same = same && sipalg_address_equal(&home, &intercept->divert.home[family]);
		intercept->divert.home[family] = home;
	}
	if (intercept->installed && !same)
		(void)put_in_force(plane);
}

void intercept_forget_outside(struct plane *plane, const sipalg_address *outside)
{
	if (plane->intercept.relay != NULL)
		relay_forget_outside(plane->intercept.relay, outside);
}

/* ---- First packets ---- */

/* Where a connection that is to be taken goes. */
struct way {
	enum sipalg_direction direction;
	uint32_t link; /* to the outside */
	sipalg_address phone;
};

static bool find_outbound(struct plane *plane, uint64_t now_ns, const struct queue_entry *entry, const struct syn *syn,
                          struct way *way)
{
	if (!sipalg_engine_is_inside(plane->engine, &syn->source.address))
		return false;
	if (syn->destination.port == PLANE_PORT_ENCRYPTED) {
		encrypted_note(&plane->intercept.encrypted, now_ns, &syn->source.address, &syn->destination);
		return false;
	}
	/* Before routing it is not known yet: the mapping will tell. */
	way->link = entry->out_link != 0 ? entry->out_link : plane->state.wan[0].index;
	way->direction = SIPALG_OUTBOUND;
	way->phone = syn->source.address;
	return !sipalg_engine_is_off(plane->engine, &syn->source.address);
}

static bool find_inbound(const struct plane *plane, const struct queue_entry *entry, const struct syn *syn,
                         struct way *way)
{
	sipalg_binding_view binding;

	if (!sipalg_engine_find_binding(plane->engine, &syn->destination, &binding) || !binding.signalling)
		return false;
	way->link = entry->in_link;
	way->direction = SIPALG_INBOUND;
	way->phone = binding.inside.address;
	return !sipalg_engine_is_off(plane->engine, &binding.inside.address);
}

static bool send_to_relay(struct plane *plane, const struct queue_entry *entry)
{
	return raw_deliver(&plane->intercept.raw, entry->bytes, entry->length);
}

/* A first packet repeated. Either its answer was lost: the kernel then answers again. Or the copy never arrived: a rule
 * of the user's drops it, and the connection is left to plain NAT. For that the flow that the copy began has to go,
 * since it has no translation; and this packet with it, since it belongs to that flow. The next one passes. */
static bool take_again(struct plane *plane, uint64_t now_ns, const struct queue_entry *entry, struct opening *opening)
{
	struct tuple tuple = { opening->syn.source, opening->syn.destination };
	struct flow flow;

	if (opening->swallowed)
		return false;
	if (now_ns - opening->since_ns < INTERCEPT_AGAIN_MS * (SIPALG_SECOND_NS / 1000) ||
	    (conntrack_find(&plane->conntrack, &tuple, &flow) && flow.answered))
		return send_to_relay(plane, entry);
	conntrack_delete(&plane->conntrack, &tuple);
	conntrack_flush(&plane->conntrack);
	opening->swallowed = true;
	if (++plane->intercept.swallowed == INTERCEPT_SWALLOWED_SAID)
		plane_say(plane, "a rule of this router drops packets that come by lo: SIP over TCP passes as through "
		                 "plain NAT until they are accepted");
	return true;
}

/* In a storm of connections one line is enough. */
static void say_refusal(struct plane *plane, uint64_t now_ns, const char *why)
{
	struct intercept *intercept = &plane->intercept;

	if (intercept->said_ns != 0 && now_ns - intercept->said_ns < INTERCEPT_SAID_S * SIPALG_SECOND_NS)
		return;
	intercept->said_ns = now_ns;
	plane_say(plane, "cannot take a TCP connection: %s; it passes as through plain NAT", why);
}

/* What is in force costs every packet of the router a little, media too, and so it is there only while some connection
 * needs it. */
static bool make_ready(struct plane *plane, uint64_t now_ns)
{
	struct intercept *intercept = &plane->intercept;
	int error = intercept->installed ? 0 : divert_install(&plane->nftables, &intercept->divert);

	intercept->needed_ns = now_ns;
	if (error != 0)
		say_refusal(plane, now_ns, strerror(error));
	else
		intercept->installed = true;
	return error == 0;
}

/* Whether both ends' packets would be delivered here: by what the user's routes say, with rp_filter, not all are that
 * would be forwarded. */
static bool can_be_delivered(struct plane *plane, uint64_t now_ns, const struct syn *syn, const struct way *way,
                             uint32_t in_link)
{
	const sipalg_address *home = &plane->intercept.divert.home[family_of(&syn->source.address)];
	struct netlink *routing = &plane->links.asking;

	if (!sipalg_address_is_none(home) && reach_is_open(routing, &syn->source.address, home, in_link) &&
	    (way->direction == SIPALG_INBOUND || reach_is_open(routing, &syn->destination.address, home, way->link)))
		return true;
	say_refusal(plane, now_ns, "its packets could not be delivered here, by this router's routes (rp_filter?)");
	return false;
}

/* Whether the packet has been sent to the relay instead. */
static bool take(struct plane *plane, uint64_t now_ns, const struct queue_entry *entry, const struct syn *syn)
{
	struct intercept *intercept = &plane->intercept;
	struct way way = { 0 };
	struct opening *opening = openings_find(&intercept->openings, now_ns, &syn->source, &syn->destination);

	if (!intercept->taking)
		return false;
	if (opening != NULL && opening->syn.sequence == syn->sequence)
		return take_again(plane, now_ns, entry, opening);
	if (!(links_find_wan(&plane->state, entry->in_link) == NULL ? find_outbound(plane, now_ns, entry, syn, &way)
	                                                            : find_inbound(plane, entry, syn, &way)) ||
	    !relay_has_room(intercept->relay, &way.phone))
		return false;
	if (!can_be_delivered(plane, now_ns, syn, &way, entry->in_link) || !make_ready(plane, now_ns))
		return false;
	opening = openings_add(&intercept->openings, now_ns, syn);
	if (opening == NULL)
		return false;
	opening->link = way.link;
	opening->mark = entry->mark;
	opening->direction = (uint8_t)way.direction;
	if (send_to_relay(plane, entry))
		return true;
	openings_end(opening);
	return false;
}

bool intercept_take(struct plane *plane, uint64_t now_ns, size_t index)
{
	const struct queue_entry *entry = &plane->queue.entries[index];
	struct syn syn;

	if (plane->intercept.relay == NULL || !syn_read(entry->bytes, entry->length, &syn))
		return false;
	if (take(plane, now_ns, entry, &syn)) {
		plane->counters.connections_taken++;
		queue_drop(&plane->queue, index);
	} else {
		plane->counters.connections_passed++;
		queue_accept(&plane->queue, index);
	}
	return true;
}

/* ---- Running ---- */

/* Connections that turned out to be encrypted since the last look. */
static void look_for_encrypted(struct intercept *intercept, uint64_t now_ns)
{
	uint64_t seen = relay_counters(intercept->relay)->encrypted;
	struct relay_view view;
	uint32_t cursor = 0;

	if (seen == intercept->encrypted_seen)
		return;
	while (relay_next_connection(intercept->relay, &cursor, &view))
		if (view.outbound == SIPALG_STREAM_TLS && view.since_ns > intercept->encrypted_ns)
			encrypted_note(&intercept->encrypted, view.since_ns, &view.route.phone.address,
			               &view.route.server);
	intercept->encrypted_seen = seen;
	intercept->encrypted_ns = now_ns;
}

void intercept_work(struct plane *plane, uint64_t now_ns)
{
	struct intercept *intercept = &plane->intercept;

	if (intercept->relay == NULL)
		return;
	relay_work(intercept->relay, now_ns);
	look_for_encrypted(intercept, now_ns);
	if (!intercept->taking && intercept->installed && connections(intercept) == 0)
		uninstall(plane);
}

uint64_t intercept_deadline(const struct plane *plane)
{
	return plane->intercept.relay == NULL ? SIPALG_NEVER : relay_deadline(plane->intercept.relay);
}

int intercept_descriptor(const struct plane *plane)
{
	return plane->intercept.relay == NULL ? -1 : relay_descriptor(plane->intercept.relay);
}
