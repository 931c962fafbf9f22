/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

/* splitmix64 */
static uint64_t draw(struct world *world)
{
	uint64_t word = world->chance += UINT64_C(0x9e3779b97f4a7c15);
	word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
	return word ^ word >> 31;
}

uint32_t chance(struct world *world, uint32_t below)
{
	return (uint32_t)(draw(world) % below);
}

static bool is_ipv6(enum world_network network)
{
	return network >= WORLD_ROUTED;
}

bool world_is_ipv6(const struct world *world)
{
	return is_ipv6(world->network);
}

const char *phone_address(const struct world *world, uint32_t number, uint32_t spelling)
{
	return phone_address_in(world->network, number, spelling);
}

const char *phone_address_in(enum world_network network, uint32_t number, uint32_t spelling)
{
	static const char *const spellings[SPELLINGS] = { "%s:5::ab%u", "%s:5::AB%u", "%s:5:0:0:0:0:ab%u",
		                                          "%s:0005:0000:0000::0aB%u", "%s:5::0.0.10.17%u" };
	static char text[2][64];
	static unsigned turn;
	char *out = text[turn++ % 2];
	if (!is_ipv6(network)) {
		snprintf(out, sizeof(text[0]), "192.168.1.%u", 2 + number);
		return out;
	}
	const char *begin = network == WORLD_ROUTED ? "2001:db8" : "fd00:0";
	/* 0x0ab0 is 10.176 as a dotted tail has it. */
	snprintf(out, sizeof(text[0]), spellings[spelling], begin, number + (spelling == 4 ? 6 : 0));
	return out;
}

const char *server_address_in(enum world_network network, uint32_t number)
{
	static const char *const addresses[2][SERVERS] = { { "198.51.100.1", "198.51.100.2" },
		                                           { "2001:db8:99::1", "2001:db8:99::2" } };
	return addresses[is_ipv6(network)][number];
}

void world_give_networks(struct harness *harness, enum world_network network)
{
	const sipalg_network networks[WORLD_NETWORK_COUNT] = {
		[WORLD_NAT] = network_of("192.168.1.0/24", SIPALG_TRANSLATION_PORTS, NULL),
		[WORLD_ROUTED_IPV4] = network_of("192.168.1.0/24", SIPALG_TRANSLATION_NONE, NULL),
		[WORLD_ROUTED] = network_of("2001:db8:5::/48", SIPALG_TRANSLATION_NONE, NULL),
		[WORLD_NAT66] = network_of("fd00:0:5::/48", SIPALG_TRANSLATION_PORTS, NULL),
		[WORLD_PREFIX] = network_of("fd00:0:5::/48", SIPALG_TRANSLATION_PREFIX, "2001:db8:6::/48"),
		[WORLD_PREFIX_NEUTRAL] =
		        network_of("fd00:0:5::/48", SIPALG_TRANSLATION_PREFIX_NEUTRAL, "2001:db8:6::/48"),
	};
	const sipalg_network both[] = { networks[network], networks[is_ipv6(network) ? WORLD_NAT : WORLD_ROUTED] };
	harness_set_networks(harness, both, 2);
}

static void open_phone(struct world *world, uint32_t number)
{
	static const uint16_t ports[] = { 5060, 5060, 5060, 5062, 40000 };
	struct phone *phone = &world->phones[number];
	phone->number = number;
	phone->at = endpoint_of(phone_address(world, number, 0), ports[chance(world, 5)]);
	for (uint32_t spelling = 0; spelling < SPELLINGS; spelling++) {
		sipalg_endpoint same = endpoint_of(phone_address(world, number, spelling), phone->at.port);
		assert_true(sipalg_endpoint_equal(&same, &phone->at));
	}
	if (world->is_tcp)
		phone->at.protocol = SIPALG_PROTOCOL_TCP;
	phone->from = phone->at;
	if (world->is_tcp && chance(world, 4))
		phone->from.port = (uint16_t)(30000 + number);
	phone->spelling = chance(world, SPELLINGS);
	phone->via_has_port = chance(world, 2);
	phone->contact_has_port = chance(world, 2);
	phone->varies = chance(world, 3) == 0;
	phone->is_compact = chance(world, 2);
	phone->is_folded = chance(world, 3) == 0;
	phone->has_no_length = chance(world, 4) == 0;
	phone->has_cr = chance(world, 4) != 0;
}

void world_open(struct world *world, uint64_t seed, enum world_network network, bool has_garbage,
                void (*change)(sipalg_settings *settings))
{
	memset(world, 0, sizeof(*world));
	harness_open(&world->harness, change);
	world->harness.seed = world->chance = seed;
	world->network = network;
	world->is_tcp = seed % 4 == 3;
	world->has_garbage = has_garbage;
	world_give_networks(&world->harness, network);
	for (uint32_t i = 0; i < PHONES; i++)
		open_phone(world, i);
	for (uint32_t i = 0; i < SERVERS; i++) {
		world->servers[i] = endpoint_of(server_address_in(network, i), SIPALG_PORT_SIP);
		world->servers[i].protocol = world->phones[0].at.protocol;
	}
}

void world_close(struct world *world)
{
	harness_close(&world->harness);
}

/* ---- Messages on their way ---- */

/* The binding that stands for the phone now, though the plane may not have been told of it: over a connection messages
 * come all the same. */
static void find_binding(struct world *world, const sipalg_endpoint *inside, struct pair *pair)
{
	uint32_t cursor = 0;
	sipalg_binding_view view;
	pair->outside = *inside;
	pair->handle = 0;
	while (sipalg_engine_next_binding(world->harness.engine, &cursor, &view))
		if (sipalg_endpoint_equal(&view.inside, inside)) {
			pair->outside = view.outside;
			pair->handle = view.binding;
		}
}

/* The phone sends world->draft; the pair is kept. */
static void send_out(struct world *world, const struct phone *phone, uint32_t server, struct pair *pair)
{
	harness_out(&world->harness, &phone->from, &world->servers[server], letter_text(&world->draft));
	letter_copy(&pair->written, letter_text(&world->draft));
	letter_copy(&pair->seen, letter_text(&world->harness.sent));
	find_binding(world, &phone->at, pair);
	world->last = *pair;
	world->last_phone = phone->number;
	world->last_server = server;
	world->last_ns = world->harness.now_ns;
}

/* What the provider sends back (world->echo) to where it had seen the phone, if that is open to it still. */
static bool send_in(struct world *world, const struct phone *phone, uint32_t server, const struct pair *towards)
{
	struct harness *harness = &world->harness;
	static struct pair now;
	find_binding(world, &phone->at, &now);
	if (!now.handle || now.handle != towards->handle)
		return false;
	const struct plane_binding *binding = harness_binding_outside(harness, &towards->outside);
	if (!world->has_garbage && !world->is_tcp)
		expect(harness, plane_admits(binding, &world->servers[server].address));
	harness_in(harness, &world->servers[server], &phone->from, letter_text(&world->echo.seen));
	if (world->has_garbage)
		return true;
	assert_same(harness, letter_text(&harness->sent), letter_text(&world->echo.written));
	world->echoes++;
	return true;
}

/* ---- Provider's session descriptions: its own, or one that another phone had sent through ---- */

static struct text provider_sdp(struct world *world)
{
	static const char *const bodies[] = {
		"v=0\r\no=- 1 1 IN IP4 198.51.100.9\r\ns=-\r\nc=IN IP4 198.51.100.9\r\nt=0 0\r\n"
		"m=audio 30000 RTP/AVP 0\r\n",
		"v=0\r\no=- 1 1 IN IP4 198.51.100.9\r\ns=-\r\nt=0 0\r\nm=audio 30000 RTP/AVP 0\r\n"
		"c=IN IP4 198.51.100.10\r\na=rtcp:30005\r\nm=video 30010 RTP/AVP 96\r\nc=IN IP4 198.51.100.11\r\n"
		"a=rtcp-mux\r\n",
		"v=0\r\no=- 1 1 IN IP4 198.51.100.9\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
		"m=audio 30000 RTP/AVP 0\r\na=inactive\r\n",
		"v=0\r\no=- 1 1 IN IP6 2001:db8:99::9\r\ns=-\r\nc=IN IP6 2001:db8:99::9\r\nt=0 0\r\n"
		"m=audio 30000 RTP/AVP 0\r\nm=video 30010 RTP/AVP 96\r\nc=IN IP4 198.51.100.9\r\n",
		"v=0\r\no=- 1 1 IN IP4 media.example\r\ns=-\r\nc=IN IP4 media.example\r\nt=0 0\r\n"
		"m=audio 30000 RTP/AVP 0\r\nm=video 0 RTP/AVP 31\r\n",
	};
	return text_of(bodies[chance(world, 5)]);
}

static struct text maybe_sdp(struct world *world)
{
	return chance(world, 2) ? provider_sdp(world) : (struct text){ "", 0 };
}

/* ---- Registrations ---- */

static void answer_register(struct world *world, struct phone *phone, uint32_t server, const struct pair *sent)
{
	static const unsigned statuses[] = { 200, 200, 200, 200, 401, 423, 503 };
	unsigned status = statuses[chance(world, 7)];
	uint32_t granted = chance(world, 8) ? 30 + chance(world, 7200) : 0;
	struct text none = { "", 0 };
	provider_response(&world->echo.seen, letter_text(&sent->seen), status, 7, granted, none);
	provider_response(&world->echo.written, letter_text(&sent->written), status, 7, granted, none);
	if (!send_in(world, phone, server, sent) || status != 200)
		return;
	phone->is_registered = granted > 0;
	phone->registration = *sent;
}

static void do_register(struct world *world)
{
	static struct pair sent;
	struct phone *phone = &world->phones[chance(world, PHONES)];
	uint32_t server = phone->number % SERVERS;
	bool varies = phone->varies;
	phone->varies = false; /* one Contact for all that call it */
	phone_request(world, phone, NULL, "REGISTER", chance(world, 6) ? "Expires: 3600\n" : "Expires: 0\n", false);
	phone->varies = varies;
	send_out(world, phone, server, &sent);
	for (uint32_t answers = chance(world, 3); answers > 0; answers--)
		answer_register(world, phone, server, &sent);
}

static void do_aside(struct world *world)
{
	static const char *const methods[] = { "OPTIONS", "MESSAGE", "SUBSCRIBE", "PUBLISH", "FOO" };
	static struct pair sent;
	struct phone *phone = &world->phones[chance(world, PHONES)];
	uint32_t server = chance(world, SERVERS);
	struct text none = { "", 0 };
	phone_request(world, phone, NULL, methods[chance(world, 5)], chance(world, 2) ? "Expires: 300\n" : "", false);
	send_out(world, phone, server, &sent);
	provider_response(&world->echo.seen, letter_text(&sent.seen), 200, 9, 0, none);
	provider_response(&world->echo.written, letter_text(&sent.written), 200, 9, 0, none);
	(void)send_in(world, phone, server, &sent);
}

/* ---- Calls ---- */

static struct world_call *new_call(struct world *world, bool is_outgoing, uint32_t phone)
{
	struct world_call *call = &world->calls[chance(world, CALLS)];
	if (call->stage != CALL_UNUSED && call->stage != CALL_OVER)
		return NULL;
	memset(call, 0, sizeof(*call));
	call->is_outgoing = is_outgoing;
	call->number = ++world->next_number;
	call->phone = phone;
	call->server = world->phones[phone].number % SERVERS;
	call->tag = call->number * 10 + chance(world, TAGS);
	call->media_port = chance(world, 3) ? 8000 + 2 * chance(world, 8) : 1024 + chance(world, 64000);
	call->has_video = chance(world, 3) == 0;
	call->has_rtcp_line = chance(world, 3) == 0;
	call->has_mux = chance(world, 4) == 0;
	call->has_candidates = chance(world, 4) == 0;
	call->has_alternative = chance(world, 8) == 0;
	call->has_origin_elsewhere = chance(world, 4) == 0;
	return call;
}

static void keep_contact(struct world_call *call, const struct pair *sent)
{
	call->contact = *sent;
	call->phone_is_known = true;
}

static void send_invite(struct world *world, struct world_call *call)
{
	struct phone *phone = &world->phones[call->phone];
	phone_request(world, phone, call, "INVITE", chance(world, 3) ? "" : "Session-Expires: 1800\n",
	              chance(world, 6) != 0);
	send_out(world, phone, call->server, &call->invite);
	keep_contact(call, &call->invite);
}

static void do_call_out(struct world *world)
{
	struct world_call *call = new_call(world, true, chance(world, PHONES));
	if (!call)
		return;
	call->stage = CALL_INVITED;
	send_invite(world, call);
}

static bool echo_to_invite(struct world *world, struct world_call *call, unsigned status, struct text sdp)
{
	uint32_t tag = call->stage == CALL_UP ? call->tag : call->number * 10 + chance(world, TAGS);
	provider_response(&world->echo.seen, letter_text(&call->invite.seen), status, tag, 0, sdp);
	provider_response(&world->echo.written, letter_text(&call->invite.written), status, tag, 0, sdp);
	if (status == 200 && call->stage != CALL_UP)
		call->tag = tag;
	return send_in(world, &world->phones[call->phone], call->server, &call->invite);
}

static void send_in_call(struct world *world, struct world_call *call, const char *method, struct pair *sent)
{
	struct phone *phone = &world->phones[call->phone];
	phone_request(world, phone, call, method, "", false);
	send_out(world, phone, call->server, sent);
	keep_contact(call, sent);
}

static void answer_out(struct world *world, struct world_call *call)
{
	static struct pair sent;
	static const unsigned statuses[] = { 100, 180, 183, 183, 200, 200, 200, 302, 407, 486 };
	unsigned status = statuses[chance(world, 10)];
	if (!echo_to_invite(world, call, status, maybe_sdp(world)))
		return;
	if (status < 200) {
		return;
	} else if (status == 200) {
		call->stage = CALL_UP;
	} else if (call->stage != CALL_UP) {
		call->stage = status == 407 ? CALL_INVITED : CALL_OVER;
	}
	if (chance(world, 8))
		send_in_call(world, call, "ACK", &sent);
	if (status == 407)
		send_invite(world, call);
}

static void do_call_in(struct world *world)
{
	struct phone *phone = &world->phones[chance(world, PHONES)];
	struct world_call *call = phone->is_registered ? new_call(world, false, phone->number) : NULL;
	if (!call)
		return;
	struct text sdp = maybe_sdp(world);
	world->next_number++;
	provider_request(&world->echo.seen, world, call, letter_text(&phone->registration.seen), "INVITE",
	                 ++call->cseq_out, sdp);
	provider_request(&world->echo.written, world, call, letter_text(&phone->registration.written), "INVITE",
	                 call->cseq_out, sdp);
	if (!send_in(world, phone, call->server, &phone->registration))
		return;
	letter_copy(&call->offered, letter_text(&world->harness.sent));
	call->stage = CALL_INVITED;
}

static void answer_in(struct world *world, struct world_call *call)
{
	static struct pair sent;
	static const unsigned statuses[] = { 100, 180, 183, 200, 200, 200, 486 };
	struct phone *phone = &world->phones[call->phone];
	unsigned status = statuses[chance(world, 7)];
	phone_response(world, phone, call, &call->offered, status, status != 486 && chance(world, 4));
	send_out(world, phone, call->server, &sent);
	keep_contact(call, &sent);
	if (status == 200)
		call->stage = CALL_UP;
	else if (status > 200 && call->stage != CALL_UP)
		call->stage = CALL_OVER;
	else if (status > 100 && call->stage == CALL_INVITED)
		call->stage = CALL_RINGING;
}

/* The far end says something within the call, to the Contact it was told last; the phone answers. */
static void far_request(struct world *world, struct world_call *call, const char *method, bool has_sdp)
{
	static struct pair sent;
	struct phone *phone = &world->phones[call->phone];
	struct text sdp = has_sdp ? provider_sdp(world) : (struct text){ "", 0 };
	if (!call->phone_is_known)
		return;
	world->next_number++;
	provider_request(&world->echo.seen, world, call, letter_text(&call->contact.seen), method, ++call->cseq_out,
	                 sdp);
	provider_request(&world->echo.written, world, call, letter_text(&call->contact.written), method, call->cseq_out,
	                 sdp);
	if (!send_in(world, phone, call->server, &call->contact) || strcmp(method, "ACK") == 0)
		return;
	letter_copy(&call->offered, letter_text(&world->harness.sent));
	if (chance(world, 5) == 0)
		return;
	phone_response(world, phone, call, &call->offered, chance(world, 4) ? 200 : 488, has_sdp);
	send_out(world, phone, call->server, &sent);
	keep_contact(call, &sent);
}

static void near_request(struct world *world, struct world_call *call, const char *method)
{
	static struct pair sent;
	struct text none = { "", 0 };
	send_in_call(world, call, method, &sent);
	unsigned status = chance(world, 5) ? 200 : 481;
	if (chance(world, 5) == 0)
		return;
	provider_response(&world->echo.seen, letter_text(&sent.seen), status, call->tag, 0, none);
	provider_response(&world->echo.written, letter_text(&sent.written), status, call->tag, 0, none);
	(void)send_in(world, &world->phones[call->phone], call->server, &sent);
}

static void change_media(struct world *world, struct world_call *call)
{
	if (chance(world, 2))
		call->is_held = !call->is_held;
	if (chance(world, 3) == 0)
		call->media_port = 8000 + 2 * chance(world, 8);
	if (chance(world, 4) == 0)
		call->has_video = !call->has_video;
	send_invite(world, call);
	if (chance(world, 4))
		answer_out(world, call);
}

static void within_call(struct world *world, struct world_call *call)
{
	switch (chance(world, 10)) {
	case 0:
	case 1:
		change_media(world, call);
		break;
	case 2:
		far_request(world, call, "INVITE", chance(world, 4) != 0);
		break;
	case 3:
		far_request(world, call, "UPDATE", chance(world, 2));
		break;
	case 4:
		far_request(world, call, "OPTIONS", false);
		break;
	case 5:
		near_request(world, call, chance(world, 2) ? "INFO" : "REFER");
		break;
	case 6:
		far_request(world, call, "ACK", false);
		break;
	case 7:
		far_request(world, call, "BYE", false);
		call->stage = CALL_OVER;
		break;
	case 8:
		near_request(world, call, "BYE");
		call->stage = CALL_OVER;
		break;
	default:
		near_request(world, call, "MESSAGE");
		break;
	}
}

static void do_call(struct world *world)
{
	struct world_call *call = &world->calls[chance(world, CALLS)];
	switch (call->stage) {
	case CALL_UNUSED:
		break;
	case CALL_INVITED:
	case CALL_RINGING:
		if (call->is_outgoing && chance(world, 8) == 0)
			near_request(world, call, "CANCEL");
		else if (call->is_outgoing)
			answer_out(world, call);
		else
			answer_in(world, call);
		break;
	case CALL_UP:
		within_call(world, call);
		break;
	case CALL_OVER: /* late repetitions */
		if (call->is_outgoing && call->invite.written.length && chance(world, 3) == 0)
			(void)echo_to_invite(world, call, 200, maybe_sdp(world));
		break;
	}
}

/* ---- Repetitions, garbage, time ---- */

/* Said again while nothing has changed, it comes out the same (RFC 3261 17: retransmissions). */
static void do_repeat(struct world *world)
{
	struct harness *harness = &world->harness;
	if (!world->last.written.length || harness->now_ns - world->last_ns > 25 * SIPALG_SECOND_NS)
		return;
	harness_out(harness, &world->phones[world->last_phone].from, &world->servers[world->last_server],
	            letter_text(&world->last.written));
	if (!world->has_garbage)
		assert_same(harness, letter_text(&harness->sent), letter_text(&world->last.seen));
}

static void do_garbage(struct world *world)
{
	struct letter *draft = &world->draft;
	const struct phone *phone = &world->phones[chance(world, PHONES)];
	bool goes_out = chance(world, 2);
	letter_copy(draft, letter_text(goes_out ? &world->last.written : &world->echo.seen));
	if (!draft->length)
		return;
	for (uint32_t bytes = 1 + chance(world, 4); bytes > 0; bytes--) {
		static const char hostile[] = "\0\r\n\t \"<>,;:@[]\\/=*?%-.0925aA\x7f\x80\xff";
		draft->bytes[chance(world, (uint32_t)draft->length)] = hostile[chance(world, sizeof(hostile) - 1)];
	}
	if (chance(world, 5) == 0)
		draft->length = chance(world, (uint32_t)draft->length);
	if (goes_out)
		harness_out(&world->harness, &phone->from, &world->servers[0], letter_text(draft));
	else
		harness_in(&world->harness, &world->servers[0], &phone->from, letter_text(draft));
}

static void do_wait(struct world *world)
{
	static const uint32_t seconds[] = { 1, 1, 2, 5, 20, 33, 100, 700, 4000, 50000 };
	world->harness.has_traffic = chance(world, 2);
	harness_wait(&world->harness, seconds[chance(world, chance(world, 10) + 1)]);
}

void world_step(struct world *world)
{
	uint32_t dice = chance(world, 100);
	if (dice < 10)
		do_register(world);
	else if (dice < 14)
		do_aside(world);
	else if (dice < 22)
		do_call_out(world);
	else if (dice < 30)
		do_call_in(world);
	else if (dice < 78)
		do_call(world);
	else if (dice < 84)
		do_repeat(world);
	else if (dice < 88 && world->has_garbage)
		do_garbage(world);
	else if (dice < 98)
		do_wait(world);
}
