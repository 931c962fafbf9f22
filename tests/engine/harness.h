/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An engine with a virtual clock and a model of the plane behind it. Whatever a test does, each message and each
 * command is held against what the engine promises: edits that can be undone, Content-Length that is right, leases
 * that do not end before the binding, no outside port for two. */
#ifndef TESTS_ENGINE_HARNESS_H
#define TESTS_ENGINE_HARNESS_H

#include "letter.h"

#include "sipalg/engine.h"

enum {
	HARNESS_BINDINGS_MAX = 4096,
	HARNESS_COMMANDS_MAX = 4 * SIPALG_COMMANDS_MAX,
	HARNESS_CLOSED_MAX = 512,
	HARNESS_NETWORKS_MAX = 4
};

/* What the plane knows. */
struct plane_binding {
	uint32_t handle;
	bool signalling, admits_any;
	sipalg_endpoint inside, outside;
	uint64_t until_ns;
	size_t peer_count;
	sipalg_address peers[SIPALG_PEERS_MAX];
};

struct plane_closed {
	sipalg_endpoint inside, outside;
	uint64_t at_ns;
};

struct harness {
	sipalg_settings settings;
	void *memory;
	sipalg_engine *engine;
	uint64_t now_ns;
	uint64_t seed; /* printed when something is wrong */
	size_t step;
	sipalg_network networks[HARNESS_NETWORKS_MAX];
	size_t network_count;
	sipalg_address outside[2]; /* this network's: IPv6, IPv4 */
	bool has_traffic;          /* the answer to ASK_TRAFFIC */
	bool allows_any_inside;    /* what a snapshot names need not be inside any more */
	bool allows_early_port;    /* slots may run out, so that a port leaves the quarantine early */

	void (*witness)(void *context,
	                const sipalg_packet *packet); /* when set, is shown each message before it passes */
	void *witness_context;
	/* when set, is shown each command before the harness carries it out, and may change has_traffic */
	void (*carry)(void *context, const sipalg_command *command);
	void *carry_context;

	sipalg_verdict verdict; /* of the last message */
	struct letter sent;     /* … its bytes */
	struct guarded guarded; /* the message as the engine sees it, a forbidden page behind it */

	sipalg_command commands[HARNESS_COMMANDS_MAX]; /* of the last call */
	size_t command_count;
	uint64_t last_number;
	size_t opened, closed; /* commands in all */
	size_t passed;         /* messages */
	bool rarely_looks;     /* where there is so much that comparing all of it after each message takes long */
	struct plane_binding bindings[HARNESS_BINDINGS_MAX];
	size_t binding_count;
	uint16_t places[HARNESS_BINDINGS_MAX];          /* where a handle was found last */
	struct plane_closed recent[HARNESS_CLOSED_MAX]; /* a ring */
	size_t recent_count;
	bool is_reserved[UINT16_MAX + 1];
};

/* 192.168.1.0/24 is inside, 203.0.113.1 is the outside address. */
extern const sipalg_address outside_address;

/* A small engine; `change` may change the settings (or be NULL). */
void harness_open(struct harness *harness, void (*change)(sipalg_settings *settings));
void harness_close(struct harness *harness);

/* Other networks instead; `outside`: NULL, unless they are translated by their prefix. */
void harness_set_networks(struct harness *harness, const sipalg_network *networks, size_t count);
sipalg_network network_of(const char *inside, enum sipalg_translation translation, const char *outside);

/* For cmocka: a harness in *state. */
int harness_setup(void **state);
int harness_teardown(void **state);

/* 198.51.100.1:5060 */
sipalg_endpoint server_endpoint(void);

sipalg_endpoint endpoint_of(const char *address, uint16_t port);

/* One message through the engine; the verdict, the bytes sent and the commands are in the harness then. */
void harness_pass(struct harness *harness, const sipalg_packet *packet);
void harness_out(struct harness *harness, const sipalg_endpoint *phone, const sipalg_endpoint *server,
                 struct text message);
void harness_in(struct harness *harness, const sipalg_endpoint *server, const sipalg_endpoint *phone,
                struct text message);

/* Takes the commands, as after a call that the test made itself. */
void harness_take_commands(struct harness *harness);

/* Somebody else has the port, or it is free again. One that was closed of late, and goes to somebody else by plain NAT,
 * is in no quarantine any more. */
void harness_reserve_port(struct harness *harness, uint16_t port, bool reserved);

/* Time passes; the engine is woken at each of its deadlines. */
void harness_wait(struct harness *harness, uint64_t seconds);

void harness_go_to(struct harness *harness, uint64_t then_ns);

/* … until nothing is waiting for time to pass, and all that was opened is closed. */
void harness_wait_for_the_end(struct harness *harness);

/* The plane's binding with that outside endpoint; NULL: none. */
const struct plane_binding *harness_binding_outside(const struct harness *harness, const sipalg_endpoint *outside);
const struct plane_binding *harness_binding_inside(const struct harness *harness, const sipalg_endpoint *inside);
bool plane_admits(const struct plane_binding *binding, const sipalg_address *peer);

/* How many commands of that kind the last call gave. */
size_t harness_count(const struct harness *harness, enum sipalg_command_kind kind);

/* The nth (from 0) of that kind; fails the test when there is none. */
const sipalg_command *harness_command(struct harness *harness, enum sipalg_command_kind kind, size_t nth);

/* Fails with seed, step and the message at hand. */
#define expect(harness, condition) ((condition) ? (void)0 : harness_fail((harness), #condition, __FILE__, __LINE__))
void harness_fail(const struct harness *harness, const char *condition, const char *file, int line);

#define assert_reason(harness, expected)                                                                               \
	assert_string_equal(sipalg_reason_word((harness)->verdict.reason), sipalg_reason_word(expected))

/* What goes out for what a phone writes; both as one writes them in a test. */
#define assert_out(harness, phone, message, expected)                                                                  \
	assert_crossing((harness), SIPALG_OUTBOUND, (phone), (message), (expected), __FILE__, __LINE__)

/* What a phone gets for what the server sends. */
#define assert_in(harness, phone, message, expected)                                                                   \
	assert_crossing((harness), SIPALG_INBOUND, (phone), (message), (expected), __FILE__, __LINE__)
void assert_crossing(struct harness *harness, enum sipalg_direction direction, const sipalg_endpoint *phone,
                     const char *message, const char *expected, const char *file, int line);

/* Compares two messages and prints both when they differ. */
#define assert_same(harness, left, right) assert_same_at((harness), (left), (right), __FILE__, __LINE__)
void assert_same_at(const struct harness *harness, struct text left, struct text right, const char *file, int line);

#endif
