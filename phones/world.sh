# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A world: the network of phones/run's drawing, in network namespaces whose names begin with this run's own prefix, and
# every process in it. What world_build makes, world_destroy takes away. Sourced by phones/run.

# On a real router an idle UDP mapping lives 30 seconds, and 120 once it has been answered. Shorter ones make the test
# short: what must outlive them here outlives the longer ones for the same reason.
udp_timeout_s=5
udp_stream_timeout_s=8

world_members=(router internet provider alice bob carol dave)
world_processes=()

# spawn LOG COMMAND...: starts a process of this world in the background; its number is then in $!.
spawn() {
	local log=$1
	shift
	"$@" >"$log" 2>&1 </dev/null &
	world_processes+=($!)
}

# await SECONDS COMMAND...: until the command succeeds.
await() {
	local deadline_us=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift
	until "$@" >/dev/null 2>&1; do
		((${EPOCHREALTIME/./} < deadline_us)) || return 1
		sleep 0.05
	done
}

# inside MEMBER COMMAND...: runs it in that member's network namespace.
inside() {
	local member=$1
	shift
	ip netns exec "$world_prefix-$member" "$@"
}

world_build() {
	local member
	for member in "${world_members[@]}"; do
		ip netns add "$world_prefix-$member"
		inside "$member" sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
		ip -n "$world_prefix-$member" link set lo up
	done
	bridge_build router lan0
	bridge_build internet internet0
	ip -n "$world_prefix-router" address add 192.168.1.1/24 dev lan0

	cable alice eth0 192.168.1.2 router lan0 192.168.1.1
	cable bob eth0 192.168.1.3 router lan0 192.168.1.1
	cable router wan0 203.0.113.1 internet internet0 203.0.113.254
	cable provider eth0 203.0.113.2 internet internet0 203.0.113.254
	cable carol eth0 203.0.113.9 internet internet0 203.0.113.254
	cable dave eth0 203.0.113.10 internet internet0 203.0.113.254

	# Private addresses lead nowhere on the internet, and nobody says so: packets to them just vanish there.
	for member in router provider carol dave; do
		ip -n "$world_prefix-$member" neighbour add 203.0.113.254 lladdr 02:00:00:00:00:fe nud permanent \
			dev "$([[ $member == router ]] && echo wan0 || echo eth0)"
	done
}

bridge_build() {
	ip -n "$world_prefix-$1" link add "$2" type bridge
	ip -n "$world_prefix-$1" link set "$2" up
}

# cable MEMBER INTERFACE ADDRESS SWITCH BRIDGE GATEWAY
cable() {
	local member=$1 interface=$2 address=$3 switch=$4 bridge=$5 gateway=$6
	ip -n "$world_prefix-$member" link add "$interface" type veth peer name "to-$member" netns "$world_prefix-$switch"
	ip -n "$world_prefix-$switch" link set "to-$member" master "$bridge" up
	ip -n "$world_prefix-$member" address add "$address/24" dev "$interface"
	ip -n "$world_prefix-$member" link set "$interface" up
	ip -n "$world_prefix-$member" route add default via "$gateway"
}

# The router every column starts from: masquerading and a firewall as on a home router. Inside may begin anything;
# outside may answer, and nothing else.
router_plain() {
	inside router sysctl -q -w net.ipv4.ip_forward=1
	inside router nft -f - <<-'RULES'
		table inet firewall {
			chain input {
				type filter hook input priority filter; policy drop
				iifname { "lo", "lan0" } accept
				ct state established,related accept
				icmp type echo-request accept
			}
			chain forward {
				type filter hook forward priority filter; policy drop
				ct state established,related accept
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
	inside router sysctl -q -w net.netfilter.nf_conntrack_udp_timeout=$udp_timeout_s \
		net.netfilter.nf_conntrack_udp_timeout_stream=$udp_stream_timeout_s
}

# The kernel's own ALG (nf_conntrack_sip, nf_nat_sip) with its defaults, attached as distributions document it.
router_kernel() {
	router_plain
	inside router nft -f - <<-'RULES'
		table ip sip_helper {
			ct helper sip {
				type "sip" protocol udp
			}
			chain prerouting {
				type filter hook prerouting priority filter
				udp dport 5060 ct helper set "sip"
			}
		}
	RULES
}

router_sipalg() {
	router_plain
	router_tables_before=$(inside router nft list tables)
	sipalg_start
}

sipalg_start() {
	spawn "$world_folder/sipalg.log" ip netns exec "$world_prefix-router" "$sipalg_program" run --lan lan0 --wan wan0 \
		--socket "$world_folder/sipalg/control" --state "$world_folder/sipalg/switches"
	sipalg_process=$!
	await 5 grep -qx "sipalg: ready" "$world_folder/sipalg.log" && return
	reason="sipalg does not start: $(tail -n 1 "$world_folder/sipalg.log")"
	return 1
}

# A crash harms nobody at once, since packets then pass as they are; so it is looked for.
sipalg_runs() {
	local status=0
	process_ended "$sipalg_process" || return 0
	wait "$sipalg_process" || status=$?
	reason="sipalg had ended by itself with status $status: $(tail -n 1 "$world_folder/sipalg.log")"
	return 1
}

sipalg_kill() {
	sipalg_runs || return 1
	kill -KILL "$sipalg_process"
	wait "$sipalg_process" 2>/dev/null || true
	mv "$world_folder/sipalg.log" "$world_folder/sipalg.before-kill.log"
}

sipalg_ask() {
	inside router "$sipalg_program" --socket "$world_folder/sipalg/control" "$@" >"$world_folder/sipalg.answer" 2>&1 && return
	reason="sipalg $1: $(tail -n 1 "$world_folder/sipalg.answer")"
	return 1
}

sipalg_knows_call() {
	sipalg_ask show calls && grep -qw up "$world_folder/sipalg.answer" && return
	reason="sipalg does not know of the call"
	return 1
}

sipalg_switch_off() {
	sipalg_ask off
}

sipalg_switch_on() {
	sipalg_ask on
}

# Asked of the kernel, not of sipalg: the phones' RTP port stands in no rule and no map.
sipalg_forgot_media() {
	await 3 sipalg_rules_lack_media && return
	reason="a media port is still open"
	return 1
}

sipalg_rules_lack_media() {
	inside router nft list table inet sipalg >"$world_folder/sipalg.rules" && ! grep -qw 10000 "$world_folder/sipalg.rules"
}

# sipalg_stop: asks it to end; it must do so, say that all went well, and leave the router's tables as they were.
sipalg_stop() {
	local status=0
	sipalg_runs || return 1
	kill -TERM "$sipalg_process"
	await 5 process_ended "$sipalg_process" || {
		reason="sipalg does not end on SIGTERM"
		return 1
	}
	wait "$sipalg_process" || status=$?
	if ((status != 0)); then
		reason="sipalg ended with status $status: $(tail -n 1 "$world_folder/sipalg.log")"
		return 1
	fi
	local left
	left=$(comm -13 <(sort <<<"$router_tables_before") <(inside router nft list tables | sort) | paste -sd ,)
	[[ -z $left ]] && return
	reason="left in the kernel: $left"
	return 1
}

process_ended() {
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status"
}

# Kamailio asks for its own host name at start. Where /etc/hosts does not have it, nobody in this network answers.
provider_start() {
	spawn "$world_folder/kamailio.log" ip netns exec "$world_prefix-provider" \
		env RES_OPTIONS="timeout:1 attempts:1" kamailio -DD -E -m 32 -M 4 \
		-f "$phones_folder/kamailio.cfg" -Y "$world_folder" -P "$world_folder/kamailio.pid"
	await 10 provider_listens || {
		reason="kamailio does not start: $(tail -n 1 "$world_folder/kamailio.log")"
		return 1
	}
}

provider_listens() {
	inside provider ss -Hlnu 'sport = 5060' | grep -q 203.0.113.2
}

# capture_start: with --keep, what crosses the router's two sides is kept too, when tcpdump is there.
capture_start() {
	local interface
	[[ -n $keep_folder ]] && command -v tcpdump >/dev/null || return 0
	for interface in lan0 wan0; do
		spawn "$world_folder/$interface.log" ip netns exec "$world_prefix-router" \
			tcpdump -U -n -i "$interface" -w "$world_folder/$interface.pcap" udp
	done
}

world_ended() {
	local process
	for process in "${world_processes[@]}"; do
		process_ended "$process" || return 1
	done
}

world_destroy() {
	local member process
	trap '' HUP INT TERM # a second one must not leave half of it behind
	for process in "${world_processes[@]}"; do
		kill -TERM "$process" 2>/dev/null || true
	done
	await 1 world_ended || true
	for process in "${world_processes[@]}"; do
		kill -KILL "$process" 2>/dev/null || true # a phone would wait long for the provider to let it go
		wait "$process" 2>/dev/null || true
	done
	for member in "${world_members[@]}"; do
		ip netns list 2>/dev/null | grep -q "^$world_prefix-$member\b" || continue
		ip netns pids "$world_prefix-$member" | xargs -r kill -KILL 2>/dev/null || true
		ip netns delete "$world_prefix-$member"
	done
}
