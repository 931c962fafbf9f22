/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stories in which calls, registrations or messages go wrong. */
#include "stories.h"

static const unsigned timer_g_ms[] = { 500, 1000, 2000, 4000, 4000, 4000, 4000, 4000, 4000, 4000 };

static void ack_goes_astray(struct story *story)
{
	phone_sends(story, "INVITE sip:bob@example.org SIP/2.0", "INVITE", true, BOTH);
	phone_gets(story, "SIP/2.0 200 OK", "INVITE", true, BOTH);
	phone_sends(story, "ACK sip:x@203.0.113.2 SIP/2.0", "ACK", false, INSIDE);
	for (size_t i = 0; i < 10; i++) {
		sound(story, timer_g_ms[i], BOTH, BOTH);
		phone_gets(story, "SIP/2.0 200 OK", "INVITE", true, BOTH);
	}
	story->cseq = 7;
	phone_gets(story, "BYE sip:x@198.51.100.7 SIP/2.0", "BYE", false, BOTH);
	phone_sends(story, "SIP/2.0 200 OK", "BYE", false, BOTH);
}

static void lost_bye(struct story *story)
{
	phone_gets(story, "BYE sip:x@198.51.100.7 SIP/2.0", "BYE", false, OUTSIDE);
}

static void bye_goes_astray(struct story *story)
{
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	story->cseq = 9;
	repeat(story, lost_bye, 7);
}

static void bye_to_private(struct story *story)
{
	server_sends_to(story, story->phone, "BYE sip:x@192.168.1.2 SIP/2.0", "BYE", false);
}

static void private_contact(struct story *story)
{
	story->contact = story->contact_outside = story->phone;
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	story->cseq = 9;
	repeat(story, bye_to_private, 7);
}

static void private_sdp(struct story *story)
{
	story->told = story->told_outside = story->phone;
	calls(story);
	sound(story, 5000, BOTH, 0);
	hangs_up(story);
}

static void sound_stops_on_the_way_in(struct story *story)
{
	calls(story);
	sound(story, 5000, BOTH, OUTSIDE);
	hangs_up(story);
}

static void sound_stops_on_the_way_out(struct story *story)
{
	calls(story);
	sound(story, 5000, INSIDE, BOTH);
	hangs_up(story);
}

static void lost_invite(struct story *story)
{
	phone_gets(story, "INVITE sip:x@198.51.100.7 SIP/2.0", "INVITE", true, OUTSIDE);
}

static void registration_outlived(struct story *story)
{
	registers(story, 3600);
	wait_ms(story, 120000);
	story->call_id = story->call_id_outside = "call-in-1";
	repeat(story, lost_invite, 6);
	story->call_id = story->call_id_outside = "registration-2";
	phone_sends(story, "REGISTER sip:example.org SIP/2.0", "REGISTER", false, BOTH);
	phone_gets(story, "SIP/2.0 200 OK\r\nExpires: 3600", "REGISTER", false, BOTH);
	wait_ms(story, 20000);
	story->call_id = story->call_id_outside = "call-in-2";
	phone_gets(story, "INVITE sip:x@198.51.100.7 SIP/2.0", "INVITE", true, BOTH);
	phone_sends(story, "SIP/2.0 486 Busy Here", "INVITE", false, BOTH);
}

static void session_timer_missed(struct story *story)
{
	story->session_s = 90;
	calls(story);
	sound(story, 70000, BOTH, BOTH);
	story->session_s = 0;
	hangs_up(story);
}

static void ice_broken(struct story *story)
{
	story->extra_sdp = "a=ice-ufrag:abcd\r\na=candidate:1 1 UDP 2130706431 192.168.1.2 12000 typ host\r\n";
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	hangs_up(story);
}

static void ice_mismatch(struct story *story)
{
	story->extra_sdp = "a=ice-mismatch\r\n";
	calls(story);
	hangs_up(story);
}

static void origin_noted(struct story *story)
{
	story->extra_sdp = "i=(o=IN IP4 192.168.1.2)\r\n";
	calls(story);
	hangs_up(story);
}

static void refused_again(struct story *story)
{
	for (int i = 0; i < 7; i++) {
		phone_sends(story, "REGISTER sip:example.org SIP/2.0", "REGISTER", false, BOTH);
		phone_gets(story, "SIP/2.0 403 Forbidden", "REGISTER", false, BOTH);
		story->cseq++;
		wait_ms(story, 5000);
	}
}

static void length_wrong(struct story *story)
{
	calls(story);
	phone_sends_text(
	        story,
	        "INFO sip:x@203.0.113.2 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK7\r\n"
	        "From: <sip:a@a.org>;tag=a\r\nTo: <sip:b@a.org>;tag=b\r\nCall-ID: call-1@phone\r\nCSeq: 5 INFO\r\n"
	        "Content-Type: text/plain\r\nContent-Length: 50\r\n\r\nhello",
	        BOTH);
	hangs_up(story);
}

static void body_left_over(struct story *story)
{
	calls(story);
	phone_sends_text(
	        story,
	        "INFO sip:x@203.0.113.2 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK7\r\n"
	        "From: <sip:a@a.org>;tag=a\r\nTo: <sip:b@a.org>;tag=b\r\nCall-ID: call-1@phone\r\nCSeq: 5 INFO\r\n"
	        "Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nhello",
	        BOTH);
	hangs_up(story);
}

static void message_dropped(struct story *story)
{
	registers(story, 300);
	story->call_id = story->call_id_outside = "call-2";
	repeat(story, invite_swallowed, 6);
}

static void half_rewritten(struct story *story)
{
	story->contact = story->told = story->told_outside = story->phone;
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	hangs_up(story);
}

static void call_id_rewritten(struct story *story)
{
	story->contact = story->told = story->phone;
	story->call_id = "77aa@192.168.1.2";
	story->call_id_outside = "77aa@198.51.100.7";
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	hangs_up(story);
}

/* Without translation only hops tell one side from the other in one file. */
static void routed_and_altered(struct story *story)
{
	story->call_id = "77aa@phone";
	story->call_id_outside = "77aa@router";
	on_ipv6(story);
}

static const struct story_case cases[] = {
	CASE(ack_goes_astray, "ack-astray", "ack-astray", "ack-astray", "faults"),
	CASE(bye_goes_astray, "bye-astray", "", "bye-astray", "faults"),
	CASE(private_contact, "private-contact", "", "private-contact", "faults"),
	CASE(private_sdp, "private-sdp", NULL, "private-sdp", "faults"),
	CASE(sound_stops_on_the_way_in, "media-blocked-in", "media-blocked-in", "", "faults"),
	CASE(sound_stops_on_the_way_out, "media-blocked-out", "", NULL, "faults"),
	CASE(registration_outlived, "registration-outlived", "", "registration-outlived", "faults"),
	CASE(session_timer_missed, "session-timer-missed", "session-timer-missed", "session-timer-missed", "faults"),
	CASE(ice_broken, "ice-mismatch", "ice-mismatch", "ice-mismatch", "alg-harmful"),
	CASE(ice_mismatch, "ice-mismatch", "ice-mismatch", "ice-mismatch", "alg-harmful"),
	CASE(origin_noted, "sdp-line-added", "sdp-line-added", "sdp-line-added", "alg-harmful"),
	CASE(refused_again, "refused-repeatedly", "refused-repeatedly", "refused-repeatedly", "faults"),
	CASE(length_wrong, "content-length-wrong", "content-length-wrong", "content-length-wrong", "alg-harmful"),
	CASE(body_left_over, "content-length-wrong", "content-length-wrong", "content-length-wrong", "alg-harmful"),
	CASE(message_dropped, "message-dropped", "message-dropped", "", "alg-harmful"),
	CASE(half_rewritten, "sdp-not-rewritten", "", "", "alg-harmful"),
	CASE(routed_and_altered, "call-id-rewritten", "", "", "alg-harmful"),
	CASE(call_id_rewritten, "call-id-rewritten", "", "", "alg-harmful"),
};

const struct stories stories_faulty = { cases, sizeof cases / sizeof cases[0] };
