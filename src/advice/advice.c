/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/advice.h"

#include "advice/identify.h"
#include "advice/search.h"
#include "advice/show.h"
#include "console/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FITS = 0, NONE_FITS = 1, WRONG_USE = 2, QUERY_MAX = 256, SHOWN_MAX = 3, ALSO_MAX = 12 };

/* Hits that are this much worse than the best one are only named. */
static const double nearly_best = 0.9;

static const char help[] = "usage: sipalg advice [WORDS] [--json]\n"
                           "       sipalg advice --identify [--json]\n"
                           "\n"
                           "Says where routers hide the switch of their SIP ALG. WORDS are a vendor, a model, or the "
                           "name of a setting, in any\n"
                           "order; misspellings are forgiven. Without them the routers are listed that it knows of.\n"
                           "\n"
                           "  --identify   ask the router of this network what it is: it is asked by UPnP and for its "
                           "web page, and the maker\n"
                           "               of its network card is looked up; nothing is sent to anybody else\n"
                           "  --json       for programs\n"
                           "\n"
                           "examples:\n"
                           "  sipalg advice asus rt-ax88u\n"
                           "  sipalg advice sip transformations\n"
                           "  sipalg advice --identify\n"
                           "\n"
                           "exit status: 0 an entry fits, 1 none does, 2 wrong use\n"
                           "see also: sipalg check, sipalg diagnose\n";

struct wish {
	bool json, identify;
	char query[QUERY_MAX];
};

static int complain(int code, const char *text)
{
	fflush(stdout);
	fprintf(stderr, "sipalg: %s\n", text);
	return code;
}

static void print_json(json_t *json)
{
	if (json == NULL || json_dumpf(json, stdout, JSON_INDENT(1) | JSON_SORT_KEYS) != 0)
		complain(NONE_FITS, "no memory for the answer");
	putchar('\n');
	json_decref(json);
}

static json_t *json_of_hits(const struct hit *hits, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		json_t *entry = json_copy(hits[i].router->json);
		json_object_set_new(entry, "score", json_real(hits[i].score));
		json_array_append_new(list, entry);
	}
	return list;
}

static void print_also(const struct hit *hits, size_t count)
{
	if (count > 0)
		printf("\nperhaps also:\n");
	for (size_t i = 0; i < count && i < ALSO_MAX; i++)
		printf("  %s %s\n", hits[i].router->vendor, hits[i].router->product);
	if (count > ALSO_MAX)
		printf("  and %zu more\n", count - ALSO_MAX);
}

static void print_hits(const struct hit *hits, size_t count, const struct terminal *terminal)
{
	size_t shown = 0;
	for (; shown < count && shown < SHOWN_MAX && hits[shown].score >= nearly_best * hits[0].score; shown++) {
		if (shown > 0)
			putchar('\n');
		show_router(hits[shown].router, terminal);
	}
	print_also(hits + shown, count - shown);
}

static int answer_query(const struct catalogue *catalogue, const struct wish *wish)
{
	struct terminal terminal = terminal_find();
	struct hit *hits = calloc(ROUTERS_MAX, sizeof *hits);
	size_t count = hits != NULL ? search_find(catalogue, wish->query, hits) : 0;
	if (wish->json) {
		print_json(json_of_hits(hits, count));
	} else if (count > 0) {
		print_hits(hits, count, &terminal);
	} else {
		printf("No router is known by these words: %s\n\n", wish->query);
		show_general(&terminal);
	}
	free(hits);
	return count > 0 ? FITS : NONE_FITS;
}

static int list_all(const struct catalogue *catalogue, const struct wish *wish)
{
	struct terminal terminal = terminal_find();
	if (wish->json)
		print_json(json_incref(catalogue->root));
	else
		show_list(catalogue, &terminal);
	return FITS;
}

static int answer_identity(const struct catalogue *catalogue, const struct wish *wish)
{
	struct terminal terminal = terminal_find();
	struct problem problem;
	struct identity identity;
	if (!identify_gateway(catalogue, &identity, &problem))
		return complain(NONE_FITS, problem.text);
	if (wish->json) {
		print_json(identity_to_json(&identity));
		return identity.count > 0 ? FITS : NONE_FITS;
	}
	identity_print(&identity, &terminal);
	for (size_t i = 0; i < identity.count; i++) {
		putchar('\n');
		show_router(identity.routers[i], &terminal);
	}
	if (identity.count == 0) {
		printf("\nNo entry fits this router.\n\n");
		show_general(&terminal);
	}
	return identity.count > 0 ? FITS : NONE_FITS;
}

/* The words may be given as one argument or several. False: too many. */
static bool join_words(int argc, char **argv, char query[QUERY_MAX])
{
	size_t used = 0;
	query[0] = '\0';
	for (int i = optind; i < argc; i++) {
		int length = snprintf(query + used, QUERY_MAX - used, "%s%s", i > optind ? " " : "", argv[i]);
		if (length < 0 || (size_t)length >= QUERY_MAX - used)
			return false;
		used += (size_t)length;
	}
	return true;
}

/* False: it is done, with this code. */
static bool read_wish(int argc, char **argv, struct wish *wish, int *code)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' },
		                                 { "identify", no_argument, NULL, 'i' },
		                                 { "help", no_argument, NULL, 'h' },
		                                 { NULL, 0, NULL, 0 } };
	struct problem problem;
	int option;
	*wish = (struct wish){ 0 };
	while ((option = options_next(argc, argv, ":h", options, NULL, &problem)) != OPTIONS_END) {
		if (option == 'h') {
			fputs(help, stdout);
			*code = FITS;
			return false;
		}
		if (option == OPTIONS_WRONG) {
			*code = complain(WRONG_USE, problem.text);
			return false;
		}
		wish->json = wish->json || option == 'j';
		wish->identify = wish->identify || option == 'i';
	}
	bool fits = join_words(argc, argv, wish->query);
	if (fits && !(wish->identify && wish->query[0] != '\0'))
		return true;
	*code = complain(WRONG_USE, fits ? "give words or --identify, not both" : "that is too long; a few words do");
	return false;
}

int advice_main(int argc, char **argv)
{
	struct wish wish;
	struct problem problem;
	int code;
	if (!read_wish(argc, argv, &wish, &code))
		return code;
	struct catalogue *catalogue = calloc(1, sizeof *catalogue);
	if (catalogue == NULL || !catalogue_open(catalogue, &problem)) {
		free(catalogue);
		return complain(NONE_FITS, catalogue == NULL ? "no memory" : problem.text);
	}
	if (wish.identify)
		code = answer_identity(catalogue, &wish);
	else if (search_is_empty(wish.query))
		code = list_all(catalogue, &wish);
	else
		code = answer_query(catalogue, &wish);
	catalogue_close(catalogue);
	free(catalogue);
	return code;
}
