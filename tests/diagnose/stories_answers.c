/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stories in which answers, keep-alives or sound go another way than they should. */
#include "stories.h"

#include <stdio.h>

static void large_invite_lost(struct story *story)
{
	static char lines[1400];
	registers(story, 300);
	snprintf(lines, sizeof lines, "a=x:%01200d\r\n", 7);
	story->extra_sdp = lines;
	story->call_id = story->call_id_outside = "call-2";
	repeat(story, invite_swallowed, 6);
}

static void response_port_forced(struct story *story)
{
	story->phone_port = story->router_port = 40000;
	for (int i = 0; i < 5; i++) {
		phone_sends(story, "REGISTER sip:example.org SIP/2.0", "REGISTER", false, BOTH);
		phone_is_answered(story, "SIP/2.0 200 OK", "REGISTER", 40000, 5060, BOTH);
		wait_ms(story, 1000);
	}
}

/* The router does as it should: it is the server that does not know rport. */
void response_port_of_server(struct story *story)
{
	story->phone_port = story->router_port = 40000;
	for (int i = 0; i < 5; i++) {
		phone_sends(story, "REGISTER sip:example.org SIP/2.0", "REGISTER", false, BOTH);
		phone_is_answered(story, "SIP/2.0 200 OK", "REGISTER", 5060, 5060, BOTH);
		wait_ms(story, 1000);
	}
}

static void private_via(struct story *story)
{
	story->via = story->phone;
	story->no_rport = true;
	story->router_port = 40000;
	for (int i = 0; i < 5; i++) {
		phone_sends(story, "INVITE sip:bob@example.org SIP/2.0", "INVITE", true, BOTH);
		phone_is_answered(story, "SIP/2.0 200 OK", "INVITE", 5060, 5060, OUTSIDE);
		wait_ms(story, 1000);
	}
}

/* Nor is a private Via to blame where the phone had asked for rport, or where the answer goes to the right port. */
static void rport_ignored(struct story *story)
{
	story->via = story->phone;
	story->router_port = 40000;
	for (int i = 0; i < 5; i++) {
		phone_sends(story, "REGISTER sip:example.org SIP/2.0", "REGISTER", false, BOTH);
		phone_is_answered(story, "SIP/2.0 200 OK", "REGISTER", 5060, 5060, OUTSIDE);
		wait_ms(story, 1000);
	}
}

static void answers_swallowed(struct story *story)
{
	story->via = story->phone;
	story->no_rport = true;
	for (int i = 0; i < 5; i++) {
		phone_sends(story, "REGISTER sip:example.org SIP/2.0", "REGISTER", false, BOTH);
		phone_gets(story, "SIP/2.0 200 OK", "REGISTER", false, OUTSIDE);
		wait_ms(story, 1000);
	}
}

/* In one file nobody can tell this answer from one that crossed the router. */
static void private_via_believed(struct story *story)
{
	story->via = story->phone;
	story->no_rport = true;
	for (int i = 0; i < 5; i++) {
		phone_sends(story, "REGISTER sip:example.org SIP/2.0", "REGISTER", false, BOTH);
		server_sends_to(story, story->phone, "SIP/2.0 200 OK", "REGISTER", false);
		wait_ms(story, 1000);
	}
}

static void answered_midway(struct story *story)
{
	registers(story, 300);
	wait_ms(story, 5000);
	story->call_id = story->call_id_outside = "asked-1";
	for (story->cseq = 1; story->cseq < 4; story->cseq++) {
		phone_sends(story, "OPTIONS sip:example.org SIP/2.0", "OPTIONS", false, INSIDE);
		phone_gets(story, "SIP/2.0 200 OK", "OPTIONS", false, INSIDE);
	}
	wait_ms(story, 5000);
	story->call_id = story->call_id_outside = "registers-again";
	registers(story, 300);
}

static void keepalives_dropped(struct story *story)
{
	registers(story, 300);
	for (int i = 0; i < 8; i++) {
		phone_keeps_alive(story, INSIDE);
		wait_ms(story, 25000);
	}
	registers(story, 300);
}

void sound_from_another_port(struct story *story)
{
	story->contact = story->told = story->phone;
	calls(story);
	story->media_port = 40123;
	sound(story, 3000, BOTH, BOTH);
	hangs_up(story);
}

static const struct story_case cases[] = {
	CASE(large_invite_lost, "large-message-lost", "large-message-lost", "", "faults"),
	CASE(response_port_forced, "response-port-forced", "response-port-forced", "", "alg-harmful"),
	CASE(response_port_of_server, "", NULL, "", "no-alg"),
	CASE(private_via, "private-via", "", "private-via", "faults"),
	CASE(private_via_believed, NULL, "", "private-via", "faults"),
	CASE(rport_ignored, "", "", "", "no-alg"),
	CASE(answers_swallowed, "message-dropped", "", "", "alg-harmful"),
	CASE(answered_midway, "sip-answered-midway", "", "", "alg-harmful"),
	CASE(keepalives_dropped, "keepalive-dropped", "", "", "alg-harmful"),
};

const struct stories stories_answers = { cases, sizeof cases / sizeof cases[0] };
