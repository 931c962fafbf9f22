/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words in which the engine explains itself. */
#include "sipalg/engine.h"

struct reason_text {
	const char *word, *sentence;
};

static const struct reason_text reasons[] = {
#define REASON_TEXT(name, word, sentence) [SIPALG_REASON_##name] = { word, sentence },
	SIPALG_REASONS(REASON_TEXT)
#undef REASON_TEXT
};

const char *sipalg_reason_word(enum sipalg_reason reason)
{
	return reasons[reason].word;
}

const char *sipalg_reason_sentence(enum sipalg_reason reason)
{
	return reasons[reason].sentence;
}

const char *sipalg_place_word(enum sipalg_place place)
{
	static const char *const words[] = {
		[SIPALG_PLACE_NONE] = "none",
		[SIPALG_PLACE_REQUEST_URI] = "Request-URI",
		[SIPALG_PLACE_VIA] = "Via",
		[SIPALG_PLACE_CONTACT] = "Contact",
		[SIPALG_PLACE_ROUTE] = "Route",
		[SIPALG_PLACE_SDP_ORIGIN] = "o=",
		[SIPALG_PLACE_SDP_CONNECTION] = "c=",
		[SIPALG_PLACE_SDP_MEDIA] = "m=",
		[SIPALG_PLACE_SDP_RTCP] = "a=rtcp",
		[SIPALG_PLACE_SDP_CANDIDATE] = "a=candidate",
		[SIPALG_PLACE_SDP_ALTERNATIVE] = "a=altc",
		[SIPALG_PLACE_CONTENT_LENGTH] = "Content-Length",
	};
	return words[place];
}

const char *sipalg_call_state_word(enum sipalg_call_state state)
{
	static const char *const words[] = {
		[SIPALG_CALL_NONE] = "none",    [SIPALG_CALL_TRYING] = "trying", [SIPALG_CALL_EARLY] = "ringing",
		[SIPALG_CALL_CONFIRMED] = "up", [SIPALG_CALL_ENDING] = "ending",
	};
	return words[state];
}
