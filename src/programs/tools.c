/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/program.h"

const struct program tool_table[] = {
	{ "check", check_program_main, "find what on the way changes or drops SIP", NULL, true },
	{ "reflect", reflect_program_main, "the far end of `sipalg check`, on a public host", NULL, false },
	{ "diagnose", diagnose_main, "why do the calls in a capture fail?", diagnose_help, true },
	{ "lab", lab_program_main, "play calls through plain NAT, the kernel's ALG and sipalg", NULL, false },
	{ "translate", translate_program_main, "what the gateway would do to the traffic of a capture", NULL, false },
	{ "advice", advice_program_main, "where a router hides the switch of its SIP ALG", NULL, false },
};
const size_t tool_count = sizeof tool_table / sizeof tool_table[0];
