# SPDX-License-Identifier: GPL-2.0-or-later
"""The gateway under a supervisor that starts it again a second after its death, as the service does, and what is seen of
its process meanwhile."""

import json
import os
import shutil
import signal
import subprocess
import time
import typing

RESTART_S = 1
SAMPLE_S = 2
READY_S = 10


class Sample(typing.NamedTuple):
    time: float
    life: int  # its number, from 0
    memory_kib: int
    descriptors: int  # but for pipes, of which the relay keeps some
    pipes: int


class Life:
    """From one start of the process to its end."""

    def __init__(self, process, output):
        self.process, self.output = process, output
        self.started = time.monotonic()
        self.ready = self.ended = None


class Daemon:
    def __init__(self, world, program, folder, options):
        self.world, self.program, self.folder = world, program, folder
        self.socket = f"{folder}/sipalg/control"
        self.options = options
        self.lives, self.samples = [], []
        self.complaints = []
        self.kills = []  # when
        self._wanted = False
        self._sampled = 0

    # ---- life and death

    def start(self):
        self._wanted = True
        if os.path.exists(f"{self.socket}.snapshot"):  # for whoever looks into what a life began with
            shutil.copy(f"{self.socket}.snapshot", f"{self.folder}/snapshot.{len(self.lives)}")
        output = open(f"{self.folder}/sipalg.{len(self.lives)}.log", "w", encoding="utf-8")
        words = [self.program, "run", "--config", "/dev/null", "--lan", "lan0", "--wan", "wan0", "--socket", self.socket,
                 "--state", f"{self.folder}/sipalg/switches", *self.options]
        self.lives.append(Life(subprocess.Popen(self.world.words("router", *words), stdin=subprocess.DEVNULL,
                                                stdout=output, stderr=subprocess.STDOUT), output))

    def life(self):
        """The one that goes on, or None."""
        return self.lives[-1] if self.lives and self.lives[-1].ended is None else None

    def is_ready(self):
        return self.life() is not None and self.life().ready is not None

    def kill(self):
        self.kills.append(time.monotonic())
        self.life().process.send_signal(signal.SIGKILL)
        self._end()

    def stop(self):
        """Asks it to end; returns its exit status, or None when it does not."""
        self._wanted = False
        life = self.life()
        if life is None:
            return None
        life.process.terminate()
        try:
            status = life.process.wait(10)
        except subprocess.TimeoutExpired:
            life.process.kill()
            status = None
        self._end()
        return status

    def _end(self):
        life = self.lives[-1]
        life.process.wait()
        life.ended = time.monotonic()
        life.output.close()

    def tend(self):
        """To be called often: starts what has died, and looks at what lives."""
        now = time.monotonic()
        life = self.life()
        if life is None:
            if self._wanted and now - self.lives[-1].ended >= RESTART_S:
                self.start()
        elif life.process.poll() is not None:
            self.complaints.append(f"life {len(self.lives)} ended by itself with status {life.process.returncode}")
            self._end()
        elif life.ready is None:
            self._await_ready(life, now)
        elif now - self._sampled >= SAMPLE_S:
            self._sampled = now
            self.sample()

    def _await_ready(self, life, now):
        with open(life.output.name, encoding="utf-8") as output:
            if "sipalg: ready" in output.read():
                life.ready = now
        if life.ready is None and now - life.started > READY_S:
            self.complaints.append(f"life {len(self.lives)} was not ready after {READY_S} s")
            life.ready = now

    # ---- what is seen of it

    def sample(self):
        number = self.life().process.pid
        try:
            with open(f"/proc/{number}/status", encoding="ascii", errors="replace") as status:
                memory_kib = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
            open_files = [os.readlink(f"/proc/{number}/fd/{name}") for name in os.listdir(f"/proc/{number}/fd")]
        except (OSError, StopIteration):
            return  # it is dying, or closed one meanwhile
        pipes = sum(name.startswith("pipe:") for name in open_files)
        self.samples.append(Sample(time.monotonic(), len(self.lives) - 1, memory_kib, len(open_files) - pipes, pipes))

    def ask(self, *what):
        """What `sipalg show …` says, or None."""
        done = subprocess.run(self.world.words("router", self.program, "show", *what, "--json", "--socket", self.socket),
                              text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def gaps(self):
        """(from, to): times at which nobody looked after SIP."""
        starts = self.lives[1:] + [None]
        return [(life.ended, following.ready if following and following.ready else time.monotonic())
                for life, following in zip(self.lives, starts) if life.ended is not None]
