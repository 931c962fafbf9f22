/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes what the targets begin with: histories (history.h) of what happens in the world of the property test, and
 * snapshots of the engine after them. Usage: fuzz_record FOLDER COUNT */
#include "../../tests/engine/world.h"
#include "history.h"

enum { BYTES_MAX = 8192, STEPS_MAX = 40 };

struct record {
	size_t length;
	uint8_t bytes[BYTES_MAX];
	struct world world;
	uint64_t told_ns; /* until when time has been told */
};

static void put(struct record *record, unsigned byte)
{
	record->bytes[record->length++] = (uint8_t)byte;
}

static void put_two(struct record *record, unsigned number)
{
	put(record, number >> 8);
	put(record, number & 0xff);
}

static void tell_time(struct record *record)
{
	uint64_t seconds = (record->world.harness.now_ns - record->told_ns) / SIPALG_SECOND_NS;
	record->told_ns = record->world.harness.now_ns;
	if (seconds == 0)
		return;
	put(record, HISTORY_TRAFFIC);
	put(record, record->world.harness.has_traffic);
	put(record, HISTORY_WAIT);
	put_two(record, seconds < UINT16_MAX ? (unsigned)seconds : UINT16_MAX);
}

static unsigned find_phone(const struct record *record, const sipalg_endpoint *phone)
{
	unsigned number = 0;
	while (number < PHONES - 1 && !sipalg_address_equal(&record->world.phones[number].at.address, &phone->address))
		number++;
	return number;
}

static void tell(void *context, const sipalg_packet *packet)
{
	struct record *record = context;
	bool goes_out = packet->direction == SIPALG_OUTBOUND;
	const sipalg_endpoint *phone = goes_out ? &packet->source : &packet->destination;
	const sipalg_endpoint *server = goes_out ? &packet->destination : &packet->source;
	if (record->length + packet->length + 16 > BYTES_MAX)
		return;
	tell_time(record);
	put(record, goes_out ? HISTORY_OUT : HISTORY_IN);
	put(record, find_phone(record, phone) | (phone->port == SIPALG_PORT_SIP ? 0 : HISTORY_OTHER_PORT));
	put(record, sipalg_endpoint_equal(server, &record->world.servers[1]));
	put_two(record, (unsigned)packet->length);
	memcpy(record->bytes + record->length, packet->bytes, packet->length);
	record->length += packet->length;
}

static bool write_seed(const char *folder, const char *target, uint64_t seed, const uint8_t *bytes, size_t length)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s/recorded-%02u", folder, target, (unsigned)seed);
	FILE *file = fopen(path, "we");
	bool written = file && fwrite(bytes, 1, length, file) == length;
	return file && fclose(file) == 0 && written;
}

static bool play(struct record *record, uint64_t seed, const char *folder)
{
	static uint8_t snapshot[1 << 20];
	struct harness *harness = &record->world.harness;
	world_open(&record->world, seed, (enum world_network)(seed % WORLD_NETWORK_COUNT), false, NULL);
	record->length = 0;
	put(record, record->world.network);
	record->told_ns = harness->now_ns;
	harness->witness = tell;
	harness->witness_context = record;
	for (size_t step = 0; step < STEPS_MAX; step++)
		world_step(&record->world);
	size_t length = sipalg_engine_save(harness->engine, harness->now_ns, snapshot, sizeof snapshot);
	world_close(&record->world);
	return write_seed(folder, "engine", seed, record->bytes, record->length) &&
	       write_seed(folder, "snapshot", seed, snapshot, length);
}

int main(int argc, char **argv)
{
	static struct record record;
	uint64_t count = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
	for (uint64_t seed = 1; seed <= count; seed++)
		if (!play(&record, seed, argv[1]))
			return 1;
	return count > 0 ? 0 : 2;
}
