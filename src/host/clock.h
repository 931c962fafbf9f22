/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's clock. It goes on while the machine sleeps (CLOCK_BOOTTIME), as registrations and session timers do at
 * the other end; the time of day, which people and NTP set, never matters. What is leased to the kernel sleeps with the
 * machine, and so lasts a little longer than the engine believes: the engine renews or closes it in time. */
#ifndef HOST_CLOCK_H
#define HOST_CLOCK_H

#include <stdint.h>

uint64_t clock_now_ns(void);

/* Nanoseconds since 1970, for people. */
uint64_t clock_wall_ns(void);

#endif
