/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track/remote_media.h"

void remote_media_begin(struct remote_media *remote, uint64_t tag)
{
	remote->tag = tag;
	remote->address_count = remote->line_count = 0;
}

/* The index of the address, which is added if need be; REMOTE_ADDRESSES_MAX: there is no room. */
static uint8_t take_address(struct remote_media *remote, const sipalg_address *address)
{
	uint8_t index = 0;
	while (index < remote->address_count && !sipalg_address_equal(&remote->addresses[index], address))
		index++;
	if (index == remote->address_count && index < REMOTE_ADDRESSES_MAX)
		remote->addresses[remote->address_count++] = *address;
	return index;
}

void remote_media_add(struct remote_media *remote, const sipalg_endpoint *rtp, const sipalg_endpoint *rtcp)
{
	if (remote->line_count == REMOTE_LINES_MAX)
		return;
	struct remote_line *line = &remote->lines[remote->line_count++];
	*line = (struct remote_line){ 0 };
	if (!rtp)
		return;
	line->address = take_address(remote, &rtp->address);
	line->port = line->address < REMOTE_ADDRESSES_MAX ? rtp->port : 0;
	line->rtcp_address = take_address(remote, &rtcp->address);
	line->rtcp_port = line->rtcp_address < REMOTE_ADDRESSES_MAX ? rtcp->port : 0;
}

bool remote_media_get(const struct remote_media *remote, uint8_t line, bool is_rtcp, sipalg_endpoint *endpoint)
{
	if (line >= remote->line_count)
		return false;
	const struct remote_line *found = &remote->lines[line];
	uint16_t port = is_rtcp ? found->rtcp_port : found->port;
	uint8_t address = is_rtcp ? found->rtcp_address : found->address;
	if (!port || address >= remote->address_count)
		return false;
	*endpoint = (sipalg_endpoint){ .address = remote->addresses[address],
		                       .port = port,
		                       .protocol = SIPALG_PROTOCOL_UDP };
	return true;
}
