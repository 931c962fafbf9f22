/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration file: every setting that was accepted is within its bounds, every refusal is one line. */
#include "daemon/settings.h"

#include "reader.h"

#include <sys/mman.h>
#include <unistd.h>

static int file = -1;
static char path[64];

static void make_file(const uint8_t *data, size_t size)
{
	if (file < 0) {
		file = memfd_create("settings", 0);
		snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	}
	assert_int_equal(ftruncate(file, 0), 0);
	assert_int_equal(pwrite(file, data, size, 0), (ssize_t)size);
}

static void check_line(const struct problem *problem)
{
	size_t length = strnlen(problem->text, sizeof problem->text);
	assert_true(length > 0 && length < sizeof problem->text);
	for (size_t i = 0; i < length; i++)
		assert_true((unsigned char)problem->text[i] >= ' ');
}

static void check_settings(const struct settings *settings)
{
	assert_true(settings->lan.count <= SETTINGS_INTERFACES_MAX && settings->wan.count <= SETTINGS_INTERFACES_MAX);
	assert_true(settings->inside_count <= SIPALG_PREFIXES_MAX && settings->off_count <= SIPALG_PREFIXES_MAX);
	assert_true(settings->server_count <= SETTINGS_SERVERS_MAX);
	assert_true(settings->sip_port_count <= SETTINGS_SIP_PORTS_MAX);
	assert_true(settings->reserved_count <= SETTINGS_RESERVED_MAX);
	assert_true(settings->engine.port_min >= SIPALG_PORT_MIN);
	assert_true(settings->engine.port_min < settings->engine.port_max);
	assert_true(settings->engine.bindings_max >= 1 && settings->engine.bindings_max <= SETTINGS_OBJECTS_MAX);
	assert_true(strnlen(settings->socket, VALUE_PATH_MAX) < VALUE_PATH_MAX);
	assert_true(strnlen(settings->state, VALUE_PATH_MAX) < VALUE_PATH_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct settings settings;
	struct problem problem;
	if (size > 65536)
		return 0;
	make_file(data, size);
	settings_defaults(&settings);
	if (!settings_read_file(&settings, path, &problem) || !settings_check(&settings, &problem))
		check_line(&problem);
	else
		check_settings(&settings);
	return 0;
}
