/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/connection.h"

#include "host/endpoint.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static bool is_used(const struct connection *connection)
{
	return connection->state == CONNECTION_CONNECTING || connection->state == CONNECTION_OPEN;
}

static void end(struct connection *connection, enum connection_state state)
{
	if (is_used(connection))
		close(connection->file);
	connection->state = state;
}

static bool connect_from(int file, sipalg_endpoint own, sipalg_endpoint far)
{
	struct sockaddr_storage address;
	socklen_t length = endpoint_to_socket(own, &address);
	if (bind(file, (struct sockaddr *)&address, length) != 0)
		return false;
	length = endpoint_to_socket(far, &address);
	return connect(file, (struct sockaddr *)&address, length) == 0 || errno == EINPROGRESS;
}

bool connection_start(struct connection *connection, sipalg_endpoint own, sipalg_endpoint far)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof address;
	int yes = 1,
	    file = socket(endpoint_is_ipv6(own) ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	own.port = 0;
	own.protocol = SIPALG_PROTOCOL_TCP;
	if (file < 0)
		return false;
	/* Every part is a segment of its own. */
	(void)setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	if (!connect_from(file, own, far) || getsockname(file, (struct sockaddr *)&address, &length) != 0) {
		close(file);
		return false;
	}
	*connection = (struct connection){ .state = CONNECTION_CONNECTING, .file = file, .own = own };
	connection->own.port = endpoint_of_socket(&address, SIPALG_PROTOCOL_TCP).port;
	return true;
}

struct pollfd connection_poll(const struct connection *connection)
{
	short events = connection->state == CONNECTION_CONNECTING ? POLLOUT : POLLIN;
	return (struct pollfd){ .fd = is_used(connection) ? connection->file : -1, .events = events };
}

static bool has_connected(const struct connection *connection)
{
	int error = 0;
	socklen_t length = sizeof error;
	return getsockopt(connection->file, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
}

static void keep(struct connection *connection, const char *bytes, size_t length)
{
	char *room = realloc(connection->bytes, connection->length + length);
	if (room == NULL)
		return;
	memcpy(room + connection->length, bytes, length);
	connection->bytes = room;
	connection->length += length;
}

static void read_all(struct connection *connection)
{
	char bytes[CONNECTION_READ];
	while (connection->length < CONNECTION_BYTES_MAX) {
		ssize_t got = read(connection->file, bytes, sizeof bytes);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0)
			break;
		keep(connection, bytes, (size_t)got);
	}
	end(connection, CONNECTION_FAILED);
}

void connection_continue(struct connection *connection, short ready)
{
	if (ready == 0 || !is_used(connection))
		return;
	if (connection->state == CONNECTION_OPEN)
		read_all(connection);
	else if (has_connected(connection))
		connection->state = CONNECTION_OPEN;
	else
		end(connection, CONNECTION_FAILED);
}

bool connection_send(struct connection *connection, struct text bytes)
{
	if (connection->state != CONNECTION_OPEN)
		return false;
	if (send(connection->file, bytes.start, bytes.length, MSG_NOSIGNAL) == (ssize_t)bytes.length)
		return true;
	end(connection, CONNECTION_FAILED);
	return false;
}

void connection_close(struct connection *connection)
{
	end(connection, CONNECTION_CLOSED);
}
