/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/check.h"

#include "advice/identify.h"
#include "check/run.h"
#include "console/options.h"
#include "console/values.h"
#include "path/path.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { EXIT_UNKNOWN = 2 };

struct check_settings {
	const char *server;
	uint16_t port; /* 0: the usual one */
	enum reflect_family family;
	bool path, names; /* search the hop, with no server of ours */
	bool long_times, identify, json, verbose;
	const char *page; /* NULL: none */
};

static const char help[] =
        "usage: sipalg check [OPTIONS] SERVER\n"
        "       sipalg check --path [OPTIONS] HOST\n"
        "\n"
        "Finds what on the way changes or drops SIP, and what that breaks. SERVER is a host on which `sipalg reflect`\n"
        "runs. From behind the router in question, as an ordinary user, it sends SIP of all kinds to SERVER, has "
        "SERVER\n"
        "send some back, and compares each message with what arrived. That takes less than half a minute.\n"
        "\n"
        "With --path it needs no server of ours: it asks the routers on the way to HOST (your provider, or any other\n"
        "host far away) what they were given, and so finds the one that changes SIP, if enough of them answer.\n"
        "\n"
        "  --path             find the hop on the way to HOST that changes SIP\n"
        "  --names            with --path: wait for the names of slow hops\n"
        "  --long             also try how long a silent phone can be reached: up to 905 seconds\n"
        "  --identify         ask this network's router what it is, and say where its switch is\n"
        "  --report FILE      also write a page (HTML, one file) that one can mail to a support desk\n"
        "  --json             print the result as JSON\n"
        "  -v, --verbose      also show whole messages, and what was tried without a finding\n"
        "  -4, -6             by IPv4 or IPv6 only\n"
        "  --port PORT        the server's control port (default: 7060); with --path the SIP port (default: 5060)\n"
        "  -h, --help         this text\n"
        "\n"
        "exit status: 0 nothing wrong was found, 1 something was, 2 nothing can be told, or wrong use\n"
        "\n"
        "examples:\n"
        "  sipalg check reflect.example.com\n"
        "  sipalg check --report page.html reflect.example.com\n"
        "  sipalg check --path sip.provider.example\n";

static const struct option options[] = {
	{ "long", no_argument, NULL, 'l' },         { "identify", no_argument, NULL, 'i' },
	{ "report", required_argument, NULL, 'r' }, { "json", no_argument, NULL, 'j' },
	{ "verbose", no_argument, NULL, 'v' },      { "port", required_argument, NULL, 'p' },
	{ "path", no_argument, NULL, 'P' },         { "names", no_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },         { NULL, 0, NULL, 0 },
};

static int complain(const struct problem *problem)
{
	fflush(stdout);
	fprintf(stderr, "sipalg check: %s\n", problem->text);
	return EXIT_UNKNOWN;
}

/* ---- Options ---- */

static bool read_port(struct check_settings *settings, struct problem *problem)
{
	uint32_t port;
	if (!value_read_number((struct value){ optarg, strlen(optarg) }, 1, UINT16_MAX, &port))
		return problem_say(problem, "--port: \"%s\" is no port; write a number from 1 to 65535", optarg);
	settings->port = (uint16_t)port;
	return true;
}

static bool read_option(int option, struct check_settings *settings, struct problem *problem)
{
	switch (option) {
	case 'l':
		settings->long_times = true;
		return true;
	case 'i':
		settings->identify = true;
		return true;
	case 'r':
		settings->page = optarg;
		return true;
	case 'j':
		settings->json = true;
		return true;
	case 'v':
		settings->verbose = true;
		return true;
	case 'P':
		settings->path = true;
		return true;
	case 'n':
		settings->names = true;
		return true;
	case '4':
		settings->family = REFLECT_IPV4;
		return true;
	case '6':
		settings->family = REFLECT_IPV6;
		return true;
	default:
		return read_port(settings, problem);
	}
}

static bool read_server(int argc, char **argv, struct check_settings *settings, struct problem *problem)
{
	if (optind == argc)
		return problem_say(
		        problem, settings->path ? "no host is named; write the name or address of your provider's SIP "
		                                  "server, or of any host far away"
		                                : "no server is named; write the name or address of a host on which "
		                                  "`sipalg reflect` runs");
	if (optind + 1 < argc)
		return problem_say(problem, "\"%s\" is too much: one server is checked at a time", argv[optind + 1]);
	settings->server = argv[optind];
	return true;
}

/* ---- Results ---- */

static void print_json(const struct report *report)
{
	json_t *json = report_to_json(report);
	if (json == NULL)
		return;
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(json);
}

/* The page is opened before anything is tried: half a minute is not to be wasted for a misspelt name. */
static FILE *page_open(const struct check_settings *settings, struct problem *problem)
{
	FILE *page = fopen(settings->page, "we");
	if (page == NULL)
		problem_say(problem, "cannot write %s: %s", settings->page, strerror(errno));
	return page;
}

static bool page_write(const struct report *report, FILE *page)
{
	report_write_html(report, page);
	bool fine = ferror(page) == 0;
	return fclose(page) == 0 && fine;
}

static void print(const struct check_settings *settings, const struct report *report)
{
	struct terminal terminal = terminal_find();
	if (settings->json)
		print_json(report);
	else
		report_print(report, &terminal, settings->verbose, stdout);
}

/* ---- Running ---- */

static struct run *run_create(const struct check_settings *settings, struct problem *problem)
{
	struct run *run = calloc(1, sizeof *run);
	if (run == NULL) {
		problem_say(problem, "not enough memory");
		return NULL;
	}
	run->report = report_create("check", settings->server);
	run->exchange = exchange_open(settings->server, settings->port, settings->family, problem);
	run->long_times = settings->long_times;
	run->progress = isatty(STDERR_FILENO) == 1;
	run->main = WAY_COUNT;
	return run;
}

static void run_destroy(struct run *run)
{
	if (run->exchange != NULL)
		exchange_close(run->exchange);
	report_destroy(run->report);
	free(run);
}

/* By a server of ours. NULL: *problem says why nothing could be tried. */
static struct report *ask_server(const struct check_settings *settings, struct problem *problem)
{
	struct run *run = run_create(settings, problem);
	struct report *report = NULL;
	if (run == NULL)
		return NULL;
	if (run->exchange != NULL && run->report != NULL) {
		run_all(run);
		report = run->report;
		run->report = NULL;
	}
	run_destroy(run);
	return report;
}

static void show_step(void *context, const char *line)
{
	(void)context;
	fprintf(stderr, "\r\x1b[K%s", line);
	fflush(stderr);
}

/* By the routers on the way. */
static struct report *ask_routers(const struct check_settings *settings, struct problem *problem)
{
	static const enum path_family families[] = {
		[REFLECT_ANY] = PATH_ANY, [REFLECT_IPV4] = PATH_IPV4, [REFLECT_IPV6] = PATH_IPV6
	};
	bool progress = isatty(STDERR_FILENO) == 1;
	const struct path_settings path = { .host = settings->server,
		                            .port = settings->port,
		                            .family = families[settings->family],
		                            .names = settings->names,
		                            .progress = progress ? show_step : NULL };
	struct report *report = report_create("path", settings->server);
	bool found = report != NULL && path_find(&path, report, problem);
	if (progress)
		show_step(NULL, "");
	if (found)
		return report;
	report_destroy(report);
	return NULL;
}

static int check_run(const struct check_settings *settings)
{
	struct problem problem = { "there is not enough memory" };
	FILE *page = NULL;
	if (settings->page != NULL && (page = page_open(settings, &problem)) == NULL)
		return complain(&problem);
	struct report *report = settings->path ? ask_routers(settings, &problem) : ask_server(settings, &problem);
	int code = EXIT_UNKNOWN;
	if (report == NULL) {
		complain(&problem);
	} else {
		if (settings->identify)
			identify_for_report(report);
		print(settings, report);
		code = report_exit_code(report);
	}
	if (page != NULL && report != NULL && !page_write(report, page)) {
		problem_say(&problem, "cannot write %s: is the disk full?", settings->page);
		code = complain(&problem);
	}
	report_destroy(report);
	return code;
}

int check_main(int argc, char **argv)
{
	struct check_settings settings = { 0 };
	struct problem problem;
	int option;
	while ((option = options_next(argc, argv, ":hv46", options, NULL, &problem)) != OPTIONS_END) {
		if (option == 'h') {
			fputs(help, stdout);
			return EXIT_SUCCESS;
		}
		if (option == OPTIONS_WRONG || !read_option(option, &settings, &problem))
			return complain(&problem);
	}
	if (!read_server(argc, argv, &settings, &problem))
		return complain(&problem);
	return check_run(&settings);
}
