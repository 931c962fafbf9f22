/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether anything is open: one packet to each port of the router. */
#include "lab/player_state.h"

#include <string.h>

/* The ports that are known to be open, as written: 5060,{rtp}. */
static const char *ports_read(struct player *player, const char *text, uint8_t *ports)
{
	const char *unknown = NULL;
	const char *known = variables_put(player->store, &player->variables, text, false, &unknown);
	if (!known)
		return store_format(player->store, "no message has given {%s} a value yet", unknown);
	while (*known != '\0') {
		size_t length = strcspn(known, ",");
		uint32_t port;
		if (!bytes_number((struct bytes){ known, length }, &port) || port > UINT16_MAX)
			return "the ports that are open are numbers with commas between them";
		scan_ports_pass_over(ports, (uint16_t)port);
		known += length + (known[length] == ',');
	}
	return NULL;
}

const char *scan_play(struct player *player, const struct step *step)
{
	struct world *world = player->world;
	uint8_t *ports = store_take(player->store, SCAN_PORTS_BYTES);
	sipalg_endpoint from, to;
	const char *wrong = player_endpoint(player, step->from, &from);
	if (!wrong)
		wrong = player_endpoint(player, step->to, &to);
	if (!wrong && step->but)
		wrong = ports_read(player, step->but, ports);
	if (!wrong && from.protocol == SIPALG_PROTOCOL_UDP)
		wrong = world->operations->open(world, from);
	if (wrong)
		return wrong;
	fprintf(player->trace, "  %s\n", step->line.text);
	to.protocol = from.protocol;
	player_silence_begin(player);
	wrong = world->operations->scan(world, from, to, ports);
	return wrong ? wrong : player_silence_await(player);
}
