/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

#include "../programs/cmocka_all.h"

#include "host/endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t server;

static bool run(const char *command)
{
	return system(command) == 0;
}

/* In its sandbox the server cannot start the process that looks for leaks: the sanitizer does it without. */
static void be_server(bool confined)
{
	const char *given = getenv("ASAN_OPTIONS");
	char options[256];
	snprintf(options, sizeof options, "%s:detect_leaks=0", given == NULL ? "" : given);
	if (confined)
		setenv("ASAN_OPTIONS", options, 1);
	execl(SIPALG, SIPALG, "reflect", confined ? "--sandbox=yes" : "--sandbox=no", (char *)NULL);
	_exit(127);
}

/* Waits for the word "ready". */
static bool start_server(bool confined)
{
	char line[512];
	int ends[2];
	if (pipe(ends) != 0)
		return false;
	server = fork();
	if (server == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		be_server(confined);
	}
	close(ends[1]);
	ssize_t length = read(ends[0], line, sizeof line - 1);
	/* The rest is not read: more than a pipe holds is never said here. */
	line[length > 0 ? length : 0] = '\0';
	return strstr(line, "ready") != NULL;
}

/* A new namespace becomes this process's. */
static int make_namespace(void)
{
	return unshare(CLONE_NEWNET) == 0 ? open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC) : -1;
}

static bool make_link(int clients)
{
	char command[256];
	snprintf(command, sizeof command, "ip link add wan0 type veth peer name eth0 netns /proc/%d/fd/%d",
	         (int)getpid(), clients);
	return run(command);
}

/* This process ends in the clients' namespace, the server stays in the other. */
static int open_world(bool confined)
{
	int clients = make_namespace(), servers = make_namespace();
	bool ready = clients >= 0 && servers >= 0 && make_link(clients) &&
	             run("ip link set lo up; ip link set wan0 up; ip address add " SERVER "/24 dev wan0; "
	                 "ip address add " TWIN "/24 dev wan0; ip address add " SERVER6 "/64 dev wan0 nodad; "
	                 "ip address add " TWIN6 "/64 dev wan0 nodad; ip route add 198.51.100.0/24 dev wan0; "
	                 "ip route add 2001:db8:7::/64 dev wan0") &&
	             start_server(confined) && setns(clients, CLONE_NEWNET) == 0 &&
	             run("ip link set lo up; ip link set eth0 up; ip address add " CLIENT "/24 dev eth0; "
	                 "ip address add " STRANGER "/24 dev eth0; ip address add " CLIENT6 "/64 dev eth0 nodad; "
	                 "ip route add 203.0.113.0/24 dev eth0; ip route add 2001:db8::/64 dev eth0 src " CLIENT6);
	return ready ? 0 : -1;
}

int world_open(void **state)
{
	(void)state;
	return open_world(false);
}

int world_open_confined(void **state)
{
	(void)state;
	return open_world(true);
}

int world_close(void **state)
{
	(void)state;
	int status = 0;
	kill(server, SIGTERM);
	waitpid(server, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

bool server_lives(void)
{
	return waitpid(server, NULL, WNOHANG) == 0;
}

size_t server_memory_kib(void)
{
	char path[64], line[128];
	size_t kib = 0;
	snprintf(path, sizeof path, "/proc/%d/status", (int)server);
	FILE *file = fopen(path, "re");
	while (file != NULL && kib == 0 && fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtoul(line + 6, NULL, 10);
	if (file != NULL)
		fclose(file);
	return kib;
}

/* ---- Sockets ---- */

sipalg_endpoint endpoint_at(const char *address, uint16_t port, enum sipalg_protocol protocol)
{
	sipalg_endpoint endpoint = { .port = port, .protocol = (uint8_t)protocol };
	assert_true(sipalg_address_read(address, strlen(address), &endpoint.address));
	return endpoint;
}

int socket_at(enum sipalg_protocol protocol, const char *address, uint16_t port)
{
	struct sockaddr_storage name;
	socklen_t length = endpoint_to_socket(endpoint_at(address, port, protocol), &name);
	int yes = 1;
	int descriptor =
	        socket(name.ss_family, (protocol == SIPALG_PROTOCOL_TCP ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	assert_return_code(bind(descriptor, (struct sockaddr *)&name, length), errno);
	return descriptor;
}

int socket_connected(const char *address, const char *to, uint16_t port)
{
	struct sockaddr_storage name;
	socklen_t length = endpoint_to_socket(endpoint_at(to, port, SIPALG_PROTOCOL_TCP), &name);
	int descriptor = socket_at(SIPALG_PROTOCOL_TCP, address, 0);
	assert_return_code(connect(descriptor, (struct sockaddr *)&name, length), errno);
	return descriptor;
}

void send_to(int descriptor, const char *to, uint16_t port, struct text bytes)
{
	struct sockaddr_storage name;
	socklen_t length = endpoint_to_socket(endpoint_at(to, port, SIPALG_PROTOCOL_UDP), &name);
	assert_int_equal(sendto(descriptor, bytes.start, bytes.length, 0, (struct sockaddr *)&name, length),
	                 bytes.length);
}

ssize_t receive(int descriptor, void *bytes, size_t max, uint32_t timeout_ms, sipalg_endpoint *from)
{
	struct sockaddr_storage name = { 0 };
	socklen_t length = sizeof name;
	struct pollfd file = { .fd = descriptor, .events = POLLIN };
	if (poll(&file, 1, (int)timeout_ms) <= 0)
		return -1;
	ssize_t received = recvfrom(descriptor, bytes, max, 0, (struct sockaddr *)&name, &length);
	if (from != NULL)
		*from = endpoint_of_socket(&name, SIPALG_PROTOCOL_UDP);
	return received;
}

/* ---- Sessions ---- */

struct reflect_client *session_open(bool ipv6)
{
	struct problem problem = { "" };
	struct reflect_client *client =
	        reflect_client_open(ipv6 ? SERVER6 : SERVER, 0, ipv6 ? REFLECT_IPV6 : REFLECT_IPV4, &problem);
	if (client == NULL)
		fail_msg("%s", problem.text);
	return client;
}

struct reflect_event expect_event(struct reflect_client *client, enum reflect_event_kind kind)
{
	struct reflect_event event = { 0 };
	while (event.kind != kind)
		if (reflect_client_next(client, PATIENCE_MS, &event) != REFLECT_EVENT)
			fail_msg("no event of kind %d came %s", (int)kind, reflect_client_end(client));
	return event;
}

enum reflect_refusal expect_done(struct reflect_client *client, uint32_t number)
{
	struct reflect_event event;
	assert_int_not_equal(number, 0);
	do
		event = expect_event(client, REFLECT_DONE);
	while (event.number != number);
	return event.refusal;
}

struct text with_token(const struct reflect_client *client, const char *before, const char *behind)
{
	static char message[REFLECT_SENT_MAX];
	int length = snprintf(message, sizeof message, "%s%s%s", before, reflect_client_server(client)->token, behind);
	return (struct text){ message, (size_t)length };
}
