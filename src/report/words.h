/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words by which outcomes, hops and lines are called in every kind of output. Static texts. */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include "report/report.h"

/* "skipped", "fine", "found", "unclear". */
const char *outcome_word(enum outcome outcome);

/* "silent", "as-sent", "translated", "altered", "too-short", "destination". */
const char *hop_state_word(enum hop_state state);

/* The same in plain English. */
const char *hop_state_sentence(enum hop_state state);

/* "same", "changed", "removed", "added", "moved". */
const char *line_kind_word(enum line_kind kind);

/* "note", "fault". */
const char *severity_word(enum severity severity);

#endif
