/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of a command line. */
#ifndef CONSOLE_OPTIONS_H
#define CONSOLE_OPTIONS_H

#include "console/problem.h"

#include <getopt.h>

enum { OPTIONS_END = -1, OPTIONS_WRONG = '?' };

/* getopt_long() without its own words: OPTIONS_WRONG comes with a problem that names the remedy. `letters` has a ':'
 * before the first letter. */
int options_next(int argc, char **argv, const char *letters, const struct option *options, int *index,
                 struct problem *problem);

#endif
