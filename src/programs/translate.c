/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/program.h"

#include "translate/translate.h"

int translate_program_main(const struct invocation *invocation, int argc, char **argv)
{
	(void)invocation; /* it needs no running gateway */
	return translate_main(argc, argv);
}
