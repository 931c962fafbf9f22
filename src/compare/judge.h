/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a changed message is evidence of. Rewriting that hangs together is no fault: our own address became the one we
 * are seen at, in every place that says where to send, and comes back as it was. */
#ifndef COMPARE_JUDGE_H
#define COMPARE_JUDGE_H

#include "compare/change.h"
#include "report/fault.h"

enum { CHARGES_MAX = 24, OUTSIDES_MAX = 4, CHARGE_DETAIL_MAX = 200 };

/* What is known of the way that the message went. */
struct judge {
	sipalg_address inside;                 /* ours */
	sipalg_address outsides[OUTSIDES_MAX]; /* how the far end sees us */
	size_t outside_count;
	uint16_t port, port_seen; /* that it was sent from, and that it came from; 0: not known */
	bool neighbours;          /* any private address may be that of another host of ours */
};

struct charge {
	enum fault_kind fault;
	char detail[CHARGE_DETAIL_MAX]; /* one line: what was found where */
};

struct charges {
	struct charge list[CHARGES_MAX]; /* each fault once */
	size_t count;
	bool rewritten;  /* addresses were replaced as by an ALG */
	bool restored;   /* … and put back */
	bool second_nat; /* by one that is neither ours nor what we are seen at: another NAT follows */
};

/* From us to the far end. */
void judge_outbound(const struct judge *judge, struct text sent, struct text received, struct charges *charges);

/* From the far end to us: `wished` is the message if all that an ALG has changed on the way out came back as we had
 * written it, `sent` what the far end sent. */
void judge_inbound(const struct judge *judge, struct text wished, struct text sent, struct text received,
                   struct charges *charges);

/* The same when nobody knows what we had written: our outside address put back, in whatever place, is right. */
void judge_return(const struct judge *judge, struct text sent, struct text received, struct charges *charges);

/* Who an address belongs to. */
enum owner {
	OWNER_NOBODY = 0, /* none of these, or a name */
	OWNER_INSIDE,     /* we */
	OWNER_OUTSIDE,    /* what the far end sees us at */
	OWNER_BETWEEN,    /* private and not ours: of a network between two NATs */
};

enum owner judge_owner(const struct judge *judge, const sipalg_address *address);

/* Our own address became one of the network's. */
bool judge_is_translated(const struct judge *judge, const struct change *change);

/* ---- For its own files ---- */

/* Adds a charge, unless that fault is charged already. */
__attribute__((format(printf, 3, 4))) void charges_add(struct charges *charges, enum fault_kind fault,
                                                       const char *format, ...);

/* What was rewritten in one place and not in another of the same message. */
void judge_halves(const struct judge *judge, struct text sent, struct text received, const struct changes *changes,
                  struct charges *charges);

#endif
