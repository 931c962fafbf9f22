/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A model of what Linux does: connection tracking of UDP and TCP, masquerade or another translation, a firewall for
 * what is not translated, and the bindings the engine commands. */
#ifndef LAB_NAT_H
#define LAB_NAT_H

#include "lab/scenario.h"
#include "sipalg/engine.h"

enum {
	NAT_FLOWS_MAX = 4096,
	NAT_BINDINGS_MAX = 2048,
	NAT_SERVERS_MAX = 8,
	NAT_TCP_TIMEOUT_S = 432000,     /* nf_conntrack_tcp_timeout_established's */
	NAT_UDP_TIMEOUT_S = 30,         /* nf_conntrack_udp_timeout's default */
	NAT_UDP_STREAM_TIMEOUT_S = 120, /* nf_conntrack_udp_timeout_stream's */
};

/* One entry of connection tracking. */
struct nat_flow {
	sipalg_endpoint inside, peer, outside;
	bool from_outside; /* who began */
	bool replied;
	uint64_t deadline_ns; /* 0: the entry is free */
};

/* One element of the maps. */
struct nat_binding {
	uint32_t handle;
	sipalg_endpoint inside, outside;
	bool admits_any, signalling;
	sipalg_address peers[SIPALG_PEERS_MAX];
	size_t peer_count;
	uint64_t deadline_ns; /* 0: the entry is free */
};

struct nat {
	sipalg_address outside, outside6; /* the router's addresses */
	sipalg_address former; /* … and that of the WAN by which all went before the failover; none: it is gone */
	enum sipalg_translation ip6; /* NONE, PORTS, or PREFIX of the unique local network */
	bool second_is_gone;         /* the second network inside */
	bool firewall;               /* what comes in must belong to a flow or a binding, though it be routed */
	sipalg_address servers[NAT_SERVERS_MAX]; /* trusted */
	size_t server_count;
	uint32_t udp_timeout_s, udp_stream_timeout_s;
	size_t flow_count, binding_count; /* no entry behind these has been used */
	struct nat_flow flows[NAT_FLOWS_MAX];
	struct nat_binding bindings[NAT_BINDINGS_MAX];
	const char *wrong; /* the first command that cannot be right */
};

/* The router's address is another one now. */
void nat_readdress(struct nat *nat, const sipalg_address *outside);

/* What is new goes by another WAN. Flows stay where they are. */
void nat_fail_over(struct nat *nat, const sipalg_address *outside);

/* The router's address as this flow shows it, or as it would if it began now. */
sipalg_address nat_address(const struct nat *nat, uint64_t now_ns, sipalg_endpoint inside, sipalg_endpoint peer);

/* The flows of this address of the router's end. */
void nat_forget_address(struct nat *nat, const sipalg_address *outside);

/* Connection tracking is emptied. */
void nat_forget_flows(struct nat *nat);

/* The outside port the flow has already; 0: there is no such flow. */
uint16_t nat_mapping(const struct nat *nat, uint64_t now_ns, sipalg_endpoint inside, sipalg_endpoint peer);

/* True when another inside endpoint talks to this peer from this outside endpoint. */
bool nat_is_occupied(const struct nat *nat, uint64_t now_ns, sipalg_endpoint outside, sipalg_endpoint peer,
                     sipalg_endpoint inside);

enum { NAT_NETWORKS = 4 };

/* The inside networks as the engine wants to know them; returns how many. */
size_t nat_networks(const struct nat *nat, sipalg_network networks[NAT_NETWORKS]);

/* True when this is an address of the router, or one it translates. */
bool nat_is_own(const struct nat *nat, const sipalg_address *address);

/* True when SIP is expected at this outside endpoint. */
bool nat_is_signalling(struct nat *nat, uint64_t now_ns, sipalg_endpoint outside);

/* A packet goes out: the source it gets. */
sipalg_endpoint nat_outbound(struct nat *nat, uint64_t now_ns, sipalg_endpoint inside, sipalg_endpoint peer);

/* A packet comes in for one of the router's ports, or for an inside host whose network is routed: where it goes. False:
 * nowhere. */
bool nat_inbound(struct nat *nat, uint64_t now_ns, sipalg_endpoint peer, sipalg_endpoint outside,
                 sipalg_endpoint *inside);

/* Sets the bits of the ports at this address that a flow or a binding has. */
void nat_mark_ports(const struct nat *nat, uint64_t now_ns, sipalg_endpoint at, uint8_t *ports);

/* Carries a command out. ASK_TRAFFIC is answered through *alive; true: it was asked. */
bool nat_command(struct nat *nat, uint64_t now_ns, const sipalg_command *command, bool *alive);

#endif
