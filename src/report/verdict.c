/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/report.h"

static const struct {
	const char *word, *sentence;
	int exit_code;
} verdicts[] = {
	[VERDICT_UNKNOWN] = { "unknown", "Nothing can be said: too little could be tried.", 2 },
	[VERDICT_NO_ALG] = { "no-alg", "Nothing on the way meddles with SIP.", 0 },
	[VERDICT_ALG_HARMLESS] = { "alg-harmless", "SIP is rewritten on the way, and everything that was tried works.",
	                           0 },
	[VERDICT_ALG_HARMFUL] = { "alg-harmful", "A router on the way rewrites SIP and breaks it.", 1 },
	[VERDICT_FAULTS] = { "faults", "Something breaks calls, and it is no SIP ALG.", 1 },
};

const char *verdict_word(enum verdict verdict)
{
	return verdicts[verdict].word;
}

/* Something that drops or blocks by what SIP says need not rewrite anything. */
const char *report_sentence(const struct report *report)
{
	if (report->sentence != NULL)
		return report->sentence;
	if (report->verdict == VERDICT_ALG_HARMFUL && !report_has(report, FAULT_ALG_REWRITES))
		return "Something on the way reads SIP and breaks it.";
	return verdicts[report->verdict].sentence;
}

int report_exit_code(const struct report *report)
{
	return verdicts[report->verdict].exit_code;
}

void report_judge(struct report *report, bool could_tell)
{
	bool rewrites = false, by_alg = false, broken = false;
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding *finding = &report->findings[i];
		const struct fault *fault = fault_of(finding->fault);
		if (finding->confidence == CONFIDENCE_HINT)
			continue;
		bool is_fault = fault->severity == SEVERITY_FAULT;
		broken = broken || is_fault;
		by_alg = by_alg || (is_fault && (fault->cause == CAUSE_ALG || finding->by_alg));
		rewrites = rewrites || (!is_fault && fault->cause == CAUSE_ALG);
	}
	if (broken)
		report->verdict = by_alg || rewrites ? VERDICT_ALG_HARMFUL : VERDICT_FAULTS;
	else if (!could_tell)
		report->verdict = VERDICT_UNKNOWN;
	else
		report->verdict = rewrites ? VERDICT_ALG_HARMLESS : VERDICT_NO_ALG;
}
