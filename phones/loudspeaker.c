// SPDX-License-Identifier: GPL-2.0-or-later
//
// loudspeaker: a module for baresip whose loudspeaker is a WAV file.
//
// A headless phone needs something to play to. This player takes 20 ms of sound every 20 ms, as a sound card does, and
// appends it to the file named as its device. So the file's time runs like a clock's while a call is up, and a pause
// in what arrives from the network is a pause in the recording. (baresip's own recorder, sndfile, is a filter: it
// writes nothing while nothing arrives, and baresip 1.0 forgets it when a call is put on hold.)
//
// Debian ships no header for baresip's modules, hence the few declarations: they are those of baresip 1.0.

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <errno.h>
#include <time.h>

enum {
	RATE_HZ = 8000,
	FRAME_MS = 20,
	FRAME_SAMPLES = RATE_HZ / 1000 * FRAME_MS,
	FRAME_NS = FRAME_MS * 1000000,
	SECOND_NS = 1000000000,
	WAV_HEADER_SIZE = 44,
};

struct auplay;
struct auplay_prm;
struct list;

typedef void(auplay_write_h)(void *samples, size_t count, void *argument);

struct auplay_st {
	const struct auplay *player; // baresip expects it first
	FILE *file;
	auplay_write_h *fetch;
	void *argument;
	pthread_t thread;
	atomic_bool running;
};

typedef int(auplay_alloc_h)(struct auplay_st **stp, const struct auplay *player, struct auplay_prm *parameters,
                            const char *device, auplay_write_h *fetch, void *argument);

struct list *baresip_auplayl(void);
int auplay_register(struct auplay **player, struct list *players, const char *name, auplay_alloc_h *allocate);
void *mem_zalloc(size_t size, void (*destroy)(void *data));
void *mem_deref(void *data);

struct mod_export {
	const char *name;
	const char *type;
	int (*init)(void);
	int (*close)(void);
};

extern const struct mod_export exports;

static struct auplay *loudspeaker; // baresip's modules have no other place to keep what they registered

static void number_write(uint8_t *bytes, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> 8 * i & 0xff);
}

static void header_write(FILE *file, uint32_t data_size)
{
	uint8_t head[WAV_HEADER_SIZE] = "RIFF....WAVEfmt \x10\0\0\0\1\0\1\0........\2\0\x10\0data....";
	number_write(head + 4, WAV_HEADER_SIZE - 8 + data_size);
	number_write(head + 24, RATE_HZ);
	number_write(head + 28, 2 * RATE_HZ);
	number_write(head + 40, data_size);
	fwrite(head, sizeof head, 1, file);
}

// A phone opens its loudspeaker anew for each call, and when a call is put on hold: the recording goes on.
static FILE *recording_open(const char *path)
{
	FILE *file = fopen(path, "ab");
	if (file != NULL && ftell(file) == 0) {
		header_write(file,
		             UINT32_MAX - WAV_HEADER_SIZE); // its length is the file's: readers take it to the end
		fflush(file);
	}
	return file;
}

static void frame_record(struct auplay_st *st)
{
	int16_t samples[FRAME_SAMPLES] = { 0 };
	uint8_t bytes[2 * FRAME_SAMPLES];
	st->fetch(samples, FRAME_SAMPLES, st->argument);
	for (unsigned i = 0; i < FRAME_SAMPLES; i++) {
		bytes[2 * i] = (uint8_t)((uint16_t)samples[i] & 0xff);
		bytes[2 * i + 1] = (uint8_t)((uint16_t)samples[i] >> 8);
	}
	fwrite(bytes, sizeof bytes, 1, st->file);
	fflush(st->file);
}

static void *play(void *argument)
{
	struct auplay_st *st = argument;
	struct timespec next;
	clock_gettime(CLOCK_MONOTONIC, &next);
	while (atomic_load(&st->running)) {
		frame_record(st);
		next.tv_nsec += FRAME_NS;
		if (next.tv_nsec >= SECOND_NS) {
			next.tv_nsec -= SECOND_NS;
			next.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	return NULL;
}

static void player_close(void *data)
{
	struct auplay_st *st = data;
	if (atomic_exchange(&st->running, false))
		pthread_join(st->thread, NULL);
	if (st->file != NULL)
		fclose(st->file);
}

static int player_open(struct auplay_st **stp, const struct auplay *player, struct auplay_prm *parameters,
                       const char *device, auplay_write_h *fetch, void *argument)
{
	(void)parameters; // the phones' configuration fixes them: 8000 Hz, one channel, 16 bit
	struct auplay_st *st = mem_zalloc(sizeof *st, player_close);
	if (st == NULL)
		return ENOMEM;
	st->player = player;
	st->fetch = fetch;
	st->argument = argument;
	st->file = recording_open(device);
	if (st->file == NULL) {
		mem_deref(st);
		return ENOENT;
	}
	atomic_store(&st->running, true);
	int err = pthread_create(&st->thread, NULL, play, st);
	if (err != 0) {
		atomic_store(&st->running, false);
		mem_deref(st);
		return err;
	}
	*stp = st;
	return 0;
}

static int module_init(void)
{
	return auplay_register(&loudspeaker, baresip_auplayl(), "loudspeaker", player_open);
}

static int module_close(void)
{
	loudspeaker = mem_deref(loudspeaker);
	return 0;
}

const struct mod_export exports = { "loudspeaker", "auplay", module_init, module_close };
