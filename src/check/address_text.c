/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/address_text.h"

#include <stdio.h>

const char *address_for_sip(const sipalg_address *address, char out[ADDRESS_TEXT_MAX])
{
	char text[SIPALG_ADDRESS_TEXT_MAX];
	sipalg_address_write(address, text);
	snprintf(out, ADDRESS_TEXT_MAX, sipalg_address_is_ipv4(address) ? "%s" : "[%s]", text);
	return out;
}

const char *address_for_sdp(const sipalg_address *address, char out[ADDRESS_TEXT_MAX])
{
	char text[SIPALG_ADDRESS_TEXT_MAX];
	sipalg_address_write(address, text);
	snprintf(out, ADDRESS_TEXT_MAX, sipalg_address_is_ipv4(address) ? "IP4 %s" : "IP6 %s", text);
	return out;
}
