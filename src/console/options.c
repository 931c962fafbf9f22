/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "console/options.h"

#include "console/values.h"

#include <stdio.h>
#include <string.h>

static size_t count_options(const struct option *options)
{
	size_t count = 0;
	while (options[count].name != NULL)
		count++;
	return count;
}

static void name_wrong(const char *given, const struct option *options, struct problem *problem)
{
	char name[64];
	snprintf(name, sizeof name, "%.*s", (int)strcspn(given + 2, "="), given + 2);
	const char *nearest = value_nearest(name, options, count_options(options), sizeof *options);
	if (nearest != NULL)
		problem_say(problem, "there is no option --%s; did you mean --%s?", name, nearest);
	else
		problem_say(problem, "there is no option --%s; --help lists them", name);
}

/* Of a long option getopt says in optopt whether it knows it: then it was the value that was wrong. */
static void explain_wrong(const char *given, const struct option *options, struct problem *problem)
{
	bool is_long = strncmp(given, "--", 2) == 0;
	if (is_long && optopt == 0)
		name_wrong(given, options, problem);
	else if (is_long)
		problem_say(problem, "%.*s takes no value; leave out what begins with \"=\"", (int)strcspn(given, "="),
		            given);
	else
		problem_say(problem, "there is no option -%c; --help lists them", optopt);
}

int options_next(int argc, char **argv, const char *letters, const struct option *options, int *index,
                 struct problem *problem)
{
	opterr = 0;
	optopt = 0;
	int option = getopt_long(argc, argv, letters, options, index);
	const char *given = optind > 0 && optind <= argc ? argv[optind - 1] : "";
	if (option == ':')
		problem_say(problem, "%s needs a value; --help says which", given);
	if (option == '?')
		explain_wrong(given, options, problem);
	return option == ':' ? OPTIONS_WRONG : option;
}
