/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/capture.h"

#include "capture/bytes.h"
#include "capture/fragments.h"
#include "capture/streams.h"
#include "console/terminal.h"

#include <netinet/in.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <sys/stat.h>

enum {
	UDP_HEADER = 8,
	TCP_HEADER = 20,
	ICMP_HEADER = 8,
	ICMP4_UNREACHABLE = 3, /* RFC 792 */
	ICMP6_UNREACHABLE = 1, /* RFC 4443 3.1 */
	ICMP6_TOO_BIG = 2,
};

enum state {
	STATE_FRAME = 0, /* the next frame is to be read */
	STATE_LOST,      /* it is read; what was lost before it is told first */
	STATE_STREAM,    /* its stream may hold messages */
	STATE_FLUSH,     /* the file is at its end; what was lost is told */
	STATE_END,
};

struct capture {
	pcap_t *pcap;
	char name[128];
	int link_type;
	off_t size; /* 0: not known */
	enum state state;
	struct capture_frame frame;
	struct capture_counts counts;
	struct fragments fragments;
	struct streams streams;
	struct stream *stream; /* the one at hand */
	bool leaves_streams;
	struct capture_item segment; /* the item that messages of the stream are like */
	struct problem trouble;
};

/* ---- Opening ---- */

static bool check_link_type(const struct capture *capture, struct problem *problem)
{
	if (link_is_supported(capture->link_type))
		return true;
	const char *name = pcap_datalink_val_to_name(capture->link_type);
	return problem_say(
	        problem,
	        "%s: frames of the type %s (%d) cannot be read; capture with `tcpdump -i any` or on a wired interface",
	        capture->name, name != NULL ? name : "unknown", capture->link_type);
}

/* libpcap's own words for a file that is none are about formats. */
static bool complain(const char *name, const char *words, struct problem *problem)
{
	if (strstr(words, "unknown file format") != NULL || strstr(words, "bad dump file format") != NULL)
		return problem_say(problem, "%s: this is no capture, neither pcap nor pcapng", name);
	if (strstr(words, "truncated") != NULL)
		return problem_say(problem, "%s: this is no capture: it ends before the first packet could begin",
		                   name);
	return problem_say(problem, "%s: %s", name, words);
}

static bool open_file(struct capture *capture, FILE *file, struct problem *problem)
{
	char words[PCAP_ERRBUF_SIZE] = "";
	struct stat status;
	if (fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode))
		capture->size = status.st_size;
	capture->pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, words);
	if (capture->pcap == NULL) {
		fclose(file);
		return complain(capture->name, words, problem);
	}
	capture->link_type = pcap_datalink(capture->pcap);
	if (!check_link_type(capture, problem))
		return false;
	if (!fragments_create(&capture->fragments) || !streams_create(&capture->streams))
		return problem_say(problem, "%s: there is no memory to read it", capture->name);
	return true;
}

struct capture *capture_open_stream(FILE *file, const char *name, struct problem *problem)
{
	struct capture *capture = calloc(1, sizeof *capture);
	if (capture == NULL) {
		problem_say(problem, "%s: there is no memory to read it", name);
		fclose(file);
		return NULL;
	}
	snprintf(capture->name, sizeof capture->name, "%s", name);
	if (open_file(capture, file, problem))
		return capture;
	capture_close(capture);
	return NULL;
}

struct capture *capture_open(const char *path, struct problem *problem)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *file = standard ? stdin : fopen(path, "rb");
	if (file == NULL) {
		problem_say(problem, "%s: %m", path);
		return NULL;
	}
	return capture_open_stream(file, standard ? "standard input" : path, problem);
}

void capture_leave_streams(struct capture *capture)
{
	capture->leaves_streams = true;
}

void capture_close(struct capture *capture)
{
	if (capture == NULL)
		return;
	fragments_destroy(&capture->fragments);
	streams_destroy(&capture->streams);
	if (capture->pcap != NULL)
		pcap_close(capture->pcap);
	free(capture);
}

/* ---- What a packet holds ---- */

static sipalg_endpoint endpoint(sipalg_address address, uint16_t port, uint8_t protocol)
{
	return (sipalg_endpoint){ .address = address, .port = port, .protocol = protocol };
}

static struct text slice(const uint8_t *bytes, size_t length)
{
	return (struct text){ (const char *)bytes, length };
}

/* False: it is not even a header. */
static bool read_datagram(const uint8_t *udp, size_t length, struct capture_item *item)
{
	if (length < UDP_HEADER)
		return false;
	size_t announced = bytes_read16(udp + 4);
	if (announced == 0) /* longer than the field can say (RFC 2675), or left to the network card */
		announced = length;
	if (announced < UDP_HEADER)
		return false;
	item->kind = CAPTURE_DATAGRAM;
	item->source.port = bytes_read16(udp);
	item->destination.port = bytes_read16(udp + 2);
	item->cut |= announced > length;
	item->bytes = slice(udp + UDP_HEADER, (announced > length ? length : announced) - UDP_HEADER);
	return true;
}

static bool read_segment(struct capture *capture, const struct internet_packet *packet, struct capture_item *item)
{
	const uint8_t *tcp = packet->payload;
	if (packet->payload_length < TCP_HEADER)
		return false;
	size_t header = (tcp[12] >> 4) * 4U;
	if (header < TCP_HEADER || header > packet->payload_length)
		return false;
	item->kind = CAPTURE_SEGMENT;
	item->source.port = bytes_read16(tcp);
	item->destination.port = bytes_read16(tcp + 2);
	item->tcp = (struct capture_tcp){ .sequence = bytes_read32(tcp + 4),
		                          .acknowledged = bytes_read32(tcp + 8),
		                          .window = bytes_read16(tcp + 14),
		                          .flags = tcp[13],
		                          .options = slice(tcp + TCP_HEADER, header - TCP_HEADER),
		                          .length = packet->payload_on_wire - header };
	item->bytes = slice(tcp + header, packet->payload_length - header);
	capture->counts.segments++;
	if (capture->leaves_streams)
		return true;
	capture->stream = streams_add(&capture->streams, item);
	capture->state = STATE_STREAM;
	return true;
}

/* An error quotes the packet that was not delivered, as much of it as fits (RFC 792, RFC 4443 3.1). */
static bool read_error(const struct internet_packet *packet, struct capture_item *item)
{
	struct internet_packet quoted;
	bool is_error = packet->protocol == IPPROTO_ICMP
	                        ? packet->payload[0] == ICMP4_UNREACHABLE
	                        : packet->payload[0] == ICMP6_UNREACHABLE || packet->payload[0] == ICMP6_TOO_BIG;
	if (!is_error || !internet_read(packet->payload + ICMP_HEADER, packet->payload_length - ICMP_HEADER, &quoted) ||
	    quoted.payload_length < 4 || quoted.fragment_at != 0)
		return false;
	item->kind = CAPTURE_UNREACHABLE;
	item->icmp_type = packet->payload[0];
	item->icmp_code = packet->payload[1];
	item->reporter = packet->source;
	item->source = endpoint(quoted.source, bytes_read16(quoted.payload), quoted.protocol);
	item->destination = endpoint(quoted.destination, bytes_read16(quoted.payload + 2), quoted.protocol);
	return true;
}

static bool read_whole(struct capture *capture, const struct internet_packet *packet, struct capture_item *item)
{
	switch (packet->protocol) {
	case IPPROTO_UDP:
		if (!read_datagram(packet->payload, packet->payload_length, item))
			return false;
		capture->counts.datagrams++;
		return true;
	case IPPROTO_TCP:
		return read_segment(capture, packet, item);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return packet->payload_length > ICMP_HEADER && read_error(packet, item);
	default:
		return false;
	}
}

static void read_fragment(struct capture *capture, const struct internet_packet *packet, struct capture_item *item)
{
	item->kind = CAPTURE_FRAGMENT;
	item->fragment_at = packet->fragment_at;
	capture->counts.fragments++;
	struct fragmented *whole = fragments_add(&capture->fragments, packet, capture->frame.time_ns);
	if (whole == NULL || whole->protocol != IPPROTO_UDP)
		return;
	item->fragments = whole->count;
	item->cut = whole->cut;
	if (read_datagram(whole->bytes, whole->length, item))
		capture->counts.datagrams++;
}

static void read_frame(struct capture *capture, struct capture_item *item)
{
	struct capture_frame *frame = &capture->frame;
	struct internet_packet packet;
	*item = (struct capture_item){ .frame = frame, .fragments = 1, .cut = frame->length < frame->wire_length };
	capture->state = STATE_FRAME;
	if (!link_read(capture->link_type, frame->bytes, frame->length, &frame->link))
		return;
	if (!internet_read(frame->bytes + frame->link.offset, frame->length - frame->link.offset, &packet)) {
		capture->counts.unreadable++;
		return;
	}
	item->source = endpoint(packet.source, 0, packet.protocol);
	item->destination = endpoint(packet.destination, 0, packet.protocol);
	item->hop_limit = packet.hop_limit;
	item->cut = packet.cut;
	if (packet.is_fragment)
		read_fragment(capture, &packet, item);
	else
		(void)read_whole(capture, &packet, item);
	capture->counts.cut += item->cut;
}

/* ---- Item by item ---- */

static bool take_lost(struct capture *capture, uint64_t now_ns, struct capture_item *item)
{
	struct fragmented *lost;
	while ((lost = fragments_lost(&capture->fragments, now_ns)) != NULL &&
	       (lost->cut || lost->protocol != IPPROTO_UDP))
		;
	if (lost == NULL)
		return false;
	*item = (struct capture_item){ .kind = CAPTURE_FRAGMENTS_LOST,
		                       .frame = &capture->frame,
		                       .cut = true,
		                       .fragments = lost->count,
		                       .source = endpoint(lost->source, 0, lost->protocol),
		                       .destination = endpoint(lost->destination, 0, lost->protocol) };
	capture->counts.fragments_lost++;
	size_t first = 0;
	while (first < FRAGMENTS_PACKET_MAX && fragmented_begins(lost, first + UDP_HEADER))
		first += UDP_HEADER;
	if (first >= UDP_HEADER) {
		item->source.port = bytes_read16(lost->bytes);
		item->destination.port = bytes_read16(lost->bytes + 2);
		item->bytes = slice(lost->bytes + UDP_HEADER, first - UDP_HEADER);
	}
	return true;
}

static bool take_message(struct capture *capture, struct capture_item *item)
{
	struct stream_piece piece;
	do
		if (!stream_next(&capture->streams, capture->stream, &piece))
			return false;
	while (!piece.is_message && !piece.is_broken);
	*item = capture->segment;
	item->kind = piece.is_message ? CAPTURE_MESSAGE : CAPTURE_BROKEN;
	item->bytes = piece.bytes;
	item->body_left = piece.body_left;
	item->is_split = piece.is_split;
	item->gaps = capture->stream->gaps;
	capture->counts.messages += piece.is_message;
	return true;
}

static void note_trouble(struct capture *capture)
{
	char frames[COUNT_TEXT_MAX];
	const char *words = pcap_geterr(capture->pcap);
	count_text(capture->counts.frames, frames);
	if (strstr(words, "truncated") != NULL)
		problem_say(&capture->trouble,
		            "%s: the file ends in the middle of a packet; what came before, %s packets, has been read",
		            capture->name, frames);
	else
		problem_say(&capture->trouble, "%s: the file is corrupt behind packet %s: %s", capture->name, frames,
		            words);
}

/* The frame stays the last one when there is none left. */
static void next_frame(struct capture *capture)
{
	struct pcap_pkthdr *header;
	const uint8_t *bytes;
	int result = pcap_next_ex(capture->pcap, &header, &bytes);
	if (result != 1) {
		if (result == PCAP_ERROR)
			note_trouble(capture);
		capture->frame.bytes = NULL;
		capture->frame.length = capture->frame.wire_length = 0;
		capture->state = STATE_FLUSH;
		return;
	}
	/* A corrupt time may be negative, or larger than nanoseconds can be counted. */
	uint64_t seconds = (uint64_t)header->ts.tv_sec & UINT32_MAX, nanoseconds = (uint64_t)header->ts.tv_usec;
	capture->frame.number++;
	capture->frame.time_ns = seconds * UINT64_C(1000000000) + nanoseconds % UINT64_C(1000000000);
	capture->frame.bytes = bytes;
	capture->frame.length = header->caplen;
	capture->frame.wire_length = header->len > header->caplen ? header->len : header->caplen;
	capture->counts.frames++;
	capture->state = STATE_LOST;
}

bool capture_next(struct capture *capture, struct capture_item *item)
{
	for (;;) {
		switch (capture->state) {
		case STATE_FRAME:
			next_frame(capture);
			break;
		case STATE_LOST:
			if (!take_lost(capture, capture->frame.time_ns, item))
				read_frame(capture, item);
			if (item->kind == CAPTURE_SEGMENT)
				capture->segment = *item;
			return true;
		case STATE_STREAM:
			if (take_message(capture, item))
				return true;
			capture->state = STATE_FRAME;
			break;
		case STATE_FLUSH:
			if (take_lost(capture, UINT64_MAX, item))
				return true;
			capture->state = STATE_END;
			break;
		case STATE_END:
			return false;
		}
	}
}

/* ---- What is known of the whole ---- */

const char *capture_trouble(const struct capture *capture)
{
	return capture->trouble.text[0] != '\0' ? capture->trouble.text : NULL;
}

const struct capture_counts *capture_counts(struct capture *capture)
{
	capture->counts.gaps = capture->streams.gaps;
	capture->counts.encrypted = capture->streams.encrypted;
	capture->counts.streams_bad = capture->streams.broken;
	return &capture->counts;
}

double capture_progress(const struct capture *capture)
{
	off_t at = capture->size > 0 ? ftello(pcap_file(capture->pcap)) : -1;
	return at < 0 ? -1 : (double)at / (double)capture->size;
}

int capture_link_type(const struct capture *capture)
{
	return capture->link_type;
}
