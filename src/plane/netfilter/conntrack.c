/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <string.h>

enum {
	/* Linux 5.8 and later list only flows of the tuple's protocol (CTA_FILTER_F_CTA_PROTO_NUM, in no public
	 * header); older kernels list everything, which is sorted out here. */
	FILTER_BY_PROTOCOL = 1 << 3,
};

bool conntrack_open(struct conntrack *conntrack)
{
	memset(conntrack, 0, sizeof(*conntrack));
	if (netlink_open(&conntrack->asking, NETLINK_NETFILTER, 0) &&
	    netlink_open(&conntrack->entering, NETLINK_NETFILTER, 0) &&
	    netlink_open(&conntrack->telling, NETLINK_NETFILTER, 0) && netlink_hear_nothing(&conntrack->telling) &&
	    netlink_buffer_open(&conntrack->entries, (size_t)CONNTRACK_PENDING_MAX * CONNTRACK_MESSAGE_MAX) &&
	    netlink_buffer_open(&conntrack->tellings, (size_t)CONNTRACK_PENDING_MAX * CONNTRACK_MESSAGE_MAX))
		return true;
	conntrack_close(conntrack);
	return false;
}

void conntrack_close(struct conntrack *conntrack)
{
	netlink_close(&conntrack->asking);
	netlink_close(&conntrack->entering);
	netlink_close(&conntrack->telling);
	netlink_buffer_close(&conntrack->entries);
	netlink_buffer_close(&conntrack->tellings);
}

/* ---- Reading ---- */

static bool read_address(const struct nlattr *ip, uint16_t ipv4, uint16_t ipv6, sipalg_address *address)
{
	const struct nlattr *attribute = netlink_find_within(ip, ipv4, 4);

	if (attribute != NULL) {
		*address = sipalg_address_from_ipv4(ntohl(mnl_attr_get_u32(attribute)));
		return true;
	}
	attribute = netlink_find_within(ip, ipv6, sizeof(address->bytes));
	if (attribute != NULL)
		memcpy(address->bytes, mnl_attr_get_payload(attribute), sizeof(address->bytes));
	return attribute != NULL;
}

static bool read_ports(const struct nlattr *nest, struct tuple *tuple)
{
	const struct nlattr *number = netlink_find_within(nest, CTA_PROTO_NUM, 1);
	const struct nlattr *source = netlink_find_within(nest, CTA_PROTO_SRC_PORT, 2);
	const struct nlattr *destination = netlink_find_within(nest, CTA_PROTO_DST_PORT, 2);

	if (number == NULL || source == NULL || destination == NULL)
		return false;
	tuple->source.protocol = tuple->destination.protocol = mnl_attr_get_u8(number);
	tuple->source.port = ntohs(mnl_attr_get_u16(source));
	tuple->destination.port = ntohs(mnl_attr_get_u16(destination));
	return true;
}

static bool tuple_read(const struct nlattr *nest, struct tuple *tuple)
{
	const struct nlattr *ip = netlink_find_within(nest, CTA_TUPLE_IP, 1);
	const struct nlattr *protocol = netlink_find_within(nest, CTA_TUPLE_PROTO, 1);

	*tuple = (struct tuple){ 0 };
	return ip != NULL && protocol != NULL && read_ports(protocol, tuple) &&
	       read_address(ip, CTA_IP_V4_SRC, CTA_IP_V6_SRC, &tuple->source.address) &&
	       read_address(ip, CTA_IP_V4_DST, CTA_IP_V6_DST, &tuple->destination.address);
}

bool flow_read(const struct nlmsghdr *message, struct flow *flow)
{
	const struct nlattr *attribute = NULL;
	bool original = false, reply = false;

	flow->timeout_s = 0;
	flow->answered = false;
	while ((attribute = netlink_next(message, sizeof(struct nfgenmsg), attribute)) != NULL) {
		switch (mnl_attr_get_type(attribute)) {
		case CTA_TUPLE_ORIG:
			original = tuple_read(attribute, &flow->original);
			break;
		case CTA_TUPLE_REPLY:
			reply = tuple_read(attribute, &flow->reply);
			break;
		case CTA_TIMEOUT:
			if (mnl_attr_get_payload_len(attribute) >= sizeof(uint32_t))
				flow->timeout_s = ntohl(mnl_attr_get_u32(attribute));
			break;
		case CTA_STATUS:
			if (mnl_attr_get_payload_len(attribute) >= sizeof(uint32_t))
				flow->answered = (ntohl(mnl_attr_get_u32(attribute)) & IPS_SEEN_REPLY) != 0;
			break;
		default:
			break;
		}
	}
	return original && reply;
}

const sipalg_endpoint *flow_outside(const struct flow *flow, const sipalg_endpoint *inside)
{
	return sipalg_endpoint_equal(&flow->original.source, inside) ? &flow->reply.destination
	                                                             : &flow->original.destination;
}

/* ---- Writing ---- */

/* IPv4's attribute or IPv6's, whichever the address is of. */
static void put_address(struct nlmsghdr *message, uint16_t ipv4, uint16_t ipv6, const sipalg_address *address)
{
	if (sipalg_address_is_ipv4(address))
		mnl_attr_put_u32(message, ipv4, htonl(sipalg_address_to_ipv4(address)));
	else
		mnl_attr_put(message, ipv6, sizeof(address->bytes), address->bytes);
}

static void put_tuple(struct nlmsghdr *message, uint16_t type, const struct tuple *tuple)
{
	struct nlattr *nest = mnl_attr_nest_start(message, type), *part;

	part = mnl_attr_nest_start(message, CTA_TUPLE_IP);
	put_address(message, CTA_IP_V4_SRC, CTA_IP_V6_SRC, &tuple->source.address);
	put_address(message, CTA_IP_V4_DST, CTA_IP_V6_DST, &tuple->destination.address);
	mnl_attr_nest_end(message, part);
	part = mnl_attr_nest_start(message, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(message, CTA_PROTO_NUM, tuple->source.protocol);
	mnl_attr_put_u16(message, CTA_PROTO_SRC_PORT, htons(tuple->source.port));
	mnl_attr_put_u16(message, CTA_PROTO_DST_PORT, htons(tuple->destination.port));
	mnl_attr_nest_end(message, part);
	mnl_attr_nest_end(message, nest);
}

static struct nlmsghdr *begin(struct netlink_buffer *buffer, uint16_t type, uint16_t flags, uint32_t sequence,
                              enum family family)
{
	return netlink_begin_netfilter(buffer, CONNTRACK_MESSAGE_MAX, (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type),
	                               flags, sequence, family_number(family), 0);
}

/* Room is made by sending what is there. */
static struct nlmsghdr *begin_telling(struct conntrack *conntrack, uint16_t type, const struct tuple *tuple)
{
	if (conntrack->telling_count == CONNTRACK_PENDING_MAX)
		conntrack_flush(conntrack);
	conntrack->telling_count++;
	return begin(&conntrack->tellings, type, 0, ++conntrack->telling.sequence, family_of(&tuple->source.address));
}

/* ---- Single flows ---- */

struct finding {
	struct flow *flow;
	bool found;
};

static int find_answer(const struct nlmsghdr *message, void *context)
{
	struct finding *finding = context;

	finding->found = flow_read(message, finding->flow);
	return MNL_CB_OK;
}

bool conntrack_find(struct conntrack *conntrack, const struct tuple *tuple, struct flow *flow)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[CONNTRACK_MESSAGE_MAX] = { 0 };
	struct netlink_buffer buffer = { .bytes = bytes, .capacity = sizeof(bytes) };
	struct nlmsghdr *message = begin(&buffer, IPCTNL_MSG_CT_GET, 0, 0, family_of(&tuple->source.address));
	struct finding finding = { .flow = flow };

	put_tuple(message, CTA_TUPLE_ORIG, tuple);
	conntrack->find_error = netlink_ask(&conntrack->asking, message, find_answer, &finding);
	return conntrack->find_error == 0 && finding.found;
}

bool conntrack_is_missing(const struct conntrack *conntrack)
{
	return conntrack->find_error != ENOENT;
}

static void put_translation(struct nlmsghdr *message, uint16_t type, const sipalg_endpoint *to)
{
	struct nlattr *nest = mnl_attr_nest_start(message, type), *ports;

	put_address(message, CTA_NAT_V4_MINIP, CTA_NAT_V6_MINIP, &to->address);
	put_address(message, CTA_NAT_V4_MAXIP, CTA_NAT_V6_MAXIP, &to->address);
	ports = mnl_attr_nest_start(message, CTA_NAT_PROTO);
	mnl_attr_put_u16(message, CTA_PROTONAT_PORT_MIN, htons(to->port));
	mnl_attr_put_u16(message, CTA_PROTONAT_PORT_MAX, htons(to->port));
	mnl_attr_nest_end(message, ports);
	mnl_attr_nest_end(message, nest);
}

/* Without `creates` the kernel only tells whether it is there. */
static void enter(struct conntrack *conntrack, const struct conntrack_entering *entering, bool creates)
{
	struct nlmsghdr *message =
	        begin(&conntrack->entries, IPCTNL_MSG_CT_NEW, NLM_F_EXCL | (creates ? NLM_F_CREATE : 0),
	              ++conntrack->entering.sequence, family_of(&entering->peer.address));
	struct tuple original = { entering->peer, entering->outside }, reply = { entering->outside, entering->peer };

	put_tuple(message, CTA_TUPLE_ORIG, &original);
	put_tuple(message, CTA_TUPLE_REPLY, &reply); /* the translation makes it inside -> peer */
	mnl_attr_put_u32(message, CTA_STATUS, htonl(IPS_SEEN_REPLY | IPS_ASSURED | IPS_CONFIRMED));
	mnl_attr_put_u32(message, CTA_TIMEOUT, htonl(entering->lease_s));
	if (!sipalg_endpoint_equal(&entering->inside, &entering->outside)) {
		put_translation(message, CTA_NAT_DST, &entering->inside);
		/* To itself, and nothing else: else the kernel would choose the peer another port where flows collide.
		 */
		put_translation(message, CTA_NAT_SRC, &entering->peer);
	}
	netlink_end(&conntrack->entries, message);
}

void conntrack_enter(struct conntrack *conntrack, const sipalg_command *command, bool creates)
{
	struct conntrack_entering entering = { .inside = command->inside,
		                               .outside = command->outside,
		                               .peer = command->peer,
		                               .lease_s = command->lease_s };

	if (conntrack->entry_count == CONNTRACK_PENDING_MAX)
		conntrack_flush(conntrack);
	enter(conntrack, &entering, creates);
	entering.sequence = conntrack->entering.sequence;
	conntrack->entered_last[conntrack->entry_count++] = entering;
	conntrack->entered += creates;
}

void conntrack_hold(struct conntrack *conntrack, const sipalg_command *command)
{
	struct tuple tuple = { command->inside, command->peer };
	struct nlmsghdr *message = begin_telling(conntrack, IPCTNL_MSG_CT_NEW, &tuple);

	put_tuple(message, CTA_TUPLE_ORIG, &tuple);
	mnl_attr_put_u32(message, CTA_TIMEOUT, htonl(command->lease_s));
	netlink_end(&conntrack->tellings, message);
}

void conntrack_delete(struct conntrack *conntrack, const struct tuple *tuple)
{
	struct nlmsghdr *message = begin_telling(conntrack, IPCTNL_MSG_CT_DELETE, tuple);

	put_tuple(message, CTA_TUPLE_ORIG, tuple);
	netlink_end(&conntrack->tellings, message);
	conntrack->deleted++;
}

bool conntrack_is_in_the_way(const struct flow *flow, const sipalg_endpoint *inside, const sipalg_endpoint *outside)
{
	bool begun_outside = sipalg_endpoint_equal(&flow->original.destination, outside);
	const sipalg_endpoint *holder = begun_outside ? &flow->reply.source : &flow->original.source;

	if (sipalg_endpoint_equal(holder, inside))
		return false;
	if (begun_outside && sipalg_endpoint_equal(holder, outside))
		return true;
	return sipalg_address_equal(&holder->address, &inside->address);
}

static bool is_stale(const struct flow *flow, const struct conntrack_entering *entering)
{
	/* Begun outside, and not yet let through by a firewall. */
	if (!flow->answered && sipalg_endpoint_equal(&flow->reply.source, &entering->inside))
		return true;
	return conntrack_is_in_the_way(flow, &entering->inside, &entering->outside);
}

/* A flow could not be entered because one of its directions is there already. One with our mapping is as good. One that
 * began before the binding was made has to go: the host's own under another mapping, that of another of its ports, or
 * the peer's that went to the router itself. */
static void enter_again(struct conntrack *conntrack, const struct conntrack_entering *entering)
{
	const struct tuple sent = { entering->inside, entering->peer }, heard = { entering->peer, entering->outside };
	struct flow flow;
	bool stale = false;

	if (conntrack_find(conntrack, &sent, &flow) &&
	    !sipalg_endpoint_equal(flow_outside(&flow, &entering->inside), &entering->outside)) {
		conntrack_delete(conntrack, &sent);
		stale = true;
	}
	if (conntrack_find(conntrack, &heard, &flow) && is_stale(&flow, entering)) {
		conntrack_delete(conntrack, &heard);
		stale = true;
	}
	if (stale)
		enter(conntrack, entering, true);
}

static void look_at_refusal(struct conntrack *conntrack, const struct netlink_error *refusal, size_t entry_count)
{
	for (size_t index = 0; refusal->error == EEXIST && index < entry_count; index++)
		if (conntrack->entered_last[index].sequence == refusal->sequence)
			enter_again(conntrack, &conntrack->entered_last[index]);
}

static void send_tellings(struct conntrack *conntrack)
{
	if (conntrack->telling_count > 0)
		(void)netlink_send(&conntrack->telling, &conntrack->tellings);
	conntrack->telling_count = 0;
}

static void send_entries(struct conntrack *conntrack)
{
	struct netlink_error refusals[CONNTRACK_PENDING_MAX];
	size_t count, entry_count = conntrack->entry_count;

	conntrack->entry_count = 0;
	(void)netlink_send(&conntrack->entering, &conntrack->entries);
	count = netlink_errors(&conntrack->entering, refusals, CONNTRACK_PENDING_MAX);
	for (size_t index = 0; index < count && index < CONNTRACK_PENDING_MAX; index++)
		look_at_refusal(conntrack, &refusals[index], entry_count);
	send_tellings(conntrack);
	if (conntrack->entries.length > 0) { /* a second try is the last one */
		(void)netlink_send(&conntrack->entering, &conntrack->entries);
		(void)netlink_errors(&conntrack->entering, NULL, 0);
	}
}

void conntrack_flush(struct conntrack *conntrack)
{
	send_tellings(conntrack);
	if (conntrack->entry_count > 0)
		send_entries(conntrack);
}

void conntrack_list(struct netlink_buffer *buffer, enum family family, uint32_t sequence)
{
	struct nlmsghdr *message = begin(buffer, IPCTNL_MSG_CT_GET, NLM_F_DUMP, sequence, family);
	struct nlattr *nest = mnl_attr_nest_start(message, CTA_TUPLE_ORIG), *part;

	part = mnl_attr_nest_start(message, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(message, CTA_PROTO_NUM, IPPROTO_UDP);
	mnl_attr_nest_end(message, part);
	mnl_attr_nest_end(message, nest);
	nest = mnl_attr_nest_start(message, CTA_FILTER);
	mnl_attr_put_u32(message, CTA_FILTER_ORIG_FLAGS, FILTER_BY_PROTOCOL);
	mnl_attr_put_u32(message, CTA_FILTER_REPLY_FLAGS, 0);
	mnl_attr_nest_end(message, nest);
	netlink_end(buffer, message);
}
