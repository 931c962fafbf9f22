/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was found, once per cause: however many packets and calls show it. */
#ifndef DIAGNOSE_CAUSES_H
#define DIAGNOSE_CAUSES_H

#include "base/text.h"
#include "diagnose/limits.h"
#include "report/report.h"

struct calls_of_cause {
	uint64_t last; /* hash of the Call-ID counted last */
	uint32_t count;
};

struct cause_found {
	enum fault_kind fault;
	enum confidence confidence;
	uint64_t about; /* what tells causes of one fault apart: a hash of the host that suffers, say */
	struct calls_of_cause calls;
	char detail[320];
	char where[TEXT_MAX]; /* the first Call-ID */
	char *message[SIDE_COUNT];
	size_t length[SIDE_COUNT];
};

struct causes {
	struct cause_found *list;
	size_t count;
};

SIPALG_MUST_USE
bool causes_create(struct causes *causes); /* false: no memory */
void causes_destroy(struct causes *causes);

/* What shows a cause. */
struct evidence {
	uint64_t call; /* hash of the Call-ID; 0: none */
	const char *where;
	struct text sent, received; /* of a message that was seen on both sides; else empty */
};

/* Adds a cause, or counts another case of one that is known: the surest is told. */
__attribute__((format(printf, 6, 7))) void causes_add(struct causes *causes, enum fault_kind fault, uint64_t about,
                                                      enum confidence confidence, const struct evidence *evidence,
                                                      const char *detail, ...);

bool causes_have(const struct causes *causes, enum fault_kind fault, uint64_t about);

void causes_report(const struct causes *causes, struct report *report);

#endif
