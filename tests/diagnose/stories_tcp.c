/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stories of SIP over TCP. */
#include "stories.h"

#include "capture/capture.h"

enum { PORT = 40001, NEXT_PORT = 40002 };

/* ---- Nothing is wrong ---- */

static void a_tcp_call(struct story *story)
{
	connects(story, PORT);
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	hangs_up(story);
}

static void a_coherent_tcp_alg(struct story *story)
{
	story->contact = story->told = story->phone;
	story->split_at = 300;
	a_tcp_call(story);
}

/* Neither what is whole nor what is split is rewritten: that is plain NAT. */
static void a_tcp_call_by_plain_nat(struct story *story)
{
	story->contact = story->contact_outside = story->told = story->told_outside = story->phone;
	story->split_at = 100;
	a_tcp_call(story);
}

static void a_phone_that_falls_back(struct story *story)
{
	story->phone_port = story->router_port = PORT;
	phone_segment(story, CAPTURE_TCP_SYN, BOTH);
	server_segment(story, CAPTURE_TCP_RST | CAPTURE_TCP_ACK, BOTH);
	story->phone_port = story->router_port = 0;
	registers(story, 300);
}

static void a_scanner(struct story *story)
{
	static const char *const others[] = { "192.0.2.66", "192.0.2.67" };
	registers(story, 300);
	const char *router = story->router, *server = story->server;
	for (int i = 0; i < 8; i++) {
		story->router = others[i % 2];
		story->server = router;
		phone_segment(story, CAPTURE_TCP_SYN, OUTSIDE);
		wait_ms(story, 1000);
	}
	story->router = router;
	story->server = server;
	registers(story, 300);
}

static void a_connection_that_is_replaced(struct story *story)
{
	connects(story, PORT);
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	server_segment(story, CAPTURE_TCP_RST, BOTH);
	connects(story, NEXT_PORT);
	hangs_up(story);
	wait_ms(story, 10000);
	phone_sends(story, "OPTIONS sip:example.org SIP/2.0", "OPTIONS", false, BOTH);
}

static void a_slow_server(struct story *story)
{
	registers(story, 300);
	story->server = "203.0.113.99";
	story->phone_port = story->router_port = PORT;
	for (int i = 0; i < 3; i++) {
		phone_segment(story, CAPTURE_TCP_SYN, BOTH);
		wait_ms(story, 1000);
	}
	server_segment(story, CAPTURE_TCP_SYN | CAPTURE_TCP_ACK, BOTH);
}

/* What goes on behind one capture's end did not vanish. */
static void a_capture_that_ends_early(struct story *story)
{
	connects(story, PORT);
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	story->cseq = 2;
	phone_sends(story, "BYE sip:x@203.0.113.2 SIP/2.0", "BYE", false, INSIDE);
	phone_gets(story, "SIP/2.0 200 OK", "BYE", false, INSIDE);
}

/* It is not for being split that they are not rewritten. */
static void an_alg_for_some_methods(struct story *story)
{
	story->contact = story->phone;
	connects(story, PORT);
	calls(story);
	story->contact_outside = story->phone;
	for (story->cseq = 2; story->cseq < 4; story->cseq++) {
		phone_sends(story, "UPDATE sip:x@203.0.113.2 SIP/2.0", "UPDATE", false, BOTH);
		phone_gets(story, "SIP/2.0 200 OK", "UPDATE", false, BOTH);
		story->split_at = 200;
	}
}

/* ---- Connections that do not come about ---- */

static void asks_in_vain(struct story *story, enum seen_at seen)
{
	story->phone_port = story->router_port = PORT;
	for (uint64_t ms = 1000; ms < 16000; ms *= 2) {
		phone_segment(story, CAPTURE_TCP_SYN, seen);
		wait_ms(story, ms);
	}
	story->phone_port = story->router_port = 0;
}

static void tcp_stopped_at_router(struct story *story)
{
	registers(story, 300);
	asks_in_vain(story, INSIDE);
	story->call_id = story->call_id_outside = "again";
	registers(story, 300);
}

static void tcp_without_answer(struct story *story)
{
	const char *server = story->server;
	registers(story, 300);
	story->server = "203.0.113.99";
	asks_in_vain(story, BOTH);
	story->server = server;
	story->call_id = story->call_id_outside = "again";
	registers(story, 300);
}

static void tcp_refused(struct story *story)
{
	const char *server = story->server;
	registers(story, 300);
	story->server = "203.0.113.99";
	story->phone_port = story->router_port = PORT;
	phone_segment(story, CAPTURE_TCP_SYN, BOTH);
	server_segment(story, CAPTURE_TCP_RST | CAPTURE_TCP_ACK, BOTH);
	story->server = server;
}

/* ---- Streams that arrive otherwise ---- */

#define INFO(length)                                                                                                   \
	"INFO sip:x@203.0.113.2 SIP/2.0\r\nVia: SIP/2.0/TCP 198.51.100.7:5060;branch=z9hG4bK" length "\r\n"            \
	"From: <sip:a@a.org>;tag=a\r\nTo: <sip:b@a.org>;tag=b\r\nCall-ID: call-1@phone\r\nCSeq: 5 INFO\r\n"            \
	"Content-Type: text/plain\r\nContent-Length: " length "\r\n\r\n"

/* The router's sequence numbers are off: the end of a message comes twice. */
static void tcp_corrupted(struct story *story)
{
	connects(story, PORT);
	calls(story);
	phone_sends_bytes(story, INFO("5") "{..}}", INFO("5") "{..}}", BOTH);
	phone_sends_bytes(story, INFO("4") "more", "}}\r\n" INFO("4") "more", BOTH);
	hangs_up(story);
}

static void tcp_length_too_small(struct story *story)
{
	connects(story, PORT);
	calls(story);
	phone_sends_bytes(story, INFO("3") "{..}}", INFO("3") "{..}}", BOTH);
	hangs_up(story);
}

static void tcp_length_too_large(struct story *story)
{
	connects(story, PORT);
	calls(story);
	phone_sends_bytes(story, INFO("232") "{..}}\r\n" INFO("5") "{..}}", INFO("232") "{..}}\r\n" INFO("5") "{..}}",
	                  BOTH);
	hangs_up(story);
}

static void tcp_split_untouched(struct story *story)
{
	story->contact = story->phone;
	connects(story, PORT);
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	story->cseq = 2;
	story->split_at = 200;
	story->contact_outside = story->phone;
	phone_sends(story, "UPDATE sip:x@203.0.113.2 SIP/2.0", "UPDATE", false, BOTH);
	phone_gets(story, "SIP/2.0 200 OK", "UPDATE", false, BOTH);
	story->cseq = 3;
	story->split_at = 0;
	story->contact_outside = story->router;
	phone_sends(story, "BYE sip:x@203.0.113.2 SIP/2.0", "BYE", false, BOTH);
	phone_gets(story, "SIP/2.0 200 OK", "BYE", false, BOTH);
}

static void tcp_message_lost(struct story *story)
{
	connects(story, PORT);
	calls(story);
	story->cseq = 2;
	phone_sends(story, "INFO sip:x@203.0.113.2 SIP/2.0", "INFO", false, INSIDE);
	sound(story, 40000, BOTH, BOTH);
	story->cseq = 3;
	phone_sends(story, "BYE sip:x@203.0.113.2 SIP/2.0", "BYE", false, BOTH);
	phone_gets(story, "SIP/2.0 200 OK", "BYE", false, BOTH);
}

/* Nobody answers an ACK: only the other side tells. */
static void tcp_ack_lost(struct story *story)
{
	connects(story, PORT);
	phone_sends(story, "INVITE sip:bob@example.org SIP/2.0", "INVITE", true, BOTH);
	phone_gets(story, "SIP/2.0 200 OK", "INVITE", true, BOTH);
	phone_sends(story, "ACK sip:x@203.0.113.2 SIP/2.0", "ACK", false, INSIDE);
	sound(story, 3000, BOTH, BOTH);
	hangs_up(story);
}

static void tcp_cut(struct story *story)
{
	connects(story, PORT);
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	server_segment(story, CAPTURE_TCP_RST, INSIDE);
	sound(story, 10000, BOTH, BOTH);
}

static const struct story_case cases[] = {
	CASE(a_tcp_call, "", "", "", "no-alg"),
	CASE(a_coherent_tcp_alg, "", "", "", "alg-harmless"),
	CASE(a_tcp_call_by_plain_nat, "", "", "", "no-alg"),
	CASE(a_phone_that_falls_back, "", "", "", "no-alg"),
	CASE(a_scanner, "", "", "", "no-alg"),
	CASE(a_connection_that_is_replaced, "", "", "", "no-alg"),
	CASE(a_slow_server, "", "", "", "no-alg"),
	CASE(a_capture_that_ends_early, "", "", "", "no-alg"),
	CASE(an_alg_for_some_methods, "", "", "", "alg-harmless"),
	CASE(tcp_stopped_at_router, "tcp-blocked", "", "", "faults"),
	CASE(tcp_without_answer, "tcp-blocked", "tcp-blocked", "", "faults"),
	CASE(tcp_refused, "tcp-blocked", "tcp-blocked", "", "faults"),
	CASE(tcp_corrupted, "tcp-corrupted", "", "content-length-wrong", "alg-harmful"),
	CASE(tcp_length_too_small, "content-length-wrong", "content-length-wrong", "content-length-wrong",
	     "alg-harmful"),
	CASE(tcp_length_too_large, "content-length-wrong", "content-length-wrong", "content-length-wrong",
	     "alg-harmful"),
	CASE(tcp_split_untouched, "tcp-split-untouched", "", "", "alg-harmful"),
	CASE(tcp_message_lost, "tcp-message-lost", "tcp-message-lost", "", "alg-harmful"),
	CASE(tcp_ack_lost, "tcp-message-lost", "", "", "alg-harmful"),
	CASE(tcp_cut, "tcp-cut", "tcp-cut", "", "faults"),
};

const struct stories stories_tcp = { cases, sizeof cases / sizeof cases[0] };
