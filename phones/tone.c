// SPDX-License-Identifier: GPL-2.0-or-later
//
// tone: is a tone in a recording?
//
// Each phone of the bench plays its own frequency. Whether somebody was heard is then a question about the other
// phone's recording: it is cut into blocks of 100 ms, and a block counts when nearly all of its power lies at that
// frequency. Looking for one frequency is Goertzel's algorithm (G. Goertzel, American Mathematical Monthly, 1958).
//
// Reads WAV files of 16 bit, one channel, at any rate; a file that is still being written may be read.

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK_MS = 100,
	RATE_MAX_HZ = 48000,
	BLOCK_SAMPLES_MAX = RATE_MAX_HZ / 1000 * BLOCK_MS,
	HEARD_PERCENT = 80, // of the blocks: a call that begins or ends within the window must not fail it
	SILENT_PERCENT = 5, // one block of twenty: a last packet may arrive after the hold
	CHUNK_COUNT_MAX = 64,
};

static const double two_pi = 6.283185307179586;
static const double block_share_min = 0.7;    // of a block's power: the G.711 coding itself adds a little noise
static const double block_power_min = 1.0e-5; // -50 dB of full scale: anything softer is silence

struct recording {
	FILE *file;
	uint32_t rate_hz;
	long data_start;
	long sample_count;
};

struct window {
	double from_s;
	double to_s;
};

struct finding {
	unsigned block_count;
	unsigned heard_count;
};

struct request {
	const char *path;
	double tone_hz;
	struct window window;
	bool silent;
	bool length;
};

static uint32_t number_read(const uint8_t *bytes, unsigned size)
{
	uint32_t value = 0;
	for (unsigned i = size; i > 0; i--)
		value = value << 8 | bytes[i - 1];
	return value;
}

static bool format_read(struct recording *recording, const uint8_t *format)
{
	bool plain =
	        number_read(format, 2) == 1 && number_read(format + 2, 2) == 1 && number_read(format + 14, 2) == 16;
	recording->rate_hz = number_read(format + 4, 4);
	return plain && recording->rate_hz >= 1000 && recording->rate_hz <= RATE_MAX_HZ;
}

// The data chunk is taken to reach to the end of the file: while a recorder is at work its length field lags behind.
static bool data_measure(struct recording *recording)
{
	recording->data_start = ftell(recording->file);
	if (recording->data_start < 0 || fseek(recording->file, 0, SEEK_END) != 0)
		return false;
	long end = ftell(recording->file);
	recording->sample_count = (end - recording->data_start) / 2;
	return end >= recording->data_start && recording->rate_hz != 0;
}

static bool chunks_read(struct recording *recording)
{
	for (int i = 0; i < CHUNK_COUNT_MAX; i++) {
		uint8_t head[8];
		uint8_t format[16];
		if (fread(head, sizeof head, 1, recording->file) != 1)
			return false;
		if (memcmp(head, "data", 4) == 0)
			return data_measure(recording);
		long rest = (long)number_read(head + 4, 4);
		if (memcmp(head, "fmt ", 4) == 0) {
			if (rest < 16 || fread(format, sizeof format, 1, recording->file) != 1)
				return false;
			if (!format_read(recording, format))
				return false;
			rest -= 16;
		}
		if (fseek(recording->file, rest + (rest & 1), SEEK_CUR) != 0)
			return false;
	}
	return false;
}

static bool recording_open(struct recording *recording, FILE *file)
{
	uint8_t head[12];
	*recording = (struct recording){ .file = file };
	return fread(head, sizeof head, 1, file) == 1 && memcmp(head, "RIFF", 4) == 0 &&
	       memcmp(head + 8, "WAVE", 4) == 0 && chunks_read(recording);
}

static double recording_length_s(const struct recording *recording)
{
	return (double)recording->sample_count / recording->rate_hz;
}

// Goertzel: the power of one frequency, as a share of the block's mean square.
static double tone_share(const double *samples, unsigned count, double cycles_per_sample, double mean_square)
{
	double coefficient = 2 * cos(two_pi * cycles_per_sample);
	double last = 0;
	double before_last = 0;
	for (unsigned i = 0; i < count; i++) {
		double next = samples[i] + coefficient * last - before_last;
		before_last = last;
		last = next;
	}
	double energy = last * last + before_last * before_last - coefficient * last * before_last;
	return 2 * energy / ((double)count * count * mean_square);
}

static bool block_has_tone(const double *samples, unsigned count, double cycles_per_sample)
{
	double mean_square = 0;
	for (unsigned i = 0; i < count; i++)
		mean_square += samples[i] * samples[i] / count;
	return mean_square >= block_power_min &&
	       tone_share(samples, count, cycles_per_sample, mean_square) >= block_share_min;
}

static bool block_read(const struct recording *recording, double *samples, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		uint8_t bytes[2];
		if (fread(bytes, sizeof bytes, 1, recording->file) != 1)
			return false;
		uint32_t raw = number_read(bytes, 2);
		samples[i] = (raw < 32768 ? (double)raw : (double)raw - 65536) / 32768;
	}
	return true;
}

static struct finding tone_find(const struct recording *recording, double tone_hz, struct window window)
{
	static double samples[BLOCK_SAMPLES_MAX];
	struct finding finding = { 0 };
	unsigned count = recording->rate_hz * BLOCK_MS / 1000;
	double length_s = recording_length_s(recording);
	double from_s = window.from_s < length_s ? window.from_s : length_s;
	double to_s = window.to_s < length_s ? window.to_s : length_s;
	unsigned blocks = to_s > from_s ? (unsigned)((to_s - from_s) * 1000 / BLOCK_MS + 0.001) : 0;

	if (fseek(recording->file, recording->data_start + 2 * (long)(from_s * recording->rate_hz), SEEK_SET) != 0)
		return finding;
	while (finding.block_count < blocks && block_read(recording, samples, count)) {
		finding.block_count++;
		finding.heard_count += block_has_tone(samples, count, tone_hz / recording->rate_hz);
	}
	return finding;
}

static unsigned finding_percent(struct finding finding)
{
	return finding.block_count == 0 ? 0 : finding.heard_count * 100 / finding.block_count;
}

// A window without a single block proves nothing: neither that the tone is there nor that it is not.
static bool finding_satisfies(struct finding finding, bool silent)
{
	unsigned percent = finding_percent(finding);
	if (finding.block_count == 0)
		return false;
	return silent ? percent <= SILENT_PERCENT : percent >= HEARD_PERCENT;
}

static void wav_write_header(FILE *file, uint32_t rate_hz, uint32_t sample_count)
{
	uint8_t head[44] = "RIFF....WAVEfmt \x10\0\0\0\1\0\1\0........\2\0\x10\0data....";
	const struct {
		unsigned at;
		uint32_t value;
	} fields[] = { { 4, 36 + 2 * sample_count }, { 24, rate_hz }, { 28, 2 * rate_hz }, { 40, 2 * sample_count } };
	for (unsigned i = 0; i < sizeof fields / sizeof fields[0]; i++)
		for (unsigned byte = 0; byte < 4; byte++)
			head[fields[i].at + byte] = (uint8_t)(fields[i].value >> 8 * byte & 0xff);
	fwrite(head, sizeof head, 1, file);
}

// The self-check's recording, a second each: silence, 440 Hz, noise (a fixed pseudo-random sequence), 440 Hz with 570
// Hz.
static FILE *example_write(uint32_t rate_hz)
{
	FILE *file = tmpfile();
	uint32_t noise = 1;
	if (file == NULL)
		return NULL;
	wav_write_header(file, rate_hz, 4 * rate_hz);
	for (uint32_t i = 0; i < 4 * rate_hz; i++) {
		double time_s = (double)i / rate_hz;
		noise = noise * 1664525 + 1013904223;
		const double by_second[] = {
			0,
			0.4 * sin(two_pi * 440 * time_s),
			(double)(noise >> 16) / 65536 - 0.5,
			0.3 * sin(two_pi * 440 * time_s) + 0.3 * sin(two_pi * 570 * time_s),
		};
		int value = (int)(by_second[i / rate_hz] * 32767);
		fputc(value & 0xff, file);
		fputc(value >> 8 & 0xff, file);
	}
	rewind(file);
	return file;
}

static const struct {
	double tone_hz;
	struct window window;
	bool heard;
	bool silent;
} examples[] = {
	{ 440, { 0, 1 }, false, true },   // silence
	{ 440, { 1, 2 }, true, false },   // the tone itself
	{ 570, { 1, 2 }, false, true },   // another tone
	{ 450, { 1, 2 }, false, true },   // the neighbouring frequency
	{ 440, { 2, 3 }, false, true },   // noise
	{ 440, { 3, 4 }, false, true },   // two phones at once: neither alone
	{ 440, { 0, 2 }, false, false },  // half of the time: neither heard nor silent
	{ 440, { 9, 10 }, false, false }, // past the end: no answer
};

static bool examples_hold(uint32_t rate_hz)
{
	struct recording recording;
	FILE *file = example_write(rate_hz);
	bool good = file != NULL && recording_open(&recording, file);
	for (unsigned i = 0; good && i < sizeof examples / sizeof examples[0]; i++) {
		struct finding finding = tone_find(&recording, examples[i].tone_hz, examples[i].window);
		if (finding_satisfies(finding, false) != examples[i].heard ||
		    finding_satisfies(finding, true) != examples[i].silent) {
			fprintf(stderr, "tone: example %u at %u Hz: %u %%\n", i, rate_hz, finding_percent(finding));
			good = false;
		}
	}
	if (file != NULL)
		fclose(file);
	return good;
}

static int self_check(void)
{
	bool good = examples_hold(8000) && examples_hold(48000);
	puts(good ? "tone: self-check passed" : "tone: self-check failed");
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int usage(FILE *out, int status)
{
	fputs("usage: tone [--silent] [--from S] [--to S] FILE.wav HZ   exit 0 when the tone is heard (or is not)\n"
	      "       tone --length FILE.wav                          prints the recording's seconds\n"
	      "       tone --self-check                               proves the detector on tones of its own\n",
	      out);
	return status;
}

static bool number_parse(const char *text, double *value)
{
	char *end = NULL;
	if (text == NULL)
		return false;
	double parsed = strtod(text, &end);
	if (end == text || *end != '\0' || !(parsed >= 0 && parsed < 1.0e6))
		return false;
	*value = parsed;
	return true;
}

static bool request_parse(struct request *request, char **argument)
{
	*request = (struct request){ .window = { 0, 1.0e6 } };
	for (; *argument != NULL && strncmp(*argument, "--", 2) == 0; argument++) {
		if (strcmp(*argument, "--silent") == 0)
			request->silent = true;
		else if (strcmp(*argument, "--length") == 0)
			request->length = true;
		else if (strcmp(*argument, "--from") == 0 && number_parse(argument[1], &request->window.from_s))
			argument++;
		else if (strcmp(*argument, "--to") == 0 && number_parse(argument[1], &request->window.to_s))
			argument++;
		else
			return false;
	}
	request->path = *argument;
	if (request->path == NULL || request->length)
		return request->path != NULL && argument[1] == NULL;
	return number_parse(argument[1], &request->tone_hz) && request->tone_hz > 0 && argument[2] == NULL;
}

static int answer(const struct request *request, const struct recording *recording)
{
	if (request->length) {
		printf("%.2f\n", recording_length_s(recording));
		return EXIT_SUCCESS;
	}
	struct finding finding = tone_find(recording, request->tone_hz, request->window);
	printf("%.0f Hz in %u %% of %.1f s\n", request->tone_hz, finding_percent(finding),
	       finding.block_count * BLOCK_MS / 1000.0);
	return finding_satisfies(finding, request->silent) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct request request;
	struct recording recording;
	if (argc == 2 && strcmp(argv[1], "--self-check") == 0)
		return self_check();
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout, EXIT_SUCCESS);
	if (argc < 2 || !request_parse(&request, argv + 1))
		return usage(stderr, EXIT_FAILURE);
	FILE *file = fopen(request.path, "rb");
	if (file == NULL || !recording_open(&recording, file)) {
		fprintf(stderr, "tone: %s is not a WAV file of 16 bit and one channel\n", request.path);
		if (file != NULL)
			fclose(file);
		return EXIT_FAILURE;
	}
	int status = answer(&request, &recording);
	fclose(file);
	return status;
}
