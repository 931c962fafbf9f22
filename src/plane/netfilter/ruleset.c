/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/interval.h"
#include "plane/netfilter/ruleset_writer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
	TRANSACTION_MAX = 131072, /* bytes: all of the table takes less than a tenth of it */
	MESSAGE_MAX = 4096,       /* bytes of one message but those with elements */
	LEARNED_MAX = 4096,       /* servers learned; more are not */
	GC_INTERVAL_MS = 30000,   /* expired elements are not found any more anyway; the sweep walks the whole map */
};

const char *const ruleset_map_names[RULESET_MAP_COUNT] = { "out", "in_any", "in_peer", "in_server" };

/* How nft shows keys: its own numbers for types, six bits for each part of a concatenation. */
enum {
	TYPE_ADDRESS = 8, /* of IPv6; IPv4's in its mapped form */
	TYPE_PROTOCOL = 12,
	TYPE_PORT = 13,
	TYPE_MARK = 19, /* four bytes, shown in hexadecimal */
	TYPE_INTERFACE = 41,
	TYPE_ENDPOINT_KEY = TYPE_ADDRESS << 12 | TYPE_PROTOCOL << 6 | TYPE_PORT,
	TYPE_PEER_KEY = TYPE_ADDRESS << 18 | TYPE_ENDPOINT_KEY,
	TYPE_OUT_KEY = TYPE_ENDPOINT_KEY << 6 | TYPE_ADDRESS,
	TYPE_ENDPOINT = TYPE_ADDRESS << 6 | TYPE_PORT,
	ORDER_HOST = 1, /* how nft is to read the bytes of a key */
	ORDER_NETWORK = 2,
	ADDRESS = 16,      /* bytes, each part of a key rounded up to four */
	ENDPOINT_KEY = 24, /* address . protocol . port */
	PEER_KEY = 40,     /* address . address . protocol . port */
	ENDPOINT = 20,     /* address . port */
};

struct set_row {
	const char *name;
	uint32_t flags, key_type, key_length, data_type, data_length, order;
};

static const struct set_row set_rows[] = {
	{ "out", NFT_SET_MAP | NFT_SET_TIMEOUT, TYPE_OUT_KEY, PEER_KEY, TYPE_ENDPOINT, ENDPOINT, ORDER_NETWORK },
	{ "in_any", NFT_SET_MAP | NFT_SET_TIMEOUT, TYPE_ENDPOINT_KEY, ENDPOINT_KEY, TYPE_ENDPOINT, ENDPOINT,
	  ORDER_NETWORK },
	{ "in_peer", NFT_SET_MAP | NFT_SET_TIMEOUT, TYPE_PEER_KEY, PEER_KEY, TYPE_ENDPOINT, ENDPOINT, ORDER_NETWORK },
	{ "in_server", NFT_SET_MAP | NFT_SET_TIMEOUT, TYPE_ENDPOINT_KEY, ENDPOINT_KEY, TYPE_ENDPOINT, ENDPOINT,
	  ORDER_NETWORK },
	{ "inside", NFT_SET_INTERVAL, TYPE_ADDRESS, ADDRESS, 0, 0, ORDER_NETWORK },
	{ "servers", NFT_SET_INTERVAL, TYPE_ADDRESS, ADDRESS, 0, 0, ORDER_NETWORK },
	{ "outside", 0, TYPE_ADDRESS, ADDRESS, 0, 0, ORDER_NETWORK },
	{ "wan", 0, TYPE_INTERFACE, PLANE_LINK_NAME_MAX, 0, 0, ORDER_HOST },
	{ "ports", 0, TYPE_PORT, 2, 0, 0, ORDER_NETWORK },
	{ "starts", 0, TYPE_MARK, 4, 0, 0, ORDER_NETWORK },
	{ "begins", 0, TYPE_MARK, 4, 0, 0, ORDER_NETWORK },
	{ "learned", NFT_SET_EVAL | NFT_SET_TIMEOUT, TYPE_ENDPOINT, ENDPOINT, 0, 0, ORDER_NETWORK },
};

static const struct ruleset_chain chain_rows[] = {
	{ "prerouting", "nat", NF_INET_PRE_ROUTING, RULESET_PRIORITY_NAT },
	{ "postrouting", "nat", NF_INET_POST_ROUTING, RULESET_PRIORITY_NAT },
	{ "forward", "filter", NF_INET_FORWARD, RULESET_PRIORITY_FILTER },
	{ "newcomers", "filter", NF_INET_PRE_ROUTING, RULESET_PRIORITY_ARRIVING },
	{ "arriving", NULL, 0, 0 },
	{ "let_in", NULL, 0, 0 },
	{ "connecting", NULL, 0, 0 },
	{ "signalling", NULL, 0, 0 },
	{ "crossing", NULL, 0, 0 },
	{ "connections", NULL, 0, 0 },
	{ "opening", NULL, 0, 0 },
	{ "leaving", NULL, 0, 0 },
	{ "learning", NULL, 0, 0 },
};

/* The first four bytes of a response (RFC 3261 7.2) and of every method registered with IANA. */
static const char starts[][5] = { "SIP/", "INVI", "ACK ", "BYE ", "CANC", "REGI", "OPTI", "PRAC",
	                          "UPDA", "SUBS", "NOTI", "REFE", "MESS", "INFO", "PUBL" };

/* What a phone says first on a connection; the other methods other protocols have too (HTTP and RTSP: OPTIONS). */
static const char begins[][5] = { "REGI", "INVI" };

/* ---- Transactions ---- */

static bool batch_mark(struct netlink_buffer *buffer, uint16_t type, uint32_t *sequence)
{
	struct nlmsghdr *message =
	        netlink_begin_netfilter(buffer, MESSAGE_MAX, type, 0, ++*sequence, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);

	if (message == NULL)
		return false;
	netlink_end(buffer, message);
	return true;
}

bool ruleset_begin(struct netlink_buffer *buffer, uint32_t *sequence)
{
	return batch_mark(buffer, NFNL_MSG_BATCH_BEGIN, sequence);
}

bool ruleset_end(struct netlink_buffer *buffer, uint32_t *sequence)
{
	return batch_mark(buffer, NFNL_MSG_BATCH_END, sequence);
}

static struct nlmsghdr *begin(struct netlink_buffer *buffer, size_t room, uint16_t type, uint16_t flags,
                              uint32_t *sequence)
{
	return netlink_begin_netfilter(buffer, room, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, ++*sequence,
	                               NFPROTO_INET, 0);
}

struct nlmsghdr *ruleset_elements_begin(struct netlink_buffer *buffer, size_t room, bool add, const char *set,
                                        uint32_t *sequence, struct nlattr **list)
{
	struct nlmsghdr *message =
	        begin(buffer, room, add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM, add ? NLM_F_CREATE : 0, sequence);

	if (message == NULL)
		return NULL;
	mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_TABLE, RULESET_NAME);
	mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_SET, set);
	*list = mnl_attr_nest_start(message, NFTA_SET_ELEM_LIST_ELEMENTS);
	return message;
}

void ruleset_elements_end(struct netlink_buffer *buffer, struct nlmsghdr *message, struct nlattr *list)
{
	mnl_attr_nest_end(message, list);
	netlink_end(buffer, message);
}

/* ---- The parts of the table ---- */

void ruleset_put_table(struct ruleset_writer *writer)
{
	struct nlmsghdr *message =
	        begin(&writer->buffer, MESSAGE_MAX, NFT_MSG_NEWTABLE, NLM_F_CREATE, &writer->sequence);

	mnl_attr_put_strz(message, NFTA_TABLE_NAME, writer->table);
	netlink_end(&writer->buffer, message);
}

/* The table becomes this socket's own: `nft flush ruleset`, with which every firewall script begins, passes it over,
 * and nobody else can change it. It outlives this process, and the next one claims it again. */
void ruleset_claim_table(struct netlink *netlink, const char *table)
{
	enum { OWNER = 0x2, PERSISTS = 0x4 }; /* NFT_TABLE_F_OWNER; NFT_TABLE_F_PERSIST of Linux 6.9 */
	struct ruleset_writer writer;
	struct nlmsghdr *message;

	if (!ruleset_writer_open(&writer, table))
		return;
	message = begin(&writer.buffer, MESSAGE_MAX, NFT_MSG_NEWTABLE, NLM_F_CREATE, &writer.sequence);
	mnl_attr_put_strz(message, NFTA_TABLE_NAME, writer.table);
	mnl_attr_put_u32(message, NFTA_TABLE_FLAGS, htonl(OWNER | PERSISTS));
	netlink_end(&writer.buffer, message);
	(void)ruleset_writer_close(&writer, netlink, true); /* refused: it is ours already, or the kernel is older */
}

/* Only for showing: without it nft reads names of interfaces backwards. */
static void set_show(struct nftnl_set *set, uint32_t order)
{
	struct nftnl_udata_buf *note = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);

	if (note == NULL)
		abort();
	nftnl_udata_put_u32(note, NFTNL_UDATA_SET_KEYBYTEORDER, order);
	nftnl_set_set_data(set, NFTNL_SET_USERDATA, nftnl_udata_buf_data(note), nftnl_udata_buf_len(note));
	nftnl_udata_buf_free(note);
}

static void put_set(struct ruleset_writer *writer, const struct set_row *row, uint32_t id)
{
	struct nlmsghdr *message = begin(&writer->buffer, MESSAGE_MAX, NFT_MSG_NEWSET, NLM_F_CREATE, &writer->sequence);
	struct nftnl_set *set = nftnl_set_alloc();

	if (set == NULL)
		abort();
	nftnl_set_set_str(set, NFTNL_SET_TABLE, RULESET_NAME);
	nftnl_set_set_str(set, NFTNL_SET_NAME, row->name);
	nftnl_set_set_u32(set, NFTNL_SET_ID, id);
	nftnl_set_set_u32(set, NFTNL_SET_FLAGS, row->flags);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, row->key_type);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, row->key_length);
	set_show(set, row->order);
	if (row->data_length != 0) {
		nftnl_set_set_u32(set, NFTNL_SET_DATA_TYPE, row->data_type);
		nftnl_set_set_u32(set, NFTNL_SET_DATA_LEN, row->data_length);
	}
	if ((row->flags & NFT_SET_TIMEOUT) != 0)
		nftnl_set_set_u32(set, NFTNL_SET_GC_INTERVAL, GC_INTERVAL_MS);
	if ((row->flags & NFT_SET_EVAL) != 0)
		nftnl_set_set_u32(set, NFTNL_SET_DESC_SIZE, LEARNED_MAX);
	nftnl_set_nlmsg_build_payload(message, set);
	nftnl_set_free(set);
	netlink_end(&writer->buffer, message);
}

void ruleset_put_chain(struct ruleset_writer *writer, const struct ruleset_chain *row)
{
	struct nlmsghdr *message =
	        begin(&writer->buffer, MESSAGE_MAX, NFT_MSG_NEWCHAIN, NLM_F_CREATE, &writer->sequence);
	struct nftnl_chain *chain = nftnl_chain_alloc();

	if (chain == NULL)
		abort();
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, writer->table);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, row->name);
	if (row->type != NULL) {
		nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, row->type);
		nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, row->hook);
		nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, row->priority);
		nftnl_chain_set_u32(chain, NFTNL_CHAIN_POLICY, NF_ACCEPT);
	}
	nftnl_chain_nlmsg_build_payload(message, chain);
	nftnl_chain_free(chain);
	netlink_end(&writer->buffer, message);
}

void ruleset_put_no_chain(struct ruleset_writer *writer, const char *name)
{
	struct nlmsghdr *message = begin(&writer->buffer, MESSAGE_MAX, NFT_MSG_DELCHAIN, 0, &writer->sequence);

	mnl_attr_put_strz(message, NFTA_CHAIN_TABLE, writer->table);
	mnl_attr_put_strz(message, NFTA_CHAIN_NAME, name);
	netlink_end(&writer->buffer, message);
}

void ruleset_put_rule(struct ruleset_writer *writer, struct nftnl_rule *rule)
{
	struct nlmsghdr *message =
	        begin(&writer->buffer, MESSAGE_MAX, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, &writer->sequence);

	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, writer->table);
	nftnl_rule_nlmsg_build_payload(message, rule);
	nftnl_rule_free(rule);
	netlink_end(&writer->buffer, message);
}

void ruleset_put_no_rules(struct ruleset_writer *writer)
{
	struct nlmsghdr *message = begin(&writer->buffer, MESSAGE_MAX, NFT_MSG_DELRULE, 0, &writer->sequence);

	mnl_attr_put_strz(message, NFTA_RULE_TABLE, writer->table);
	netlink_end(&writer->buffer, message);
}

static void put_no_elements(struct ruleset_writer *writer, const char *set)
{
	struct nlmsghdr *message = begin(&writer->buffer, MESSAGE_MAX, NFT_MSG_DELSETELEM, 0, &writer->sequence);

	mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_TABLE, RULESET_NAME);
	mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_SET, set);
	netlink_end(&writer->buffer, message);
}

/* ---- What the sets hold ---- */

static void put_key(struct nlmsghdr *message, const void *key, size_t length, uint32_t flags)
{
	struct nlattr *element = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
	struct nlattr *nest = mnl_attr_nest_start(message, NFTA_SET_ELEM_KEY);

	mnl_attr_put(message, NFTA_DATA_VALUE, length, key);
	mnl_attr_nest_end(message, nest);
	if (flags != 0)
		mnl_attr_put_u32(message, NFTA_SET_ELEM_FLAGS, htonl(flags));
	mnl_attr_nest_end(message, element);
}

/* Replaces the elements of a set by `count` keys of `length` bytes that lie `stride` bytes apart. */
static void put_keys(struct ruleset_writer *writer, const char *set, const void *keys, size_t length, size_t stride,
                     size_t count)
{
	struct nlmsghdr *message;
	struct nlattr *list;

	put_no_elements(writer, set);
	if (count == 0)
		return;
	message = ruleset_elements_begin(&writer->buffer, MESSAGE_MAX, true, set, &writer->sequence, &list);
	for (size_t index = 0; index < count; index++)
		put_key(message, (const uint8_t *)keys + index * stride, length, 0);
	ruleset_elements_end(&writer->buffer, message, list);
}

static void put_networks(struct ruleset_writer *writer, const char *set, const sipalg_prefix *prefixes, size_t count)
{
	struct interval intervals[SIPALG_PREFIXES_MAX];
	struct nlmsghdr *message;
	struct nlattr *list;

	put_no_elements(writer, set);
	count = intervals_from_prefixes(prefixes, count, intervals);
	if (count == 0)
		return;
	message = ruleset_elements_begin(&writer->buffer, 2 * MESSAGE_MAX, true, set, &writer->sequence, &list);
	for (size_t index = 0; index < count; index++) {
		sipalg_address behind;

		put_key(message, &intervals[index].first, ADDRESS, 0);
		if (address_next(&intervals[index].last, &behind))
			put_key(message, &behind, ADDRESS, NFT_SET_ELEM_INTERVAL_END);
	}
	ruleset_elements_end(&writer->buffer, message, list);
}

static void put_contents(struct ruleset_writer *writer, const struct ruleset_contents *contents)
{
	uint16_t ports[PLANE_PORTS_MAX];

	for (size_t index = 0; index < contents->port_count; index++)
		ports[index] = htons(contents->ports[index]);
	put_keys(writer, "wan", contents->wan, PLANE_LINK_NAME_MAX, PLANE_LINK_NAME_MAX, contents->wan_count);
	put_keys(writer, "outside", contents->outside, ADDRESS, ADDRESS, contents->outside_count);
	put_keys(writer, "ports", ports, sizeof(ports[0]), sizeof(ports[0]), contents->port_count);
	put_keys(writer, "starts", starts, 4, sizeof(starts[0]), sizeof(starts) / sizeof(starts[0]));
	put_keys(writer, "begins", begins, 4, sizeof(begins[0]), sizeof(begins) / sizeof(begins[0]));
	put_networks(writer, "inside", contents->inside, contents->inside_count);
	put_networks(writer, "servers", contents->servers, contents->server_count);
}

/* ---- Transactions of the whole table ---- */

bool ruleset_writer_open(struct ruleset_writer *writer, const char *table)
{
	*writer = (struct ruleset_writer){ .table = table };
	return netlink_buffer_open(&writer->buffer, TRANSACTION_MAX) &&
	       ruleset_begin(&writer->buffer, &writer->sequence);
}

int ruleset_writer_close(struct ruleset_writer *writer, struct netlink *netlink, bool commit)
{
	struct netlink_error error = { 0 };
	int result;

	if (commit && !ruleset_end(&writer->buffer, &writer->sequence))
		abort();
	result = netlink_send(netlink, &writer->buffer);
	if (netlink_errors(netlink, &error, 1) > 0)
		result = error.error != 0 ? error.error : EIO;
	netlink_buffer_close(&writer->buffer);
	return result;
}

static int try_rule(struct netlink *netlink, void (*queue)(struct nftnl_rule *rule, uint16_t number))
{
	static const struct ruleset_chain chain = { "try", "filter", NF_INET_FORWARD, RULESET_PRIORITY_FILTER };
	struct nftnl_rule *rule = rule_new(chain.name);
	struct ruleset_writer writer;

	if (!ruleset_writer_open(&writer, RULESET_NAME)) {
		nftnl_rule_free(rule);
		return ENOMEM;
	}
	ruleset_put_table(&writer);
	ruleset_put_chain(&writer, &chain);
	queue(rule, PLANE_QUEUE_DEFAULT);
	ruleset_put_rule(&writer, rule);
	return ruleset_writer_close(&writer, netlink, false);
}

enum ruleset_queue ruleset_try_queue(struct netlink *netlink, int *error)
{
	if (try_rule(netlink, rule_queue_native) == 0)
		return RULESET_QUEUE_NATIVE;
	*error = try_rule(netlink, rule_queue_target);
	return *error == 0 ? RULESET_QUEUE_TARGET : RULESET_QUEUE_NONE;
}

bool ruleset_table_exists(struct netlink *netlink, const char *table)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[256] = { 0 };
	struct netlink_buffer buffer = { .bytes = bytes, .capacity = sizeof(bytes) };
	uint32_t sequence = 0;
	struct nlmsghdr *message = begin(&buffer, sizeof(bytes), NFT_MSG_GETTABLE, 0, &sequence);

	mnl_attr_put_strz(message, NFTA_TABLE_NAME, table);
	return netlink_ask(netlink, message, NULL, NULL) == 0;
}

bool ruleset_exists(struct netlink *netlink)
{
	return ruleset_table_exists(netlink, RULESET_NAME);
}

static int take_generation(const struct nlmsghdr *message, void *context)
{
	const struct nlattr *attribute = NULL;

	while ((attribute = netlink_next(message, sizeof(struct nfgenmsg), attribute)) != NULL)
		if (mnl_attr_get_type(attribute) == NFTA_GEN_ID &&
		    mnl_attr_get_payload_len(attribute) >= sizeof(uint32_t))
			*(uint32_t *)context = ntohl(mnl_attr_get_u32(attribute));
	return MNL_CB_OK;
}

uint32_t ruleset_generation(struct netlink *netlink)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[256] = { 0 };
	struct netlink_buffer buffer = { .bytes = bytes, .capacity = sizeof(bytes) };
	uint32_t sequence = 0, generation = 0;

	(void)netlink_ask(netlink, begin(&buffer, sizeof(bytes), NFT_MSG_GETGEN, 0, &sequence), take_generation,
	                  &generation);
	return generation;
}

/* A chain without rules would still cost every packet a call. (It is put before it goes: it may not be there.) */
static void put_chains(struct ruleset_writer *writer, const struct ruleset_contents *contents)
{
	for (size_t index = 0; index < sizeof(chain_rows) / sizeof(chain_rows[0]); index++)
		ruleset_put_chain(writer, &chain_rows[index]);
	ruleset_put_no_rules(writer);
	if (!ruleset_needs_newcomers(contents))
		ruleset_put_no_chain(writer, "newcomers");
}

static int write_contents(struct ruleset_writer *writer, struct netlink *netlink,
                          const struct ruleset_contents *contents)
{
	put_chains(writer, contents);
	put_contents(writer, contents);
	ruleset_put_rules(writer, contents);
	return ruleset_writer_close(writer, netlink, true);
}

int ruleset_install(struct netlink *netlink, const struct ruleset_contents *contents)
{
	struct ruleset_writer writer;

	ruleset_claim_table(netlink, RULESET_NAME);
	if (!ruleset_writer_open(&writer, RULESET_NAME))
		return ENOMEM;
	ruleset_put_table(&writer);
	for (uint32_t index = 0; index < sizeof(set_rows) / sizeof(set_rows[0]); index++)
		put_set(&writer, &set_rows[index], index + 1);
	return write_contents(&writer, netlink, contents);
}

int ruleset_update(struct netlink *netlink, const struct ruleset_contents *contents)
{
	struct ruleset_writer writer;

	return ruleset_writer_open(&writer, RULESET_NAME) ? write_contents(&writer, netlink, contents) : ENOMEM;
}

int ruleset_remove_table(struct netlink *netlink, const char *table)
{
	struct ruleset_writer writer;
	struct nlmsghdr *message;
	int result;

	if (!ruleset_writer_open(&writer, table))
		return ENOMEM;
	message = begin(&writer.buffer, MESSAGE_MAX, NFT_MSG_DELTABLE, 0, &writer.sequence);
	mnl_attr_put_strz(message, NFTA_TABLE_NAME, table);
	netlink_end(&writer.buffer, message);
	result = ruleset_writer_close(&writer, netlink, true);
	return result == ENOENT ? 0 : result;
}

int ruleset_remove(struct netlink *netlink)
{
	return ruleset_remove_table(netlink, RULESET_NAME);
}
