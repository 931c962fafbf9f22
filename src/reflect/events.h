/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server's lines, read: what may come from anybody who calls himself one. */
#ifndef REFLECT_EVENTS_H
#define REFLECT_EVENTS_H

#include "reflect/client.h"
#include "reflect/wire.h"

/* Reads the welcome; `server` gets what stands there, and not what only the connection tells. False: it is none. */
SIPALG_MUST_USE
bool event_read_welcome(const json_t *line, struct reflect_server *server, struct wire_mask *mask);

/* Reads any other line but goodbye; event->bytes lie in `bytes`. False: not understood, which is no fault. */
SIPALG_MUST_USE
bool event_read(const json_t *line, const struct wire_mask *mask, char bytes[REFLECT_REPORTED_MAX],
                struct reflect_event *event);

#endif
