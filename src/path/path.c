/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path/path.h"

#include "host/endpoint.h"
#include "path/dialogue.h"
#include "path/judge.h"
#include "path/names.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum { NAMES_USUALLY_MS = 1000, NAMES_PATIENTLY_MS = 15000 };

static bool look_up(const struct path_settings *settings, sipalg_endpoint *to, struct problem *problem)
{
	static const int families[] = { [PATH_ANY] = AF_UNSPEC, [PATH_IPV4] = AF_INET, [PATH_IPV6] = AF_INET6 };
	const struct addrinfo wish = { .ai_family = families[settings->family],
		                       .ai_socktype = SOCK_DGRAM,
		                       .ai_flags = AI_ADDRCONFIG };
	struct sockaddr_storage name = { 0 };
	struct addrinfo *list;
	int error = getaddrinfo(settings->host, NULL, &wish, &list);
	if (error != 0)
		return problem_say(problem, "%s: %s; check the name, and whether there is a network", settings->host,
		                   gai_strerror(error));
	memcpy(&name, list->ai_addr, list->ai_addrlen);
	freeaddrinfo(list);
	*to = endpoint_of_socket(&name, SIPALG_PROTOCOL_UDP);
	to->port = settings->port == 0 ? PATH_PORT : settings->port;
	return true;
}

/* The host as a Request-URI names it. False: it is too long a name. */
static bool name_host(const char *host, const sipalg_endpoint *to, char out[LETTER_HOST_MAX])
{
	bool bare = strchr(host, ':') != NULL; /* an IPv6 address */
	int length = snprintf(out, LETTER_HOST_MAX, "%s%s%s", bare ? "[" : "", host, bare ? "]" : "");
	if (to->port != PATH_PORT && length > 0 && length < LETTER_HOST_MAX)
		length += snprintf(out + length, (size_t)(LETTER_HOST_MAX - length), ":%u", to->port);
	return length > 0 && length < LETTER_HOST_MAX;
}

static void add_facts(const struct search *search, struct report *report)
{
	char text[ENDPOINT_TEXT_MAX];
	report_add_fact(report, "host", endpoint_write(search->tracer.to, text));
	report_add_fact(report, "sent from", endpoint_write(search->tracer.inside, text));
	report_add_fact(report, "quotes read by",
	                search->tracer.raw >= 0 ? "a raw socket: headers, too" : "the error queue: no rights for more");
}

static void find_names(const struct search *search, struct names *names)
{
	search_tell(search, "names of the hops");
	for (size_t i = 0; i < search->stop_count && i < NAMES_MAX; i++)
		names->addresses[names->count++] = search->stops[i].address;
	names_find(names, search->settings->names ? NAMES_PATIENTLY_MS : NAMES_USUALLY_MS);
}

static void run(struct search *search, struct report *report)
{
	struct names *names = calloc(1, sizeof *names);
	if (names == NULL)
		return;
	search_run(search);
	find_names(search, names);
	add_facts(search, report);
	bool could_tell = judge_stops(search, names, report);
	free(names);
	dialogue_run(search, report_has(report, FAULT_ALG_REWRITES), report);
	if (!could_tell)
		report_say_unclear(
		        report, "%s",
		        search->stop_count == 0
		                ? "no hop on the way answers with an error that quotes what was sent; a firewall "
		                  "drops ICMP, or the host is next door"
		                : "no hop behind the first one quotes enough of what was sent");
	report_judge(report, could_tell);
}

bool path_find(const struct path_settings *settings, struct report *report, struct problem *problem)
{
	sipalg_endpoint to;
	struct search *search = calloc(1, sizeof *search);
	if (search == NULL)
		return problem_say(problem, "there is not enough memory");
	search->settings = settings;
	search->tracer.udp = search->tracer.raw = -1;
	bool ready = look_up(settings, &to, problem) && tracer_open(&search->tracer, &to, true, problem);
	if (ready && !name_host(settings->host, &to, search->correspondence.host))
		ready = problem_say(problem, "%.60s…: the name is too long", settings->host);
	if (ready) {
		search->correspondence.inside = search->tracer.inside;
		(void)!getrandom(&search->correspondence.salt, sizeof search->correspondence.salt, 0);
		run(search, report);
	}
	tracer_close(&search->tracer);
	free(search);
	return ready;
}
