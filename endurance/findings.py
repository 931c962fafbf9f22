# SPDX-License-Identifier: GPL-2.0-or-later
"""What the run finds: faults of calls as they end, what is left at the end, and what both come to."""

import json

from judge import faults_of, is_private, should_have_come_about, slope

TOLD_MAX = 20       # faults of one kind that are told one by one
YOUNG_S, MINUTE_S, OLD_S = 5, 60, 300  # ages of a process; by the last it has touched all that it works with: what has
# ended is remembered for two minutes
STEEP_KIB_H = 1024  # more growth than this is no flat memory
GROWN_KIB = 1024    # … in a run that is too short for a slope


def kernel_elements(world):
    """{name: number of elements} of the gateway's maps, and of its sets that forget."""
    found = {}
    for entry in json.loads(world.output("router", "nft", "-j", "list", "ruleset"))["nftables"]:
        for held in (entry.get("map"), entry.get("set")):
            if held and held["table"].startswith("sipalg") and "timeout" in held.get("flags", ()) and held.get("elem"):
                found[f"elements of {held['name']}"] = len(held["elem"])
    return found


def waits_for_its_time(binding, calls):
    """Whether a binding is one that no setting makes shorter: of a call that rang when one of its ends died (11 minutes),
    or what a daemon opened just before it was killed (a lease of 15 minutes)."""
    inside = binding["inside"].rsplit(":", 1)[0]
    rings = any(call["phone"] == inside and call["state"] == "ringing" for call in calls)
    return rings or binding["carries"] == "signalling" and binding["owners"] == 0 and binding["seconds_left"] <= 900


def what_is_left(world, daemon, is_short):
    """{what: number} of what should be nothing when all have hung up and gone. A short run does not wait for everything."""
    found = {}
    for what in ("bindings", "calls", "phones", "connections"):
        answer = daemon.ask(what)
        if not answer:
            return {"an answer": 1}
        found[what] = answer[what]
    waiting = [binding for binding in found["bindings"] if is_short and waits_for_its_time(binding, found["calls"])]
    left = {what: len(those) for what, those in found.items()}
    left["bindings"] -= len(waiting)
    if is_short:
        left["calls"] -= sum(call["state"] == "ringing" for call in found["calls"])
    elements = kernel_elements(world)
    if waiting:  # what they have in the kernel, and no more
        elements = {"elements of out": elements.get("elements of out", 0) - len(waiting)}
    left.update(elements)
    left["flows"] = len(world.flows())
    if not is_short:
        left["sockets that close"] = len(world.sockets_closing())
    return {what: number for what, number in left.items() if number}


def difference(before, after):
    """{what: lines} that were not there before, or are no longer."""
    changed = {what: sorted(set(after[what]) ^ set(before[what])) for what in before}
    return {what: lines for what, lines in changed.items() if lines}


class Findings:
    def __init__(self, say):
        self.say = say
        self.faults = {}      # {kind: [sentence]}
        self.checks = []      # (title, passed, words)
        self.heard = 0        # calls that both ends had
        self.packets = self.packets_lost = 0
        self.moved = self.unedited = self.across_kill = 0
        self.seconds = 0.0
        self.faulty = set()   # names of calls

    def fault(self, kind, sentence):
        told = self.faults.setdefault(kind, [])
        told.append(sentence)
        if len(told) <= TOLD_MAX:
            self.say(f"{kind}: {sentence}")

    def call_over(self, call, phone, provider, changes, absences, kills, flushes, stalls):
        self.heard += 1
        self.seconds += max(0.0, min(phone.ended, provider.ended) - max(phone.began, provider.began))
        self.unedited += self._is_unedited(call)
        self.across_kill += any(call.tried and call.tried <= kill <= phone.began for kill in kills)
        self.moved += any(began for began, _ in changes if phone.began <= began <= phone.ended)
        found = list(faults_of(call, phone, provider, changes, absences, flushes, stalls))
        if not self._is_excused(call, phone, changes):
            self.packets += phone.sent + provider.sent
            self.packets_lost += max(0, provider.last - provider.received) + max(0, phone.last - phone.received)
        for sentence in found:
            self.fault("a call lost sound", sentence)
            self.faulty.add(call.name)

    @staticmethod
    def _is_unedited(call):
        return any(is_private(address) for _, address in call.offers)

    def _is_excused(self, call, phone, changes):
        return self._is_unedited(call) or any(phone.began <= up and phone.ended >= down for down, up in changes)

    def calls_not_set_up(self, load, disturbances):
        """(undisturbed calls, those of them that did not come about)"""
        phones, provider = (load.sounds[member].begun for member in ("phones", "provider"))
        undisturbed = [call for call in load.calls.values() if call.tried and should_have_come_about(call, disturbances)]
        missing = [call for call in undisturbed if call.name not in phones or call.name not in provider]
        for call in missing:
            where = "never came to who is called" if call.asked is None else "came to who is called"
            self.fault("a call did not come about", f"{call.name}: it {where}")
        return len(undisturbed), len(missing)

    def check(self, title, passed, words):
        self.checks.append((title, bool(passed), words))

    def passed_all(self):
        return all(passed for _, passed, _ in self.checks)


def memory_found(samples, is_short):
    """(passed, words, {label: words})"""
    firsts = {}
    for sample in samples:
        firsts.setdefault(sample.life, sample.time)
    aged = [(sample, sample.time - firsts[sample.life]) for sample in samples]
    oldest = max((age for sample, age in aged if sample.life == max(firsts)), default=0)
    old_s = YOUNG_S if is_short else min(OLD_S, oldest / 3)
    last = [sample for sample, age in aged if sample.life == max(firsts) and age > old_s]
    if is_short:
        grown = last[-1].memory_kib - last[0].memory_kib if last else GROWN_KIB + 1
        return grown <= GROWN_KIB, f"{grown:+,} KiB in the last life, but for its first {YOUNG_S} s", {}
    young = [sample for sample, age in aged if MINUTE_S <= age < 1.5 * MINUTE_S]
    found = {label: slope([(0, sample.time / 3600, sample.memory_kib) for sample in those])
             for label, those in ((f"in the last life, but for its first {old_s / 60:.0f} minutes", last),
                                  ("from life to life, at an age of 60 to 90 s", young))}
    texts = {label: "not enough samples" if line is None else f"{line[0]:+,.1f} ± {line[1]:,.1f} KiB an hour"
             for label, line in found.items()}
    passed = all(line is not None and line[0] - 2 * line[1] <= STEEP_KIB_H for line in found.values())
    return passed, "; ".join(f"{label} {text}" for label, text in texts.items()), texts
