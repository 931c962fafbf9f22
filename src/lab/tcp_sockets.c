/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/tcp_sockets.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BACKLOG = 128,
	SEND_BUFFER = 65536, /* small, so that one sees when the other end does not read */
	LEFT_MS = 5,         /* how long a segment may take to be acknowledged before the next one is written */
};

static struct tcp_socket *socket_add(struct tcp_sockets *sockets, int file, sipalg_endpoint local)
{
	if (sockets->count == TCP_SOCKETS_MAX) {
		close(file);
		return NULL;
	}
	struct tcp_socket *added = &sockets->list[sockets->count++];
	*added = (struct tcp_socket){ .file = file, .local = local };
	return added;
}

/* What is written leaves at once. */
static void segments_prepare(int file)
{
	int yes = 1, size = SEND_BUFFER;
	setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	setsockopt(file, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

const char *tcp_sockets_listen(struct tcp_sockets *sockets, int file, sipalg_endpoint local)
{
	struct tcp_socket *added = socket_add(sockets, file, local);
	if (!added)
		return "too many sockets";
	added->listening = true;
	if (listen(file, BACKLOG) != 0)
		return store_format(sockets->store, "cannot listen: %s", strerror(errno));
	return NULL;
}

const char *tcp_sockets_connect(struct tcp_sockets *sockets, int file, sipalg_endpoint to, unsigned *end)
{
	struct sockaddr_storage address;
	socklen_t length = endpoint_to_socket(to, &address);
	struct tcp_socket *added = socket_add(sockets, file, to);
	if (!added)
		return "too many sockets";
	segments_prepare(file);
	added->connecting = true;
	*end = (unsigned)(added - sockets->list);
	/* Where there is no way to the address, nothing arrives, which the next step will find. */
	if (connect(file, (struct sockaddr *)&address, length) != 0 && errno != EINPROGRESS && errno != ENETUNREACH &&
	    errno != EHOSTUNREACH)
		return store_format(sockets->store, "cannot connect: %s", strerror(errno));
	return NULL;
}

static struct tcp_socket *socket_at(struct tcp_sockets *sockets, sipalg_endpoint local)
{
	for (size_t i = 0; i < sockets->count; i++) {
		struct tcp_socket *socket = &sockets->list[i];
		if (socket->listening && socket->file >= 0 && endpoint_equal(socket->local, local))
			return socket;
	}
	return NULL;
}

bool tcp_sockets_have(const struct tcp_sockets *sockets, sipalg_endpoint local)
{
	return socket_at((struct tcp_sockets *)sockets, local) != NULL;
}

const char *tcp_sockets_refuse(struct tcp_sockets *sockets, sipalg_endpoint local)
{
	struct tcp_socket *socket = socket_at(sockets, local);
	if (!socket)
		return "nobody listens there";
	close(socket->file);
	socket->file = -1;
	return NULL;
}

/* ---- Writing ---- */

static void socket_close(struct tcp_socket *socket)
{
	close(socket->file);
	socket->file = -1;
}

/* Writes what is kept, as far as the socket takes it. */
static void kept_write(struct tcp_socket *socket)
{
	while (socket->kept_length > 0) {
		ssize_t wrote = send(socket->file, socket->kept, socket->kept_length, MSG_NOSIGNAL);
		if (wrote <= 0)
			return;
		socket->kept += wrote;
		socket->kept_length -= (size_t)wrote;
	}
	if (socket->finished)
		shutdown(socket->file, SHUT_WR);
}

/* Two writes would be one segment if the first had not left. */
static void segment_await(const struct tcp_socket *socket)
{
	int left = 0;
	for (int tries = 0; tries < LEFT_MS * 20; tries++) {
		if (ioctl(socket->file, SIOCOUTQ, &left) != 0 || left == 0)
			return;
		usleep(50);
	}
}

const char *tcp_sockets_write(struct tcp_sockets *sockets, unsigned end, struct bytes bytes)
{
	struct tcp_socket *socket = &sockets->list[end];
	struct bytes kept = { socket->kept, socket->kept_length };
	if (socket->file < 0 || socket->finished)
		return "this end of the connection is closed";
	if (kept.length == 0)
		segment_await(socket);
	kept = bytes_join(sockets->store, kept, bytes);
	socket->kept = (char *)kept.start;
	socket->kept_length = kept.length;
	kept_write(socket);
	return NULL;
}

const char *tcp_sockets_finish(struct tcp_sockets *sockets, unsigned end, bool reset)
{
	struct tcp_socket *socket = &sockets->list[end];
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	if (socket->file < 0)
		return NULL;
	socket->finished = true;
	if (!reset) {
		kept_write(socket);
		return NULL;
	}
	setsockopt(socket->file, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	socket_close(socket);
	return NULL;
}

bool tcp_sockets_stuck(const struct tcp_sockets *sockets, unsigned end)
{
	return sockets->list[end].kept_length > 0;
}

/* ---- Arrivals ---- */

void tcp_sockets_poll(const struct tcp_sockets *sockets, struct pollfd *files)
{
	for (size_t i = 0; i < sockets->count; i++) {
		const struct tcp_socket *socket = &sockets->list[i];
		bool reads = !socket->connecting && !socket->paused && !socket->silent;
		bool writes = socket->connecting || socket->kept_length > 0;
		files[i].fd = reads || writes ? socket->file : -1;
		files[i].events = (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
		files[i].revents = 0;
	}
}

static bool accept_take(struct tcp_sockets *sockets, struct tcp_socket *listener, struct arrival *arrival)
{
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	int file = accept4(listener->file, (struct sockaddr *)&from, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (file < 0)
		return false;
	segments_prepare(file);
	arrival->at = listener->local;
	arrival->from = endpoint_of_socket(&from, SIPALG_PROTOCOL_TCP);
	struct tcp_socket *added = socket_add(sockets, file, listener->local);
	arrival->kind = added ? ARRIVAL_ACCEPTED : ARRIVAL_NONE;
	arrival->end = added ? (unsigned)(added - sockets->list) : 0;
	return added != NULL;
}

static bool connected_take(struct tcp_socket *socket, struct arrival *arrival)
{
	int error = 0;
	socklen_t length = sizeof(error);
	getsockopt(socket->file, SOL_SOCKET, SO_ERROR, &error, &length);
	socket->connecting = false;
	socket->silent = error != 0;
	arrival->kind = error == 0 ? ARRIVAL_CONNECTED : ARRIVAL_RESET;
	return true;
}

static bool bytes_take(struct tcp_sockets *sockets, struct tcp_socket *socket, struct arrival *arrival)
{
	ssize_t got = recv(socket->file, sockets->bytes, sizeof(sockets->bytes), 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	socket->silent = got <= 0;
	arrival->kind = got > 0 ? ARRIVAL_BYTES : got == 0 ? ARRIVAL_CLOSED : ARRIVAL_RESET;
	arrival->bytes = (struct bytes){ sockets->bytes, got > 0 ? (size_t)got : 0 };
	return true;
}

bool tcp_sockets_take(struct tcp_sockets *sockets, size_t place, short ready, struct arrival *arrival)
{
	struct tcp_socket *socket = &sockets->list[place];
	if (ready == 0 || socket->file < 0)
		return false;
	*arrival = (struct arrival){ .end = (unsigned)place };
	if (socket->listening)
		return accept_take(sockets, socket, arrival);
	if (socket->connecting)
		return connected_take(socket, arrival);
	if (ready & POLLOUT)
		kept_write(socket);
	if (socket->paused || socket->silent || !(ready & (POLLIN | POLLHUP | POLLERR)))
		return false;
	return bytes_take(sockets, socket, arrival);
}

void tcp_sockets_release(struct tcp_sockets *sockets)
{
	for (size_t i = 0; i < sockets->count; i++)
		if (sockets->list[i].file >= 0)
			socket_close(&sockets->list[i]);
}
