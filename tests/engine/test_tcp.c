/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIP over TCP: what a connection is called outside, who may open one to a Contact, and messages of any length. The
 * phone's end is 192.168.1.2:40000, NAT makes 203.0.113.1:61000 of it, and it listens on 5060. */
#include "conversation.h"

#include "sipalg/stream.h"

enum { MAPPING = 61000 };

static sipalg_endpoint over_tcp(const char *address, uint16_t port)
{
	sipalg_endpoint endpoint = endpoint_of(address, port);
	endpoint.protocol = SIPALG_PROTOCOL_TCP;
	return endpoint;
}

static int tcp_setup(void **state)
{
	(void)conversation_setup(state);
	phone = over_tcp("192.168.1.2", 40000);
	server = over_tcp("198.51.100.1", 5060);
	return 0;
}

static struct letter given, wanted;

static void pass_bytes(bool goes_out, struct text bytes, size_t body_left)
{
	sipalg_packet packet = { .bytes = (const uint8_t *)bytes.start,
		                 .length = bytes.length,
		                 .body_left = body_left,
		                 .source = goes_out ? phone : server,
		                 .destination = goes_out ? server : phone,
		                 .direction = goes_out ? SIPALG_OUTBOUND : SIPALG_INBOUND,
		                 .outside = outside_address,
		                 .mapping = phone.protocol == SIPALG_PROTOCOL_TCP ? MAPPING : 0 };
	harness_pass(plane, &packet);
}

static void sends(const char *message, const char *expected)
{
	letter_write(&given, "%s", message);
	letter_write(&wanted, "%s", expected);
	pass_bytes(true, letter_text(&given), 0);
	assert_same(plane, letter_text(&plane->sent), letter_text(&wanted));
}

static void receives(const char *message, const char *expected)
{
	letter_write(&given, "%s", message);
	letter_write(&wanted, "%s", expected);
	pass_bytes(false, letter_text(&given), 0);
	assert_same(plane, letter_text(&plane->sent), letter_text(&wanted));
}

#define ENDS "From: <sip:a@x>;tag=near\nTo: <sip:b@x>"
#define VIA_IN "Via: SIP/2.0/TCP 192.168.1.2:40000;branch=z;rport;alias\n"
#define VIA_OUT "Via: SIP/2.0/TCP 203.0.113.1:61000;branch=z;rport;alias\n"
#define LISTENING_IN "Contact: <sip:a@192.168.1.2:5060;transport=tcp>"
#define LISTENING_OUT "Contact: <sip:a@203.0.113.1:5060;transport=tcp>"
#define REGISTERS(via, contact)                                                                                        \
	"REGISTER sip:x SIP/2.0\n" via ENDS "\nCall-ID: r\nCSeq: 1 REGISTER\n" contact "\nExpires: 600\n\n"
#define REGISTERED(via, contact)                                                                                       \
	"SIP/2.0 200 OK\n" via ENDS ";tag=s\nCall-ID: r\nCSeq: 1 REGISTER\n" contact "\nExpires: 600\n\n"
#define INVITES(via, contact) "INVITE sip:b@x SIP/2.0\n" via ENDS "\nCall-ID: call\nCSeq: 1 INVITE\n" contact "\n\n"
#define INVITED(status, via, tag) status via ENDS tag "\nCall-ID: call\nCSeq: 1 INVITE\n\n"

static const struct plane_binding *listening(uint8_t protocol)
{
	sipalg_endpoint inside = endpoint_of("192.168.1.2", 5060);
	inside.protocol = protocol;
	return harness_binding_inside(plane, &inside);
}

static bool only_server_may_connect(void)
{
	const struct plane_binding *binding = listening(SIPALG_PROTOCOL_TCP);
	return binding && !binding->admits_any && binding->peer_count == 1 &&
	       sipalg_address_equal(&binding->peers[0], &server.address);
}

/* ---- What a connection is called ---- */

static void a_connection_is_called_as_nat_does(void **state)
{
	(void)state;
	sends(REGISTERS(VIA_IN,
	                "Contact: <sip:a@192.168.1.2:40000;transport=tcp;ob>;+sip.instance=\"<urn:x>\";reg-id=1"),
	      REGISTERS(VIA_OUT,
	                "Contact: <sip:a@203.0.113.1:61000;transport=tcp;ob>;+sip.instance=\"<urn:x>\";reg-id=1"));
	assert_int_equal(plane->command_count, 0);
	receives(REGISTERED(VIA_OUT, "Contact: <sip:a@203.0.113.1:61000;transport=tcp;ob>;reg-id=1;expires=600"),
	         REGISTERED(VIA_IN, "Contact: <sip:a@192.168.1.2:40000;transport=tcp;ob>;reg-id=1;expires=600"));
	receives("OPTIONS sip:a@203.0.113.1:61000;transport=tcp;ob SIP/2.0\nVia: SIP/2.0/TCP 198.51.100.1\n" ENDS
	         "\nCall-ID: o\nCSeq: 1 OPTIONS\n\n",
	         "OPTIONS sip:a@192.168.1.2:40000;transport=tcp;ob SIP/2.0\nVia: SIP/2.0/TCP 198.51.100.1\n" ENDS
	         "\nCall-ID: o\nCSeq: 1 OPTIONS\n\n");
	harness_wait_for_the_end(plane);
}

/* Nobody listens for UDP at a port that the phone only connects from. */
static void a_connections_own_port_is_tcps_alone(void **state)
{
	(void)state;
	sends(REGISTERS(VIA_IN, "Contact: <sip:a@192.168.1.2:40000>"),
	      REGISTERS(VIA_OUT, "Contact: <sip:a@203.0.113.1:61000>"));
	receives(REGISTERED(VIA_OUT, "Contact: <sip:a@203.0.113.1:61000>"),
	         REGISTERED(VIA_IN, "Contact: <sip:a@192.168.1.2:40000>"));
	assert_int_equal(plane->binding_count, 1);
	assert_int_equal(plane->bindings[0].inside.protocol, SIPALG_PROTOCOL_TCP);
}

/* A connection outlives all that was said on it: what it is called is put back as long as messages come. */
static void a_connection_is_known_without_a_binding(void **state)
{
	(void)state;
	sends("OPTIONS sip:x SIP/2.0\n" VIA_IN ENDS "\nCall-ID: o\nCSeq: 1 OPTIONS\n\n",
	      "OPTIONS sip:x SIP/2.0\n" VIA_OUT ENDS "\nCall-ID: o\nCSeq: 1 OPTIONS\n\n");
	harness_wait(plane, 1000);
	sipalg_endpoint stranger = over_tcp("203.0.113.1", MAPPING);
	assert_null(harness_binding_outside(plane, &stranger));
	receives("SIP/2.0 200 OK\n" VIA_OUT ENDS ";tag=s\nCall-ID: o\nCSeq: 1 OPTIONS\n\n",
	         "SIP/2.0 200 OK\n" VIA_IN ENDS ";tag=s\nCall-ID: o\nCSeq: 1 OPTIONS\n\n");
	receives("SIP/2.0 200 OK\nVia: SIP/2.0/TCP 203.0.113.1:61001;branch=z\n" ENDS
	         ";tag=s\nCall-ID: o\nCSeq: 1 OPTIONS\n\n",
	         "SIP/2.0 200 OK\nVia: SIP/2.0/TCP 203.0.113.1:61001;branch=z\n" ENDS
	         ";tag=s\nCall-ID: o\nCSeq: 1 OPTIONS\n\n");
}

/* Another phone's Contact has the very port outside: it keeps it, and this phone is called by another. */
static void a_port_that_is_taken_stays_with_its_owner(void **state)
{
	(void)state;
	sipalg_endpoint first = phone;
	phone = over_tcp("192.168.1.3", 40001);
	sends(REGISTERS("Via: SIP/2.0/TCP 192.168.1.3:61000;branch=y\n",
	                "Contact: <sip:c@192.168.1.3:61000;transport=tcp>"),
	      REGISTERS("Via: SIP/2.0/TCP 203.0.113.1:61000;branch=y\n",
	                "Contact: <sip:c@203.0.113.1:61000;transport=tcp>"));
	phone = first;
	sends(REGISTERS(VIA_IN, "Contact: <sip:a@192.168.1.2:40000;transport=tcp>"),
	      REGISTERS("Via: SIP/2.0/TCP 203.0.113.1:40000;branch=z;rport;alias\n",
	                "Contact: <sip:a@203.0.113.1:40000;transport=tcp>"));
	receives(REGISTERED("Via: SIP/2.0/TCP 203.0.113.1:40000;branch=z;rport;alias\n",
	                    "Contact: <sip:a@203.0.113.1:40000;transport=tcp>;expires=600"),
	         REGISTERED(VIA_IN, "Contact: <sip:a@192.168.1.2:40000;transport=tcp>;expires=600"));
}

static void a_public_contact_stays(void **state)
{
	(void)state;
	const char *message = REGISTERS(VIA_IN, "Contact: <sip:a@203.0.113.1:61000;transport=tcp>");
	sends(message, message);
	assert_reason(plane, SIPALG_REASON_ALREADY_PUBLIC);
}

/* ---- Who may connect to a Contact ---- */

static void a_registrar_may_connect(void **state)
{
	(void)state;
	sends(REGISTERS(VIA_IN, LISTENING_IN), REGISTERS(VIA_OUT, LISTENING_OUT));
	assert_int_equal(plane->command_count, 0);
	receives("SIP/2.0 401 No\n" VIA_OUT ENDS ";tag=s\nCall-ID: r\nCSeq: 1 REGISTER\n\n",
	         "SIP/2.0 401 No\n" VIA_IN ENDS ";tag=s\nCall-ID: r\nCSeq: 1 REGISTER\n\n");
	assert_int_equal(plane->command_count, 0);
	receives(REGISTERED(VIA_OUT, LISTENING_OUT ";expires=600"), REGISTERED(VIA_IN, LISTENING_IN ";expires=600"));
	assert_true(only_server_may_connect());
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_HOLD_FLOW), 0); /* a connection needs none */
	sipalg_endpoint registrar = server;
	server = over_tcp("198.51.100.77", 5060);
	sends(INVITES(VIA_IN, LISTENING_IN), INVITES(VIA_OUT, LISTENING_OUT));
	server = registrar;
	assert_true(only_server_may_connect());
	harness_wait(plane, 600 + SIPALG_GRACE_S + 1);
	assert_null(listening(SIPALG_PROTOCOL_TCP));
	harness_wait_for_the_end(plane);
}

/* It connects, from a port of its own, to the Contact: the phone's end is the listening one then. */
static void what_comes_by_the_registrars_connection_is_put_back(void **state)
{
	(void)state;
	sends(REGISTERS(VIA_IN, LISTENING_IN), REGISTERS(VIA_OUT, LISTENING_OUT));
	receives(REGISTERED(VIA_OUT, LISTENING_OUT), REGISTERED(VIA_IN, LISTENING_IN));
	phone = over_tcp("192.168.1.2", 5060);
	server.port = 33333;
	receives("INVITE sip:a@203.0.113.1:5060;transport=tcp SIP/2.0\nVia: SIP/2.0/TCP 198.51.100.1;branch=y\n" ENDS
	         "\nCall-ID: call\nCSeq: 1 INVITE\nContact: <sip:b@198.51.100.1;transport=tcp>\n\n",
	         "INVITE sip:a@192.168.1.2:5060;transport=tcp SIP/2.0\nVia: SIP/2.0/TCP 198.51.100.1;branch=y\n" ENDS
	         "\nCall-ID: call\nCSeq: 1 INVITE\nContact: <sip:b@198.51.100.1;transport=tcp>\n\n");
	sends("SIP/2.0 180 R\nVia: SIP/2.0/TCP 198.51.100.1;branch=y\n" ENDS
	      ";tag=p\nCall-ID: call\nCSeq: 1 INVITE\n" LISTENING_IN "\n\n",
	      "SIP/2.0 180 R\nVia: SIP/2.0/TCP 198.51.100.1;branch=y\n" ENDS
	      ";tag=p\nCall-ID: call\nCSeq: 1 INVITE\n" LISTENING_OUT "\n\n");
}

/* A trunk without registration: the far end of a dialog may connect, once there is one, until it ends. */
static void the_far_end_of_a_dialog_may_connect(void **state)
{
	(void)state;
	static const char *const beginnings[][2] = {
		{ INVITED("SIP/2.0 200 OK\n", VIA_OUT, ";tag=far"), INVITED("SIP/2.0 200 OK\n", VIA_IN, ";tag=far") },
		{ INVITED("SIP/2.0 183 R\n", VIA_OUT, ";tag=far"), INVITED("SIP/2.0 183 R\n", VIA_IN, ";tag=far") },
	};
	for (unsigned i = 0; i < 2; i++) {
		sends(INVITES(VIA_IN, LISTENING_IN), INVITES(VIA_OUT, LISTENING_OUT));
		receives(INVITED("SIP/2.0 100 Trying\n", VIA_OUT, ""), INVITED("SIP/2.0 100 Trying\n", VIA_IN, ""));
		assert_null(listening(SIPALG_PROTOCOL_TCP));
		receives(beginnings[i][0], beginnings[i][1]);
		assert_true(only_server_may_connect());
		harness_wait(plane, 300);
		assert_true(only_server_may_connect());
		harness_wait_for_the_end(plane);
	}
}

static void who_was_answered_may_connect(void **state)
{
	(void)state;
	const char *request = "INVITE sip:192.168.1.2 SIP/2.0\nVia: SIP/2.0/TCP 198.51.100.1\n" ENDS
	                      "\nCall-ID: in\nCSeq: 1 INVITE\n\n";
	receives(request, request);
	sends("SIP/2.0 200 OK\nVia: SIP/2.0/TCP 198.51.100.1\n" ENDS
	      ";tag=p\nCall-ID: in\nCSeq: 1 INVITE\n" LISTENING_IN "\n\n",
	      "SIP/2.0 200 OK\nVia: SIP/2.0/TCP 198.51.100.1\n" ENDS
	      ";tag=p\nCall-ID: in\nCSeq: 1 INVITE\n" LISTENING_OUT "\n\n");
	assert_true(only_server_may_connect());
	harness_wait_for_the_end(plane);
}

static void a_refused_call_opens_nothing(void **state)
{
	(void)state;
	sends(INVITES(VIA_IN, LISTENING_IN), INVITES(VIA_OUT, LISTENING_OUT));
	receives(INVITED("SIP/2.0 486 Busy\n", VIA_OUT, ";tag=far"), INVITED("SIP/2.0 486 Busy\n", VIA_IN, ";tag=far"));
	assert_null(listening(SIPALG_PROTOCOL_TCP));
}

static void a_notifier_may_connect(void **state)
{
	(void)state;
#define SUBSCRIBES "\nCall-ID: s\nCSeq: 1 SUBSCRIBE\nExpires: 300\n"
	sends("SUBSCRIBE sip:b@x SIP/2.0\n" VIA_IN ENDS SUBSCRIBES LISTENING_IN "\n\n",
	      "SUBSCRIBE sip:b@x SIP/2.0\n" VIA_OUT ENDS SUBSCRIBES LISTENING_OUT "\n\n");
	assert_int_equal(plane->command_count, 0);
	receives("SIP/2.0 200 OK\n" VIA_OUT ENDS ";tag=far" SUBSCRIBES "\n",
	         "SIP/2.0 200 OK\n" VIA_IN ENDS ";tag=far" SUBSCRIBES "\n");
	assert_true(only_server_may_connect());
	harness_wait(plane, 290);
	assert_true(only_server_may_connect());
	harness_wait_for_the_end(plane);
}

/* ---- Other transports in the Contact ---- */

static void a_contact_without_transport_is_reached_by_both(void **state)
{
	(void)state;
	sipalg_engine_reserve_port(plane->engine, SIPALG_PROTOCOL_UDP, 5060, true); /* so both move */
	sends(REGISTERS(VIA_IN, "Contact: <sip:a@192.168.1.2>"),
	      REGISTERS(VIA_OUT, "Contact: <sip:a@203.0.113.1:5062>"));
	receives(REGISTERED(VIA_OUT, "Contact: <sip:a@203.0.113.1:5062>;expires=600"),
	         REGISTERED(VIA_IN, "Contact: <sip:a@192.168.1.2>;expires=600"));
	assert_true(only_server_may_connect());
	const struct plane_binding *udp = listening(SIPALG_PROTOCOL_UDP);
	assert_int_equal(udp->outside.port, 5062);
	assert_int_equal(listening(SIPALG_PROTOCOL_TCP)->outside.port, 5062);
	assert_true(plane_admits(udp, &server.address) && udp->peer_count == 1);
	harness_wait(plane, 500);
	assert_true(listening(SIPALG_PROTOCOL_UDP) && listening(SIPALG_PROTOCOL_TCP));
	phone = endpoint_of("192.168.1.2", 5060); /* and UDP it is */
	server = server_endpoint();
	receives("INVITE sip:a@203.0.113.1:5062 SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1\n" ENDS
	         "\nCall-ID: c\nCSeq: 1 INVITE\n\n",
	         "INVITE sip:a@192.168.1.2 SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1\n" ENDS
	         "\nCall-ID: c\nCSeq: 1 INVITE\n\n");
	harness_wait_for_the_end(plane);
}

/* In a call too: its BYE may come either way. */
static void a_call_without_transport_is_reached_by_both(void **state)
{
	(void)state;
	sends(INVITES(VIA_IN, "Contact: <sip:a@192.168.1.2:5060>"),
	      INVITES(VIA_OUT, "Contact: <sip:a@203.0.113.1:5060>"));
	receives(INVITED("SIP/2.0 200 OK\n", VIA_OUT, ";tag=far"), INVITED("SIP/2.0 200 OK\n", VIA_IN, ";tag=far"));
	harness_wait(plane, 400);
	assert_true(only_server_may_connect());
	assert_true(listening(SIPALG_PROTOCOL_UDP) != NULL);
	harness_wait_for_the_end(plane);
}

static void a_contact_says_udp(void **state)
{
	(void)state;
	sends(REGISTERS(VIA_IN, "Contact: <sip:a@192.168.1.2:5060;transport=udp>"),
	      REGISTERS(VIA_OUT, "Contact: <sip:a@203.0.113.1:5060;transport=udp>"));
	receives(REGISTERED(VIA_OUT, "Contact: <sip:a@203.0.113.1:5060;transport=udp>"),
	         REGISTERED(VIA_IN, "Contact: <sip:a@192.168.1.2:5060;transport=udp>"));
	assert_null(listening(SIPALG_PROTOCOL_TCP));
	assert_true(plane_admits(listening(SIPALG_PROTOCOL_UDP), &server.address));
}

static void sips_means_tcp(void **state)
{
	(void)state;
	sends(REGISTERS(VIA_IN, "Contact: <sips:a@192.168.1.2>"), REGISTERS(VIA_OUT, "Contact: <sips:a@203.0.113.1>"));
	receives(REGISTERED(VIA_OUT, "Contact: <sips:a@203.0.113.1>"),
	         REGISTERED(VIA_IN, "Contact: <sips:a@192.168.1.2>"));
	sipalg_endpoint secure = over_tcp("192.168.1.2", 5061);
	assert_non_null(harness_binding_inside(plane, &secure));
	assert_int_equal(plane->binding_count, 1);
}

/* ---- Long ringing ---- */

/* The 200 finds its way though nothing was said for minutes, by whatever port the Via names. */
static void responses_are_put_back_however_long_it_rings(void **state)
{
	(void)state;
	for (unsigned tcp = 0; tcp < 2; tcp++) {
		phone.protocol = server.protocol = tcp ? SIPALG_PROTOCOL_TCP : SIPALG_PROTOCOL_UDP;
		sends(INVITES("Via: SIP/2.0/TCP 192.168.1.2:5070;branch=z\n", "Contact: <sip:a@192.168.1.2:5080>"),
		      INVITES("Via: SIP/2.0/TCP 203.0.113.1:5070;branch=z\n", "Contact: <sip:a@203.0.113.1:5080>"));
		receives(INVITED("SIP/2.0 180 R\n", "Via: SIP/2.0/TCP 203.0.113.1:5070;branch=z\n", ";tag=far"),
		         INVITED("SIP/2.0 180 R\n", "Via: SIP/2.0/TCP 192.168.1.2:5070;branch=z\n", ";tag=far"));
		harness_wait(plane, 500);
		receives(INVITED("SIP/2.0 200 OK\n", "Via: SIP/2.0/TCP 203.0.113.1:5070;branch=z\n", ";tag=far"),
		         INVITED("SIP/2.0 200 OK\n", "Via: SIP/2.0/TCP 192.168.1.2:5070;branch=z\n", ";tag=far"));
		harness_wait_for_the_end(plane);
	}
}

/* ---- Length ---- */

#define LONG_HEAD(address, port, type)                                                                                 \
	"MESSAGE sip:b@x SIP/2.0\nVia: SIP/2.0/TCP " address ":" port ";branch=z\n" ENDS                               \
	"\nCall-ID: m\nCSeq: 1 MESSAGE\nContent-Type: " type "\nContent-Length: 300000\n\n"

/* Of a message too long to hold only the header is there: it is dealt with as ever, its length stays. */
static void a_header_goes_without_its_body(void **state)
{
	(void)state;
	letter_write(&given, LONG_HEAD("192.168.1.2", "40000", "text/plain"));
	letter_write(&wanted, LONG_HEAD("203.0.113.1", "61000", "text/plain"));
	pass_bytes(true, letter_text(&given), 300000);
	assert_same(plane, letter_text(&plane->sent), letter_text(&wanted));
	assert_reason(plane, SIPALG_REASON_EDITED);
	letter_write(&given, LONG_HEAD("192.0.2.9", "5060", "text/plain"));
	pass_bytes(true, letter_text(&given), 300000);
	assert_reason(plane, SIPALG_REASON_NOTHING_TO_DO);
	letter_write(&given, LONG_HEAD("192.0.2.9", "5060", "multipart/mixed;boundary=b"));
	pass_bytes(true, letter_text(&given), 300000);
	assert_reason(plane, SIPALG_REASON_TOO_LARGE);
	pass_bytes(true, letter_text(&given), 1000); /* less than its length says */
	assert_reason(plane, SIPALG_REASON_MALFORMED);
}

/* A datagram could not grow beyond 65,507 bytes; a message on a stream may. */
static void a_long_message_may_grow(void **state)
{
	(void)state;
	letter_clear(&given);
	letter_add(&given,
	           "MESSAGE sip:b@x SIP/2.0\r\nVia: SIP/2.0/TCP 192.168.1.2:9;branch=z\r\nFrom: <sip:a@x>;tag=1\r\n"
	           "To: <sip:b@x>\r\nCall-ID: m\r\nCSeq: 1 MESSAGE\r\nContent-Length: 65000\r\nSubject: ");
	while (given.length < SIPALG_MESSAGE_MAX - 65000 - 4)
		letter_add(&given, "x");
	letter_add(&given, "\r\n\r\n");
	while (given.length < SIPALG_MESSAGE_MAX)
		letter_add(&given, "y");
	pass_bytes(true, letter_text(&given), 0);
	assert_reason(plane, SIPALG_REASON_EDITED);
	assert_true(plane->sent.length > SIPALG_MESSAGE_MAX);
}

/* ---- Segments ---- */

static void add_flow(struct letter *flow, uint64_t *chance)
{
	static struct letter one;
	unsigned number = 0;
	letter_clear(flow);
	for (unsigned parts = 3 + (unsigned)(*chance >> 7 & 7); parts > 0; parts--, number++) {
		*chance = *chance * UINT64_C(6364136223846793005) + 1442695040888963407;
		if (*chance >> 61 == 0)
			letter_add(flow, "\r\n\r\n");
		letter_write(
		        &one,
		        "INVITE sip:b@x SIP/2.0\nVia: SIP/2.0/TCP 192.168.1.2:40000;branch=z%u\n" ENDS
		        "\nCall-ID: %u\nCSeq: 1 INVITE\nContact: <sip:a@192.168.1.2>\nContent-Type: application/sdp\n"
		        "Content-Length: #\n\nv=0\no=- 1 1 IN IP4 192.168.1.2\nc=IN IP4 192.168.1.2\nm=audio %u "
		        "RTP/AVP 0\n",
		        number, number, 8000 + 4 * number);
		letter_add_text(flow, letter_text(&one));
	}
	if (*chance >> 62 == 0)
		letter_add(flow, "REGISTER / HTTP/1.1\r\nVia: SIP/2.0/TCP 192.168.1.2:40000\r\n\r\n");
}

/* The flow cut by the seed, through a gateway of its own, as a relay would. */
static void relay_flow(struct text flow, uint64_t chance, size_t segment_max, struct letter *out)
{
	sipalg_stream stream = { 0 };
	size_t come = 0, taken = 0;
	harness_close(plane);
	harness_open(plane, NULL);
	letter_clear(out);
	while (come < flow.length) {
		chance = chance * UINT64_C(6364136223846793005) + 1442695040888963407;
		come += 1 + (chance >> 33) % segment_max;
		if (come > flow.length)
			come = flow.length;
		sipalg_piece piece;
		while ((piece = sipalg_stream_next(&stream, (const uint8_t *)flow.start + taken, come - taken)).kind !=
		       SIPALG_PIECE_NONE) {
			struct text bytes = { flow.start + taken, piece.length };
			taken += piece.length;
			if (piece.kind == SIPALG_PIECE_PASS) {
				letter_add_text(out, bytes);
				continue;
			}
			pass_bytes(true, bytes, piece.body_left);
			letter_add_text(out, letter_text(&plane->sent));
		}
	}
	assert_int_equal(taken, flow.length);
}

static void segments_do_not_matter(void **state)
{
	(void)state;
	static struct letter flow, whole, cut;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		uint64_t chance = seed * UINT64_C(0x9e3779b97f4a7c15);
		add_flow(&flow, &chance);
		relay_flow(letter_text(&flow), 0, LETTER_MAX, &whole);
		assert_null(memmem(whole.bytes, whole.length, "c=IN IP4 192.168.", 17));
		for (size_t segment_max = 1; segment_max <= 2048; segment_max *= 2) {
			relay_flow(letter_text(&flow), chance, segment_max, &cut);
			assert_same(plane, letter_text(&cut), letter_text(&whole));
		}
	}
}

int main(void)
{
#define TCP_TEST(test) cmocka_unit_test_setup_teardown(test, tcp_setup, harness_teardown)
	const struct CMUnitTest tests[] = {
		TCP_TEST(a_connection_is_called_as_nat_does),
		TCP_TEST(a_connections_own_port_is_tcps_alone),
		TCP_TEST(a_connection_is_known_without_a_binding),
		TCP_TEST(a_port_that_is_taken_stays_with_its_owner),
		TCP_TEST(a_public_contact_stays),
		TCP_TEST(a_registrar_may_connect),
		TCP_TEST(what_comes_by_the_registrars_connection_is_put_back),
		TCP_TEST(the_far_end_of_a_dialog_may_connect),
		TCP_TEST(who_was_answered_may_connect),
		TCP_TEST(a_refused_call_opens_nothing),
		TCP_TEST(a_notifier_may_connect),
		TCP_TEST(a_contact_without_transport_is_reached_by_both),
		TCP_TEST(a_call_without_transport_is_reached_by_both),
		TCP_TEST(a_contact_says_udp),
		TCP_TEST(sips_means_tcp),
		TCP_TEST(responses_are_put_back_however_long_it_rings),
		TCP_TEST(a_header_goes_without_its_body),
		TCP_TEST(a_long_message_may_grow),
		TCP_TEST(segments_do_not_matter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
