/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/host.h"

static bool is_reference_character(char byte)
{
	char small = (char)(byte | 0x20);
	return (byte >= '0' && byte <= '9') || (small >= 'a' && small <= 'f') || byte == ':' || byte == '.';
}

bool host_take_reference(struct text *rest, struct sip_host *host)
{
	size_t length = 1;
	while (length < rest->length && is_reference_character(rest->start[length]))
		length++;
	if (length == 1 || length == rest->length || rest->start[length] != ']')
		return false;
	host->name = text_from(text_first(*rest, length), 1);
	host->is_address = sipalg_address_read(host->name.start, host->name.length, &host->address) &&
	                   !sipalg_address_is_ipv4(&host->address);
	text_skip(rest, length + 1);
	return true;
}
