/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void check(bool fine, const char *what)
{
	if (fine)
		return;
	perror(what);
	abort();
}

uint64_t world_now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * SIPALG_SECOND_NS + (uint64_t)time.tv_nsec;
}

/* ---- Building ---- */

static void write_file(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);

	check(file >= 0 && write(file, text, strlen(text)) >= 0, path);
	close(file);
}

/* Who is not root becomes root in a user namespace: that is enough for namespaces of one's own. */
static void become_root(void)
{
	char map[64];
	unsigned int user = geteuid(), group = getegid();

	if (user == 0)
		return;
	check(unshare(CLONE_NEWUSER) == 0, "user namespace");
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", user);
	write_file("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", group);
	write_file("/proc/self/gid_map", map);
}

int world_namespace(void)
{
	int namespace;

	become_root();
	check(unshare(CLONE_NEWNET) == 0, "network namespace");
	namespace = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	check(namespace >= 0, "network namespace");
	return namespace;
}

void world_go(struct world *world, enum place place)
{
	check(setns(world->places[place], CLONE_NEWNET) == 0, "setns");
}

bool world_command(struct world *world, enum place place, const char *format, ...)
{
	char command[8192];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	world_go(world, place);
	bool fine = system(command) == 0;
	world_go(world, ROUTER);
	return fine;
}

static void must(struct world *world, enum place place, const char *command)
{
	check(world_command(world, place, "%s", command), command);
}

static void build_links(struct world *world)
{
	int process = getpid();

	check(world_command(world, ROUTER,
	                    "ip link add lan type veth peer name eth0 netns /proc/%d/fd/%d && "
	                    "ip link add wan type veth peer name eth0 netns /proc/%d/fd/%d",
	                    process, world->places[PHONES], process, world->places[PROVIDER]),
	      "veth");
	/* An address is good at once: nobody else is here who could have it. */
	for (enum place place = PHONES; place < PLACE_COUNT; place++)
		must(world, place, "for f in /proc/sys/net/ipv6/conf/*/accept_dad; do echo 0 > $f; done");
	must(world, PHONES,
	     "ip link set lo up; ip addr add 10.0.0.5/24 dev eth0; ip addr add 10.0.0.6/24 dev eth0; "
	     "ip link set eth0 up; ip route add default via 10.0.0.1");
	must(world, PROVIDER,
	     "ip link set lo up; ip addr add 203.0.113.2/24 dev eth0; "
	     "ip addr add 203.0.113.9/24 dev eth0; ip link set eth0 up");
	must(world, ROUTER,
	     "ip link set lo up; ip addr add 10.0.0.1/24 dev lan; ip addr add 203.0.113.1/24 dev wan; "
	     "ip link set lan up; ip link set wan up; ip route add default via 203.0.113.2; "
	     "echo 1 > /proc/sys/net/ipv4/ip_forward");
}

void world_open(struct world *world, const char *rules)
{
	memset(world, 0, sizeof(*world));
	world->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	for (enum place place = PHONES; place < PLACE_COUNT; place++)
		world->places[place] = world_namespace();
	/* The commands' shells open them by /proc/PID/fd. */
	build_links(world);
	check(world_command(world, ROUTER, "nft -f - <<'END'\n%s\nEND\n", rules), "nft");
}

void world_add_ipv6(struct world *world)
{
	must(world, PHONES,
	     "for a in 2001:db8:1::5 2001:db8:1::6 fd00:1::5 fd00:1::6; do ip addr add $a/64 dev eth0 nodad; done; "
	     "ip route add default via 2001:db8:1::1");
	must(world, PROVIDER,
	     "for a in 2001:db8:ffff::2 2001:db8:ffff::9 2001:db8:ffff::66; do ip addr add $a/64 dev eth0 nodad; done; "
	     "ip route add 2001:db8::/32 via 2001:db8:ffff::1");
	must(world, ROUTER,
	     "for a in 2001:db8:1::1 fd00:1::1; do ip addr add $a/64 dev lan nodad; done; "
	     "ip addr add 2001:db8:ffff::1/64 dev wan nodad; ip route add default via 2001:db8:ffff::2; "
	     "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
}

void world_close(struct world *world)
{
	world_stop(world);
	for (enum place place = PHONES; place < PLACE_COUNT; place++)
		close(world->places[place]);
	(void)!setns(world->home, CLONE_NEWNET); /* not allowed from a user namespace, nor needed */
	close(world->home);
}

/* ---- The plane ---- */

static void remember_line(void *context, const char *line)
{
	struct world *world = context;

	if (world->line_count < WORLD_LINES_MAX)
		snprintf(world->lines[world->line_count++], sizeof(world->lines[0]), "%s", line);
}

static void remember_reason(void *context, uint64_t now_ns, const sipalg_packet *packet, const sipalg_verdict *verdict)
{
	struct world *world = context;

	(void)now_ns;
	(void)packet;
	world->reason = verdict->reason;
	world->handled++;
}

void world_create_engine(struct world *world)
{
	sipalg_settings settings;

	sipalg_settings_defaults(&settings);
	world->memory_size = sipalg_engine_size(&settings);
	world->memory = mmap(NULL, world->memory_size, PROT_READ | PROT_WRITE,
	                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	check(world->memory != MAP_FAILED, "memory");
	world->engine = sipalg_engine_create(world->memory, &settings);
}

static bool start_plane(struct world *world)
{
	const struct plane_observer observer = { .context = world, .say = remember_line, .handled = remember_reason };

	world->plane = plane_open(&world->settings, &observer, world->engine, world_now_ns());
	if (world->plane == NULL)
		world_stop(world);
	return world->plane != NULL;
}

bool world_start_here(struct world *world)
{
	world_create_engine(world);
	return start_plane(world);
}

bool world_start(struct world *world)
{
	world_go(world, ROUTER);
	return world_start_here(world);
}

bool world_start_from(struct world *world, const uint8_t *snapshot, size_t length)
{
	world_go(world, ROUTER);
	world_create_engine(world);
	return sipalg_engine_load(world->engine, world_now_ns(), snapshot, length) == SIPALG_SNAPSHOT_LOADED &&
	       start_plane(world);
}

void world_stop(struct world *world)
{
	plane_close(world->plane);
	world->plane = NULL;
	if (world->memory != NULL)
		munmap(world->memory, world->memory_size);
	world->memory = NULL;
}

size_t world_times_said(const struct world *world, const char *part)
{
	size_t times = 0;

	for (size_t index = 0; index < world->line_count; index++)
		times += strstr(world->lines[index], part) != NULL;
	return times;
}

bool world_said(const struct world *world, const char *part)
{
	return world_times_said(world, part) > 0;
}

/* ---- Traffic ---- */

/* IPv4 or IPv6, as it is written. */
union name {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

static socklen_t name_read(union name *name, const char *address, uint16_t port)
{
	memset(name, 0, sizeof(*name));
	if (inet_pton(AF_INET6, address, &name->ipv6.sin6_addr) == 1) {
		name->ipv6.sin6_family = AF_INET6;
		name->ipv6.sin6_port = htons(port);
		return sizeof(name->ipv6);
	}
	name->ipv4.sin_family = AF_INET;
	name->ipv4.sin_port = htons(port);
	check(inet_pton(AF_INET, address, &name->ipv4.sin_addr) == 1, address);
	return sizeof(name->ipv4);
}

static sipalg_endpoint name_endpoint(const union name *name)
{
	sipalg_endpoint endpoint = { .protocol = SIPALG_PROTOCOL_UDP };

	if (name->any.sa_family == AF_INET6) {
		memcpy(endpoint.address.bytes, &name->ipv6.sin6_addr, sizeof(endpoint.address.bytes));
		endpoint.port = ntohs(name->ipv6.sin6_port);
	} else {
		endpoint.address = sipalg_address_from_ipv4(ntohl(name->ipv4.sin_addr.s_addr));
		endpoint.port = ntohs(name->ipv4.sin_port);
	}
	return endpoint;
}

int world_socket(struct world *world, enum place place, const char *address, uint16_t port)
{
	union name name;
	socklen_t length = name_read(&name, address, port);
	int descriptor, size = 1 << 20;

	world_go(world, place);
	descriptor = socket(name.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	check(descriptor >= 0 && bind(descriptor, &name.any, length) == 0, address);
	setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	world_go(world, ROUTER);
	return descriptor;
}

void world_send(int descriptor, const char *address, uint16_t port, const void *bytes, size_t length)
{
	union name name;
	socklen_t name_length = name_read(&name, address, port);

	check(sendto(descriptor, bytes, length, 0, &name.any, name_length) == (ssize_t)length, "sendto");
}

/* One round: waits until the plane or the other descriptor has something, at most until the deadline. */
static void step(struct world *world, const struct pollfd *other, uint64_t deadline_ns)
{
	struct pollfd descriptors[PLANE_DESCRIPTORS_MAX + 1];
	size_t count = world->plane == NULL ? 0 : plane_descriptors(world->plane, descriptors);
	uint64_t now_ns = world_now_ns(), until_ns = deadline_ns;
	struct timespec left = { 0 };

	if (world->plane != NULL && plane_deadline(world->plane) < until_ns)
		until_ns = plane_deadline(world->plane);
	if (until_ns > now_ns) {
		left.tv_sec = (time_t)((until_ns - now_ns) / SIPALG_SECOND_NS);
		left.tv_nsec = (long)((until_ns - now_ns) % SIPALG_SECOND_NS);
	}
	descriptors[count] = *other;
	ppoll(descriptors, count + 1, &left, NULL);
	if (world->plane != NULL)
		plane_work(world->plane, descriptors, count, world_now_ns());
}

void world_run(struct world *world, int milliseconds)
{
	(void)world_wait(world, -1, 0, milliseconds);
}

bool world_wait(struct world *world, int descriptor, short events, int milliseconds)
{
	uint64_t deadline_ns = world_now_ns() + (uint64_t)milliseconds * (SIPALG_SECOND_NS / 1000);
	struct pollfd waiting = { .fd = descriptor, .events = events };

	while (poll(&waiting, 1, 0) == 0 && world_now_ns() < deadline_ns)
		step(world, &waiting, deadline_ns);
	return poll(&waiting, 1, 0) > 0;
}

static ssize_t receive(struct world *world, int descriptor, char *bytes, sipalg_endpoint *from, int milliseconds)
{
	uint64_t deadline_ns = world_now_ns() + (uint64_t)milliseconds * (SIPALG_SECOND_NS / 1000);
	const struct pollfd waiting = { .fd = descriptor, .events = POLLIN };
	union name name = { 0 };
	socklen_t name_length = sizeof(name);
	ssize_t length;

	while ((length = recvfrom(descriptor, bytes, WORLD_MESSAGE_MAX - 1, 0, &name.any, &name_length)) < 0 &&
	       world_now_ns() < deadline_ns)
		step(world, &waiting, deadline_ns);
	if (length < 0)
		return -1;
	bytes[length] = '\0';
	if (from != NULL)
		*from = name_endpoint(&name);
	return length;
}

ssize_t world_receive(struct world *world, int descriptor, char bytes[WORLD_MESSAGE_MAX], sipalg_endpoint *from)
{
	return receive(world, descriptor, bytes, from, WORLD_PATIENCE_MS);
}

bool world_silent(struct world *world, int descriptor)
{
	static char bytes[WORLD_MESSAGE_MAX];

	return receive(world, descriptor, bytes, NULL, WORLD_SILENCE_MS) < 0;
}
