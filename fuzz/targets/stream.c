/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One direction of a TCP connection, cut at every byte and at random: always into the same pieces. */
#include "../../tests/unit/cuts.h"
#include "reader.h"

enum { FLOW_MAX = 3000 };

static void cut(struct text flow)
{
	if (flow.length <= FLOW_MAX)
		(void)cut_every_way(flow);
}

FUZZ_READER(cut)
