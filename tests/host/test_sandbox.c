/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each test goes into the sandbox in a process of its own, for there is no way out of it. */
#include "host/sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char base[64];
static struct sandbox_wish wish;

static int make_base(void **state)
{
	(void)state;
	const struct passwd *nobody = getpwnam("nobody");
	snprintf(base, sizeof base, "/tmp/sandbox-test-XXXXXX");
	if (geteuid() != 0 || nobody == NULL || mkdtemp(base) == NULL || chmod(base, 0755) != 0)
		return -1;
	wish = (struct sandbox_wish){
		.confine = true, .administers_network = true, .user = nobody->pw_uid, .group = nobody->pw_gid
	};
	return 0;
}

static int remove_base(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof command, "rm -rf '%s'", base);
	return system(command);
}

/* What the process that goes into the sandbox finds; NULL: all as it should be. */
typedef const char *finding(void);

/* Returns what was found, by way of a pipe. */
static const char *in_sandbox(finding *find)
{
	static char said[512];
	struct problem problem;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		const char *text = sandbox_enter(&wish, &problem) ? find() : problem.text;
		if (text != NULL)
			(void)!write(ends[1], text, strlen(text));
		_exit(0);
	}
	close(ends[1]);
	ssize_t length = read(ends[0], said, sizeof said - 1);
	close(ends[0]);
	waitpid(child, NULL, 0);
	said[length > 0 ? length : 0] = '\0';
	return said;
}

static bool refused(long result, int error)
{
	return result == -1 && errno == error;
}

/* ---- What is gone ---- */

static const char *find_user(void)
{
	if (getuid() != wish.user || geteuid() != wish.user || getegid() != wish.group)
		return "still another user";
	if (!refused(setuid(0), EPERM))
		return "could become root again";
	return NULL;
}

static const char *find_rights(void)
{
	if (capng_get_caps_process() != 0 || !capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN))
		return "cannot change rules any more";
	for (unsigned right = 0; right <= CAP_LAST_CAP; right++)
		if (right != CAP_NET_ADMIN &&
		    (capng_have_capability(CAPNG_PERMITTED, right) || capng_have_capability(CAPNG_BOUNDING_SET, right)))
			return capng_capability_to_name(right);
	return NULL;
}

static const char *find_files(void)
{
	if (!refused(open("/etc/passwd", O_RDONLY), EACCES))
		return "reads /etc/passwd";
	if (!refused(open("/tmp/sandbox-test-escape", O_WRONLY | O_CREAT, 0600), EACCES))
		return "writes in /tmp";
	return NULL;
}

static const char *find_calls(void)
{
	static char *const arguments[] = { (char *)"/bin/true", NULL };
	if (!refused(execv(arguments[0], arguments), EPERM))
		return "executes programs";
	if (!refused(syscall(SYS_clone, 0, 0, 0, 0, 0), EPERM))
		return "starts processes";
	if (!refused(socket(AF_PACKET, SOCK_RAW, 0), EPERM))
		return "opens packet sockets";
	if (!refused(ptrace(PTRACE_ATTACH, 1, 0, 0), EPERM))
		return "traces processes";
	if (!refused(mount("none", "/", NULL, MS_REMOUNT, NULL), EPERM))
		return "mounts";
	if (!refused(syscall(SYS_bpf, 0, 0, 0), EPERM))
		return "loads BPF programs";
	if (!refused(syscall(SYS_unshare, 0x10000000 /* CLONE_NEWUSER */), EPERM))
		return "makes user namespaces";
	return NULL;
}

static void test_what_is_gone(void **state)
{
	(void)state;
	assert_string_equal(in_sandbox(find_user), "");
	assert_string_equal(in_sandbox(find_rights), "");
	assert_string_equal(in_sandbox(find_files), "");
	assert_string_equal(in_sandbox(find_calls), "");
}

/* ---- What is left ---- */

static const char *find_work(void)
{
	char path[128], renamed[128];
	int file, netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER), tcp = socket(AF_INET6, SOCK_STREAM, 0);
	snprintf(path, sizeof path, "%s/own/switches.new", base);
	snprintf(renamed, sizeof renamed, "%s/own/switches", base);
	if (netlink < 0 || tcp < 0)
		return "opens no sockets";
	file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (file < 0 || write(file, "off\n", 4) != 4 || fsync(file) != 0 || rename(path, renamed) != 0)
		return "cannot write its own files";
	if (open(renamed, O_RDONLY) < 0 || open("/proc/self/net/route", O_RDONLY) < 0)
		return "cannot read what it needs";
	return unlink(renamed) == 0 ? NULL : "cannot remove its own files";
}

static void test_what_is_left(void **state)
{
	(void)state;
	struct problem problem;
	char path[128];
	snprintf(path, sizeof path, "%s/own/switches", base);
	assert_true(sandbox_add_folder(&wish, path, true, &problem));
	assert_string_equal(in_sandbox(find_work), "");
}

/* ---- What is said ---- */

static const char *find_view(void)
{
	static char text[1024];
	struct sandbox_view view;
	sandbox_describe(&view);
	snprintf(text, sizeof text, "%u %s %d %d %d %d %d", (unsigned)view.user, view.rights, view.no_new_rights,
	         view.system_calls, view.system_call_count > 50, view.landlock > 0, view.processes);
	return text;
}

static void test_view(void **state)
{
	(void)state;
	char expected[64];
	struct sandbox_view view;
	snprintf(expected, sizeof expected, "%u net_admin 1 1 1 1 0", (unsigned)wish.user);
	assert_string_equal(in_sandbox(find_view), expected);
	sandbox_describe(&view); /* outside of it nothing of that holds */
	assert_int_equal(view.user, 0);
	assert_false(view.no_new_rights);
	assert_false(view.system_calls);
	assert_int_equal(view.landlock, 0);
	assert_true(view.processes);
}

static const char *find_nothing(void)
{
	return NULL;
}

static void test_foreign_folder(void **state)
{
	(void)state;
	const struct sandbox_wish before = wish;
	struct problem problem;
	char path[128];
	snprintf(path, sizeof path, "%s/switches", base); /* it is root's */
	assert_true(sandbox_add_folder(&wish, path, false, &problem));
	assert_string_equal(in_sandbox(find_nothing), "");
	assert_true(sandbox_add_folder(&wish, path, true, &problem));
	assert_non_null(strstr(in_sandbox(find_nothing), "cannot write in /tmp/sandbox-test-"));
	wish = before;
}

static void test_not_wished(void **state)
{
	(void)state;
	wish.confine = false;
	assert_string_equal(in_sandbox(find_files), "reads /etc/passwd");
	wish.confine = true;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_gone),   cmocka_unit_test(test_what_is_left), cmocka_unit_test(test_view),
		cmocka_unit_test(test_foreign_folder), cmocka_unit_test(test_not_wished),
	};
	return cmocka_run_group_tests(tests, make_base, remove_base);
}
