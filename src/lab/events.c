/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to a router in the course of its life: another address, a cable pulled out, rules loaded anew. */
#include "lab/command.h"
#include "lab/network.h"

#include <string.h>

/* As after a night at many providers. */
static const char *readdress(struct store *store, struct network *network, const char *address)
{
	const char *lines =
	        store_format(store, "addr del %s/24 dev wan0\naddr add %s/24 dev wan0\n", network->outside, address);
	network->outside = address;
	return network_ip(store, network->gateway, lines);
}

/* The new address is there before the old one goes, as some DHCP clients do it. */
static const char *readdress_softly(struct store *store, struct network *network, const char *address)
{
	const char *lines = store_format(store,
	                                 "addr add %s/24 dev wan0\naddr del %s/24 dev wan0\n"
	                                 "addr replace %s/24 dev wan0\n",
	                                 address, network->outside, address);
	network->outside = address;
	return network_ip(store, network->gateway, lines);
}

/* The interface comes back as another one: its number has changed, as that of a PPP link does. */
static const char *link_return(struct store *store, const struct network *network)
{
	const char *wrong = network_wan_make(store, network);
	for (size_t i = 0; i < network->host_count && !wrong; i++)
		if (!endpoint_is_inside(network->hosts[i]))
			wrong = network_host_add(store, network, &network->hosts[i]);
	return wrong;
}

static const char *link_event(struct store *store, struct network *network, const char *what)
{
	if (strcmp(what, "down") == 0)
		return network_ip(store, network->gateway, "link set wan0 down\n");
	if (strcmp(what, "up") == 0)
		return network_ip(store, network->gateway, "link set wan0 up\n");
	if (strcmp(what, "gone") == 0)
		return network_ip(store, network->gateway, "link del wan0\n");
	return link_return(store, network);
}

/* Both ends of the link: a packet may be as long on either. */
static const char *change_mtu(struct store *store, const struct network *network, const char *which, const char *mtu)
{
	bool is_wan = strcmp(which, "wan") == 0;
	const char *wrong =
	        network_ip(store, network->gateway, store_format(store, "link set %s0 mtu %s\n", which, mtu));
	if (wrong)
		return wrong;
	return network_ip(store, is_wan ? network->wan : network->lan,
	                  store_format(store, "link set eth0 mtu %s\n", mtu));
}

static const char *forget_flows(struct store *store, const struct network *network)
{
	static const char *const arguments[] = { "conntrack", "-F", NULL };
	struct outcome outcome = command_run(store, network->gateway, arguments, NULL);
	return outcome.status == 0 ? NULL : store_format(store, "conntrack: %s", outcome.output.start);
}

/* The servers are no longer neighbours: all that is new goes by the second WAN, and the first one stays up. */
static const char *fail_over(struct store *store, const struct network *network)
{
	return network_ip(store, network->gateway,
	                  "route del " LAB_WAN_PREFIX "0/24 dev wan0\n"
	                  "route replace default via " LAB_SECOND_WAN_PREFIX "250\n");
}

const char *network_event(struct store *store, struct network *network, const struct words *words)
{
	const char *event = words->list[1];
	if (strcmp(event, "address") == 0)
		return words->count > 3 ? readdress_softly(store, network, words->list[2])
		                        : readdress(store, network, words->list[2]);
	if (strcmp(event, "network") == 0)
		return network_ip(store, network->gateway,
		                  store_format(store, "addr %s " LAB_LAN_SECOND_PREFIX "1/24 dev lan0\n",
		                               strcmp(words->list[2], "gone") == 0 ? "del" : "add"));
	if (strcmp(event, "failover") == 0)
		return fail_over(store, network);
	if (strcmp(event, "link") == 0)
		return link_event(store, network, words->list[2]);
	if (strcmp(event, "mtu") == 0)
		return change_mtu(store, network, words->list[2], words->list[3]);
	if (strcmp(event, "conntrack-flush") == 0)
		return forget_flows(store, network);
	const char *rules = strcmp(event, "reload") == 0 ? network->rules : "";
	return network_nft(store, network->gateway, store_format(store, "flush ruleset\n%s", rules));
}
