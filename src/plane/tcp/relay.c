/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/tcp/relay.h"
#include "plane/tcp/socket.h"
#include "plane/tcp/state.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { PORT_TRIES_MAX = 64 }; /* until a port is free for both families */

void relay_settings_defaults(struct relay_settings *settings)
{
	*settings = (struct relay_settings){ .connections_max = 32768,
		                             .host_connections_max = 4096, /* a PBX, or a call centre's server */
		                             .buffers_max = (size_t)16 << 20 };
}

/* ---- Opening ---- */

/* Each connection takes two descriptors. Returns for how many there is room. */
static uint32_t descriptors_raise(uint32_t connections_max)
{
	const rlim_t others = RELAY_DESCRIPTORS_OTHER + 2 * PIPES_MAX, needed = 2 * (rlim_t)connections_max + others;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return connections_max;
	if (limit.rlim_cur < needed) {
		const struct rlimit all = { needed, needed > limit.rlim_max ? needed : limit.rlim_max };
		const struct rlimit most = { limit.rlim_max, limit.rlim_max };

		if (setrlimit(RLIMIT_NOFILE, &all) != 0)
			(void)setrlimit(RLIMIT_NOFILE, &most);
		(void)getrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur >= needed)
		return connections_max;
	return limit.rlim_cur > others + 2 ? (uint32_t)((limit.rlim_cur - others) / 2) : 1;
}

/* Both families on one port. A kernel without IPv6 has no connections of it to bring here. */
static bool listen_everywhere(struct relay *relay)
{
	struct listener *ipv4 = &relay->listeners[0], *ipv6 = &relay->listeners[1];

	for (int tries = 0; tries < PORT_TRIES_MAX; tries++) {
		ipv4->descriptor = socket_listen(AF_INET, 0);
		if (ipv4->descriptor < 0)
			return false;
		relay->port = socket_local(ipv4->descriptor).port;
		ipv6->descriptor = socket_listen(AF_INET6, relay->port);
		if (ipv6->descriptor >= 0 || errno != EADDRINUSE)
			return true;
		close(ipv4->descriptor);
		ipv4->descriptor = -1;
	}
	return false;
}

static bool watch_listeners(struct relay *relay)
{
	struct epoll_event event = { .events = EPOLLIN };

	relay->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (relay->epoll < 0)
		return false;
	for (size_t index = 0; index < 2; index++) {
		int descriptor = relay->listeners[index].descriptor;

		if (descriptor >= 0 && epoll_ctl(relay->epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
			return false;
	}
	return true;
}

static bool take_memory(struct relay *relay)
{
	size_t size = relay->counters.connections_max * sizeof(*relay->connections);
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	relay->connections = memory;
	relay->received = malloc(SIPALG_MESSAGE_MAX + RELAY_READ_MAX);
	relay->edited = malloc(RELAY_WRITE_MAX);
	return relay->received != NULL && relay->edited != NULL &&
	       hosts_open(&relay->hosts, relay->counters.connections_max);
}

static bool prepare(struct relay *relay)
{
	relay->counters.connections_max = descriptors_raise(relay->settings.connections_max);
	return take_memory(relay) && listen_everywhere(relay) && watch_listeners(relay);
}

struct relay *relay_open(const struct relay_settings *settings, const struct relay_hooks *hooks)
{
	struct relay *relay = calloc(1, sizeof(*relay));
	int error;

	if (relay == NULL)
		return NULL;
	relay->settings = *settings;
	relay->hooks = *hooks;
	relay->buffers.max = settings->buffers_max;
	relay->parsing = true;
	relay->epoll = -1;
	relay->listeners[0] = (struct listener){ .descriptor = -1, .family = AF_INET, .spare = -1 };
	relay->listeners[1] = (struct listener){ .descriptor = -1, .family = AF_INET6, .spare = -1 };
	list_reset(&relay->ready);
	list_reset(&relay->starved);
	for (size_t index = 0; index < AGES_COUNT; index++)
		list_reset(&relay->ages[index]);
	if (prepare(relay))
		return relay;
	error = errno;
	relay_close(relay);
	errno = error;
	return NULL;
}

static void descriptor_close(int descriptor)
{
	if (descriptor >= 0)
		close(descriptor);
}

void relay_close(struct relay *relay)
{
	if (relay == NULL)
		return;
	for (uint32_t place = 0; place < relay->used; place++)
		if (relay->connections[place].state != RELAY_NONE)
			connection_reset(relay, &relay->connections[place]);
	for (size_t index = 0; index < 2; index++) {
		descriptor_close(relay->listeners[index].descriptor);
		descriptor_close(relay->listeners[index].spare);
	}
	descriptor_close(relay->epoll);
	pipes_close(&relay->pipes);
	hosts_close(&relay->hosts);
	if (relay->connections != NULL)
		munmap(relay->connections, relay->counters.connections_max * sizeof(*relay->connections));
	free(relay->received);
	free(relay->edited);
	free(relay);
}

uint16_t relay_port(const struct relay *relay)
{
	return relay->port;
}

int relay_descriptor(const struct relay *relay)
{
	return relay->epoll;
}

/* ---- Running ---- */

static void event_take(struct relay *relay, const struct epoll_event *event)
{
	struct side *side = event->data.ptr;
	uint32_t events = event->events;

	if (side == NULL) {
		relay->accepting = true;
		return;
	}
	side->readable |= (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
	side->writable |= (events & EPOLLOUT) != 0;
	side->hung_up |= (events & (EPOLLRDHUP | EPOLLHUP)) != 0;
	side->urgent |= (events & EPOLLPRI) != 0;
	side->failed |= (events & EPOLLERR) != 0;
	list_append(&relay->ready, &connection_of_side(side)->turn);
}

/* No connection ends while events are taken, so all of them are about living ones. */
static void events_take(struct relay *relay)
{
	struct epoll_event events[RELAY_EVENTS_MAX];
	int count = epoll_wait(relay->epoll, events, RELAY_EVENTS_MAX, 0);

	for (int index = 0; index < count; index++)
		event_take(relay, &events[index]);
}

/* How long a way may wait for something. Room in the buffers is only missed when somebody else waits for it. */
static uint64_t patience_s(const struct relay *relay, int ages)
{
	bool crowded = !list_is_empty(&relay->starved);

	if (ages == AGES_UNDECIDED)
		return RELAY_UNDECIDED_S;
	if (ages == AGES_UNFINISHED)
		return crowded ? RELAY_CROWDED_S : RELAY_UNFINISHED_S;
	return crowded ? RELAY_UNFINISHED_S : SIPALG_NEVER; /* a slow reader may be slow */
}

/* When the oldest that waits for something has waited long enough. */
static uint64_t age_deadline(const struct relay *relay, int ages)
{
	uint64_t seconds = patience_s(relay, ages);

	if (list_is_empty(&relay->ages[ages]) || seconds == SIPALG_NEVER)
		return SIPALG_NEVER;
	return way_of_age(relay->ages[ages].next)->since_ns + seconds * SIPALG_SECOND_NS;
}

static void ages_work(struct relay *relay)
{
	for (int ages = AGES_UNDECIDED; ages < AGES_COUNT; ages++) {
		for (int count = 0; count < RELAY_AGED_MAX && age_deadline(relay, ages) <= relay->now_ns; count++) {
			struct way *way = way_of_age(relay->ages[ages].next);
			struct connection *connection = connection_of_way(way);

			if (ages == AGES_BLOCKED)
				connection->broken = true;
			else
				way_give_up(relay, way);
			list_append(&relay->ready, &connection->turn);
			list_remove(&way->age);
			way->aging = AGES_NONE;
		}
	}
}

static bool can_feed(const struct relay *relay)
{
	return !list_is_empty(&relay->starved) && buffers_room(&relay->buffers) >= RELAY_ROOM_MIN;
}

static uint64_t clock_now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * SIPALG_SECOND_NS + (uint64_t)time.tv_nsec;
}

/* Turns are unlike each other: an idle phone's keep-alive, twenty messages, a mebibyte to splice. So they are counted
 * by the clock. */
static void turns_work(struct relay *relay)
{
	const uint64_t end_ns = clock_now_ns() + RELAY_WORK_MS * (SIPALG_SECOND_NS / 1000);

	while (clock_now_ns() < end_ns) {
		if (can_feed(relay))
			list_append(&relay->ready, relay->starved.next);
		if (list_is_empty(&relay->ready))
			return;
		connection_work(relay, connection_of_turn(relay->ready.next));
	}
}

void relay_work(struct relay *relay, uint64_t now_ns)
{
	relay->now_ns = now_ns;
	if (relay->paused && relay->resume_ns <= now_ns)
		accept_resume(relay);
	events_take(relay);
	ages_work(relay);
	turns_work(relay);
	if (relay->accepting)
		accept_work(relay);
}

uint64_t relay_deadline(const struct relay *relay)
{
	uint64_t deadline_ns = relay->paused ? relay->resume_ns : SIPALG_NEVER;

	if (!list_is_empty(&relay->ready) || can_feed(relay))
		return 0;
	for (int ages = AGES_UNDECIDED; ages < AGES_COUNT; ages++)
		if (age_deadline(relay, ages) < deadline_ns)
			deadline_ns = age_deadline(relay, ages);
	return deadline_ns;
}

bool relay_has_room(struct relay *relay, const sipalg_address *phone)
{
	return !relay->paused && relay->counters.connections < relay->counters.connections_max &&
	       hosts_count(&relay->hosts, phone) < relay->settings.host_connections_max;
}

void relay_set_parsing(struct relay *relay, bool on)
{
	relay->parsing = on;
}

void relay_forget_outside(struct relay *relay, const sipalg_address *outside)
{
	for (uint32_t place = 0; place < relay->used; place++) {
		struct connection *connection = &relay->connections[place];

		if (connection->state != RELAY_NONE && sipalg_address_equal(&connection->route.outside, outside))
			connection_reset(relay, connection);
	}
}

/* ---- Looking inside ---- */

const struct relay_counters *relay_counters(struct relay *relay)
{
	relay->counters.buffered = relay->buffers.used;
	return &relay->counters;
}

static size_t kept(const struct connection *connection)
{
	size_t length = 0;

	for (int index = 0; index < 2; index++)
		length += connection->ways[index].held.capacity + connection->ways[index].waiting.capacity;
	return length;
}

static void view_fill(const struct connection *connection, struct relay_view *view)
{
	const struct way *ways = connection->ways;
	int outbound = connection->route.direction == SIPALG_OUTBOUND ? 0 : 1;

	*view = (struct relay_view){
		.route = connection->route,
		.state = connection->state,
		.outbound = (enum sipalg_stream_kind)ways[outbound].stream.kind,
		.inbound = (enum sipalg_stream_kind)ways[1 - outbound].stream.kind,
		.since_ns = connection->since_ns,
		.messages = connection->messages,
		.buffered = kept(connection),
	};
	if (view->state == RELAY_ESTABLISHED && (ways[0].ended || ways[1].ended))
		view->state = RELAY_HALF_CLOSED;
}

bool relay_next_connection(const struct relay *relay, uint32_t *cursor, struct relay_view *view)
{
	while (*cursor < relay->used) {
		const struct connection *connection = &relay->connections[(*cursor)++];

		if (connection->state == RELAY_NONE)
			continue;
		view_fill(connection, view);
		return true;
	}
	return false;
}
