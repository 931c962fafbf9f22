/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An engine of a few numbers: what the daemon asks of one, answered from a struct that the test fills. It stands in for
 * the library, so that a test can have 100,000 phones without a message. */
#ifndef TESTS_FAKE_ENGINE_H
#define TESTS_FAKE_ENGINE_H

#include "sipalg/engine.h"

struct sipalg_engine {
	uint32_t phones, calls, bindings; /* how many there are; their fields follow from their place */
	sipalg_counters counters;
};

/* 10.0.0.0 and the place. */
sipalg_address fake_phone_address(uint32_t place);

#endif
