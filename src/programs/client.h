/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks the running daemon over its control socket. */
#ifndef PROGRAMS_CLIENT_H
#define PROGRAMS_CLIENT_H

#include "programs/program.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* A talk with the daemon: one request, its answer line by line. */
struct client {
	FILE *stream;
	const char *path;
	char *line;
	size_t line_size;
	struct problem problem;
};

/* Where the daemon is to be asked: what was given, else what the configuration says, else the usual place. */
const char *client_socket_path(const struct invocation *invocation, const char *given, char *out, size_t room);

/* Sends the request (taken over) and reads the first line of the answer. NULL: `client->problem` says why; nothing is
 * left to close then. */
json_t *client_ask(struct client *client, const char *path, json_t *request);

/* The next row of a table (owned by the caller); NULL after the last one. When the answer ended early
 * `client->problem.text` is not empty. */
json_t *client_next_row(struct client *client);

void client_close(struct client *client);

/* ---- Reading objects ---- */

const char *json_text(const json_t *object, const char *name); /* "" when it is none */
uint64_t json_count(const json_t *object, const char *name);   /* 0 when it is none */
bool json_is_yes(const json_t *object, const char *name);

/* Prints {"name": [rows…]}, each row a line, as they come. Returns an exit code. */
int client_print_rows_json(struct client *client, const char *name);

/* Prints a whole object, indented. */
void print_json(const json_t *object);

#endif
