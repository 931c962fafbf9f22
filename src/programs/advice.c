/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/program.h"

#include "advice/advice.h"

int advice_program_main(const struct invocation *invocation, int argc, char **argv)
{
	(void)invocation; /* it needs no running gateway */
	return advice_main(argc, argv);
}
