/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path/names.h"

#include "host/clock.h"
#include "host/endpoint.h"

#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NS_PER_MS = 1000000 };

struct named {
	size_t place;
	char text[NAME_MAX_LENGTH];
};

static void look_up(const sipalg_address *address, size_t place, int out)
{
	struct sockaddr_storage name;
	struct named named = { .place = place };
	socklen_t length = endpoint_to_socket((sipalg_endpoint){ .address = *address }, &name);
	if (getnameinfo((struct sockaddr *)&name, length, named.text, sizeof named.text, NULL, 0, NI_NAMEREQD) == 0)
		(void)!write(out, &named, sizeof named);
}

/* The system's resolver waits as long as it likes, so that each name is asked for by a process of its own, which can
 * be ended. */
static pid_t start(const struct names *names, size_t place, const int ends[2])
{
	pid_t process = fork();
	if (process != 0)
		return process;
	close(ends[0]);
	look_up(&names->addresses[place], place, ends[1]);
	_exit(0);
}

/* A record is shorter than PIPE_BUF: it comes whole. */
static void collect(struct names *names, int in, uint64_t until_ns)
{
	struct pollfd file = { .fd = in, .events = POLLIN };
	struct named named;
	for (uint64_t now_ns = clock_now_ns(); now_ns < until_ns; now_ns = clock_now_ns()) {
		if (poll(&file, 1, (int)((until_ns - now_ns) / NS_PER_MS) + 1) <= 0)
			continue;
		if (read(in, &named, sizeof named) != sizeof named)
			return; /* all have ended */
		if (named.place < names->count)
			memcpy(names->texts[named.place], named.text, sizeof named.text);
	}
}

void names_find(struct names *names, uint32_t patience_ms)
{
	pid_t processes[NAMES_MAX] = { 0 };
	int ends[2];
	if (pipe(ends) != 0)
		return;
	for (size_t i = 0; i < names->count; i++)
		if (!sipalg_address_is_none(&names->addresses[i]))
			processes[i] = start(names, i, ends);
	close(ends[1]);
	collect(names, ends[0], clock_now_ns() + patience_ms * (uint64_t)NS_PER_MS);
	close(ends[0]);
	for (size_t i = 0; i < names->count; i++)
		if (processes[i] > 0) {
			kill(processes[i], SIGKILL);
			(void)waitpid(processes[i], NULL, 0);
		}
}
