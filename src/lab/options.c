/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/options.h"

#include <getopt.h>
#include <string.h>

static bool router_read(const char *text, struct options *options)
{
	for (enum router router = 0; router < ROUTER_COUNT; router++)
		if (strcmp(router_word(router), text) == 0) {
			options->routers[router] = true;
			return true;
		}
	return false;
}

static const char *option_handle(struct store *store, int option, const char *value, struct options *options)
{
	uint32_t number = 0;
	switch (option) {
	case 'o':
		if (options->only_count == OPTIONS_ONLY_MAX)
			return "too many --only";
		options->only[options->only_count++] = value;
		return NULL;
	case 'r':
		return router_read(value, options)
		               ? NULL
		               : store_format(store, "--router is plain, kernel or sipalg, not \"%s\"", value);
	case 'd':
		options->folder = value;
		return NULL;
	case 'j':
		if (!bytes_number(bytes_of(value), &number) || number == 0 || number > 256)
			return "--jobs is a number from 1 to 256";
		options->jobs = number;
		return NULL;
	case 'v':
		options->verbose = true;
		return NULL;
	case 'J':
		options->json = true;
		return NULL;
	case 'l':
		options->list = true;
		return NULL;
	case 's':
		options->slow = true;
		return NULL;
	case 'e':
		options->engine = true;
		return NULL;
	case 't':
		options->test = true;
		return NULL;
	case 'h':
		options->help = true;
		return NULL;
	default:
		return "see `sipalg lab --help`";
	}
}

const char *options_read(struct store *store, int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "only", required_argument, NULL, 'o' },
		{ "router", required_argument, NULL, 'r' },
		{ "scenarios", required_argument, NULL, 'd' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "json", no_argument, NULL, 'J' },
		{ "list", no_argument, NULL, 'l' },
		{ "slow", no_argument, NULL, 's' },
		{ "engine", no_argument, NULL, 'e' },
		{ "test", no_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	*options = (struct options){ 0 };
	optind = 1;
	for (int option; (option = getopt_long(argc, argv, "o:r:d:j:vh", known, NULL)) != -1;) {
		const char *wrong = option_handle(store, option, optarg, options);
		if (wrong)
			return wrong;
	}
	if (optind < argc)
		return store_format(store, "\"%s\" is no option: to choose scenarios say --only %s", argv[optind],
		                    argv[optind]);
	return NULL;
}

void options_help(FILE *out)
{
	fputs("usage: sipalg lab [OPTION…]\n"
	      "\n"
	      "Builds phones, a NAT router and a provider in network namespaces of this machine and plays every\n"
	      "scenario against three routers: plain NAT, NAT with the kernel's SIP helper, NAT with sipalg.\n"
	      "Nothing outside the namespaces is touched, and nothing is left behind.\n"
	      "\n"
	      "  -o, --only NAME       only scenarios whose name holds NAME, or matches it when it has * or ?;\n"
	      "                        may be repeated\n"
	      "  -r, --router NAME     only this router: plain, kernel or sipalg; may be repeated\n"
	      "  -v, --verbose         show each message as it was sent and the lines in which it arrived changed\n"
	      "      --list            list the scenarios with the faults they provoke\n"
	      "      --json            print the outcome as JSON\n"
	      "      --slow            wait for real where scenarios let hours pass (default: beyond 10 seconds a\n"
	      "                        model of the router takes the kernel's place, with a clock of its own)\n"
	      "      --engine          play all scenarios with the engine and that model alone: needs no rights\n"
	      "  -j, --jobs N          so many at a time\n"
	      "  -d, --scenarios DIR   where the scenarios are\n"
	      "      --test            end with one line \"N passed, N failed\", counting sipalg's column\n"
	      "\n"
	      "Exit status: 0 all passed with sipalg, 1 some failed, 2 wrong use.\n"
	      "\n"
	      "A scenario is a text file: who takes part, then what is sent and what must arrive.\n"
	      "\n"
	      "    title   An answer's media address is translated\n"
	      "    phone   a 192.168.1.2:5060\n"
	      "    server  s 203.0.113.2:5060\n"
	      "    media   m 203.0.113.9:20000\n"
	      "\n"
	      "    a -> s\n"
	      "        INVITE sip:bob@example.com SIP/2.0\n"
	      "        Via: SIP/2.0/UDP 192.168.1.2:5060;branch=z9hG4bK1;rport\n"
	      "        …\n"
	      "    s <- a                                  # equal to the last byte, but for these:\n"
	      "        Via      192.168.1.2 => 203.0.113.1\n"
	      "        m=audio  12000 => {rtp}             # a number; it is {rtp} from here on\n"
	      "    s => a 200 OK                           # Via, From, To, Call-ID, CSeq come by themselves\n"
	      "        Contact: <sip:bob@203.0.113.2>\n"
	      "    a <- s\n"
	      "    rtp m -> 203.0.113.1:{rtp} at a:12000   # must arrive there, unchanged\n"
	      "    rtp a:12000 -> m from 203.0.113.1:{rtp}\n"
	      "\n"
	      "Put it into lab/scenarios and try it with: sipalg lab --only NAME -v\n"
	      "The whole language is described in lab/README.md.\n",
	      out);
}
