/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling the service manager how far we are: the datagrams of sd_notify(3). */
#ifndef HOST_NOTIFY_H
#define HOST_NOTIFY_H

/* Sends `state` ("READY=1") to the socket that $NOTIFY_SOCKET names. Does nothing when there is none. */
void notify_manager(const char *state);

#endif
