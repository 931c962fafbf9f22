# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The networks of verdicts/run: one or two routers of any kind between a client and a server. Sourced after
# phones/world.sh, of which it uses the rest.

inside_address=192.168.10.20
outside_address=203.0.113.120 # as long as the inside address, so that TCP streams keep their length
server_address=198.51.100.2
second_address=198.51.100.9

# join MEMBER INTERFACE MEMBER INTERFACE
join() {
	ip -n "$world_prefix-$1" link add "$2" type veth peer name "$4" netns "$world_prefix-$3"
	ip -n "$world_prefix-$1" link set "$2" up
	ip -n "$world_prefix-$3" link set "$4" up
}

# address MEMBER INTERFACE ADDRESS/LENGTH...
address() {
	local member=$1 interface=$2 given
	shift 2
	for given in "$@"; do
		ip -n "$world_prefix-$member" address add "$given" dev "$interface" nodad 2>/dev/null ||
			ip -n "$world_prefix-$member" address add "$given" dev "$interface"
	done
}

member_make() {
	ip netns add "$world_prefix-$1"
	ip -n "$world_prefix-$1" link set lo up
	inside "$1" sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.accept_dad=0
}

# verdict_world_build KIND [KIND]: the client behind a router of that kind, or behind two, the first of which is nearer.
verdict_world_build() {
	local member
	world_members=(client router internet server)
	[[ -z ${2:-} ]] || world_members+=(carrier)
	for member in "${world_members[@]}"; do
		member_make "$member"
	done
	join client eth0 router lan0
	address client eth0 "$inside_address/24" 2001:db8:10::20/64
	address router lan0 192.168.10.1/24 2001:db8:10::1/64
	ip -n "$world_prefix-client" route add default via 192.168.10.1
	ip -n "$world_prefix-client" route add default via 2001:db8:10::1
	internet_build
	if [[ -z ${2:-} ]]; then
		uplink router
		router_become router "$1" "$inside_address" "$outside_address"
	else
		carrier_build "$@"
	fi
}

# The internet is a router, too, which knows no way to private addresses and does not say so.
internet_build() {
	join internet server0 server eth0
	address internet server0 198.51.100.1/24 2001:db8:2::1/64
	address server eth0 "$server_address/24" "$second_address/24" 2001:db8:2::2/64 2001:db8:2::9/64
	ip -n "$world_prefix-server" route add default via 198.51.100.1
	ip -n "$world_prefix-server" route add default via 2001:db8:2::1
	ip -n "$world_prefix-internet" route add blackhole 192.168.0.0/16
	ip -n "$world_prefix-internet" route add blackhole 100.64.0.0/10
}

# uplink MEMBER: what makes it the last router before the internet.
uplink() {
	join "$1" wan0 internet customer0
	address "$1" wan0 "$outside_address/24" 2001:db8:1::78/64
	address internet customer0 203.0.113.254/24 2001:db8:1::1/64
	ip -n "$world_prefix-$1" route add default via 203.0.113.254
	ip -n "$world_prefix-$1" route add default via 2001:db8:1::1
	ip -n "$world_prefix-internet" route add 2001:db8:10::/64 via 2001:db8:1::78
}

carrier_build() {
	join router wan0 carrier lan0
	address router wan0 100.64.10.20/24
	address carrier lan0 100.64.10.1/24
	ip -n "$world_prefix-router" route add default via 100.64.10.1
	uplink carrier
	router_become router "$1" "$inside_address" 100.64.10.20
	router_become carrier "$2" 100.64.10.20 "$outside_address"
}

# router_become MEMBER KIND INSIDE OUTSIDE
router_become() {
	local member=$1 kind=$2
	case $kind in
	none) ip -n "$world_prefix-internet" route add 192.168.10.0/24 via "$4" ;;
	plain) nat_rules "$member" ;;
	kernel) nat_rules "$member" && helper_rules "$member" ;;
	sipalg) nat_rules "$member" && gateway_start "$member" ;;
	short) nat_rules "$member" && forgetful_become "$member" udp_timeout udp_timeout_stream ;;
	short-tcp) nat_rules "$member" && forgetful_become "$member" tcp_timeout_established ;;
	short-sipalg)
		nat_rules "$member" && forgetful_become "$member" udp_timeout udp_timeout_stream &&
			gateway_start "$member"
		;;
	lossy) nat_rules "$member" && loss_rules "$member" ;;
	lossy-sipalg) nat_rules "$member" && loss_rules "$member" && gateway_start "$member" ;;
	fault:*) nat_rules "$member" && meddler_start "$member" "${kind#fault:}" "$3" "$4" ;;
	esac
}

# forgetful_become MEMBER TIMEOUT...: what is silent for five seconds is forgotten.
forgetful_become() {
	local member=$1 timeout
	shift
	for timeout in "$@"; do
		inside "$member" sysctl -q -w "net.netfilter.nf_conntrack_$timeout=5"
	done
}

# A bad line: every twenty-fifth datagram is lost.
loss_rules() {
	inside "$1" nft -f - <<-'RULES'
		table inet line {
			chain forward {
				type filter hook forward priority filter - 10
				meta l4proto udp numgen inc mod 25 == 0 drop
			}
		}
	RULES
}

# A home router's: inside may begin anything, outside may answer.
nat_rules() {
	inside "$1" nft -f - <<-'RULES'
		table inet firewall {
			chain forward {
				type filter hook forward priority filter; policy drop
				ct state established,related accept
				ct status dnat accept
				iifname "lan0" accept
			}
		}
		table ip nat {
			chain postrouting {
				type nat hook postrouting priority srcnat
				oifname "wan0" masquerade
			}
		}
	RULES
}

# The kernel's own ALG, attached as distributions document it.
helper_rules() {
	inside "$1" nft -f - <<-'RULES'
		table ip sip_helper {
			ct helper sip-udp {
				type "sip" protocol udp
			}
			ct helper sip-tcp {
				type "sip" protocol tcp
			}
			chain prerouting {
				type filter hook prerouting priority filter
				udp dport 5060 ct helper set "sip-udp"
				tcp dport 5060 ct helper set "sip-tcp"
			}
		}
	RULES
}

gateway_start() {
	spawn "$world_folder/sipalg.log" ip netns exec "$world_prefix-$1" "$sipalg_program" run --lan lan0 --wan wan0 \
		--socket "$world_folder/sipalg/control" --state "$world_folder/sipalg/switches"
	await 5 grep -qx "sipalg: ready" "$world_folder/sipalg.log" && return
	reason="sipalg does not start: $(tail -n 1 "$world_folder/sipalg.log")"
	return 1
}

# meddler_start MEMBER FAULT INSIDE OUTSIDE: an ALG that opens every port that it may have named, so that only what its
# fault says is wrong. One that rewrites nothing opens nothing.
meddler_start() {
	local member=$1 fault=$2
	inside "$member" iptables -I FORWARD -p udp -j NFQUEUE --queue-num 7
	inside "$member" iptables -I FORWARD -p tcp -j NFQUEUE --queue-num 7
	if "$meddler_program" --opens "$fault"; then
		inside "$member" iptables -t nat -I PREROUTING -i wan0 -p udp -j DNAT --to-destination "$3"
	fi
	spawn "$world_folder/meddler.log" ip netns exec "$world_prefix-$member" "$meddler_program" "$fault" "$3" "$4"
	await 5 grep -qx "meddler: ready" "$world_folder/meddler.log" && return
	reason="the meddler does not start: $(tail -n 1 "$world_folder/meddler.log")"
	return 1
}
