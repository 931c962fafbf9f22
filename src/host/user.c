/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/user.h"

#include <pwd.h>
#include <string.h>

enum { USER_NAME_MAX = 64 };

bool user_find(const char *name, size_t length, uid_t *user, gid_t *group)
{
	char text[USER_NAME_MAX];
	if (length >= sizeof text)
		return false;
	memcpy(text, name, length);
	text[length] = '\0';
	const struct passwd *found = getpwnam(text);
	if (found == NULL)
		return false;
	*user = found->pw_uid;
	*group = found->pw_gid;
	return true;
}

void user_find_default(uid_t *user, gid_t *group)
{
	static const char *const names[] = { "sipalg", "nobody" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (user_find(names[i], strlen(names[i]), user, group))
			return;
}
