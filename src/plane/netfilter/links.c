/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/links.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ADDRESSES_MAX = 4096, /* addresses of all interfaces looked at: with thousands of tunnels, name them */
	ADDRESS_BITS = 128,
};

bool links_open(struct links *links, const struct plane_settings *settings)
{
	unsigned int groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;

	memset(links, 0, sizeof(*links));
	links->settings = settings;
	if (settings->wan_count == 0) /* only then do routes matter: a router may have a million of them */
		groups |= RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
	if (netlink_open(&links->asking, NETLINK_ROUTE, 0) && netlink_open(&links->hearing, NETLINK_ROUTE, groups))
		return true;
	links_close(links);
	return false;
}

void links_close(struct links *links)
{
	netlink_close(&links->asking);
	netlink_close(&links->hearing);
}

bool address_is_private(const sipalg_address *address)
{
	uint32_t ipv4 = sipalg_address_to_ipv4(address);

	if (!sipalg_address_is_ipv4(address))
		return (address->bytes[0] & 0xfe) == 0xfc;
	return ipv4 >> 24 == 10 || ipv4 >> 20 == (172 << 4 | 1) || ipv4 >> 16 == (192 << 8 | 168) ||
	       ipv4 >> 22 == (100 << 2 | 1);
}

/* ---- Addresses ---- */

struct address_row {
	uint32_t index;
	sipalg_address address;
	uint8_t length; /* of the prefix, with the mapped bits of IPv4 */
	bool passing;   /* not the interface's own for good: secondary, temporary, deprecated, or not yet checked */
	bool global;
};

struct address_list {
	struct address_row *rows; /* ADDRESSES_MAX */
	size_t count;
	bool truncated;
};

static bool read_address(const struct nlattr *attribute, uint8_t family, sipalg_address *address)
{
	if (family == AF_INET && mnl_attr_get_payload_len(attribute) >= sizeof(uint32_t))
		*address = sipalg_address_from_ipv4(ntohl(mnl_attr_get_u32(attribute)));
	else if (family == AF_INET6 && mnl_attr_get_payload_len(attribute) >= sizeof(address->bytes))
		memcpy(address->bytes, mnl_attr_get_payload(attribute), sizeof(address->bytes));
	else
		return false;
	return true;
}

static int take_address(const struct nlmsghdr *message, void *context)
{
	struct address_list *list = context;
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attribute = NULL;
	unsigned int bits = header->ifa_family == AF_INET ? 32 : ADDRESS_BITS;
	struct address_row row = { .index = header->ifa_index, .global = header->ifa_scope == RT_SCOPE_UNIVERSE };
	bool local = false;

	if (message->nlmsg_type != RTM_NEWADDR || header->ifa_prefixlen > bits)
		return MNL_CB_OK;
	row.length = (uint8_t)(ADDRESS_BITS - bits + header->ifa_prefixlen);
	row.passing =
	        (header->ifa_flags & (IFA_F_SECONDARY | IFA_F_DEPRECATED | IFA_F_TENTATIVE | IFA_F_DADFAILED)) != 0;
	/* IFA_LOCAL is our address; on a point-to-point link IFA_ADDRESS is the other end's. Else there may be only the
	 * latter. */
	while ((attribute = netlink_next(message, sizeof(*header), attribute)) != NULL)
		if (mnl_attr_get_type(attribute) == IFA_LOCAL)
			local = read_address(attribute, header->ifa_family, &row.address);
		else if (mnl_attr_get_type(attribute) == IFA_ADDRESS && !local)
			(void)read_address(attribute, header->ifa_family, &row.address);
	if (list->count == ADDRESSES_MAX)
		list->truncated = true;
	else if (!sipalg_address_is_none(&row.address))
		list->rows[list->count++] = row;
	return MNL_CB_OK;
}

/* Asks for all of a kind, of one family or (AF_UNSPEC) of all. Every header of rtnetlink begins with it, in one byte.
 */
static int read_all(struct links *links, uint16_t type, uint8_t family, size_t header_size, mnl_cb_t take,
                    void *context)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[128] = { 0 };
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	uint8_t *first = mnl_nlmsg_put_extra_header(message, header_size);

	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	*first = family;
	return netlink_ask(&links->asking, message, take, context);
}

static int read_addresses(struct links *links, struct address_list *list)
{
	bool ipv4_only = links->settings->ipv6 == PLANE_IPV6_OFF;

	return read_all(links, RTM_GETADDR, ipv4_only ? AF_INET : AF_UNSPEC, sizeof(struct ifaddrmsg), take_address,
	                list);
}

/* ---- The default route ---- */

struct route_choice {
	uint32_t index, metric;
};

static uint32_t hop_index(const struct nlattr *attribute)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(attribute); /* several next hops: the first will do */

	return mnl_attr_get_payload_len(attribute) >= sizeof(*hop) ? (uint32_t)hop->rtnh_ifindex : 0;
}

static int take_route(const struct nlmsghdr *message, void *context)
{
	struct route_choice *choice = context;
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attribute = NULL;
	uint32_t index = 0, metric = 0;

	if (message->nlmsg_type != RTM_NEWROUTE || header->rtm_dst_len != 0 || header->rtm_type != RTN_UNICAST ||
	    header->rtm_table != RT_TABLE_MAIN)
		return MNL_CB_OK;
	while ((attribute = netlink_next(message, sizeof(*header), attribute)) != NULL) {
		if (mnl_attr_get_type(attribute) == RTA_OIF)
			index = mnl_attr_get_u32(attribute);
		else if (mnl_attr_get_type(attribute) == RTA_MULTIPATH)
			index = hop_index(attribute);
		else if (mnl_attr_get_type(attribute) == RTA_PRIORITY)
			metric = mnl_attr_get_u32(attribute);
	}
	if (index != 0 && (choice->index == 0 || metric < choice->metric))
		*choice = (struct route_choice){ index, metric };
	return MNL_CB_OK;
}

static int read_default_route(struct links *links, enum family family, struct route_choice *choice)
{
	*choice = (struct route_choice){ 0 };
	return read_all(links, RTM_GETROUTE, family_number(family), sizeof(struct rtmsg), take_route, choice);
}

/* ---- What it means ---- */

static void copy_name(char to[PLANE_LINK_NAME_MAX], const char *from)
{
	memset(to, 0, PLANE_LINK_NAME_MAX);
	memcpy(to, from, strnlen(from, PLANE_LINK_NAME_MAX - 1));
}

static bool link_is_up(const char *name)
{
	struct ifreq request = { 0 };
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up;

	memcpy(request.ifr_name, name, strnlen(name, sizeof(request.ifr_name) - 1));
	up = descriptor >= 0 && ioctl(descriptor, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0;
	if (descriptor >= 0)
		close(descriptor);
	return up;
}

static void add_wan(struct links_state *state, const char *name)
{
	struct links_wan *wan = &state->wan[state->wan_count++];

	copy_name(wan->name, name);
	wan->index = if_nametoindex(wan->name);
}

static bool is_wan(const struct links_state *state, const char *name)
{
	for (size_t index = 0; index < state->wan_count; index++)
		if (strcmp(state->wan[index].name, name) == 0)
			return true;
	return false;
}

static bool is_lan(const struct links_state *state, const char *name)
{
	for (size_t index = 0; index < state->lan_count; index++)
		if (strcmp(state->lan[index], name) == 0)
			return true;
	return false;
}

/* The way out moves: the last one stays a WAN, unless it was only a router in the LAN that stood in. */
static void default_moves(struct links *links, struct links_default *last, const char *name,
                          const struct links_state *before)
{
	if (last->name[0] != '\0' && !last->was_inside && links->former_count < PLANE_LINKS_MAX)
		copy_name(links->formers[links->former_count++], last->name);
	copy_name(last->name, name);
	last->was_inside = is_lan(before, name);
}

static int find_default(struct links *links, enum family family, const struct links_state *before,
                        struct links_state *state)
{
	struct links_default *last = &links->defaults[family];
	char name[IF_NAMESIZE];
	struct route_choice choice;
	int error = read_default_route(links, family, &choice);

	if (error != 0)
		return error;
	if (choice.index != 0 && if_indextoname(choice.index, name) != NULL && strcmp(name, last->name) != 0)
		default_moves(links, last, name, before);
	/* The route goes and comes with an address that is renewed; the interface stays what it is. Both families
	 * mostly leave by one. */
	if (last->name[0] != '\0' && !is_wan(state, last->name))
		add_wan(state, last->name);
	return 0;
}

static void find_formers(struct links *links, struct links_state *state)
{
	size_t kept = 0;

	for (size_t index = 0; index < links->former_count; index++) {
		const char *name = links->formers[index];

		if (!link_is_up(name) || is_wan(state, name) || state->wan_count == PLANE_LINKS_MAX)
			continue;
		add_wan(state, name);
		memmove(links->formers[kept++], name, PLANE_LINK_NAME_MAX);
	}
	links->former_count = kept;
}

static int find_wan(struct links *links, const struct links_state *before, struct links_state *state)
{
	const struct plane_settings *settings = links->settings;
	int error;

	for (size_t index = 0; index < settings->wan_count; index++)
		add_wan(state, settings->wan[index]);
	if (settings->wan_count > 0)
		return 0;
	error = find_default(links, FAMILY_IPV4, before, state);
	if (error == 0 && settings->ipv6 != PLANE_IPV6_OFF)
		error = find_default(links, FAMILY_IPV6, before, state);
	find_formers(links, state);
	return error;
}

/* The first address of the family that is there for good and valid everywhere: the one masquerading takes. */
static void find_outside(const struct links *links, const struct address_list *list, enum family family,
                         struct links_wan *wan)
{
	const sipalg_address *told = &links->settings->outside;

	if (!link_is_up(wan->name))
		return;
	if (!sipalg_address_is_none(told) && family_of(told) == family) {
		wan->outside[family] = *told;
		return;
	}
	for (size_t index = 0; index < list->count; index++) {
		const struct address_row *row = &list->rows[index];

		if (row->index == wan->index && row->global && !row->passing && family_of(&row->address) == family) {
			wan->outside[family] = row->address;
			return;
		}
	}
}

static bool name_is_lan(const struct plane_settings *settings, const char *name)
{
	for (size_t index = 0; index < settings->lan_count; index++)
		if (strncmp(settings->lan[index], name, PLANE_LINK_NAME_MAX) == 0)
			return true;
	return false;
}

/* A LAN has private addresses, of one family at least, or no IPv4 at all. (One with public IPv4 addresses only may be
 * inside or another way out: that is to be told.) */
static bool interface_is_private(const struct address_list *list, uint32_t interface)
{
	bool has_ipv4 = false;

	for (size_t index = 0; index < list->count; index++) {
		const struct address_row *row = &list->rows[index];

		if (row->index == interface && address_is_private(&row->address))
			return true;
		has_ipv4 |= row->index == interface && family_of(&row->address) == FAMILY_IPV4;
	}
	return !has_ipv4;
}

static bool row_is_inside(const struct links *links, const struct links_state *state, const struct address_list *list,
                          const struct address_row *row, const char *name)
{
	bool ipv6 = family_of(&row->address) == FAMILY_IPV6;

	if (ipv6 && !row->global) /* link-local: nobody outside can be told that */
		return false;
	if (links->settings->lan_count > 0)
		return name_is_lan(links->settings, name);
	return row->global && links_find_wan(state, row->index) == NULL &&
	       (ipv6 ? interface_is_private(list, row->index) : address_is_private(&row->address));
}

static void add_lan(struct links_state *state, const char *name)
{
	for (size_t index = 0; index < state->lan_count; index++)
		if (strncmp(state->lan[index], name, PLANE_LINK_NAME_MAX) == 0)
			return;
	if (state->lan_count < PLANE_LINKS_MAX)
		copy_name(state->lan[state->lan_count++], name);
	else
		state->truncated = true;
}

static void add_inside(struct links_state *state, sipalg_prefix prefix)
{
	for (size_t index = 0; index < state->inside_count; index++)
		if (memcmp(&state->inside[index], &prefix, sizeof(prefix)) == 0)
			return;
	if (state->inside_count < SIPALG_PREFIXES_MAX)
		state->inside[state->inside_count++] = prefix;
	else
		state->truncated = true;
}

static sipalg_prefix row_prefix(const struct address_row *row)
{
	sipalg_prefix prefix = { row->address, row->length };

	for (unsigned int bit = row->length; bit < ADDRESS_BITS; bit++)
		prefix.address.bytes[bit / 8] = (uint8_t)(prefix.address.bytes[bit / 8] & ~(0x80 >> bit % 8));
	return prefix;
}

static void find_inside(const struct links *links, const struct address_list *list, struct links_state *state)
{
	char name[IF_NAMESIZE];

	for (size_t index = 0; index < links->settings->inside_count; index++)
		if (links->settings->ipv6 != PLANE_IPV6_OFF ||
		    family_of(&links->settings->inside[index].address) == FAMILY_IPV4)
			add_inside(state, links->settings->inside[index]);
	for (size_t index = 0; index < list->count; index++) {
		const struct address_row *row = &list->rows[index];

		if (if_indextoname(row->index, name) == NULL || !row_is_inside(links, state, list, row, name))
			continue;
		add_lan(state, name);
		add_inside(state, row_prefix(row));
		if (state->router_count < SIPALG_PREFIXES_MAX)
			state->router[state->router_count++] = row->address;
	}
}

int links_look(struct links *links, struct links_state *state)
{
	struct address_list list = { .rows = calloc(ADDRESSES_MAX, sizeof(*list.rows)) };
	const struct links_state before = *state;
	int error;

	memset(state, 0, sizeof(*state));
	if (list.rows == NULL)
		return ENOMEM;
	error = read_addresses(links, &list);
	if (error == 0)
		error = find_wan(links, &before, state);
	if (error == 0) {
		for (size_t index = 0; index < state->wan_count; index++)
			for (enum family family = FAMILY_IPV4; family < FAMILY_COUNT; family++)
				find_outside(links, &list, family, &state->wan[index]);
		find_inside(links, &list, state);
		state->truncated |= list.truncated;
	}
	free(list.rows);
	return error;
}

static bool adopt(struct links *links, const struct links_state *state, uint32_t index)
{
	char name[IF_NAMESIZE];

	if (if_indextoname(index, name) == NULL || is_lan(state, name) || is_wan(state, name) ||
	    links->former_count == PLANE_LINKS_MAX)
		return false;
	copy_name(links->formers[links->former_count++], name);
	return true;
}

bool links_adopt(struct links *links, const struct links_state *state, const sipalg_address *outside)
{
	struct address_list list = { .rows = calloc(ADDRESSES_MAX, sizeof(*list.rows)) };
	bool adopted = false;

	if (list.rows != NULL && links->settings->wan_count == 0 && read_addresses(links, &list) == 0)
		for (size_t index = 0; index < list.count && !adopted; index++)
			adopted = sipalg_address_equal(&list.rows[index].address, outside) &&
			          adopt(links, state, list.rows[index].index);
	free(list.rows);
	return adopted;
}

/* ---- News ---- */

int links_descriptor(const struct links *links)
{
	return netlink_descriptor(&links->hearing);
}

/* Of routes only the default one matters. */
static bool message_matters(const struct nlmsghdr *message)
{
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);

	return (message->nlmsg_type != RTM_NEWROUTE && message->nlmsg_type != RTM_DELROUTE) || header->rtm_dst_len == 0;
}

bool links_heard(struct links *links)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[16384];
	bool matters = false;

	for (;;) {
		ssize_t length = recv(links_descriptor(links), bytes, sizeof(bytes), MSG_DONTWAIT);
		int left = (int)length;

		if (length < 0 && errno == ENOBUFS) /* news were lost, so anything may have changed */
			matters = true;
		else if (length < 0 && errno != EINTR)
			return matters;
		for (const struct nlmsghdr *message = (const struct nlmsghdr *)bytes;
		     length > 0 && mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
			matters |= message_matters(message);
	}
}

bool links_state_equal(const struct links_state *left, const struct links_state *right)
{
	return memcmp(left, right, sizeof(*left)) == 0; /* both were zeroed before they were filled */
}

const struct links_wan *links_find_wan(const struct links_state *state, uint32_t index)
{
	for (size_t number = 0; number < state->wan_count; number++)
		if (state->wan[number].index == index && index != 0)
			return &state->wan[number];
	return NULL;
}
