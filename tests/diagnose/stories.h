/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happened, and what must be found. */
#ifndef TESTS_DIAGNOSE_STORIES_H
#define TESTS_DIAGNOSE_STORIES_H

#include "story.h"

#include <stddef.h>

struct story_case {
	const char *name;
	void (*tell)(struct story *story);
	const char *both, *inside,
	        *outside;    /* faults that must be found, by name, in this order; NULL: not looked at */
	const char *verdict; /* of both */
};

#define CASE(tell, both, inside, outside, verdict)                                                                     \
	{                                                                                                              \
#tell, tell, both, inside, outside, verdict                                                            \
	}

struct stories {
	const struct story_case *cases;
	size_t count;
};

extern const struct stories stories_fine, stories_faulty, stories_answers, stories_tcp;

/* Of those, what other tests tell as well. */
void a_coherent_alg(struct story *story);
void on_ipv6(struct story *story);
void response_port_of_server(struct story *story);

/* What is no more than a hint. */
void sound_from_another_port(struct story *story);

#endif
