/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/reflect.h"

#include "console/options.h"
#include "console/values.h"
#include "host/notify.h"
#include "host/sandbox.h"
#include "host/user.h"
#include "reflect/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { EXIT_WRONG_USE = 2 };

static const char help[] = "usage: sipalg reflect [OPTIONS]\n"
                           "\n"
                           "Is the far end for `sipalg check`, on a host that the Internet reaches: tells a\n"
                           "client exactly what has arrived of the client's messages, and sends back what the\n"
                           "client asks for. Runs until it gets SIGTERM or SIGINT (Ctrl-C). It needs no\n"
                           "rights; started as root it becomes another user.\n"
                           "\n"
                           "It listens on TCP 7060 (clients), UDP and TCP 5060 and 5080 (SIP) and 7061 (where\n"
                           "no router looks for SIP), UDP 7070 and 7071 (media): let these in through the\n"
                           "host's firewall. It sends only to clients that have connected to 7060, and\n"
                           "little; it answers nobody else.\n"
                           "\n"
                           "  --second-address ADDRESS  another address of this host, from which media come,\n"
                           "                            to see whether a router lets them in; once for IPv4,\n"
                           "                            once for IPv6 (default: a public one, if there is one)\n"
                           "  --control-port PORT       where clients come to (default: 7060)\n"
                           "  --sip-port PORT           SIP (default: 5060, where routers look for it)\n"
                           "  --second-sip-port PORT    SIP where few routers look for it (default: 5080)\n"
                           "  --plain-port PORT         the same bytes where none does (default: 7061)\n"
                           "  --media-port PORT         media, with the next one (default: 7070)\n"
                           "  --user USER               whom to become (default: sipalg, else nobody)\n"
                           "  --sandbox yes|no          give up rights, files and system calls (default: yes)\n"
                           "  --json                    log JSON, one object a line\n"
                           "  -h, --help                this text\n"
                           "\n"
                           "examples:\n"
                           "  sipalg reflect                              what most need\n"
                           "  sipalg reflect --second-address 192.0.2.9   media from there, too\n"
                           "\n"
                           "then, behind the router in question:\n"
                           "  sipalg check reflect.example.com\n";

enum option_name { OPTION_CONTROL = 256, OPTION_PORT /* and one for each place */ };

static const struct option options[] = {
	{ "second-address", required_argument, NULL, 't' },
	{ "control-port", required_argument, NULL, OPTION_CONTROL },
	{ "sip-port", required_argument, NULL, OPTION_PORT + REFLECT_SIP },
	{ "second-sip-port", required_argument, NULL, OPTION_PORT + REFLECT_SIP_ELSEWHERE },
	{ "plain-port", required_argument, NULL, OPTION_PORT + REFLECT_PLAIN },
	{ "media-port", required_argument, NULL, OPTION_PORT + REFLECT_MEDIA },
	{ "user", required_argument, NULL, 'u' },
	{ "sandbox", required_argument, NULL, 's' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* ---- Options ---- */

static struct reflect_settings defaults(void)
{
	struct reflect_settings settings = {
		.control_port = REFLECT_PORT,
		.ports = { [REFLECT_SIP] = 5060,
		           [REFLECT_SIP_ELSEWHERE] = 5080,
		           [REFLECT_PLAIN] = 7061,
		           [REFLECT_MEDIA] = 7070,
		           [REFLECT_MEDIA_CONTROL] = 7071 },
		.confine = true,
	};
	user_find_default(&settings.user, &settings.group);
	return settings;
}

static bool read_port(int option, struct value value, struct reflect_settings *settings, struct problem *problem)
{
	uint32_t port, largest = option == OPTION_PORT + REFLECT_MEDIA ? UINT16_MAX - 1 : UINT16_MAX;
	if (!value_read_number(value, 1, largest, &port))
		return problem_say(problem, "\"%s\" is no port; write a number from 1 to %u", value.start, largest);
	if (option == OPTION_CONTROL)
		settings->control_port = (uint16_t)port;
	else
		settings->ports[option - OPTION_PORT] = (uint16_t)port;
	settings->ports[REFLECT_MEDIA_CONTROL] = (uint16_t)(settings->ports[REFLECT_MEDIA] + 1);
	return true;
}

static bool read_twin(struct value value, struct reflect_settings *settings, struct problem *problem)
{
	sipalg_address twin;
	if (!sipalg_address_read(value.start, value.length, &twin))
		return problem_say(problem, "--second-address: \"%s\" is no address; write one as 192.0.2.9",
		                   value.start);
	settings->twins[sipalg_address_is_ipv4(&twin) ? FAMILY_IPV4 : FAMILY_IPV6] = twin;
	return true;
}

static bool read_option(int option, struct reflect_settings *settings, struct problem *problem)
{
	struct value value = { optarg, optarg == NULL ? 0 : strlen(optarg) };
	switch (option) {
	case 't':
		return read_twin(value, settings, problem);
	case 'u':
		return user_find(value.start, value.length, &settings->user, &settings->group) ||
		       problem_say(problem, "--user: there is no user \"%s\"", value.start);
	case 's':
		return value_read_yes_no(value, &settings->confine) ||
		       problem_say(problem, "--sandbox: \"%s\" says neither; write yes or no", value.start);
	case 'j':
		settings->json = true;
		return true;
	default:
		return read_port(option, value, settings, problem);
	}
}

static bool check_ports(const struct reflect_settings *settings, struct problem *problem)
{
	for (size_t i = 0; i < REFLECT_PLACE_COUNT; i++) {
		bool twice = settings->ports[i] == settings->control_port && i <= REFLECT_PLAIN;
		for (size_t j = 0; j < i; j++)
			twice = twice || settings->ports[i] == settings->ports[j];
		if (twice)
			return problem_say(problem, "port %u is given twice; each needs its own", settings->ports[i]);
	}
	return true;
}

/* ---- Running ---- */

static int complain(int code, const struct problem *problem)
{
	fprintf(stderr, "sipalg reflect: %s\n", problem->text);
	return code;
}

/* An address that is not the host's would make every message from it fail, one by one. */
static bool check_twins(const struct reflect_settings *settings, struct problem *problem)
{
	for (size_t i = 0; i < FAMILY_COUNT; i++) {
		char text[SIPALG_ADDRESS_TEXT_MAX];
		if (sipalg_address_is_none(&settings->twins[i]) || places_has_address(&settings->twins[i]))
			continue;
		sipalg_address_write(&settings->twins[i], text);
		return problem_say(problem, "--second-address: %s is no address of this host; `ip address` lists them",
		                   text);
	}
	return true;
}

static bool confine(const struct reflect_settings *settings, struct problem *problem)
{
	struct sandbox_wish wish = { .confine = settings->confine,
		                     .user = geteuid() == 0 ? settings->user : 0,
		                     .group = settings->group };
	return sandbox_enter(&wish, problem);
}

static int run(const struct reflect_settings *settings)
{
	struct problem problem;
	struct server *server = malloc(sizeof *server);
	if (server == NULL) {
		problem_say(&problem, "there is not enough memory");
		return complain(EXIT_FAILURE, &problem);
	}
	bool ready = server_open(server, settings, &problem) && check_twins(settings, &problem) &&
	             confine(settings, &problem);
	if (ready) {
		log_listening(server);
		notify_manager("READY=1");
		server_run(server);
		notify_manager("STOPPING=1");
	}
	server_close(server);
	free(server);
	return ready ? EXIT_SUCCESS : complain(EXIT_FAILURE, &problem);
}

int reflect_main(int argc, char **argv)
{
	struct reflect_settings settings = defaults();
	struct problem problem;
	int option;
	while ((option = options_next(argc, argv, ":h", options, NULL, &problem)) != OPTIONS_END) {
		if (option == 'h') {
			fputs(help, stdout);
			return EXIT_SUCCESS;
		}
		if (option == OPTIONS_WRONG || !read_option(option, &settings, &problem))
			return complain(EXIT_WRONG_USE, &problem);
	}
	if (optind < argc) {
		problem_say(&problem, "it takes no \"%s\"; options begin with --, --help lists them", argv[optind]);
		return complain(EXIT_WRONG_USE, &problem);
	}
	if (!check_ports(&settings, &problem))
		return complain(EXIT_WRONG_USE, &problem);
	return run(&settings);
}
