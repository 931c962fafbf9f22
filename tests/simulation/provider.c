/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The provider: registrar, and a back-to-back user agent that joins two phones' dialogs. Media goes through it, or it
 * leaves each phone the other one's description. */
#include "simulation.h"

enum { REFRESH_REGULARLY = 0, REFRESH_ONCE };

static struct side *provider_side(struct simulation *simulation, uint32_t link)
{
	return &simulation->links[link].sides[PROVIDER];
}

static uint32_t partner_of(const struct simulation *simulation, uint32_t link)
{
	return simulation->links[link].partner;
}

/* ---- Registrations ---- */

void provider_registers(struct simulation *simulation, const struct datagram *request)
{
	struct text message = { request->bytes, request->length };
	static struct datagram response;
	char from[URI_MAX], expires[16], extra[200];
	text_keep(from, sizeof(from), uri_of(header_of(message, "From", 'f')));
	uint32_t number = (uint32_t)strtoul(from + 4, NULL, 10), cseq = cseq_of(message);
	expect(&simulation->harness, number < simulation->phone_count);
	struct phone *phone = &simulation->phones[number];
	if (number % 3 == 0 && header_of(message, "Authorization", 0).length == 0) {
		response_write(simulation, &response, request, 0, PROVIDER, 401,
		               "WWW-Authenticate: Digest nonce=\"1\"\n", NULL);
		network_send(simulation, &response);
		return;
	}
	text_keep(expires, sizeof(expires), header_of(message, "Expires", 0));
	uint32_t expires_s = (uint32_t)strtoul(expires, NULL, 10);
	if (cseq < phone->registered_cseq)
		return;
	phone->registered_cseq = cseq;
	phone->registered_until_ns = now_of(simulation) + expires_s * SIPALG_SECOND_NS;
	text_keep(phone->contact, sizeof(phone->contact), uri_of(header_of(message, "Contact", 'm')));
	snprintf(extra, sizeof(extra), "Contact: <%s>;expires=%u\n", phone->contact, expires_s);
	response_write(simulation, &response, request, 0, PROVIDER, 200, expires_s ? extra : "", NULL);
	network_send(simulation, &response);
}

/* It can be called: registered, and under an address that means something out here. */
static bool is_reachable(const struct simulation *simulation, const struct phone *phone)
{
	sipalg_endpoint contact;
	return phone->registered_until_ns > now_of(simulation) && uri_endpoint(phone->contact, &contact) &&
	       !endpoint_is_inside(contact);
}

/* ---- Calls ---- */

/* What this end of the link says: the partner's description when media goes directly, else its own. */
static const char *description(struct simulation *simulation, uint32_t link, char sdp[SDP_MAX])
{
	if (simulation->links[link].kind == CALL_DIRECT)
		return provider_side(simulation, partner_of(simulation, link))->far_sdp;
	sdp_write(simulation, provider_side(simulation, link), sdp);
	return sdp;
}

static void offer(struct simulation *simulation, uint32_t link)
{
	char sdp[SDP_MAX];
	client_start(simulation, link, PROVIDER, "INVITE", "", description(simulation, link, sdp));
}

static void answer(struct simulation *simulation, uint32_t link, unsigned status)
{
	char sdp[SDP_MAX];
	bool is_first = provider_side(simulation, link)->stage == STAGE_INVITED;
	invite_answer(simulation, link, PROVIDER, status, status < 300 ? description(simulation, link, sdp) : NULL);
	if (status < 300 && is_first)
		event_add(simulation, EVENT_SESSION, session_s(link) * 500, link, REFRESH_REGULARLY, NULL);
}

static uint32_t call_to(struct simulation *simulation, uint32_t phone, uint32_t partner, enum call_kind kind)
{
	uint32_t link = link_new(simulation, phone);
	simulation->links[link].partner = partner;
	simulation->links[link].kind = kind;
	provider_side(simulation, link)->stage = STAGE_INVITING;
	memcpy(provider_side(simulation, link)->target, simulation->phones[phone].contact, URI_MAX);
	if (partner) {
		simulation->links[partner].partner = link;
		simulation->links[partner].kind = kind;
	}
	offer(simulation, link);
	return link;
}

void provider_calls(struct simulation *simulation, uint32_t phone)
{
	if (is_reachable(simulation, &simulation->phones[phone]))
		(void)call_to(simulation, phone, 0, CALL_OUTSIDE);
}

static void first_invited(struct simulation *simulation, uint32_t link, struct text request)
{
	uint32_t whom = (uint32_t)strtoul(request.start + strlen("INVITE sip:"), NULL, 10);
	bool is_outside = whom >= simulation->phone_count;
	if (!is_outside &&
	    (whom == simulation->links[link].phone || !is_reachable(simulation, &simulation->phones[whom]))) {
		answer(simulation, link, 480);
		return;
	}
	invite_answer(simulation, link, PROVIDER, chance_of(simulation, 2) ? 180 : 100, NULL);
	if (is_outside)
		event_add(simulation, EVENT_SESSION, chance_of(simulation, 15000), link, 0, NULL);
	else
		(void)call_to(simulation, whom, link, chance_of(simulation, 2) ? CALL_DIRECT : CALL_RELAYED);
}

static bool is_idle(const struct simulation *simulation, uint32_t link)
{
	const struct side *side = &simulation->links[link].sides[PROVIDER];
	return side->stage == STAGE_UP && !side->client && !side->awaits_ack &&
	       !simulation->links[link].reinvite_is_forwarded;
}

void provider_invited(struct simulation *simulation, uint32_t link, bool is_first, struct text request)
{
	uint32_t partner = partner_of(simulation, link);
	if (is_first) {
		first_invited(simulation, link, request);
	} else if (simulation->links[link].kind != CALL_DIRECT) {
		answer(simulation, link, 200);
	} else if (!is_idle(simulation, partner)) {
		answer(simulation, link, 491);
	} else {
		simulation->links[link].reinvite_is_forwarded = true;
		offer(simulation, partner);
	}
}

static void first_answered(struct simulation *simulation, uint32_t link, unsigned status)
{
	uint32_t partner = partner_of(simulation, link);
	enum stage stage = partner ? provider_side(simulation, partner)->stage : STAGE_UP;
	if (status < 300)
		event_add(simulation, EVENT_SESSION, session_s(link) * 500, link, REFRESH_REGULARLY, NULL);
	if (stage == STAGE_INVITED)
		answer(simulation, partner, status < 300 ? 200 : 486);
	else if (status < 300 && stage != STAGE_UP)
		side_hang_up(simulation, link, PROVIDER);
	else if (status >= 300 && partner)
		side_hang_up(simulation, partner, PROVIDER);
}

void provider_answered(struct simulation *simulation, uint32_t link, unsigned status, bool is_first)
{
	uint32_t partner = partner_of(simulation, link);
	if (is_first) {
		first_answered(simulation, link, status);
		return;
	}
	if (partner && simulation->links[partner].reinvite_is_forwarded) {
		simulation->links[partner].reinvite_is_forwarded = false;
		if (provider_side(simulation, partner)->stage == STAGE_UP)
			answer(simulation, partner, status < 300 ? 200 : status);
	} else if (status == 491) {
		event_add(simulation, EVENT_SESSION, chance_of(simulation, 2000), link, REFRESH_ONCE, NULL);
	}
	if (status >= 300 && status != 491) {
		side_hang_up(simulation, link, PROVIDER);
		provider_ended(simulation, link);
	}
}

void provider_ended(struct simulation *simulation, uint32_t link)
{
	if (partner_of(simulation, link))
		side_hang_up(simulation, partner_of(simulation, link), PROVIDER);
}

/* The one who asks for it leaves; another phone takes its place, and media goes through the provider. */
void provider_referred(struct simulation *simulation, uint32_t link, struct text request)
{
	uint32_t partner = partner_of(simulation, link), whom = chance_of(simulation, simulation->phone_count);
	(void)request;
	if (!is_reachable(simulation, &simulation->phones[whom]) || (partner && !is_idle(simulation, partner)) ||
	    !is_idle(simulation, link) || whom == simulation->links[link].phone)
		return;
	note(simulation, "phone %u transfers link %u to phone %u", simulation->links[link].phone, partner, whom);
	client_start(simulation, link, PROVIDER, "NOTIFY", "Event: refer\nSubscription-State: terminated\n", NULL);
	bool was_direct = simulation->links[link].kind == CALL_DIRECT;
	simulation->links[link].partner = 0;
	simulation->links[link].kind = CALL_OUTSIDE;
	simulation->links[link].is_left = true;
	(void)call_to(simulation, whom, partner, partner ? CALL_RELAYED : CALL_OUTSIDE);
	if (was_direct)
		offer(simulation, partner);
}

/* A call to somebody outside is answered, a session refreshed. */
void provider_session(struct simulation *simulation, uint32_t link, uint32_t times)
{
	struct side *side = provider_side(simulation, link);
	if (side->stage == STAGE_INVITED)
		answer(simulation, link, chance_of(simulation, 8) ? 200 : 486);
	else if (side->stage == STAGE_UP && !is_idle(simulation, link))
		event_add(simulation, EVENT_SESSION, 3000, link, times, NULL);
	else if (side->stage == STAGE_UP) {
		offer(simulation, link);
		if (times != REFRESH_ONCE)
			event_add(simulation, EVENT_SESSION, session_s(link) * 500, link, times, NULL);
	}
}
