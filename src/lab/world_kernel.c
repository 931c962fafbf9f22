/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets in namespaces: what arrives went through a real kernel. */
#include "lab/gateway.h"
#include "lab/tcp_sockets.h"
#include "lab/watch.h"
#include "lab/world.h"

#include <errno.h>
#include <netinet/in.h>
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
	struct store *store;
	enum router router;
	struct network network;
	struct gateway gateway;
	struct bytes rules; /* before sipalg came */
	sipalg_endpoint endpoints[SOCKETS_MAX];
	struct pollfd files[SOCKETS_MAX + TCP_SOCKETS_MAX]; /* the UDP sockets, and room to wait for all */
	size_t socket_count;
	struct tcp_sockets tcp;
	int watch; /* a packet socket in the LAN */
	char datagram[65536];
};

static struct kernel_world *kernel_of(struct world *world)
{
	return (struct kernel_world *)world;
}

static int socket_find(const struct kernel_world *kernel, sipalg_endpoint endpoint)
{
	for (size_t i = 0; i < kernel->socket_count; i++)
		if (endpoint_equal(kernel->endpoints[i], endpoint))
			return kernel->files[i].fd;
	return -1;
}

static const char *kernel_open(struct world *world, sipalg_endpoint endpoint)
{
	struct kernel_world *kernel = kernel_of(world);
	const char *error = NULL;
	bool tcp = endpoint.protocol == SIPALG_PROTOCOL_TCP;
	if (tcp ? tcp_sockets_have(&kernel->tcp, endpoint) : socket_find(kernel, endpoint) >= 0)
		return NULL;
	if (kernel->socket_count == SOCKETS_MAX)
		return "too many sockets";
	int file = network_socket(kernel->store, &kernel->network, endpoint, &error);
	if (file < 0)
		return error;
	if (tcp)
		return tcp_sockets_listen(&kernel->tcp, file, endpoint);
	kernel->endpoints[kernel->socket_count] = endpoint;
	kernel->files[kernel->socket_count++] = (struct pollfd){ .fd = file, .events = POLLIN };
	return NULL;
}

static const char *kernel_send(struct world *world, sipalg_endpoint from, sipalg_endpoint to, struct bytes message,
                               bool no_fragments)
{
	struct kernel_world *kernel = kernel_of(world);
	int file = socket_find(kernel, from);
	int discover = no_fragments ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT;
	bool ipv6 = endpoint_is_ipv6(to);
	struct sockaddr_storage address;
	socklen_t length = endpoint_to_socket(to, &address);
	if (setsockopt(file, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &discover,
	               sizeof(discover)) != 0)
		return "cannot choose whether packets are fragmented";
	/* A packet to a private address has no way out of the WAN: it is lost, which the next step will find. */
	if (sendto(file, message.start, message.length, 0, (struct sockaddr *)&address, length) < 0 &&
	    errno != ENETUNREACH)
		return store_format(kernel->store, "cannot send: %s", strerror(errno));
	return NULL;
}

static bool datagram_take(struct kernel_world *kernel, size_t place, struct arrival *arrival)
{
	struct sockaddr_storage from = { 0 };
	socklen_t length = sizeof(from);
	ssize_t got = recvfrom(kernel->files[place].fd, kernel->datagram, sizeof(kernel->datagram), 0,
	                       (struct sockaddr *)&from, &length);
	if (got < 0)
		return false;
	*arrival = (struct arrival){ .kind = ARRIVAL_DATAGRAM, .at = kernel->endpoints[place] };
	arrival->from = endpoint_of_socket(&from, SIPALG_PROTOCOL_UDP);
	arrival->bytes = (struct bytes){ kernel->datagram, (size_t)got };
	return true;
}

/* False: nothing is ready. *arrival is empty when what was ready was no arrival. */
static bool ready_take(struct kernel_world *kernel, uint32_t wait_ms, struct arrival *arrival)
{
	struct pollfd *tcp = kernel->files + kernel->socket_count;
	size_t udp_count = kernel->socket_count, tcp_count = kernel->tcp.count;
	tcp_sockets_poll(&kernel->tcp, tcp);
	if (poll(kernel->files, udp_count + tcp_count, (int)wait_ms) <= 0)
		return false;
	for (size_t i = 0; i < udp_count; i++)
		if ((kernel->files[i].revents & POLLIN) && datagram_take(kernel, i, arrival))
			return true;
	for (size_t i = 0; i < tcp_count; i++)
		if (tcp_sockets_take(&kernel->tcp, i, tcp[i].revents, arrival))
			return true;
	arrival->kind = ARRIVAL_NONE;
	return true;
}

static bool kernel_receive(struct world *world, uint32_t wait_ms, struct arrival *arrival)
{
	struct kernel_world *kernel = kernel_of(world);
	while (ready_take(kernel, wait_ms, arrival))
		if (arrival->kind != ARRIVAL_NONE)
			return true;
	return false;
}

static const char *kernel_refuse(struct world *world, sipalg_endpoint endpoint)
{
	return tcp_sockets_refuse(&kernel_of(world)->tcp, endpoint);
}

static const char *kernel_connect(struct world *world, sipalg_endpoint from, sipalg_endpoint to, unsigned *end)
{
	struct kernel_world *kernel = kernel_of(world);
	const char *error = NULL;
	int file = network_socket(kernel->store, &kernel->network, from, &error);
	return file < 0 ? error : tcp_sockets_connect(&kernel->tcp, file, to, end);
}

static const char *kernel_write(struct world *world, unsigned end, struct bytes bytes)
{
	return tcp_sockets_write(&kernel_of(world)->tcp, end, bytes);
}

static const char *kernel_finish(struct world *world, unsigned end, bool reset)
{
	return tcp_sockets_finish(&kernel_of(world)->tcp, end, reset);
}

static void kernel_pause(struct world *world, unsigned end, bool paused)
{
	kernel_of(world)->tcp.list[end].paused = paused;
}

static bool kernel_stuck(struct world *world, unsigned end)
{
	return tcp_sockets_stuck(&kernel_of(world)->tcp, end);
}

static bool kernel_overhear(struct world *world, uint32_t wait_ms, struct arrival *arrival)
{
	struct kernel_world *kernel = kernel_of(world);
	return watch_next(kernel->watch, wait_ms, kernel->datagram, sizeof(kernel->datagram), arrival);
}

/* A connection is begun and given up at once: whether its SYN gets through is what counts. */
static const char *syn_send(struct kernel_world *kernel, sipalg_endpoint from, sipalg_endpoint to)
{
	const char *error = NULL;
	struct sockaddr_storage address;
	socklen_t length = endpoint_to_socket(to, &address);
	from.port = 0;
	int file = network_socket(kernel->store, &kernel->network, from, &error);
	if (file < 0)
		return error;
	(void)connect(file, (struct sockaddr *)&address, length);
	close(file);
	return NULL;
}

static const char *kernel_scan(struct world *world, sipalg_endpoint from, sipalg_endpoint to,
                               const uint8_t *passed_over)
{
	const char *wrong = NULL;
	for (uint32_t port = SCAN_PORT_FIRST; port <= SCAN_PORT_LAST && !wrong; port++) {
		to.port = (uint16_t)port;
		if (scan_passes_over(passed_over, to.port))
			continue;
		wrong = from.protocol == SIPALG_PROTOCOL_TCP ? syn_send(kernel_of(world), from, to)
		                                             : kernel_send(world, from, to, bytes_of("scan"), false);
	}
	return wrong;
}

static void kernel_wait(struct world *world, uint32_t wait_ms)
{
	(void)world;
	poll(NULL, 0, (int)wait_ms);
}

/* The program's own events; others happen to the router. */
static bool is_of_program(const char *action)
{
	static const char *const words[] = { "off", "on", "stop", "kill", "start" };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(action, words[i]) == 0)
			return true;
	return false;
}

static const char *program_event(struct kernel_world *kernel, const struct words *words)
{
	const char *action = words->list[1];
	if (strcmp(action, "start") == 0)
		return gateway_start(kernel->store, &kernel->gateway);
	if (strcmp(action, "stop") == 0)
		return gateway_end(kernel->store, &kernel->gateway);
	if (strcmp(action, "kill") != 0)
		return gateway_switch(kernel->store, &kernel->gateway, action,
		                      words->count > 2 ? words->list[2] : NULL);
	gateway_kill(&kernel->gateway);
	return NULL;
}

static const char *kernel_router(struct world *world, const struct words *words)
{
	struct kernel_world *kernel = kernel_of(world);
	const char *action = words->list[1];
	if (!is_of_program(action)) {
		if (strcmp(action, "flush") == 0)
			kernel->rules = (struct bytes){ "", 0 }; /* the user's own are gone, too */
		return network_event(kernel->store, &kernel->network, words);
	}
	return kernel->router == ROUTER_SIPALG ? program_event(kernel, words) : NULL;
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
		wrong = gateway_end(kernel->store, &kernel->gateway);
		if (!wrong && ran && !bytes_equal(kernel->rules, network_rules(kernel->store, &kernel->network)))
			wrong = "sipalg left rules behind";
	}
	for (size_t i = 0; i < kernel->socket_count; i++)
		close(kernel->files[i].fd);
	tcp_sockets_release(&kernel->tcp);
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

const char *world_kernel_open(struct store *store, const struct scenario *scenario, enum router router,
                              const char *program, FILE *output, struct world **world)
{
	static const struct world_operations operations = {
		.open = kernel_open,
		.send = kernel_send,
		.receive = kernel_receive,
		.overhear = kernel_overhear,
		.refuse = kernel_refuse,
		.connect = kernel_connect,
		.write = kernel_write,
		.finish = kernel_finish,
		.pause = kernel_pause,
		.stuck = kernel_stuck,
		.scan = kernel_scan,
		.wait = kernel_wait,
		.router = kernel_router,
		.reason = kernel_reason,
		.close = kernel_close,
	};
	struct kernel_world *kernel = store_take(store, sizeof(*kernel));
	*kernel = (struct kernel_world){ .world = { &operations, SILENCE_MS, ARRIVAL_MS },
		                         .store = store,
		                         .router = router,
		                         .tcp = { .store = store } };
	const char *wrong = network_build(store, scenario, router, &kernel->network);
	if (!wrong && (kernel->watch = network_watch(&kernel->network)) < 0)
		wrong = "cannot watch the LAN";
	if (wrong || router != ROUTER_SIPALG) {
		*world = &kernel->world;
		return wrong;
	}
	kernel->gateway = (struct gateway){
		.program = program, .setup = &scenario->setup, .network = &kernel->network, .output = output, .pipe = -1
	};
	kernel->rules = network_rules(store, &kernel->network);
	*world = &kernel->world;
	wrong = own_run_folder();
	return wrong ? wrong : gateway_start(store, &kernel->gateway);
}
