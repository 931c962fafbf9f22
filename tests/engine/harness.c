/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness.h"

#include "sip/message.h"

#include <inttypes.h>
#include <sys/mman.h>

enum { RARELY = 16 };

#define TEN(prefix) 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, prefix

const sipalg_address outside_address = { { TEN(203), 0, 113, 1 } };
static const sipalg_network inside_network = { .inside = { { { TEN(192), 168, 1, 0 } }, 96 + 24 } };
static const sipalg_address outside_ipv6 = { { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } };

/* ---- Coming and going ---- */

void harness_open(struct harness *harness, void (*change)(sipalg_settings *settings))
{
	memset(harness, 0, sizeof(*harness));
	sipalg_settings_defaults(&harness->settings);
	harness->settings.bindings_max = 512;
	harness->settings.calls_max = 128;
	harness->settings.registrations_max = 128;
	memcpy(harness->settings.secret, "0123456789abcdef", sizeof(harness->settings.secret));
	if (change)
		change(&harness->settings);
	harness->memory = calloc(1, sipalg_engine_size(&harness->settings) + 64);
	assert_non_null(harness->memory);
	uintptr_t start = ((uintptr_t)harness->memory + 63) / 64 * 64;
	harness->engine = sipalg_engine_create((void *)start, &harness->settings);
	harness->outside[0] = outside_ipv6;
	harness->outside[1] = outside_address;
	harness_set_networks(harness, &inside_network, 1);
	harness->now_ns = 1000 * SIPALG_SECOND_NS;
	harness->guarded = guarded_open(UINT16_MAX + 4096);
}

void harness_set_networks(struct harness *harness, const sipalg_network *networks, size_t count)
{
	memcpy(harness->networks, networks, count * sizeof(networks[0]));
	harness->network_count = count;
	assert_true(sipalg_engine_set_inside(harness->engine, networks, count));
}

sipalg_network network_of(const char *inside, enum sipalg_translation translation, const char *outside)
{
	sipalg_network network = { .translation = translation };
	assert_true(sipalg_prefix_read(inside, strlen(inside), &network.inside));
	if (outside)
		assert_true(sipalg_prefix_read(outside, strlen(outside), &network.outside));
	return network;
}

void harness_close(struct harness *harness)
{
	guarded_close(&harness->guarded);
	free(harness->memory);
}

int harness_setup(void **state)
{
	struct harness *harness = malloc(sizeof(*harness));
	assert_non_null(harness);
	harness_open(harness, NULL);
	*state = harness;
	return 0;
}

int harness_teardown(void **state)
{
	harness_close(*state);
	free(*state);
	return 0;
}

sipalg_endpoint endpoint_of(const char *address, uint16_t port)
{
	sipalg_endpoint endpoint = { .port = port, .protocol = SIPALG_PROTOCOL_UDP };
	assert_true(sipalg_address_read(address, strlen(address), &endpoint.address));
	return endpoint;
}

sipalg_endpoint server_endpoint(void)
{
	return endpoint_of("198.51.100.1", SIPALG_PORT_SIP);
}

void harness_fail(const struct harness *harness, const char *condition, const char *file, int line)
{
	print_error("seed %" PRIu64 ", step %zu, second %" PRIu64 ": %s\nThe last message, as it went on (%s):\n%.*s\n",
	            harness->seed, harness->step, harness->now_ns / SIPALG_SECOND_NS, condition,
	            sipalg_reason_word(harness->verdict.reason), (int)harness->sent.length, harness->sent.bytes);
	_fail(file, line);
}

void assert_same_at(const struct harness *harness, struct text left, struct text right, const char *file, int line)
{
	if (text_equal(left, right))
		return;
	print_error("seed %" PRIu64 ", step %zu: got (%s)\n%.*s\n---- expected\n%.*s\n----\n", harness->seed,
	            harness->step, sipalg_reason_word(harness->verdict.reason), (int)left.length, left.start,
	            (int)right.length, right.start);
	_fail(file, line);
}

/* ---- The plane ---- */

/* The first of them that holds the address; the tests give those with longer prefixes first. */
static const sipalg_network *find_network(const struct harness *harness, const sipalg_address *address)
{
	for (size_t i = 0; i < harness->network_count; i++)
		if (sipalg_prefix_contains(&harness->networks[i].inside, address))
			return &harness->networks[i];
	return NULL;
}

/* The outside of a binding is what the network's translation makes of its inside. */
static bool is_translated(const struct harness *harness, const sipalg_endpoint *inside, const sipalg_endpoint *outside)
{
	const sipalg_network *network = find_network(harness, &inside->address);
	if (!network || inside->protocol != outside->protocol)
		return false;
	switch (network->translation) {
	case SIPALG_TRANSLATION_PORTS:
		return sipalg_address_equal(&outside->address,
		                            &harness->outside[sipalg_address_is_ipv4(&inside->address)]) &&
		       outside->port >= harness->settings.port_min && outside->port <= harness->settings.port_max;
	case SIPALG_TRANSLATION_NONE:
		return sipalg_endpoint_equal(inside, outside);
	case SIPALG_TRANSLATION_PREFIX:
	case SIPALG_TRANSLATION_PREFIX_NEUTRAL:
		return sipalg_prefix_contains(&network->outside, &outside->address) && inside->port == outside->port;
	}
	return false;
}

static struct plane_binding *find_handle(struct harness *harness, uint32_t handle)
{
	uint16_t *place = &harness->places[handle % HARNESS_BINDINGS_MAX];
	if (*place < harness->binding_count && harness->bindings[*place].handle == handle)
		return &harness->bindings[*place];
	for (*place = 0; *place < harness->binding_count; ++*place)
		if (harness->bindings[*place].handle == handle)
			return &harness->bindings[*place];
	return NULL;
}

const struct plane_binding *harness_binding_outside(const struct harness *harness, const sipalg_endpoint *outside)
{
	for (size_t i = 0; i < harness->binding_count; i++)
		if (sipalg_endpoint_equal(&harness->bindings[i].outside, outside))
			return &harness->bindings[i];
	return NULL;
}

const struct plane_binding *harness_binding_inside(const struct harness *harness, const sipalg_endpoint *inside)
{
	for (size_t i = 0; i < harness->binding_count; i++)
		if (sipalg_endpoint_equal(&harness->bindings[i].inside, inside))
			return &harness->bindings[i];
	return NULL;
}

bool plane_admits(const struct plane_binding *binding, const sipalg_address *peer)
{
	for (size_t i = 0; i < binding->peer_count; i++)
		if (sipalg_address_equal(&binding->peers[i], peer))
			return true;
	return binding->admits_any;
}

/* A port that another host had of late is not given away (RFC 6888 REQ-8). */
static void check_quarantine(struct harness *harness, const sipalg_command *open)
{
	size_t count = harness->recent_count < HARNESS_CLOSED_MAX ? harness->recent_count : HARNESS_CLOSED_MAX;
	for (size_t i = 0; i < count; i++) {
		const struct plane_closed *closed = &harness->recent[i];
		if (sipalg_endpoint_equal(&closed->outside, &open->outside) &&
		    !sipalg_endpoint_equal(&closed->inside, &open->inside))
			expect(harness, harness->allows_early_port || harness->now_ns - closed->at_ns >=
			                                                      SIPALG_QUARANTINE_S * SIPALG_SECOND_NS);
	}
}

void harness_reserve_port(struct harness *harness, uint16_t port, bool reserved)
{
	sipalg_engine_reserve_port(harness->engine, SIPALG_PROTOCOL_UDP, port, reserved);
	harness->is_reserved[port] = reserved;
	for (size_t i = 0; i < HARNESS_CLOSED_MAX; i++)
		if (harness->recent[i].outside.port == port)
			harness->recent[i] = (struct plane_closed){ 0 };
}

static void open_binding(struct harness *harness, const sipalg_command *command)
{
	expect(harness, !find_handle(harness, command->binding));
	expect(harness, !harness_binding_outside(harness, &command->outside));
	expect(harness, harness->allows_any_inside || !harness_binding_inside(harness, &command->inside));
	expect(harness, harness->allows_any_inside || is_translated(harness, &command->inside, &command->outside));
	expect(harness, command->signalling || command->inside.port >= SIPALG_PORT_MIN);
	check_quarantine(harness, command);
	expect(harness, harness->binding_count < HARNESS_BINDINGS_MAX);
	harness->bindings[harness->binding_count++] =
	        (struct plane_binding){ .handle = command->binding,
		                        .signalling = command->signalling,
		                        .admits_any = command->admits == SIPALG_ADMITS_ANY,
		                        .inside = command->inside,
		                        .outside = command->outside,
		                        .until_ns = harness->now_ns + command->lease_s * SIPALG_SECOND_NS };
	harness->opened++;
}

static void admit(struct harness *harness, struct plane_binding *binding, const sipalg_command *command)
{
	expect(harness, !sipalg_address_is_none(&command->peer.address));
	expect(harness, !plane_admits(binding, &command->peer.address));
	expect(harness, binding->peer_count < SIPALG_PEERS_MAX);
	expect(harness, harness->now_ns + command->lease_s * SIPALG_SECOND_NS <= binding->until_ns + SIPALG_SECOND_NS);
	binding->peers[binding->peer_count++] = command->peer.address;
}

static void dismiss(struct harness *harness, struct plane_binding *binding, const sipalg_command *command)
{
	size_t at = 0;
	while (at < binding->peer_count && !sipalg_address_equal(&binding->peers[at], &command->peer.address))
		at++;
	expect(harness, at < binding->peer_count);
	binding->peers[at] = binding->peers[--binding->peer_count];
}

static void close_binding(struct harness *harness, struct plane_binding *binding)
{
	if (!harness->is_reserved[binding->outside.port])
		harness->recent[harness->recent_count++ % HARNESS_CLOSED_MAX] =
		        (struct plane_closed){ binding->inside, binding->outside, harness->now_ns };
	*binding = harness->bindings[--harness->binding_count];
	harness->closed++;
}

static void carry_out(struct harness *harness, const sipalg_command *command)
{
	struct plane_binding *binding = find_handle(harness, command->binding);
	expect(harness, command->number == ++harness->last_number);
	expect(harness, (command->kind == SIPALG_COMMAND_OPEN) == !binding);
	if (binding) {
		expect(harness, sipalg_endpoint_equal(&binding->inside, &command->inside));
		expect(harness, sipalg_endpoint_equal(&binding->outside, &command->outside));
		expect(harness, binding->signalling == command->signalling);
	}
	if (harness->carry)
		harness->carry(harness->carry_context, command);
	switch (command->kind) {
	case SIPALG_COMMAND_OPEN:
		expect(harness, command->lease_s >= 1 && command->lease_s <= SIPALG_LEASE_MAX_S);
		open_binding(harness, command);
		break;
	case SIPALG_COMMAND_REFRESH:
		expect(harness, command->lease_s >= 1 && command->lease_s <= SIPALG_LEASE_MAX_S);
		expect(harness, binding->until_ns > harness->now_ns);
		binding->until_ns = harness->now_ns + command->lease_s * SIPALG_SECOND_NS;
		break;
	case SIPALG_COMMAND_ADMIT:
		admit(harness, binding, command);
		break;
	case SIPALG_COMMAND_DISMISS:
		dismiss(harness, binding, command);
		break;
	case SIPALG_COMMAND_CLOSE:
		close_binding(harness, binding);
		break;
	case SIPALG_COMMAND_ENTER_FLOW:
		expect(harness, command->peer.port && !find_network(harness, &command->peer.address));
		expect(harness, sipalg_address_is_ipv4(&command->peer.address) ==
		                        sipalg_address_is_ipv4(&command->inside.address));
		expect(harness, !binding->signalling && command->lease_s);
		expect(harness, plane_admits(binding, &command->peer.address));
		break;
	case SIPALG_COMMAND_HOLD_FLOW:
		expect(harness, command->peer.port && binding->signalling && command->lease_s);
		break;
	case SIPALG_COMMAND_ASK_TRAFFIC:
		sipalg_engine_report_traffic(harness->engine, harness->now_ns, command->binding, harness->has_traffic);
		break;
	case SIPALG_COMMAND_NONE:
		expect(harness, command->kind != SIPALG_COMMAND_NONE);
		break;
	}
}

/* Bindings over TCP may be withheld; of all others the plane knows exactly what the engine shows. */
static void check_views(struct harness *harness)
{
	uint32_t cursor = 0;
	size_t count = 0;
	sipalg_binding_view view;
	while (sipalg_engine_next_binding(harness->engine, &cursor, &view)) {
		const struct plane_binding *binding = find_handle(harness, view.binding);
		if (view.inside.protocol == SIPALG_PROTOCOL_TCP && !binding)
			continue;
		expect(harness, binding && sipalg_endpoint_equal(&binding->outside, &view.outside));
		expect(harness, binding->until_ns >= harness->now_ns);
		count++;
	}
	expect(harness, count == harness->binding_count);
	expect(harness, sipalg_engine_counters(harness->engine)->bindings == count);
}

void harness_take_commands(struct harness *harness)
{
	harness->command_count = 0;
	sipalg_command command;
	while (sipalg_engine_next_command(harness->engine, &command)) {
		expect(harness, harness->command_count < SIPALG_COMMANDS_MAX);
		harness->commands[harness->command_count++] = command;
		carry_out(harness, &command);
	}
}

size_t harness_count(const struct harness *harness, enum sipalg_command_kind kind)
{
	size_t count = 0;
	for (size_t i = 0; i < harness->command_count; i++)
		count += harness->commands[i].kind == kind;
	return count;
}

const sipalg_command *harness_command(struct harness *harness, enum sipalg_command_kind kind, size_t nth)
{
	for (size_t i = 0; i < harness->command_count; i++)
		if (harness->commands[i].kind == kind && nth-- == 0)
			return &harness->commands[i];
	harness_fail(harness, "the command is there", __FILE__, __LINE__);
	return NULL;
}

/* ---- Time ---- */

void harness_go_to(struct harness *harness, uint64_t then_ns)
{
	size_t rounds = 0;
	uint64_t due_ns;
	while ((due_ns = sipalg_engine_deadline(harness->engine)) <= then_ns) {
		if (due_ns > harness->now_ns) {
			harness->now_ns = due_ns;
			rounds = 0;
		}
		sipalg_engine_advance(harness->engine, harness->now_ns);
		harness_take_commands(harness);
		expect(harness, ++rounds < 100);
	}
	harness->now_ns = then_ns;
	check_views(harness);
}

void harness_wait(struct harness *harness, uint64_t seconds)
{
	harness_go_to(harness, harness->now_ns + seconds * SIPALG_SECOND_NS);
}

void harness_wait_for_the_end(struct harness *harness)
{
	harness->has_traffic = false;
	for (size_t rounds = 0; sipalg_engine_deadline(harness->engine) != SIPALG_NEVER; rounds++) {
		expect(harness, rounds < 1000000);
		uint64_t due_ns = sipalg_engine_deadline(harness->engine);
		harness_go_to(harness, due_ns > harness->now_ns ? due_ns : harness->now_ns);
	}
	const sipalg_counters *counters = sipalg_engine_counters(harness->engine);
	expect(harness, harness->binding_count == 0);
	expect(harness, harness->opened == harness->closed);
	expect(harness, counters->bindings == 0 && counters->calls == 0 && counters->registrations == 0);
}

/* ---- Messages ---- */

/* Outside the edited spans the output is the input; within them it is the replacement: so all edits undone give the
 * input. None of them leaves things as they were. */
static void check_edits(struct harness *harness, struct text input)
{
	const sipalg_verdict *verdict = &harness->verdict;
	struct text out = letter_text(&harness->sent);
	size_t from = 0;
	for (size_t i = 0; i < verdict->edit_count; i++) {
		const sipalg_edit *edit = &verdict->edits[i];
		expect(harness, edit->offset >= from && edit->offset + edit->length <= input.length);
		struct text gap = text_first(text_from(input, from), edit->offset - from);
		struct text replacement = { edit->replacement, edit->replacement_length };
		expect(harness, text_equal(text_first(out, gap.length), gap));
		out = text_from(out, gap.length);
		expect(harness, text_equal(text_first(out, replacement.length), replacement));
		out = text_from(out, replacement.length);
		expect(harness, !text_equal(replacement, text_first(text_from(input, edit->offset), edit->length)));
		from = edit->offset + edit->length;
	}
	expect(harness, text_equal(out, text_from(input, from)));
}

/* The output can be read again and says the same, with a length that fits. */
static void check_readable(struct harness *harness, const sipalg_packet *packet, struct text input)
{
	static struct sip_message before, after;
	struct text sent = letter_text(&harness->sent);
	expect(harness, sip_message_parse_header(input, packet->body_left, &before) == SIP_WHOLE);
	expect(harness, sip_message_parse_header(sent, packet->body_left, &after) == SIP_WHOLE);
	expect(harness, before.header_count == after.header_count && before.method == after.method);
	expect(harness, text_equal(sip_message_header(&before, SIP_HEADER_CALL_ID),
	                           sip_message_header(&after, SIP_HEADER_CALL_ID)));
	expect(harness, before.content_length.length == 0 || after.content_length.length > 0);
	size_t excess_before = input.length - text_offset(input, before.body) - before.body.length;
	size_t excess_after = harness->sent.length - text_offset(after.whole, after.body) - after.body.length;
	if (before.body.length > 0)
		expect(harness, excess_before == excess_after);
	for (size_t i = 0; i < before.header_count; i++)
		if (before.headers[i].kind == SIP_HEADER_FROM || before.headers[i].kind == SIP_HEADER_TO)
			expect(harness, text_equal(before.headers[i].value, after.headers[i].value));
}

static void check_verdict(struct harness *harness, const sipalg_packet *packet, struct text input)
{
	const sipalg_verdict *verdict = &harness->verdict;
	bool is_changed = verdict->reason == SIPALG_REASON_EDITED || verdict->reason == SIPALG_REASON_RESTORED;
	expect(harness, is_changed == (verdict->edit_count > 0));
	expect(harness, is_changed != (verdict->bytes == packet->bytes));
	expect(harness, is_changed || verdict->length == packet->length);
	expect(harness,
	       verdict->length <= SIPALG_DATAGRAM_MAX || !is_changed || packet->source.protocol == SIPALG_PROTOCOL_TCP);
	expect(harness, verdict->reason != SIPALG_REASON_EDITED || packet->direction == SIPALG_OUTBOUND);
	expect(harness, verdict->reason != SIPALG_REASON_RESTORED || packet->direction == SIPALG_INBOUND);
	if (verdict->call_id)
		expect(harness, is_slice_of(input, (struct text){ verdict->call_id, verdict->call_id_length }));
	check_edits(harness, input);
	if (is_changed)
		check_readable(harness, packet, input);
}

/* Whether this call bound somebody else to that outside endpoint: the message named him before it named its source. */
static bool is_given_to_another(const struct harness *harness, const sipalg_endpoint *source,
                                const sipalg_endpoint *outside)
{
	for (size_t i = 0; i < harness->command_count; i++) {
		const sipalg_command *command = &harness->commands[i];
		if (command->kind == SIPALG_COMMAND_OPEN && sipalg_endpoint_equal(&command->outside, outside) &&
		    !sipalg_endpoint_equal(&command->inside, source))
			return true;
	}
	return false;
}

/* An endpoint that the engine foresees is the one its source gets, if it gets one. */
static void check_foreseen(struct harness *harness, const sipalg_packet *packet, const sipalg_endpoint *foreseen)
{
	const struct plane_binding *binding = harness_binding_inside(harness, &packet->source);
	if (packet->direction == SIPALG_OUTBOUND && binding && harness_count(harness, SIPALG_COMMAND_OPEN) &&
	    !is_given_to_another(harness, &packet->source, foreseen))
		expect(harness, sipalg_endpoint_equal(&binding->outside, foreseen));
}

void harness_pass(struct harness *harness, const sipalg_packet *given)
{
	sipalg_packet packet = *given;
	struct text input = guarded_put(&harness->guarded, (struct text){ (const char *)given->bytes, given->length });
	packet.bytes = (const uint8_t *)input.start;
	harness->step++;
	if (harness->witness)
		harness->witness(harness->witness_context, given);
	if (sipalg_engine_deadline(harness->engine) <= harness->now_ns)
		harness_go_to(harness, harness->now_ns);
	sipalg_endpoint foreseen = { 0 };
	bool wants_mapping = sipalg_engine_wants_mapping(harness->engine, &packet);
	if (wants_mapping)
		foreseen = sipalg_engine_foresee(harness->engine, &packet);
	sipalg_engine_handle(harness->engine, harness->now_ns, &packet, &harness->verdict);
	letter_copy(&harness->sent, (struct text){ (const char *)harness->verdict.bytes, harness->verdict.length });
	check_verdict(harness, &packet, input);
	harness_take_commands(harness);
	if (wants_mapping)
		check_foreseen(harness, &packet, &foreseen);
	if (harness->passed++ % (harness->rarely_looks ? RARELY : 1) == 0)
		check_views(harness);
}

void harness_out(struct harness *harness, const sipalg_endpoint *phone, const sipalg_endpoint *server,
                 struct text message)
{
	bool is_ipv4 = sipalg_address_is_ipv4(&phone->address);
	sipalg_packet packet = { .bytes = (const uint8_t *)message.start,
		                 .length = message.length,
		                 .source = *phone,
		                 .destination = *server,
		                 .direction = SIPALG_OUTBOUND,
		                 .outside = harness->outside[is_ipv4],
		                 .other_outside = harness->outside[!is_ipv4] };
	harness_pass(harness, &packet);
}

void harness_in(struct harness *harness, const sipalg_endpoint *server, const sipalg_endpoint *phone,
                struct text message)
{
	bool is_ipv4 = sipalg_address_is_ipv4(&phone->address);
	sipalg_packet packet = { .bytes = (const uint8_t *)message.start,
		                 .length = message.length,
		                 .source = *server,
		                 .destination = *phone,
		                 .direction = SIPALG_INBOUND,
		                 .outside = harness->outside[is_ipv4],
		                 .other_outside = harness->outside[!is_ipv4] };
	harness_pass(harness, &packet);
}

void assert_crossing(struct harness *harness, enum sipalg_direction direction, const sipalg_endpoint *phone,
                     const char *message, const char *expected, const char *file, int line)
{
	static struct letter given, wanted;
	sipalg_endpoint server = server_endpoint();
	letter_write(&given, "%s", message);
	letter_write(&wanted, "%s", expected);
	if (direction == SIPALG_OUTBOUND)
		harness_out(harness, phone, &server, letter_text(&given));
	else
		harness_in(harness, &server, phone, letter_text(&given));
	assert_same_at(harness, letter_text(&harness->sent), letter_text(&wanted), file, line);
}
