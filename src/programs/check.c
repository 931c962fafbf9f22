/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/program.h"

#include "check/check.h"

int check_program_main(const struct invocation *invocation, int argc, char **argv)
{
	(void)invocation; /* it looks for other people's gateways */
	return check_main(argc, argv);
}
