/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the kernel's header of an older distribution does not know yet (Documentation/userspace-api/landlock.rst). */
enum {
	ACCESS_ALL_OF_1 = (1 << 13) - 1,
	ACCESS_REFER = 1 << 13,         /* version 2 */
	ACCESS_TRUNCATE = 1 << 14,      /* 3 */
	ACCESS_IOCTL_DEV = 1 << 15,     /* 5 */
	SCOPE_ABSTRACT_SOCKET = 1 << 0, /* 6 */
	SCOPE_SIGNAL = 1 << 1,
};

struct rules {
	uint64_t handled_files, handled_network, scoped;
};

enum { RULES_SIZE_1 = sizeof(uint64_t) }; /* of the structure as version 1 knew it */

static int version(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

static uint64_t rights_of(int version)
{
	return ACCESS_ALL_OF_1 | (version >= 2 ? ACCESS_REFER : 0) | (version >= 3 ? ACCESS_TRUNCATE : 0) |
	       (version >= 5 ? ACCESS_IOCTL_DEV : 0);
}

/* A service manager may listen on an abstract socket, which is told when the daemon ends. */
static uint64_t scope_of(int version)
{
	const char *manager = getenv("NOTIFY_SOCKET");
	bool needs_abstract = manager != NULL && manager[0] == '@';
	return version < 6 ? 0 : SCOPE_SIGNAL | (needs_abstract ? 0u : SCOPE_ABSTRACT_SOCKET);
}

/* A folder that does not exist needs no right. */
static bool allow(int rules, const char *folder, uint64_t rights)
{
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = rights,
		.parent_fd = open(folder, O_PATH | O_CLOEXEC),
	};
	if (beneath.parent_fd < 0)
		return errno == ENOENT;
	bool allowed = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
	close(beneath.parent_fd);
	return allowed;
}

static bool allow_all(int rules, const struct sandbox_wish *wish, uint64_t known)
{
	const uint64_t read = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
	const uint64_t write = read | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
	                       LANDLOCK_ACCESS_FS_REMOVE_FILE | ACCESS_TRUNCATE;
	bool allowed = allow(rules, "/proc", read);
	for (size_t i = 0; allowed && i < wish->folder_count; i++)
		allowed = allow(rules, wish->folders[i].path, write & known);
	return allowed;
}

bool landlock_enter(const struct sandbox_wish *wish, struct problem *problem)
{
	int found = version();
	if (found < 1) /* an older kernel, or one that was built or started without */
		return true;
	struct rules rules = { .handled_files = rights_of(found), .scoped = scope_of(found) };
	int descriptor =
	        (int)syscall(SYS_landlock_create_ruleset, &rules, found >= 6 ? sizeof rules : (size_t)RULES_SIZE_1, 0);
	bool entered = descriptor >= 0 && allow_all(descriptor, wish, rules.handled_files) &&
	               syscall(SYS_landlock_restrict_self, descriptor, 0) == 0;
	int error = errno;
	if (descriptor >= 0)
		close(descriptor);
	return entered || problem_say(problem, "Landlock does not confine this process: %s; --sandbox=no runs without",
	                              strerror(error));
}

/* The kernel does not say whether it confines a process: it is tried. */
unsigned landlock_version(void)
{
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root >= 0) {
		close(root);
		return 0;
	}
	int found = errno == EACCES ? version() : 0;
	return found > 0 ? (unsigned)found : 0;
}
