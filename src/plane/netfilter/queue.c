/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/queue.h"
#include "plane/netfilter/packet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter.h> /* after netinet: both would define the same */
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
	PLACE = 69632,     /* bytes for one received message: the largest packet, its attributes, whole pages */
	VERDICT_MAX = 128, /* bytes of a verdict without its packet */
	ATTRIBUTE_HEADER = sizeof(struct nlattr),
	SEND_BUFFER = 4 << 20, /* bytes; where not granted, verdicts go out in several pieces */
	RECEIVE_BUFFER = 8 << 20,
	NUMBERS_TRIED_MAX = 64,
};

/* ---- Setting up ---- */

static struct nlmsghdr *config_begin(struct netlink_buffer *buffer, uint16_t number)
{
	return netlink_begin_netfilter(buffer, buffer->capacity, NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_CONFIG, 0, 0,
	                               AF_UNSPEC, number);
}

static int queue_bind(struct queue *queue, uint16_t number)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[256] = { 0 };
	struct netlink_buffer buffer = { .bytes = bytes, .capacity = sizeof(bytes) };
	struct nfqnl_msg_config_cmd command = { .command = NFQNL_CFG_CMD_BIND, .pf = htons(AF_INET) };
	struct nlmsghdr *message = config_begin(&buffer, number);
	int error;

	mnl_attr_put(message, NFQA_CFG_CMD, sizeof(command), &command);
	error = netlink_ask(&queue->netlink, message, NULL, NULL);
	return error == EPERM ? EBUSY : error; /* the kernel says EPERM when another process holds it */
}

/* Whole packets; when there is no room for more, they pass instead of being dropped. */
static int queue_configure(struct queue *queue)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[256] = { 0 };
	struct netlink_buffer buffer = { .bytes = bytes, .capacity = sizeof(bytes) };
	struct nfqnl_msg_config_params params = { .copy_range = htonl(0xffff), .copy_mode = NFQNL_COPY_PACKET };
	struct nlmsghdr *message = config_begin(&buffer, queue->number);

	mnl_attr_put(message, NFQA_CFG_PARAMS, sizeof(params), &params);
	mnl_attr_put_u32(message, NFQA_CFG_QUEUE_MAXLEN, htonl(QUEUE_LENGTH_MAX));
	mnl_attr_put_u32(message, NFQA_CFG_FLAGS, htonl(NFQA_CFG_F_FAIL_OPEN));
	mnl_attr_put_u32(message, NFQA_CFG_MASK, htonl(NFQA_CFG_F_FAIL_OPEN));
	return netlink_ask(&queue->netlink, message, NULL, NULL);
}

static int queue_find(struct queue *queue, uint16_t number, uint16_t first)
{
	int error = EBUSY;

	if (number != 0) {
		queue->number = number;
		return queue_bind(queue, number);
	}
	for (uint16_t tried = 0; error == EBUSY && tried < NUMBERS_TRIED_MAX; tried++) {
		queue->number = (uint16_t)(first + tried);
		error = queue_bind(queue, queue->number);
	}
	return error;
}

static int queue_prepare(struct queue *queue, uint16_t number, uint16_t first)
{
	void *memory;
	int error = queue_find(queue, number, first);

	if (error == 0)
		error = queue_configure(queue);
	if (error != 0)
		return error;
	netlink_size_buffers(&queue->netlink, SEND_BUFFER, RECEIVE_BUFFER);
	memory = mmap(NULL, (size_t)PLACE * QUEUE_BATCH_MAX, PROT_READ | PROT_WRITE,
	              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return ENOMEM;
	queue->received = memory;
	if (!netlink_buffer_open(&queue->verdicts, (size_t)(PACKET_LENGTH_MAX + VERDICT_MAX) * QUEUE_BATCH_MAX))
		return ENOMEM;
	return 0;
}

int queue_open(struct queue *queue, uint16_t number, uint16_t first)
{
	int error;

	memset(queue, 0, sizeof(*queue));
	if (!netlink_open(&queue->netlink, NETLINK_NETFILTER, 0))
		return errno;
	error = queue_prepare(queue, number, first);
	if (error != 0)
		queue_close(queue);
	return error;
}

void queue_close(struct queue *queue)
{
	netlink_close(&queue->netlink); /* the kernel lets go of the queue and of what waits in it */
	netlink_buffer_close(&queue->verdicts);
	if (queue->received != NULL)
		munmap(queue->received, (size_t)PLACE * QUEUE_BATCH_MAX);
	queue->received = NULL;
}

/* ---- Receiving ---- */

static void entry_read(struct queue_entry *entry, const struct nlmsghdr *message)
{
	const struct nfqnl_msg_packet_hdr *header;
	const struct nlattr *attribute = NULL;

	while ((attribute = netlink_next(message, sizeof(struct nfgenmsg), attribute)) != NULL) {
		switch (mnl_attr_get_type(attribute)) {
		case NFQA_PACKET_HDR:
			header = mnl_attr_get_payload(attribute);
			entry->id = header->packet_id;
			entry->hook = header->hook;
			break;
		case NFQA_MARK:
			entry->mark = ntohl(mnl_attr_get_u32(attribute));
			break;
		case NFQA_IFINDEX_INDEV:
			entry->in_link = ntohl(mnl_attr_get_u32(attribute));
			break;
		case NFQA_IFINDEX_OUTDEV:
			entry->out_link = ntohl(mnl_attr_get_u32(attribute));
			break;
		case NFQA_PAYLOAD:
			entry->bytes = mnl_attr_get_payload(attribute);
			entry->length = mnl_attr_get_payload_len(attribute);
			break;
		default:
			break;
		}
	}
}

static void message_take(struct queue *queue, const uint8_t *bytes, size_t length)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)bytes;
	struct queue_entry *entry = &queue->entries[queue->count];

	if (!mnl_nlmsg_ok(message, (int)length) || message->nlmsg_type != (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET))
		return; /* refusals of verdicts whose packet is gone (its interface went down, the queue was flushed) */
	*entry = (struct queue_entry){ 0 };
	entry_read(entry, message);
	queue->count++;
}

size_t queue_receive(struct queue *queue)
{
	struct mmsghdr headers[QUEUE_BATCH_MAX];
	struct iovec places[QUEUE_BATCH_MAX];
	int received;

	for (size_t index = 0; index < QUEUE_BATCH_MAX; index++) {
		places[index] = (struct iovec){ queue->received + index * PLACE, PLACE };
		headers[index] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &places[index], .msg_iovlen = 1 } };
	}
	queue->count = 0;
	received = recvmmsg(netlink_descriptor(&queue->netlink), headers, QUEUE_BATCH_MAX, MSG_DONTWAIT, NULL);
	if (received < 0 && errno == ENOBUFS)
		queue->overruns++;
	for (int index = 0; index < received; index++)
		message_take(queue, places[index].iov_base, headers[index].msg_len);
	return queue->count;
}

/* ---- Answering ---- */

static struct nlmsghdr *verdict_begin(struct queue *queue, const struct queue_entry *entry, uint32_t verdict)
{
	struct nfqnl_msg_verdict_hdr header = { .verdict = htonl(verdict), .id = entry->id };
	struct nlmsghdr *message =
	        netlink_begin_netfilter(&queue->verdicts, VERDICT_MAX, NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_VERDICT, 0, 0,
	                                AF_UNSPEC, queue->number);

	/* There is room for the largest packet in every entry, so this cannot fail. */
	mnl_attr_put(message, NFQA_VERDICT_HDR, sizeof(header), &header);
	return message;
}

static void verdict_end(struct queue *queue, struct queue_entry *entry, const struct nlmsghdr *message)
{
	entry->verdict = queue->verdicts.length;
	netlink_end(&queue->verdicts, message);
	entry->verdict_length = queue->verdicts.length - entry->verdict;
}

void queue_accept(struct queue *queue, size_t index)
{
	struct queue_entry *entry = &queue->entries[index];

	verdict_end(queue, entry, verdict_begin(queue, entry, NF_ACCEPT));
}

void queue_drop(struct queue *queue, size_t index)
{
	struct queue_entry *entry = &queue->entries[index];

	verdict_end(queue, entry, verdict_begin(queue, entry, NF_DROP));
}

uint8_t *queue_rewrite_begin(struct queue *queue, size_t index, size_t length_max)
{
	struct nlmsghdr *message = verdict_begin(queue, &queue->entries[index], NF_ACCEPT);
	struct nlattr *payload = mnl_nlmsg_get_payload_tail(message);

	payload->nla_type = NFQA_PAYLOAD;
	payload->nla_len = (uint16_t)(ATTRIBUTE_HEADER + length_max);
	return mnl_attr_get_payload(payload);
}

void queue_rewrite_end(struct queue *queue, size_t index, size_t length)
{
	struct nlmsghdr *message = (struct nlmsghdr *)(queue->verdicts.bytes + queue->verdicts.length);
	struct nlattr *payload = mnl_nlmsg_get_payload_tail(message);

	payload->nla_len = (uint16_t)(ATTRIBUTE_HEADER + length);
	message->nlmsg_len += (uint32_t)((ATTRIBUTE_HEADER + length + 3) & ~(size_t)3);
	verdict_end(queue, &queue->entries[index], message);
}

void queue_withdraw(struct queue *queue, size_t index)
{
	struct queue_entry *entry = &queue->entries[index];
	struct nlmsghdr *message = (struct nlmsghdr *)(queue->verdicts.bytes + entry->verdict);
	size_t whole =
	        sizeof(*message) + sizeof(struct nfgenmsg) + ATTRIBUTE_HEADER + sizeof(struct nfqnl_msg_verdict_hdr);

	message->nlmsg_len = (uint32_t)whole; /* the verdict stays, the packet behind it is left out */
	entry->verdict_length = whole;
}

/* The verdicts from entry `from` on that one system call may carry. */
static size_t gather(const struct queue *queue, size_t from, struct iovec *pieces)
{
	size_t length = 0, count = 0;

	for (size_t index = from; index < queue->count; index++) {
		const struct queue_entry *entry = &queue->entries[index];

		if (count > 0 && length + entry->verdict_length > queue->netlink.send_max)
			break;
		pieces[count++] = (struct iovec){ queue->verdicts.bytes + entry->verdict, entry->verdict_length };
		length += entry->verdict_length;
	}
	return count;
}

void queue_answer(struct queue *queue)
{
	struct iovec pieces[QUEUE_BATCH_MAX];
	struct msghdr header = { .msg_iov = pieces };

	for (size_t sent = 0; sent < queue->count; sent += header.msg_iovlen) {
		header.msg_iovlen = gather(queue, sent, pieces);
		/* A full kernel says so and nothing is lost by trying again; anything else is not cured by it. */
		while (sendmsg(netlink_descriptor(&queue->netlink), &header, 0) < 0)
			if (errno != EINTR && errno != ENOBUFS && errno != ENOMEM && errno != EAGAIN)
				break;
	}
	queue->verdicts.length = 0;
	queue->count = 0;
}
