# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the phones do, and what must come of it. One row of the table is one check: a function that returns 0, or sets
# $reason to a short sentence and returns 1. Sourced by phones/run.

# The rows, in the order in which they are shown: id and title. What begins with sipalg_ is asked of sipalg only.
rows=(
	"bench|outside calls outside, past the router"
	"register|both inside phones register"
	"out_call|inside calls outside, heard both ways"
	"out_hold|inside holds: silence; resumes: heard again"
	"out_hangup|inside hangs up, outside notices"
	"in_hold|outside holds: silence; resumes: heard again"
	"in_call|outside calls inside, heard both ways"
	"in_hangup|outside hangs up, inside notices"
	"idle_incoming|incoming call after silence beyond the UDP timeout"
	"inside_call|inside calls inside, heard both ways"
	"inside_hangup|inside hangs up, inside notices"
	"two_calls|both in calls at once with the same RTP port"
	"long_hold|on hold beyond the UDP timeout, heard after"
	"long_hangup|outside hangs up that call, inside notices"
	"sipalg_closed|after the calls no port of theirs is open"
	"sipalg_off|sipalg is switched off in a call: the sound goes on"
	"sipalg_on|switched on: that call ends, a new one comes in"
	"sipalg_killed|sipalg is killed in a call: the sound goes on"
	"sipalg_restarted|started again: that call ends, a new one comes in"
	"sipalg_renewed|stopped, started: the sound goes on, holds, resumes"
	"sipalg_renewed_end|that call ends, a new one comes in unregistered"
	"sipalg_stopped|sipalg stops and leaves nothing behind"
)

# check ID FUNCTION ARGUMENT...: runs it and writes down how it went.
check() {
	local id=$1 outcome=failed
	shift
	reason=""
	"$@" && outcome=passed
	[[ $outcome == passed ]] && reason=""
	printf '%s|%s|%s\n' "$id" "$outcome" "$reason" >>"$world_folder/outcomes"
	progress "$router" "$(row_title "$id")" "$outcome" "$reason"
}

is_up() {
	[[ $1 == up ]] && return
	reason="no call"
	return 1
}

scenarios_run() {
	check bench outside_call
	check register all_registered
	local bob_silent_since_s=$SECONDS

	scenario_outgoing
	scenario_incoming
	scenario_idle_incoming "$bob_silent_since_s"
	scenario_inside
	scenario_two_calls
	[[ $router == sipalg ]] || return 0
	check sipalg_closed sipalg_forgot_media
	scenario_interrupted sipalg_off sipalg_switch_off sipalg_on sipalg_switch_on
	scenario_interrupted sipalg_killed sipalg_kill sipalg_restarted sipalg_start
	scenario_renewed
	check sipalg_stopped sipalg_stop
}

outside_call() {
	registered carol && registered dave && call carol dave && both_heard carol dave && hang_up dave carol
	local status=$?
	all_hang_up carol dave
	return $status
}

all_registered() {
	registered alice && registered bob
}

# alice calls carol, holds, resumes and hangs up; in a second call it is carol who holds.
scenario_outgoing() {
	local call=up
	call alice carol || call=down
	local why=$reason
	check out_call talk "$call" "$why" alice carol
	check out_hold hold_talk "$call" alice carol
	check out_hangup end_talk "$call" alice carol
	all_hang_up alice carol
	call=up
	call alice carol || call=down
	check in_hold hold_talk "$call" carol alice
	all_hang_up alice carol
}

# carol calls alice, and hangs up.
scenario_incoming() {
	local call=up
	call carol alice || call=down
	local why=$reason
	check in_call talk "$call" "$why" carol alice
	check in_hangup end_talk "$call" carol alice
	all_hang_up alice carol
}

# dave calls bob, who has been silent since he registered.
scenario_idle_incoming() {
	local silent_until_s=$(($1 + udp_stream_timeout_s + 3))
	while ((SECONDS < silent_until_s)); do
		sleep 0.2
	done
	check idle_incoming idle_call
	all_hang_up bob dave
}

idle_call() {
	call dave bob && both_heard dave bob
}

# alice calls bob; both talk to the provider only through the router. bob hangs up.
scenario_inside() {
	local call=up
	call alice bob || call=down
	local why=$reason
	check inside_call talk "$call" "$why" alice bob
	check inside_hangup end_talk "$call" bob alice
	all_hang_up alice bob
}

# alice talks to carol while bob talks to dave; then alice holds for longer than the router remembers, and resumes.
scenario_two_calls() {
	local call=up
	call alice carol || call=down
	local why=$reason
	check two_calls second_call "$call" "$why"
	all_hang_up bob dave
	check long_hold long_hold "$call"
	check long_hangup end_talk "$call" carol alice
	all_hang_up alice carol
}

# scenario_interrupted ID END ID BEGIN: a call that is up must not notice that sipalg ends; and when it is back, it must
# still know, or find out, what it needs for that call's end and for the next one.
scenario_interrupted() {
	local call=up
	call alice carol || call=down
	check "$1" interrupted_call "$call" "$reason" "$2"
	check "$3" recovered_call "$call" "$4"
	all_hang_up alice carol
}

interrupted_call() {
	reason=$2
	[[ $1 == up ]] && "$3" && both_heard alice carol
}

recovered_call() {
	is_up "$1" && "$2" && hang_up carol alice && call carol alice && both_heard carol alice
}

# As after an upgrade: the process goes, its successor knows all that it knew.
scenario_renewed() {
	local call=up
	call alice carol || call=down
	check sipalg_renewed renewed_call "$call" "$reason"
	check sipalg_renewed_end ended_and_called "$call"
	all_hang_up alice carol
}

renewed_call() {
	reason=$2
	[[ $1 == up ]] && sipalg_stop && both_heard alice carol && sipalg_start && both_heard alice carol &&
		hold alice && resume alice && both_heard alice carol
}

# Of the other interrupted calls the outside phone hangs up; of this one the inside phone.
ended_and_called() {
	is_up "$1" && hang_up alice carol && call carol alice && both_heard carol alice && sipalg_knows_call
}

second_call() {
	reason=$2
	[[ $1 == up ]] || return 1
	both_heard alice carol && call bob dave && both_heard bob dave && both_heard alice carol
}

long_hold() {
	is_up "$1" || return 1
	hold alice || return 1
	local until_s=$((SECONDS + udp_stream_timeout_s + 3))
	while ((SECONDS < until_s)); do
		sleep 0.2
	done
	resume alice && both_heard alice carol
}

talk() {
	reason=$2
	[[ $1 == up ]] && both_heard "$3" "$4"
}

hold_talk() {
	local holder=$2 other=$3
	is_up "$1" || return 1
	hold "$holder" && quiet "$other" "$holder" && quiet "$holder" "$other" &&
		resume "$holder" && both_heard "$holder" "$other"
}

end_talk() {
	is_up "$1" || return 1
	hang_up "$2" "$3"
}

# ---- what phones do to each other

registered() {
	phone_say "$1" uanew "<sip:$1@203.0.113.2;transport=$transport>;auth_pass=secret;regint=3600;answermode=manual"
	phone_await "$1" 6 REGISTER_OK && return
	reason="$1 cannot register"
	return 1
}

# call FROM TO: dials, lets it ring, answers; both must then say that the call is up.
call() {
	local from=$1 to=$2
	phone_catch_up "$from"
	phone_catch_up "$to"
	phone_call[$from]=""
	phone_call[$to]=""
	phone_closed[$from]=""
	phone_say "$from" dial "sip:$to@203.0.113.2;transport=$transport"
	phone_await "$to" 4 CALL_INCOMING || {
		phone_catch_up "$from"
		reason="$to does not ring${phone_closed[$from]:+ ($from is told: ${phone_closed[$from]})}"
		return 1
	}
	phone_say "$to" accept
	phone_await "$from" 4 CALL_ESTABLISHED || {
		reason="$from does not learn that $to answered"
		return 1
	}
	phone_await "$to" 4 CALL_ESTABLISHED || {
		reason="the ACK does not reach $to"
		return 1
	}
	reason=""
}

both_heard() {
	heard "$2" "$1" 4 && heard "$1" "$2" 4
}

# hold PHONE, resume PHONE: a re-INVITE, whose answer must arrive.
hold() {
	phone_catch_up "$1"
	phone_say "$1" hold
	phone_await "$1" 4 CALL_REMOTE_SDP && return
	reason="no answer to the hold by $1"
	return 1
}

resume() {
	phone_catch_up "$1"
	phone_say "$1" resume
	phone_await "$1" 4 CALL_REMOTE_SDP && return
	reason="no answer when $1 resumes"
	return 1
}

# hang_up PHONE OTHER: the other one must learn of it.
hang_up() {
	phone_say "$1" hangup
	phone_await "$2" 4 CALL_CLOSED && return
	reason="$2 does not learn that $1 hung up"
	return 1
}

# After a scenario no phone is in a call, whatever went wrong.
all_hang_up() {
	local name
	for name in "$@"; do
		phone_catch_up "$name"
		phone_say "$name" hangup
		phone_await "$name" 2 RESPONSE
	done
}
