/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/tag.h"

#include "sip/parameter.h"
#include "sip/uri.h"

/* Where the header's parameters may begin: behind '>' of a name-addr, else at the first ';' (RFC 3261 20). Only a
 * quoted display name may hold a '<' that means nothing. */
static bool skip_address(struct text *value)
{
	struct text display;
	if (text_begins_with(*value, '"') && !quoted_take(value, &display))
		return false;
	size_t open = text_find(*value, '<');
	if (open < value->length)
		*value = text_from(*value, open + text_find(text_from(*value, open), '>') + 1);
	else
		*value = text_from(*value, text_find(*value, ';'));
	return true;
}

bool sip_tag_find(struct text value, struct text *tag)
{
	return skip_address(&value) && sip_parameter_find(value, TEXT("tag"), tag);
}
