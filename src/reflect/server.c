/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/server.h"

#include "host/clock.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
	NS_PER_S = 1000000000,
	NS_PER_MS = 1000000,
	EVENTS_MAX = 64,
	ROUND_MAX_MS = 1000, /* what has waited too long ends with so much delay at most */
	KIND_SHIFT = 32,
};

/* ---- What is waited for ---- */

static bool watch(const struct server *server, int operation, int descriptor, enum event_kind kind, size_t index,
                  bool writable)
{
	struct epoll_event event = { .events = writable ? EPOLLIN | EPOLLOUT : EPOLLIN,
		                     .data.u64 = (uint64_t)kind << KIND_SHIFT | index };
	return epoll_ctl(server->epoll, operation, descriptor, &event) == 0;
}

bool server_watch(const struct server *server, int descriptor, enum event_kind kind, size_t index, bool writable)
{
	return watch(server, EPOLL_CTL_ADD, descriptor, kind, index, writable);
}

void server_watch_again(const struct server *server, int descriptor, enum event_kind kind, size_t index, bool writable)
{
	(void)watch(server, EPOLL_CTL_MOD, descriptor, kind, index, writable);
}

static bool watch_if_open(const struct server *server, int descriptor, enum event_kind kind, size_t index)
{
	return descriptor < 0 || server_watch(server, descriptor, kind, index, false);
}

static bool watch_places(const struct server *server)
{
	bool good = true;
	for (size_t family = 0; family < FAMILY_COUNT; family++) {
		good = good && watch_if_open(server, server->places.control[family], EVENT_CONTROL_LISTENER, family);
		for (size_t place = 0; place < REFLECT_PLACE_COUNT; place++) {
			size_t index = place * FAMILY_COUNT + family;
			good = good && watch_if_open(server, server->places.udp[place][family], EVENT_UDP, index) &&
			       watch_if_open(server, server->places.tcp[place][family], EVENT_TCP_LISTENER, index);
		}
	}
	return good;
}

/* ---- Opening and closing ---- */

static int open_signals(void)
{
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0)
		return -1;
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool server_open(struct server *server, const struct reflect_settings *settings, struct problem *problem)
{
	struct hash_key key;
	memset(server, 0, sizeof *server);
	server->settings = *settings;
	server->now_ns = clock_now_ns();
	server->bytes = budget_make(SERVER_BURST, SERVER_PER_S * UINT64_C(60), server->now_ns);
	server->signals = -1;
	server->epoll = -1;
	if (!places_open(&server->places, settings, problem))
		return false;
	if (sodium_init() < 0)
		return problem_say(problem, "libsodium finds no source of chance on this system");
	randombytes_buf(&key, sizeof key);
	server->epoll = epoll_create1(EPOLL_CLOEXEC);
	server->signals = open_signals();
	bool good = server->epoll >= 0 && server->signals >= 0 && visitors_open(&server->visitors, &key) &&
	            watch_places(server) && server_watch(server, server->signals, EVENT_SIGNAL, 0, false);
	return good || problem_say(problem, "cannot start: %s", strerror(errno));
}

void server_close(struct server *server)
{
	for (size_t i = 0; i < SERVER_SESSIONS; i++) {
		if (server->sessions[i] == NULL)
			continue;
		server->sessions[i]->ending = REFLECT_END_STOP;
		connections_settle(server, i);
	}
	places_close(&server->places);
	visitors_close(&server->visitors);
	if (server->signals >= 0)
		close(server->signals);
	if (server->epoll >= 0)
		close(server->epoll);
}

/* ---- Running ---- */

/* True: go on. */
static bool handle(struct server *server, const struct epoll_event *event)
{
	size_t index = (uint32_t)event->data.u64;
	int family = (int)(index % FAMILY_COUNT);
	enum reflect_place place = (enum reflect_place)(index / FAMILY_COUNT);
	switch ((enum event_kind)(event->data.u64 >> KIND_SHIFT)) {
	case EVENT_NONE:
	case EVENT_SIGNAL:
		return false;
	case EVENT_CONTROL_LISTENER:
		connections_accept(server, (int)index);
		break;
	case EVENT_UDP:
		arrivals_take(server, place, family);
		break;
	case EVENT_TCP_LISTENER:
		streams_accept(server, place, family);
		break;
	case EVENT_SESSION:
		connections_continue(server, index);
		break;
	case EVENT_STREAM:
		streams_continue(server, index, (event->events & ~(uint32_t)EPOLLIN) != 0);
		break;
	}
	return true;
}

/* What time brings, and what has been said to clients meanwhile. */
static void settle(struct server *server)
{
	streams_expire(server);
	for (size_t i = 0; i < SERVER_SESSIONS; i++) {
		struct session *session = server->sessions[i];
		if (session == NULL)
			continue;
		carry_out_due(server, session);
		if (session->greeted && server->now_ns - session->flows_told_ns >= NS_PER_S)
			session_tell_flows(session, server->now_ns);
		connections_settle(server, i);
	}
	log_turned_away(server);
}

static int time_to_wait_ms(const struct server *server)
{
	uint64_t wait_ms = ROUND_MAX_MS;
	for (size_t i = 0; i < SERVER_SESSIONS; i++) {
		uint64_t due_ns =
		        server->sessions[i] == NULL ? UINT64_MAX : orders_deadline(&server->sessions[i]->orders);
		uint64_t until_ms = due_ns <= server->now_ns ? 0 : (due_ns - server->now_ns) / NS_PER_MS + 1;
		if (until_ms < wait_ms)
			wait_ms = until_ms;
	}
	return (int)wait_ms;
}

void server_run(struct server *server)
{
	struct epoll_event events[EVENTS_MAX];
	bool goes_on = true;
	while (goes_on) {
		int count = epoll_wait(server->epoll, events, EVENTS_MAX, time_to_wait_ms(server));
		server->now_ns = clock_now_ns();
		for (int i = 0; i < count && goes_on; i++)
			goes_on = handle(server, &events[i]);
		settle(server);
	}
}
