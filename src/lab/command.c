/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_STARTED = 127, BY_SIGNAL = 128, POLL_MS = 5 };

/* The child: never returns. */
static void program_become(int namespace, const char *const *arguments, int input, int output)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setns(namespace, CLONE_NEWNET) == 0 && dup2(input, 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2)
		execvp(arguments[0], (char *const *)(uintptr_t)arguments);
	dprintf(output, "%s: %s\n", arguments[0], strerror(errno));
	_exit(NOT_STARTED);
}

static int status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : BY_SIGNAL + WTERMSIG(status);
}

struct outcome command_run(struct store *store, int namespace, const char *const *arguments, const char *input)
{
	struct outcome outcome = { .status = NOT_STARTED };
	int in = memfd_create("input", MFD_CLOEXEC);
	int out = memfd_create("output", MFD_CLOEXEC);
	size_t length = input ? strlen(input) : 0;
	if (in >= 0 && out >= 0 && (length == 0 || write(in, input, length) == (ssize_t)length)) {
		lseek(in, 0, SEEK_SET);
		int status = 0;
		pid_t process = fork();
		if (process == 0)
			program_become(namespace, arguments, in, out);
		if (process > 0 && waitpid(process, &status, 0) == process)
			outcome.status = status_of(status);
		outcome.output = bytes_of_file(store, out);
	}
	close(in);
	close(out);
	return outcome;
}

pid_t command_start(int namespace, const char *const *arguments, int *output)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	pid_t process = fork();
	if (process == 0)
		program_become(namespace, arguments, open("/dev/null", O_RDONLY | O_CLOEXEC), ends[1]);
	close(ends[1]);
	*output = ends[0];
	return process;
}

bool command_await(pid_t process, uint32_t wait_ms, int *status)
{
	for (uint32_t waited = 0;; waited += POLL_MS) {
		int raw = 0;
		if (waitpid(process, &raw, WNOHANG) == process) {
			*status = status_of(raw);
			return true;
		}
		if (waited >= wait_ms)
			return false;
		poll(NULL, 0, POLL_MS);
	}
}
