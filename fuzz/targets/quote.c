/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An ICMP error of any bytes, of both families: what it quotes lies within it, and can be held against what was sent.
 * What quotes the very message whole is never taken for a changed one. */
#include "path/quote.h"
#include "reader.h"

static const char sent[] = "OPTIONS sip:198.51.100.2 SIP/2.0\r\n"
                           "Via: SIP/2.0/UDP 192.168.1.2:5060;branch=z9hG4bK1;rport\r\n"
                           "Max-Forwards: 70\r\n"
                           "From: <sip:a@192.168.1.2>;tag=1\r\n"
                           "To: <sip:198.51.100.2>\r\n"
                           "Call-ID: 1@192.168.1.2\r\n"
                           "CSeq: 1 OPTIONS\r\n"
                           "Contact: <sip:a@192.168.1.2:5060>\r\n"
                           "Content-Length: 0\r\n"
                           "\r\n";

static void judge(const struct quote *quote, bool come_through)
{
	const struct original original = { .bytes = { sent, sizeof sent - 1 },
		                           .first_address_end = 64,
		                           .checksum = 0x1234 };
	struct quote_verdict verdict = quote_judge(&original, quote, come_through);
	struct text whole = original.bytes, quoted = quote->payload;
	bool same = quoted.length == whole.length && memcmp(quoted.start, whole.start, whole.length) == 0;
	if (same && quote->length == whole.length + 8)
		assert_true(verdict.state != HOP_ALTERED && verdict.whole);
	assert_true(verdict.seen <= quote->payload.length);
	quote_cut_alike(&whole, &quoted);
	assert_true(whole.length <= sizeof sent - 1 && quoted.length <= quote->payload.length);
}

static void read_family(struct text text, bool ipv6)
{
	struct quote quote;
	if (!quote_read(text, ipv6, &quote))
		return;
	assert_true(quote.has_header && quote.payload.start >= text.start &&
	            quote.payload.start + quote.payload.length <= text.start + text.length);
	judge(&quote, false);
	judge(&quote, true);
	(void)quote_checksum(&quote.source, &quote.to, quote.payload);
}

static void read_quote(struct text text)
{
	read_family(text, false);
	read_family(text, true);
}

FUZZ_READER(read_quote)
