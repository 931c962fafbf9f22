/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/network.h"
#include "lab/command.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A new network namespace becomes this process's; it is held by a descriptor. */
static int namespace_make(void)
{
	if (unshare(CLONE_NEWNET) != 0)
		return -1;
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

static bool namespace_enter(int namespace)
{
	return setns(namespace, CLONE_NEWNET) == 0;
}

/* Writes a setting of the namespace this process is in. */
static bool setting_write(const char *path, const char *value)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	bool good = file >= 0 && write(file, value, strlen(value)) > 0;
	if (file >= 0)
		close(file);
	return good;
}

/* No router solicitation between the scenario's packets, and addresses that can be used at once. All phones share one
 * namespace: what one sends to another by way of the router comes from an address that is there, too. */
static void namespace_settle(void)
{
	setting_write("/proc/sys/net/ipv4/conf/all/accept_local", "1");
	setting_write("/proc/sys/net/ipv6/conf/default/accept_ra", "0");
	setting_write("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
	setting_write("/proc/sys/net/ipv6/conf/default/dad_transmits", "0");
}

const char *network_ip(struct store *store, int namespace, const char *lines)
{
	static const char *const arguments[] = { "ip", "-batch", "-", NULL };
	struct outcome outcome = command_run(store, namespace, arguments, lines);
	return outcome.status == 0 ? NULL : store_format(store, "ip: %s", outcome.output.start);
}

const char *network_nft(struct store *store, int namespace, const char *rules)
{
	static const char *const arguments[] = { "nft", "-f", "-", NULL };
	struct outcome outcome = command_run(store, namespace, arguments, rules);
	return outcome.status == 0 ? NULL : store_format(store, "nft: %s", outcome.output.start);
}

static const char *lan_make(struct store *store, const struct network *network)
{
	const char *gateway = store_format(store,
	                                   "link set lo up\n"
	                                   "link add lan0 type veth peer name eth0 netns /proc/%d/fd/%d\n"
	                                   "addr add " LAB_LAN_ROUTER "/24 dev lan0\n"
	                                   "addr add " LAB_LAN_SECOND_PREFIX "1/24 dev lan0\n"
	                                   "addr add " LAB_LAN6_PREFIX "1/64 dev lan0 nodad\n"
	                                   "addr add " LAB_ULA_PREFIX "1/64 dev lan0 nodad\n"
	                                   "link set lan0 up\n",
	                                   (int)getpid(), network->lan);
	const char *wrong = network_ip(store, network->gateway, gateway);
	if (wrong)
		return wrong;
	return network_ip(store, network->lan,
	                  "link set lo up\nlink set eth0 up\naddr add " LAB_LAN_PREFIX "250/24 dev eth0\n"
	                  "addr add " LAB_LAN_SECOND_PREFIX "250/24 dev eth0\n"
	                  "addr add " LAB_LAN6_PREFIX "fa/64 dev eth0 nodad\n"
	                  "addr add " LAB_ULA_PREFIX "fa/64 dev eth0 nodad\n"
	                  "route add default via " LAB_LAN_ROUTER "\n"
	                  "route add default via " LAB_LAN6_PREFIX "1\n");
}

const char *network_wan_make(struct store *store, const struct network *network)
{
	const char *gateway = store_format(store,
	                                   "link add wan0 type veth peer name eth0 netns /proc/%d/fd/%d\n"
	                                   "addr add %s/24 dev wan0\n"
	                                   "addr add " LAB_WAN6_ROUTER "/64 dev wan0 nodad\n"
	                                   "link set wan0 up\n"
	                                   "route add default via " LAB_WAN_PREFIX "250\n"
	                                   "route add default via " LAB_WAN6_PREFIX "fa\n",
	                                   (int)getpid(), network->wan, network->outside);
	const char *wrong = network_ip(store, network->gateway, gateway);
	if (wrong)
		return wrong;
	return network_ip(store, network->wan,
	                  "link set lo up\nlink set eth0 up\naddr add " LAB_WAN_PREFIX "250/24 dev eth0\n"
	                  "addr add " LAB_WAN6_PREFIX "fa/64 dev eth0 nodad\n"
	                  "route add " LAB_LAN6_PREFIX "/64 via " LAB_WAN6_ROUTER "\n"
	                  "route add " LAB_TRANSLATED_PREFIX "/64 via " LAB_WAN6_ROUTER "\n");
}

/* A second way out to the same provider, which is the default only after a failover. Flows that have begun on one of
 * the two stay there, by a mark of connection tracking. */
static const char *second_wan_make(struct store *store, const struct network *network)
{
	const char *gateway = store_format(store,
	                                   "link add wan1 type veth peer name eth1 netns /proc/%d/fd/%d\n"
	                                   "addr add " LAB_SECOND_WAN_ROUTER "/24 dev wan1\n"
	                                   "link set wan1 up\n"
	                                   "rule add fwmark 1/3 lookup 101\n"
	                                   "rule add fwmark 2/3 lookup 102\n"
	                                   "route add default dev wan0 table 101\n"
	                                   "route add default via " LAB_SECOND_WAN_PREFIX "250 table 102\n",
	                                   (int)getpid(), network->wan);
	const char *wrong = network_ip(store, network->gateway, gateway);
	if (wrong)
		return wrong;
	return network_ip(store, network->wan, "link set eth1 up\naddr add " LAB_SECOND_WAN_PREFIX "250/24 dev eth1\n");
}

static void rules_write_second_wan(FILE *out)
{
	fputs("chain second {\ntype nat hook postrouting priority 100\noifname \"wan1\" masquerade\n}\n"
	      "chain ways {\ntype filter hook postrouting priority -150\n"
	      "oifname \"wan0\" ct mark set 1\noifname \"wan1\" ct mark set 2\n}\n"
	      "chain back {\ntype filter hook prerouting priority -150\n"
	      "iifname \"wan0\" ct mark set 1\niifname \"wan1\" ct mark set 2\n"
	      "iifname \"lan0\" meta mark set ct mark\n}\n",
	      out);
}

/* What a user's firewall has: `dnat` where translated packets shall pass. */
static void filters_write(FILE *out, const struct router_setup *setup)
{
	if (setup->firewall != FIREWALL_NONE)
		fprintf(out,
		        "chain forward {\ntype filter hook forward priority 0\npolicy drop\n"
		        "ct state established,related accept\n%siifname \"lan0\" accept\n}\n",
		        setup->firewall == FIREWALL_USUAL ? "ct status dnat accept\n" : "");
	if (setup->closed_input)
		fputs("chain input {\ntype filter hook input priority 0\npolicy drop\n"
		      "ct state established,related accept\niif \"lo\" accept\n"
		      "meta l4proto { icmp, ipv6-icmp } accept\n}\n",
		      out);
}

static void rules_write_ipv6(FILE *out, const struct router_setup *setup)
{
	fputs("table ip6 user {\n", out);
	if (setup->ip6 != SIPALG_TRANSLATION_NONE)
		fprintf(out, "chain postrouting {\ntype nat hook postrouting priority %d\noifname \"wan0\" %s\n}\n",
		        setup->nat_priority,
		        setup->ip6 == SIPALG_TRANSLATION_PORTS ? "masquerade"
		                                               : "ip6 saddr " LAB_ULA_PREFIX
		                                                 "/64 snat ip6 prefix to " LAB_TRANSLATED_PREFIX "/64");
	filters_write(out, setup);
	fputs("}\n", out);
}

/* What a user's router has: NAT, perhaps a firewall, perhaps the kernel's SIP helper. */
static const char *rules_text(struct store *store, const struct router_setup *setup, enum router router)
{
	struct writer writer;
	writer_open(&writer);
	fputs("table ip user {\n", writer.stream);
	if (router == ROUTER_KERNEL)
		fputs("ct helper sip-5060 {\ntype \"sip\" protocol udp\nl3proto ip\n}\n"
		      "ct helper sip-5060-tcp {\ntype \"sip\" protocol tcp\nl3proto ip\n}\n"
		      "chain helpers {\ntype filter hook prerouting priority -150\n"
		      "udp dport 5060 ct helper set \"sip-5060\"\n"
		      "tcp dport 5060 ct helper set \"sip-5060-tcp\"\n}\n",
		      writer.stream);
	fprintf(writer.stream, "chain postrouting {\ntype nat hook postrouting priority %d\noifname \"wan0\" %s\n}\n",
	        setup->nat_priority, setup->snat ? "snat to " LAB_WAN_ROUTER : "masquerade");
	if (setup->second_wan)
		rules_write_second_wan(writer.stream);
	filters_write(writer.stream, setup);
	fputs("}\n", writer.stream);
	rules_write_ipv6(writer.stream, setup);
	return writer_close(&writer, store).start;
}

/* The router's settings; this process is in its namespace. */
static const char *settings_write(struct store *store, const struct router_setup *setup)
{
	static const char udp[] = "/proc/sys/net/netfilter/nf_conntrack_udp_timeout";
	static const char stream[] = "/proc/sys/net/netfilter/nf_conntrack_udp_timeout_stream";
	if (!setting_write("/proc/sys/net/ipv4/ip_forward", "1") ||
	    !setting_write("/proc/sys/net/ipv6/conf/all/forwarding", "1"))
		return "cannot switch forwarding on";
	if (setup->udp_timeout_s > 0 && !setting_write(udp, store_format(store, "%u", setup->udp_timeout_s)))
		return "cannot set the UDP timeout";
	if (setup->udp_stream_timeout_s > 0 &&
	    !setting_write(stream, store_format(store, "%u", setup->udp_stream_timeout_s)))
		return "cannot set the UDP stream timeout";
	return NULL;
}

const char *network_build(struct store *store, const struct scenario *scenario, enum router router,
                          struct network *network)
{
	*network = (struct network){ .lan = -1, .wan = -1, .gateway = -1, .outside = LAB_WAN_ROUTER };
	network->lan = namespace_make();
	namespace_settle();
	network->wan = namespace_make();
	namespace_settle();
	network->gateway = namespace_make();
	namespace_settle();
	if (network->lan < 0 || network->wan < 0 || network->gateway < 0)
		return store_format(store, "cannot make a network namespace: %s", strerror(errno));
	const char *wrong = lan_make(store, network);
	if (!wrong)
		wrong = network_wan_make(store, network);
	if (!wrong && scenario->setup.second_wan)
		wrong = second_wan_make(store, network);
	network->rules = rules_text(store, &scenario->setup, router);
	if (!wrong)
		wrong = network_nft(store, network->gateway, network->rules);
	if (!wrong)
		wrong = settings_write(store, &scenario->setup);
	return wrong;
}

const char *network_host_add(struct store *store, const struct network *network, const sipalg_endpoint *host)
{
	char text[SIPALG_ADDRESS_TEXT_MAX];
	sipalg_address_write(&host->address, text);
	const char *line =
	        store_format(store, "addr add %s/%s dev eth0\n", text, endpoint_is_ipv6(*host) ? "64 nodad" : "24");
	return network_ip(store, endpoint_is_inside(*host) ? network->lan : network->wan, line);
}

static const char *host_have(struct store *store, struct network *network, const sipalg_endpoint *host)
{
	for (size_t i = 0; i < network->host_count; i++)
		if (sipalg_address_equal(&network->hosts[i].address, &host->address))
			return NULL;
	if (network->host_count == NETWORK_HOSTS_MAX)
		return "too many addresses";
	network->hosts[network->host_count++] = *host;
	return network_host_add(store, network, host);
}

int network_socket(struct store *store, struct network *network, sipalg_endpoint endpoint, const char **error)
{
	bool inside = endpoint_is_inside(endpoint);
	*error = host_have(store, network, &endpoint);
	if (*error)
		return -1;
	struct sockaddr_storage address;
	socklen_t length = endpoint_to_socket(endpoint, &address);
	namespace_enter(inside ? network->lan : network->wan);
	bool tcp = endpoint.protocol == SIPALG_PROTOCOL_TCP;
	int yes = 1;
	int file = socket(address.ss_family, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* A phone may connect from the very port at which it listens. */
	if (tcp && file >= 0)
		setsockopt(file, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes));
	bool good = file >= 0 && bind(file, (struct sockaddr *)&address, length) == 0;
	if (!good)
		*error = store_format(store, "cannot bind a socket: %s", strerror(errno));
	namespace_enter(network->gateway);
	if (!good && file >= 0)
		close(file);
	return good ? file : -1;
}

int network_watch(const struct network *network)
{
	namespace_enter(network->lan);
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
		                       .sll_protocol = htons(ETH_P_ALL),
		                       .sll_ifindex = (int)if_nametoindex("eth0") };
	int file = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
	bool good = file >= 0 && bind(file, (struct sockaddr *)&address, sizeof(address)) == 0;
	namespace_enter(network->gateway);
	if (!good && file >= 0)
		close(file);
	return good ? file : -1;
}

struct bytes network_rules(struct store *store, const struct network *network)
{
	static const char *const arguments[] = { "nft", "list", "ruleset", NULL };
	return command_run(store, network->gateway, arguments, NULL).output;
}

void network_release(struct network *network)
{
	close(network->lan);
	close(network->wan);
	close(network->gateway);
}
