# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# How each tool is run in a world of verdicts/run. Each function writes the tool's JSON to answer.json and fails, with a
# reason, only when the tool could not be run.

reflect_start() {
	spawn "$world_folder/reflect.log" ip netns exec "$world_prefix-server" "$sipalg_program" reflect
	await 5 inside server bash -c 'ss -Hltn "sport = 7060" | grep -q .' && return
	reason="sipalg reflect does not start: $(tail -n 1 "$world_folder/reflect.log")"
	return 1
}

# tool_run ARGUMENT...: 0, 1 and 2 are verdicts.
tool_run() {
	local status=0
	inside client timeout 120 "$sipalg_program" "$@" --json >"$world_folder/answer.json" 2>"$world_folder/tool.log" || status=$?
	((status <= 2)) && python3 -m json.tool "$world_folder/answer.json" >/dev/null 2>&1 && return
	reason="sipalg $1 ends with status $status: $(tail -n 1 "$world_folder/tool.log")"
	return 1
}

tool_check() {
	reflect_start && tool_run check "$server_address"
}

tool_check6() {
	reflect_start && tool_run check 2001:db8:2::2
}

# call_capture SIDE...: one call, captured at the router's inside, its outside, or both.
call_capture() {
	local side provider
	for side in "$@"; do
		spawn "$world_folder/$side.log" ip netns exec "$world_prefix-router" \
			tcpdump -U -n --immediate-mode -i "$side" -w "$world_folder/$side.pcap" udp
		await 5 grep -q listening "$world_folder/$side.log"
	done
	spawn "$world_folder/provider.log" ip netns exec "$world_prefix-server" \
		"$verdicts_folder/call.py" provider "$server_address"
	provider=$!
	await 5 inside server bash -c 'ss -Hlun "sport = 5060" | grep -q .'
	inside client "$verdicts_folder/call.py" phone "$inside_address" "$server_address" >"$world_folder/phone.log" 2>&1
	await 20 process_ended "$provider"
	sleep 0.2
	[[ ! -s $world_folder/phone.log ]] && return
	reason="the phone: $(tail -n 1 "$world_folder/phone.log")"
	return 1
}

tool_diagnose() {
	call_capture lan0 wan0 && tool_run diagnose "$world_folder/lan0.pcap" "$world_folder/wan0.pcap"
}

# What a provider's support desk has: the outside alone.
tool_diagnose1() {
	call_capture wan0 && tool_run diagnose "$world_folder/wan0.pcap"
}

# Seen from the hops on the way alone, as an ordinary user.
tool_path() {
	reflect_start && tool_run check --path "$server_address"
}

tool_path6() {
	reflect_start && tool_run check --path 2001:db8:2::2
}
