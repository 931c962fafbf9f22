/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far the clocks of two captures differ, by the messages that are in both. */
#ifndef DIAGNOSE_CLOCKS_H
#define DIAGNOSE_CLOCKS_H

#include "capture/capture.h"

/* Reads both, as far as needed. False: they have no message in common. */
SIPALG_MUST_USE
bool clocks_compare(struct capture *first, struct capture *second, int64_t *ahead_ns);

#endif
