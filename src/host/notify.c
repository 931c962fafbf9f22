/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify_manager(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	size_t length = path == NULL ? 0 : strlen(path);
	int descriptor;

	if (length < 2 || length >= sizeof(name.sun_path) || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(name.sun_path, path, length);
	if (path[0] == '@') /* an abstract name */
		name.sun_path[0] = '\0';
	descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0)
		return;
	/* A manager that does not listen is not our fault and no reason to stop. */
	(void)sendto(descriptor, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&name,
	             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
	close(descriptor);
}
