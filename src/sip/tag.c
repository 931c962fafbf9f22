/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/tag.h"

#include "sip/parameter.h"
#include "sip/uri.h"

/* Where the header's parameters may begin: behind '>' of a name-addr, else at the first ';' (RFC 3261 20). Only a
 * quoted display name may hold a '<' that means nothing. */
static bool skip_address(struct cursor *cursor)
{
	struct text display;
	if (cursor_begins(*cursor, '"') && !quoted_take(cursor, &display))
		return false;
	if (cursor_skip_to(cursor, '<'))
		return cursor_skip_to(cursor, '>') && cursor_take_byte(cursor, '>');
	return cursor_skip_to(cursor, ';');
}

bool sip_tag_find(struct text value, struct text *tag)
{
	if (value.length == 0)
		return false;
	struct cursor cursor = cursor_of(value);
	return skip_address(&cursor) && sip_parameter_find(cursor_rest(cursor), TEXT("tag"), tag);
}
