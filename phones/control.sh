#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# control.sh COMMANDS EVENTS: a phone's remote control. Runs beside the phone, in its network namespace, and joins
# baresip's control port (JSON in netstrings, "LENGTH:TEXT,") with two named pipes: a command a line in, an event a
# line out.
set -euo pipefail
export LC_ALL=C # a netstring counts bytes

connect() {
	local attempt
	for ((attempt = 0; attempt < 100; attempt++)); do
		{ exec {phone}<>/dev/tcp/127.0.0.1/4444; } 2>/dev/null && return
		sleep 0.05
	done
	echo "control: the phone does not start" >&2
	return 1
}

events_copy() {
	local length text
	while IFS= read -r -d : -u "$phone" length; do
		IFS= read -r -N "$length" -u "$phone" text
		IFS= read -r -N 1 -u "$phone" _
		printf '%s\n' "$text"
	done
}

commands_copy() {
	local command parameter text
	while read -r command parameter; do
		text="{\"command\":\"$command\",\"params\":\"$parameter\"}"
		printf '%d:%s,' "${#text}" "$text" >&"$phone"
	done
}

connect
events_copy >"$2" &
trap 'kill $! 2>/dev/null' EXIT
commands_copy <"$1"
