/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/words.h"

const char *outcome_word(enum outcome outcome)
{
	static const char *const words[] = { "skipped", "fine", "found", "unclear" };
	return words[outcome];
}

static const struct {
	const char *word, *sentence;
} hop_states[] = {
	[HOP_SILENT] = { "silent", "does not answer" },
	[HOP_AS_SENT] = { "as-sent", "received SIP as it was sent" },
	[HOP_TRANSLATED] = { "translated", "received another address (NAT), the message as it was sent" },
	[HOP_ALTERED] = { "altered", "received another message than was sent" },
	[HOP_TOO_SHORT] = { "too-short", "quotes too little to tell" },
	[HOP_DESTINATION] = { "destination", "the far end" },
};

const char *hop_state_word(enum hop_state state)
{
	return hop_states[state].word;
}

const char *hop_state_sentence(enum hop_state state)
{
	return hop_states[state].sentence;
}

const char *line_kind_word(enum line_kind kind)
{
	static const char *const words[] = { "same", "changed", "removed", "added", "moved" };
	return words[kind];
}

const char *severity_word(enum severity severity)
{
	return severity == SEVERITY_NOTE ? "note" : "fault";
}
