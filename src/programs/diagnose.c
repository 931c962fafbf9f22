/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/program.h"

#include "advice/identify.h"
#include "console/terminal.h"
#include "diagnose/diagnosis.h"
#include "diagnose/reading.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

const char diagnose_help[] =
        "usage: sipalg diagnose CAPTURE [CAPTURE] [--call CALL-ID | --all] [--identify] [--json] [--report FILE]\n"
        "\n"
        "Reads a capture (pcap or pcapng; \"-\" is standard input) and says why calls in it fail: addresses\n"
        "nobody can reach, sound that flows one way only, ACK or BYE going astray, registrations that outlive\n"
        "their NAT binding, lost fragments, wrong lengths, missed session timers, and what a SIP ALG changed.\n"
        "\n"
        "What a router changes shows where the same message was captured on both its sides: in two captures of\n"
        "the same time, in any order and with any clocks, or in one of all the router's interfaces.\n"
        "\n"
        "  --call CALL-ID  draw the call whose Call-ID begins so, whether or not anything is wrong with it\n"
        "  --all           draw all calls, and show every message that was changed\n"
        "  --identify      ask the router of this network (UPnP, web page) what it is, and say where its switch is\n"
        "  --json          for programs\n"
        "  --report FILE   also write a page that can be mailed and opened in any browser\n"
        "\n"
        "How to capture, on the router or on a phone's network:\n"
        "  tcpdump -i any -s 0 -w call.pcap 'udp or tcp port 5060'\n"
        "\n"
        "examples:\n"
        "  sipalg diagnose call.pcap                       what is wrong?\n"
        "  sipalg diagnose inside.pcap outside.pcap        and what did the router change?\n"
        "  sipalg diagnose call.pcap --report call.html    for the provider's support\n"
        "\n"
        "exit status: 0 nothing found, 1 something found, 2 could not tell or wrong use\n"
        "see also: sipalg check, sipalg explain\n";

struct diagnosing {
	struct diagnosis_wishes wishes;
	const char *paths[SIDES_MAX];
	const char *page; /* NULL: none */
	bool identify, json;
};

/* ---- The command line ---- */

static bool take_paths(struct diagnosing *diagnosing, int argc, char **argv, struct problem *problem)
{
	if (optind == argc)
		return problem_say(problem,
		                   "which capture? `sipalg diagnose CAPTURE [CAPTURE]`; --help says how to make one");
	if (argc - optind > SIDES_MAX)
		return problem_say(problem, "a router has two sides: give one capture or two, not %d", argc - optind);
	for (; optind < argc; optind++)
		diagnosing->paths[diagnosing->wishes.sides++] = argv[optind];
	if (diagnosing->wishes.all && diagnosing->wishes.call != NULL)
		return problem_say(problem, "--call draws one call and --all draws all: give one of them");
	return true;
}

/* False: *code is the exit code. */
static bool read_arguments(struct diagnosing *diagnosing, int argc, char **argv, int *code)
{
	static const struct option options[] = { { "call", required_argument, NULL, 'c' },
		                                 { "all", no_argument, NULL, 'a' },
		                                 { "identify", no_argument, NULL, 'i' },
		                                 { "json", no_argument, NULL, 'j' },
		                                 { "report", required_argument, NULL, 'r' },
		                                 { "help", no_argument, NULL, 'h' },
		                                 { NULL, 0, NULL, 0 } };
	struct problem problem;
	int option;
	*code = PROGRAM_WRONG_USE;
	while ((option = options_next(argc, argv, ":h", options, NULL, &problem)) != OPTIONS_END) {
		switch (option) {
		case 'c':
			diagnosing->wishes.call = optarg;
			break;
		case 'a':
			diagnosing->wishes.all = true;
			break;
		case 'i':
			diagnosing->identify = true;
			break;
		case 'j':
			diagnosing->json = true;
			break;
		case 'r':
			diagnosing->page = optarg;
			break;
		case 'h':
			fputs(diagnose_help, stdout);
			*code = PROGRAM_FINE;
			return false;
		default:
			program_complain(*code, problem.text);
			return false;
		}
	}
	if (take_paths(diagnosing, argc, argv, &problem))
		return true;
	program_complain(*code, problem.text);
	return false;
}

/* ---- Progress ---- */

static void show_progress(double share, void *context)
{
	bool *shown = context;
	if (share < 0)
		return;
	fprintf(stderr, "\rreading: %3.0f %%", share * 100);
	*shown = true;
}

static void clear_progress(bool shown)
{
	if (shown)
		fputs("\r              \r", stderr);
}

/* ---- Output ---- */

static bool write_page(const struct report *report, const char *path, struct problem *problem)
{
	FILE *page = fopen(path, "w");
	if (page == NULL)
		return problem_say(problem, "%s: %s", path, strerror(errno));
	report_write_html(report, page);
	bool written = fflush(page) == 0 && ferror(page) == 0;
	if (fclose(page) != 0 || !written)
		return problem_say(problem, "%s: not all could be written; is the disk full?", path);
	return true;
}

/* False: there is no memory. What could not be written, main() finds out. */
static bool print_json(const struct report *report)
{
	json_t *json = report_to_json(report);
	if (json == NULL)
		return false;
	(void)json_dumpf(json, stdout, JSON_INDENT(2));
	json_decref(json);
	putchar('\n');
	return true;
}

static int print_report(const struct diagnosing *diagnosing, const struct report *report)
{
	struct terminal terminal = terminal_find();
	struct problem problem;
	if (diagnosing->json && !print_json(report))
		return program_complain(PROGRAM_WRONG_USE, "there is no memory for the report");
	if (!diagnosing->json)
		report_print(report, &terminal, diagnosing->wishes.all, stdout);
	if (diagnosing->page != NULL && !write_page(report, diagnosing->page, &problem))
		return program_complain(PROGRAM_WRONG_USE, problem.text);
	return report_exit_code(report);
}

static int diagnose(const struct diagnosing *diagnosing, struct reading *reading, struct report *report)
{
	struct diagnosis *diagnosis = diagnosis_create(&diagnosing->wishes);
	bool shown = false;
	if (diagnosis == NULL)
		return program_complain(PROGRAM_WRONG_USE, "there is no memory to read captures");
	reading_run(reading, diagnosis, isatty(STDERR_FILENO) ? show_progress : NULL, &shown);
	clear_progress(shown);
	reading_tell(reading, report);
	diagnosis_finish(diagnosis, report);
	if (diagnosing->identify)
		identify_for_report(report);
	diagnosis_destroy(diagnosis);
	return print_report(diagnosing, report);
}

int diagnose_main(const struct invocation *invocation, int argc, char **argv)
{
	struct diagnosing diagnosing = { 0 };
	struct reading reading;
	struct problem problem;
	char subject[512];
	int code;
	(void)invocation; /* no gateway need run */
	if (!read_arguments(&diagnosing, argc, argv, &code))
		return code;
	if (!reading_open(&reading, diagnosing.paths, diagnosing.wishes.sides, &problem))
		return program_complain(PROGRAM_WRONG_USE, problem.text);
	snprintf(subject, sizeof subject, "%s%s%s", diagnosing.paths[0], diagnosing.wishes.sides == 2 ? " and " : "",
	         diagnosing.wishes.sides == 2 ? diagnosing.paths[1] : "");
	struct report *report = report_create("diagnose", subject);
	code = report != NULL ? diagnose(&diagnosing, &reading, report)
	                      : program_complain(PROGRAM_WRONG_USE, "there is no memory to read captures");
	if (report != NULL)
		report_destroy(report);
	reading_close(&reading);
	return code;
}
