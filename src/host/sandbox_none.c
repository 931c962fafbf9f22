/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon without a sandbox of its own, for builds without libseccomp and libcap-ng. */
#include "host/sandbox.h"

#include <unistd.h>

bool sandbox_add_folder(struct sandbox_wish *wish, const char *path, bool needed, struct problem *problem)
{
	(void)wish;
	(void)path;
	(void)needed;
	(void)problem;
	return true;
}

bool sandbox_enter(struct sandbox_wish *wish, struct problem *problem)
{
	(void)wish;
	(void)problem;
	return true;
}

void sandbox_describe(struct sandbox_view *view)
{
	*view = (struct sandbox_view){ .user = geteuid(), .group = getegid(), .rights = "all", .processes = true };
}
