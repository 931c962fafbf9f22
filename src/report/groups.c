/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/groups.h"

#include <string.h>

static struct group *group_of(struct groups *groups, enum fault_kind fault)
{
	for (size_t i = 0; i < groups->count; i++)
		if (groups->at[i].fault == fault)
			return &groups->at[i];
	groups->at[groups->count] = (struct group){ .fault = fault };
	return &groups->at[groups->count++];
}

/* Faults before notes, then what is sure; else in the order in which they were found. */
static bool comes_before(const struct group *left, const struct group *right)
{
	enum severity one = fault_of(left->fault)->severity, other = fault_of(right->fault)->severity;
	if (one != other)
		return one == SEVERITY_FAULT;
	return left->confidence > right->confidence;
}

static void sort(struct groups *groups)
{
	for (size_t i = 1; i < groups->count; i++) {
		struct group group = groups->at[i];
		size_t place = i;
		for (; place > 0 && comes_before(&group, &groups->at[place - 1]); place--)
			groups->at[place] = groups->at[place - 1];
		groups->at[place] = group;
	}
}

static void add_remedy(struct groups *groups, const char *remedy)
{
	for (size_t i = 0; i < groups->remedy_count; i++)
		if (strcmp(groups->remedies[i], remedy) == 0)
			return;
	groups->remedies[groups->remedy_count++] = remedy;
}

/* What is the same for many is said once, and what one adds to it by itself. */
static void add_remedies(struct groups *groups, const char *remedy)
{
	size_t common = strlen(fault_switch_off);
	if (strncmp(remedy, fault_switch_off, common) != 0) {
		add_remedy(groups, remedy);
		return;
	}
	add_remedy(groups, fault_switch_off);
	if (remedy[common] == ' ')
		add_remedy(groups, remedy + common + 1);
}

void groups_find(const struct report *report, struct groups *groups)
{
	*groups = (struct groups){ 0 };
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding *finding = &report->findings[i];
		struct group *group = group_of(groups, finding->fault);
		if (finding->confidence > group->confidence)
			group->confidence = finding->confidence;
	}
	sort(groups);
	for (size_t i = 0; i < groups->count; i++)
		if (fault_of(groups->at[i].fault)->severity == SEVERITY_FAULT)
			add_remedies(groups, fault_of(groups->at[i].fault)->remedy);
}
