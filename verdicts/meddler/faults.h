/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One switch for each way in which ALGs are known to break calls. */
#ifndef MEDDLER_FAULTS_H
#define MEDDLER_FAULTS_H

#include "draft.h"

#include <stdint.h>

enum { SILENT_S = 8 }; /* what an ALG forgets that forgets connections */

enum fate { FATE_PASS = 0, FATE_DROP, FATE_ANSWER };

/* A packet on its way through the router. */
struct passage {
	bool outbound, is_tcp, is_sip;
	bool is_watched;              /* from or to port 5060, where ALGs look */
	uint16_t destination_port;    /* may be changed (UDP) */
	size_t packet_length;         /* with its headers */
	unsigned int recent;          /* SIP messages outbound in this second */
	unsigned int silent_s;        /* how long nothing with a message had passed between these ports */
	const char *inside, *outside; /* the phone's address and the router's */
};

struct fault {
	const char *name; /* as `sipalg check` calls it, where it does */
	unsigned int rewriting;
	/* Called with every packet; NULL: the rewriting alone is the fault. FATE_ANSWER: the router itself answers
	 * with what the draft has become. */
	enum fate (*meddle)(struct draft *draft, struct passage *passage);
};

extern const struct fault fault_table[];
extern const size_t fault_count;

/* NULL: there is none of that name. */
const struct fault *fault_find(const char *name);

#endif
