/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plays all scenarios of a folder with the engine alone; with --must-fail each of them has to fail, with --wrong none
 * of them may be understood. The last line is "N passed, N failed". */
#include "lab/player.h"

#include <glob.h>
#include <string.h>

enum expectation { MUST_PASS = 0, MUST_FAIL, MUST_BE_WRONG };

/* NULL: passed; else why not. */
static const char *play(struct store *store, const struct scenario *scenario, FILE *trace)
{
	struct world *world;
	const char *wrong = world_engine_open(store, scenario, ROUTER_SIPALG, &world);
	if (wrong)
		return wrong;
	wrong = player_play(store, scenario, world, trace);
	const char *left = world->operations->close(world);
	return wrong ? wrong : left;
}

static bool is_as_expected(const char *path, enum expectation expectation)
{
	struct store store = { 0 };
	struct scenario scenario;
	struct writer trace;
	const char *wrong = NULL;
	writer_open(&trace);
	bool understood = scenario_read(&store, path, &scenario, &wrong);
	if (understood && expectation != MUST_BE_WRONG)
		wrong = play(&store, &scenario, trace.stream);
	struct bytes messages = writer_close(&trace, &store);
	bool good = expectation == MUST_BE_WRONG ? !understood
	                                         : understood && (expectation == MUST_FAIL) == (wrong != NULL);
	if (!good)
		printf("%.*sFAILED %s: %s\n", expectation == MUST_PASS ? (int)messages.length : 0, messages.start, path,
		       wrong ? wrong : "should not have passed");
	else if (wrong)
		printf("as it should be: %s\n", wrong);
	store_release(&store);
	return good;
}

int main(int argc, char **argv)
{
	enum expectation expectation = MUST_PASS;
	unsigned passed = 0, failed = 0;
	glob_t found;
	if (argc == 3)
		expectation = strcmp(argv[1], "--wrong") == 0 ? MUST_BE_WRONG : MUST_FAIL;
	char pattern[4096];
	snprintf(pattern, sizeof(pattern), "%s/*.txt", argv[argc - 1]);
	if (argc < 2 || glob(pattern, 0, NULL, &found) != 0) {
		fprintf(stderr, "usage: %s [--must-fail | --wrong] DIR\n", argv[0]);
		return 2;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (is_as_expected(found.gl_pathv[i], expectation))
			passed++;
		else
			failed++;
	}
	globfree(&found);
	printf("%u passed, %u failed\n", passed, failed);
	return failed > 0;
}
