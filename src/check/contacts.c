/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether what an ALG writes into Contact and Via is true: what is sent there must arrive, and at the right port. */
#include "check/run.h"

enum { WAIT_MS = 400 };

/* A phone that sends from one port and listens at another. */
struct registration {
	struct flow *flow, *listener;
	struct passage *passage; /* the REGISTER that was sent last */
};

static bool registration_send(struct run *run, struct registration *registration, const char *probe)
{
	struct exchange *exchange = run->exchange;
	size_t first = exchange->passage_count;
	registration->passage =
	        probe_send(exchange, probe_named(probe), registration->flow, REFLECT_SIP, registration->listener);
	exchange_insist(exchange, first, WAIT_MS);
	return registration->passage != NULL && registration->passage->arrived;
}

static void registration_answer(struct run *run, const struct registration *registration, const char *answer)
{
	size_t first = run->exchange->passage_count;
	(void)answer_ask(run->exchange, arrival_named(answer), registration->passage);
	exchange_insist(run->exchange, first, WAIT_MS);
}

/* The Contact that we wrote names the very port that we send from, and that became another one than is seen. */
static bool port_is_forged(const struct registration *registration, uint16_t port)
{
	return registration->flow == registration->listener && port != registration->passage->source.port;
}

/* Sends a request to the Contact as the far end knows it. Nothing to say when it is as we wrote it: then a provider
 * answers to where we are seen. */
static void registration_try(struct run *run, const struct registration *registration, const char *when)
{
	struct exchange *exchange = run->exchange;
	struct reflect_way way = { .place = REFLECT_SIP };
	size_t first = exchange->passage_count;
	if (!run_contact_seen(run, registration->passage, &way.port))
		return;
	const struct passage *request = request_ask(exchange, arrival_named("ask-options"), &way,
	                                            registration->listener, registration->passage);
	exchange_insist(exchange, first, WAIT_MS);
	if (request == NULL || request->refused || exchange->ended)
		return;
	if (!request->arrived && port_is_forged(registration, way.port))
		ledger_charge(&run->ledger, FAULT_CONTACT_PORT_WRONG, CONFIDENCE_CERTAIN, "register",
		              registration->passage,
		              "the Contact names port %u outside, where nothing arrives, and the packet comes from %u",
		              way.port, registration->passage->source.port);
	else if (!request->arrived)
		ledger_charge(&run->ledger, FAULT_CONTACT_UNREACHABLE, CONFIDENCE_CERTAIN, "contact-other-port",
		              registration->passage,
		              "the Contact names port %u outside, and %s nothing that is sent there arrives", way.port,
		              when);
	else if (request->arrived_at != registration->listener)
		ledger_charge(&run->ledger, FAULT_CONTACT_PORT_WRONG, CONFIDENCE_CERTAIN, "contact-other-port", request,
		              "what is sent to the Contact comes to port %u in place of %u",
		              request->arrived_at->own.port, registration->listener->own.port);
	else
		run_judge(run, request);
}

static bool registration_bind(struct run *run, struct registration *registration)
{
	registration->flow = exchange_bind(run->exchange, 0);
	registration->listener = exchange_bind(run->exchange, 0);
	return registration->flow != NULL && registration->listener != NULL;
}

/* A registration, its refresh, and the refusal that most refreshes meet first (RFC 3261 22.2): the phone must be
 * reachable all the time. */
static void refresh_try(struct run *run)
{
	struct registration registration;
	if (!registration_bind(run, &registration) || !registration_send(run, &registration, "contact-other-port"))
		return;
	run_judge(run, registration.passage);
	registration_answer(run, &registration, "answer-register");
	registration_try(run, &registration, "after a registration");
	if (!registration_send(run, &registration, "contact-other-port"))
		return;
	registration_try(run, &registration, "while a registration is being refreshed");
	registration_answer(run, &registration, "answer-unauthorized");
	registration_try(run, &registration, "after a refresh that asks for the password");
	registration_answer(run, &registration, "answer-register");
}

/* As most phones do: they listen where they send from. */
static void usual_try(struct run *run)
{
	struct registration registration = { .flow = exchange_bind(run->exchange, 0) };
	registration.listener = registration.flow;
	if (registration.flow == NULL || !registration_send(run, &registration, "register"))
		return;
	run_judge(run, registration.passage);
	registration_answer(run, &registration, "answer-register");
	registration_try(run, &registration, "after a registration");
}

static void no_expires_try(struct run *run)
{
	struct registration registration;
	if (!registration_bind(run, &registration) || !registration_send(run, &registration, "contact-no-expires"))
		return;
	run_judge(run, registration.passage);
	registration_answer(run, &registration, "answer-register");
	registration_try(run, &registration, "after a registration without Expires");
}

/* An answer goes to the port that the request came from, whatever Via says, when Via has rport (RFC 3581 4). */
static void answer_port_try(struct run *run)
{
	struct registration pair;
	struct exchange *exchange = run->exchange;
	if (!registration_bind(run, &pair) || !registration_send(run, &pair, "via-other-port"))
		return;
	run_judge(run, pair.passage);
	size_t first = exchange->passage_count;
	const struct passage *answer = answer_ask(exchange, arrival_named("answer-options"), pair.passage);
	exchange_insist(exchange, first, WAIT_MS);
	if (answer == NULL || answer->refused || exchange->ended)
		return;
	if (answer->arrived && answer->arrived_at == pair.flow)
		run_judge(run, answer);
	else
		ledger_charge(&run->ledger, FAULT_RESPONSE_PORT_FORCED, CONFIDENCE_CERTAIN, "via-other-port", answer,
		              "an answer to port %u, which the request came from, %s", pair.flow->own.port,
		              answer->arrived ? "comes to the port that Via names" : "never arrives");
}

void run_contacts(struct run *run)
{
	if (run->ways[WAY_SIP].arrived == 0)
		return;
	usual_try(run);
	refresh_try(run);
	no_expires_try(run);
	answer_port_try(run);
}
