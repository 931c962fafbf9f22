/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Talking to the kernel by netlink: sockets, and buffers that take many messages for one system call. */
#ifndef PLANE_NETFILTER_NETLINK_H
#define PLANE_NETFILTER_NETLINK_H

#include "sipalg/attributes.h"

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netlink {
	struct mnl_socket *socket; /* NULL: closed */
	uint32_t sequence;         /* of the last message */
	size_t send_max;           /* bytes one system call may carry */
};

/* Messages one after another. A message is begun with as much room as it may need, so that nothing that is written
 * into it can run over. */
struct netlink_buffer {
	uint8_t *bytes;
	size_t length, capacity;
};

/* False: errno says why. */
SIPALG_MUST_USE
bool netlink_open(struct netlink *netlink, int bus, unsigned int groups);
void netlink_close(struct netlink *netlink);
int netlink_descriptor(const struct netlink *netlink);

/* Asks for socket buffers of so many bytes, as much as this user may have. */
void netlink_size_buffers(struct netlink *netlink, int send_bytes, int receive_bytes);

/* From now on nothing is received: for requests whose refusal does not matter, … */
SIPALG_MUST_USE
bool netlink_hear_nothing(struct netlink *netlink);
/* … and for any socket that only sends. */
SIPALG_MUST_USE
bool socket_hear_nothing(int descriptor);

SIPALG_MUST_USE
bool netlink_buffer_open(struct netlink_buffer *buffer, size_t capacity);
void netlink_buffer_close(struct netlink_buffer *buffer);

/* Begins a message for which `room` bytes are kept; NULL: the buffer is full. */
struct nlmsghdr *netlink_begin(struct netlink_buffer *buffer, size_t room, uint16_t type, uint16_t flags,
                               uint32_t sequence);
/* The same with the header that all netfilter subsystems share. */
struct nlmsghdr *netlink_begin_netfilter(struct netlink_buffer *buffer, size_t room, uint16_t type, uint16_t flags,
                                         uint32_t sequence, uint8_t family, uint16_t resource);
void netlink_end(struct netlink_buffer *buffer, const struct nlmsghdr *message);

/* Sends the buffer by one system call and empties it. Returns 0 or an errno value. */
int netlink_send(struct netlink *netlink, struct netlink_buffer *buffer);

/* Sends one request and gives each message of the answer to `answer` (may be NULL). Returns 0 or an errno value. */
int netlink_ask(struct netlink *netlink, struct nlmsghdr *request, mnl_cb_t answer, void *context);

/* Which message of those sent was refused, and why. */
struct netlink_error {
	uint32_t sequence;
	int error; /* errno value */
};

/* Takes the refusals that wait (a request without NLM_F_ACK is answered only when refused, and before the sending
 * system call returns). Returns how many there were; the first `max` are in `errors`. */
size_t netlink_errors(struct netlink *netlink, struct netlink_error *errors, size_t max);

/* Walks attributes: start with NULL, call until NULL. Those of a message behind its subsystem's header of `header`
 * bytes, … */
const struct nlattr *netlink_next(const struct nlmsghdr *message, size_t header, const struct nlattr *previous);
/* … and those within another attribute. */
const struct nlattr *netlink_next_within(const struct nlattr *nest, const struct nlattr *previous);

/* The attribute of one type within another; NULL: absent, or shorter than `length_min`. */
const struct nlattr *netlink_find_within(const struct nlattr *nest, uint16_t type, size_t length_min);

#endif
