/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the captures of which the command line is tried, into this folder. */
#include "story.h"

#include <pcap/dlt.h>
#include <stdio.h>

/* One call in which all is right, and one without sound for the caller. */
static void tell(struct story *story)
{
	registers(story, 300);
	story->call_id = story->call_id_outside = "fine@phone";
	calls(story);
	sound(story, 3000, BOTH, BOTH);
	hangs_up(story);
}

static void tell_more(struct story *story)
{
	story->call_id = story->call_id_outside = "silent@phone";
	story->cseq = 1;
	story->told = story->told_outside = story->phone;
	wait_ms(story, 1000);
	calls(story);
	sound(story, 3000, BOTH, 0);
	hangs_up(story);
}

static void write_sides(const char *inside, const char *outside, bool more)
{
	struct story story = story_begin();
	tell(&story);
	if (more)
		tell_more(&story);
	composer_save(&story.inside, inside);
	composer_save(&story.outside, outside);
	story_end(&story);
}

/* A router that rewrites Call-IDs, in one file. */
static void write_altered(const char *path)
{
	struct story story = story_begin();
	story.one_file = true;
	story.contact = story.told = story.phone;
	story.call_id = "<b>77aa</b>@192.168.1.2";
	story.call_id_outside = "<b>77aa</b>@198.51.100.7";
	calls(&story);
	sound(&story, 1000, BOTH, BOTH);
	hangs_up(&story);
	composer_save(&story.inside, path);
	story_end(&story);
}

static void write_frame(const char *path, int link_type, size_t snapshot, const char *payload)
{
	struct composer composer = composer_begin(link_type, false);
	sipalg_endpoint from = composer_endpoint("192.168.1.2:5060"), to = composer_endpoint("203.0.113.2:5060");
	composer.snapshot = snapshot;
	compose_udp(&composer, UINT64_C(1700000000000000000), &from, &to, (struct text){ payload, strlen(payload) });
	composer_save(&composer, path);
	composer_end(&composer);
}

int main(void)
{
	static const char options[] = "OPTIONS sip:a@example.org SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.1.2;branch=z9\r\n"
	                              "From: <sip:a@example.org>;tag=1\r\nTo: <sip:a@example.org>\r\nCall-ID: other\r\n"
	                              "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
	write_sides("fine-inside.pcap", "fine-outside.pcapng", false);
	write_sides("inside.pcap", "outside.pcapng", true);
	write_altered("altered.pcap");
	write_frame("options.pcap", DLT_RAW, 0, options);
	write_frame("short.pcap", DLT_RAW, 60, options);
	write_frame("no-sip.pcap", DLT_RAW, 0, "quite another thing");
	write_frame("radio.pcap", DLT_IEEE802_11, 0, options);
	return 0;
}
