/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/program.h"

#include "reflect/reflect.h"

int reflect_program_main(const struct invocation *invocation, int argc, char **argv)
{
	(void)invocation; /* it is no gateway's */
	return reflect_main(argc, argv);
}
