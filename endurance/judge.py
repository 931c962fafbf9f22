# SPDX-License-Identifier: GPL-2.0-or-later
"""What may be lost and what may not: functions of what was seen, which look at nothing else. Times are seconds."""

import dataclasses
import math

SECOND_PACKETS = 50  # of sound
SLACK_S = 1.0        # between what two processes see at the same time
CONNECTED_S = 2.0    # from a connection to its first request
SNAPSHOT_S = 0.5     # what happened so shortly before a kill no snapshot tells
INTERVAL_S = 0.02


@dataclasses.dataclass
class Side:
    """What one end of a call sent and heard, as rtp tells."""
    sent: int
    received: int
    foreign: int
    lost: int
    last: int
    began: float
    ended: float
    heard: float
    gaps: list  # (from, to, packets)


@dataclasses.dataclass
class Call:
    name: str
    tried: float = None          # the caller's INVITE left
    asked: float = None          # … and came to who is called
    offers: list = dataclasses.field(default_factory=list)  # (when, the phone's media address as the provider read it)
    players: set = dataclasses.field(default_factory=set)   # names of the programs that play its ends
    is_tcp: bool = False
    is_killed: bool = False      # one of these programs was killed


def side_read(line):
    """(call's name, Side) of a line that rtp has written."""
    name, *numbers = line.split()
    sent, received, foreign, lost, last = map(int, numbers[:5])
    began, ended, heard = (int(number) / 1000 for number in numbers[5:8])
    gaps = []
    for word in numbers[8:]:
        times, packets = word.split(":")
        begin, end = times.split("-")
        gaps.append((int(begin) / 1000, int(end) / 1000, int(packets)))
    return name, Side(sent, received, foreign, lost, last, began, ended, heard, gaps)


def silences(hearer, speaker):
    """(from, to, packets): where a second of the speaker's sound or more never came to the hearer, up to the end."""
    before = max(0.0, hearer.began - speaker.began) / INTERVAL_S
    found = [(begin, end, packets) for begin, end, packets in hearer.gaps
             if begin > hearer.began or packets - before >= SECOND_PACKETS]
    after = max(0.0, speaker.ended - hearer.ended) / INTERVAL_S
    missing = speaker.sent - hearer.last - after
    if missing >= SECOND_PACKETS:
        found.append((hearer.heard, hearer.ended, int(missing)))
    return found


def is_private(address):
    return address.startswith("192.168.")


def passed_unread(call, number, absences):
    """Whether an offer went out as the phone wrote it, for nobody was there to read it. A connection that nobody read at
    its beginning is never read."""
    if number > 0 and call.is_tcp and passed_unread(call, 0, absences):
        return True
    time, address = call.offers[number]
    return is_private(address) and any(begin - SLACK_S <= time <= end + CONNECTED_S for begin, end in absences)


def only_the_kernel_knew(time, flushes, absences):
    """(whether, since when) of an offer in the last moment before a kill: no snapshot tells of it, and the kernel's own
    tables were flushed before the next start."""
    for begin, end in absences:
        if begin - SNAPSHOT_S <= time <= end and any(begin <= flush <= end for flush in flushes):
            return True, begin
    return False, None


def excuses(call, began, ended, changes, absences, flushes):
    """Spans of a call in which it may be silent: from a change of the outside address, from an offer that passed as it was
    while no daemon ran, and from the flush of the tables that alone knew of an offer, until the phone's next offer, or the
    call's end when there is none."""
    spans = []
    for down, up in changes:
        if any(time <= up + SLACK_S for time, _ in call.offers) and ended >= down:
            spans.append((down, min((time for time, _ in call.offers if time > up + SLACK_S), default=ended)))
    for number, (time, address) in enumerate(call.offers):
        until = call.offers[number + 1][0] if number + 1 < len(call.offers) else ended
        if passed_unread(call, number, absences):
            spans.append((min(began, time) if number == 0 else time, until))
        is_lost, since = only_the_kernel_knew(time, flushes, absences)
        if is_lost:
            spans.append((since, until))
    return joined(spans)


def joined(spans):
    """The same times, in as few spans as possible."""
    found = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1] + SLACK_S:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def faults_of(call, phone, provider, changes, absences, flushes=(), stalls=()):
    """What is wrong with a call that both ends had, as sentences. Flushes: when all rules went and came anew. Stalls: when
    this program got no turn and told nobody that calls had ended."""
    began, ended = max(phone.began, provider.began), min(phone.ended, provider.ended)
    spans = excuses(call, min(phone.began, provider.began), max(phone.ended, provider.ended), changes, absences,
                    flushes)
    for number, (_, address) in enumerate(call.offers):
        if is_private(address) and not passed_unread(call, number, absences):
            yield f"{call.name}: the provider was told {address} although the daemon ran"
    for who, hearer, speaker in (("the phone", phone, provider), ("the provider", provider, phone)):
        if hearer.foreign:
            yield f"{call.name}: {who} heard {hearer.foreign} packets of another call"
        for begin, end, packets in silences(hearer, speaker):
            if end >= hearer.ended and any(first - SLACK_S <= begin and end <= last + SLACK_S for first, last in stalls):
                continue
            if not any(first - SLACK_S <= begin and end <= last + 2 * SLACK_S for first, last in spans):
                yield (f"{call.name}: {who} missed {packets} packets from {begin - began:.1f} s to {end - began:.1f} s "
                       f"of {ended - began:.1f} s")


def should_have_come_about(call, disturbances):
    """Whether nothing was going on that may keep a call from being set up. A disturbance: (from, to, whom), the last a
    function of the call."""
    return not call.is_killed and not any(begin <= call.tried <= end and whom(call) for begin, end, whom in disturbances)


def slope(points):
    """Least squares with an intercept for each group, of (group, x, y): (slope, standard error), or None."""
    groups = {}
    for group, x, y in points:
        groups.setdefault(group, []).append((x, y))
    squares = products = rest = 0.0
    for members in groups.values():
        mean_x = sum(x for x, _ in members) / len(members)
        mean_y = sum(y for _, y in members) / len(members)
        squares += sum((x - mean_x) ** 2 for x, _ in members)
        products += sum((x - mean_x) * (y - mean_y) for x, y in members)
        rest += sum((y - mean_y) ** 2 for _, y in members)
    free = len(points) - len(groups) - 1
    if free < 1 or squares == 0:
        return None
    value = products / squares
    return value, math.sqrt(max(0.0, rest - value * products) / free / squares)
