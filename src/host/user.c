/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/user.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

#define USERS_FILE "/etc/passwd"

enum { USER_NAME_MAX = 64 };

/* Nearly everybody stands in the file. Whoever asks further loads what the directories of others need, and keeps it:
 * half a megabyte. */
static const struct passwd *find_in_file(FILE *file, const char *name)
{
	const struct passwd *found;

	do
		found = fgetpwent(file);
	while (found != NULL && strcmp(found->pw_name, name) != 0);
	return found;
}

static const struct passwd *find(const char *name)
{
	FILE *file = fopen(USERS_FILE, "re");
	const struct passwd *found = file == NULL ? NULL : find_in_file(file, name);

	if (file != NULL)
		fclose(file);
	return found;
}

static void take(const struct passwd *found, uid_t *user, gid_t *group)
{
	*user = found->pw_uid;
	*group = found->pw_gid;
}

bool user_find(const char *name, size_t length, uid_t *user, gid_t *group)
{
	char text[USER_NAME_MAX];
	const struct passwd *found;

	if (length >= sizeof text)
		return false;
	memcpy(text, name, length);
	text[length] = '\0';
	found = find(text);
	if (found == NULL)
		found = getpwnam(text);
	if (found != NULL)
		take(found, user, group);
	return found != NULL;
}

/* These two are system users: the file has them. */
void user_find_default(uid_t *user, gid_t *group)
{
	static const char *const names[] = { "sipalg", "nobody" };
	const struct passwd *found = NULL;

	for (size_t i = 0; i < sizeof names / sizeof names[0] && found == NULL; i++)
		found = find(names[i]);
	if (found != NULL)
		take(found, user, group);
}
