/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Streams that are not SIP: the kernel moves their bytes from socket to socket by way of a pipe. */
#include "plane/tcp/state.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>

static void note_error(struct connection *connection, bool *ready)
{
	*ready = errno == EINTR;
	if (errno != EINTR && errno != EAGAIN)
		connection->broken = true;
}

/* False: nothing more to move now. */
static bool pipe_fill(struct connection *connection, struct way *way)
{
	struct side *near = &connection->sides[way->index];
	ssize_t length;

	if (way->ended || !near->readable || near->urgent)
		return false;
	length = splice(near->descriptor, NULL, way->pipe.in, NULL, PIPE_SIZE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (length < 0)
		note_error(connection, &near->readable);
	else if (length == 0)
		way->ended = true;
	else
		way->pipe.length = (uint32_t)length;
	return length > 0;
}

static void pipe_drain(struct connection *connection, struct way *way)
{
	struct side *far = &connection->sides[1 - way->index];

	while (way->pipe.length > 0 && far->writable && !connection->broken) {
		ssize_t length = splice(way->pipe.out, NULL, far->descriptor, NULL, way->pipe.length,
		                        SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

		if (length < 0)
			note_error(connection, &far->writable);
		else
			way->pipe.length -= (uint32_t)length;
	}
}

static bool can_move(const struct connection *connection, const struct way *way)
{
	return connection->sides[1 - way->index].writable &&
	       (way->pipe.length > 0 || (!way->ended && connection->sides[way->index].readable));
}

bool way_splice(struct relay *relay, struct connection *connection, struct way *way, enum progress *progress)
{
	*progress = PROGRESS_IDLE;
	if (!can_move(connection, way))
		return true;
	if (!way->pipe.lent && (connection->sides[way->index].urgent || !pipe_borrow(&relay->pipes, &way->pipe)))
		return false;
	for (int round = 0; round < RELAY_SPLICES_MAX && can_move(connection, way) && !connection->broken; round++)
		if (way->pipe.length > 0 || pipe_fill(connection, way))
			pipe_drain(connection, way);
	if (way->pipe.length == 0)
		pipe_return(&relay->pipes, &way->pipe);
	if (can_move(connection, way))
		*progress = PROGRESS_MORE;
	return true;
}
