/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/elements.h"

#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter.h> /* after netinet: both would define the same */
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

enum {
	ADDRESS = sizeof(sipalg_address), /* IPv4's in its mapped form, as in the rules */
	PROTOCOL_AT = ADDRESS,            /* address . protocol . port, each part rounded up to four bytes */
	PORT_AT = ADDRESS + 4,
	ENDPOINT_KEY = ADDRESS + 8,
	PEER_KEY = ADDRESS + ENDPOINT_KEY,
	VALUE_PORT_AT = ADDRESS, /* address . port */
	VALUE = ADDRESS + 4,
	ELEMENT_MAX = 120,       /* bytes of one element in a message */
	MESSAGE_MAX = 128,       /* bytes of a message before its elements */
	NEST_ELEMENTS_MAX = 512, /* elements of one message: an attribute holds 65,535 bytes */
	REFUSALS_MAX = 4,
	MILLISECONDS = 1000,
};

bool elements_open(struct elements *elements)
{
	memset(elements, 0, sizeof(*elements));
	elements->changes = calloc(ELEMENTS_CHANGES_MAX, sizeof(*elements->changes));
	if (elements->changes == NULL)
		return false;
	if (netlink_buffer_open(&elements->buffer, (size_t)ELEMENTS_CHANGES_MAX * (ELEMENT_MAX + MESSAGE_MAX) + 65536))
		return true;
	elements_close(elements);
	return false;
}

void elements_close(struct elements *elements)
{
	free(elements->changes);
	netlink_buffer_close(&elements->buffer);
	memset(elements, 0, sizeof(*elements));
}

/* ---- Gathering ---- */

bool elements_have_room(const struct elements *elements)
{
	return elements->count + ELEMENTS_ROOM_MAX <= ELEMENTS_CHANGES_MAX;
}

static void write_port(uint8_t *out, const sipalg_endpoint *endpoint)
{
	out[0] = (uint8_t)(endpoint->port >> 8);
	out[1] = (uint8_t)endpoint->port;
}

static void write_key(uint8_t out[ENDPOINT_KEY], const sipalg_endpoint *endpoint)
{
	memset(out, 0, ENDPOINT_KEY);
	memcpy(out, endpoint->address.bytes, ADDRESS);
	out[PROTOCOL_AT] = endpoint->protocol;
	write_port(out + PORT_AT, endpoint);
}

static void write_value(uint8_t out[VALUE], const sipalg_endpoint *endpoint)
{
	memset(out, 0, VALUE);
	memcpy(out, endpoint->address.bytes, ADDRESS);
	write_port(out + VALUE_PORT_AT, endpoint);
}

static struct element_change *change_new(struct elements *elements, const sipalg_command *command, enum ruleset_map map,
                                         bool add)
{
	struct element_change *change = &elements->changes[elements->count++];

	change->binding = command->binding;
	change->lifetime_s = (command->lease_s != 0 ? command->lease_s : SIPALG_LEASE_MAX_S) + ELEMENTS_GRACE_S;
	change->map = (uint8_t)map;
	change->add = add;
	change->opening = command->kind == SIPALG_COMMAND_OPEN;
	if (command->kind != SIPALG_COMMAND_CLOSE)
		elements->urgent++;
	return change;
}

static void change_map(struct elements *elements, const sipalg_command *command, enum ruleset_map map, bool add)
{
	struct element_change *change = change_new(elements, command, map, add);

	write_key(change->key, &command->outside);
	write_value(change->data, &command->inside);
}

static bool has_own_address(const struct elements *elements, const sipalg_address *inside)
{
	for (size_t index = 0; index < elements->own_count; index++)
		if (sipalg_prefix_contains(&elements->own[index], inside))
			return true;
	return false;
}

/* An inside endpoint may have one binding for each WAN. */
static void change_out(struct elements *elements, const sipalg_command *command, bool add)
{
	struct element_change *change = change_new(elements, command, RULESET_MAP_OUT, add);

	if (has_own_address(elements, &command->inside.address))
		memset(change->key + ENDPOINT_KEY, 0, ADDRESS);
	else
		memcpy(change->key + ENDPOINT_KEY, command->outside.address.bytes, ADDRESS);
	write_key(change->key, &command->inside);
	write_value(change->data, &command->outside);
}

static void change_peer(struct elements *elements, const sipalg_command *command, const sipalg_address *peer, bool add)
{
	struct element_change *change = change_new(elements, command, RULESET_MAP_IN_PEER, add);

	memcpy(change->key, peer->bytes, ADDRESS);
	write_key(change->key + ADDRESS, &command->outside);
	write_value(change->data, &command->inside);
}

static void change_binding(struct elements *elements, const sipalg_command *command, bool add)
{
	/* What is not translated is not told to be translated into itself: so a rule of the user's that was overlooked
	 * still does its work. */
	if (!sipalg_endpoint_equal(&command->inside, &command->outside))
		change_out(elements, command, add);
	if (command->admits == SIPALG_ADMITS_ANY)
		change_map(elements, command, RULESET_MAP_IN_ANY, add);
	if (command->signalling)
		change_map(elements, command, RULESET_MAP_IN_SERVER, add);
}

static void change_peers(struct elements *elements, const sipalg_command *command, const struct peers *peers, bool add)
{
	uint32_t cursor = PEERS_END;
	const struct peer *peer;

	while ((peer = peers_next(peers, command->binding, &cursor)) != NULL) {
		sipalg_endpoint endpoint = peer_endpoint(peer);

		if (peer->port == 0)
			change_peer(elements, command, &endpoint.address, add);
	}
}

void elements_open_binding(struct elements *elements, const sipalg_command *command)
{
	change_binding(elements, command, true);
}

void elements_admit_peer(struct elements *elements, const sipalg_command *command)
{
	change_peer(elements, command, &command->peer.address, true);
}

void elements_dismiss_peer(struct elements *elements, const sipalg_command *command)
{
	change_peer(elements, command, &command->peer.address, false);
}

/* Kernels before 6.12 leave the timeout of an element that is added again as it was: it has to go and come. */
void elements_refresh_binding(struct elements *elements, const sipalg_command *command, const struct peers *peers)
{
	change_binding(elements, command, false);
	change_peers(elements, command, peers, false);
	change_binding(elements, command, true);
	change_peers(elements, command, peers, true);
}

void elements_close_binding(struct elements *elements, const sipalg_command *command, const struct peers *peers)
{
	change_binding(elements, command, false);
	change_peers(elements, command, peers, false);
}

void elements_drop(struct elements *elements)
{
	elements->count = elements->urgent = 0;
}

/* ---- Committing ---- */

static size_t key_length(enum ruleset_map map)
{
	return map == RULESET_MAP_IN_PEER || map == RULESET_MAP_OUT ? PEER_KEY : ENDPOINT_KEY;
}

static void put_data(struct nlmsghdr *message, uint16_t type, const void *data, size_t length)
{
	struct nlattr *nest = mnl_attr_nest_start(message, type);

	mnl_attr_put(message, NFTA_DATA_VALUE, length, data);
	mnl_attr_nest_end(message, nest);
}

static void put_change(struct nlmsghdr *message, const struct element_change *change)
{
	struct nlattr *element = mnl_attr_nest_start(message, NFTA_LIST_ELEM);

	put_data(message, NFTA_SET_ELEM_KEY, change->key, key_length(change->map));
	if (change->add) {
		put_data(message, NFTA_SET_ELEM_DATA, change->data, VALUE);
		mnl_attr_put_u64(message, NFTA_SET_ELEM_TIMEOUT, htobe64((uint64_t)change->lifetime_s * MILLISECONDS));
	}
	mnl_attr_nest_end(message, element);
}

/* One message with those of a run of changes that concern one map. */
static void put_run(struct elements *elements, size_t from, size_t to, enum ruleset_map map)
{
	struct nlmsghdr *message = NULL;
	struct nlattr *list = NULL;

	for (size_t index = from; index < to; index++) {
		const struct element_change *change = &elements->changes[index];

		if (change->map != map)
			continue;
		if (message == NULL)
			message =
			        ruleset_elements_begin(&elements->buffer, MESSAGE_MAX + (to - from) * ELEMENT_MAX,
			                               change->add, ruleset_map_names[map], &elements->sequence, &list);
		put_change(message, change);
	}
	if (message != NULL)
		ruleset_elements_end(&elements->buffer, message, list);
}

/* Where a run ends: changes of one kind may be sorted by map, additions and deletions keep their order. */
static size_t run_end(const struct elements *elements, size_t from, size_t to)
{
	size_t end = from + 1;

	while (end < to && end - from < NEST_ELEMENTS_MAX && elements->changes[end].add == elements->changes[from].add)
		end++;
	return end;
}

/* Commits a part of the changes as one transaction. */
static int commit_part(struct elements *elements, struct netlink *netlink, size_t from, size_t to)
{
	struct netlink_error errors[REFUSALS_MAX] = { 0 };
	int result;

	if (!ruleset_begin(&elements->buffer, &elements->sequence))
		return ENOBUFS;
	for (size_t end; from < to; from = end) {
		end = run_end(elements, from, to);
		for (enum ruleset_map map = RULESET_MAP_OUT; map < RULESET_MAP_COUNT; map++)
			put_run(elements, from, end, map);
	}
	if (!ruleset_end(&elements->buffer, &elements->sequence)) {
		elements->buffer.length = 0;
		return ENOBUFS;
	}
	elements->commits++;
	result = netlink_send(netlink, &elements->buffer);
	if (netlink_errors(netlink, errors, REFUSALS_MAX) > 0)
		result = errors[0].error != 0 ? errors[0].error : EIO;
	if (result == 0)
		elements->committed++;
	return result;
}

/* Whether a network's hosts have addresses of their own may have changed since an element of `out` was added. */
static int delete_other_key(struct elements *elements, struct netlink *netlink, size_t index)
{
	static const uint8_t none[ADDRESS];
	uint8_t *ours = elements->changes[index].key + ENDPOINT_KEY;
	const struct element_change *change = &elements->changes[index];

	memcpy(ours, memcmp(ours, none, ADDRESS) == 0 ? change->data : none, ADDRESS);
	return commit_part(elements, netlink, index, index + 1);
}

/* An element that is to go and is not there has gone; one that is to come and is there with another value gives way. */
static bool commit_alone(struct elements *elements, struct netlink *netlink, size_t index)
{
	struct element_change *change = &elements->changes[index];
	int result = commit_part(elements, netlink, index, index + 1);

	if (!change->add && change->map == RULESET_MAP_OUT && result == ENOENT)
		result = delete_other_key(elements, netlink, index);
	if (!change->add)
		return result == 0 || result == ENOENT;
	if (result != EEXIST && result != EBUSY)
		return result == 0;
	change->add = false;
	result = commit_part(elements, netlink, index, index + 1);
	change->add = true;
	return result == 0 && commit_part(elements, netlink, index, index + 1) == 0;
}

/* Half a binding is none: what of it was taken goes again. */
static void undo_binding(struct elements *elements, struct netlink *netlink, uint32_t binding)
{
	for (size_t index = 0; index < elements->count; index++) {
		struct element_change *change = &elements->changes[index];

		if (change->binding != binding)
			continue;
		if (change->add) {
			change->add = false;
			(void)commit_part(elements, netlink, index, index + 1);
		}
		change->opening = false;
	}
}

static void commit_each(struct elements *elements, struct netlink *netlink,
                        void (*refused)(void *context, uint32_t binding), void *context)
{
	for (size_t index = 0; index < elements->count; index++)
		if (!commit_alone(elements, netlink, index) && elements->changes[index].opening) {
			undo_binding(elements, netlink, elements->changes[index].binding);
			refused(context, elements->changes[index].binding);
		}
}

int elements_commit(struct elements *elements, struct netlink *netlink,
                    void (*refused)(void *context, uint32_t binding), void *context)
{
	int result;

	if (elements->count == 0)
		return 0;
	result = commit_part(elements, netlink, 0, elements->count);
	elements->changed += elements->count;
	if (result != 0) {
		elements->failed++;
		if (!ruleset_exists(netlink)) {
			elements_drop(elements);
			return ENOENT;
		}
		commit_each(elements, netlink, refused, context);
	}
	elements_drop(elements);
	return 0;
}

/* ---- Reading ---- */

struct reading {
	enum ruleset_map map;
	void (*found)(void *context, const struct element_found *found);
	void *context;
};

static sipalg_endpoint read_endpoint(const uint8_t *address, uint8_t protocol, const uint8_t *port)
{
	sipalg_endpoint endpoint = { .port = (uint16_t)(port[0] << 8 | port[1]), .protocol = protocol };

	memcpy(endpoint.address.bytes, address, ADDRESS);
	return endpoint;
}

static const uint8_t *read_data(const struct nlattr *element, uint16_t type, size_t length)
{
	const struct nlattr *nest = netlink_find_within(element, type, 1);
	const struct nlattr *value = nest == NULL ? NULL : netlink_find_within(nest, NFTA_DATA_VALUE, length);

	return value == NULL ? NULL : mnl_attr_get_payload(value);
}

static void read_element(const struct reading *reading, const struct nlattr *element)
{
	const uint8_t *key = read_data(element, NFTA_SET_ELEM_KEY, key_length(reading->map));
	const uint8_t *value = read_data(element, NFTA_SET_ELEM_DATA, VALUE);
	const struct nlattr *expiration = netlink_find_within(element, NFTA_SET_ELEM_EXPIRATION, sizeof(uint64_t));
	struct element_found found = { 0 };

	if (key == NULL || value == NULL || expiration == NULL)
		return;
	if (reading->map == RULESET_MAP_IN_PEER) {
		memcpy(found.peer.bytes, key, ADDRESS);
		key += ADDRESS;
	}
	found.key = read_endpoint(key, key[PROTOCOL_AT], key + PORT_AT);
	found.value = read_endpoint(value, key[PROTOCOL_AT], value + VALUE_PORT_AT);
	found.lifetime_s = (uint32_t)(be64toh(mnl_attr_get_u64(expiration)) / MILLISECONDS);
	if (found.lifetime_s > 0)
		reading->found(reading->context, &found);
}

static int read_elements(const struct nlmsghdr *message, void *context)
{
	const struct nlattr *attribute = NULL, *element = NULL;

	while ((attribute = netlink_next(message, sizeof(struct nfgenmsg), attribute)) != NULL)
		if (mnl_attr_get_type(attribute) == NFTA_SET_ELEM_LIST_ELEMENTS)
			while ((element = netlink_next_within(attribute, element)) != NULL)
				read_element(context, element);
	return MNL_CB_OK;
}

int elements_read(struct netlink *netlink, enum ruleset_map map,
                  void (*found)(void *context, const struct element_found *found), void *context)
{
	struct reading reading = { map, found, context };
	_Alignas(struct nlmsghdr) uint8_t bytes[MESSAGE_MAX] = { 0 };
	struct netlink_buffer buffer = { .bytes = bytes, .capacity = sizeof(bytes) };
	struct nlmsghdr *message = netlink_begin_netfilter(
	        &buffer, sizeof(bytes), NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM, NLM_F_DUMP, 0, NFPROTO_INET, 0);

	mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_TABLE, RULESET_NAME);
	mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_SET, ruleset_map_names[map]);
	return netlink_ask(netlink, message, read_elements, &reading);
}
