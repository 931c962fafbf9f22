/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The netfilter queue: messages come in many at a time, and their verdicts go back in one system call. */
#ifndef PLANE_NETFILTER_QUEUE_H
#define PLANE_NETFILTER_QUEUE_H

#include "plane/netfilter/netlink.h"

enum {
	QUEUE_BATCH_MAX = 32,   /* messages taken by one system call */
	QUEUE_LENGTH_MAX = 4096 /* messages the kernel keeps for us; more pass unseen */
};

/* A message as it lies in the receive buffer until the next queue_receive(). */
struct queue_entry {
	uint32_t id;      /* network order, as the kernel gave it */
	uint32_t in_link; /* interface index, 0: none */
	uint32_t out_link;
	uint32_t mark;        /* of the packet */
	uint8_t hook;         /* where it was queued: NF_INET_… */
	const uint8_t *bytes; /* the IP packet */
	size_t length;
	size_t verdict, verdict_length; /* where its verdict lies in the send buffer */
};

struct queue {
	struct netlink netlink;
	uint16_t number;
	uint8_t *received; /* QUEUE_BATCH_MAX places */
	struct netlink_buffer verdicts;
	struct queue_entry entries[QUEUE_BATCH_MAX];
	size_t count;
	uint64_t overruns;
};

/* Listens on queue `number` (0: the first free one from `first` on). Returns 0 or an errno value; EBUSY: somebody else
 * listens there. */
int queue_open(struct queue *queue, uint16_t number, uint16_t first);
void queue_close(struct queue *queue);

/* Takes what has come, never waits. Returns how many entries there are now. */
size_t queue_receive(struct queue *queue);

/* Decides about an entry: send it on as it came, … */
void queue_accept(struct queue *queue, size_t index);
/* … or not at all (another packet has taken its place), … */
void queue_drop(struct queue *queue, size_t index);
/* … or with other bytes: returns where to write the packet, of which there will be `length_max` bytes at most, … */
uint8_t *queue_rewrite_begin(struct queue *queue, size_t index, size_t length_max);
void queue_rewrite_end(struct queue *queue, size_t index, size_t length);
/* … or, after all, as it came. */
void queue_withdraw(struct queue *queue, size_t index);

/* Sends all verdicts; every entry must have one. */
void queue_answer(struct queue *queue);

#endif
