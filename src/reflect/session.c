/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/session.h"

#include "reflect/named.h"
#include "reflect/token.h"

#include <sodium.h>
#include <stdlib.h>

bool session_greet(struct session *session, uint64_t now_ns)
{
	session->output = malloc(OUTPUT_MAX);
	if (session->output == NULL)
		return false;
	token_make(session->token);
	randombytes_buf(session->mask.bytes, sizeof session->mask.bytes);
	session->bytes = budget_make(SESSION_BURST, SESSION_PER_S * UINT64_C(60), now_ns);
	session->reports = budget_make(REPORTS_BURST, REPORTS_PER_S * UINT64_C(60), now_ns);
	session->since_ns = now_ns;
	session->heard_ns = now_ns;
	session->flows_told_ns = now_ns;
	session->strays_before = session->visitor->strays;
	session->greeted = true;
	return true;
}

void session_free(struct session *session)
{
	orders_free(&session->orders);
	free(session->output);
	free(session);
}

/* ---- Whose it is ---- */

/* The comparison takes as long for a wrong token as for a right one. */
bool session_has_token(const struct session *session, struct text token)
{
	return token.length == REFLECT_TOKEN_LENGTH &&
	       sodium_memcmp(session->token, token.start, REFLECT_TOKEN_LENGTH) == 0;
}

static bool has_port(const struct session *session, uint8_t protocol, uint16_t port)
{
	for (size_t i = 0; i < session->source_count; i++)
		if (session->sources[i].port == port && session->sources[i].protocol == protocol)
			return true;
	return false;
}

static bool is_named(const struct session *session, uint16_t port)
{
	for (size_t i = 0; i < session->named_count; i++)
		if (session->named[i] == port)
			return true;
	return false;
}

bool session_has_source(const struct session *session, enum reflect_place place, const sipalg_endpoint *source)
{
	if (!sipalg_address_equal(&source->address, &session->client.address))
		return false;
	for (size_t i = 0; i < session->source_count; i++) {
		const struct source *known = &session->sources[i];
		if (known->port == source->port && known->protocol == source->protocol && known->place == place)
			return true;
	}
	return false;
}

static void learn_named(struct session *session, struct text message)
{
	uint16_t ports[NAMED_MAX];
	size_t count = named_ports_find(message, &session->client.address, ports, NAMED_MAX);
	for (size_t i = 0; i < count && session->named_count < NAMED_MAX; i++)
		if (!is_named(session, ports[i]))
			session->named[session->named_count++] = ports[i];
}

/* From another address nothing is learnt: whoever sent it, UDP's sources can be forged, and nobody has proven that he
 * wants to be sent anything there. */
void session_learn(struct session *session, const struct arrival *arrival, struct text message)
{
	if (!sipalg_address_equal(&arrival->source.address, &session->client.address))
		return;
	if (!session_has_source(session, arrival->place, &arrival->source) && session->source_count < SOURCES_MAX)
		session->sources[session->source_count++] =
		        (struct source){ arrival->source.port, arrival->source.protocol, (uint8_t)arrival->place };
	learn_named(session, message);
}

/* ---- What it may ask for ---- */

enum reflect_refusal session_may_reach(struct session *session, uint8_t protocol, uint16_t port)
{
	if (has_port(session, protocol, port))
		return REFLECT_CARRIED_OUT;
	if (!is_named(session, port))
		return REFLECT_REFUSED_PORT;
	if (session->named_datagrams == NAMED_DATAGRAMS_MAX)
		return REFLECT_REFUSED_BUDGET;
	session->named_datagrams++;
	return REFLECT_CARRIED_OUT;
}

enum reflect_refusal session_spend(struct session *session, size_t length, uint64_t now_ns)
{
	uint64_t amount = length + DATAGRAM_OVERHEAD;
	if (session->total + amount > SESSION_TOTAL || !budget_allows(&session->bytes, amount, now_ns) ||
	    !budget_take(&session->visitor->bytes, amount, now_ns))
		return REFLECT_REFUSED_BUDGET;
	if (!budget_take(&session->bytes, amount, now_ns))
		return REFLECT_REFUSED_BUDGET;
	session->total += amount;
	return REFLECT_CARRIED_OUT;
}
