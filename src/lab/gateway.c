/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/gateway.h"
#include "lab/command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { READY_MS = 20000, END_MS = 10000, BY_SIGNAL = 128 /* command_await() */ };

static uint64_t milliseconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Copies what sipalg has printed to the output until `word` is among it. False: it ended, or the time is over. */
static bool output_await(struct gateway *gateway, const char *word, uint32_t wait_ms)
{
	char seen[8192] = "";
	size_t length = 0;
	uint64_t end = milliseconds_now() + wait_ms;
	for (uint64_t now = milliseconds_now(); now < end; now = milliseconds_now()) {
		struct pollfd file = { .fd = gateway->pipe, .events = POLLIN };
		if (poll(&file, 1, (int)(end - now)) <= 0 || length + 1 >= sizeof(seen))
			return false;
		ssize_t got = read(gateway->pipe, seen + length, sizeof(seen) - 1 - length);
		if (got <= 0)
			return false;
		fprintf(gateway->output, "  | %.*s", (int)got, seen + length);
		length += (size_t)got;
		seen[length] = '\0';
		if (strstr(seen, word))
			return true;
	}
	return false;
}

/* What it still says while it ends. */
static void output_drain(struct gateway *gateway)
{
	char block[4096];
	ssize_t got;
	fcntl(gateway->pipe, F_SETFL, O_NONBLOCK);
	while ((got = read(gateway->pipe, block, sizeof(block))) > 0)
		fprintf(gateway->output, "  | %.*s", (int)got, block);
	close(gateway->pipe);
	gateway->pipe = -1;
	gateway->process = 0;
}

const char *gateway_start(struct store *store, struct gateway *gateway)
{
	const char *arguments[16 + SCRIPT_WORDS_MAX] = { gateway->program, "run", "--lan",   "lan0",
		                                         "--wan",          NULL,  "--state", "/run/sipalg/switches" };
	size_t count = 8;
	arguments[5] = gateway->setup->second_wan ? "wan0,wan1" : "wan0";
	for (size_t i = 2; i < gateway->setup->options.count; i++)
		arguments[count++] = gateway->setup->options.list[i];
	if (gateway->process > 0)
		return "sipalg runs already";
	gateway->process = command_start(gateway->network->gateway, arguments, &gateway->pipe);
	if (gateway->process < 0)
		return "sipalg cannot be started";
	if (output_await(gateway, "sipalg: ready", READY_MS))
		return NULL;
	gateway_kill(gateway);
	return store_format(store, "sipalg did not become ready (-v shows what it said)");
}

void gateway_kill(struct gateway *gateway)
{
	if (gateway->process <= 0)
		return;
	kill(gateway->process, SIGKILL);
	waitpid(gateway->process, NULL, 0);
	output_drain(gateway);
}

const char *gateway_switch(struct store *store, const struct gateway *gateway, const char *to, const char *whom)
{
	const char *arguments[] = { gateway->program, to, whom, NULL };
	struct outcome outcome = command_run(store, gateway->network->gateway, arguments, NULL);
	return outcome.status == 0 ? NULL : store_format(store, "sipalg %s: %s", to, outcome.output.start);
}

const char *gateway_end(struct store *store, struct gateway *gateway)
{
	int status = 0;
	if (gateway->process <= 0)
		return NULL;
	kill(gateway->process, SIGTERM);
	if (!command_await(gateway->process, END_MS, &status)) {
		gateway_kill(gateway);
		return "sipalg did not end on SIGTERM";
	}
	output_drain(gateway);
	if (status > BY_SIGNAL)
		return store_format(store, "sipalg crashed (%s)", strsignal(status - BY_SIGNAL));
	return status == 0 ? NULL : store_format(store, "sipalg ended with status %d", status);
}
