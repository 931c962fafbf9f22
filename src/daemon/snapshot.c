/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/snapshot.h"

#include "host/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Where and when it holds ---- */

static void read_boot(char *boot, size_t size)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (file == NULL || fgets(boot, (int)size, file) == NULL)
		snprintf(boot, size, "unknown");
	boot[strcspn(boot, "\n")] = '\0';
	if (file != NULL)
		fclose(file);
}

/* Never given twice while the machine runs; 0 before Linux 5.14. */
static uint64_t network_cookie(void)
{
	uint64_t cookie = 0;
	socklen_t length = sizeof(cookie);
	int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (descriptor >= 0 && getsockopt(descriptor, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) != 0)
		cookie = 0;
	if (descriptor >= 0)
		close(descriptor);
	return cookie;
}

void snapshot_open(struct snapshot *snapshot, const char *socket, uid_t writer)
{
	char boot[40];

	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->next_ns = SIPALG_NEVER;
	snapshot->draft = -1;
	snapshot->writer = writer;
	snprintf(snapshot->path, sizeof(snapshot->path), "%s.snapshot", socket);
	read_boot(boot, sizeof(boot));
	snprintf(snapshot->mark, sizeof(snapshot->mark), "%s %016llx\n", boot, (unsigned long long)network_cookie());
}

void snapshot_close(struct snapshot *snapshot)
{
	if (snapshot->bytes != NULL && snapshot->draft >= 0)
		close(snapshot->draft);
	free(snapshot->bytes);
	snapshot->bytes = NULL;
	snapshot->room = 0;
}

static bool make_room(struct snapshot *snapshot, size_t length)
{
	size_t room = length + length / 8 + 4096;
	uint8_t *bytes = length > SNAPSHOT_SIZE_MAX ? NULL : realloc(snapshot->bytes, room);

	if (bytes == NULL)
		return false;
	snapshot->bytes = bytes;
	snapshot->room = room;
	return true;
}

/* ---- Loading ---- */

/* What nobody but this program can have written. */
static bool is_own(const struct snapshot *snapshot, const struct stat *status)
{
	return S_ISREG(status->st_mode) && (status->st_uid == geteuid() || status->st_uid == snapshot->writer) &&
	       (status->st_mode & (S_IWGRP | S_IWOTH)) == 0 && status->st_size > 0 &&
	       status->st_size <= SNAPSHOT_SIZE_MAX;
}

static bool file_open(const struct snapshot *snapshot, int *descriptor, size_t *size, struct problem *problem)
{
	const char *path = snapshot->path;
	struct stat status;

	*descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	problem->text[0] = '\0';
	if (*descriptor < 0 && (errno == ENOENT || errno == ENOTDIR))
		return false;
	if (*descriptor < 0 || fstat(*descriptor, &status) != 0)
		return problem_say(problem, "%s: %s; calls and registrations begin anew", path, strerror(errno));
	*size = (size_t)status.st_size;
	if (is_own(snapshot, &status))
		return true;
	return problem_say(problem, "%s is not a file that sipalg wrote; it is ignored", path);
}

static bool file_read(int descriptor, uint8_t *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = read(descriptor, bytes + done, size - done);

		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

static bool load_bytes(const struct snapshot *snapshot, size_t size, sipalg_engine *engine, uint64_t now_ns,
                       struct problem *problem)
{
	size_t mark = strlen(snapshot->mark);

	if (size < mark || memcmp(snapshot->bytes, snapshot->mark, mark) != 0)
		return problem_say(problem, "%s is of another boot or network namespace; it is ignored",
		                   snapshot->path);
	switch (sipalg_engine_load(engine, now_ns, snapshot->bytes + mark, size - mark)) {
	case SIPALG_SNAPSHOT_LOADED:
		return true;
	case SIPALG_SNAPSHOT_OTHER_VERSION:
		return problem_say(problem, "%s is of another version of sipalg; it is ignored", snapshot->path);
	case SIPALG_SNAPSHOT_OTHER_CLOCK:
		return problem_say(problem, "%s was written in the future; it is ignored", snapshot->path);
	case SIPALG_SNAPSHOT_DAMAGED:
		break;
	}
	return problem_say(problem, "%s is damaged; it is ignored", snapshot->path);
}

bool snapshot_load(struct snapshot *snapshot, sipalg_engine *engine, uint64_t now_ns, struct problem *problem)
{
	size_t size = 0;
	int descriptor;
	bool loaded = file_open(snapshot, &descriptor, &size, problem);

	if (loaded && !(make_room(snapshot, size) && file_read(descriptor, snapshot->bytes, size)))
		loaded = problem_say(problem, "%s cannot be read; it is ignored", snapshot->path);
	if (loaded)
		loaded = load_bytes(snapshot, size, engine, now_ns, problem);
	if (descriptor >= 0)
		close(descriptor);
	return loaded;
}

/* ---- Writing ---- */

void snapshot_mark_changed(struct snapshot *snapshot, uint64_t now_ns)
{
	uint64_t pause_ns = SNAPSHOT_MS * (SIPALG_SECOND_NS / 1000);

	snapshot->changed = snapshot->draft >= 0;
	if (snapshot->next_ns != SIPALG_NEVER)
		return;
	if (pause_ns < snapshot->last_took_ns * SNAPSHOT_PER_WRITE)
		pause_ns = snapshot->last_took_ns * SNAPSHOT_PER_WRITE;
	snapshot->next_ns = snapshot->last_ns + pause_ns > now_ns ? snapshot->last_ns + pause_ns : now_ns;
}

/* The mark, and what the engine says behind it; 0: there is no memory. */
static size_t fill(struct snapshot *snapshot, const sipalg_engine *engine, uint64_t now_ns)
{
	size_t mark = strlen(snapshot->mark), length = mark;

	/* What did not fit is worth nothing, and is written anew. */
	do {
		if (snapshot->room <= length && !make_room(snapshot, length))
			return 0;
		length = mark + sipalg_engine_save(engine, now_ns, snapshot->bytes + mark, snapshot->room - mark);
	} while (length > snapshot->room);
	memcpy(snapshot->bytes, snapshot->mark, mark);
	return length;
}

static void draft_path(const struct snapshot *snapshot, char path[sizeof(snapshot->path) + sizeof(".new")])
{
	snprintf(path, sizeof(snapshot->path) + sizeof(".new"), "%s.new", snapshot->path);
}

static bool draft_begin(struct snapshot *snapshot, const sipalg_engine *engine, uint64_t now_ns)
{
	char path[sizeof(snapshot->path) + sizeof(".new")];

	snapshot->changed = false;
	snapshot->written = 0;
	snapshot->length = fill(snapshot, engine, now_ns);
	errno = ENOMEM;
	if (snapshot->length == 0)
		return false;
	draft_path(snapshot, path);
	unlink(path);
	snapshot->draft = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return snapshot->draft >= 0;
}

static bool draft_go_on(struct snapshot *snapshot)
{
	size_t left = snapshot->length - snapshot->written;
	ssize_t written = write(snapshot->draft, snapshot->bytes + snapshot->written,
	                        left < SNAPSHOT_SLICE ? left : SNAPSHOT_SLICE);

	if (written > 0)
		snapshot->written += (size_t)written;
	return written > 0;
}

static bool draft_close(struct snapshot *snapshot)
{
	int descriptor = snapshot->draft;

	snapshot->draft = -1;
	return descriptor < 0 || close(descriptor) == 0;
}

/* Renamed when whole: whoever reads finds the old one or the new one. It need not outlast a loss of power. */
static bool draft_end(struct snapshot *snapshot)
{
	char path[sizeof(snapshot->path) + sizeof(".new")];

	draft_path(snapshot, path);
	return draft_close(snapshot) && rename(path, snapshot->path) == 0;
}

static void fail(struct snapshot *snapshot, struct problem *problem)
{
	char path[sizeof(snapshot->path) + sizeof(".new")];

	problem->text[0] = '\0';
	if (!snapshot->failed)
		problem_say(problem, "%s: %s; calls and registrations will not outlive this process", snapshot->path,
		            strerror(errno));
	(void)draft_close(snapshot);
	draft_path(snapshot, path);
	unlink(path);
}

static void finish(struct snapshot *snapshot, uint64_t now_ns)
{
	snapshot->last_ns = now_ns;
	snapshot->last_took_ns = snapshot->took_ns;
	snapshot->took_ns = 0;
	snapshot->next_ns = SIPALG_NEVER;
	if (snapshot->changed)
		snapshot_mark_changed(snapshot, now_ns);
}

bool snapshot_work(struct snapshot *snapshot, const sipalg_engine *engine, uint64_t now_ns, struct problem *problem)
{
	bool good = snapshot->draft >= 0 ? draft_go_on(snapshot) : draft_begin(snapshot, engine, now_ns);
	uint64_t end_ns;

	if (good && snapshot->written == snapshot->length)
		good = draft_end(snapshot);
	if (!good)
		fail(snapshot, problem);
	snapshot->failed = !good;
	end_ns = clock_now_ns();
	snapshot->took_ns += end_ns - now_ns;
	snapshot->next_ns = now_ns;
	if (snapshot->draft < 0)
		finish(snapshot, end_ns);
	return good;
}

bool snapshot_write(struct snapshot *snapshot, const sipalg_engine *engine, uint64_t now_ns, struct problem *problem)
{
	bool good;

	(void)draft_close(snapshot); /* of one that is not the latest any more */
	do
		good = snapshot_work(snapshot, engine, now_ns, problem);
	while (snapshot->draft >= 0);
	return good;
}
