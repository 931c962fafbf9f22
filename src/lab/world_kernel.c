/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets in namespaces: what arrives went through a real kernel. */
#include "lab/gateway.h"
#include "lab/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	SOCKETS_MAX = 128,
	ARRIVAL_MS = 1500, /* on a busy machine */
	SILENCE_MS = 250,
};

struct kernel_world {
	struct world world;
	struct arena *arena;
	enum router router;
	struct network network;
	struct gateway gateway;
	struct bytes rules; /* before sipalg came */
	struct spot spots[SOCKETS_MAX];
	struct pollfd files[SOCKETS_MAX];
	size_t socket_count;
	int watch; /* a packet socket in the LAN */
	char datagram[65536];
};

static struct kernel_world *kernel_of(struct world *world)
{
	return (struct kernel_world *)world;
}

static int socket_find(const struct kernel_world *kernel, struct spot spot)
{
	for (size_t i = 0; i < kernel->socket_count; i++)
		if (spot_equal(kernel->spots[i], spot))
			return kernel->files[i].fd;
	return -1;
}

static const char *kernel_open(struct world *world, struct spot spot)
{
	struct kernel_world *kernel = kernel_of(world);
	const char *error = NULL;
	if (socket_find(kernel, spot) >= 0)
		return NULL;
	if (kernel->socket_count == SOCKETS_MAX)
		return "too many sockets";
	int file = network_socket(kernel->arena, &kernel->network, spot, &error);
	if (file < 0)
		return error;
	kernel->spots[kernel->socket_count] = spot;
	kernel->files[kernel->socket_count++] = (struct pollfd){ .fd = file, .events = POLLIN };
	return NULL;
}

static const char *kernel_send(struct world *world, struct spot from, struct spot to, struct bytes message,
                               bool no_fragments)
{
	struct kernel_world *kernel = kernel_of(world);
	int file = socket_find(kernel, from);
	int discover = no_fragments ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT;
	struct sockaddr_in address = { .sin_family = AF_INET,
		                       .sin_port = htons(to.port),
		                       .sin_addr.s_addr = htonl(to.address) };
	if (setsockopt(file, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof(discover)) != 0)
		return "cannot choose whether packets are fragmented";
	/* A packet to a private address has no way out of the WAN: it is lost, which the next step will find. */
	if (sendto(file, message.start, message.length, 0, (struct sockaddr *)&address, sizeof(address)) < 0 &&
	    errno != ENETUNREACH)
		return arena_format(kernel->arena, "cannot send: %s", strerror(errno));
	return NULL;
}

static bool kernel_receive(struct world *world, uint32_t wait_ms, struct arrival *arrival)
{
	struct kernel_world *kernel = kernel_of(world);
	if (poll(kernel->files, kernel->socket_count, (int)wait_ms) <= 0)
		return false;
	for (size_t i = 0; i < kernel->socket_count; i++) {
		struct sockaddr_in from = { 0 };
		socklen_t length = sizeof(from);
		if (!(kernel->files[i].revents & POLLIN))
			continue;
		ssize_t got = recvfrom(kernel->files[i].fd, kernel->datagram, sizeof(kernel->datagram), 0,
		                       (struct sockaddr *)&from, &length);
		if (got < 0)
			continue;
		arrival->at = kernel->spots[i];
		arrival->from = (struct spot){ ntohl(from.sin_addr.s_addr), ntohs(from.sin_port) };
		arrival->bytes = (struct bytes){ kernel->datagram, (size_t)got };
		return true;
	}
	return false;
}

/* A UDP packet (RFC 791, RFC 768) that came into the LAN. */
static bool packet_read(const uint8_t *packet, size_t length, struct arrival *arrival)
{
	size_t header = length > 0 ? (size_t)(packet[0] & 15) * 4 : 0;
	if (header < sizeof(struct iphdr) || length < header + sizeof(struct udphdr) || packet[9] != IPPROTO_UDP)
		return false;
	struct iphdr ip;
	struct udphdr udp;
	memcpy(&ip, packet, sizeof(ip));
	memcpy(&udp, packet + header, sizeof(udp));
	arrival->from = (struct spot){ ntohl(ip.saddr), ntohs(udp.source) };
	arrival->at = (struct spot){ ntohl(ip.daddr), ntohs(udp.dest) };
	arrival->bytes = (struct bytes){ (const char *)packet + header + sizeof(udp), length - header - sizeof(udp) };
	return true;
}

static bool kernel_overhear(struct world *world, uint32_t wait_ms, struct arrival *arrival)
{
	struct kernel_world *kernel = kernel_of(world);
	struct pollfd watch = { .fd = kernel->watch, .events = POLLIN };
	while (poll(&watch, 1, (int)wait_ms) > 0) {
		struct sockaddr_ll from = { 0 };
		socklen_t length = sizeof(from);
		ssize_t got = recvfrom(kernel->watch, kernel->datagram, sizeof(kernel->datagram), 0,
		                       (struct sockaddr *)&from, &length);
		if (got > 0 && from.sll_pkttype == PACKET_HOST &&
		    packet_read((const uint8_t *)kernel->datagram, (size_t)got, arrival))
			return true;
	}
	return false;
}

static void kernel_wait(struct world *world, uint32_t wait_ms)
{
	(void)world;
	poll(NULL, 0, (int)wait_ms);
}

static const char *kernel_router(struct world *world, const struct words *words)
{
	struct kernel_world *kernel = kernel_of(world);
	const char *action = words->list[1];
	if (strcmp(action, "address") == 0)
		return network_readdress(kernel->arena, &kernel->network, words->list[2]);
	if (kernel->router != ROUTER_SIPALG)
		return NULL;
	if (strcmp(action, "start") == 0)
		return gateway_start(kernel->arena, &kernel->gateway);
	if (strcmp(action, "kill") != 0)
		return gateway_switch(kernel->arena, &kernel->gateway, action,
		                      words->count > 2 ? words->list[2] : NULL);
	gateway_kill(&kernel->gateway);
	return NULL;
}

static const char *kernel_reason(struct world *world)
{
	(void)world;
	return NULL;
}

static const char *kernel_close(struct world *world)
{
	struct kernel_world *kernel = kernel_of(world);
	const char *wrong = NULL;
	if (kernel->router == ROUTER_SIPALG) {
		bool ran = kernel->gateway.process > 0;
		wrong = gateway_end(kernel->arena, &kernel->gateway);
		if (!wrong && ran && !bytes_equal(kernel->rules, network_rules(kernel->arena, &kernel->network)))
			wrong = "sipalg left rules behind";
	}
	for (size_t i = 0; i < kernel->socket_count; i++)
		close(kernel->files[i].fd);
	close(kernel->watch);
	network_release(&kernel->network);
	return wrong;
}

/* Sockets and locks of this sipalg must not meet those of another one. */
static const char *own_run_folder(void)
{
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("lab", "/run", "tmpfs", 0, NULL) != 0)
		return "cannot give the router a /run of its own";
	return NULL;
}

const char *world_kernel_open(struct arena *arena, const struct scenario *scenario, enum router router,
                              const char *program, FILE *output, struct world **world)
{
	static const struct world_operations operations = { kernel_open, kernel_send,   kernel_receive, kernel_overhear,
		                                            kernel_wait, kernel_router, kernel_reason,  kernel_close };
	struct kernel_world *kernel = arena_take(arena, sizeof(*kernel));
	*kernel = (struct kernel_world){ .world = { &operations, SILENCE_MS, ARRIVAL_MS },
		                         .arena = arena,
		                         .router = router };
	const char *wrong = network_build(arena, scenario, router, &kernel->network);
	if (!wrong && (kernel->watch = network_watch(&kernel->network)) < 0)
		wrong = "cannot watch the LAN";
	if (wrong || router != ROUTER_SIPALG) {
		*world = &kernel->world;
		return wrong;
	}
	kernel->gateway = (struct gateway){
		.program = program, .setup = &scenario->setup, .network = &kernel->network, .output = output, .pipe = -1
	};
	kernel->rules = network_rules(arena, &kernel->network);
	*world = &kernel->world;
	wrong = own_run_folder();
	return wrong ? wrong : gateway_start(arena, &kernel->gateway);
}
