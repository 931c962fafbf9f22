/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/silence.h"

const uint32_t *silence_times(bool long_times, size_t *count)
{
	static const uint32_t times_s[SILENCES_MAX] = { 5, 12, 35, 65, 185, 905 };
	*count = long_times ? SILENCES_MAX : 2;
	return times_s;
}

static void mend(struct silence *silences, size_t count)
{
	bool sip = false, plain = false;
	for (size_t i = count; i-- > 0;) {
		struct silence *silence = &silences[i];
		sip = sip || silence->sip == REACH_ALIVE;
		plain = plain || silence->plain == REACH_ALIVE;
		if (sip && silence->sip == REACH_LOST)
			silence->sip = REACH_UNKNOWN;
		if (plain && silence->plain == REACH_LOST)
			silence->plain = REACH_UNKNOWN;
	}
}

static void sip_judge(const struct silence *silence, const char *transport, uint32_t expires_s, struct charges *charges)
{
	if (silence->sip != REACH_LOST)
		return;
	if (silence->named)
		charges_add(charges, FAULT_REGISTRATION_OUTLIVED,
		            "registered for %u s by an ALG's address, and unreachable after %u s of silence", expires_s,
		            silence->silent_s);
	else if (silence->plain == REACH_ALIVE)
		charges_add(charges, FAULT_BINDING_TOO_SHORT,
		            "after %u s of silence nothing comes in over %s on SIP's port, while it does on others",
		            silence->silent_s, transport);
}

/* A way in that closes before the next keep-alive can never be relied on; one that closes later is kept open by them.
 * Where SIP comes through all the same, somebody takes care of it. */
static void plain_judge(const struct silence *silence, const char *transport, uint32_t keepalive_s,
                        enum fault_kind note, struct charges *charges)
{
	if (silence->plain != REACH_LOST)
		return;
	if (silence->silent_s < keepalive_s && silence->sip != REACH_ALIVE)
		charges_add(charges, FAULT_BINDING_TOO_SHORT,
		            "after %u s of silence nothing comes in over %s any more, whatever the port: phones send "
		            "their keep-alives every %u s or less often, and then it is too late",
		            silence->silent_s, transport, keepalive_s);
	else
		charges_add(charges, note, "after %u s of silence nothing comes in over %s", silence->silent_s,
		            transport);
}

void silence_judge(enum sipalg_protocol protocol, struct silence *silences, size_t count, uint32_t expires_s,
                   struct charges *charges)
{
	bool tcp = protocol == SIPALG_PROTOCOL_TCP;
	memset(charges, 0, sizeof *charges);
	mend(silences, count);
	for (size_t i = 0; i < count; i++) {
		const char *transport = tcp ? "TCP" : "UDP";
		sip_judge(&silences[i], transport, expires_s, charges);
		plain_judge(&silences[i], transport, tcp ? SILENCE_TCP_S : SILENCE_UDP_S,
		            tcp ? FAULT_TCP_BINDING_SHORT : FAULT_UDP_BINDING_SHORT, charges);
	}
}
