/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages on their way through: from the queue to the engine and back, a batch at a time. */
#include "plane/netfilter/packet.h"
#include "plane/netfilter/state.h"

#include <netinet/in.h>
#include <linux/netfilter.h> /* after netinet: both would define the same */
#include <string.h>

static void set_outside(sipalg_packet *message, const struct links_wan *wan, const sipalg_endpoint *inside)
{
	enum family family = family_of(&inside->address);

	message->outside = wan->outside[family];
	message->other_outside = wan->outside[family == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4];
}

/* Which way a packet goes, and by which interface towards the outside. */
static bool find_direction(const struct plane *plane, const struct queue_entry *entry, const struct packet *packet,
                           sipalg_packet *message)
{
	const struct links_wan *out = links_find_wan(&plane->state, entry->out_link);
	const struct links_wan *in = links_find_wan(&plane->state, entry->in_link);

	if (out != NULL && sipalg_engine_is_inside(plane->engine, &packet->source.address)) {
		message->direction = SIPALG_OUTBOUND;
		set_outside(message, out, &packet->source);
	} else if (in != NULL && sipalg_engine_is_inside(plane->engine, &packet->destination.address)) {
		message->direction = SIPALG_INBOUND;
		set_outside(message, in, &packet->destination);
	} else {
		return false;
	}
	message->bytes = packet->message;
	message->length = packet->message_length;
	message->source = packet->source;
	message->destination = packet->destination;
	return true;
}

/* Sees to it that the port the engine is going to choose is not in use by another host's flow to the same peer: two
 * flows cannot look alike from outside. */
static void pass_over_occupied(struct plane *plane, uint64_t now_ns, const sipalg_packet *message)
{
	for (int tries = 0; tries < PLANE_FORESEE_MAX; tries++) {
		sipalg_endpoint outside = sipalg_engine_foresee(plane->engine, message);
		struct tuple answers = { message->destination, outside };
		struct flow flow;

		if (outside.port == 0 || !conntrack_find(&plane->conntrack, &answers, &flow) ||
		    sipalg_endpoint_equal(&flow.original.source, &message->source) ||
		    sipalg_endpoint_equal(&flow.reply.source, &message->source))
			return;
		if (!ports_occupy(&plane->ports, now_ns, plane->engine, outside.port))
			return;
		sipalg_engine_move_binding(plane->engine, now_ns, message);
	}
}

static void look_up_mapping(struct plane *plane, uint64_t now_ns, sipalg_packet *message, struct plane_cause *cause)
{
	struct tuple sent = { message->source, message->destination };
	struct flow flow;

	if (conntrack_find(&plane->conntrack, &sent, &flow)) {
		cause->has_flow = true;
		cause->mapped = *flow_outside(&flow, &message->source);
		/* A flow that leaves under another address (the user's own `snat`) has no port of ours to offer. */
		if (sipalg_address_equal(&cause->mapped.address, &message->outside))
			message->mapping = cause->mapped.port;
	}
	if (message->mapping == 0)
		pass_over_occupied(plane, now_ns, message);
}

static void rewrite(struct plane *plane, size_t index, const struct packet *packet, const sipalg_verdict *verdict)
{
	uint8_t *out = queue_rewrite_begin(&plane->queue, index, packet->headers + verdict->length);

	queue_rewrite_end(&plane->queue, index, packet_write(packet, verdict->bytes, verdict->length, out));
	plane->counters.rewritten++;
}

/* The message of a packet that is let in, as it is to go on. The copy meets no hook where it could be queued. */
static void handle_let_in(struct plane *plane, uint64_t now_ns, size_t index, sipalg_packet *message)
{
	const struct plane_cause cause = { .origin = (uint16_t)index, .packet = message };
	sipalg_verdict verdict;

	sipalg_engine_handle(plane->engine, now_ns, message, &verdict);
	if (plane->observer.handled != NULL)
		plane->observer.handled(plane->observer.context, now_ns, message, &verdict);
	commands_gather(plane, now_ns, &cause);
	commands_commit(plane, now_ns);
	if (plane->withdrawn[index])
		return;
	message->bytes = verdict.bytes;
	message->length = verdict.length;
}

static void enter_let_in(struct plane *plane, const sipalg_binding_view *binding, const sipalg_endpoint *peer)
{
	const sipalg_command enter = { .kind = SIPALG_COMMAND_ENTER_FLOW,
		                       .binding = binding->binding,
		                       .inside = binding->inside,
		                       .outside = binding->outside,
		                       .peer = *peer,
		                       .lease_s = SIPALG_UNANSWERED_S };

	(void)peers_add(&plane->peers, binding->binding, peer);
	conntrack_enter(&plane->conntrack, &enter, true);
	conntrack_flush(&plane->conntrack);
}

/* The first packet of a flow from outside, before it is translated. False: it goes on as it is. */
static bool let_in(struct plane *plane, uint64_t now_ns, size_t index, const struct packet *packet)
{
	const struct links_wan *wan = links_find_wan(&plane->state, plane->queue.entries[index].in_link);
	sipalg_packet message = { .bytes = packet->message,
		                  .length = packet->message_length,
		                  .source = packet->source,
		                  .direction = SIPALG_INBOUND };
	sipalg_binding_view binding;

	if (wan == NULL || !sipalg_engine_find_binding(plane->engine, &packet->destination, &binding))
		return false;
	if (!letin_may(&plane->letin, now_ns, binding.binding)) {
		plane->counters.let_in_refused++;
		return false;
	}
	plane->counters.let_in++;
	enter_let_in(plane, &binding, &packet->source);
	message.destination = binding.inside;
	set_outside(&message, wan, &binding.inside);
	if (binding.signalling)
		handle_let_in(plane, now_ns, index, &message);
	return packet_can_hold(packet, message.length) &&
	       letin_send(&plane->letin, packet, message.bytes, message.length);
}

static void handle_arrival(struct plane *plane, uint64_t now_ns, size_t index)
{
	const struct queue_entry *entry = &plane->queue.entries[index];
	struct packet packet;

	if (packet_read(entry->bytes, entry->length, &packet) && let_in(plane, now_ns, index, &packet))
		queue_drop(&plane->queue, index); /* the copy has taken its place */
	else
		queue_accept(&plane->queue, index);
}

/* A copy is cut into fragments where the packet itself would be dropped (RFC 8200 5: no router cuts). What its message
 * names has to be in force before. (On the way in the packet has its inside destination by now: a copy would be a flow
 * of its own.) */
static bool replace(struct plane *plane, uint64_t now_ns, size_t index, const struct packet *packet,
                    const sipalg_verdict *verdict, const struct plane_cause *cause)
{
	commands_gather(plane, now_ns, cause);
	commands_commit(plane, now_ns);
	if (plane->withdrawn[index] || !letin_send(&plane->letin, packet, verdict->bytes, verdict->length))
		return false;
	plane->counters.rewritten++;
	queue_drop(&plane->queue, index);
	return true;
}

static void handle(struct plane *plane, uint64_t now_ns, size_t index)
{
	const struct queue_entry *entry = &plane->queue.entries[index];
	struct plane_cause cause = { .origin = (uint16_t)index };
	sipalg_packet message = { 0 };
	struct packet packet;
	sipalg_verdict verdict;

	if (!packet_read(entry->bytes, entry->length, &packet) || !find_direction(plane, entry, &packet, &message)) {
		plane->counters.unfit++;
		queue_accept(&plane->queue, index);
		return;
	}
	cause.packet = &message;
	if (message.direction == SIPALG_OUTBOUND && sipalg_engine_wants_mapping(plane->engine, &message))
		look_up_mapping(plane, now_ns, &message, &cause);
	sipalg_engine_handle(plane->engine, now_ns, &message, &verdict);
	if (plane->observer.handled != NULL)
		plane->observer.handled(plane->observer.context, now_ns, &message, &verdict);
	if (verdict.bytes == message.bytes || !packet_can_hold(&packet, verdict.length))
		queue_accept(&plane->queue, index);
	else if (message.direction != SIPALG_OUTBOUND || !packet_outgrows(&packet, verdict.length) ||
	         !replace(plane, now_ns, index, &packet, &verdict, &cause))
		rewrite(plane, index, &packet, &verdict);
	commands_gather(plane, now_ns, &cause);
}

/* Handles what one receive brought. All that the messages mention is in force before the first of them is released. */
static void batch_handle(struct plane *plane, uint64_t now_ns)
{
	size_t count = plane->queue.count;

	plane->opened_count = 0;
	memset(plane->withdrawn, 0, sizeof(plane->withdrawn));
	plane->counters.wakeups++;
	plane->counters.messages += count;
	for (size_t index = 0; index < count; index++)
		if (intercept_take(plane, now_ns, index))
			continue;
		else if (plane->queue.entries[index].hook == NF_INET_PRE_ROUTING)
			handle_arrival(plane, now_ns, index);
		else
			handle(plane, now_ns, index);
	commands_commit(plane, now_ns);
	for (size_t index = 0; index < count; index++)
		if (plane->withdrawn[index])
			queue_withdraw(&plane->queue, index);
	queue_answer(&plane->queue);
	plane->opened_count = 0;
}

void passage_work(struct plane *plane, uint64_t now_ns)
{
	size_t count = QUEUE_BATCH_MAX;

	for (int batch = 0; batch < PLANE_BATCHES_MAX && count == QUEUE_BATCH_MAX; batch++) {
		count = queue_receive(&plane->queue);
		if (count > 0)
			batch_handle(plane, now_ns);
	}
}
