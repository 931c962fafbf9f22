/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the player knows while it plays: for player*.c alone. */
#ifndef LAB_PLAYER_STATE_H
#define LAB_PLAYER_STATE_H

#include "lab/connections.h"
#include "lab/variables.h"

enum {
	PENDING_MAX = 64,  /* datagrams that arrived and nobody asked for yet */
	HISTORY_MAX = 512, /* messages that arrived */
};

/* A message that has arrived: what its sender wrote, what came. */
struct received {
	const char *sender, *receiver; /* names */
	struct bytes sent, bytes;
	sipalg_endpoint source;
	struct connection *connection; /* NULL: a datagram */
};

struct player {
	struct store *store;
	const struct scenario *scenario;
	struct world *world;
	FILE *trace;
	struct variables variables;
	struct arrival pending[PENDING_MAX];
	size_t pending_count;
	struct connections connections;
	struct arrival accepted; /* the connection that came last and that nobody expected yet */
	size_t arrived;          /* bytes over connections, in all */
	struct received history[HISTORY_MAX];
	size_t history_count;
	/* What each party sent last, as it should be seen if nothing changed it, and as it sent it; and where to. */
	struct bytes sent[SCENARIO_PARTIES_MAX], wire[SCENARIO_PARTIES_MAX];
	sipalg_endpoint target[SCENARIO_PARTIES_MAX];
	uint32_t media_number;
};

/* ---- player.c ---- */

/* The number of the party whose name `text` begins with; SCENARIO_PARTIES_MAX: none. */
size_t player_party(const struct player *player, const char *text);
bool player_speaks_tcp(const struct player *player, const char *party);
const char *player_endpoint(struct player *player, const char *text, sipalg_endpoint *endpoint);

/* "a (192.168.1.2:5060)" */
const char *player_name(const struct player *player, sipalg_endpoint endpoint);

/* Takes in what arrives next, waiting at most so long. False: nothing did. */
bool player_take_in(struct player *player, uint32_t wait_ms);

/* Takes the next datagram that arrives there. */
const char *player_await(struct player *player, sipalg_endpoint at, struct arrival *arrival);

/* The packet's source against the pattern the scenario gives, which may capture: 203.0.113.1:{port}. */
const char *player_check_source(struct player *player, const char *pattern, sipalg_endpoint from);

/* What was overheard so far does not count; nothing more may arrive, and nothing may reach a port where nobody listens.
 */
void player_silence_begin(struct player *player);
const char *player_silence_await(struct player *player);

/* ---- player_media.c, player_scan.c, player_checks.c ---- */

const char *media_play(struct player *player, const struct step *step);
const char *scan_play(struct player *player, const struct step *step);
const char *expect_play(struct player *player, const struct step *step);
const char *let_play(struct player *player, const struct step *step);
const char *reason_play(struct player *player, const struct step *step);

/* ---- player_streams.c ---- */

/* What a world says about a connection. */
void streams_take_in(struct player *player, const struct arrival *arrival);

/* connects, closes, resets, pauses, reads, stuck, refuses, listens */
const char *streams_play(struct player *player, const struct step *step);

/* Sends over the connection, or over the newest that fits when it is NULL; where there is none, one is opened. */
const char *streams_send(struct player *player, const struct step *step, struct connection *connection,
                         struct bytes wire, struct bytes seen);

/* Waits for the next message; *sent is what its sender wrote. */
const char *streams_receive(struct player *player, const struct step *step, struct arrival *arrival,
                            struct connection **connection, struct bytes *sent);

/* s <- a closed, reset or ended */
const char *streams_receive_end(struct player *player, const struct step *step);

#endif
