# SPDX-License-Identifier: GPL-2.0-or-later
"""The phones and the provider: which sipp programs play whom.

    name          who                                          sipp
    registrar-T   the provider's registrar, T is udp or tcp    registrar.xml
    answer-T      what the provider's phones answer            answer.xml
    callers-udp-N phones that call                             call.xml
    called-T-N    phones that are called                       pickup.xml
    signing-udp-N the same ones, as they register              register.xml
    homes-udp     phones that do nothing but come and go       register.xml
    ring-N        a few calls by the provider                  ring.xml
    caller-tcp-N  one call of a phone over TCP                 call.xml
    signer-tcp-N  one registration over TCP                    register.xml

A sipp whose TCP connection breaks ends, so over TCP there is one for each call and each registration: none takes others
with it.
"""

import dataclasses
import os
import re
import signal
import subprocess

from world import PHONES

HERE = os.path.dirname(os.path.abspath(__file__))
REGISTRAR, ANSWERS = "203.0.113.2", "203.0.113.3"
UDP, TCP = "udp", "tcp"
EVER = 1000000000
SET_DESTINATION = '<setdest host="[field1]" port="[field2]" protocol="udp"/>'  # over TCP there is but one
EACH_ITS_SOCKET = ("-t", "ui", "-ip_field", 0)
# sipp is content with being late on a busy machine, and says nothing more when it gives a call up.
MANNERS = ("-max_socket", "2000", "-watchdog_interval", "0", "-default_behaviors", "all,-bye")
ANSWER_S = 20  # so long it waits for one; who is called waits for the end of the call


@dataclasses.dataclass
class Group:
    """Phones that one sipp plays: over UDP each has a socket of its own, over TCP there is one."""
    transport: str
    number: int
    phones: list  # addresses

    def name(self, what):
        return f"{what}-{self.transport}-{self.number}"


CALLERS = [Group(UDP, 0, PHONES[0:20]), Group(UDP, 1, PHONES[20:40])]
CALLED = [Group(UDP, 0, PHONES[40:60]), Group(UDP, 1, PHONES[60:80]), Group(TCP, 0, PHONES[110:111]),
          Group(TCP, 1, PHONES[111:112])]
CALLERS_TCP = PHONES[112:132]
HOMES = Group(UDP, 0, PHONES[80:110])


def phone_name(address):
    return f"u{address.rsplit('.', 1)[1]}"


class Program:
    """One sipp and the log that its scenario writes."""

    def __init__(self, world, folder, member, name, scenario, options):
        self.name, self.member, self.log = name, member, f"{folder}/{name}.log"
        words = ["sipp", *options, "-sf", f"{folder}/{scenario}.xml", *MANNERS, "-nostdin", "-trace_logs", "-log_file", self.log,
                 "-trace_err", "-error_file", f"{folder}/{name}.errors"]
        self.process = subprocess.Popen(world.words(member, *map(str, words)), cwd=folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def finish(self):
        """Calls that are up go on; no others begin."""
        self.process.send_signal(signal.SIGUSR1)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def has_ended(self):
        return self.process.poll() is not None


class Programs:
    def __init__(self, world, folder, plan):
        self.world, self.folder, self.plan = world, folder, plan
        self.running = {}  # by name, without the number of the start
        self.all = []
        self.starts = 0
        for transport in (UDP, TCP):
            for name in ("call", "answer", "pickup", "ring", "register", "registrar"):
                self._scenario(f"{HERE}/{name}.xml", f"{name}-{transport}", transport)

    def _scenario(self, source, name, transport):
        """Our own places in a scenario are filled in; sipp's are its own."""
        values = {**self.plan.scenario, "transport": transport, "staying": 1.0 if transport == TCP else 0.7,
                  "local_port": "5060" if transport == TCP else "[local_port]",
                  "destination": "" if transport == TCP else SET_DESTINATION}
        with open(source, encoding="utf-8") as file:
            text = re.sub(r"@([a-z_]+)@", lambda found: str(values[found[1]]), file.read())
        with open(f"{self.folder}/{name}.xml", "w", encoding="utf-8") as file:
            file.write(text)

    def _list(self, name, rows):
        path = f"{self.folder}/{name}.csv"
        with open(path, "w", encoding="utf-8") as file:
            file.write("SEQUENTIAL\n" + "".join(";".join(map(str, row)) + ";\n" for row in rows))
        return path

    def _start(self, name, member, scenario, *options):
        self.starts += 1
        patience_s = self.plan.longest_call_s if scenario.startswith(("answer", "pickup")) else ANSWER_S
        options = *options, "-recv_timeout", int(patience_s * 1000)
        program = Program(self.world, self.folder, member, f"{name}.{self.starts}", scenario, options)
        self.running[name] = program
        self.all.append(program)

    # ---- the provider

    def provider_start(self):
        for transport, mode, first in ((UDP, "u1", 10000), (TCP, "t1", 20000)):
            self._start(f"registrar-{transport}", "provider", f"registrar-{transport}", "-i", REGISTRAR, "-p", 5060, "-t", mode)
            ports = self._list(f"ports-{transport}", ([port] for port in range(first, first + 10000, 2)))
            self._start(f"answer-{transport}", "provider", f"answer-{transport}", "-i", ANSWERS, "-p", 5060, "-t", mode,
                        "-inf", ports)

    def ring(self, number, transport, rows, rate_per_minute):
        """Calls the phones in rows: name, address and port of the Contact, provider's and phone's media port."""
        first = rows[0]
        self._start(f"ring-{number}", "provider", f"ring-{transport}", f"{first[1]}:{first[2]}", "-i", REGISTRAR,
                    "-p", 40000 + number % 20000, "-t", "u1" if transport == UDP else "t1",
                    "-inf", self._list(f"ring-{number}", rows), "-m", len(rows), "-l", len(rows),
                    "-r", rate_per_minute, "-rp", 60000, "-cid_str", f"ring-{number}-%u")

    # ---- the phones

    def phones_start(self):
        for group in CALLERS:
            self.callers_start(group)
        for group in CALLED:
            self.called_start(group)
            if group.transport == UDP:
                self._register(group.name("signing"), group.phones, 5062)
        self._register("homes-udp", HOMES.phones, 5060)

    def callers_start(self, group):
        rows = [(phone, phone_name(phone), port) for port in range(10000, 10100, 2) for phone in group.phones]
        self._start(group.name("callers"), "phones", "call-udp", f"{ANSWERS}:5060", *EACH_ITS_SOCKET, "-i", group.phones[0],
                    "-p", 5060, "-inf", self._list(group.name("callers"), rows), "-r", self.plan.calls_per_minute[UDP],
                    "-rp", 60000, "-m", EVER, "-l", 500)

    def called_start(self, group):
        """They answer; that they register, too, is another program, which may go on without this one."""
        mode = EACH_ITS_SOCKET if group.transport == UDP else ("-t", "t1")
        rows = [(phone, phone_name(phone)) for phone in group.phones]
        self._start(group.name("called"), "phones", f"pickup-{group.transport}", *mode, "-i", group.phones[0], "-p", 5060,
                    "-inf", self._list(group.name("called"), rows))

    def _register(self, name, phones, port):
        self._start(name, "phones", "register-udp", f"{REGISTRAR}:5060", *EACH_ITS_SOCKET, "-i", phones[0], "-p", port,
                    "-inf", self._list(name, [(phone, phone_name(phone)) for phone in phones]), "-r", len(phones),
                    "-rp", self.plan.refresh_s * 1000, "-m", EVER, "-l", 500, "-key", "expires", self.plan.expires_s)

    def call_by_tcp(self, number):
        phone = CALLERS_TCP[number % len(CALLERS_TCP)]
        self._once(f"caller-tcp-{number}", "call-tcp", ANSWERS, number, (phone, phone_name(phone), 10000 + 2 * number % 20000))

    def register_by_tcp(self, number):
        phones = [phone for group in CALLED if group.transport == TCP for phone in group.phones]
        phone = phones[number % len(phones)]
        self._once(f"signer-tcp-{number}", "register-tcp", REGISTRAR, number, (phone, phone_name(phone)), "-key", "expires",
                   self.plan.expires_s)

    def _once(self, name, scenario, server, number, row, *options):
        self._start(name, "phones", scenario, f"{server}:5060", "-i", row[0], "-p", 40000 + number % 20000, "-t", "t1",
                    "-inf", self._list(name, [row]), "-m", 1, *options)

    # ---- all of them

    def kill(self, name):
        """As a power cut would; returns the program."""
        program = self.running.pop(name)
        program.kill()
        return program

    def finish(self):
        """No more calls, no more registrations."""
        for name, program in self.running.items():
            if name.startswith(("callers", "signing", "homes")) and not program.has_ended():
                program.finish()

    def destroy(self):
        for program in self.running.values():
            program.kill()
        self.running = {}
