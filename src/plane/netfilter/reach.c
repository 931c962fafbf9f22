/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/reach.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

static void put_address(struct nlmsghdr *message, uint16_t type, const sipalg_address *address)
{
	if (sipalg_address_is_ipv4(address))
		mnl_attr_put_u32(message, type, htonl(sipalg_address_to_ipv4(address)));
	else
		mnl_attr_put(message, type, sizeof(address->bytes), address->bytes);
}

static int take_route(const struct nlmsghdr *message, void *context)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);

	*(bool *)context = message->nlmsg_type == RTM_NEWROUTE && route->rtm_type == RTN_LOCAL;
	return MNL_CB_OK;
}

bool reach_is_open(struct netlink *routing, const sipalg_address *source, const sipalg_address *own, uint32_t link)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[256] = { 0 };
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct rtmsg *route = mnl_nlmsg_put_extra_header(message, sizeof(*route));
	bool open = false;

	message->nlmsg_type = RTM_GETROUTE;
	message->nlmsg_flags = NLM_F_REQUEST;
	route->rtm_family = family_number(family_of(own));
	route->rtm_src_len = route->rtm_dst_len = sipalg_address_is_ipv4(own) ? 32 : 128;
	put_address(message, RTA_SRC, source);
	put_address(message, RTA_DST, own);
	mnl_attr_put_u32(message, RTA_IIF, link);
	return netlink_ask(routing, message, take_route, &open) == 0 && open;
}
