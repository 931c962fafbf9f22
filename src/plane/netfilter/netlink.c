/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
	ANSWER_MAX = 65536, /* bytes of one part of an answer; the kernel makes them 32 KiB at most */
	SEND_MIN = 16384,
};

bool netlink_open(struct netlink *netlink, int bus, unsigned int groups)
{
	int one = 1;

	*netlink = (struct netlink){ 0 };
	netlink->socket = mnl_socket_open2(bus, SOCK_CLOEXEC);
	if (netlink->socket == NULL)
		return false;
	if (mnl_socket_bind(netlink->socket, groups, MNL_SOCKET_AUTOPID) < 0) {
		netlink_close(netlink);
		return false;
	}
	/* A refusal need not repeat the refused request. Absent before 4.3, where it only costs time. */
	mnl_socket_setsockopt(netlink->socket, NETLINK_CAP_ACK, &one, sizeof(one));
	netlink_size_buffers(netlink, 1 << 18, 1 << 18);
	return true;
}

void netlink_close(struct netlink *netlink)
{
	if (netlink->socket != NULL)
		mnl_socket_close(netlink->socket);
	netlink->socket = NULL;
}

int netlink_descriptor(const struct netlink *netlink)
{
	return mnl_socket_get_fd(netlink->socket);
}

static void buffer_size(int descriptor, int forced, int usual, int bytes)
{
	if (setsockopt(descriptor, SOL_SOCKET, forced, &bytes, sizeof(bytes)) != 0)
		setsockopt(descriptor, SOL_SOCKET, usual, &bytes, sizeof(bytes));
}

void netlink_size_buffers(struct netlink *netlink, int send_bytes, int receive_bytes)
{
	int descriptor = netlink_descriptor(netlink), granted = 0;
	socklen_t length = sizeof(granted);

	buffer_size(descriptor, SO_SNDBUFFORCE, SO_SNDBUF, send_bytes);
	buffer_size(descriptor, SO_RCVBUFFORCE, SO_RCVBUF, receive_bytes);
	if (getsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &granted, &length) != 0 || granted < SEND_MIN)
		granted = SEND_MIN;
	/* The kernel counts its own overhead in; half of what it grants is always taken. */
	netlink->send_max = (size_t)granted / 2;
}

bool socket_hear_nothing(int descriptor)
{
	struct sock_filter nothing = { .code = BPF_RET | BPF_K, .k = 0 };
	struct sock_fprog program = { .len = 1, .filter = &nothing };

	return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0;
}

bool netlink_hear_nothing(struct netlink *netlink)
{
	return socket_hear_nothing(netlink_descriptor(netlink));
}

bool netlink_buffer_open(struct netlink_buffer *buffer, size_t capacity)
{
	void *memory = mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	*buffer = (struct netlink_buffer){ 0 };
	if (memory == MAP_FAILED)
		return false;
	*buffer = (struct netlink_buffer){ .bytes = memory, .capacity = capacity };
	return true;
}

void netlink_buffer_close(struct netlink_buffer *buffer)
{
	if (buffer->bytes != NULL)
		munmap(buffer->bytes, buffer->capacity);
	*buffer = (struct netlink_buffer){ 0 };
}

struct nlmsghdr *netlink_begin(struct netlink_buffer *buffer, size_t room, uint16_t type, uint16_t flags,
                               uint32_t sequence)
{
	struct nlmsghdr *message;

	if (buffer->capacity - buffer->length < room)
		return NULL;
	message = mnl_nlmsg_put_header(buffer->bytes + buffer->length);
	message->nlmsg_type = type;
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	message->nlmsg_seq = sequence;
	return message;
}

struct nlmsghdr *netlink_begin_netfilter(struct netlink_buffer *buffer, size_t room, uint16_t type, uint16_t flags,
                                         uint32_t sequence, uint8_t family, uint16_t resource)
{
	struct nlmsghdr *message = netlink_begin(buffer, room, type, flags, sequence);
	struct nfgenmsg *header;

	if (message == NULL)
		return NULL;
	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->nfgen_family = family;
	header->version = NFNETLINK_V0;
	header->res_id = htons(resource);
	return message;
}

void netlink_end(struct netlink_buffer *buffer, const struct nlmsghdr *message)
{
	buffer->length += ((size_t)message->nlmsg_len + MNL_ALIGNTO - 1) & ~(size_t)(MNL_ALIGNTO - 1);
}

int netlink_send(struct netlink *netlink, struct netlink_buffer *buffer)
{
	ssize_t sent = mnl_socket_sendto(netlink->socket, buffer->bytes, buffer->length);

	buffer->length = 0;
	return sent < 0 ? errno : 0;
}

/* One part of an answer. Returns 1: more is to come, 0: that was all, or a negative errno value. */
static int answer_read(const uint8_t *bytes, size_t length, uint32_t sequence, mnl_cb_t answer, void *context)
{
	int left = (int)length;

	for (const struct nlmsghdr *message = (const struct nlmsghdr *)bytes; mnl_nlmsg_ok(message, left);
	     message = mnl_nlmsg_next(message, &left)) {
		if (message->nlmsg_seq != sequence)
			continue;
		if (message->nlmsg_type == NLMSG_DONE)
			return 0;
		if (message->nlmsg_type == NLMSG_ERROR)
			return ((const struct nlmsgerr *)mnl_nlmsg_get_payload(message))->error;
		if (answer != NULL)
			answer(message, context);
	}
	return 1;
}

int netlink_ask(struct netlink *netlink, struct nlmsghdr *request, mnl_cb_t answer, void *context)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[ANSWER_MAX];
	ssize_t length;
	int result = 1;

	request->nlmsg_seq = ++netlink->sequence;
	request->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(netlink->socket, request, request->nlmsg_len) < 0)
		return errno;
	while (result == 1) {
		length = mnl_socket_recvfrom(netlink->socket, bytes, sizeof(bytes));
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return errno;
		result = answer_read(bytes, (size_t)length, request->nlmsg_seq, answer, context);
	}
	return -result;
}

static size_t errors_read(const uint8_t *bytes, size_t length, struct netlink_error *errors, size_t count, size_t max)
{
	int left = (int)length;

	for (const struct nlmsghdr *message = (const struct nlmsghdr *)bytes; mnl_nlmsg_ok(message, left);
	     message = mnl_nlmsg_next(message, &left)) {
		const struct nlmsgerr *refusal = mnl_nlmsg_get_payload(message);

		if (message->nlmsg_type != NLMSG_ERROR || refusal->error == 0)
			continue;
		if (count < max)
			errors[count] = (struct netlink_error){ message->nlmsg_seq, -refusal->error };
		count++;
	}
	return count;
}

size_t netlink_errors(struct netlink *netlink, struct netlink_error *errors, size_t max)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[8192];
	int descriptor = netlink_descriptor(netlink);
	size_t count = 0;

	for (;;) {
		ssize_t length = recv(descriptor, bytes, sizeof(bytes), MSG_DONTWAIT);

		if (length < 0 && errno == ENOBUFS) /* more refusals than room: at least this one is counted */
			count++;
		else if (length < 0 && errno != EINTR)
			return count;
		else if (length > 0)
			count = errors_read(bytes, (size_t)length, errors, count, max);
	}
}

static const struct nlattr *attribute_if_whole(const uint8_t *start, const uint8_t *end)
{
	const struct nlattr *attribute = (const struct nlattr *)start;

	if (start > end || !mnl_attr_ok(attribute, (int)(end - start)))
		return NULL;
	return attribute;
}

const struct nlattr *netlink_next(const struct nlmsghdr *message, size_t header, const struct nlattr *previous)
{
	const uint8_t *start = previous == NULL ? mnl_nlmsg_get_payload_offset(message, header)
	                                        : (const uint8_t *)mnl_attr_next(previous);

	return attribute_if_whole(start, mnl_nlmsg_get_payload_tail(message));
}

const struct nlattr *netlink_next_within(const struct nlattr *nest, const struct nlattr *previous)
{
	const uint8_t *first = mnl_attr_get_payload(nest);

	return attribute_if_whole(previous == NULL ? first : (const uint8_t *)mnl_attr_next(previous),
	                          first + mnl_attr_get_payload_len(nest));
}

const struct nlattr *netlink_find_within(const struct nlattr *nest, uint16_t type, size_t length_min)
{
	const struct nlattr *attribute = NULL;

	while ((attribute = netlink_next_within(nest, attribute)) != NULL)
		if (mnl_attr_get_type(attribute) == type)
			return mnl_attr_get_payload_len(attribute) >= length_min ? attribute : NULL;
	return NULL;
}
