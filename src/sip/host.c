/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/host.h"

static bool is_reference_character(char byte)
{
	char small = (char)(byte | 0x20);
	return character_is_digit(byte) || (small >= 'a' && small <= 'f') || byte == ':' || byte == '.';
}

/* A zone, which some write though it says nothing to others (RFC 6874 1). */
static void zone_skip(struct cursor *cursor)
{
	if (!cursor_begins(*cursor, '%'))
		return;
	while (cursor_begins_class(*cursor, CHARACTER_HOST) || cursor_begins(*cursor, '%'))
		cursor->at++;
}

bool host_take_reference(struct cursor *cursor, struct sip_host *host)
{
	const char *start = ++cursor->at;
	while (!cursor_is_end(*cursor) && is_reference_character(*cursor->at))
		cursor->at++;
	zone_skip(cursor);
	host->name = cursor_since(*cursor, start);
	host->is_address = sipalg_address_read(host->name.start, host->name.length, &host->address) &&
	                   !sipalg_address_is_ipv4(&host->address);
	return host->name.length > 0 && cursor_take_byte(cursor, ']');
}

bool host_read(struct text text, struct sip_host *host)
{
	struct cursor cursor = cursor_of(text);
	return host_take(&cursor, host) && cursor_is_end(cursor);
}
