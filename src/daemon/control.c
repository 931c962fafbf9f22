/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control.h"

#include "daemon/answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct client {
	int descriptor;       /* -1: the place is free */
	bool answering;       /* the request is complete */
	uint64_t progress_ns; /* when the client last sent or took something */
	size_t request_length;
	size_t sent; /* of lines */
	struct answer answer;
	struct answer_lines lines;
	char request[CONTROL_REQUEST_MAX];
};

struct control {
	struct control_hooks hooks;
	int listener, epoll;
	struct client clients[CONTROL_CLIENTS_MAX];
};

/* ---- Opening and closing ---- */

static struct sockaddr_un socket_address(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	return address;
}

/* A socket in the way belongs to a daemon that runs, or to one that died. */
static bool make_way(const char *path, struct problem *problem)
{
	struct sockaddr_un address = socket_address(path);
	struct stat status;
	if (lstat(path, &status) != 0)
		return true;
	if (!S_ISSOCK(status.st_mode))
		return problem_say(problem, "%s is there and no socket; choose another path with --socket", path);
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool answers = descriptor >= 0 &&
	               (connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN);
	if (descriptor >= 0)
		close(descriptor);
	if (answers)
		return problem_say(problem,
		                   "another sipalg is running (it answers on %s); stop it first, or see `sipalg show`",
		                   path);
	unlink(path);
	return true;
}

/* The mode is right from the first moment: there is no time in which others could connect. */
static bool bind_listener(int listener, const struct settings *settings, struct problem *problem)
{
	struct sockaddr_un address = socket_address(settings->socket);
	mode_t mask = umask(settings->group == (gid_t)-1 ? 0177 : 0117);
	bool bound = bind(listener, (struct sockaddr *)&address, sizeof address) == 0;
	int error = errno;
	umask(mask);
	if (!bound)
		return problem_say(problem, "%s: %s; run as root or choose another path with --socket",
		                   settings->socket, strerror(error));
	if (settings->group != (gid_t)-1 && chown(settings->socket, (uid_t)-1, settings->group) != 0) {
		error = errno;
		unlink(settings->socket);
		return problem_say(problem, "%s: cannot give it to group %u: %s; run as root or leave --group out",
		                   settings->socket, (unsigned)settings->group, strerror(error));
	}
	return true;
}

static bool watch(const struct control *control, int operation, int descriptor, uint32_t events, uint32_t place)
{
	struct epoll_event event = { .events = events, .data.u32 = place };
	return epoll_ctl(control->epoll, operation, descriptor, &event) == 0;
}

static bool start_listening(struct control *control, struct problem *problem)
{
	if (!make_way(control->hooks.settings->socket, problem) ||
	    !bind_listener(control->listener, control->hooks.settings, problem))
		return false;
	if (listen(control->listener, CONTROL_CLIENTS_MAX) == 0 &&
	    watch(control, EPOLL_CTL_ADD, control->listener, EPOLLIN, CONTROL_CLIENTS_MAX))
		return true;
	return problem_say(problem, "%s: %s", control->hooks.settings->socket, strerror(errno));
}

struct control *control_open(const struct control_hooks *hooks, struct problem *problem)
{
	struct control *control = calloc(1, sizeof *control);
	if (control == NULL) {
		problem_say(problem, "no memory for the control socket");
		return NULL;
	}
	control->hooks = *hooks;
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		control->clients[i].descriptor = -1;
	control->epoll = epoll_create1(EPOLL_CLOEXEC);
	control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control->epoll >= 0 && control->listener >= 0 && start_listening(control, problem))
		return control;
	if (control->epoll < 0 || control->listener < 0)
		problem_say(problem, "no control socket: %s", strerror(errno));
	if (control->epoll >= 0)
		close(control->epoll);
	if (control->listener >= 0)
		close(control->listener);
	free(control);
	return NULL;
}

int control_descriptor(const struct control *control)
{
	return control->epoll;
}

/* Closing takes the descriptor out of the epoll set too. */
static void client_close(struct client *client)
{
	if (client->descriptor >= 0)
		close(client->descriptor);
	client->descriptor = -1;
}

void control_close(struct control *control)
{
	if (control == NULL)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		client_close(&control->clients[i]);
	unlink(control->hooks.settings->socket);
	close(control->listener);
	close(control->epoll);
	free(control);
}

/* ---- A client comes ---- */

/* A free place, or that of the client which has stood still for longest, and for long enough. */
static struct client *find_place(struct control *control, uint64_t now_ns)
{
	struct client *place = &control->clients[0];
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct client *client = &control->clients[i];
		if (client->descriptor < 0)
			return client;
		if (client->progress_ns < place->progress_ns)
			place = client;
	}
	return now_ns - place->progress_ns >= CONTROL_STALLED_S * SIPALG_SECOND_NS ? place : NULL;
}

static void client_refuse(int descriptor)
{
	static const char busy[] = "{\"ok\":false,\"error\":\"too many clients at once; try again in a moment\"}\n";
	if (send(descriptor, busy, sizeof busy - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		errno = 0; /* it will see the connection end */
	close(descriptor);
}

static void client_accept(struct control *control, uint64_t now_ns)
{
	int descriptor = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (descriptor < 0)
		return;
	struct client *client = find_place(control, now_ns);
	if (client == NULL) {
		client_refuse(descriptor);
		return;
	}
	client_close(client);
	client->descriptor = descriptor;
	client->answering = false;
	client->progress_ns = now_ns;
	client->request_length = client->sent = client->lines.length = 0;
	client->answer.step = ANSWER_DONE;
	if (!watch(control, EPOLL_CTL_ADD, descriptor, EPOLLIN, (uint32_t)(client - control->clients)))
		client_close(client);
}

/* ---- A client asks ---- */

/* The request ends with its first line; more is not looked at. */
static void request_complete(struct control *control, struct client *client, size_t length, uint64_t now_ns)
{
	client->answering = true;
	answer_begin(&client->answer, &control->hooks, now_ns, client->request, length, &client->lines);
	if (!watch(control, EPOLL_CTL_MOD, client->descriptor, EPOLLOUT, (uint32_t)(client - control->clients)))
		client_close(client);
}

static void client_read(struct control *control, struct client *client, uint64_t now_ns)
{
	char *at = client->request + client->request_length;
	size_t room = sizeof client->request - client->request_length;
	ssize_t got = recv(client->descriptor, at, room, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		client_close(client);
		return;
	}
	client->progress_ns = now_ns;
	client->request_length += (size_t)got;
	const char *end = memchr(at, '\n', (size_t)got);
	if (end != NULL)
		request_complete(control, client, (size_t)(end - client->request), now_ns);
	else if (client->request_length == sizeof client->request)
		request_complete(control, client, 0, now_ns); /* too long: refused as no request at all */
}

/* ---- A client is answered ---- */

/* Sends what is waiting. False: the client is gone. */
static bool client_send(struct client *client, uint64_t now_ns)
{
	struct answer_lines *lines = &client->lines;
	if (client->sent == lines->length)
		return true;
	ssize_t taken = send(client->descriptor, lines->bytes + client->sent, lines->length - client->sent,
	                     MSG_NOSIGNAL | MSG_DONTWAIT);
	if (taken < 0)
		return errno == EAGAIN || errno == EINTR;
	client->progress_ns = now_ns;
	client->sent += (size_t)taken;
	if (client->sent == lines->length)
		client->sent = lines->length = 0;
	return true;
}

/* A piece is made only when the one before has been taken: the reader sets the pace. */
static void client_answer(struct control *control, struct client *client, uint64_t now_ns)
{
	if (client->lines.length == 0)
		answer_go_on(&client->answer, &control->hooks, now_ns, &client->lines);
	if (client->lines.length == 0 && client->answer.step != ANSWER_DONE)
		client->progress_ns = now_ns; /* still searching: that is our time, not the client's */
	bool there = client_send(client, now_ns);
	if (!there || (client->lines.length == 0 && client->answer.step == ANSWER_DONE))
		client_close(client);
}

static void client_handle(struct control *control, struct client *client, uint32_t events, uint64_t now_ns)
{
	if (client->descriptor < 0)
		return;
	if (client->answering && (events & EPOLLOUT) != 0)
		client_answer(control, client, now_ns);
	else if (!client->answering && (events & EPOLLIN) != 0)
		client_read(control, client, now_ns);
	else
		client_close(client); /* hung up */
}

void control_handle(struct control *control, uint64_t now_ns)
{
	struct epoll_event events[CONTROL_CLIENTS_MAX + 1];
	int count = epoll_wait(control->epoll, events, CONTROL_CLIENTS_MAX + 1, 0);
	bool knocked = false;
	for (int i = 0; i < count; i++) {
		uint32_t place = events[i].data.u32;
		if (place < CONTROL_CLIENTS_MAX)
			client_handle(control, &control->clients[place], events[i].events, now_ns);
		else
			knocked = true;
	}
	if (knocked) /* last, so that no event meant for a client meets another in its place */
		client_accept(control, now_ns);
}
