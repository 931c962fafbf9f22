/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sandbox.h"

#include "host/landlock.h"
#include "host/system_calls.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Length of the folder's path; 0: a name alone. */
static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
}

static struct sandbox_folder *find_folder(struct sandbox_wish *wish, const char *path, size_t length)
{
	size_t i = 0;
	while (i < wish->folder_count &&
	       (strncmp(wish->folders[i].path, path, length) != 0 || wish->folders[i].path[length] != '\0'))
		i++;
	return i < SANDBOX_FOLDERS_MAX ? &wish->folders[i] : NULL;
}

/* "/var/lib/sipalg", which a service manager or an earlier version may have made. */
static bool is_named_for_us(const char *folder)
{
	const char *slash = strrchr(folder, '/');
	return slash != NULL && strcmp(slash + 1, "sipalg") == 0;
}

bool sandbox_add_folder(struct sandbox_wish *wish, const char *path, bool needed, struct problem *problem)
{
	size_t length = folder_length(path);
	if (length == 0)
		return true;
	struct sandbox_folder *folder = length < SANDBOX_FOLDER_MAX ? find_folder(wish, path, length) : NULL;
	if (folder == NULL)
		return problem_say(problem, "%s: the path is too long", path);
	folder->needed = folder->needed || needed;
	if (folder != &wish->folders[wish->folder_count])
		return true;
	wish->folder_count++;
	memcpy(folder->path, path, length);
	folder->path[length] = '\0';
	bool made = mkdir(folder->path, 0755) == 0;
	if (wish->confine && wish->user != 0 && (made || is_named_for_us(folder->path)))
		(void)!lchown(folder->path, wish->user, wish->group); /* refused: check_folders() tells */
	return true;
}

/* ---- The user and the rights ---- */

/* In a user namespace there may be nobody else to become. */
static bool user_exists(uid_t user)
{
	FILE *file = fopen("/proc/self/uid_map", "re");
	unsigned inside, outside, count;
	bool found = file == NULL;
	while (file != NULL && !found && fscanf(file, "%u %u %u", &inside, &outside, &count) == 3)
		found = user >= inside && user - inside < count;
	if (file != NULL)
		fclose(file);
	return found;
}

/* Netlink asks for CAP_NET_ADMIN with every message, so that one has to stay for who needs it. */
static bool give_up_rights(const struct sandbox_wish *wish, struct problem *problem)
{
	bool change = wish->user != 0 && geteuid() == 0 && user_exists(wish->user);
	capng_clear(CAPNG_SELECT_BOTH);
	if (wish->administers_network)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_ADMIN);
	int refused = change ? capng_change_id((int)wish->user, (int)wish->group,
	                                       CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT)
	                     : capng_apply(CAPNG_SELECT_CAPS);
	if (refused != 0)
		return problem_say(problem,
		                   "rights cannot be given up (libcap-ng says %d); start it as root, or as a user with "
		                   "CAP_NET_ADMIN and --user root",
		                   refused);
	return true;
}

/* As the user whom the process has become. Folders that are not needed and cannot be written in are forgotten. */
static bool check_folders(struct sandbox_wish *wish, struct problem *problem)
{
	size_t kept = 0;
	for (size_t i = 0; i < wish->folder_count; i++) {
		const struct sandbox_folder folder = wish->folders[i];
		bool writable = faccessat(AT_FDCWD, folder.path, W_OK | X_OK, AT_EACCESS) == 0;
		if (!writable && folder.needed)
			return problem_say(problem,
			                   "user %u, whom sipalg becomes, cannot write in %s (%s); `chown %u %s`, or "
			                   "name a file in another folder",
			                   (unsigned)geteuid(), folder.path, strerror(errno), (unsigned)geteuid(),
			                   folder.path);
		if (writable)
			wish->folders[kept++] = folder;
	}
	wish->folder_count = kept;
	return true;
}

static void limit_resources(void)
{
	const struct rlimit none = { 0, 0 };
	setrlimit(RLIMIT_CORE, &none); /* a core holds what phones have sent */
	setrlimit(RLIMIT_NPROC, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

bool sandbox_enter(struct sandbox_wish *wish, struct problem *problem)
{
	if (!wish->confine)
		return true;
	if (!give_up_rights(wish, problem) || !check_folders(wish, problem))
		return false;
	limit_resources();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return problem_say(problem, "the kernel does not promise that no rights come back (no_new_privs): %s",
		                   strerror(errno));
	return landlock_enter(wish, problem) && system_calls_enter(problem);
}

/* ---- What holds ---- */

static void describe_rights(char out[SANDBOX_RIGHTS_TEXT_MAX])
{
	char *text = NULL;
	if (capng_get_caps_process() == 0)
		text = capng_print_caps_text(CAPNG_PRINT_BUFFER, CAPNG_EFFECTIVE);
	snprintf(out, SANDBOX_RIGHTS_TEXT_MAX, "%s", text == NULL || strcmp(text, "none") == 0 ? "" : text);
	free(text);
}

void sandbox_describe(struct sandbox_view *view)
{
	struct rlimit processes = { RLIM_INFINITY, RLIM_INFINITY };
	enum { SECCOMP_FILTERS = 2 };
	*view = (struct sandbox_view){ .user = geteuid(), .group = getegid() };
	describe_rights(view->rights);
	view->no_new_rights = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	view->system_calls = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_FILTERS;
	view->system_call_count = view->system_calls ? system_calls_count() : 0;
	view->landlock = landlock_version();
	getrlimit(RLIMIT_NPROC, &processes);
	view->processes = processes.rlim_cur > 0 && !view->system_calls;
}
