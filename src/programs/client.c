/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/client.h"

#include "daemon/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE_S = 10 };

const char *client_socket_path(const struct invocation *invocation, const char *given, char *out, size_t room)
{
	struct settings settings;
	struct problem unread;
	if (given != NULL)
		return given;
	if (invocation->socket != NULL)
		return invocation->socket;
	settings_defaults(&settings);
	if (settings_read_file(&settings, SETTINGS_FILE_PATH, &unread))
		snprintf(out, room, "%s", settings.socket);
	else
		snprintf(out, room, "%s", SETTINGS_SOCKET_PATH);
	return out;
}

static bool cannot_connect(const char *path, int error, struct problem *problem)
{
	if (error == ENOENT || error == ECONNREFUSED)
		return problem_say(problem,
		                   "sipalg is not running (nothing answers on %s); start it with `sipalg run` or "
		                   "`systemctl start sipalg`",
		                   path);
	if (error == EACCES || error == EPERM)
		return problem_say(
		        problem, "you may not use %s; run as root, or let the setting `group` name a group you are in",
		        path);
	return problem_say(problem, "%s: %s; is this the path sipalg was given with --socket?", path, strerror(error));
}

static bool client_connect(struct client *client, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = PATIENCE_S };
	if (strlen(path) >= sizeof address.sun_path)
		return problem_say(&client->problem, "%s: a socket's path has at most %zu bytes; choose a shorter one",
		                   path, sizeof address.sun_path - 1);
	memcpy(address.sun_path, path, strlen(path) + 1);
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0)
		return cannot_connect(path, errno, &client->problem);
	setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	client->stream =
	        connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0 ? fdopen(descriptor, "r") : NULL;
	if (client->stream != NULL)
		return true;
	int error = errno;
	close(descriptor);
	return cannot_connect(path, error, &client->problem);
}

static bool client_send(struct client *client, const json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT);
	size_t length = text != NULL ? strlen(text) : 0;
	bool sent = text != NULL;
	if (sent) {
		text[length] = '\n'; /* where the terminating zero was */
		sent = send(fileno(client->stream), text, length + 1, MSG_NOSIGNAL) == (ssize_t)(length + 1);
	}
	free(text);
	return sent;
}

/* One line as an object; NULL: the daemon has gone, keeps silent or speaks otherwise. */
static json_t *client_read(struct client *client)
{
	ssize_t length = getline(&client->line, &client->line_size, client->stream);
	json_t *object = length > 0 ? json_loadb(client->line, (size_t)length, 0, NULL) : NULL;
	if (object != NULL)
		return object;
	bool silent = errno == EAGAIN || errno == EWOULDBLOCK;
	problem_say(&client->problem,
	            length > 0 ? "the answer on %s is not sipalg's; is this the right socket?"
	            : silent   ? "sipalg does not answer on %s; is it stopped or overloaded?"
	                       : "sipalg ended the talk on %s; try again",
	            client->path);
	return NULL;
}

void client_close(struct client *client)
{
	if (client->stream != NULL)
		fclose(client->stream);
	free(client->line);
	client->stream = NULL;
	client->line = NULL;
}

json_t *client_ask(struct client *client, const char *path, json_t *request)
{
	*client = (struct client){ .path = path };
	json_t *answer = NULL;
	if (client_connect(client, path)) {
		if (!client_send(client, request))
			problem_say(&client->problem, "sipalg does not listen on %s; try again", path);
		else
			answer = client_read(client);
	}
	json_decref(request);
	if (answer != NULL && !json_is_yes(answer, "ok")) {
		problem_say(&client->problem, "%s", json_text(answer, "error"));
		json_decref(answer);
		answer = NULL;
	}
	if (answer == NULL)
		client_close(client);
	return answer;
}

json_t *client_next_row(struct client *client)
{
	json_t *row = client_read(client);
	if (row != NULL && json_is_yes(row, "end")) {
		json_decref(row);
		return NULL;
	}
	return row;
}

const char *json_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text != NULL ? text : "";
}

uint64_t json_count(const json_t *object, const char *name)
{
	json_int_t count = json_integer_value(json_object_get(object, name));
	return count > 0 ? (uint64_t)count : 0;
}

bool json_is_yes(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

void print_json(const json_t *object)
{
	json_dumpf(object, stdout, JSON_INDENT(2));
	putchar('\n');
}

int client_print_rows_json(struct client *client, const char *name)
{
	bool first = true;
	json_t *row;
	printf("{\"%s\": [", name);
	while ((row = client_next_row(client)) != NULL) {
		fputs(first ? "\n" : ",\n", stdout);
		json_dumpf(row, stdout, 0);
		json_decref(row);
		first = false;
	}
	puts(first ? "]}" : "\n]}");
	if (client->problem.text[0] != '\0')
		return program_complain(PROGRAM_FAILED, client->problem.text);
	return PROGRAM_FINE;
}
