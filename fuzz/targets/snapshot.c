/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file may hold in place of a snapshot, with a hash that is right: the engine takes it or refuses it, and if it
 * takes it everything in it comes to an end. */
#include "../../tests/engine/harness.h"
#include "../../tests/engine/snapshot.h"
#include "reader.h"

static void make_small(sipalg_settings *settings)
{
	settings->bindings_max = 64;
	settings->calls_max = 16;
	settings->registrations_max = 16;
}

static void load(struct text text)
{
	static struct harness harness;
	static uint8_t bytes[1 << 16];
	if (text.length > sizeof bytes)
		return;
	memcpy(bytes, text.start, text.length);
	snapshot_rehash(bytes, text.length);
	harness_open(&harness, make_small);
	harness.allows_early_port = harness.allows_any_inside = true;
	if (sipalg_engine_load(harness.engine, harness.now_ns, bytes, text.length) == SIPALG_SNAPSHOT_LOADED) {
		sipalg_engine_advance(harness.engine, harness.now_ns);
		harness_take_commands(&harness);
		harness_wait_for_the_end(&harness);
	}
	harness_close(&harness);
}

FUZZ_READER(load)
