/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/system_calls.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/* By what they are for. Some have other names on other architectures or in other libraries: those that this
 * architecture does not have are passed over. */
static const char *const allowed[] = {
	/* waiting, time and chance */
	"ppoll",
	"ppoll_time64",
	"poll",
	"epoll_create1",
	"epoll_ctl",
	"epoll_wait",
	"epoll_pwait",
	"epoll_pwait2",
	"clock_gettime",
	"clock_gettime64",
	"clock_nanosleep",
	"clock_nanosleep_time64",
	"nanosleep",
	"gettimeofday",
	"timerfd_create",
	"timerfd_settime",
	"timerfd_settime64",
	"getrandom",
	"sched_yield",
	"restart_syscall",

	/* netlink, the control socket, TCP connections */
	"connect",
	"bind",
	"listen",
	"accept",
	"accept4",
	"shutdown",
	"getsockname",
	"getpeername",
	"getsockopt",
	"setsockopt",
	"sendto",
	"sendmsg",
	"sendmmsg",
	"recvfrom",
	"recvmsg",
	"recvmmsg",
	"recvmmsg_time64",
	"splice",
	"pipe2",
	"read",
	"readv",
	"write",
	"writev",
	"close",
	"fcntl",
	"fcntl64",
	"ioctl",

	/* the files that remember, and what /proc tells */
	"open",
	"openat",
	"fstat",
	"fstat64",
	"stat",
	"stat64",
	"lstat",
	"newfstatat",
	"fstatat64",
	"statx",
	"lseek",
	"_llseek",
	"pread64",
	"pwrite64",
	"ftruncate",
	"ftruncate64",
	"fsync",
	"fdatasync",
	"rename",
	"renameat",
	"renameat2",
	"unlink",
	"unlinkat",
	"mkdir",
	"mkdirat",
	"faccessat",
	"faccessat2",
	"getdents64",

	/* memory */
	"brk",
	"mmap",
	"mmap2",
	"munmap",
	"mremap",
	"mprotect",
	"madvise",

	/* the process itself */
	"getpid",
	"gettid",
	"getuid",
	"getuid32",
	"geteuid",
	"geteuid32",
	"getgid",
	"getgid32",
	"getegid",
	"getegid32",
	"capget",
	"prctl",
	"getrlimit",
	"ugetrlimit",
	"prlimit64",
	"futex",
	"futex_time64",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"sigreturn",
	"sigaltstack",
	"tgkill",
	"exit",
	"exit_group",
	"uname",
	"sysinfo",
	"sched_getaffinity",
	"landlock_create_ruleset",
	"membarrier",
	"rseq",
	"set_robust_list",
};

/* Sockets only of the kinds that are opened at run time: netlink, TCP and UDP, and the service manager's. */
static const int allowed_families[] = { AF_NETLINK, AF_INET, AF_INET6, AF_UNIX };

enum {
	ALLOWED_COUNT = sizeof allowed / sizeof allowed[0],
	FAMILY_COUNT = sizeof allowed_families / sizeof allowed_families[0],
};

static bool allow_call(scmp_filter_ctx filter, const char *name)
{
	int number = seccomp_syscall_resolve_name(name);
	/* negative: libseccomp's own number for a call that other architectures have */
	return number == __NR_SCMP_ERROR || number < 0 || seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0) == 0;
}

static bool allow_all(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < ALLOWED_COUNT; i++)
		if (!allow_call(filter, allowed[i]))
			return false;
	for (size_t i = 0; i < FAMILY_COUNT; i++) {
		const struct scmp_arg_cmp family = { .arg = 0,
			                             .op = SCMP_CMP_EQ,
			                             .datum_a = (scmp_datum_t)allowed_families[i] };
		if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, &family) != 0)
			return false;
	}
	return true;
}

bool system_calls_enter(struct problem *problem)
{
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) /* this kernel has none */
		return true;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL)
		return problem_say(problem, "there is not enough memory to list the system calls that are allowed");
	int refused = 0;
	/* A tree in place of a chain: each call costs a few comparisons, not a hundred. */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	bool entered = allow_all(filter) && (refused = seccomp_load(filter)) == 0;
	seccomp_release(filter);
	return entered || problem_say(problem, "system calls cannot be confined: %s; --sandbox=no runs without",
	                              strerror(-refused));
}

size_t system_calls_count(void)
{
	size_t count = 1; /* socket() */
	for (size_t i = 0; i < ALLOWED_COUNT; i++)
		if (seccomp_syscall_resolve_name(allowed[i]) >= 0)
			count++;
	return count;
}
