/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/lab.h"
#include "lab/options.h"
#include "lab/report.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	STATUS_FAILED = 1,
	STATUS_WRONG_USE = 2,
	STATUS_CANNOT = 3,
	REAL_WAIT_MAX_MS = 10000, /* what a scenario may wait and still be played for real */
	JOBS_PER_CPU = 3,         /* a job waits more than it works */
};

static bool name_matches(const char *name, const struct options *options)
{
	for (size_t i = 0; i < options->only_count; i++) {
		const char *only = options->only[i];
		if (strpbrk(only, "*?[") ? fnmatch(only, name, 0) == 0 : strstr(name, only) != NULL)
			return true;
	}
	return options->only_count == 0;
}

/* The folder beside a build directory (build/sipalg, lab/scenarios), or where both were installed. */
static const char *folder_find(struct store *store, const char *program)
{
	static const char *const beside[] = { "/../lab/scenarios", "/../share/sipalg/scenarios" };
	const char *slash = strrchr(program, '/');
	for (size_t i = 0; slash && i < sizeof(beside) / sizeof(beside[0]); i++) {
		const char *path = store_format(store, "%.*s%s", (int)(slash - program), program, beside[i]);
		if (access(path, R_OK) == 0)
			return path;
	}
	return "lab/scenarios";
}

/* Reads the scenarios the options choose. NULL: good; else what is wrong. */
static const char *scenarios_read(struct store *store, const struct options *options, const char *folder,
                                  struct scenarios *scenarios)
{
	glob_t found;
	const char *error = NULL;
	if (glob(store_format(store, "%s/*.txt", folder), 0, NULL, &found) != 0)
		return store_format(store, "no scenarios in %s (--scenarios DIR says where they are)", folder);
	scenarios->list = store_take(store, found.gl_pathc * sizeof(*scenarios->list));
	for (size_t i = 0; i < found.gl_pathc && !error; i++) {
		struct scenario *scenario = &scenarios->list[scenarios->count];
		const char *path = store_text(store, bytes_of(found.gl_pathv[i]));
		if (scenario_read(store, path, scenario, &error) && name_matches(scenario->name, options))
			scenarios->count++;
	}
	globfree(&found);
	if (!error && scenarios->count == 0)
		return "no scenario has such a name (--list shows them)";
	return error;
}

static bool router_wanted(const struct options *options, enum router router)
{
	bool any = false;
	for (enum router each = 0; each < ROUTER_COUNT; each++)
		any = any || options->routers[each];
	return !any || options->routers[router];
}

/* Nobody can model the kernel's helper but itself, and nobody but sipalg can be switched off or killed. */
static bool router_can_play(const struct scenario *scenario, enum router router, bool modelled)
{
	if (modelled && router == ROUTER_KERNEL)
		return false;
	return router == ROUTER_SIPALG || !scenario->only_sipalg;
}

static void cells_make(struct store *store, const struct options *options, const struct scenarios *scenarios,
                       struct cells *cells)
{
	cells->list = store_take(store, scenarios->count * ROUTER_COUNT * sizeof(*cells->list));
	for (size_t i = 0; i < scenarios->count; i++) {
		const struct scenario *scenario = &scenarios->list[i];
		bool modelled = options->engine || (!options->slow && scenario->wait_ms > REAL_WAIT_MAX_MS);
		for (enum router router = 0; router < ROUTER_COUNT; router++)
			if (router_wanted(options, router) && router_can_play(scenario, router, modelled))
				cells->list[cells->count++] =
				        (struct cell){ .scenario = scenario, .router = router, .modelled = modelled };
	}
}

static void progress_show(const struct cells *cells, size_t done)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%zu of %zu%s", done, cells->count, done == cells->count ? "\r\033[K" : "");
	else if (done * 10 / cells->count != (done - 1) * 10 / cells->count)
		fprintf(stderr, "lab: %zu of %zu played\n", done, cells->count);
}

static bool file_write(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	bool good = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
	if (file >= 0)
		close(file);
	return good;
}

/* Who is not root becomes root of a user namespace: that is enough for networks of one's own. */
static const char *rights_have(struct store *store)
{
	unsigned user = geteuid(), group = getegid();
	if (user == 0)
		return NULL;
	if (unshare(CLONE_NEWUSER) != 0)
		return store_format(
		        store,
		        "this system lets only root make network namespaces (%s): use sudo, or play without "
		        "a kernel: sipalg lab --engine",
		        strerror(errno));
	if (!file_write("/proc/self/setgroups", "deny") ||
	    !file_write("/proc/self/uid_map", store_format(store, "0 %u 1", user)) ||
	    !file_write("/proc/self/gid_map", store_format(store, "0 %u 1", group)))
		return "cannot become root of a user namespace: use sudo";
	return NULL;
}

/* Where it is a module, the helper follows packets without it but translates none. It does nothing by itself. */
static void helper_load(void)
{
	pid_t process = fork();
	if (process == 0) {
		int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
		dup2(nowhere, STDOUT_FILENO);
		dup2(nowhere, STDERR_FILENO);
		execlp("modprobe", "modprobe", "-q", "nf_nat_sip", (char *)NULL);
		_exit(1);
	}
	if (process > 0)
		waitpid(process, NULL, 0);
}

static int verdict_print(const struct options *options, const struct cells *cells)
{
	size_t passed = report_count(cells, ROUTER_SIPALG, CELL_PASSED);
	size_t failed = report_count(cells, ROUTER_SIPALG, CELL_FAILED);
	if (options->test)
		printf("%zu passed, %zu failed\n", passed, failed);
	return failed == 0 ? 0 : STATUS_FAILED;
}

static int scenarios_play(struct store *store, const struct options *options, const struct scenarios *scenarios,
                          const char *program)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct cells cells = { .program = program, .progress = progress_show };
	cells.jobs = options->jobs ? options->jobs : JOBS_PER_CPU * (processors > 0 ? (size_t)processors : 1);
	cells_make(store, options, scenarios, &cells);
	if (cells.count == 0) {
		fputs("sipalg lab: the model of --engine knows plain and sipalg only\n", stderr);
		return STATUS_WRONG_USE;
	}
	if (!options->engine && router_wanted(options, ROUTER_KERNEL))
		helper_load();
	cells_play(store, &cells);
	if (options->verbose)
		report_traces(stdout, &cells);
	if (options->json) {
		report_json(stdout, scenarios, &cells);
	} else {
		report_table(stdout, scenarios, &cells, isatty(STDOUT_FILENO));
		report_reasons(stdout, &cells);
	}
	return verdict_print(options, &cells);
}

static int refuse(const char *why, int status)
{
	fprintf(stderr, "sipalg lab: %s\n", why);
	return status;
}

static int lab_run(struct store *store, int argc, char **argv)
{
	struct options options;
	struct scenarios scenarios = { 0 };
	char program[4096] = "";
	const char *wrong = options_read(store, argc, argv, &options);
	if (wrong)
		return refuse(wrong, STATUS_WRONG_USE);
	if (options.help) {
		options_help(stdout);
		return 0;
	}
	if (readlink("/proc/self/exe", program, sizeof(program) - 1) <= 0)
		return refuse("cannot find its own program: is /proc mounted?", STATUS_CANNOT);
	wrong = scenarios_read(store, &options, options.folder ? options.folder : folder_find(store, program),
	                       &scenarios);
	if (wrong)
		return refuse(wrong, STATUS_WRONG_USE);
	if (options.list) {
		report_list(stdout, &scenarios);
		return 0;
	}
	wrong = options.engine ? NULL : rights_have(store);
	if (wrong)
		return refuse(wrong, STATUS_CANNOT);
	return scenarios_play(store, &options, &scenarios, program);
}

int lab_main(int argc, char **argv)
{
	struct store store = { 0 };
	int status = lab_run(&store, argc, argv);
	store_release(&store);
	return status;
}
