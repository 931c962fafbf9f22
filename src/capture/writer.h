/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes a capture file: frames as they were, and datagrams and segments that have been edited. */
#ifndef CAPTURE_WRITER_H
#define CAPTURE_WRITER_H

#include "capture/capture.h"

struct capture_writer;

/* Makes a pcap file with times in nanoseconds; "-" is standard output. NULL: the problem says why. */
struct capture_writer *capture_writer_open(const char *path, int link_type, struct problem *problem);

/* The frame as it was. */
void capture_write_frame(struct capture_writer *writer, const struct capture_frame *frame);

/* The UDP datagram of a DATAGRAM item with another payload and other ends; lengths and checksums are made right, and
 * one that came in fragments is written in one piece. False: IP cannot carry so long a payload; nothing is written. */
SIPALG_MUST_USE
bool capture_write_datagram(struct capture_writer *writer, const struct capture_item *item,
                            const sipalg_endpoint *source, const sipalg_endpoint *destination, struct text payload);

/* The same of a SEGMENT item, with what `tcp` says in place of its own; its options are as long as they were, its
 * length is not looked at. */
SIPALG_MUST_USE
bool capture_write_segment(struct capture_writer *writer, const struct capture_item *item,
                           const sipalg_endpoint *source, const sipalg_endpoint *destination,
                           const struct capture_tcp *tcp, struct text payload);

/* Closes the file. False: not all could be written. */
SIPALG_MUST_USE
bool capture_writer_close(struct capture_writer *writer, struct problem *problem);

#endif
