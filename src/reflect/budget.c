/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/budget.h"

enum { NS_PER_S = 1000000000 };

struct budget budget_make(uint64_t burst, uint64_t per_minute, uint64_t now_ns)
{
	return (struct budget){
		.burst = burst * BUDGET_UNITS, .per_second = per_minute, .left = burst * BUDGET_UNITS, .time_ns = now_ns
	};
}

/* Time that was too short for one part is kept. */
static void fill(struct budget *budget, uint64_t now_ns)
{
	if (now_ns <= budget->time_ns || budget->per_second == 0)
		return;
	uint64_t passed_ns = now_ns - budget->time_ns;
	uint64_t full_s = budget->burst / budget->per_second + 1;
	if (passed_ns / NS_PER_S >= full_s) {
		budget->left = budget->burst;
		budget->time_ns = now_ns;
		return;
	}
	uint64_t whole_s = passed_ns / NS_PER_S, rest_ns = passed_ns % NS_PER_S;
	uint64_t of_rest = rest_ns * budget->per_second / NS_PER_S;
	budget->left += whole_s * budget->per_second + of_rest;
	budget->time_ns += whole_s * NS_PER_S + of_rest * NS_PER_S / budget->per_second;
	if (budget->left > budget->burst)
		budget->left = budget->burst;
}

bool budget_allows(struct budget *budget, uint64_t amount, uint64_t now_ns)
{
	fill(budget, now_ns);
	return budget->left >= amount * BUDGET_UNITS;
}

bool budget_take(struct budget *budget, uint64_t amount, uint64_t now_ns)
{
	if (!budget_allows(budget, amount, now_ns))
		return false;
	budget->left -= amount * BUDGET_UNITS;
	return true;
}
