/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/show.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>

enum { LABEL_WIDTH = 14, TEXT_MAX = 64 };

static void print_line(const struct terminal *terminal, bool good, const char *label, const char *text)
{
	printf("%s%-*s%s%s%s%s\n", terminal_style(terminal, STYLE_DIM), LABEL_WIDTH, label,
	       terminal_style(terminal, STYLE_PLAIN), terminal_style(terminal, good ? STYLE_GOOD : STYLE_BAD), text,
	       terminal_style(terminal, STYLE_PLAIN));
}

static void print_user(const struct terminal *terminal, const json_t *sandbox)
{
	uid_t number = (uid_t)json_count(sandbox, "user");
	gid_t group_number = (gid_t)json_count(sandbox, "group");
	const struct passwd *user = getpwuid(number);
	const struct group *group = getgrgid(group_number);
	char text[2 * TEXT_MAX];
	snprintf(text, sizeof text, "%.32s (%u), group %.32s (%u)", user != NULL ? user->pw_name : "?",
	         (unsigned)number, group != NULL ? group->gr_name : "?", (unsigned)group_number);
	print_line(terminal, number != 0, "user", text);
}

static void print_system_calls(const struct terminal *terminal, const json_t *sandbox)
{
	char text[TEXT_MAX];
	bool confined = json_is_yes(sandbox, "system_calls_confined");
	snprintf(text, sizeof text, "%u allowed, all others fail (seccomp)",
	         (unsigned)json_count(sandbox, "system_calls"));
	print_line(terminal, confined, "system calls", confined ? text : "all (no seccomp filter)");
}

static void print_files(const struct terminal *terminal, const json_t *sandbox)
{
	char text[TEXT_MAX];
	unsigned version = (unsigned)json_count(sandbox, "landlock");
	snprintf(text, sizeof text, "its own alone (Landlock %u)", version);
	print_line(terminal, version > 0, "files", version > 0 ? text : "what its user may see (no Landlock)");
}

void show_sandbox(const struct terminal *terminal, const json_t *sandbox)
{
	const char *rights = json_text(sandbox, "rights");
	bool kept = json_is_yes(sandbox, "no_new_rights"), starts = json_is_yes(sandbox, "can_start_processes");
	print_user(terminal, sandbox);
	print_line(terminal, strcmp(rights, "net_admin") == 0, "rights", rights[0] != '\0' ? rights : "none");
	print_line(terminal, kept, "new rights", kept ? "none can be gained (no_new_privs)" : "could be gained");
	print_system_calls(terminal, sandbox);
	print_files(terminal, sandbox);
	print_line(terminal, !starts, "processes", starts ? "could be started" : "none can be started");
}
