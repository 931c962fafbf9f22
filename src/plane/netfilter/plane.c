/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/probe.h"
#include "plane/netfilter/state.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void plane_say(const struct plane *plane, const char *format, ...)
{
	char line[PLANE_LINE_MAX];
	va_list arguments;

	if (plane->observer.say == NULL)
		return;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	plane->observer.say(plane->observer.context, line);
}

/* ---- Starting ---- */

/* One gateway for each network namespace. An abstract socket belongs to one, and goes with its process. */
static int lock_open(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	static const char text[] = "\0sipalg/netfilter";
	int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(name.sun_path, text, sizeof(text) - 1);
	if (descriptor >= 0 && bind(descriptor, (const struct sockaddr *)&name,
	                            (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(text) - 1)) != 0) {
		close(descriptor);
		return -1;
	}
	return descriptor;
}

static bool refuse(const struct plane *plane, const char *what, int error)
{
	if (error == EPERM || error == EACCES)
		plane_say(plane, "%s: not permitted; run it as root or with the capability CAP_NET_ADMIN", what);
	else
		plane_say(plane, "%s: %s", what, strerror(error));
	return false;
}

static bool open_tables(struct plane *plane)
{
	enum ruleset_queue kind;
	int error = 0;

	if (!netlink_open(&plane->nftables, NETLINK_NETFILTER, 0))
		return refuse(plane, "cannot talk to netfilter (is CONFIG_NETFILTER_NETLINK in this kernel?)", errno);
	netlink_size_buffers(&plane->nftables, 1 << 20, 1 << 20);
	kind = ruleset_try_queue(&plane->nftables, &error);
	if (kind == RULESET_QUEUE_NONE && (error == EPERM || error == EACCES))
		return refuse(plane, "cannot change nftables", error);
	if (kind == RULESET_QUEUE_NONE) {
		plane_say(plane,
		          "this kernel cannot queue packets (%s): it needs nft_queue (OpenWrt: kmod-nft-queue), or "
		          "nft_compat and xt_NFQUEUE",
		          strerror(error));
		return false;
	}
	plane->contents.native_queue = kind == RULESET_QUEUE_NATIVE;
	return true;
}

static bool open_flows(struct plane *plane)
{
	sipalg_endpoint nowhere = { .address = sipalg_address_from_ipv4(0),
		                    .port = 9,
		                    .protocol = SIPALG_PROTOCOL_UDP };
	struct tuple tuple = { nowhere, nowhere };
	struct flow flow;

	if (!conntrack_open(&plane->conntrack) || !sweep_open(&plane->sweep))
		return refuse(plane, "cannot talk to connection tracking", errno);
	if (!conntrack_find(&plane->conntrack, &tuple, &flow) && conntrack_is_missing(&plane->conntrack)) {
		plane_say(plane, "this kernel cannot tell about connections: it needs nf_conntrack_netlink (OpenWrt: "
		                 "kmod-nf-conntrack-netlink)");
		return false;
	}
	return true;
}

static bool open_queue(struct plane *plane)
{
	int error = queue_open(&plane->queue, plane->settings.queue, PLANE_QUEUE_DEFAULT);

	plane->contents.queue = plane->queue.number;
	if (error == 0)
		return true;
	if (error != EBUSY)
		return refuse(plane, "cannot listen on a netfilter queue (nfnetlink_queue)", error);
	plane_say(plane, "netfilter queue %u is another program's: choose one by --queue", plane->queue.number);
	return false;
}

static void say_links(const struct plane *plane)
{
	char lan[PLANE_LINKS_MAX * PLANE_LINK_NAME_MAX] = "", address[SIPALG_ADDRESS_TEXT_MAX] = "no address yet";
	const struct links_wan *wan = &plane->state.wan[0];
	sipalg_address outside = { 0 };
	size_t length = 0;

	for (size_t index = 0; index < plane->state.lan_count; index++)
		length += (size_t)snprintf(lan + length, sizeof(lan) - length, "%s%s", index == 0 ? "" : ",",
		                           plane->state.lan[index]);
	for (enum family family = FAMILY_IPV4; family < FAMILY_COUNT; family++)
		if (sipalg_address_is_none(&outside))
			outside = wan->outside[family];
	if (!sipalg_address_is_none(&outside))
		sipalg_address_write(&outside, address);
	if (plane->settings.lan_count == 0 || plane->settings.wan_count == 0)
		plane_say(plane, "inside is %s, outside is %s (%s); --lan and --wan say otherwise", lan, wan->name,
		          address);
	if (sipalg_address_is_none(&plane->settings.outside) && address_is_private(&wan->outside[FAMILY_IPV4]))
		plane_say(plane,
		          "the outside address %s is a private one: if another NAT follows that changes it, switch the "
		          "ALG of that one off",
		          address);
}

static bool open_links(struct plane *plane)
{
	int error;

	if (!links_open(&plane->links, &plane->settings))
		return refuse(plane, "cannot ask for the interfaces", errno);
	error = interfaces_look(plane);
	if (error != 0)
		return refuse(plane, "cannot read the interfaces", error);
	if (plane->state.wan_count == 0) {
		plane_say(plane, "there is no default route: say which interface leads outside by --wan");
		return false;
	}
	for (size_t index = 0; index < plane->state.wan_count; index++)
		if (plane->state.wan[index].index == 0) {
			plane_say(plane, "there is no interface %s: check --wan", plane->state.wan[index].name);
			return false;
		}
	if (plane->state.inside_count == 0) {
		plane_say(plane, plane->settings.lan_count > 0
		                         ? "no interface of --lan is there and has an address"
		                         : "no interface but the outside one has a private address: say which are "
		                           "inside by --lan, or their networks by --inside");
		return false;
	}
	say_links(plane);
	return true;
}

/* A table left by a predecessor keeps its elements; one of another make gives way. */
static bool open_table(struct plane *plane, uint64_t now_ns)
{
	int error;

	(void)rules_look(plane);
	restore_bindings(plane, now_ns);
	error = ruleset_install(&plane->nftables, &plane->contents);
	if (error != 0 && ruleset_remove(&plane->nftables) == 0)
		error = restore_table(plane, now_ns);
	if (error != 0) {
		ruleset_remove(&plane->nftables);
		return refuse(plane, "cannot install table inet sipalg (it needs nft_nat, nft_ct and inet tables)",
		              error);
	}
	if (plane->counters.restored > 0)
		plane_say(plane, "took over %llu bindings that were still alive",
		          (unsigned long long)plane->counters.restored);
	plane->on = true;
	error = intercept_switch(plane, true);
	if (error != 0)
		plane_say(plane, "SIP over TCP passes as through plain NAT: cannot install what it needs: %s",
		          strerror(error));
	restore_rest(plane, now_ns);
	rules_check(plane, now_ns);
	return true;
}

static bool open_all(struct plane *plane, uint64_t now_ns)
{
	plane->lock = lock_open();
	if (plane->lock < 0) {
		plane_say(plane, "another sipalg runs here already: stop that one first");
		return false;
	}
	if (!elements_open(&plane->elements) || !peers_open(&plane->peers)) {
		plane_say(plane, "there is not enough memory");
		return false;
	}
	if (!letin_open(&plane->letin))
		return refuse(plane, "cannot open a raw socket", errno);
	ports_open(&plane->ports, &plane->settings, plane->engine);
	ports_look(&plane->ports, now_ns, plane->engine);
	if (!open_tables(plane) || !open_flows(plane) || !open_links(plane) || !open_queue(plane))
		return false;
	plane->contents.tcp = intercept_open(plane);
	plane->contents.connectable = true; /* until it is known */
	return open_table(plane, now_ns);
}

struct plane *plane_open(const struct plane_settings *settings, const struct plane_observer *observer,
                         sipalg_engine *engine, uint64_t now_ns)
{
	struct plane *plane = calloc(1, sizeof(*plane));

	if (plane == NULL)
		return NULL;
	plane->settings = *settings;
	plane->observer = *observer;
	plane->engine = engine;
	plane->lock = -1;
	plane->intercept.raw = (struct raw){ -1, -1 };
	plane->commit_ns = plane->look_ns = SIPALG_NEVER;
	plane->now_ns = now_ns;
	plane->check_ns = now_ns + PLANE_CHECK_S * SIPALG_SECOND_NS;
	memcpy(plane->contents.servers, settings->servers, sizeof(settings->servers));
	plane->contents.server_count = settings->server_count;
	memcpy(plane->contents.ports, settings->ports, sizeof(settings->ports));
	plane->contents.port_count = settings->port_count;
	if (settings->port_count == 0) {
		plane->contents.ports[0] = SIPALG_PORT_SIP;
		plane->contents.port_count = 1;
	}
	if (open_all(plane, now_ns))
		return plane;
	plane_close(plane);
	return NULL;
}

/* The kernel drops what waits in a queue when a hook goes: what has come is handled first. */
static int remove_table(struct plane *plane, uint64_t now_ns)
{
	passage_work(plane, now_ns);
	return ruleset_remove(&plane->nftables);
}

void plane_close(struct plane *plane)
{
	if (plane == NULL)
		return;
	if (plane->on)
		(void)remove_table(plane, plane->now_ns);
	intercept_close(plane);
	queue_close(&plane->queue);
	letin_close(&plane->letin);
	sweep_close(&plane->sweep);
	conntrack_close(&plane->conntrack);
	links_close(&plane->links);
	elements_close(&plane->elements);
	peers_close(&plane->peers);
	netlink_close(&plane->nftables);
	if (plane->lock >= 0)
		close(plane->lock);
	free(plane);
}

void plane_advise(struct plane *plane)
{
	struct listing listing;

	listing_read(&listing, &plane->nftables);
	probe_rules(&listing, &plane->contents, plane->observer.say, plane->observer.context);
	listing_free(&listing);
}

/* ---- Running ---- */

enum { WATCH_QUEUE, WATCH_LINKS, WATCH_RELAY, WATCH_SWEEP };

size_t plane_descriptors(const struct plane *plane, struct pollfd descriptors[PLANE_DESCRIPTORS_MAX])
{
	size_t count = WATCH_SWEEP;

	descriptors[WATCH_QUEUE] = (struct pollfd){ .fd = netlink_descriptor(&plane->queue.netlink), .events = POLLIN };
	descriptors[WATCH_LINKS] = (struct pollfd){ .fd = links_descriptor(&plane->links), .events = POLLIN };
	descriptors[WATCH_RELAY] = (struct pollfd){ .fd = intercept_descriptor(plane), .events = POLLIN };
	if (plane->sweep.running)
		descriptors[count++] =
		        (struct pollfd){ .fd = netlink_descriptor(&plane->sweep.netlink), .events = POLLIN };
	return count;
}

static uint64_t earlier(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

uint64_t plane_deadline(const struct plane *plane)
{
	uint64_t deadline = earlier(sipalg_engine_deadline(plane->engine), plane->commit_ns);

	deadline = earlier(deadline, earlier(plane->look_ns, plane->ports.look_ns));
	deadline = earlier(deadline, earlier(sweep_deadline(&plane->sweep), intercept_deadline(plane)));
	return earlier(deadline, plane->check_ns);
}

void plane_carry_out(struct plane *plane, uint64_t now_ns)
{
	const struct plane_cause cause = { .origin = PLANE_ORIGIN_NONE };

	commands_gather(plane, now_ns, &cause);
	commands_commit(plane, now_ns);
}

static void advance(struct plane *plane, uint64_t now_ns)
{
	for (int round = 0; round < PLANE_ADVANCES_MAX && sipalg_engine_deadline(plane->engine) <= now_ns; round++) {
		sipalg_engine_advance(plane->engine, now_ns);
		plane_carry_out(plane, now_ns);
	}
}

struct traffic_context {
	struct plane *plane;
	uint64_t now_ns;
};

static void report_traffic(void *context, uint32_t binding, bool alive)
{
	const struct traffic_context *traffic = context;

	sipalg_engine_report_traffic(traffic->plane->engine, traffic->now_ns, binding, alive);
}

static void do_what_is_due(struct plane *plane, uint64_t now_ns)
{
	if (now_ns >= plane->commit_ns)
		commands_commit(plane, now_ns);
	if (now_ns >= plane->look_ns)
		interfaces_look_again(plane, now_ns);
	if (now_ns >= plane->check_ns)
		rules_check(plane, now_ns);
	ports_look(&plane->ports, now_ns, plane->engine);
	sweep_begin(&plane->sweep, now_ns);
}

static bool has_no_way_out(const struct links_state *state)
{
	for (size_t index = 0; index < state->wan_count; index++)
		for (enum family family = FAMILY_IPV4; family < FAMILY_COUNT; family++)
			if (!sipalg_address_is_none(&state->wan[index].outside[family]))
				return false;
	return true;
}

/* What waits in the queue leaves by the interfaces as they are now: the first message after the line is back must not
 * go out as it is, nor with the address that is gone. News come in bunches, but this cannot wait for their end. Where
 * rules have to change, the kernel drops what waits; it comes again. */
static void look_before_reading(struct plane *plane, uint64_t now_ns)
{
	const uint64_t bunch_ns = PLANE_LOOK_MS * (SIPALG_SECOND_NS / 1000);

	if (plane->look_ns != SIPALG_NEVER && (now_ns - plane->looked_ns >= bunch_ns || has_no_way_out(&plane->state)))
		interfaces_look_again(plane, now_ns);
}

void plane_work(struct plane *plane, const struct pollfd *descriptors, size_t count, uint64_t now_ns)
{
	struct traffic_context traffic = { plane, now_ns };

	plane->now_ns = now_ns;
	if (count > WATCH_LINKS && descriptors[WATCH_LINKS].revents != 0 && links_heard(&plane->links))
		plane->look_ns = earlier(plane->look_ns, now_ns + PLANE_LOOK_MS * (SIPALG_SECOND_NS / 1000));
	if (count > WATCH_QUEUE && descriptors[WATCH_QUEUE].revents != 0) {
		look_before_reading(plane, now_ns);
		passage_work(plane, now_ns);
	}
	if ((count > WATCH_RELAY && descriptors[WATCH_RELAY].revents != 0) || now_ns >= intercept_deadline(plane))
		intercept_work(plane, now_ns);
	if (count > WATCH_SWEEP && descriptors[WATCH_SWEEP].revents != 0) {
		sweep_go_on(&plane->sweep, now_ns, &plane->conntrack, report_traffic, &traffic);
		plane_carry_out(plane, now_ns);
	}
	advance(plane, now_ns);
	do_what_is_due(plane, now_ns);
}

/* ---- Switching and looking ---- */

bool plane_switch(struct plane *plane, uint64_t now_ns, bool on)
{
	int error;

	if (plane->on == on)
		return true;
	error = on ? restore_table(plane, now_ns) : remove_table(plane, now_ns);
	if (error == 0)
		error = intercept_switch(plane, on);
	if (error != 0) {
		plane_say(plane, "cannot switch %s: %s", on ? "on" : "off", strerror(error));
		return false;
	}
	plane->on = on;
	plane->check_ns = now_ns + PLANE_CHECK_S * SIPALG_SECOND_NS;
	return true;
}

bool plane_is_on(const struct plane *plane)
{
	return plane->on;
}

const struct plane_counters *plane_counters(struct plane *plane)
{
	struct plane_counters *counters = &plane->counters;

	counters->overruns = plane->queue.overruns;
	counters->encrypted = plane->intercept.encrypted.connections;
	counters->commits = plane->elements.commits;
	counters->commits_failed = plane->elements.failed;
	counters->elements = plane->elements.changed;
	counters->flows_entered = plane->conntrack.entered;
	counters->flows_deleted = plane->conntrack.deleted;
	counters->sweeps = plane->sweep.walks;
	return counters;
}

void plane_describe(const struct plane *plane, struct plane_view *view)
{
	const struct links_state *state = &plane->state;

	memset(view, 0, sizeof(*view));
	memcpy(view->lan, state->lan, sizeof(view->lan));
	view->lan_count = state->lan_count;
	for (size_t index = 0; index < state->wan_count; index++)
		memcpy(view->wan[view->wan_count++], state->wan[index].name, PLANE_LINK_NAME_MAX);
	memcpy(view->inside, state->inside, sizeof(view->inside));
	view->inside_count = state->inside_count;
	if (state->wan_count > 0)
		view->outside = state->wan[0].outside[FAMILY_IPV4];
	view->queue = plane->queue.number;
	view->native_queue = plane->contents.native_queue;
	view->tcp = plane->intercept.relay != NULL;
}

const struct relay_counters *plane_relay_counters(const struct plane *plane)
{
	return plane->intercept.relay == NULL ? NULL : relay_counters(plane->intercept.relay);
}

bool plane_next_connection(const struct plane *plane, uint32_t *cursor, struct relay_view *view)
{
	return plane->intercept.relay != NULL && relay_next_connection(plane->intercept.relay, cursor, view);
}

bool plane_next_encrypted(const struct plane *plane, uint32_t *cursor, struct plane_encrypted *view)
{
	const struct encrypted *encrypted = &plane->intercept.encrypted;

	if (*cursor >= encrypted->count)
		return false;
	*view = encrypted->pairs[(*cursor)++];
	return true;
}
