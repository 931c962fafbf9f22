# SPDX-License-Identifier: GPL-2.0-or-later
"""How much of what, and when: a run of minutes for each change, and a long one."""

import dataclasses
import random

from programs import TCP, UDP

RINGING_S = 600
SHORT_S = 120  # a shorter run has short calls, and each event once or twice


@dataclasses.dataclass
class Plan:
    seconds: float         # in which calls begin and things happen
    talk_ms: tuple         # a call's length, at least and at most; twice that where it has an INVITE in the middle
    ring_ms: tuple         # how long a phone rings
    calls_per_minute: dict  # of each group of phones over UDP, of all over TCP
    ring_each_s: float     # the provider calls so often
    ring_calls: int        # … so many phones over UDP, and one over TCP
    refresh_s: int         # phones register so often
    expires_s: int         # … and ask for so long
    media_idle_s: int
    malformed_each_s: float
    events: list           # (when, what), by time
    seed: str

    @property
    def is_short(self):
        return self.seconds < SHORT_S

    @property
    def scenario(self):
        return {"talk_min_ms": self.talk_ms[0], "talk_max_ms": self.talk_ms[1], "ring_min_ms": self.ring_ms[0],
                "ring_max_ms": self.ring_ms[1]}

    @property
    def longest_call_s(self):
        """Who hears nothing of an end hangs up after it."""
        return 2 * self.talk_ms[1] / 1000 + 4


def plan_for(seconds, seed):
    if seconds < SHORT_S:
        return Plan(seconds, (1200, 3000), (300, 1000), {UDP: 60, TCP: 40}, 2, 3, 3, 8, 6, 0.1,
                       events_short(seconds), seed)
    return Plan(seconds, (3000, 40000), (300, 3000), {UDP: 18, TCP: 10}, 10, 4, 15, 40, 30, 0.25,
                   events_long(seconds, random.Random(seed)), seed)


def events_short(seconds):
    """Everything in its turn, and the last calls are disturbed by nothing."""
    turns = ("kill", "reload", "callers", "change", "kill", "rings", "reload", "called", "kill")
    return [((number + 2) * seconds / (len(turns) + 9), what) for number, what in enumerate(turns)]


def events_long(seconds, chance):
    """At random times. In the last third the daemon lives on, to see what its memory does; and nobody dies in the last
    minutes, since a call that rings when one of its ends dies is kept for eleven."""
    events = []
    for what, least_s, most_s, until_s in (("kill", 90, 210, seconds * 2 / 3), ("reload", 60, 180, seconds),
                                           ("change", 240, 420, seconds), ("callers", 60, 180, seconds - RINGING_S),
                                           ("called", 90, 240, seconds - RINGING_S), ("rings", 60, 180, seconds - RINGING_S)):
        at = chance.uniform(least_s / 2, most_s / 2)
        while at < until_s - 10:
            events.append((at, what))
            at += chance.uniform(least_s, most_s)
    return sorted(events)
