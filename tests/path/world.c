/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

#include "../programs/cmocka_all.h"

#include "path/path.h"
#include "responders.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int spaces[HOST_COUNT];

static bool make_spaces(void)
{
	for (int i = 0; i < HOST_COUNT; i++) {
		if (unshare(CLONE_NEWNET) != 0)
			return false;
		spaces[i] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	}
	return true;
}

static void enter(enum host host)
{
	assert_int_equal(setns(spaces[host], CLONE_NEWNET), 0);
}

__attribute__((format(printf, 2, 3))) static void run_in(enum host host, const char *format, ...)
{
	char command[4096];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(command, sizeof command, format, arguments);
	va_end(arguments);
	enter(host);
	if (system(command) != 0)
		fail_msg("in host %d: %s", (int)host, command);
}

/* Each host's link to the next: "right" here, "left" there. */
static void make_links(void)
{
	static const char *const nets[] = { "10.1.0", "10.22.0", "198.51.100", "203.0.113" };
	for (int i = 0; i + 1 < HOST_COUNT; i++) {
		int here = i == HOST_CLIENT ? 2 : 1, there = i == HOST_CLIENT ? 1 : 2;
		run_in((enum host)i,
		       "ip link set lo up; ip link add right type veth peer name left netns /proc/%d/fd/%d && "
		       "ip address add %s.%d/24 dev right && ip address add 2001:db8:%d::%d/64 dev right nodad && "
		       "ip link set right up",
		       (int)getpid(), spaces[i + 1], nets[i], here, i + 1, here);
		run_in((enum host)(i + 1),
		       "ip address add %s.%d/24 dev left && ip address add 2001:db8:%d::%d/64 dev left nodad && "
		       "ip link set left up",
		       nets[i], there, i + 1, there);
	}
}

static void make_routes(void)
{
	run_in(HOST_CLIENT, "ip route add default via 10.1.0.1; ip -6 route add default via 2001:db8:1::1");
	run_in(HOST_R1, "ip route add default via 10.22.0.2; ip -6 route add default via 2001:db8:2::2");
	run_in(HOST_R2, "ip route add default via 198.51.100.2; ip -6 route add default via 2001:db8:3::2; "
	                "ip route add 10.1.0.0/24 via 10.22.0.1; ip -6 route add 2001:db8:1::/64 via 2001:db8:2::1");
	run_in(HOST_R3, "ip route add 10.0.0.0/8 via 198.51.100.1; ip -6 route add 2001:db8:1::/64 via 2001:db8:3::1; "
	                "ip -6 route add 2001:db8:2::/64 via 2001:db8:3::1");
	run_in(HOST_SERVER, "ip link set lo up; ip route add default via 203.0.113.1; "
	                    "ip -6 route add default via 2001:db8:4::1");
	for (int i = HOST_R1; i <= HOST_R3; i++)
		run_in((enum host)i,
		       "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding");
}

/* A link that has just been made is taken for up only when the kernel has looked. */
static void wait_for_links(void)
{
	for (int i = 0; i < HOST_COUNT; i++)
		run_in((enum host)i, "for i in $(seq 100); do ip -oneline link show type veth | grep -q 'state "
		                     "DOWN\\|NO-CARRIER\\|state LOWERLAYERDOWN' || exit 0; "
		                     "sleep 0.05; done; exit 1");
}

static void load_rules(const struct setup *setup)
{
	for (int i = 0; i < HOST_COUNT; i++)
		if (setup->rules[i] != NULL)
			run_in((enum host)i, "nft -f - <<'END'\n%s\nEND", setup->rules[i]);
	/* What the kernel quotes is longer than what the responder does. */
	if (setup->quoting != QUOTING_KERNEL)
		run_in(HOST_R2, "nft -f - <<'END'\ntable ip short {\nchain out {\ntype filter hook output priority 0\n"
		                "icmp type time-exceeded ip length > 200 drop\n}\n}\nEND");
}

/* A process of its own in that host, which ends with this one. */
static pid_t start(enum host host, void (*serve)(int argument), int argument)
{
	enter(host);
	pid_t process = fork();
	if (process != 0)
		return process;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	serve(argument);
	_exit(1);
}

static void stop(pid_t process)
{
	if (process <= 0)
		return;
	kill(process, SIGKILL);
	waitpid(process, NULL, 0);
}

static struct report *find(const struct setup *setup)
{
	const struct path_settings settings = { .host = setup->ipv6 ? SERVER6 : SERVER, .port = setup->port };
	struct report *report = report_create("path", settings.host);
	struct problem problem;
	enter(HOST_CLIENT);
	if (setup->unprivileged)
		assert_int_equal(seteuid(65534), 0);
	bool found = path_find(&settings, report, &problem);
	if (setup->unprivileged)
		assert_int_equal(seteuid(0), 0);
	if (!found)
		fail_msg("%s", problem.text);
	return report;
}

struct report *world_find(const struct setup *setup)
{
	assert_true(make_spaces());
	make_links();
	make_routes();
	wait_for_links();
	load_rules(setup);
	pid_t server =
	        setup->server == SERVER_NONE ? 0 : start(HOST_SERVER, serve_sip, setup->server == SERVER_PLAIN_NOT_ODD);
	pid_t quoter =
	        setup->quoting == QUOTING_KERNEL ? 0 : start(HOST_R2, serve_quotes, setup->quoting == QUOTING_MPLS);
	usleep(100000);
	struct report *report = find(setup);
	stop(server);
	stop(quoter);
	for (int i = 0; i < HOST_COUNT; i++)
		close(spaces[i]);
	if (getenv("SIPALG_SHOW") != NULL) {
		struct terminal terminal = terminal_find();
		report_print(report, &terminal, true, stderr);
	}
	return report;
}

const struct hop *hop_at(const struct report *report, unsigned ttl)
{
	for (size_t i = 0; i < report->hop_count; i++)
		if (report->hops[i].ttl == ttl)
			return &report->hops[i];
	fail_msg("there is no hop %u", ttl);
	return NULL;
}

const struct finding *finding_of(const struct report *report, enum fault_kind fault)
{
	for (size_t i = 0; i < report->finding_count; i++)
		if (report->findings[i].fault == fault)
			return &report->findings[i];
	return NULL;
}
