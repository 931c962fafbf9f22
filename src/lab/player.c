/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/player.h"
#include "lab/compose.h"
#include "lab/expected.h"
#include "lab/player_state.h"

#include <string.h>

static const char *refuse(const struct player *player, const struct step *step, const char *why)
{
	const char *slash = strrchr(step->line.file, '/');
	return store_format(player->store, "%s:%u, %s: %s", slash ? slash + 1 : step->line.file, step->line.number,
	                    step->line.text, why);
}

const char *player_endpoint(struct player *player, const char *text, sipalg_endpoint *endpoint)
{
	const char *unknown = NULL;
	const char *known = variables_put(player->store, &player->variables, text, false, &unknown);
	if (!known)
		return store_format(player->store, "no message has given {%s} a value yet", unknown);
	if (!scenario_endpoint(player->scenario, known, endpoint))
		return store_format(player->store, "\"%s\" is no party, PARTY:PORT or ADDRESS:PORT", known);
	return NULL;
}

size_t player_party(const struct player *player, const char *text)
{
	const struct party *party = scenario_party(player->scenario, (struct bytes){ text, strcspn(text, ":") });
	return party ? (size_t)(party - player->scenario->parties) : SCENARIO_PARTIES_MAX;
}

bool player_speaks_tcp(const struct player *player, const char *name)
{
	const struct party *party = scenario_party(player->scenario, bytes_of(name));
	return party && party->endpoint.protocol == SIPALG_PROTOCOL_TCP;
}

const char *player_name(const struct player *player, sipalg_endpoint endpoint)
{
	char text[ENDPOINT_TEXT_MAX];
	endpoint_write(endpoint, text);
	for (size_t i = 0; i < player->scenario->party_count; i++)
		if (endpoint_equal(player->scenario->parties[i].endpoint, endpoint))
			return store_format(player->store, "%s (%s)", player->scenario->parties[i].name, text);
	return store_text(player->store, bytes_of(text));
}

static struct received *received_last(struct player *player, const char *receiver, const char *sender)
{
	for (size_t i = player->history_count; i > 0; i--) {
		struct received *received = &player->history[i - 1];
		if (strcmp(received->receiver, receiver) == 0 && strcmp(received->sender, sender) == 0)
			return received;
	}
	return NULL;
}

/* ---- Arrivals ---- */

bool player_take_in(struct player *player, uint32_t wait_ms)
{
	struct arrival arrival;
	if (player->pending_count == PENDING_MAX ||
	    !player->world->operations->receive(player->world, wait_ms, &arrival))
		return false;
	if (arrival.kind != ARRIVAL_DATAGRAM) {
		streams_take_in(player, &arrival);
		return true;
	}
	arrival.bytes = store_bytes(player->store, arrival.bytes);
	player->pending[player->pending_count++] = arrival;
	return true;
}

static bool pending_take(struct player *player, sipalg_endpoint at, struct arrival *arrival)
{
	for (size_t i = 0; i < player->pending_count; i++) {
		if (!endpoint_equal(player->pending[i].at, at))
			continue;
		*arrival = player->pending[i];
		player->pending_count--;
		memmove(&player->pending[i], &player->pending[i + 1],
		        (player->pending_count - i) * sizeof(player->pending[0]));
		return true;
	}
	return false;
}

const char *player_await(struct player *player, sipalg_endpoint at, struct arrival *arrival)
{
	while (!pending_take(player, at, arrival))
		if (!player_take_in(player, player->world->arrival_ms))
			return player->pending_count == 0
			               ? store_format(player->store, "nothing arrived at %s", player_name(player, at))
			               : store_format(
			                         player->store, "nothing arrived at %s, but something at %s",
			                         player_name(player, at),
			                         player_name(player, player->pending[player->pending_count - 1].at));
	return NULL;
}

void player_silence_begin(struct player *player)
{
	struct arrival arrival;
	while (player->world->operations->overhear(player->world, 0, &arrival))
		;
}

const char *player_silence_await(struct player *player)
{
	struct arrival arrival;
	size_t arrived = player->arrived, pending = player->pending_count;
	bool broken = player->world->operations->overhear(player->world, player->world->silence_ms, &arrival);
	while (!broken && player->arrived == arrived && player->pending_count == pending && player_take_in(player, 0))
		;
	if (player->pending_count > pending) {
		arrival = player->pending[--player->pending_count];
		broken = true;
	}
	if (player->arrived > arrived)
		return "it arrived over a connection";
	if (!broken)
		return NULL;
	message_write(player->trace, "      ", arrival.bytes);
	return store_format(player->store, "it arrived at %s", player_name(player, arrival.at));
}

/* A pattern's address, without its port. */
static size_t host_length(const char *pattern)
{
	const char *colon = strrchr(pattern, ':');
	return colon && !strchr(colon, ']') ? (size_t)(colon - pattern) : strlen(pattern);
}

const char *player_check_source(struct player *player, const char *pattern, sipalg_endpoint from)
{
	const char *unknown = NULL;
	char text[ENDPOINT_TEXT_MAX], wanted_text[ENDPOINT_TEXT_MAX];
	const char *wanted = variables_put(player->store, &player->variables, pattern, true, &unknown);
	const char *capture = strchr(wanted, CAPTURE_BEGIN);
	sipalg_endpoint endpoint;
	endpoint_write(from, text);
	if (scenario_endpoint(player->scenario, wanted, &endpoint))
		wanted = endpoint_write(endpoint, wanted_text);
	size_t host = host_length(wanted);
	bool same_host = host == host_length(text) && strncmp(wanted, text, host) == 0;
	if (same_host && (from.port == 0 || wanted[host] == '\0'))
		return NULL;
	if (same_host && capture) {
		const char *name = store_text(player->store, (struct bytes){ capture + 1, strlen(capture) - 2 });
		if (variables_set(&player->variables, name, store_text(player->store, bytes_of(text + host + 1))))
			return NULL;
	} else if (strcmp(wanted, text) == 0) {
		return NULL;
	}
	return store_format(player->store, "it came from %s, not from %s", text, pattern);
}

/* ---- Messages ---- */

/* Over `connection` where there is one; else as the sender's protocol is. */
static const char *message_send(struct player *player, const struct step *step, sipalg_endpoint to,
                                struct connection *connection, struct bytes wire, struct bytes seen)
{
	sipalg_endpoint from;
	char text[ENDPOINT_TEXT_MAX];
	size_t index = player_party(player, step->from);
	const char *wrong = player_endpoint(player, step->from, &from);
	if (wrong)
		return wrong;
	if (index == SCENARIO_PARTIES_MAX)
		return "messages are sent by a phone or a server that has a name";
	player->wire[index] = wire;
	player->sent[index] = seen;
	player->target[index] = to;
	fprintf(player->trace, "  %s, to %s, %zu bytes\n", step->line.text, endpoint_write(to, text), wire.length);
	message_write(player->trace, "      ", wire);
	if (connection || player_speaks_tcp(player, step->from))
		return streams_send(player, step, connection, wire, seen);
	wrong = player->world->operations->open(player->world, from);
	player_silence_begin(player);
	if (!wrong)
		wrong = player->world->operations->send(player->world, from, to, wire, (step->flags & FLAG_DF) != 0);
	if (!wrong && (step->flags & FLAG_NEVER))
		wrong = player_silence_await(player);
	return wrong;
}

/* `s -> a` from outside goes where a's last message came from; from inside, to the server itself. */
static const char *target_resolve(struct player *player, const struct step *step, sipalg_endpoint *to)
{
	sipalg_endpoint from;
	const char *wrong = player_endpoint(player, step->from, &from);
	if (!wrong)
		wrong = player_endpoint(player, step->to, to);
	if (wrong || endpoint_is_inside(from) || !endpoint_is_inside(*to) || from.protocol == SIPALG_PROTOCOL_TCP ||
	    player_party(player, step->to) == SCENARIO_PARTIES_MAX)
		return wrong;
	struct received *last = received_last(player, step->from, step->to);
	if (!last)
		return store_format(player->store, "%s has not heard from %s yet: say to which address", step->from,
		                    step->to);
	*to = last->source;
	return NULL;
}

/* {transport} and {tcp} are written as the sender's protocol wants it. */
static void transport_set(struct player *player, const char *sender)
{
	bool tcp = player_speaks_tcp(player, sender);
	variables_set(&player->variables, "transport", tcp ? "TCP" : "UDP");
	variables_set(&player->variables, "tcp", tcp ? ";transport=tcp" : "");
}

static const char *send_play(struct player *player, const struct step *step)
{
	struct bytes message;
	sipalg_endpoint to;
	size_t index = player_party(player, step->from);
	const char *wrong = target_resolve(player, step, &to);
	if (wrong)
		return wrong;
	if (step->flags & FLAG_AGAIN) {
		if (index == SCENARIO_PARTIES_MAX || player->wire[index].length == 0)
			return "nothing was sent yet that could be sent again";
		return message_send(player, step, player->target[index], NULL, player->wire[index],
		                    player->sent[index]);
	}
	transport_set(player, step->from);
	if (!message_compose(player->store, player->scenario, step, &player->variables, &message, &wrong))
		return wrong;
	return message_send(player, step, to, NULL, message, message);
}

static struct received *request_find(struct player *player, const struct step *step)
{
	for (size_t i = player->history_count; i > 0; i--) {
		struct received *received = &player->history[i - 1];
		struct bytes headers = { received->bytes.start, message_body(received->bytes) };
		if (strcmp(received->receiver, step->from) != 0 || strcmp(received->sender, step->to) != 0 ||
		    bytes_begin_with(headers, bytes_of("SIP/2.0")))
			continue;
		if (!step->request || bytes_find(headers, 0, bytes_of(step->request)) < headers.length)
			return received;
	}
	return NULL;
}

static const char *reply_play(struct player *player, const struct step *step)
{
	struct bytes wire, seen;
	const char *error = NULL;
	struct received *request = request_find(player, step);
	if (!request)
		return store_format(player->store, "%s has no such request from %s", step->from, step->to);
	transport_set(player, step->from);
	if (!reply_compose(player->store, step, &player->variables, request->bytes, &wire, &error) ||
	    !reply_compose(player->store, step, &player->variables, request->sent, &seen, &error))
		return error;
	struct connection *connection = request->connection && connection_can_send(request->connection, step->from)
	                                        ? request->connection
	                                        : NULL;
	return message_send(player, step, request->source, connection, wire, seen);
}

/* The next datagram for the receiver, from whomever; it is compared with what the sender sent last. */
static const char *datagram_receive(struct player *player, const struct step *step, struct arrival *arrival,
                                    struct bytes *sent)
{
	sipalg_endpoint at;
	size_t sender = player_party(player, step->from);
	const char *wrong = player_endpoint(player, step->to, &at);
	if (wrong)
		return wrong;
	if (sender == SCENARIO_PARTIES_MAX || player->sent[sender].length == 0)
		return store_format(player->store, "%s has sent nothing", step->from);
	*sent = player->sent[sender];
	return player_await(player, at, arrival);
}

static const char *message_check(struct player *player, const struct step *step, const struct received *received)
{
	if (!(step->flags & FLAG_SAME))
		return expected_compare(player->store, step, received->sent, received->bytes, &player->variables);
	struct received *last = received_last(player, step->to, step->from);
	return last && bytes_equal(last->bytes, received->bytes) ? NULL : "these are not the same bytes as last time";
}

static const char *receive_play(struct player *player, const struct step *step)
{
	struct received received = { .sender = step->from, .receiver = step->to };
	struct arrival arrival;
	char text[ENDPOINT_TEXT_MAX];
	bool tcp = player_speaks_tcp(player, step->to);
	if (tcp && (step->flags & (FLAG_CLOSED | FLAG_RESET)))
		return streams_receive_end(player, step);
	const char *wrong = tcp ? streams_receive(player, step, &arrival, &received.connection, &received.sent)
	                        : datagram_receive(player, step, &arrival, &received.sent);
	if (wrong)
		return wrong;
	received.bytes = arrival.bytes;
	received.source = arrival.from;
	fprintf(player->trace, "  %s, from %s, %zu bytes\n", step->line.text, endpoint_write(arrival.from, text),
	        arrival.bytes.length);
	difference_write(player->trace, received.sent, arrival.bytes);
	wrong = message_check(player, step, &received);
	/* A connection's port was looked at when it was opened. */
	if (tcp)
		arrival.from.port = 0;
	if (!wrong && step->source)
		wrong = player_check_source(player, step->source, arrival.from);
	if (!wrong && player->history_count == HISTORY_MAX)
		wrong = "too many messages";
	if (!wrong)
		player->history[player->history_count++] = received;
	return wrong;
}

static const char *step_play(struct player *player, const struct step *step)
{
	switch (step->kind) {
	case STEP_NONE:
		return NULL;
	case STEP_SEND:
		return send_play(player, step);
	case STEP_REPLY:
		return reply_play(player, step);
	case STEP_RECEIVE:
		return receive_play(player, step);
	case STEP_MEDIA:
		return media_play(player, step);
	case STEP_SCAN:
		return scan_play(player, step);
	case STEP_WAIT:
		fprintf(player->trace, "  %s\n", step->line.text);
		player->world->operations->wait(player->world, step->wait_ms);
		return NULL;
	case STEP_ROUTER:
		fprintf(player->trace, "  %s\n", step->line.text);
		return player->world->operations->router(player->world, &step->words);
	case STEP_REASON:
		return reason_play(player, step);
	case STEP_EXPECT:
		return expect_play(player, step);
	case STEP_LET:
		return let_play(player, step);
	case STEP_CONNECT:
	case STEP_CLOSE:
	case STEP_RESET:
	case STEP_PAUSE:
	case STEP_READ:
	case STEP_STUCK:
	case STEP_REFUSE:
	case STEP_LISTEN:
		return streams_play(player, step);
	}
	return NULL;
}

const char *player_play(struct store *store, const struct scenario *scenario, struct world *world, FILE *trace)
{
	struct player *player = store_take(store, sizeof(*player));
	*player = (struct player){ .store = store, .scenario = scenario, .world = world, .trace = trace };
	const char *wrong = NULL;
	for (size_t i = 0; i < scenario->party_count && !wrong; i++)
		wrong = world->operations->open(world, scenario->parties[i].endpoint);
	for (size_t i = 0; i < scenario->step_count && !wrong; i++) {
		wrong = step_play(player, &scenario->steps[i]);
		if (wrong)
			wrong = refuse(player, &scenario->steps[i], wrong);
	}
	if (wrong)
		fprintf(trace, "  FAILED %s\n", wrong);
	return wrong;
}
