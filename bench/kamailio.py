# SPDX-License-Identifier: GPL-2.0-or-later
"""Kamailio on a router, as a proxy that forwards SIP over TCP without keeping state: the least that a proxy can do."""

import os
import signal
import subprocess
import tempfile
import time

CONFIG = """
debug=-1
log_stderror=yes
children=1
tcp_children=1
tcp_max_connections=16384
tcp_conn_wq_max=4194304
tcp_wq_max=16777216
open_files_limit=19000
dns=no
rev_dns=no
auto_aliases=no
listen=tcp:10.9.0.1:5060
request_route {
	forward_tcp("100.77.0.2", 5060);
}
"""


class Kamailio:
    def __init__(self, namespace, cpu):
        self.folder = tempfile.TemporaryDirectory()
        path = f"{self.folder.name}/kamailio.cfg"
        with open(path, "w", encoding="ascii") as file:
            file.write(CONFIG)
        # A session of its own, so that all its processes can be told apart and ended.
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", namespace, "kamailio", "-f", path, "-DD", "-E", "-m", "512", "-Y",
             self.folder.name, "-P", f"{self.folder.name}/pid"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))
        self._wait(namespace)

    def _wait(self, namespace):
        for _ in range(100):
            listening = subprocess.run(["ip", "netns", "exec", namespace, "ss", "-Hltn", "sport", "=", ":5060"], text=True,
                                       check=True, stdout=subprocess.PIPE).stdout
            if listening and len(self.numbers()) > 3:
                time.sleep(0.5)
                return
            time.sleep(0.1)
        self.remove()
        raise RuntimeError("kamailio did not become ready")

    def numbers(self):
        """Its processes."""
        numbers = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.getsid(int(entry)) == self.process.pid:
                    numbers.append(int(entry))
            except OSError:
                pass  # it has ended
        return numbers

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    def remove(self):
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(10)
        finally:
            self.folder.cleanup()
