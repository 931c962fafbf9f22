# SPDX-License-Identifier: GPL-2.0-or-later
"""The calls: what sipp's scenarios log is read as it is written, and handed on to rtp, one program for each side, which
sends the sound and counts what arrives."""

import os
import subprocess
import time

from judge import Call, side_read

MEDIA_PORTS, PHONE_PORTS = range(30000, 60000, 2), range(20000, 30000, 2)


class Follower:
    """Whole lines of a file that grows, and may not be there yet."""

    def __init__(self, path):
        self.path, self.file, self.rest = path, None, ""

    def lines(self):
        if self.file is None:
            if not os.path.exists(self.path):
                return []
            self.file = open(self.path, encoding="utf-8", errors="replace")
        *whole, self.rest = (self.rest + self.file.read()).split("\n")
        return whole


class Sound:
    """One side's rtp, and the calls it has."""

    def __init__(self, world, member, program, folder):
        self.begun, self.over = {}, set()  # {call: (when, which program played it)}
        self.orders = open(f"{folder}/{member}.calls", "w", encoding="utf-8", buffering=1)
        self.output = open(f"{folder}/{member}.heard", "w", encoding="utf-8")
        self.reports = Follower(self.output.name)
        self.process = subprocess.Popen(world.words(member, program, self.orders.name), stdin=subprocess.DEVNULL,
                                        stdout=self.output, stderr=subprocess.STDOUT)

    def begin(self, name, words, program):
        if name not in self.begun:
            self.begun[name] = (time.monotonic(), program)
            print("begin", name, *words, file=self.orders)

    def move(self, name, words):
        print("move", name, *words, file=self.orders)

    def end(self, name):
        if name in self.begun and name not in self.over:
            self.over.add(name)
            print("end", name, file=self.orders)

    def up(self):
        return [name for name in self.begun if name not in self.over]

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Load:
    def __init__(self, world, programs, rtp, folder, longest_call_s):
        self.programs, self.longest_call_s = programs, longest_call_s
        self.sounds = {member: Sound(world, member, rtp, folder) for member in ("phones", "provider")}
        self.calls = {}
        self.contacts = {}    # {phone's name: (when, address, port)}
        self.registered = 0   # REGISTERs that came to the provider
        self.halves = {}      # {call: {member: Side}} until both ends' are there
        self._followers = {}  # {program's log: Follower}

    def tend(self):
        """To be called often. Returns the calls that are over, with what both ends heard."""
        for program in self.programs.all:
            self._log_read(program)
        self._end_overdue()
        self.programs.all = [program for program in self.programs.all
                             if program.name.rsplit(".", 1)[0] in self.programs.running and not program.has_ended()]
        return list(self._heard())

    def _log_read(self, program):
        for line in self._followers.setdefault(program.log, Follower(program.log)).lines():
            self._line_read(program, line.split())

    def _line_read(self, program, words):
        if words[:1] == ["contact"] and len(words) == 4:
            self.contacts[words[1]] = (time.monotonic(), words[2], words[3])
            self.registered += 1
        elif len(words) >= 2 and words[0] in ("tried", "asked", "begin", "move", "end"):
            call = self.calls.setdefault(words[1], Call(words[1]))
            self._word_apply(program, call, words[0], words[2:])

    def _word_apply(self, program, call, word, rest):
        now, sound = time.monotonic(), self.sounds[program.member]
        call.players.add(program.name)
        call.is_tcp |= "-tcp" in program.name
        # For sipp an INVITE that comes again edited, and had passed unedited, is an error, and then another call.
        is_offer = word == "move" or word in ("asked", "begin") and not call.offers
        if program.member == "provider" and is_offer:
            call.offers.append((now, rest[-2]))
        if word == "tried":
            call.tried = now
        elif word == "asked":
            call.asked = now
        elif word == "begin":
            sound.begin(call.name, rest, program.name)
        elif word == "move":
            sound.move(call.name, rest)
        else:
            sound.end(call.name)

    def _end_overdue(self):
        """Who is never told that a call has ended hangs up some day."""
        latest = time.monotonic() - self.longest_call_s
        for sound in self.sounds.values():
            for name in sound.up():
                if sound.begun[name][0] < latest:
                    sound.end(name)

    def end_all(self):
        for sound in self.sounds.values():
            for name in sound.up():
                sound.end(name)

    def _heard(self):
        for member, sound in self.sounds.items():
            for line in sound.reports.lines():
                name, side = side_read(line)
                self.halves.setdefault(name, {})[member] = side
                if len(self.halves[name]) == 2:
                    halves = self.halves.pop(name)
                    yield self.calls[name], halves["phones"], halves["provider"]

    def kill(self, name):
        """A program dies, and the sound of its calls with it. Returns how many were up."""
        program = self.programs.kill(name)
        self._log_read(program)
        sound = self.sounds[program.member]
        for call in self.calls.values():
            if program.name in call.players and not all(call.name in sound.over for sound in self.sounds.values()):
                call.is_killed = True
        theirs = [call for call in sound.up() if sound.begun[call][1] == program.name]
        for call in theirs:
            sound.end(call)
        return len(theirs)

    def being_set_up(self):
        return [call for call in self.calls.values()
                if call.asked is not None and call.name not in self.sounds["phones"].begun
                and time.monotonic() - call.asked < 3]

    def up(self):
        return set(self.sounds["phones"].up()) & set(self.sounds["provider"].up())
