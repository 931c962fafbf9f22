/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The player's steps over TCP. */
#include "lab/expected.h"
#include "lab/player_state.h"

#include <string.h>

void streams_take_in(struct player *player, const struct arrival *arrival)
{
	struct connection_end *end = connection_end_of(&player->connections, arrival->end);
	if (arrival->kind == ARRIVAL_ACCEPTED) {
		player->accepted = *arrival;
		return;
	}
	if (!end)
		return;
	if (arrival->kind == ARRIVAL_BYTES) {
		connection_receive(player->store, end, arrival->bytes);
		player->arrived += arrival->bytes.length;
	}
	end->closed = end->closed || arrival->kind == ARRIVAL_CLOSED;
	end->reset = end->reset || arrival->kind == ARRIVAL_RESET;
	for (size_t i = 0; i < player->connections.count && arrival->kind == ARRIVAL_CONNECTED; i++)
		if (end == &player->connections.list[i].ends[0])
			player->connections.list[i].stands = true;
}

/* ---- Opening ---- */

/* Both ends know of the connection, or one of them knows that there will be none. */
static bool connection_await(struct player *player, struct connection *connection, uint32_t wait_ms)
{
	while (!(connection->stands && player->accepted.kind == ARRIVAL_ACCEPTED) && !connection->ends[0].reset)
		if (!player_take_in(player, wait_ms))
			return false;
	return !connection->ends[0].reset;
}

static const char *party_at(const struct player *player, sipalg_endpoint endpoint)
{
	for (size_t i = 0; i < player->scenario->party_count; i++)
		if (endpoint_equal(player->scenario->parties[i].endpoint, endpoint))
			return player->scenario->parties[i].name;
	return NULL;
}

static const char *connection_begin(struct player *player, const struct step *step, struct connection *connection)
{
	sipalg_endpoint from, to;
	size_t party = player_party(player, step->from);
	const char *wrong = player_endpoint(player, step->from, &from);
	if (!wrong)
		wrong = player_endpoint(player, step->to, &to);
	if (wrong)
		return wrong;
	if (party == SCENARIO_PARTIES_MAX)
		return "connections are opened by a phone or a server that has a name";
	from.protocol = to.protocol = SIPALG_PROTOCOL_TCP;
	if (!strchr(step->from, ':'))
		from.port = 0;
	connection->to = to;
	connection->ends[0].party = player->scenario->parties[party].name;
	player->accepted = (struct arrival){ 0 };
	player_silence_begin(player);
	return player->world->operations->connect(player->world, from, to, &connection->ends[0].number);
}

/* Over here means: nobody shall find it any more. */
static const char *connection_give_up(struct player *player, struct connection *connection)
{
	connection->over = true;
	return player->world->operations->finish(player->world, connection->ends[0].number, true);
}

static const char *refusal_await(struct player *player, const struct step *step, struct connection *connection)
{
	if (step->flags & FLAG_REFUSED) {
		while (!connection->ends[0].reset && player_take_in(player, player->world->arrival_ms))
			;
		connection->over = true;
		return connection->ends[0].reset ? NULL : "it was not refused";
	}
	const char *wrong = player_silence_await(player);
	if (!wrong && player->accepted.kind == ARRIVAL_ACCEPTED)
		wrong = store_format(player->store, "it arrived at %s", player_name(player, player->accepted.at));
	if (!wrong && connection->stands)
		wrong = "the router itself accepted it";
	const char *given_up = connection_give_up(player, connection);
	return wrong ? wrong : given_up;
}

/* Who was asked has accepted, and sees the right source. */
static const char *connection_check(struct player *player, const struct step *step, struct connection *connection)
{
	const struct arrival *accepted = &player->accepted;
	const char *party = party_at(player, accepted->at);
	const char *wanted = step->at ? step->at : step->to;
	struct connection_end *end = &connection->ends[1];
	if (!party || (player_party(player, wanted) < SCENARIO_PARTIES_MAX && strcmp(party, wanted) != 0))
		return store_format(player->store, "it arrived at %s", player_name(player, accepted->at));
	*end = (struct connection_end){ .number = accepted->end, .party = party, .far = accepted->from };
	connection->ends[0].far = connection->to;
	fprintf(player->trace, "      accepted by %s, from %s\n", party, player_name(player, accepted->from));
	if (step->source)
		return player_check_source(player, step->source, accepted->from);
	const struct party *opener = scenario_party(player->scenario, bytes_of(connection->ends[0].party));
	if (endpoint_is_inside(opener->endpoint) ||
	    sipalg_address_equal(&opener->endpoint.address, &accepted->from.address))
		return NULL;
	return store_format(player->store, "its source was changed to %s", player_name(player, accepted->from));
}

static const char *connection_open(struct player *player, const struct step *step, struct connection **opened)
{
	struct connection *connection = connection_add(&player->connections, step->connection);
	if (!connection)
		return "too many connections";
	const char *wrong = connection_begin(player, step, connection);
	if (wrong)
		return wrong;
	if (step->flags & (FLAG_REFUSED | FLAG_NEVER) && step->kind == STEP_CONNECT)
		return refusal_await(player, step, connection);
	if (!connection_await(player, connection, player->world->arrival_ms))
		return connection->ends[0].reset ? "the connection was refused" : "the connection did not arrive";
	*opened = connection;
	return connection_check(player, step, connection);
}

/* ---- Sending ---- */

static const char *segments_write(struct player *player, const struct step *step, unsigned end, struct bytes held,
                                  struct bytes message)
{
	struct bytes all = message;
	size_t at = 0, cut = 0;
	if (held.length > 0)
		all = bytes_join(player->store, held, message);
	while (at < all.length) {
		size_t next = all.length;
		if (step->flags & FLAG_EVERY)
			next = at + step->cuts[0];
		else if (cut < step->cut_count)
			next = held.length + step->cuts[cut++];
		next = next < all.length ? next : all.length;
		const char *wrong = player->world->operations->write(player->world, end,
		                                                     (struct bytes){ all.start + at, next - at });
		if (wrong)
			return wrong;
		at = next;
		while (at < all.length && player_take_in(player, 0))
			;
	}
	return NULL;
}

/* An address stands for the connection that was opened to it. */
static const char *connection_choose(struct player *player, const struct step *step, struct connection **connection)
{
	sipalg_endpoint to;
	if (player_party(player, step->to) < SCENARIO_PARTIES_MAX) {
		*connection = connection_find(&player->connections, step->connection, step->from, step->to,
		                              CONNECTION_TO_SEND);
	} else {
		const char *wrong = player_endpoint(player, step->to, &to);
		if (wrong)
			return wrong;
		to.protocol = SIPALG_PROTOCOL_TCP;
		*connection = connection_to(&player->connections, step->from, to);
	}
	if (*connection)
		return NULL;
	if (step->connection)
		return store_format(player->store, "there is no connection \"%s\" between them", step->connection);
	const struct step open = { .kind = STEP_SEND, .from = step->from, .to = step->to };
	return connection_open(player, &open, connection);
}

const char *streams_send(struct player *player, const struct step *step, struct connection *connection,
                         struct bytes wire, struct bytes seen)
{
	const char *wrong = connection ? NULL : connection_choose(player, step, &connection);
	if (wrong)
		return wrong;
	struct connection_end *end = connection_end_at(connection, step->from);
	if (!(step->flags & FLAG_NEVER) && !connection_note(end, seen))
		return "too many messages are on their way";
	if (step->flags & FLAG_HELD) {
		end->held = bytes_join(player->store, end->held, wire);
		return NULL;
	}
	player_silence_begin(player);
	wrong = segments_write(player, step, end->number, end->held, wire);
	end->held.length = 0;
	if (!wrong && (step->flags & FLAG_NEVER))
		wrong = player_silence_await(player);
	return wrong;
}

/* ---- Receiving ---- */

static const char *message_await(struct player *player, struct connection_end *end, struct bytes sent, size_t *length)
{
	while ((*length = connection_message(end, sent)) == 0) {
		if (end->reset)
			return "the connection was reset";
		if (end->closed)
			return store_format(player->store, "the stream ended after %zu bytes", end->length);
		if (player_take_in(player, player->world->arrival_ms))
			continue;
		message_write(player->trace, "      ", (struct bytes){ end->received, end->length });
		return store_format(player->store, "only %zu bytes of a message arrived", end->length);
	}
	return NULL;
}

const char *streams_receive(struct player *player, const struct step *step, struct arrival *arrival,
                            struct connection **connection, struct bytes *sent)
{
	size_t length;
	*connection =
	        connection_find(&player->connections, step->connection, step->from, step->to, CONNECTION_TO_RECEIVE);
	if (!*connection)
		return store_format(player->store, "%s has sent nothing to %s that has not arrived yet", step->from,
		                    step->to);
	struct connection_end *sender = connection_end_at(*connection, step->from);
	struct connection_end *end = connection_end_at(*connection, step->to);
	if (sender->sent_count == 0)
		return store_format(player->store, "%s has sent nothing there that has not arrived yet", step->from);
	*sent = sender->sent[0];
	const char *wrong = message_await(player, end, *sent, &length);
	if (wrong)
		return wrong;
	*arrival = (struct arrival){ .kind = ARRIVAL_BYTES, .from = end->far, .end = end->number };
	arrival->bytes = connection_take(player->store, end, sender, length);
	if (sender->sent_count == 0 && end->length > 0)
		return store_format(player->store, "%zu bytes arrived that nobody sent", end->length);
	return NULL;
}

const char *streams_receive_end(struct player *player, const struct step *step)
{
	struct connection *connection =
	        connection_find(&player->connections, step->connection, step->from, step->to, CONNECTION_TO_END);
	if (!connection)
		return "there is no such connection";
	struct connection_end *end = connection_end_at(connection, step->to);
	end->told = true;
	while (!end->closed && !end->reset)
		if (!player_take_in(player, player->world->arrival_ms))
			return "the connection goes on";
	if (end->length > 0 && !end->reset)
		return store_format(player->store, "%zu bytes came before that nobody has asked for", end->length);
	unsigned ended = FLAG_CLOSED | FLAG_RESET;
	connection->over = connection->over || end->reset || (step->flags & ended) == ended;
	if (end->reset && !(step->flags & FLAG_RESET))
		return "the connection was reset";
	return end->reset || (step->flags & FLAG_CLOSED) ? NULL : "it was closed, not reset";
}

/* ---- Acts ---- */

static const char *connection_finish(struct player *player, const struct step *step, struct connection *connection,
                                     struct connection_end *end)
{
	bool reset = step->kind == STEP_RESET;
	end->finished = true;
	connection->over = connection->over || reset;
	return player->world->operations->finish(player->world, end->number, reset);
}

static const char *stuck_check(struct player *player, const struct connection_end *end)
{
	while (player_take_in(player, player->world->silence_ms))
		;
	return player->world->operations->stuck(player->world, end->number) ? NULL : "all that was sent has left";
}

static const char *listening_change(struct player *player, const struct step *step)
{
	sipalg_endpoint endpoint;
	const char *wrong = player_endpoint(player, step->from, &endpoint);
	if (wrong)
		return wrong;
	return (step->kind == STEP_LISTEN ? player->world->operations->open
	                                  : player->world->operations->refuse)(player->world, endpoint);
}

const char *streams_play(struct player *player, const struct step *step)
{
	struct connection *connection = NULL;
	fprintf(player->trace, "  %s\n", step->line.text);
	if (step->kind == STEP_CONNECT)
		return connection_open(player, step, &connection);
	if (step->kind == STEP_REFUSE || step->kind == STEP_LISTEN)
		return listening_change(player, step);
	connection = connection_find(&player->connections, step->connection, step->from, step->to, CONNECTION_TO_SEND);
	if (!connection)
		return "there is no such connection";
	struct connection_end *end = connection_end_at(connection, step->from);
	if (step->kind == STEP_CLOSE || step->kind == STEP_RESET)
		return connection_finish(player, step, connection, end);
	if (step->kind == STEP_STUCK)
		return stuck_check(player, end);
	player->world->operations->pause(player->world, end->number, step->kind == STEP_PAUSE);
	return NULL;
}
