/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections that are opened. */
#include "plane/tcp/socket.h"
#include "plane/tcp/state.h"

#include <errno.h>
#include <sys/epoll.h>

static void listeners_watch(struct relay *relay, bool watched)
{
	struct epoll_event event = { .events = watched ? EPOLLIN : 0 };

	for (size_t index = 0; index < 2; index++)
		if (relay->listeners[index].descriptor >= 0)
			(void)epoll_ctl(relay->epoll, EPOLL_CTL_MOD, relay->listeners[index].descriptor, &event);
}

/* Descriptors or memory have run out: who opens now waits in the kernel. */
static void accept_pause(struct relay *relay)
{
	relay->counters.accept_pauses++;
	relay->paused = true;
	relay->resume_ns = relay->now_ns + RELAY_PAUSE_MS * (SIPALG_SECOND_NS / 1000);
	listeners_watch(relay, false);
}

void accept_resume(struct relay *relay)
{
	if (!relay->paused)
		return;
	relay->paused = false;
	listeners_watch(relay, true);
}

static bool has_run_out(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* False: none waits, or none can be taken. */
static bool accept_one(struct relay *relay, struct listener *listener)
{
	struct sockaddr_storage name = { 0 };
	socklen_t length = sizeof(name);
	sipalg_endpoint source;
	int accepted;

	/* The onward socket first: without one the connection is better left where it waits. */
	if (listener->spare < 0)
		listener->spare = socket_create(listener->family);
	if (listener->spare < 0) {
		accept_pause(relay);
		return false;
	}
	accepted = accept4(listener->descriptor, (struct sockaddr *)&name, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (accepted < 0 && has_run_out(errno))
		accept_pause(relay);
	if (accepted < 0)
		return errno != EAGAIN && !relay->paused; /* other errors are those of one connection: accept(2) */
	source = socket_endpoint(&name);
	connection_begin(relay, accepted, &listener->spare, &source);
	return true;
}

void accept_work(struct relay *relay)
{
	relay->accepting = false;
	for (size_t index = 0; index < 2; index++)
		for (int count = 0; count < RELAY_ACCEPTS_MAX && relay->listeners[index].descriptor >= 0; count++)
			if (!accept_one(relay, &relay->listeners[index]))
				break;
}
