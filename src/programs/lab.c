/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/program.h"

#include "lab/lab.h"

int lab_program_main(const struct invocation *invocation, int argc, char **argv)
{
	(void)invocation; /* the lab runs gateways of its own */
	return lab_main(argc, argv);
}
