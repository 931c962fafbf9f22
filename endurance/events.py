# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens to the router, the phones and the provider while calls are up."""

import random
import time

from programs import CALLED, CALLERS, TCP, UDP, phone_name
from load import MEDIA_PORTS, PHONE_PORTS

DIALLING_S = 2  # without any outside address
DEAD_S = 1      # until a phone without power has it again
SET_UP_S = 3    # a kill waits so long for a call that is being set up


class Events:
    def __init__(self, plan, world, daemon, programs, load, say):
        self.plan, self.world, self.daemon, self.programs, self.load, self.say = plan, world, daemon, programs, load, say
        self.chance = random.Random(plan.seed)
        self.began = time.monotonic()
        self.left = [(self.began + at, what) for at, what in plan.events]
        self.later = []         # (when, function)
        self.changes = []       # (address lost, address there again)
        self.flushes = []       # when the rules were loaded anew
        self.deaths = []        # (when, whose) a program was killed
        self.counts = {}        # {what: how often}
        self.set_up_at_kills = []  # calls that were being set up
        self.killed_calls = 0
        self.rings = 0
        minute = 60 / plan.calls_per_minute[TCP]
        # (when next, how often, what)
        self.turns = [[self.began + 3, plan.ring_each_s, self._ring],
                      [self.began, minute, lambda: programs.call_by_tcp(self._number())],
                      [self.began, plan.refresh_s / 2, lambda: programs.register_by_tcp(self._number())]]

    def tend(self):
        """To be called often, as long as calls begin."""
        now = time.monotonic()
        while self.left and self.left[0][0] <= now:
            if not self._happen(self.left[0][1], now - self.left[0][0]):
                break
            self.left.pop(0)
        for group in CALLED:  # sipp gives up when a connection is reset; a phone would not
            program = self.programs.running.get(group.name("called"))
            if program is not None and program.has_ended():
                self.programs.called_start(group)
        for turn in self.turns:
            if turn[0] <= now:
                turn[0] += turn[1]
                turn[2]()
        self.settle()

    def settle(self):
        """Ends what has begun."""
        now = time.monotonic()
        due = [entry for entry in self.later if entry[0] <= now]
        self.later = [entry for entry in self.later if entry[0] > now]
        for _, function in due:
            function()

    def _happen(self, what, late_s):
        """False: not yet."""
        if what == "kill" and not self._kill(late_s):
            return False
        if what == "change" and not self._change():
            return False
        if what == "reload":
            self.flushes.append(time.monotonic())
            self.world.rules_load()
        elif what in ("callers", "called"):
            self._phones_die(what)
        elif what == "rings":
            self._ringing_dies()
        self.counts[what] = self.counts.get(what, 0) + 1
        return True

    def _kill(self, late_s):
        set_up = self.load.being_set_up()
        if not self.daemon.is_ready() or not set_up and late_s < SET_UP_S:
            return False
        self.set_up_at_kills += set_up
        self.daemon.kill()
        self.say(f"kill -9, while {len(self.load.up())} calls were up and {len(set_up)} being set up")
        return True

    def _change(self):
        if self.world.address is None:
            return False
        down, before = time.monotonic(), self.world.address
        self.world.address_lose()
        self.later.append((down + DIALLING_S, lambda: self._address_come(down, before)))
        return True

    def _address_come(self, down, before):
        self.world.address_take()
        self.changes.append((down, time.monotonic()))
        self.say(f"the outside address was {before}, is {self.world.address}")

    def changes_until_now(self):
        if self.world.address is None and self.later:
            return [*self.changes, (time.monotonic() - DIALLING_S, time.monotonic() + DIALLING_S)]
        return self.changes

    def _phones_die(self, what):
        group = self.chance.choice(CALLERS if what == "callers" else CALLED)
        if group.name(what) not in self.programs.running:
            return
        self._died(what, self.load.kill(group.name(what)))
        start = self.programs.callers_start if what == "callers" else self.programs.called_start
        self.later.append((time.monotonic() + DEAD_S, lambda: start(group)))

    def _ringing_dies(self):
        ringing = [name for name, program in self.programs.running.items()
                   if name.startswith("ring-") and not program.has_ended()]
        if ringing:
            self._died("rings", self.load.kill(self.chance.choice(ringing)))

    def _died(self, what, calls):
        self.deaths.append((time.monotonic(), what))
        self.killed_calls += calls

    def _ring(self):
        """The provider calls a few phones at the Contacts that it has."""
        fresh = time.monotonic() - 1.5 * self.plan.refresh_s
        for transport, most in ((UDP, self.plan.ring_calls), (TCP, 1)):
            names = [phone_name(phone) for group in CALLED if group.transport == transport for phone in group.phones]
            there = [name for name in names if name in self.load.contacts and self.load.contacts[name][0] > fresh
                     and self.load.contacts[name][1] == self.world.address]
            rows = [(name, *self.load.contacts[name][1:], MEDIA_PORTS[self._number() % len(MEDIA_PORTS)],
                     PHONE_PORTS[self.rings % len(PHONE_PORTS)])
                    for name in self.chance.sample(there, min(most, len(there)))]
            if rows:
                self.programs.ring(self._number(), transport, rows, 120)

    def _number(self):
        self.rings += 1
        return self.rings

    def disturbances(self):
        """(from, to, whom): when a call may well not come about. A datagram that is lost is sent again, but for sipp a
        request that passed unedited before and is edited now is another one."""
        spans = [(begin - 3, end + 2, lambda call: True) for begin, end in self.daemon.gaps()]
        for down, up in self.changes_until_now():
            spans.append((down - 3, up + 1, lambda call: True))
            spans.append((down - 3, up + self.plan.refresh_s + 2, is_incoming))
        return spans + [(died - 3, died + DEAD_S + 1, is_incoming) for died, what in self.deaths if what == "called"]


def is_incoming(call):
    return call.name.startswith("ring-")
