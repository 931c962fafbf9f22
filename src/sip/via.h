/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Via (RFC 3261 20.42): SIP / 2.0 / UDP host : port ;parameters, with blanks and folds wherever the grammar has them.
 */
#ifndef SIP_VIA_H
#define SIP_VIA_H

#include "base/text.h"
#include "sip/uri.h"

struct sip_via {
	struct text transport;  /* UDP, TCP, TLS, WS, WSS, … as written */
	struct sip_host host;   /* sent-by */
	struct text port_text;  /* digits; empty: none was written */
	uint16_t port;          /* 0: none was written */
	struct text parameters; /* from the first ';' on, with it */
	struct text branch;     /* empty: none */
	struct sip_host maddr;  /* empty name: none */
};

/* Takes the next entry of a comma-separated Via value off *rest. False: as sip_name_addr_next(). */
SIPALG_MUST_USE
bool sip_via_next(struct text *rest, struct sip_via *via);

#endif
