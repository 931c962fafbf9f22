/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/gateway.h"

#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

enum { BUFFER = 32768, SEQUENCE = 1 };

/* Asks for a table of the kernel's and gives each row to `row`. */
static bool dump(uint16_t type, const void *head, size_t head_length, mnl_cb_t row, void *context)
{
	char buffer[BUFFER];
	struct mnl_socket *socket = mnl_socket_open(NETLINK_ROUTE);
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	message->nlmsg_seq = SEQUENCE;
	memcpy(mnl_nlmsg_put_extra_header(message, head_length), head, head_length);
	if (socket == NULL || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, message, message->nlmsg_len) < 0) {
		if (socket != NULL)
			mnl_socket_close(socket);
		return false;
	}
	int more = MNL_CB_OK;
	while (more > MNL_CB_STOP) {
		ssize_t length = mnl_socket_recvfrom(socket, buffer, sizeof buffer);
		more = length > 0 ? mnl_cb_run(buffer, (size_t)length, SEQUENCE, mnl_socket_get_portid(socket), row,
		                               context)
		                  : MNL_CB_ERROR;
	}
	mnl_socket_close(socket);
	return more == MNL_CB_STOP;
}

struct route_search {
	struct gateway *gateway;
	uint32_t priority;
	bool found;
};

struct route_row {
	uint32_t priority, table;
	const void *gateway;
	int interface;
};

static int read_route_attribute(const struct nlattr *attribute, void *context)
{
	struct route_row *row = context;
	switch (mnl_attr_get_type(attribute)) {
	case RTA_GATEWAY:
		row->gateway = mnl_attr_get_payload_len(attribute) == sizeof(struct in_addr)
		                       ? mnl_attr_get_payload(attribute)
		                       : NULL;
		break;
	case RTA_OIF:
		row->interface = (int)mnl_attr_get_u32(attribute);
		break;
	case RTA_PRIORITY:
		row->priority = mnl_attr_get_u32(attribute);
		break;
	case RTA_TABLE:
		row->table = mnl_attr_get_u32(attribute);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

/* Of several default routes the one with the lowest metric counts. */
static int read_route(const struct nlmsghdr *message, void *context)
{
	struct route_search *search = context;
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);
	struct route_row row = { .table = route->rtm_table };
	if (route->rtm_dst_len != 0 || route->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	mnl_attr_parse(message, sizeof *route, read_route_attribute, &row);
	if (row.gateway == NULL || row.table != RT_TABLE_MAIN || (search->found && row.priority >= search->priority))
		return MNL_CB_OK;
	memcpy(&search->gateway->address, row.gateway, sizeof search->gateway->address);
	search->gateway->interface = row.interface;
	search->priority = row.priority;
	search->found = true;
	return MNL_CB_OK;
}

bool gateway_find(struct gateway *gateway, struct problem *problem)
{
	const struct rtmsg head = { .rtm_family = AF_INET };
	struct route_search search = { .gateway = gateway };
	if (!dump(RTM_GETROUTE, &head, sizeof head, read_route, &search))
		return problem_say(problem, "the kernel does not tell the routes of this host");
	if (!search.found)
		return problem_say(problem, "this host has no IPv4 default route, so there is no router to ask");
	return true;
}

struct neighbour_search {
	const struct gateway *gateway;
	char *mac;
};

struct neighbour_row {
	const void *address;
	const uint8_t *mac;
};

static int read_neighbour_attribute(const struct nlattr *attribute, void *context)
{
	struct neighbour_row *row = context;
	size_t length = mnl_attr_get_payload_len(attribute);
	if (mnl_attr_get_type(attribute) == NDA_DST && length == sizeof(struct in_addr))
		row->address = mnl_attr_get_payload(attribute);
	if (mnl_attr_get_type(attribute) == NDA_LLADDR && length == ETH_ALEN)
		row->mac = mnl_attr_get_payload(attribute);
	return MNL_CB_OK;
}

static int read_neighbour(const struct nlmsghdr *message, void *context)
{
	struct neighbour_search *search = context;
	const struct ndmsg *head = mnl_nlmsg_get_payload(message);
	struct neighbour_row row = { 0 };
	mnl_attr_parse(message, sizeof *head, read_neighbour_attribute, &row);
	if (head->ndm_ifindex != search->gateway->interface || row.address == NULL || row.mac == NULL ||
	    memcmp(row.address, &search->gateway->address, sizeof search->gateway->address) != 0)
		return MNL_CB_OK;
	snprintf(search->mac, 24, "%02x:%02x:%02x:%02x:%02x:%02x", row.mac[0], row.mac[1], row.mac[2], row.mac[3],
	         row.mac[4], row.mac[5]);
	return MNL_CB_OK;
}

void gateway_find_mac(const struct gateway *gateway, char mac[24])
{
	const struct ndmsg head = { .ndm_family = AF_INET };
	struct neighbour_search search = { gateway, mac };
	mac[0] = '\0';
	if (!dump(RTM_GETNEIGH, &head, sizeof head, read_neighbour, &search))
		mac[0] = '\0';
}
