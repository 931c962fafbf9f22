/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's commands, carried out. */
#include "plane/netfilter/state.h"

#include <errno.h>
#include <string.h>

static void remember_opened(struct plane *plane, const sipalg_command *command, const struct plane_cause *cause)
{
	if (cause->origin != PLANE_ORIGIN_NONE && plane->opened_count < PLANE_OPENED_MAX)
		plane->opened[plane->opened_count++] = (struct plane_opened){ command->binding, cause->origin };
}

/* NAT goes on as a flow began. When the host's flow was begun under another mapping than the one just opened, the flow
 * has to begin anew, or the host would be heard from an address that its own message does not name. */
static void end_stale_flow(struct plane *plane, const sipalg_command *command, const struct plane_cause *cause)
{
	struct tuple tuple;

	if (!cause->has_flow || !sipalg_endpoint_equal(&command->inside, &cause->packet->source) ||
	    sipalg_endpoint_equal(&command->outside, &cause->mapped))
		return;
	tuple = (struct tuple){ cause->packet->source, cause->packet->destination };
	conntrack_delete(&plane->conntrack, &tuple);
}

/* Where nobody may connect to anybody inside, no packet needs to be looked at for it. The chain comes with the first
 * binding of TCP; rules_check() lets it go. */
static void note_opened(struct plane *plane, const sipalg_command *command)
{
	struct ruleset_contents *contents = &plane->contents;

	if (command->outside.protocol != SIPALG_PROTOCOL_TCP)
		return;
	plane->connectable++;
	if (contents->connectable)
		return;
	contents->connectable = true;
	if (plane->on)
		(void)ruleset_update(&plane->nftables, contents); /* a table that is gone is put back by commit() */
}

static void note_closed(struct plane *plane, const sipalg_command *command)
{
	if (command->outside.protocol == SIPALG_PROTOCOL_TCP && plane->connectable > 0)
		plane->connectable--;
}

static void carry_open(struct plane *plane, const sipalg_command *command, const struct plane_cause *cause)
{
	note_opened(plane, command);
	remember_opened(plane, command, cause);
	sweep_end_stale_flows(&plane->sweep, command);
	end_stale_flow(plane, command, cause);
	elements_open_binding(&plane->elements, command);
}

static void carry_admit(struct plane *plane, const sipalg_command *command)
{
	sipalg_endpoint peer = command->peer;

	peer.port = 0; /* a server may answer from another port than it was asked at */
	if (command->admits == SIPALG_ADMITS_PEERS && peers_add(&plane->peers, command->binding, &peer))
		elements_admit_peer(&plane->elements, command);
}

static void carry_dismiss(struct plane *plane, const sipalg_command *command)
{
	if (peers_remove(&plane->peers, command->binding, &command->peer.address))
		elements_dismiss_peer(&plane->elements, command);
}

static void carry_close(struct plane *plane, const sipalg_command *command, uint64_t now_ns)
{
	uint32_t cursor = PEERS_END;
	const struct peer *peer;
	bool cuts = plane->on && !command->keep_flows; /* what is switched off does not cut flows */

	note_closed(plane, command);
	if (plane->commit_ns == SIPALG_NEVER)
		plane->commit_ns = now_ns + PLANE_CLOSING_MS * (SIPALG_SECOND_NS / 1000);
	elements_close_binding(&plane->elements, command, &plane->peers);
	while (cuts && (peer = peers_next(&plane->peers, command->binding, &cursor)) != NULL) {
		struct tuple tuple = { peer_endpoint(peer), command->outside };

		if (peer->port != 0)
			conntrack_delete(&plane->conntrack, &tuple);
	}
	if (cuts)
		sweep_end_flows(&plane->sweep, command);
	peers_forget(&plane->peers, command->binding);
}

/* Usually the flow's first packet does the same for less. Not where a firewall would drop it, nor where the peer has
 * only now been admitted: what it sent before that has begun a flow to the router itself. */
static bool needs_entry(const struct plane *plane, const sipalg_command *command)
{
	return plane->contents.let_in[family_of(&command->inside.address)] || command->admits == SIPALG_ADMITS_PEERS;
}

/* A flow of another port of the same host may hold the outside port, when translation without us chose it: it keeps
 * ports where it can, so only one that is not the host's own is worth a question. (The sweep sees the rest.) */
static bool may_be_in_the_way(const sipalg_command *command)
{
	return command->inside.port != command->outside.port;
}

static void carry_flow(struct plane *plane, const sipalg_command *command)
{
	if (!plane->on)
		return;
	(void)peers_add(&plane->peers, command->binding, &command->peer);
	if (command->kind == SIPALG_COMMAND_HOLD_FLOW)
		conntrack_hold(&plane->conntrack, command);
	else if (needs_entry(plane, command))
		conntrack_enter(&plane->conntrack, command, true);
	else if (may_be_in_the_way(command))
		conntrack_enter(&plane->conntrack, command, false);
}

static void carry(struct plane *plane, uint64_t now_ns, const sipalg_command *command, const struct plane_cause *cause)
{
	switch (command->kind) {
	case SIPALG_COMMAND_OPEN:
		carry_open(plane, command, cause);
		break;
	case SIPALG_COMMAND_ADMIT:
		carry_admit(plane, command);
		break;
	case SIPALG_COMMAND_DISMISS:
		carry_dismiss(plane, command);
		break;
	case SIPALG_COMMAND_REFRESH:
		elements_refresh_binding(&plane->elements, command, &plane->peers);
		break;
	case SIPALG_COMMAND_CLOSE:
		carry_close(plane, command, now_ns);
		break;
	case SIPALG_COMMAND_ENTER_FLOW:
	case SIPALG_COMMAND_HOLD_FLOW:
		carry_flow(plane, command);
		break;
	case SIPALG_COMMAND_ASK_TRAFFIC:
		if (!sweep_ask_traffic(&plane->sweep, command))
			sipalg_engine_report_traffic(plane->engine, now_ns, command->binding, true);
		break;
	case SIPALG_COMMAND_NONE:
		break;
	}
}

/* A binding that the kernel would not take does not exist: the message that brought it must not mention it, nor those
 * that came after it in this batch (a retransmission, an answer). */
static void refuse_binding(void *context, uint32_t binding)
{
	struct plane *plane = context;
	const struct plane_opened *opened = NULL;

	plane->counters.bindings_refused++;
	sipalg_engine_forget_binding(plane->engine, binding);
	peers_forget(&plane->peers, binding);
	for (size_t index = 0; index < plane->opened_count; index++)
		if (plane->opened[index].binding == binding)
			opened = &plane->opened[index];
	for (size_t index = opened == NULL ? 0 : opened->origin; index < QUEUE_BATCH_MAX; index++)
		plane->withdrawn[index] = true;
}

static void commit(struct plane *plane, uint64_t now_ns)
{
	plane->commit_ns = SIPALG_NEVER;
	if (!plane->on) {
		elements_drop(&plane->elements);
		return;
	}
	if (elements_commit(&plane->elements, &plane->nftables, refuse_binding, plane) != ENOENT)
		return;
	plane_say(plane, "somebody removed table inet sipalg (nft flush ruleset?); it is put back");
	if (restore_table(plane, now_ns) != 0)
		plane->check_ns = now_ns; /* tried again then */
}

void commands_gather(struct plane *plane, uint64_t now_ns, const struct plane_cause *cause)
{
	sipalg_command command;

	while (sipalg_engine_next_command(plane->engine, &command)) {
		if (!elements_have_room(&plane->elements))
			commit(plane, now_ns);
		carry(plane, now_ns, &command, cause);
	}
}

void commands_commit(struct plane *plane, uint64_t now_ns)
{
	if (plane->elements.urgent > 0 || now_ns >= plane->commit_ns)
		commit(plane, now_ns);
	conntrack_flush(&plane->conntrack);
}
