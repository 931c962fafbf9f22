/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/translate.h"

#include "console/options.h"
#include "console/values.h"
#include "host/clock.h"
#include "translate/tell.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DONE = 0, FAILED = 1, WRONG_USE = 2 };

static const char help[] =
        "usage: sipalg translate IN OUT --lan PREFIX[,...] --outside ADDRESS[,...] [--json]\n"
        "\n"
        "Lets the gateway's own engine see a capture (pcap, pcapng) and tells for each SIP message\n"
        "what it would change, and why. OUT is the capture as it would be on the other side of the\n"
        "router: SIP edited, over UDP and TCP, addresses and ports of all packets translated. The\n"
        "capture's clock drives the engine.\n"
        "\n"
        "IN may come from the inside of a router or from its outside; that is found out by itself.\n"
        "From the inside it shows what phones send; what they got is taken back to what the server\n"
        "must have sent. From the outside it should come from behind plain NAT: then it shows what\n"
        "phones wrote, and by that which phone it was.\n"
        "\n"
        "  --lan PREFIX       the networks inside, such as 192.168.1.0/24\n"
        "  --outside ADDRESS  the router's own address outside; an IPv6 one, too, if that is translated\n"
        "  --json             for programs\n"
        "\n"
        "example:\n"
        "  sipalg translate phone.pcap provider.pcap --lan 192.168.1.0/24 --outside 203.0.113.1\n"
        "\n"
        "exit status: 0 done, 1 IN could not be read to its end or OUT not be written, 2 wrong use\n"
        "see also: sipalg explain\n";

struct wish {
	const char *in, *out;
	struct router_settings settings;
	bool json;
};

static int complain(int code, const char *text)
{
	fflush(stdout);
	fprintf(stderr, "sipalg: %s\n", text);
	return code;
}

/* ---- The command line ---- */

static bool read_lan(const char *given, struct router_settings *settings, struct problem *problem)
{
	struct value list = { given, strlen(given) }, entry;
	while (value_next(&list, &entry)) {
		if (settings->lan_count == ROUTER_NETWORKS_MAX)
			return problem_say(problem, "--lan takes %d networks at most", ROUTER_NETWORKS_MAX);
		if (!sipalg_prefix_read(entry.start, entry.length, &settings->lan[settings->lan_count]))
			return problem_say(problem, "--lan: \"%.*s\" is no network; write it like 192.168.1.0/24",
			                   (int)entry.length, entry.start);
		settings->lan_count++;
	}
	return true;
}

static bool read_outside(const char *given, struct router_settings *settings, struct problem *problem)
{
	struct value list = { given, strlen(given) }, entry;
	while (value_next(&list, &entry)) {
		sipalg_address address;
		if (!sipalg_address_read(entry.start, entry.length, &address))
			return problem_say(problem, "--outside: \"%.*s\" is no address; write it like 203.0.113.1",
			                   (int)entry.length, entry.start);
		if (sipalg_address_is_ipv4(&address))
			settings->outside = address;
		else
			settings->outside6 = address;
	}
	return true;
}

/* What the options say together. */
static bool check_wish(const struct wish *wish, struct problem *problem)
{
	const struct router_settings *settings = &wish->settings;
	if (wish->in == NULL || wish->out == NULL)
		return problem_say(problem,
		                   "translate takes two files, one to read and one to write; --help says more");
	if (settings->lan_count == 0)
		return problem_say(problem, "--lan is missing: which addresses are inside, such as 192.168.1.0/24?");
	if (sipalg_address_is_none(&settings->outside) && sipalg_address_is_none(&settings->outside6))
		return problem_say(problem, "--outside is missing: which address has the router outside?");
	if (strcmp(wish->out, "-") == 0)
		return problem_say(problem, "standard output is for the messages; name a file to write");
	if (strcmp(wish->in, wish->out) == 0)
		return problem_say(problem, "%s cannot be read and written at once", wish->in);
	for (size_t i = 0; i < settings->lan_count; i++)
		if (sipalg_prefix_contains(&settings->lan[i], &settings->outside) ||
		    sipalg_prefix_contains(&settings->lan[i], &settings->outside6))
			return problem_say(problem, "the outside address lies within --lan");
	return true;
}

/* False: it is done, with this code. */
static bool read_wish(int argc, char **argv, struct wish *wish, int *code)
{
	static const struct option options[] = { { "lan", required_argument, NULL, 'l' },
		                                 { "outside", required_argument, NULL, 'o' },
		                                 { "json", no_argument, NULL, 'j' },
		                                 { "help", no_argument, NULL, 'h' },
		                                 { NULL, 0, NULL, 0 } };
	struct problem problem;
	int option;
	bool fine = true;
	*wish = (struct wish){ 0 };
	while (fine && (option = options_next(argc, argv, ":h", options, NULL, &problem)) != OPTIONS_END) {
		if (option == 'h') {
			fputs(help, stdout);
			*code = DONE;
			return false;
		}
		wish->json = wish->json || option == 'j';
		fine = option != OPTIONS_WRONG && (option != 'l' || read_lan(optarg, &wish->settings, &problem)) &&
		       (option != 'o' || read_outside(optarg, &wish->settings, &problem));
	}
	if (fine && argc - optind <= 2) {
		wish->in = optind < argc ? argv[optind] : NULL;
		wish->out = optind + 1 < argc ? argv[optind + 1] : NULL;
	}
	if (fine && check_wish(wish, &problem))
		return true;
	*code = complain(WRONG_USE, problem.text);
	return false;
}

/* ---- The work ---- */

/* Who waits wants to see that something happens. */
static void show_progress(const struct capture *capture, uint64_t *shown_ns)
{
	static const uint64_t interval_ns = 500000000;
	uint64_t now_ns = clock_now_ns();
	double progress = capture_progress(capture);
	if (progress < 0 || now_ns - *shown_ns < interval_ns)
		return;
	*shown_ns = now_ns;
	fprintf(stderr, "\r%3.0f %%", progress * 100);
}

static void read_all(struct capture *capture, struct passage *passage)
{
	enum { LOOK_EVERY = 1024 };
	bool watched = isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) != 1;
	uint64_t shown_ns = clock_now_ns(), begun_ns = shown_ns;
	struct capture_item item;
	for (uint64_t i = 0; capture_next(capture, &item); i++) {
		passage_take(passage, &item);
		if (watched && i % LOOK_EVERY == 0)
			show_progress(capture, &shown_ns);
	}
	if (watched && shown_ns != begun_ns)
		fputs("\r     \r", stderr);
}

static int finish(struct capture *capture, struct passage *passage, struct teller *teller)
{
	struct problem problem;
	const char *trouble = capture_trouble(capture);
	bool written = capture_writer_close(passage->writer, &problem);
	tell_end(teller, passage, trouble);
	if (!written)
		return complain(FAILED, problem.text);
	if (trouble != NULL)
		return complain(FAILED, trouble);
	if (passage->seen_from == SEEN_FROM_NOWHERE)
		return complain(FAILED, "no packet of the capture crosses this router; are --lan and --outside right?");
	return DONE;
}

static int translate(const struct wish *wish, struct capture *capture, struct router *router)
{
	struct problem problem;
	struct teller teller = { .terminal = terminal_find(), .json = wish->json };
	struct passage *passage = calloc(1, sizeof *passage);
	struct capture_writer *writer = capture_writer_open(wish->out, capture_link_type(capture), &problem);
	int code = FAILED;
	if (writer == NULL || passage == NULL || !segments_create(&passage->segments)) {
		code = complain(FAILED, writer == NULL ? problem.text : "there is no memory");
		if (writer != NULL && !capture_writer_close(writer, &problem))
			code = FAILED;
	} else {
		passage->router = router;
		passage->writer = writer;
		passage->tell = tell_message;
		passage->context = &teller;
		read_all(capture, passage);
		code = finish(capture, passage, &teller);
	}
	if (passage != NULL)
		segments_destroy(&passage->segments);
	free(passage);
	return code;
}

int translate_main(int argc, char **argv)
{
	struct wish wish;
	struct router router;
	struct problem problem;
	int code;
	if (!read_wish(argc, argv, &wish, &code))
		return code;
	struct capture *capture = capture_open(wish.in, &problem);
	if (capture == NULL)
		return complain(FAILED, problem.text);
	capture_leave_streams(capture);
	if (!router_create(&router, &wish.settings)) {
		capture_close(capture);
		return complain(FAILED, "there is no memory for the engine");
	}
	code = translate(&wish, capture, &router);
	router_destroy(&router);
	capture_close(capture);
	return code;
}
