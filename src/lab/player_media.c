/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sound: RTP packets, and where they must arrive. */
#include "lab/player_state.h"

#include <string.h>

/* An RTP packet (RFC 3550 5.1) that no other packet of the scenario equals. */
static struct bytes rtp_packet(struct player *player)
{
	uint32_t number = ++player->media_number;
	char *packet = store_take(player->store, 172);
	packet[0] = (char)0x80; /* version 2, payload type 0 */
	packet[2] = (char)(number >> 8);
	packet[3] = (char)number;
	memset(packet + 12, (int)(number & 0x7f), 160);
	return (struct bytes){ packet, 172 };
}

static const char *media_check(struct player *player, const struct step *step, sipalg_endpoint from, sipalg_endpoint at,
                               struct bytes packet)
{
	struct arrival arrival;
	const char *wrong = player_await(player, at, &arrival);
	if (wrong)
		return wrong;
	if (!bytes_equal(arrival.bytes, packet))
		return "another packet arrived instead";
	if (step->source)
		return player_check_source(player, step->source, arrival.from);
	if (!endpoint_is_inside(from) && !endpoint_equal(arrival.from, from))
		return store_format(player->store, "its source was changed to %s", player_name(player, arrival.from));
	return NULL;
}

const char *media_play(struct player *player, const struct step *step)
{
	struct world *world = player->world;
	sipalg_endpoint from, to, at;
	const char *wrong = player_endpoint(player, step->from, &from);
	if (!wrong)
		wrong = player_endpoint(player, step->to, &to);
	if (!wrong)
		wrong = player_endpoint(player, step->at ? step->at : step->to, &at);
	if (wrong)
		return wrong;
	from.protocol = to.protocol = at.protocol = SIPALG_PROTOCOL_UDP;
	wrong = world->operations->open(world, from);
	if (!wrong && step->at)
		wrong = world->operations->open(world, at);
	if (!wrong && !step->at && player_party(player, step->to) < SCENARIO_PARTIES_MAX)
		wrong = world->operations->open(world, to);
	if (wrong)
		return wrong;
	struct bytes packet = rtp_packet(player);
	fprintf(player->trace, "  %s\n", step->line.text);
	player_silence_begin(player);
	wrong = world->operations->send(world, from, to, packet, false);
	if (wrong)
		return wrong;
	return step->flags & FLAG_NEVER ? player_silence_await(player) : media_check(player, step, from, at, packet);
}
