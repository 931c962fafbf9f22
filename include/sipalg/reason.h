/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One word for what happened to a message, shared by log, command line, lab and tests. */
#ifndef SIPALG_REASON_H
#define SIPALG_REASON_H

/* X(enumerator, word, sentence). The first is the harmless one. */
#define SIPALG_REASONS(X)                                                                                              \
	X(NOTHING_TO_DO, "nothing-to-do", "names no address that has to be changed, nor one that has to be opened")    \
	X(EDITED, "edited", "inside addresses were replaced by this network's outside address")                        \
	X(OPENED, "opened", "names inside addresses that are the same outside: their ports were opened")               \
	X(RESTORED, "restored", "outside addresses were put back to what the phone had written")                       \
	X(NOT_SIP, "not-sip", "does not begin like a SIP message")                                                     \
	X(MALFORMED, "malformed", "cannot be read as SIP without guessing")                                            \
	X(TOO_LARGE, "too-large", "has more headers, media, edits or body than the gateway's limits allow")            \
	X(SWITCHED_OFF, "switched-off", "the gateway is switched off for this host")                                   \
	X(NOT_CROSSING, "not-crossing", "does not cross between inside and outside")                                   \
	X(ALREADY_PUBLIC, "already-public", "the phone already names an outside address of its own")                   \
	X(SIGNED, "signed", "carries a signature over what would have to be changed")                                  \
	X(NO_OUTSIDE, "no-outside", "the outside address is not known yet")                                            \
	X(FOREIGN_HOST, "foreign-host",                                                                                \
	  "names only addresses of other inside hosts, for which the sender may not speak")                            \
	X(BINDINGS_FULL, "bindings-full", "the table of bindings is full")                                             \
	X(HOST_LIMIT, "host-limit", "this host has as many bindings as one host may have")                             \
	X(PORTS_FULL, "ports-full", "no outside port is free")                                                         \
	X(CALLS_FULL, "calls-full", "the table of calls is full")                                                      \
	X(REGISTRATIONS_FULL, "registrations-full", "the table of registrations is full")

enum sipalg_reason {
#define SIPALG_REASON_ENUMERATOR(name, word, sentence) SIPALG_REASON_##name,
	SIPALG_REASONS(SIPALG_REASON_ENUMERATOR)
#undef SIPALG_REASON_ENUMERATOR
	        SIPALG_REASON_COUNT,
};

/* The reason's one word; static text. */
const char *sipalg_reason_word(enum sipalg_reason reason);

/* The reason as the end of a sentence that begins with "the message …"; static text. */
const char *sipalg_reason_sentence(enum sipalg_reason reason);

#endif
