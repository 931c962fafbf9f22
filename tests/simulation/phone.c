/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What phones do. */
#include "simulation.h"

static struct side *phone_side(struct simulation *simulation, uint32_t link)
{
	return &simulation->links[link].sides[PHONE];
}

static uint32_t phone_of(const struct simulation *simulation, uint32_t link)
{
	return simulation->links[link].phone;
}

uint32_t link_new(struct simulation *simulation, uint32_t phone)
{
	expect(&simulation->harness, simulation->link_count + 1 < LINKS_MAX);
	uint32_t number = ++simulation->link_count;
	struct link *link = &simulation->links[number];
	memset(link, 0, sizeof(*link));
	link->phone = phone;
	link->sides[PROVIDER].media = (sipalg_endpoint){ .address = sipalg_address_from_ipv4(0xcb0071c8),
		                                         .port = (uint16_t)(10000 + 2 * number),
		                                         .protocol = SIPALG_PROTOCOL_UDP };
	return number;
}

static bool is_busy(const struct simulation *simulation, const struct phone *phone)
{
	return phone->link && simulation->links[phone->link].sides[PHONE].stage != STAGE_OVER;
}

/* A port of its own for RTP; many phones begin with the same ones. */
static void media_choose(struct simulation *simulation, uint32_t link)
{
	struct phone *phone = &simulation->phones[phone_of(simulation, link)];
	struct side *side = phone_side(simulation, link);
	side->media = phone->at;
	side->media.port = phone->media_port = (uint16_t)(4000 + 2 * chance_of(simulation, 8));
}

static void happen_later(struct simulation *simulation, enum event_kind kind, uint32_t from_s, uint32_t to_s,
                         uint32_t index, uint32_t generation)
{
	uint32_t delay_ms = 1000 * from_s + chance_of(simulation, 1000 * (to_s - from_s) + 1);
	event_add(simulation, kind, delay_ms, index, generation, NULL);
}

/* ---- Registering ---- */

void phone_start(struct simulation *simulation, uint32_t number)
{
	static const uint32_t expires_s[] = { 120, 300, 600, 3600 };
	struct phone *phone = &simulation->phones[number];
	phone->at = (sipalg_endpoint){ .address = sipalg_address_from_ipv4(0xc0a80102 + number),
		                       .port = SIPALG_PORT_SIP,
		                       .protocol = SIPALG_PROTOCOL_UDP };
	if (chance_of(simulation, 5) == 0)
		phone->at.port = (uint16_t)(5061 + chance_of(simulation, 3));
	phone->server = server_endpoint();
	phone->server.address.bytes[15] = (uint8_t)(1 + number % 2);
	phone->has_rport = chance_of(simulation, 2);
	phone->is_watchful = chance_of(simulation, 3);
	phone->expires_s = expires_s[chance_of(simulation, 4)];
	happen_later(simulation, EVENT_REGISTER, 0, 40, number, 0);
	happen_later(simulation, EVENT_DIAL, 10, 200, number, 0);
	if (chance_of(simulation, 8) == 0)
		happen_later(simulation, EVENT_CRASH, 60, 900, number, 0);
}

static void phone_registers(struct simulation *simulation, uint32_t number)
{
	struct phone *phone = &simulation->phones[number];
	phone->is_up = true;
	if (!simulation->is_ending)
		register_start(simulation, number, phone->expires_s);
	else if (number % 2)
		register_start(simulation, number, 0);
}

void phone_registered(struct simulation *simulation, uint32_t number, unsigned status, struct text response)
{
	struct phone *phone = &simulation->phones[number];
	sipalg_endpoint contact;
	if (simulation->is_ending)
		return;
	if (status == 401 && !phone->knows_nonce) {
		phone->knows_nonce = true;
		phone_registers(simulation, number);
		return;
	}
	phone->is_registered = status == 200;
	if (status != 200) {
		happen_later(simulation, EVENT_REGISTER, 5, 30, number, phone->life);
		return;
	}
	(void)response;
	bool was_lost = phone->is_unknown || phone->is_astray;
	phone->is_unknown = phone->is_unknown && phone->asked_ns <= phone->forgotten_ns;
	phone->is_astray = !uri_endpoint(phone->contact, &contact) || endpoint_is_inside(contact) ||
	                   phone->asked_ns <= phone->switched_ns;
	if (was_lost && !phone->is_unknown && !phone->is_astray)
		phone->mended_ns = now_of(simulation);
	happen_later(simulation, EVENT_REGISTER, phone->expires_s / 2, phone->expires_s * 9 / 10, number, phone->life);
}

/* All is forgotten; nobody is told. */
static void phone_crashes(struct simulation *simulation, uint32_t number)
{
	struct phone *phone = &simulation->phones[number];
	note(simulation, "phone %u crashes", number);
	if (phone->link) {
		struct side *side = phone_side(simulation, phone->link);
		side->stage = STAGE_OVER;
		side->awaits_ack = false;
		side->client = 0;
	}
	for (uint32_t i = 1; i < CLIENTS_MAX; i++) {
		struct client *client = &simulation->clients[i];
		if (client->is_used && client->side == PHONE &&
		    (client->link ? phone_of(simulation, client->link) : client->phone) == number)
			client->is_used = false;
	}
	phone->is_up = phone->is_registered = phone->knows_nonce = false;
	phone->link = 0;
	phone->life++;
	happen_later(simulation, EVENT_REGISTER, 20, 100, number, phone->life);
	happen_later(simulation, EVENT_DIAL, 110, 300, number, phone->life);
}

/* ---- Calling ---- */

static void call_begins(struct simulation *simulation, uint32_t link)
{
	simulation->answered++;
	happen_later(simulation, EVENT_TALK, SETTLED_S, 2 * SETTLED_S, link, 0);
	happen_later(simulation, EVENT_IN_CALL, 10, 100, link, 0);
	happen_later(simulation, EVENT_HANG_UP, 10, 400, link, 0);
}

static void phone_offers(struct simulation *simulation, uint32_t link)
{
	char sdp[SDP_MAX];
	sdp_write(simulation, phone_side(simulation, link), sdp);
	client_start(simulation, link, PHONE, "INVITE", "", sdp);
}

static void phone_dials(struct simulation *simulation, uint32_t number)
{
	struct phone *phone = &simulation->phones[number];
	if (simulation->is_ending)
		return;
	happen_later(simulation, EVENT_DIAL, 60, 600, number, phone->life);
	if (!phone->is_up || !phone->is_registered || is_busy(simulation, phone))
		return;
	if (chance_of(simulation, 4) == 0) {
		provider_calls(simulation, number);
		return;
	}
	uint32_t link = phone->link = link_new(simulation, number);
	struct side *side = phone_side(simulation, link);
	uint32_t whom = chance_of(simulation, 2) ? chance_of(simulation, simulation->phone_count) : 9999;
	side->stage = STAGE_INVITING;
	snprintf(side->target, sizeof(side->target), "sip:%u@sip.example.com", whom);
	media_choose(simulation, link);
	phone_offers(simulation, link);
	happen_later(simulation, EVENT_HANG_UP, 3, 60, link, 0);
}

void phone_invited(struct simulation *simulation, uint32_t link, bool is_first)
{
	struct phone *phone = &simulation->phones[phone_of(simulation, link)];
	char sdp[SDP_MAX];
	if (!is_first) {
		sdp_write(simulation, phone_side(simulation, link), sdp);
		invite_answer(simulation, link, PHONE, 200, sdp);
	} else if (is_busy(simulation, phone)) {
		invite_answer(simulation, link, PHONE, 486, NULL);
	} else {
		phone->link = link;
		media_choose(simulation, link);
		invite_answer(simulation, link, PHONE, 180, NULL);
		happen_later(simulation, EVENT_PICK_UP, 0, 15, link, 0);
	}
}

static void phone_picks_up(struct simulation *simulation, uint32_t link)
{
	char sdp[SDP_MAX];
	if (phone_side(simulation, link)->stage != STAGE_INVITED)
		return;
	sdp_write(simulation, phone_side(simulation, link), sdp);
	if (chance_of(simulation, 10) == 0) {
		invite_answer(simulation, link, PHONE, 486, NULL);
		return;
	}
	invite_answer(simulation, link, PHONE, 200, sdp);
	call_begins(simulation, link);
}

void phone_answered(struct simulation *simulation, uint32_t link, unsigned status, bool is_first)
{
	if (status < 300 && is_first)
		call_begins(simulation, link);
	else if (status == 491)
		happen_later(simulation, EVENT_REINVITE, 2, 4, link, 0);
	else if (status >= 300 && !is_first)
		side_hang_up(simulation, link, PHONE);
}

/* ---- In a call ---- */

static void phone_reinvites(struct simulation *simulation, uint32_t link)
{
	struct side *side = phone_side(simulation, link);
	if (side->stage != STAGE_UP)
		return;
	if (side->client || side->awaits_ack)
		happen_later(simulation, EVENT_REINVITE, 1, 3, link, 0);
	else
		phone_offers(simulation, link);
}

static void phone_acts(struct simulation *simulation, uint32_t link)
{
	struct side *side = phone_side(simulation, link);
	if (side->stage != STAGE_UP || simulation->is_ending)
		return;
	happen_later(simulation, EVENT_IN_CALL, 10, 100, link, 0);
	if (side->client || side->awaits_ack)
		return;
	uint32_t dice = chance_of(simulation, 6);
	if (dice == 0) {
		client_start(simulation, link, PHONE, "REFER", "Refer-To: <sip:1@sip.example.com>\n", NULL);
		happen_later(simulation, EVENT_HANG_UP, 2, 5, link, 0);
		return;
	}
	if (dice < 4)
		side->holds = !side->holds;
	else if (dice == 4)
		media_choose(simulation, link);
	phone_reinvites(simulation, link);
}

static void phone_hangs_up(struct simulation *simulation, uint32_t link)
{
	struct side *side = phone_side(simulation, link);
	bool waits = side->stage == STAGE_INVITING && side->client && !side->gives_up &&
	             !simulation->clients[side->client].is_provisional;
	if (waits)
		happen_later(simulation, EVENT_HANG_UP, 1, 2, link, 0);
	side_hang_up(simulation, link, PHONE);
}

/* Some see that their address is another one outside, and say so. */
void phone_notices_address(struct simulation *simulation)
{
	for (uint32_t number = 0; number < simulation->phone_count; number++) {
		struct phone *phone = &simulation->phones[number];
		if (!phone->is_watchful || !phone->is_up)
			continue;
		phone->life++;
		happen_later(simulation, EVENT_REGISTER, 1, 10, number, phone->life);
		happen_later(simulation, EVENT_DIAL, 60, 300, number, phone->life);
		if (is_busy(simulation, phone))
			happen_later(simulation, EVENT_REINVITE, 1, 10, phone->link, 0);
	}
}

void phone_happens(struct simulation *simulation, const struct event *event)
{
	bool is_of_phone = event->kind == EVENT_REGISTER || event->kind == EVENT_DIAL;
	if (is_of_phone && simulation->phones[event->index].life != event->generation)
		return;
	if (event->kind == EVENT_REGISTER)
		phone_registers(simulation, event->index);
	else if (event->kind == EVENT_DIAL)
		phone_dials(simulation, event->index);
	else if (event->kind == EVENT_CRASH)
		phone_crashes(simulation, event->index);
	else if (event->kind == EVENT_PICK_UP)
		phone_picks_up(simulation, event->index);
	else if (event->kind == EVENT_IN_CALL)
		phone_acts(simulation, event->index);
	else if (event->kind == EVENT_REINVITE)
		phone_reinvites(simulation, event->index);
	else if (event->kind == EVENT_HANG_UP)
		phone_hangs_up(simulation, event->index);
}
