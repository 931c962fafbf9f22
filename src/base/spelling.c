/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/spelling.h"

enum { GROUPS = 8, GROUP_BITS = 7, CASE_BITS = 4, DOTTED = 5, TAIL_GROUP = 6, DIGIT_BITS = 4 };

static uint64_t code_at(uint64_t code, size_t group)
{
	return code >> group * GROUP_BITS & ((1u << GROUP_BITS) - 1);
}

bool spelling_is_possible(struct spelling spelling)
{
	for (size_t group = 0; group < GROUPS; group++)
		if (code_at(spelling.code, group) >> CASE_BITS >= (group == TAIL_GROUP ? DOTTED + 1 : DOTTED))
			return false;
	return true;
}

/* ---- Reading ---- */

/* Digits and capitals of one group. */
static uint64_t group_code(struct text text)
{
	uint64_t digits = 0, capitals = 0;
	while (digits < text.length && text.start[digits] != ':') {
		char byte = text.start[digits];
		capitals |= (uint64_t)(byte >= 'A' && byte <= 'F') << digits;
		digits++;
	}
	return digits << CASE_BITS | capitals;
}

static size_t count_colons(struct text text)
{
	size_t count = 0;
	for (size_t i = 0; i < text.length; i++)
		count += text.start[i] == ':';
	return count;
}

/* How many groups "::" stands for, given what stands behind it. */
static size_t groups_left_out(struct text behind, size_t before, bool is_dotted)
{
	size_t after = behind.length ? count_colons(behind) + 1 + is_dotted : 0;
	return GROUPS - before - after;
}

static uint64_t read_code(struct text text)
{
	bool is_dotted = text_find(text, '.') < text.length;
	uint64_t code = 0;
	for (size_t group = 0; group < GROUPS && text.length > 0;) {
		if (text.length > 1 && text.start[0] == ':' && text.start[1] == ':') {
			text = text_from(text, 2);
			group += groups_left_out(text, group, is_dotted);
			continue;
		}
		if (text.start[0] == ':')
			text = text_from(text, 1);
		size_t end = text_find(text, ':');
		if (is_dotted && end == text.length)
			return code | (uint64_t)DOTTED << CASE_BITS << group * GROUP_BITS;
		code |= group_code(text) << group * GROUP_BITS;
		text = text_from(text, end);
		group++;
	}
	return code;
}

struct spelling spelling_of(struct text text, const sipalg_address *address)
{
	char usual[SIPALG_ADDRESS_TEXT_MAX];
	size_t length = sipalg_address_write(address, usual);
	if (text_equal(text, (struct text){ usual, length }))
		return (struct spelling){ 0 };
	return (struct spelling){ read_code(text) };
}

/* ---- Writing ---- */

static size_t group_write(const sipalg_address *address, size_t group, uint64_t code, char *out)
{
	static const char small[] = "0123456789abcdef", capital[] = "0123456789ABCDEF";
	unsigned value = (unsigned)address->bytes[2 * group] << 8 | address->bytes[2 * group + 1];
	size_t digits = code >> CASE_BITS;
	for (size_t i = 0; i < digits; i++) {
		unsigned digit = value >> DIGIT_BITS * (digits - 1 - i) & 15;
		out[i] = code >> i & 1 ? capital[digit] : small[digit];
	}
	return digits;
}

static size_t dotted_write(const sipalg_address *address, char *out)
{
	sipalg_address tail = sipalg_address_from_ipv4(sipalg_address_to_ipv4(address));
	return sipalg_address_write(&tail, out);
}

static size_t code_write(uint64_t code, const sipalg_address *address, char *out)
{
	size_t length = 0;
	for (size_t group = 0; group < GROUPS;) {
		uint64_t own = code_at(code, group);
		if (own >> CASE_BITS == 0) {
			out[length++] = ':';
			while (group < GROUPS && code_at(code, group) >> CASE_BITS == 0)
				group++;
			if (group == GROUPS)
				out[length++] = ':';
			continue;
		}
		if (group > 0)
			out[length++] = ':';
		if (own >> CASE_BITS == DOTTED)
			return length + dotted_write(address, out + length);
		length += group_write(address, group++, own, out + length);
	}
	return length;
}

size_t spelling_write(struct spelling spelling, const sipalg_address *address, char out[SIPALG_ADDRESS_TEXT_MAX])
{
	if (spelling_is_usual(spelling))
		return sipalg_address_write(address, out);
	return code_write(spelling.code, address, out);
}
