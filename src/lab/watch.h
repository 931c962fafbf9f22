/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes into the LAN, whether a socket waits for it or not. */
#ifndef LAB_WATCH_H
#define LAB_WATCH_H

#include "lab/world.h"

/* Reads an IP packet: a UDP datagram, or the first segment of a TCP connection. False: it is neither. */
bool watch_read(const uint8_t *packet, size_t length, struct arrival *arrival);

/* Takes the next one from a packet socket (network_watch()), waiting at most so long; its bytes live in `buffer`. */
bool watch_next(int watch, uint32_t wait_ms, char *buffer, size_t size, struct arrival *arrival);

#endif
