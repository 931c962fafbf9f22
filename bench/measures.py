# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the programs of the benchmark and keeps the best of several runs, taken in turns so that whatever else the machine
does meets all of them alike."""

import contextlib
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

from captures import write_calls
from kamailio import Kamailio

IDLE_CONNECTIONS = 4000
SERVER, PROXY = "100.77.0.2", "10.9.0.1"  # where phones open their connections
PEERS = ("sipalg", "libosip2", "sofia-sip", "libre")


def memory_kb(process):
    """Resident memory, of what is shared the process's part."""
    with open(f"/proc/{process}/smaps_rollup", encoding="ascii") as rollup:
        return int(re.search(r"^Pss:\s*(\d+)", rollup.read(), re.M)[1])


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


class Bench:
    def __init__(self, build, cpu, quick):
        self.build, self.cpu, self.quick = build, cpu, quick

    def run(self, program, *arguments, prefix=()):
        """The lines that a program prints, split at tabs; the program keeps to one core."""
        done = subprocess.run([*prefix, f"{self.build}/bench/{program}", *arguments], text=True, check=True,
                              stdout=subprocess.PIPE, preexec_fn=lambda: os.sched_setaffinity(0, {self.cpu}))
        return [line.split("\t") for line in done.stdout.splitlines()]

    def engine(self):
        """{peer: {task: (bytes, ns, instructions or None)}}"""
        results = {peer: {} for peer in PEERS}
        rounds = 1 if self.quick else 3
        for number in range(rounds):
            for peer in PEERS:
                say(f"the engine alone, round {number + 1} of {rounds}: {peer}")
                for task, size, _, ns in self.run(f"bench-{peer}", *(["--quick"] if self.quick else [])):
                    best = results[peer].get(task, (0, float("inf")))[1]
                    results[peer][task] = (int(size), min(best, float(ns)), None)
        for peer in () if self.quick else PEERS:
            for task, count in self.instructions(peer).items():
                results[peer][task] = (*results[peer][task][:2], count)
        return results

    def instructions(self, peer):
        if not shutil.which("valgrind"):
            return {}
        say(f"instructions: {peer}")
        with tempfile.TemporaryDirectory() as folder:
            rows = self.run(f"bench-{peer}", "--count", prefix=(
                "valgrind", "-q", "--tool=callgrind", "--collect-atstart=no",
                f"--callgrind-out-file={folder}/counts"))
            messages = {task: int(count) for task, _, count, _ in rows}
            counts = {}
            for path in glob.glob(f"{folder}/counts.*"):
                with open(path, encoding="utf-8", errors="replace") as dump:
                    text = dump.read()
                task = re.search(r"^desc: Trigger: Client Request: (.*)$", text, re.M)
                total = re.search(r"^(?:totals|summary): (\d+)", text, re.M)
                if task and total and task[1] in messages:
                    counts[task[1]] = int(total[1]) / messages[task[1]]
            return counts

    def calls(self, routers):
        """{kind: {"us": best µs of CPU a call, "lost": calls, "rewritten": share, "restored": share}}"""
        # Fewer calls in all than the gateway remembers by default, those that ended half a minute ago included.
        rounds, count = (6, 2500) if self.quick else (24, 2500)
        results = {}
        for router in routers:  # neighbours are looked up, caches are filled
            self.run("bench-calls", router.inside, router.outside, "500")
        for number in range(rounds):
            say(f"calls through routers, round {number + 1} of {rounds}")
            for router in routers:
                row = self.run("bench-calls", router.inside, router.outside, str(count), *router.watched())[0]
                finished, lost, ns, rewritten, restored = int(row[0]), int(row[1]), *map(float, row[2:])
                best = results.setdefault(router.kind, {"us": float("inf"), "lost": 0})
                best["us"] = min(best["us"], ns / 1000)
                best["lost"] += lost
                best["rewritten"], best["restored"] = rewritten / finished, restored / finished / 2
        return results

    def rtp(self, routers):
        """{kind: {"out": ns a packet, "in": …, "held": whether packets used the port that the message announced,
        "lost": share}}"""
        rounds, count = (4, 50000) if self.quick else (20, 100000)
        results = {}
        for number in range(rounds):
            say(f"RTP through routers, round {number + 1} of {rounds}")
            for router in routers:
                self.rtp_once(router, count, number, results, router.kind)
        with self.connected(routers[2], SERVER, 1):  # last: what this needs stays for a while
            for number in range(rounds):
                self.rtp_once(routers[2], count, number, results, f"{routers[2].kind}, TCP relayed")
        return results

    def rtp_once(self, router, count, number, results, name):
        row = self.run("bench-rtp", router.inside, router.outside, str(count), str(number), *router.watched())[0]
        best = results.setdefault(name, {"out": float("inf"), "in": float("inf"), "lost": 0.0})
        best["held"] = row[0] == "1"
        best["lost"] = max(best["lost"], 1 - int(row[1]) / int(row[2]))
        best["out"], best["in"] = min(best["out"], float(row[3])), min(best["in"], float(row[4]))

    def tcp(self, routers):
        """{kind: {"us": best µs of CPU a message, "stream": best µs of CPU a MiB that is not SIP, "bytes": of memory an
        idle connection}}, as far as it concerns them"""
        rounds, count, mebibytes = (3, 1000, 256) if self.quick else (12, 2500, 1024)
        plain, ours = routers[0], routers[2]
        results = {kind: {"us": float("inf")} for kind in (plain.kind, "kamailio", ours.kind)}
        for number in range(rounds):
            say(f"TCP, round {number + 1} of {rounds}")
            for router in (plain, ours):
                best = results[router.kind]
                best["us"] = min(best["us"], self.tcp_us("calls", router, SERVER, count))
                best["stream"] = min(best.get("stream", best["us"] * 1e6),
                                     self.tcp_us("stream", router, SERVER, mebibytes))
            with Kamailio(plain.router, self.cpu) as kamailio:
                best = results["kamailio"]
                best["us"] = min(best["us"], self.tcp_us("calls", plain, PROXY, count, kamailio.numbers()))
        say("TCP connections that are idle")
        with Kamailio(plain.router, self.cpu) as kamailio:
            results["kamailio"]["bytes"] = self.idle(plain, PROXY, kamailio.numbers())
        results[ours.kind]["bytes"] = self.idle(ours, SERVER, [ours.daemon.pid])
        return results

    def tcp_us(self, what, router, address, count, watched=()):
        """CPU time a message, or a MiB."""
        row = self.run("bench-tcp", what, router.inside, router.outside, address, str(count), *router.watched(),
                       *map(str, watched))[0]
        return float(row[-1]) / 1000

    @contextlib.contextmanager
    def connected(self, router, address, count):
        """Phones that have connected by TCP, spoken once and are silent; gives how many they are."""
        with subprocess.Popen([f"{self.build}/bench/bench-tcp", "idle", router.inside, router.outside, address,
                               str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as phones:
            yield int(phones.stdout.readline())
            phones.stdin.close()

    def idle(self, router, address, numbers):
        """Bytes of memory an idle connection takes in the processes."""
        before = sum(map(memory_kb, numbers))
        with self.connected(router, address, IDLE_CONNECTIONS) as count:
            grown = sum(map(memory_kb, numbers)) - before
        return grown * 1024 / count

    def memory(self):
        """{what: number}, as bench-memory prints it."""
        say("memory of many phones and calls")
        return {name: float(value) for name, value in self.run("bench-memory")}

    def diagnose(self):
        """The packets, and for each tool that reads them (seconds, MiB); tshark counts calls and RTP streams."""
        say("captures of many calls")
        with tempfile.NamedTemporaryFile(suffix=".pcap") as capture:
            packets = write_calls(capture.name, 100000 if self.quick else 1000000)
            tools = {"sipalg diagnose": [f"{self.build}/sipalg", "diagnose", capture.name]}
            if shutil.which("tshark"):
                tools["tshark"] = ["tshark", "-q", "-r", capture.name, "-z", "sip,stat", "-z", "rtp,streams"]
            return packets, {name: self.timed(command) for name, command in tools.items()}

    def timed(self, command):
        """(CPU seconds, MiB at most) of a command that keeps to one core."""
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              preexec_fn=lambda: os.sched_setaffinity(0, {self.cpu})) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise subprocess.CalledProcessError(process.returncode, command)
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024

    def stripped_size(self, program):
        with tempfile.NamedTemporaryFile() as stripped:
            subprocess.run(["strip", "-o", stripped.name, program], check=True)
            return os.path.getsize(stripped.name)
