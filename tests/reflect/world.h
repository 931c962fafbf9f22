/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sipalg reflect` and clients of it, each in a network namespace of this process's own:
 *
 *     clients                                      server
 *     198.51.100.7, .8, 2001:db8:7::7  ---------  203.0.113.2, .9, 2001:db8::2, ::9
 */
#ifndef TESTS_REFLECT_WORLD_H
#define TESTS_REFLECT_WORLD_H

#include "reflect/client.h"

#include <sys/types.h>

#define SERVER "203.0.113.2"
#define TWIN "203.0.113.9"
#define CLIENT "198.51.100.7"
#define STRANGER "198.51.100.8"
#define SERVER6 "2001:db8::2"
#define TWIN6 "2001:db8::9"
#define CLIENT6 "2001:db8:7::7"

enum { PATIENCE_MS = 2000, SILENCE_MS = 150 };

/* Makes the namespaces and starts the server; the group's setup and teardown. */
int world_open(void **state);
int world_open_confined(void **state); /* … in its sandbox */
int world_close(void **state);

/* The server's process, to see that it still lives and what memory it has. */
bool server_lives(void);
size_t server_memory_kib(void);

sipalg_endpoint endpoint_at(const char *address, uint16_t port, enum sipalg_protocol protocol);

/* A socket bound there; connected, when `to` is not NULL. Fails the test when it cannot be had. */
int socket_at(enum sipalg_protocol protocol, const char *address, uint16_t port);
int socket_connected(const char *address, const char *to, uint16_t port);

void send_to(int descriptor, const char *to, uint16_t port, struct text bytes);

/* What comes within the time; -1: nothing. A byte sequence that ends: 0. */
ssize_t receive(int descriptor, void *bytes, size_t max, uint32_t timeout_ms, sipalg_endpoint *from);

/* A session from CLIENT, or of IPv6 from CLIENT6. Its commands are those of client.h. */
struct reflect_client *session_open(bool ipv6);

/* The next event of this kind; others are passed over. Fails the test when none comes. */
struct reflect_event expect_event(struct reflect_client *client, enum reflect_event_kind kind);

/* The DONE of this command. */
enum reflect_refusal expect_done(struct reflect_client *client, uint32_t number);

/* "… TOKEN …", a message of the session. */
struct text with_token(const struct reflect_client *client, const char *before, const char *behind);

#endif
