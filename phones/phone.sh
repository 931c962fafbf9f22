# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Phones: real ones (baresip), each in a network namespace of its own. A phone is told what to do (phone_say), waited
# for (phone_await) and listened to (heard, quiet). Sourced by phones/run.

declare -A phone_commands phone_events phone_recording phone_tone_hz
declare -A phone_call phone_closed # the call it is in, and what it was told when its last call ended

# A tone for each phone, so that a recording tells who was heard. None is a multiple of another.
phone_tone_hz=([alice]=440 [bob]=570 [carol]=730 [dave]=910)

# phone_start NAME NAMESPACE ADDRESS RTP_PORTS
phone_start() {
	local name=$1 namespace=$2 address=$3 rtp_ports=$4
	local folder=$world_folder/$name
	mkdir -p "$folder"
	phone_recording[$name]=$folder/heard.wav
	phone_configure "$name" "$address" "$rtp_ports" "$folder"
	mkfifo "$folder/commands" "$folder/events"

	spawn "$folder/log" ip netns exec "$namespace" baresip -s -f "$folder"
	spawn "$folder/control.log" ip netns exec "$namespace" "$phones_folder/control.sh" "$folder/commands" "$folder/events"

	# Opened for reading and writing, so that neither end waits for the other.
	exec {phone_commands[$name]}<>"$folder/commands" {phone_events[$name]}<>"$folder/events"
}

phone_configure() {
	local name=$1 address=$2 rtp_ports=$3 folder=$4
	sed -e "s|@ADDRESS@|$address|; s|@RTP_PORTS@|$rtp_ports|; s|@MODULES@|$modules_folder|" \
		-e "s|@TONE_HZ@|${phone_tone_hz[$name]}|; s|@RECORDING@|${phone_recording[$name]}|" \
		"$phones_folder/baresip/config" >"$folder/config"
	echo "# none: phones/scenarios.sh adds it when the phone is to register" >"$folder/accounts"
}

# phone_say NAME COMMAND...
phone_say() {
	local name=$1
	shift
	printf '%s\n' "$*" >&"${phone_commands[$name]}"
}

# phone_await NAME SECONDS EVENT: reads the phone's events until that one, and notes what each says about calls.
phone_await() {
	local name=$1 event=$3 line type
	local deadline_us=$((${EPOCHREALTIME/./} + $2 * 1000000)) left_us
	while left_us=$((deadline_us - ${EPOCHREALTIME/./})) && ((left_us > 0)); do
		IFS= read -r -t "$(seconds_text "$left_us")" -u "${phone_events[$name]}" line || return 1
		phone_note "$name" "$line" type
		[[ $type == "$event" ]] && return 0
	done
	return 1
}

# phone_catch_up NAME: reads what has happened so far.
phone_catch_up() {
	local name=$1 line type
	while IFS= read -r -t 0.01 -u "${phone_events[$name]}" line; do
		phone_note "$name" "$line" type
	done
}

# phone_note NAME LINE VARIABLE: remembers the event and puts its type into VARIABLE. The end of an earlier call is no
# end of this one: it gets the type OLD_CALL_CLOSED.
phone_note() {
	local name=$1 line=$2
	local -n type_out=$3
	local id=""
	printf '%s %s\n' "$EPOCHREALTIME" "$line" >>"$world_folder/$name/events.log"
	type_out=""
	[[ $line =~ \"type\":\"([A-Z_]+)\" ]] && type_out=${BASH_REMATCH[1]}
	[[ $line == *\"response\":true* ]] && type_out=RESPONSE
	[[ $line =~ \"id\":\"([^\"]*)\" ]] && id=${BASH_REMATCH[1]}
	case $type_out in
	CALL_INCOMING | CALL_ESTABLISHED | CALL_RINGING | CALL_PROGRESS)
		phone_call[$name]=$id
		;;
	CALL_CLOSED)
		if [[ ${phone_call[$name]:-} != "" && ${phone_call[$name]} != "$id" ]]; then
			type_out=OLD_CALL_CLOSED
			return
		fi
		phone_call[$name]=""
		[[ $line =~ \"param\":\"([^\"]*)\" ]] && phone_closed[$name]=${BASH_REMATCH[1]}
		;;
	esac
	return 0
}

seconds_text() {
	printf '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000))
}

# How long a phone has been listening, in hundredths of a second: a moment in its recording.
recording_now() {
	local size=44
	[[ -e ${phone_recording[$1]} ]] && size=$(stat -c %s "${phone_recording[$1]}")
	echo $(((size - 44) / 160)) # 8000 samples a second, two bytes each
}

recording_seconds() {
	printf '%d.%02d' $(($1 / 100)) $(($1 % 100))
}

# heard LISTENER SPEAKER SECONDS: within that time a whole second of the speaker's tone must arrive.
heard() {
	local listener=$1 speaker=$2 mark now
	local deadline_us=$((${EPOCHREALTIME/./} + $3 * 1000000))
	mark=$(recording_now "$listener")
	while ((${EPOCHREALTIME/./} < deadline_us)); do
		now=$(recording_now "$listener")
		if ((now >= mark + 100)) && listen "$listener" "$speaker" $((now - 100)) "$now"; then
			return 0
		fi
		sleep 0.1
	done
	reason="$listener does not hear $speaker"
	return 1
}

# quiet LISTENER SPEAKER: after a moment for packets under way, nothing of the speaker's tone for a second.
quiet() {
	local listener=$1 speaker=$2 mark attempt
	mark=$(($(recording_now "$listener") + 40))
	for ((attempt = 0; attempt < 40; attempt++)); do
		(($(recording_now "$listener") >= mark + 100)) && break
		sleep 0.1
	done
	listen "$listener" "$speaker" "$mark" $((mark + 100)) --silent && return 0
	reason="$listener still hears $speaker"
	return 1
}

# listen LISTENER SPEAKER FROM TO [--silent]
listen() {
	"$tone_program" --from "$(recording_seconds "$3")" --to "$(recording_seconds "$4")" ${5:+"$5"} \
		"${phone_recording[$1]}" "${phone_tone_hz[$2]}" >>"$world_folder/$1/tones.log"
}
