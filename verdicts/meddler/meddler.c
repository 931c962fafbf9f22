/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bad ALG, for tests: takes every forwarded packet out of a netfilter queue of the namespace it runs in, does to SIP
 * what one fault says, and lets it go. The router round it (NAT, forwarded ports) is the test's. */
#include "faults.h"
#include "plane/netfilter/packet.h"
#include "plane/netfilter/queue.h"
#include "plane/netfilter/raw.h"
#include "rewriting.h"
#include "segment.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { QUEUE_NUMBER = 7, SIP_PORT = 5060, FLOWS_MAX = 1024 };

/* A connection, or what UDP has in its place, by its ports, and when it last carried a message. */
struct heard {
	bool is_tcp;
	uint16_t ports[2];
	time_t when;
};

struct meddler {
	struct queue queue;
	struct raw raw;
	const struct fault *fault;
	const char *inside, *outside;
	struct draft draft;
	time_t second;
	unsigned int recent;
	struct heard heard[FLOWS_MAX];
	size_t heard_count;
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static bool looks_like_sip(const struct draft *draft)
{
	const char *end = memchr(draft->bytes, '\n', draft->length);
	size_t first = end == NULL ? 0 : (size_t)(end - draft->bytes);
	return memmem(draft->bytes, first, "SIP/2.0", 7) != NULL;
}

static void draft_take(struct draft *draft, const uint8_t *bytes, size_t length)
{
	memcpy(draft->bytes, bytes, length);
	draft->length = length;
	draft->bytes[length] = '\0';
}

static void count_recent(struct meddler *meddler, const struct passage *passage)
{
	time_t now = time(NULL);
	if (now != meddler->second)
		meddler->recent = 0;
	meddler->second = now;
	meddler->recent += passage->is_sip && passage->outbound;
}

static enum fate meddle(struct meddler *meddler, struct passage *passage)
{
	passage->inside = meddler->inside;
	passage->outside = meddler->outside;
	passage->is_sip = looks_like_sip(&meddler->draft);
	count_recent(meddler, passage);
	passage->recent = meddler->recent;
	if (passage->is_sip && passage->is_watched && !passage->is_tcp) {
		if (passage->outbound)
			rewrite_out(&meddler->draft, meddler->fault->rewriting, meddler->inside, meddler->outside);
		else
			rewrite_in(&meddler->draft, meddler->fault->rewriting, meddler->inside, meddler->outside);
	}
	return meddler->fault->meddle == NULL ? FATE_PASS : meddler->fault->meddle(&meddler->draft, passage);
}

static bool is_inside(const struct meddler *meddler, const uint8_t *packet)
{
	char text[INET_ADDRSTRLEN];
	inet_ntop(AF_INET, packet + offsetof(struct iphdr, saddr), text, sizeof text);
	return strcmp(text, meddler->inside) == 0;
}

/* The router's own answer goes back the way the request came. */
static void answer(struct meddler *meddler, const struct packet *packet)
{
	uint8_t out[PACKET_LENGTH_MAX];
	struct packet back = *packet;
	uint8_t headers[PACKET_HEADERS_MAX];
	struct iphdr ip;
	struct udphdr udp;
	memcpy(headers, packet->start, packet->headers);
	memcpy(&ip, headers, sizeof ip);
	ip = (struct iphdr){
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP, .saddr = ip.daddr, .daddr = ip.saddr
	};
	memcpy(&udp, headers + packet->headers - sizeof udp, sizeof udp);
	udp = (struct udphdr){ .source = udp.dest, .dest = udp.source, .check = 1 };
	memcpy(headers, &ip, sizeof ip);
	memcpy(headers + sizeof ip, &udp, sizeof udp);
	back.start = headers;
	back.headers = sizeof ip + sizeof udp;
	back.source = packet->destination;
	back.destination = packet->source;
	if (!raw_send(&meddler->raw, out,
	              packet_write(&back, (const uint8_t *)meddler->draft.bytes, meddler->draft.length, out)))
		perror("meddler: sending an answer");
}

static void port_force(uint8_t *packet, uint16_t port)
{
	size_t header = (packet[0] & 15U) * 4U;
	uint16_t destination = htons(port);
	memcpy(packet + header + offsetof(struct udphdr, dest), &destination, sizeof destination);
	memset(packet + header + offsetof(struct udphdr, check), 0, 2); /* RFC 768: none was made */
}

static struct heard *heard_find(struct meddler *meddler, bool is_tcp, uint16_t near, uint16_t far)
{
	for (size_t i = 0; i < meddler->heard_count; i++) {
		struct heard *heard = &meddler->heard[i];
		if (heard->is_tcp == is_tcp && heard->ports[0] == near && heard->ports[1] == far)
			return heard;
	}
	if (meddler->heard_count == FLOWS_MAX)
		return NULL;
	meddler->heard[meddler->heard_count] = (struct heard){ is_tcp, { near, far }, time(NULL) };
	return &meddler->heard[meddler->heard_count++];
}

/* A connection that was forgotten stays forgotten, however often something is sent again. */
static unsigned int silence_of(struct meddler *meddler, const struct passage *passage, uint16_t source,
                               uint16_t destination, size_t length)
{
	struct heard *heard = heard_find(meddler, passage->is_tcp, passage->outbound ? source : destination,
	                                 passage->outbound ? destination : source);
	time_t now = time(NULL);
	unsigned int silent_s = heard == NULL ? 0 : (unsigned int)(now - heard->when);
	if (heard != NULL && length > 0 && (!passage->is_tcp || silent_s < SILENT_S))
		heard->when = now;
	return silent_s;
}

static void datagram_handle(struct meddler *meddler, size_t index, const struct packet *packet)
{
	struct passage passage = { .outbound = is_inside(meddler, packet->start),
		                   .destination_port = packet->destination.port,
		                   .is_watched =
		                           packet->destination.port == SIP_PORT || packet->source.port == SIP_PORT,
		                   .packet_length = packet->headers + packet->message_length };
	enum fate fate;
	uint8_t *out;
	size_t written;
	passage.silent_s =
	        silence_of(meddler, &passage, packet->source.port, packet->destination.port, packet->message_length);
	draft_take(&meddler->draft, packet->message, packet->message_length);
	fate = meddle(meddler, &passage);
	if (fate == FATE_ANSWER)
		answer(meddler, packet);
	if (fate != FATE_PASS) {
		queue_drop(&meddler->queue, index);
		return;
	}
	out = queue_rewrite_begin(&meddler->queue, index, packet->headers + meddler->draft.length);
	written = packet_write(packet, (const uint8_t *)meddler->draft.bytes, meddler->draft.length, out);
	if (passage.destination_port != packet->destination.port)
		port_force(out, passage.destination_port);
	queue_rewrite_end(&meddler->queue, index, written);
}

static void segment_handle(struct meddler *meddler, size_t index, const struct segment *segment)
{
	const struct queue_entry *entry = &meddler->queue.entries[index];
	struct passage passage = { .outbound = is_inside(meddler, entry->bytes),
		                   .is_tcp = true,
		                   .is_watched =
		                           segment->destination_port == SIP_PORT || segment->source_port == SIP_PORT,
		                   .packet_length = entry->length };
	uint8_t *out;
	passage.silent_s =
	        silence_of(meddler, &passage, segment->source_port, segment->destination_port, segment->length);
	draft_take(&meddler->draft, entry->bytes + segment->headers, segment->length);
	if (meddle(meddler, &passage) != FATE_PASS) {
		queue_drop(&meddler->queue, index);
		return;
	}
	if (meddler->draft.length != segment->length) {
		queue_accept(&meddler->queue, index);
		return;
	}
	out = queue_rewrite_begin(&meddler->queue, index, entry->length);
	memcpy(out, entry->bytes, segment->headers);
	memcpy(out + segment->headers, meddler->draft.bytes, segment->length);
	segment_seal(out, entry->length);
	queue_rewrite_end(&meddler->queue, index, entry->length);
}

static void packet_handle(struct meddler *meddler, size_t index)
{
	const struct queue_entry *entry = &meddler->queue.entries[index];
	struct packet packet;
	struct segment segment;
	if (packet_read(entry->bytes, entry->length, &packet))
		datagram_handle(meddler, index, &packet);
	else if (segment_read(entry->bytes, entry->length, &segment))
		segment_handle(meddler, index, &segment);
	else
		queue_accept(&meddler->queue, index);
}

static int serve(struct meddler *meddler)
{
	int error = queue_open(&meddler->queue, QUEUE_NUMBER, QUEUE_NUMBER);
	if (error == 0)
		error = raw_open(&meddler->raw, 0);
	if (error != 0) {
		fprintf(stderr, "meddler: %s\n", strerror(error));
		return 1;
	}
	puts("meddler: ready");
	fflush(stdout);
	while (!stopped) {
		struct pollfd waiting = { .fd = netlink_descriptor(&meddler->queue.netlink), .events = POLLIN };
		poll(&waiting, 1, 200);
		for (size_t i = 0, count = queue_receive(&meddler->queue); i < count; i++)
			packet_handle(meddler, i);
		queue_answer(&meddler->queue);
	}
	queue_close(&meddler->queue);
	return 0;
}

static int usage(void)
{
	fputs("usage: meddler --list | meddler --opens FAULT | meddler FAULT INSIDE OUTSIDE\n"
	      "\n"
	      "Meddles with what comes to queue 7 of this network namespace as an ALG with that fault would, for the\n"
	      "phone with the address INSIDE behind a router with the address OUTSIDE. --opens: whether an ALG with "
	      "that\n"
	      "fault opens ports at all (exit status 0), since it rewrites what names them.\n",
	      stderr);
	return 2;
}

static int opens(const char *name)
{
	const struct fault *fault = fault_find(name);
	if (fault == NULL)
		return usage();
	return fault->rewriting != REWRITE_NOTHING ? 0 : 1;
}

int main(int argc, char **argv)
{
	static struct meddler meddler;
	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		for (size_t i = 0; i < fault_count; i++)
			puts(fault_table[i].name);
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "--opens") == 0)
		return opens(argv[2]);
	if (argc != 4)
		return usage();
	meddler.fault = fault_find(argv[1]);
	meddler.inside = argv[2];
	meddler.outside = argv[3];
	if (meddler.fault == NULL) {
		fprintf(stderr, "meddler: there is no fault \"%s\"; --list names them\n", argv[1]);
		return 2;
	}
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	return serve(&meddler);
}
