/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/pattern.h"
#include "check/probe.h"

#define ANSWER_TO_INVITE(cseq)                                                                                         \
	"SIP/2.0 200 OK\n"                                                                                             \
	"Via: {via}\n"                                                                                                 \
	"From: {from}\n"                                                                                               \
	"To: {to};tag=t{mark}\n"                                                                                       \
	"Call-ID: {call-id}\n"                                                                                         \
	"CSeq: " cseq "\n" CONTACT SDP_FOLLOWS SDP

const struct probe reply_table[] = {
	{ .name = "reply-accepted",
	  .title = "our 200 to an INVITE",
	  .lost = FAULT_MESSAGE_DROPPED,
	  .pattern.text = ANSWER_TO_INVITE("7 INVITE") },
	{ .name = "reply-cseq-blanks",
	  .title = "our 200 with two blanks in CSeq",
	  .lost = FAULT_ODD_MESSAGE_DROPPED,
	  .pattern.text = ANSWER_TO_INVITE("7  INVITE") },
	{ .name = "reply-cseq-folded",
	  .title = "our 200 with a folded CSeq",
	  .lost = FAULT_ODD_MESSAGE_DROPPED,
	  .pattern.text = ANSWER_TO_INVITE("7\n INVITE") },
};
const size_t reply_count = sizeof reply_table / sizeof reply_table[0];
