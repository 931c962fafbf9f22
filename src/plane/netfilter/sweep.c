/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/sweep.h"
#include "plane/netfilter/number.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

enum {
	PIECE_MAX = 65536, /* bytes of a piece of the listing; the kernel makes them 32 KiB at most */
	PIECES_MAX = 4,    /* taken at one go: messages come first */
	STREAM_TIMEOUT_S = 120,
};

#define STREAM_TIMEOUT_PATH "/proc/sys/net/netfilter/nf_conntrack_udp_timeout_stream"

static void *memory_new(size_t length)
{
	void *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static bool list_open(struct sweep_list *list)
{
	list->questions = memory_new(SWEEP_QUESTIONS_MAX * sizeof(*list->questions));
	list->places = memory_new(SWEEP_PLACES * sizeof(*list->places));
	return list->questions != NULL && list->places != NULL;
}

static void list_close(struct sweep_list *list)
{
	if (list->questions != NULL)
		munmap(list->questions, SWEEP_QUESTIONS_MAX * sizeof(*list->questions));
	if (list->places != NULL)
		munmap(list->places, SWEEP_PLACES * sizeof(*list->places));
	*list = (struct sweep_list){ 0 };
}

bool sweep_open(struct sweep *sweep)
{
	memset(sweep, 0, sizeof(*sweep));
	sweep->stream_timeout_s = number_from_file(STREAM_TIMEOUT_PATH, STREAM_TIMEOUT_S);
	if (list_open(&sweep->waiting) && list_open(&sweep->asked) &&
	    netlink_open(&sweep->netlink, NETLINK_NETFILTER, 0))
		return true;
	sweep_close(sweep);
	return false;
}

void sweep_close(struct sweep *sweep)
{
	netlink_close(&sweep->netlink);
	list_close(&sweep->waiting);
	list_close(&sweep->asked);
}

/* ---- Questions ---- */

static uint64_t endpoint_hash(const sipalg_endpoint *endpoint)
{
	uint64_t network, host;

	memcpy(&network, endpoint->address.bytes, sizeof(network));
	memcpy(&host, endpoint->address.bytes + sizeof(network), sizeof(host));
	host ^= network * UINT64_C(0xff51afd7ed558ccd) ^ ((uint64_t)endpoint->port << 8 | endpoint->protocol);
	host ^= host >> 32;
	return host * UINT64_C(0x9e3779b97f4a7c15);
}

/* The place of an outside endpoint, or the empty one where it would go: there is always one. */
static uint32_t place_of(const struct sweep_list *list, const sipalg_endpoint *outside)
{
	uint64_t hash = endpoint_hash(outside);
	uint32_t tag = (uint32_t)(hash >> 16), number = (uint32_t)(hash >> 48) & (SWEEP_PLACES - 1);

	for (;; number = (number + 1) & (SWEEP_PLACES - 1)) {
		const struct sweep_place *place = &list->places[number];

		if (place->index == 0 ||
		    (place->tag == tag && sipalg_endpoint_equal(&list->questions[place->index - 1].outside, outside)))
			return number;
	}
}

static struct sweep_question *question_about(const struct sweep_list *list, const sipalg_endpoint *outside)
{
	uint32_t index = list->count == 0 ? 0 : list->places[place_of(list, outside)].index;

	return index == 0 ? NULL : &list->questions[index - 1];
}

static bool ask(struct sweep *sweep, const sipalg_command *command, enum sweep_kind kind)
{
	struct sweep_list *list = &sweep->waiting;
	uint32_t number = place_of(list, &command->outside);
	struct sweep_place *place = &list->places[number];

	if (place->index == 0) {
		if (list->count == SWEEP_QUESTIONS_MAX)
			return false;
		*place = (struct sweep_place){ (uint32_t)(endpoint_hash(&command->outside) >> 16), ++list->count };
	}
	list->asks[family_of(&command->outside.address)] = true;
	list->questions[place->index - 1] =
	        (struct sweep_question){ command->inside, command->outside, command->binding,
		                         number,          (uint8_t)kind,    false };
	return true;
}

void sweep_end_flows(struct sweep *sweep, const sipalg_command *command)
{
	(void)ask(sweep, command, SWEEP_CLOSE);
}

bool sweep_ask_traffic(struct sweep *sweep, const sipalg_command *command)
{
	return ask(sweep, command, SWEEP_TRAFFIC);
}

void sweep_end_stale_flows(struct sweep *sweep, const sipalg_command *command)
{
	struct sweep_question *question = sweep->running ? question_about(&sweep->asked, &command->outside) : NULL;

	(void)ask(sweep, command, SWEEP_STALE);
	if (question != NULL && question->kind == SWEEP_CLOSE)
		question->kind = SWEEP_STALE;
}

/* ---- Walking ---- */

uint64_t sweep_deadline(const struct sweep *sweep)
{
	return sweep->running || sweep->waiting.count == 0 ? SIPALG_NEVER : sweep->next_ns;
}

static uint64_t processor_time_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (uint64_t)time.tv_sec * SIPALG_SECOND_NS + (uint64_t)time.tv_nsec;
}

static void list_flows(struct sweep *sweep, enum family family)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[CONNTRACK_MESSAGE_MAX] = { 0 };
	struct netlink_buffer buffer = { .bytes = bytes, .capacity = sizeof(bytes) };

	conntrack_list(&buffer, family, ++sweep->netlink.sequence);
	sweep->failed |= netlink_send(&sweep->netlink, &buffer) != 0;
}

void sweep_begin(struct sweep *sweep, uint64_t now_ns)
{
	struct sweep_list emptied = sweep->asked;
	uint64_t begin_ns;

	if (now_ns < sweep_deadline(sweep))
		return;
	begin_ns = processor_time_ns();
	sweep->asked = sweep->waiting;
	sweep->waiting = emptied;
	sweep->failed = false;
	sweep->walks++;
	sweep->running = true;
	sweep->ipv6_next = sweep->asked.asks[FAMILY_IPV4] && sweep->asked.asks[FAMILY_IPV6];
	list_flows(sweep, sweep->asked.asks[FAMILY_IPV4] ? FAMILY_IPV4 : FAMILY_IPV6);
	sweep->busy_ns = processor_time_ns() - begin_ns; /* the kernel looks for the first piece at once */
	sweep->next_ns = now_ns + SWEEP_INTERVAL_S * SIPALG_SECOND_NS;
}

/* An entered flow that no packet has met still has its long timeout; a packet sets it to the usual one. */
static void look_at_own_flow(const struct sweep *sweep, const struct flow *flow, struct sweep_question *question,
                             struct conntrack *conntrack)
{
	if (question->kind == SWEEP_CLOSE)
		conntrack_delete(conntrack, &flow->original);
	else if (question->kind == SWEEP_TRAFFIC && flow->timeout_s <= sweep->stream_timeout_s)
		question->alive = true;
}

/* What was listed may have been replaced since by the flow that was entered for the binding. (Its number would not
 * tell: the kernel makes it from the tuple and the place in memory, and both may be the same.) */
static void end_stale_flow(const struct flow *flow, const struct sweep_question *question, struct conntrack *conntrack)
{
	struct flow now;

	if (conntrack_find(conntrack, &flow->original, &now) &&
	    conntrack_is_in_the_way(&now, &question->inside, &question->outside))
		conntrack_delete(conntrack, &flow->original);
}

static void look_at_flow(struct sweep *sweep, const struct flow *flow, struct conntrack *conntrack)
{
	struct sweep_question *begun_inside = question_about(&sweep->asked, &flow->reply.destination);
	struct sweep_question *begun_outside = question_about(&sweep->asked, &flow->original.destination);

	if (begun_inside != NULL && sipalg_endpoint_equal(&begun_inside->inside, &flow->original.source))
		look_at_own_flow(sweep, flow, begun_inside, conntrack);
	if (begun_outside == NULL)
		return;
	if (sipalg_endpoint_equal(&begun_outside->inside, &flow->reply.source))
		look_at_own_flow(sweep, flow, begun_outside, conntrack);
	else if (begun_outside->kind == SWEEP_STALE)
		end_stale_flow(flow, begun_outside, conntrack);
}

/* The kernel lists one family after the other. Returns whether there is another one. */
static bool go_on_with_ipv6(struct sweep *sweep)
{
	if (!sweep->ipv6_next || sweep->failed)
		return false;
	sweep->ipv6_next = false;
	list_flows(sweep, FAMILY_IPV6);
	return !sweep->failed;
}

/* Returns whether the walk goes on. */
static bool look_at_piece(struct sweep *sweep, const uint8_t *bytes, size_t length, struct conntrack *conntrack)
{
	int left = (int)length;
	struct flow flow;

	for (const struct nlmsghdr *message = (const struct nlmsghdr *)bytes; mnl_nlmsg_ok(message, left);
	     message = mnl_nlmsg_next(message, &left)) {
		if (message->nlmsg_seq != sweep->netlink.sequence)
			continue;
		if (message->nlmsg_type == NLMSG_ERROR)
			sweep->failed = true;
		if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR)
			return go_on_with_ipv6(sweep);
		if (!flow_read(message, &flow) || flow.original.source.protocol != SIPALG_PROTOCOL_UDP)
			continue;
		look_at_flow(sweep, &flow, conntrack);
	}
	return true;
}

static void questions_answer(struct sweep *sweep, void (*traffic)(void *context, uint32_t binding, bool alive),
                             void *context)
{
	for (uint32_t index = 0; index < sweep->asked.count; index++) {
		const struct sweep_question *question = &sweep->asked.questions[index];

		if (question->kind == SWEEP_TRAFFIC)
			traffic(context, question->binding, question->alive || sweep->failed);
		sweep->asked.places[question->place].index = 0;
	}
	sweep->asked.count = 0;
	memset(sweep->asked.asks, 0, sizeof(sweep->asked.asks));
}

static void take_pieces(struct sweep *sweep, struct conntrack *conntrack)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[PIECE_MAX];

	if (sweep->failed)
		sweep->running = false;
	for (int piece = 0; sweep->running && piece < PIECES_MAX; piece++) {
		ssize_t length = recv(netlink_descriptor(&sweep->netlink), bytes, sizeof(bytes), MSG_DONTWAIT);

		if (length < 0 && errno == EAGAIN)
			return;
		if (length >= 0)
			sweep->running = look_at_piece(sweep, bytes, (size_t)length, conntrack);
		else if (errno != EINTR) {
			sweep->failed = true;
			sweep->running = false;
		}
	}
}

void sweep_go_on(struct sweep *sweep, uint64_t now_ns, struct conntrack *conntrack,
                 void (*traffic)(void *context, uint32_t binding, bool alive), void *context)
{
	uint64_t begin_ns = processor_time_ns();

	take_pieces(sweep, conntrack);
	conntrack_flush(conntrack);
	if (!sweep->running)
		questions_answer(sweep, traffic, context);
	sweep->busy_ns += processor_time_ns() - begin_ns;
	if (now_ns + sweep->busy_ns * SWEEP_SHARE > sweep->next_ns)
		sweep->next_ns = now_ns + sweep->busy_ns * SWEEP_SHARE;
}
