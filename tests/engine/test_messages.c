/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One message in, one message out: what is changed, what is put back, and what is left alone. */
#include "harness.h"

static sipalg_endpoint phone_a(void)
{
	return endpoint_of("192.168.1.2", 5060);
}

static sipalg_endpoint phone_b(void)
{
	return endpoint_of("192.168.1.3", 5060);
}

#define REST "From: <sip:a@192.168.1.2>;tag=1\nTo: <sip:b@192.168.1.2>\nCall-ID: x@192.168.1.2\nCSeq: 1 INVITE\n"
#define ANSWERED                                                                                                       \
	"From: <sip:a@192.168.1.2>;tag=1\nTo: <sip:b@192.168.1.2>;tag=2\nCall-ID: x@192.168.1.2\nCSeq: 1 INVITE\n"
#define TOP "INVITE sip:b@198.51.100.1 SIP/2.0\n"

/* ---- Outbound ---- */

static void the_edit_is_the_smallest(void **state)
{
	sipalg_endpoint phone = phone_a();
	assert_out(*state, &phone,
	           TOP "v :  SIP / 2.0 / UDP\n 192.168.1.2 ;branch=z9hG4bK1;received=192.168.1.2\n" REST
	               "m:\"192.168.1.2\" <sip:192.168.1.2@192.168.1.2:5060;x=192.168.1.2>;q=1\n"
	               "X-Address: 192.168.1.2:5060\nAuthorization: Digest uri=\"sip:192.168.1.2\"\nL: #\n\n",
	           TOP "v :  SIP / 2.0 / UDP\n 203.0.113.1 ;branch=z9hG4bK1;received=192.168.1.2\n" REST
	               "m:\"192.168.1.2\" <sip:192.168.1.2@203.0.113.1:5060;x=192.168.1.2>;q=1\n"
	               "X-Address: 192.168.1.2:5060\nAuthorization: Digest uri=\"sip:192.168.1.2\"\nL: #\n\n");
	struct harness *harness = *state;
	assert_reason(harness, SIPALG_REASON_EDITED);
	assert_int_equal(harness->verdict.edit_count, 2);
	assert_int_equal(harness->verdict.edits[0].place, SIPALG_PLACE_VIA);
	assert_int_equal(harness->verdict.edits[1].place, SIPALG_PLACE_CONTACT);
}

/* The second of two phones on port 5060 gets another port, which is written where none was. */
static void two_phones_share_a_port(void **state)
{
	sipalg_endpoint first = phone_a(), second = phone_b();
	assert_out(*state, &first, TOP "Via: SIP/2.0/UDP 192.168.1.2\n" REST "Contact: sip:192.168.1.2\n\n",
	           TOP "Via: SIP/2.0/UDP 203.0.113.1\n" REST "Contact: sip:203.0.113.1\n\n");
	assert_out(*state, &second, TOP "Via: SIP/2.0/UDP 192.168.1.3\n" REST "Contact: sip:192.168.1.3:5060\n\n",
	           TOP "Via: SIP/2.0/UDP 203.0.113.1:5062\n" REST "Contact: sip:203.0.113.1:5062\n\n");
	assert_in(*state, &second,
	          "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 203.0.113.1:5062\n" ANSWERED "Contact: <sip:b@198.51.100.1>\n\n",
	          "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.168.1.3\n" ANSWERED "Contact: <sip:b@198.51.100.1>\n\n");
	assert_in(*state, &second, "INVITE sip:203.0.113.1:5062 SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1\n" ANSWERED "\n",
	          "INVITE sip:192.168.1.3:5060 SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1\n" ANSWERED "\n");
}

static void only_the_top_via_is_changed(void **state)
{
	sipalg_endpoint phone = phone_a();
	assert_out(*state, &phone,
	           TOP "Via: SIP/2.0/UDP 192.168.1.2;branch=z9hG4bK1, SIP/2.0/UDP 192.168.1.2:5070\n"
	               "Via: SIP/2.0/UDP 192.168.1.9\n" REST "\n",
	           TOP "Via: SIP/2.0/UDP 203.0.113.1;branch=z9hG4bK1, SIP/2.0/UDP 192.168.1.2:5070\n"
	               "Via: SIP/2.0/UDP 192.168.1.9\n" REST "\n");
}

static void routes_of_an_inside_proxy_are_changed(void **state)
{
	sipalg_endpoint phone = phone_a();
	assert_out(
	        *state, &phone,
	        TOP "Via: SIP/2.0/UDP 192.168.1.2:5060\n" REST
	            "Record-Route: <sip:192.168.1.2;lr>, <sip:192.168.1.3;lr>\nPath: <sip:192.168.1.2:5060;lr>\n"
	            "Service-Route: <sip:192.168.1.2>\nRoute: <sip:198.51.100.1;lr>,\n <sip:192.168.1.2:5060;lr>\n\n",
	        TOP "Via: SIP/2.0/UDP 203.0.113.1:5060\n" REST
	            "Record-Route: <sip:203.0.113.1;lr>, <sip:192.168.1.3;lr>\nPath: <sip:203.0.113.1:5060;lr>\n"
	            "Service-Route: <sip:203.0.113.1>\nRoute: <sip:198.51.100.1;lr>,\n <sip:203.0.113.1:5060;lr>\n\n");
}

#define SDP "Content-Type: application/sdp\nContent-Length: #\n\nv=0\no=- 1 1 IN IP4 192.168.1.2\ns=192.168.1.2\n"
#define OUT "Content-Type: application/sdp\nContent-Length: #\n\nv=0\no=- 1 1 IN IP4 203.0.113.1\ns=192.168.1.2\n"

struct description {
	const char *name, *inside, *outside;
};

/* Which port each binding gets is told by the text. */
static const struct description descriptions[] = {
	{ "session address", SDP "c=IN IP4 192.168.1.2\nt=0 0\nm=audio 8000 RTP/AVP 0\n",
	  OUT "c=IN IP4 203.0.113.1\nt=0 0\nm=audio 8000 RTP/AVP 0\n" },
	{ "an address each",
	  SDP "t=0 0\nm=audio 8000 RTP/AVP 0\nc=IN IP4 192.168.1.2\nm=video 8002 RTP/AVP 0\nc=IN IP4 198.51.100.7\n",
	  OUT "t=0 0\nm=audio 8000 RTP/AVP 0\nc=IN IP4 203.0.113.1\nm=video 8002 RTP/AVP 0\nc=IN IP4 198.51.100.7\n" },
	{ "a=rtcp", SDP "c=IN IP4 192.168.1.2\nt=0 0\nm=audio 8000 RTP/AVP 0\na=rtcp:9001 IN IP4 192.168.1.2\n",
	  OUT "c=IN IP4 203.0.113.1\nt=0 0\nm=audio 8000 RTP/AVP 0\na=rtcp:9001 IN IP4 203.0.113.1\n" },
	{ "placeholders",
	  SDP "c=IN IP4 192.168.1.2\nt=0 0\nm=audio 8000 RTP/AVP 0\nm=video 0 RTP/AVP 31\nm=message 9 TCP/MSRP *\n",
	  OUT "c=IN IP4 203.0.113.1\nt=0 0\nm=audio 8000 RTP/AVP 0\nm=video 0 RTP/AVP 31\nm=message 9 TCP/MSRP *\n" },
	{ "hold of old", SDP "c=IN IP4 0.0.0.0\nt=0 0\nm=audio 8000 RTP/AVP 0\n",
	  OUT "c=IN IP4 0.0.0.0\nt=0 0\nm=audio 8000 RTP/AVP 0\n" },
	{ "a service of the host", SDP "c=IN IP4 198.51.100.9\nt=0 0\nm=audio 22 RTP/AVP 0\n",
	  SDP "c=IN IP4 198.51.100.9\nt=0 0\nm=audio 22 RTP/AVP 0\n" },
	{ "a candidate of the host",
	  SDP "c=IN IP4 192.168.1.2\nt=0 0\na=ice-ufrag:a\nm=audio 8000 RTP/AVP 0\na=candidate:1 1 UDP 1 192.168.1.2 "
	      "8000 typ host\n",
	  OUT "c=IN IP4 203.0.113.1\nt=0 0\na=ice-ufrag:a\nm=audio 8000 RTP/AVP 0\na=candidate:1 1 UDP 1 203.0.113.1 "
	      "8000 typ host\n" },
	{ "a candidate learnt by STUN",
	  SDP "c=IN IP4 192.168.1.2\nt=0 0\na=ice-ufrag:a\nm=audio 8000 RTP/AVP 0\n"
	      "a=candidate:1 1 UDP 1 203.0.113.1 8000 typ srflx raddr 192.168.1.2 rport 8000\n",
	  SDP "c=IN IP4 192.168.1.2\nt=0 0\na=ice-ufrag:a\nm=audio 8000 RTP/AVP 0\n"
	      "a=candidate:1 1 UDP 1 203.0.113.1 8000 typ srflx raddr 192.168.1.2 rport 8000\n" },
	{ "a name", SDP "c=IN IP4 phone.local\nt=0 0\nm=audio 8000 RTP/AVP 0\n",
	  SDP "c=IN IP4 phone.local\nt=0 0\nm=audio 8000 RTP/AVP 0\n" },
};

static void session_descriptions_are_changed(void **state)
{
	struct harness *harness = *state;
	sipalg_endpoint phone = phone_a();
	for (size_t i = 0; i < sizeof(descriptions) / sizeof(descriptions[0]); i++) {
		static char message[4096], expected[4096];
		const struct description *row = &descriptions[i];
		snprintf(message, sizeof(message),
		         TOP "Via: SIP/2.0/UDP 192.168.1.2\nFrom: <sip:a@b>;tag=1\nTo: <sip:b@b>\nCall-ID: c%zu\n"
		             "CSeq: 1 INVITE\n%s",
		         i, row->inside);
		snprintf(expected, sizeof(expected),
		         TOP "Via: SIP/2.0/UDP 203.0.113.1\nFrom: <sip:a@b>;tag=1\nTo: <sip:b@b>\nCall-ID: c%zu\n"
		             "CSeq: 1 INVITE\n%s",
		         i, row->outside);
		assert_out(harness, &phone, message, expected);
	}
}

/* The length follows, here with a digit less; excess bytes stay, and none is added where there was none. */
static void content_length_follows(void **state)
{
	sipalg_endpoint phone = endpoint_of("192.168.1.20", 5060);
#define BODY_IN "v=0\no=- 1 1 IN IP4 192.168.1.20\ns=abcdefgh\nc=IN IP4 192.168.1.20\nt=0 0\nm=audio 8000 RTP/AVP 0\n"
#define BODY_OUT "v=0\no=- 1 1 IN IP4 203.0.113.1\ns=abcdefgh\nc=IN IP4 203.0.113.1\nt=0 0\nm=audio 8000 RTP/AVP 0\n"
	assert_out(*state, &phone,
	           TOP "Via: SIP/2.0/UDP 192.168.1.20\n" REST "c: application/sdp\nl:\t100 \n\n" BODY_IN
	               "excess 192.168.1.20",
	           TOP "Via: SIP/2.0/UDP 203.0.113.1\n" REST "c: application/sdp\nl:\t98 \n\n" BODY_OUT
	               "excess 192.168.1.20");
	assert_out(*state, &phone,
	           TOP "Via: SIP/2.0/UDP 192.168.1.20\n" REST "Content-Length: 0100\nc: application/sdp\n\n" BODY_IN,
	           TOP "Via: SIP/2.0/UDP 203.0.113.1\n" REST "Content-Length: 98\nc: application/sdp\n\n" BODY_OUT);
	assert_out(*state, &phone, TOP "Via: SIP/2.0/UDP 192.168.1.20\n" REST "c: application/sdp\n\n" BODY_IN,
	           TOP "Via: SIP/2.0/UDP 203.0.113.1\n" REST "c: application/sdp\n\n" BODY_OUT);
}

/* Where no port is written, sips means 5061 (RFC 3261 19.1.2). */
static void secure_contacts_have_a_port_of_their_own(void **state)
{
	struct harness *harness = *state;
	sipalg_endpoint phone = phone_a(), secure = endpoint_of("192.168.1.2", 5061);
	assert_out(harness, &phone, TOP "Via: SIP/2.0/UDP 192.168.1.2\n" REST "Contact: <sips:a@192.168.1.2>\n\n",
	           TOP "Via: SIP/2.0/UDP 203.0.113.1\n" REST "Contact: <sips:a@203.0.113.1>\n\n");
	assert_non_null(harness_binding_inside(harness, &secure));
}

/* maddr says where the request really goes (RFC 3261 19.1.1). */
static void maddr_follows(void **state)
{
	struct harness *harness = *state;
	sipalg_endpoint first = phone_a(), second = phone_b();
	assert_out(harness, &first, TOP "Via: SIP/2.0/UDP 192.168.1.2\n" REST "\n",
	           TOP "Via: SIP/2.0/UDP 203.0.113.1\n" REST "\n");
	assert_out(harness, &second,
	           TOP "Via: SIP/2.0/UDP 192.168.1.3;maddr=192.168.1.3\n" REST
	               "Contact: <sip:a@192.168.1.3:5060;maddr=192.168.1.3>\n\n",
	           TOP "Via: SIP/2.0/UDP 203.0.113.1:5062;maddr=203.0.113.1\n" REST
	               "Contact: <sip:a@203.0.113.1:5062;maddr=203.0.113.1>\n\n");
	assert_in(harness, &second,
	          "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 203.0.113.1:5062;maddr=203.0.113.1\n" ANSWERED "\n",
	          "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.168.1.3;maddr=192.168.1.3\n" ANSWERED "\n");
	assert_in(harness, &second,
	          "INVITE sip:a@203.0.113.1:5062;maddr=203.0.113.1 SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1\n" ANSWERED
	          "\n",
	          "INVITE sip:a@192.168.1.3:5060;maddr=192.168.1.3 SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1\n" ANSWERED
	          "\n");
	assert_out(harness, &second,
	           TOP "Via: SIP/2.0/UDP 198.51.100.3\n" REST "Contact: <sip:a@phone.local:5060;maddr=192.168.1.3>\n\n",
	           TOP "Via: SIP/2.0/UDP 198.51.100.3\n" REST
	               "Contact: <sip:a@phone.local:5062;maddr=203.0.113.1>\n\n");
	assert_in(harness, &second,
	          "INVITE sip:a@phone.local:5062;maddr=203.0.113.1 SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1\n" ANSWERED
	          "\n",
	          "INVITE sip:a@phone.local:5060;maddr=192.168.1.3 SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1\n" ANSWERED
	          "\n");
}

/* In a response the Vias are those of who asked. */
static void a_response_keeps_its_vias(void **state)
{
	sipalg_endpoint phone = phone_a();
	const char *message = "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.168.1.2\n" ANSWERED "\n";
	assert_out(*state, &phone, message, message);
}

static void routes_come_back(void **state)
{
	sipalg_endpoint phone = phone_a();
	assert_out(*state, &phone, TOP "Via: SIP/2.0/UDP 192.168.1.2\n" REST "Record-Route: <sip:192.168.1.2;lr>\n\n",
	           TOP "Via: SIP/2.0/UDP 203.0.113.1\n" REST "Record-Route: <sip:203.0.113.1;lr>\n\n");
	assert_in(*state, &phone,
	          "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 203.0.113.1\n" ANSWERED
	          "Record-Route: <sip:198.51.100.1;lr>, <sip:203.0.113.1;lr>\n\n",
	          "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.168.1.2\n" ANSWERED
	          "Record-Route: <sip:198.51.100.1;lr>, <sip:192.168.1.2;lr>\n\n");
}

/* ---- Left alone ---- */

static void foreign_hosts_stay(void **state)
{
	sipalg_endpoint phone = phone_a();
	const char *message = TOP "Via: SIP/2.0/UDP 192.168.1.7\n" REST "Contact: <sip:a@192.168.1.7>\n\n";
	assert_out(*state, &phone, message, message);
	assert_reason((struct harness *)*state, SIPALG_REASON_FOREIGN_HOST);
	assert_int_equal(((struct harness *)*state)->command_count, 0);
	const char *by_name = TOP "Via: SIP/2.0/UDP phone.local\n" REST "Contact: <sip:a@192.168.1.7>\n\n";
	assert_out(*state, &phone, by_name, by_name);
	assert_reason((struct harness *)*state, SIPALG_REASON_FOREIGN_HOST);
}

/* A PBX may name a phone's address for media; only the answered address gets in there. */
static void media_of_another_host_admit_the_answer_only(void **state)
{
	struct harness *harness = *state;
	sipalg_endpoint phone = phone_a(), peer = endpoint_of("198.51.100.9", 0);
	assert_out(harness, &phone,
	           TOP "Via: SIP/2.0/UDP 192.168.1.2\n" REST "Content-Type: application/sdp\nContent-Length: #\n\n"
	               "v=0\nc=IN IP4 192.168.1.7\nm=audio 8000 RTP/AVP 0\n",
	           TOP "Via: SIP/2.0/UDP 203.0.113.1\n" REST "Content-Type: application/sdp\nContent-Length: #\n\n"
	               "v=0\nc=IN IP4 203.0.113.1\nm=audio 8000 RTP/AVP 0\n");
	for (size_t i = 0; i < harness_count(harness, SIPALG_COMMAND_OPEN); i++) {
		const sipalg_command *open = harness_command(harness, SIPALG_COMMAND_OPEN, i);
		assert_int_equal(open->admits, SIPALG_ADMITS_PEERS);
	}
	const char *answer = "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 203.0.113.1\n" ANSWERED
	                     "Content-Type: application/sdp\nContent-Length: #\n\n"
	                     "v=0\nc=IN IP4 198.51.100.9\nm=audio 30000 RTP/AVP 0\n";
	static struct letter given;
	sipalg_endpoint server = server_endpoint();
	letter_write(&given, "%s", answer);
	harness_in(harness, &server, &phone, letter_text(&given));
	assert_int_equal(harness_count(harness, SIPALG_COMMAND_ADMIT), 2);
	assert_int_equal(harness_count(harness, SIPALG_COMMAND_ENTER_FLOW), 2);
	for (size_t i = 0; i < 2; i++)
		assert_true(sipalg_address_equal(&harness_command(harness, SIPALG_COMMAND_ADMIT, i)->peer.address,
		                                 &peer.address));
	assert_int_equal(harness_command(harness, SIPALG_COMMAND_ENTER_FLOW, 0)->peer.port, 30000);
	assert_int_equal(harness_command(harness, SIPALG_COMMAND_ENTER_FLOW, 1)->peer.port, 30001);
}

static void a_phone_with_its_public_contact_is_left_alone(void **state)
{
	struct harness *harness = *state;
	sipalg_endpoint phone = phone_a();
	assert_out(harness, &phone, TOP "Via: SIP/2.0/UDP 192.168.1.2\n" REST "Contact: <sip:a@192.168.1.2>\n\n",
	           TOP "Via: SIP/2.0/UDP 203.0.113.1\n" REST "Contact: <sip:a@203.0.113.1>\n\n");
	const char *message = "REGISTER sip:x SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.2;rport\n"
	                      "From: <sip:a@x>;tag=1\nTo: <sip:a@x>\nCall-ID: y\nCSeq: 1 REGISTER\n"
	                      "Contact: <sip:a@203.0.113.1:5060>;expires=100\n\n";
	assert_out(harness, &phone, message, message);
	assert_reason(harness, SIPALG_REASON_ALREADY_PUBLIC);
	const char *answer = "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.168.1.2;rport=5060;received=203.0.113.1\n"
	                     "From: <sip:a@x>;tag=1\nTo: <sip:a@x>;tag=2\nCall-ID: y\nCSeq: 1 REGISTER\n"
	                     "Contact: <sip:a@203.0.113.1:5060>;expires=100\n\n";
	assert_in(harness, &phone, answer, answer);
	/* The binding is owned as if the gateway had written it, and what comes to it stays as it is. */
	harness_wait(harness, 100);
	assert_int_equal(harness->binding_count, 1);
	const char *call = "INVITE sip:a@203.0.113.1:5060 SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1\n"
	                   "From: <sip:c@x>;tag=1\nTo: <sip:a@x>\nCall-ID: z\nCSeq: 1 INVITE\n\n";
	assert_in(harness, &phone, call, call);
	harness_wait(harness, 400);
	assert_int_equal(harness->binding_count, 0);
}

/* ---- Inbound ---- */

struct form {
	const char *via, *contact, *via_outside, *contact_outside;
};

static const struct form forms[] = {
	{ "192.168.1.2", "192.168.1.2:5060", "203.0.113.1", "203.0.113.1:5060" },
	{ "192.168.1.2:5060", "192.168.1.2", "203.0.113.1:5060", "203.0.113.1" },
	{ "192.168.1.2 : 5060", "192.168.1.2:5060", "203.0.113.1 : 5060", "203.0.113.1:5060" },
	{ "192.168.1.2", "192.168.1.2", "203.0.113.1", "203.0.113.1" },
	{ "192.168.1.2:05060", "192.168.1.2:5060", "203.0.113.1:05060", "203.0.113.1:5060" },
};

/* Each branch and each call gets back its own, whatever the one before looked like. */
static void forms_may_mix(void **state)
{
	struct harness *harness = *state;
	sipalg_endpoint phone = phone_a();
	static char text[2][2048];
	const char *request =
	        TOP "Via: SIP/2.0/UDP %s;branch=z%zu\nFrom: <sip:a@b>;tag=1\nTo: <sip:b@b>\nCall-ID: c%zu\n"
	            "CSeq: 1 INVITE\nContact: <sip:a@%s>\n\n";
	const char *answer = "SIP/2.0 180 Ringing\nVia: SIP/2.0/UDP %s;branch=z%zu\nFrom: <sip:a@b>;tag=1\n"
	                     "To: <sip:b@b>;tag=2\nCall-ID: c%zu\nCSeq: 1 INVITE\n\n";
	const char *bye =
	        "BYE sip:a@%s SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1\nFrom: <sip:b@b>;tag=2\nTo: <sip:a@b>;tag=1\n"
	        "Call-ID: c%zu\nCSeq: 1 BYE\n\n";
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		snprintf(text[0], sizeof(text[0]), request, forms[i].via, i, i, forms[i].contact);
		snprintf(text[1], sizeof(text[1]), request, forms[i].via_outside, i, i, forms[i].contact_outside);
		assert_out(harness, &phone, text[0], text[1]);
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		snprintf(text[0], sizeof(text[0]), answer, forms[i].via_outside, i, i);
		snprintf(text[1], sizeof(text[1]), answer, forms[i].via, i, i);
		assert_in(harness, &phone, text[0], text[1]);
		snprintf(text[0], sizeof(text[0]), bye, forms[i].contact_outside, i);
		snprintf(text[1], sizeof(text[1]), bye, forms[i].contact, i);
		assert_in(harness, &phone, text[0], text[1]);
	}
}

static void received_and_rport_stay(void **state)
{
	sipalg_endpoint phone = phone_a();
	assert_out(*state, &phone, TOP "Via: SIP/2.0/UDP 192.168.1.2;rport\n" REST "\n",
	           TOP "Via: SIP/2.0/UDP 203.0.113.1;rport\n" REST "\n");
	assert_in(*state, &phone,
	          "SIP/2.0 100 T\nVia: SIP/2.0/UDP 203.0.113.1;rport=5060;received=203.0.113.1\n" REST "\n",
	          "SIP/2.0 100 T\nVia: SIP/2.0/UDP 192.168.1.2;rport=5060;received=203.0.113.1\n" REST "\n");
}

/* What is not this phone's, or nobody's, is nothing to put back. */
static void strange_outside_addresses_stay(void **state)
{
	sipalg_endpoint first = phone_a(), second = phone_b();
	assert_out(*state, &first, TOP "Via: SIP/2.0/UDP 192.168.1.2\n" REST "\n",
	           TOP "Via: SIP/2.0/UDP 203.0.113.1\n" REST "\n");
	const char *to_nobody = "INVITE sip:203.0.113.1:7777 SIP/2.0\nVia: SIP/2.0/UDP 203.0.113.1\n" REST "\n";
	assert_in(*state, &first, to_nobody, to_nobody);
	const char *to_another = "INVITE sip:203.0.113.1 SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1\n" REST "\n";
	assert_in(*state, &second, to_another, to_another);
	assert_reason((struct harness *)*state, SIPALG_REASON_NOTHING_TO_DO);
}

/* Two phones behind one NAT: what the first offered reaches the second as it was written. */
static void a_description_from_next_door_comes_back(void **state)
{
	struct harness *harness = *state;
	sipalg_endpoint first = phone_a(), second = phone_b();
	assert_out(harness, &first,
	           TOP "Via: SIP/2.0/UDP 192.168.1.2\n" REST SDP
	               "c=IN IP4 192.168.1.2\nm=audio 8000 RTP/AVP 0\na=rtcp:9001\n",
	           TOP "Via: SIP/2.0/UDP 203.0.113.1\n" REST OUT
	               "c=IN IP4 203.0.113.1\nm=audio 8000 RTP/AVP 0\na=rtcp:9001\n");
	assert_in(harness, &second,
	          "INVITE sip:b@192.168.1.3 SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1\n" REST OUT
	          "c=IN IP4 203.0.113.1\nm=audio 8000 RTP/AVP 0\na=rtcp:9001\n",
	          "INVITE sip:b@192.168.1.3 SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1\n" REST SDP
	          "c=IN IP4 192.168.1.2\nm=audio 8000 RTP/AVP 0\na=rtcp:9001\n");
}

int main(void)
{
#define MESSAGE_TEST(test) cmocka_unit_test_setup_teardown(test, harness_setup, harness_teardown)
	const struct CMUnitTest tests[] = {
		MESSAGE_TEST(the_edit_is_the_smallest),
		MESSAGE_TEST(two_phones_share_a_port),
		MESSAGE_TEST(only_the_top_via_is_changed),
		MESSAGE_TEST(routes_of_an_inside_proxy_are_changed),
		MESSAGE_TEST(session_descriptions_are_changed),
		MESSAGE_TEST(content_length_follows),
		MESSAGE_TEST(foreign_hosts_stay),
		MESSAGE_TEST(media_of_another_host_admit_the_answer_only),
		MESSAGE_TEST(a_phone_with_its_public_contact_is_left_alone),
		MESSAGE_TEST(forms_may_mix),
		MESSAGE_TEST(received_and_rport_stay),
		MESSAGE_TEST(strange_outside_addresses_stay),
		MESSAGE_TEST(a_description_from_next_door_comes_back),
		MESSAGE_TEST(secure_contacts_have_a_port_of_their_own),
		MESSAGE_TEST(maddr_follows),
		MESSAGE_TEST(a_response_keeps_its_vias),
		MESSAGE_TEST(routes_come_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
