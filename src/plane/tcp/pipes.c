/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/tcp/pipes.h"

#include <fcntl.h>
#include <unistd.h>

bool pipe_borrow(struct pipes *pipes, struct pipe *pipe)
{
	int ends[2];

	if (pipes->spare_count > 0) {
		*pipe = pipes->spare[--pipes->spare_count];
		return true;
	}
	if (pipes->count == PIPES_MAX || pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0)
		return false;
	(void)fcntl(ends[1], F_SETPIPE_SZ, PIPE_SIZE); /* a smaller one does, too */
	pipes->count++;
	*pipe = (struct pipe){ .out = ends[0], .in = ends[1], .lent = true };
	return true;
}

static void pipe_close(struct pipes *pipes, struct pipe *pipe)
{
	close(pipe->out);
	close(pipe->in);
	pipes->count--;
}

void pipe_return(struct pipes *pipes, struct pipe *pipe)
{
	if (!pipe->lent)
		return;
	if (pipe->length == 0 && pipes->spare_count < PIPES_SPARE_MAX)
		pipes->spare[pipes->spare_count++] = *pipe;
	else
		pipe_close(pipes, pipe);
	*pipe = (struct pipe){ 0 };
}

void pipes_close(struct pipes *pipes)
{
	while (pipes->spare_count > 0)
		pipe_close(pipes, &pipes->spare[--pipes->spare_count]);
}
