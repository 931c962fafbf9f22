/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transactions and dialogs, as both ends have them (RFC 3261 12, 13, 17). */
#include "simulation.h"

static struct side *side_of(struct simulation *simulation, uint32_t link, enum side_name side)
{
	return &simulation->links[link].sides[side];
}

static void side_change(struct simulation *simulation, struct side *side)
{
	side->changed_ns = now_of(simulation);
}

/* ---- Requests ---- */

static struct client *client_new(struct simulation *simulation, const char *method)
{
	uint32_t index = 1;
	while (index < CLIENTS_MAX && simulation->clients[index].is_used)
		index++;
	expect(&simulation->harness, index < CLIENTS_MAX);
	struct client *client = &simulation->clients[index];
	uint32_t generation = client->generation + 1;
	memset(client, 0, offsetof(struct client, request));
	client->is_used = true;
	client->generation = generation;
	client->is_invite = strcmp(method, "INVITE") == 0;
	client->interval_ms = T1_MS;
	client->since_ns = now_of(simulation);
	text_keep(client->method, sizeof(client->method), text_of(method));
	return client;
}

static uint32_t client_index(const struct simulation *simulation, const struct client *client)
{
	return (uint32_t)(client - simulation->clients);
}

static void client_send(struct simulation *simulation, const struct client *client)
{
	network_send(simulation, &client->request);
	event_add(simulation, EVENT_CLIENT, client->interval_ms, client_index(simulation, client), client->generation,
	          NULL);
}

static void branch_write(const struct simulation *simulation, const struct client *client, char branch[48])
{
	snprintf(branch, 48, "z9hG4bK%u.%u", client_index(simulation, client), client->generation);
}

void client_start(struct simulation *simulation, uint32_t link, enum side_name name, const char *method,
                  const char *extra, const char *sdp)
{
	struct side *side = side_of(simulation, link, name);
	struct client *client = client_new(simulation, method);
	char branch[48];
	client->link = link;
	client->side = name;
	client->cseq = ++side->cseq;
	branch_write(simulation, client, branch);
	request_write(simulation, &client->request, link, name, method, client->cseq, branch, extra, sdp);
	if (client->is_invite) {
		side->client = client_index(simulation, client);
		side_change(simulation, side);
	}
	client_send(simulation, client);
}

void register_start(struct simulation *simulation, uint32_t number, uint32_t expires_s)
{
	struct client *client = client_new(simulation, "REGISTER");
	char branch[48];
	client->phone = number;
	client->cseq = ++simulation->phones[number].cseq;
	simulation->phones[number].asked_ns = now_of(simulation);
	branch_write(simulation, client, branch);
	register_write(simulation, &client->request, number, branch, expires_s);
	client_send(simulation, client);
}

static void invite_ended(struct simulation *simulation, uint32_t link, enum side_name name, unsigned status)
{
	struct side *side = side_of(simulation, link, name);
	bool is_first = side->stage == STAGE_INVITING;
	bool gave_up = side->gives_up;
	side->client = 0;
	side_change(simulation, side);
	if (status < 300 && side->stage != STAGE_OVER)
		side->stage = STAGE_UP;
	else if (is_first)
		side->stage = STAGE_OVER;
	if (name == PHONE)
		phone_answered(simulation, link, status, is_first);
	else
		provider_answered(simulation, link, status, is_first);
	/* The answer and CANCEL have met: the call is up, and is not wanted. */
	if (is_first && status < 300 && gave_up)
		side_hang_up(simulation, link, name);
}

static void client_end(struct simulation *simulation, struct client *client, unsigned status, struct text response)
{
	client->is_used = false;
	if (strcmp(client->method, "REGISTER") == 0)
		phone_registered(simulation, client->phone, status, response);
	else if (client->is_invite)
		invite_ended(simulation, client->link, client->side, status);
}

void client_wake(struct simulation *simulation, uint32_t index, uint32_t generation)
{
	struct client *client = &simulation->clients[index];
	uint64_t limit_ms = client->is_provisional && client->is_invite ? 200000 : TRANSACTION_MS;
	if (!client->is_used || client->generation != generation)
		return;
	if (now_of(simulation) - client->since_ns >= limit_ms * (SIPALG_SECOND_NS / 1000)) {
		note(simulation, "no answer to %s of link %u", client->method, client->link);
		client_end(simulation, client, 408, (struct text){ "", 0 });
		return;
	}
	if (client->is_invite && client->is_provisional) {
		event_add(simulation, EVENT_CLIENT, 10000, index, generation, NULL);
		return;
	}
	client->interval_ms *= 2;
	if (!client->is_invite && client->interval_ms > T2_MS)
		client->interval_ms = T2_MS;
	client_send(simulation, client);
}

/* ---- ACK ---- */

static void ack(struct simulation *simulation, uint32_t link, enum side_name name, uint32_t cseq, unsigned status,
                struct text response)
{
	struct side *side = side_of(simulation, link, name);
	char branch[48];
	enum stage stage = side->stage;
	branch_of(response, branch);
	if (status < 300)
		snprintf(branch, sizeof(branch), "z9hG4bKack%u.%u.%d", link, cseq, (int)name);
	side->stage = STAGE_UP; /* with both tags */
	request_write(simulation, &side->ack, link, name, "ACK", cseq, branch, "", NULL);
	side->stage = stage;
	side->acked_cseq = cseq;
	network_send(simulation, &side->ack);
}

/* CANCEL has the branch of its INVITE (RFC 3261 9.1). */
static void cancel_answered(struct simulation *simulation, uint32_t link, enum side_name name)
{
	for (struct client *client = simulation->clients; client < simulation->clients + CLIENTS_MAX; client++)
		if (client->is_used && client->link == link && client->side == name &&
		    strcmp(client->method, "CANCEL") == 0)
			client->is_used = false;
}

static void response_receive(struct simulation *simulation, const struct datagram *datagram)
{
	struct text message = { datagram->bytes, datagram->length };
	unsigned status = (unsigned)strtoul(datagram->bytes + 8, NULL, 10), index = 0, generation = 0;
	uint32_t link = link_of(simulation, message), cseq = cseq_of(message);
	enum side_name name = endpoint_is_inside(datagram->to) ? PHONE : PROVIDER;
	char branch[48];
	if (strstr(datagram->bytes, " CANCEL\r\n")) {
		cancel_answered(simulation, link, name);
		return;
	}
	branch_of(message, branch);
	if (sscanf(branch, "z9hG4bK%u.%u", &index, &generation) != 2 || index >= CLIENTS_MAX)
		return;
	struct client *client = &simulation->clients[index];
	bool is_mine = client->is_used && client->generation == generation;
	bool is_invite = strstr(datagram->bytes, " INVITE\r\n") != NULL;
	struct side *side = link ? side_of(simulation, link, name) : NULL;
	if (!is_mine) {
		if (side && is_invite && status >= 200 && cseq == side->acked_cseq)
			network_send(simulation, &side->ack);
		return;
	}
	if (status < 200) {
		client->is_provisional = true;
		if (!is_invite)
			client->interval_ms = T2_MS;
		return;
	}
	if (is_invite && side) {
		char contact[URI_MAX];
		text_keep(contact, sizeof(contact), uri_of(header_of(message, "Contact", 'm')));
		if (status < 300 && contact[0])
			memcpy(side->target, contact, sizeof(contact));
		if (status < 300)
			sdp_take(side, message);
		ack(simulation, link, name, cseq, status, message);
	}
	client_end(simulation, client, status, message);
}

/* ---- Answers ---- */

static void served_keep(struct served *served, const struct datagram *request)
{
	branch_of((struct text){ request->bytes, request->length }, served->branch);
}

/* An INVITE is answered at once or later: the request is kept until then in the place of its response. */
void invite_answer(struct simulation *simulation, uint32_t link, enum side_name name, unsigned status, const char *sdp)
{
	struct side *side = side_of(simulation, link, name);
	struct datagram request = side->invite.response, *response = &side->invite.response;
	static struct datagram provisional;
	response_write(simulation, status < 200 ? &provisional : response, &request, link, name, status, "", sdp);
	network_send(simulation, status < 200 ? &provisional : response);
	if (status < 200)
		return;
	side_change(simulation, side);
	if (status < 300 && side->stage == STAGE_INVITED)
		side->stage = STAGE_UP;
	else if (side->stage == STAGE_INVITED)
		side->stage = STAGE_OVER;
	side->awaits_ack = true;
	side->answered_ns = now_of(simulation);
	side->answer_interval_ms = T1_MS;
	event_add(simulation, EVENT_ANSWER, T1_MS, 2 * link + name, ++side->answer_generation, NULL);
}

void answer_wake(struct simulation *simulation, uint32_t index, uint32_t generation)
{
	enum side_name name = index % 2 ? PROVIDER : PHONE;
	struct side *side = side_of(simulation, index / 2, name);
	if (!side->awaits_ack || side->answer_generation != generation)
		return;
	if (now_of(simulation) - side->answered_ns >= TRANSACTION_MS * (SIPALG_SECOND_NS / 1000)) {
		side->awaits_ack = false;
		side_hang_up(simulation, index / 2, name);
		return;
	}
	network_send(simulation, &side->invite.response);
	side->answer_interval_ms = side->answer_interval_ms < T2_MS ? 2 * side->answer_interval_ms : T2_MS;
	event_add(simulation, EVENT_ANSWER, side->answer_interval_ms, index, generation, NULL);
}

static void answer_other(struct simulation *simulation, const struct datagram *request, uint32_t link,
                         enum side_name name, unsigned status)
{
	struct side *side = side_of(simulation, link, name);
	served_keep(&side->other, request);
	response_write(simulation, &side->other.response, request, link, name, status, "", NULL);
	network_send(simulation, &side->other.response);
}

void side_hang_up(struct simulation *simulation, uint32_t link, enum side_name name)
{
	struct side *side = side_of(simulation, link, name);
	if (side->stage == STAGE_INVITING && side->client) {
		struct client *invite = &simulation->clients[side->client];
		if (side->gives_up || !invite->is_provisional)
			return; /* RFC 3261 9.1: not before a provisional response; then the answer is met by BYE */
		struct client *cancel = client_new(simulation, "CANCEL");
		char branch[48];
		branch_of((struct text){ invite->request.bytes, invite->request.length }, branch);
		cancel->link = link;
		cancel->side = name;
		request_write(simulation, &cancel->request, link, name, "CANCEL", invite->cseq, branch, "", NULL);
		client_send(simulation, cancel);
		side->gives_up = true;
		return;
	}
	if (side->stage != STAGE_UP)
		return;
	client_start(simulation, link, name, "BYE", "", NULL);
	side->stage = STAGE_OVER;
	side_change(simulation, side);
}

/* ---- What arrives ---- */

static void invite_receive(struct simulation *simulation, const struct datagram *datagram, uint32_t link,
                           enum side_name name)
{
	struct side *side = side_of(simulation, link, name);
	struct text message = { datagram->bytes, datagram->length };
	bool is_first = side->stage == STAGE_IDLE;
	bool is_busy = side->client || side->awaits_ack || simulation->links[link].reinvite_is_forwarded;
	if (!is_first && (side->stage != STAGE_UP || is_busy)) {
		static struct datagram refusal;
		response_write(simulation, &refusal, datagram, link, name, side->stage == STAGE_UP ? 491 : 481, "",
		               NULL);
		network_send(simulation, &refusal);
		return;
	}
	side->far_cseq = cseq_of(message);
	served_keep(&side->invite, datagram);
	side->invite.response = *datagram;
	text_keep(side->target, sizeof(side->target), uri_of(header_of(message, "Contact", 'm')));
	sdp_take(side, message);
	side_change(simulation, side);
	if (is_first)
		side->stage = STAGE_INVITED;
	if (name == PHONE)
		phone_invited(simulation, link, is_first);
	else
		provider_invited(simulation, link, is_first, message);
}

static void cancel_receive(struct simulation *simulation, const struct datagram *datagram, uint32_t link,
                           enum side_name name)
{
	struct side *side = side_of(simulation, link, name);
	answer_other(simulation, datagram, link, name, 200);
	if (side->stage != STAGE_INVITED)
		return;
	invite_answer(simulation, link, name, 487, NULL);
	if (name == PROVIDER)
		provider_ended(simulation, link);
}

static void other_receive(struct simulation *simulation, const struct datagram *datagram, uint32_t link,
                          enum side_name name)
{
	struct side *side = side_of(simulation, link, name);
	struct text message = { datagram->bytes, datagram->length };
	bool was_up = side->stage == STAGE_UP;
	answer_other(simulation, datagram, link, name, was_up ? 200 : 481);
	if (strncmp(datagram->bytes, "BYE ", 4) == 0) {
		side->stage = STAGE_OVER;
		side->awaits_ack = false;
		side_change(simulation, side);
		if (name == PROVIDER)
			provider_ended(simulation, link);
	} else if (was_up && name == PROVIDER && strncmp(datagram->bytes, "REFER ", 6) == 0) {
		provider_referred(simulation, link, message);
	}
}

static struct text answer_text(const struct side *side)
{
	return (struct text){ side->invite.response.bytes, side->invite.response.length };
}

static void request_receive(struct simulation *simulation, const struct datagram *datagram)
{
	struct text message = { datagram->bytes, datagram->length };
	enum side_name name = endpoint_is_inside(datagram->to) ? PHONE : PROVIDER;
	uint32_t link = link_of(simulation, message);
	char branch[48];
	if (!link) {
		if (name == PROVIDER)
			provider_registers(simulation, datagram);
		return;
	}
	struct side *side = side_of(simulation, link, name);
	branch_of(message, branch);
	bool is_old = side->far_cseq && cseq_of(message) <= side->far_cseq;
	if (strncmp(datagram->bytes, "ACK ", 4) == 0) {
		if (side->awaits_ack && cseq_of(message) == cseq_of(answer_text(side)))
			side->awaits_ack = false;
		side_change(simulation, side);
	} else if (strncmp(datagram->bytes, "INVITE ", 7) == 0) {
		if (strcmp(branch, side->invite.branch) != 0 && !is_old)
			invite_receive(simulation, datagram, link, name);
		else if (strcmp(branch, side->invite.branch) == 0 && side->stage == STAGE_INVITED)
			invite_answer(simulation, link, name, name == PHONE ? 180 : 100, NULL);
		else if (strcmp(branch, side->invite.branch) == 0 && side->awaits_ack)
			network_send(simulation, &side->invite.response);
	} else if (strncmp(datagram->bytes, "CANCEL ", 7) == 0) {
		cancel_receive(simulation, datagram, link, name);
	} else if (strcmp(branch, side->other.branch) == 0) {
		network_send(simulation, &side->other.response);
	} else if (!is_old) {
		side->far_cseq = cseq_of(message);
		other_receive(simulation, datagram, link, name);
	}
}

void datagram_receive(struct simulation *simulation, const struct datagram *datagram)
{
	struct phone *phone = NULL;
	if (endpoint_is_inside(datagram->to))
		phone = &simulation->phones[phone_at(simulation, &datagram->to)];
	uint32_t link = link_of(simulation, (struct text){ datagram->bytes, datagram->length });
	/* Plain NAT may have given a port of a binding whose flow was over to somebody without one, who does not know
	 * the call. */
	if (phone && link && phone != &simulation->phones[simulation->links[link].phone])
		return;
	if (phone && !phone->is_up)
		return;
	if (strncmp(datagram->bytes, "SIP/2.0 ", 8) == 0)
		response_receive(simulation, datagram);
	else
		request_receive(simulation, datagram);
}
