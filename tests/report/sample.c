/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sample.h"

#define TEXT_OF(literal) (&(struct text){ (literal), sizeof(literal) - 1 })

static const char invite_sent[] = "INVITE sip:bob@example.com SIP/2.0\r\n"
                                  "Via: SIP/2.0/UDP 192.168.1.2:5060;branch=z9hG4bK-7;rport\r\n"
                                  "Max-Forwards: 70\r\n"
                                  "From: \"Alice\" <sip:alice@192.168.1.2>;tag=1\r\n"
                                  "To: <sip:bob@example.com>\r\n"
                                  "Call-ID: 7f3a@192.168.1.2\r\n"
                                  "CSeq: 1 INVITE\r\n"
                                  "Contact: <sip:alice@192.168.1.2:5060>\r\n"
                                  "Content-Type: application/sdp\r\n"
                                  "Content-Length: 99\r\n"
                                  "\r\n"
                                  "v=0\r\n"
                                  "o=- 1 1 IN IP4 192.168.1.2\r\n"
                                  "s=-\r\n"
                                  "c=IN IP4 192.168.1.2\r\n"
                                  "t=0 0\r\n"
                                  "m=audio 12000 RTP/AVP 0\r\n"
                                  "a=rtcp:12001\r\n";

static const char invite_received[] = "INVITE sip:bob@example.com SIP/2.0\r\n"
                                      "Via: SIP/2.0/UDP 203.0.113.1:5060;branch=z9hG4bK-7;rport\r\n"
                                      "max-forwards: 69\r\n"
                                      "To: <sip:bob@example.com>\r\n"
                                      "From: \"Alice\" <sip:alice@203.0.113.1:5060>;tag=1\r\n"
                                      "Call-ID: 7f3a@203.0.113.1\r\n"
                                      "CSeq: 1 INVITE\r\n"
                                      "Contact: <sip:alice@192.168.1.2:5060>\r\n"
                                      "Content-Type: application/sdp\r\n"
                                      "Content-Length:  101\r\n"
                                      "\r\n"
                                      "v=0\r\n"
                                      "o=- 1 1 IN IP4 203.0.113.1\r\n"
                                      "s=-\r\n"
                                      "i=(o=IN IP4 192.168.1.2)\r\n"
                                      "c=IN IP4 203.0.113.1\r\n"
                                      "t=0 0\r\n"
                                      "m=audio 40002 RTP/AVP 0\r\n"
                                      "a=rtcp:12001\r\n";

static const char hostile[] =
        "OPTIONS sip:x SIP/2.0\r\n"
        "Subject: <script>alert(1)</script> & \"quotes\" \033[31m \xff\xfe \xe2\x80\xae J\xc3\xb6rg \0.\r\n\r\n";

static void add_findings(struct report *report)
{
	struct finding *finding = report_find(report, FAULT_ALG_REWRITES, CONFIDENCE_CERTAIN,
	                                      "8 of 8 messages arrived with other addresses than were sent");
	finding = report_find(report, FAULT_HALF_REWRITTEN, CONFIDENCE_CERTAIN,
	                      "Via and SDP show 203.0.113.1, Contact still 192.168.1.2");
	report_place(report, finding, "INVITE over UDP to port 5060");
	report_show_messages(report, finding, TEXT_OF(invite_sent), TEXT_OF(invite_received));
	finding = report_find(report, FAULT_CALL_ID_REWRITTEN, CONFIDENCE_LIKELY, "7f3a@192.168.1.2 arrived as %s",
	                      "7f3a@203.0.113.1");
	report_place(report, finding, "INVITE over UDP to port 5060");
	finding = report_find(report, FAULT_METHOD_DROPPED, CONFIDENCE_CERTAIN, "PUBLISH never arrived; OPTIONS did");
	report_label(finding, "inside", "outside");
	report_show_messages(report, finding, TEXT_OF("PUBLISH sip:a@example.com SIP/2.0\r\nExpires: 60\r\n\r\n"),
	                     NULL);
	finding = report_find(report, FAULT_MESSAGE_CORRUPTED, CONFIDENCE_HINT,
	                      "hostile <b>detail</b> \033]0;title\007 \xff \xe2\x80\xae");
	report_show_messages(report, finding, TEXT_OF("OPTIONS sip:x SIP/2.0\r\nSubject: hello\r\n\r\n"),
	                     TEXT_OF(hostile));
	for (int i = 0; i < REPORT_FAULT_FINDINGS_MAX + 3; i++)
		report_find(report, FAULT_NAT, CONFIDENCE_CERTAIN, "port %d is seen as %d", 5060 + i, 40000 + i);
}

static void add_path(struct report *report)
{
	report_add_hop(report, &(struct hop){ .ttl = 1,
	                                      .state = HOP_AS_SENT,
	                                      .address = (char[]){ "192.168.1.1" },
	                                      .name = (char[]){ "router.lan" },
	                                      .delay_us = 412 });
	report_add_hop(report, &(struct hop){ .ttl = 2,
	                                      .state = HOP_ALTERED,
	                                      .address = (char[]){ "100.64.0.1" },
	                                      .detail = (char[]){ "Via quoted with 203.0.113.1" },
	                                      .delay_us = 5230,
	                                      .suspect = true });
	report_add_hop(report, &(struct hop){ .ttl = 3, .state = HOP_SILENT });
	report_add_hop(report, &(struct hop){ .ttl = 4,
	                                      .state = HOP_DESTINATION,
	                                      .address = (char[]){ "198.51.100.7" },
	                                      .name = (char[]){ "sip.example.com" },
	                                      .delay_us = 18004 });
}

static void add_ladder(struct report *report)
{
	struct ladder *ladder = report_add_ladder(report, "Call 7f3a@192.168.1.2");
	size_t phone = ladder_column(ladder, "192.168.1.2:5060"), router = ladder_column(ladder, "203.0.113.1:5060"),
	       server = ladder_column(ladder, "198.51.100.7:5060");
	const struct ladder_row rows[] = {
		{ .time_us = 0, .from = phone, .to = router },
		{ .time_us = 400, .from = router, .to = server, .mark = MARK_CHANGED },
		{ .time_us = 80000, .from = server, .to = router },
		{ .time_us = 80300, .from = router, .to = phone },
		{ .time_us = 2100000, .from = phone, .to = server, .media = true, .mark = MARK_GOOD },
		{ .time_us = 2100000, .from = server, .to = phone, .media = true, .mark = MARK_LOST },
		{ .time_us = 32080000, .from = server, .to = router, .mark = MARK_BAD },
		{ .time_us = 33000000, .from = server, .to = server },
	};
	static const char *const labels[] = { "INVITE",          "INVITE",        "200 OK", "200 OK",
		                              "RTP 812 packets", "RTP 0 packets", "BYE",    "gives up" };
	static const char *const remarks[] = {
		NULL, "Call-ID, From, SDP", NULL, NULL, NULL, "one-way audio", "no ACK came <&>", NULL
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		ladder_add(ladder, &rows[i], labels[i], remarks[i]);
}

struct report *sample_create(void)
{
	struct report *report = report_create("check", "sip.example.com");
	report->made = 1750000000;
	report->version = "1.2.3";
	report_add_fact(report, "server", "198.51.100.7 port 5060");
	report_add_fact(report, "you are seen as", "203.0.113.1 (your own address is 192.168.1.2)");
	add_findings(report);
	add_path(report);
	add_ladder(report);
	report_add_trial(report, "register-udp", "REGISTER over UDP", OUTCOME_FINE, NULL);
	report_add_trial(report, "invite-udp", "INVITE over UDP", OUTCOME_FOUND, "half-rewritten");
	report_add_trial(report, "fragments", "an INVITE of 4000 bytes", OUTCOME_UNCLEAR,
	                 "the link's MTU is not known");
	report_add_trial(report, "binding-905", "binding after 905 s", OUTCOME_SKIPPED, "only with --long");
	report_add_remedy(report, &(struct remedy){ .router = (char[]){ "Asus ASUSWRT (RT-AX, ZenWiFi)" },
	                                            .why = (char[]){ "UPnP: ASUSTeK RT-AX88U" },
	                                            .steps = (char[]){ "WAN > NAT Passthrough: SIP Passthrough off" },
	                                            .command = (char[]){ "" },
	                                            .source = (char[]){ "https://example.com/asus" } });
	report_add_note(report, "The server has one address only: media from a second one was not tried.");
	report_judge(report, true);
	return report;
}
