/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stories in which nothing is wrong. */
#include "stories.h"

static void a_plain_call(struct story *story)
{
	registers(story, 300);
	calls(story);
	sound(story, 5000, BOTH, BOTH);
	hangs_up(story);
}

void on_ipv6(struct story *story)
{
	story->phone = story->router = "2001:db8:1::2";
	story->contact = story->contact_outside = "[2001:db8:1::2]";
	story->told = story->told_outside = "198.51.100.9"; /* a media relay's */
	story->server = "2001:db8:2::2";
	phone_sends(story, "OPTIONS sip:example.org SIP/2.0", "OPTIONS", false, BOTH);
	wait_ms(story, 100);
	phone_gets(story, "SIP/2.0 200 OK", "OPTIONS", false, BOTH);
}

/* A provider that answers to where messages and sound come from needs no right addresses. */
static void nat_that_the_provider_mends(struct story *story)
{
	story->contact = story->contact_outside = story->told = story->told_outside = story->phone;
	a_plain_call(story);
}

void a_coherent_alg(struct story *story)
{
	story->contact = story->told = story->phone;
	a_plain_call(story);
}

static void a_held_call(struct story *story)
{
	story->extra_sdp = "a=sendonly\r\n";
	calls(story);
	sound(story, 5000, BOTH, 0);
	hangs_up(story);
}

/* As phones with few RTP ports do, and busy servers: the first call's sound is not the second one's. */
static void calls_on_the_same_ports(struct story *story)
{
	calls(story);
	sound(story, 5000, BOTH, BOTH);
	hangs_up(story);
	wait_ms(story, 1000);
	story->call_id = story->call_id_outside = "call-2@phone";
	story->told = story->told_outside = story->phone;
	story->cseq = 1;
	calls(story);
	sound(story, 5000, BOTH, BOTH);
	hangs_up(story);
}

static void a_refreshed_session(struct story *story)
{
	story->session_s = 600;
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	wait_ms(story, 297000);
	story->cseq = 2;
	phone_sends(story, "UPDATE sip:x@203.0.113.2 SIP/2.0", "UPDATE", false, BOTH);
	phone_gets(story, "SIP/2.0 200 OK", "UPDATE", false, BOTH);
	wait_ms(story, 290000);
	story->session_s = 0;
	story->cseq = 3;
	phone_sends(story, "BYE sip:x@203.0.113.2 SIP/2.0", "BYE", false, BOTH);
	phone_gets(story, "SIP/2.0 200 OK", "BYE", false, BOTH);
}

static void a_challenged_registration(struct story *story)
{
	for (int i = 0; i < 6; i++) {
		phone_sends(story, "REGISTER sip:example.org SIP/2.0", "REGISTER", false, BOTH);
		phone_gets(story, "SIP/2.0 401 Unauthorized", "REGISTER", false, BOTH);
		story->cseq++;
		phone_sends(story, "REGISTER sip:example.org SIP/2.0", "REGISTER", false, BOTH);
		phone_gets(story, "SIP/2.0 200 OK\r\nExpires: 60", "REGISTER", false, BOTH);
		story->cseq++;
		wait_ms(story, 50000);
	}
}

/* Via is private, and answers come to where requests come from: either because of rport or because the provider does
 * not need to be asked. */
static void a_private_via_with_rport(struct story *story)
{
	story->via = story->phone;
	story->router_port = 40000;
	a_plain_call(story);
}

static void a_private_via_that_is_mended(struct story *story)
{
	story->no_rport = true;
	a_private_via_with_rport(story);
}

/* The answer comes to another port than the request came from, and arrives: the user has forwarded it. */
static void a_forwarded_port(struct story *story)
{
	story->via = story->phone;
	story->no_rport = true;
	story->router_port = 40000;
	phone_sends(story, "REGISTER sip:example.org SIP/2.0", "REGISTER", false, BOTH);
	phone_is_answered(story, "SIP/2.0 200 OK", "REGISTER", 5060, 5060, BOTH);
}

static void keepalives_that_pass(struct story *story)
{
	registers(story, 300);
	for (int i = 0; i < 8; i++) {
		phone_keeps_alive(story, BOTH);
		wait_ms(story, 25000);
	}
	registers(story, 300);
}

/* What one capture began with and the other had not, nobody answered midway; nor what a neighbour answered. */
static void a_capture_that_begins_late(struct story *story)
{
	for (story->cseq = 1; story->cseq < 4; story->cseq++) {
		phone_sends(story, "OPTIONS sip:example.org SIP/2.0", "OPTIONS", false, INSIDE);
		phone_gets(story, "SIP/2.0 200 OK", "OPTIONS", false, INSIDE);
	}
	wait_ms(story, 5000);
	story->call_id = story->call_id_outside = "later";
	story->cseq = 1;
	a_plain_call(story);
}

static void a_neighbour(struct story *story)
{
	const char *server = story->server;
	registers(story, 300);
	story->phone = "192.168.1.3";
	story->call_id = story->call_id_outside = "neighbour";
	story->cseq = 100;
	registers(story, 300);
	wait_ms(story, 5000);
	story->phone = "192.168.1.2";
	story->server = "192.168.1.3";
	story->call_id = story->call_id_outside = "within";
	for (story->cseq = 1; story->cseq < 4; story->cseq++) {
		phone_sends(story, "OPTIONS sip:example.org SIP/2.0", "OPTIONS", false, INSIDE);
		phone_gets(story, "SIP/2.0 200 OK", "OPTIONS", false, INSIDE);
	}
	wait_ms(story, 5000);
	story->server = server;
	story->call_id = story->call_id_outside = "without";
	registers(story, 300);
}

static const struct story_case cases[] = {
	CASE(a_plain_call, "", "", "", "no-alg"),
	CASE(on_ipv6, "", "", "", "no-alg"),
	CASE(nat_that_the_provider_mends, "", "", "", "no-alg"),
	CASE(a_coherent_alg, "", "", "", "alg-harmless"),
	CASE(a_held_call, "", "", "", "no-alg"),
	CASE(calls_on_the_same_ports, "", "", "", "no-alg"),
	CASE(a_refreshed_session, "", "", "", "no-alg"),
	CASE(a_challenged_registration, "", "", "", "no-alg"),
	CASE(a_private_via_with_rport, "", "", "", "no-alg"),
	CASE(a_private_via_that_is_mended, "", "", "", "no-alg"),
	CASE(a_forwarded_port, "", "", "", "no-alg"),
	CASE(keepalives_that_pass, "", "", "", "no-alg"),
	CASE(a_capture_that_begins_late, "", "", "", "no-alg"),
	CASE(a_neighbour, "", "", "", "no-alg"),
};

const struct stories stories_fine = { cases, sizeof cases / sizeof cases[0] };
