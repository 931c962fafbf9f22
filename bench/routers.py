# SPDX-License-Identifier: GPL-2.0-or-later
"""Three routers side by side, each with phones on one side and a provider on the other, in network namespaces:

    phones                      router                        provider
    10.9.0.10 … 10.9.0.73 ──── lan 10.9.0.1 │ 100.77.0.1 wan ──── 100.77.0.2

All of them masquerade, and forward only what is established, related, translated or from inside. They differ in who looks
after SIP: nobody, the kernel's ALG, or sipalg.
"""

import os
import select
import shutil
import subprocess

KINDS = ("plain NAT", "kernel's ALG", "sipalg")
PHONES = 64

RULES = """
table inet router {
	chain forward {
		type filter hook forward priority 0; policy drop
		ct state established,related accept
		ct status dnat accept
		iifname "lan" accept
	}
}
table ip nat {
	chain postrouting {
		type nat hook postrouting priority 100
		oifname "wan" masquerade
	}
}
"""

KERNEL_ALG = """
table ip alg {
	ct helper sip {
		type "sip" protocol udp
	}
	chain prerouting {
		type filter hook prerouting priority -150
		udp dport 5060 ct helper set "sip"
	}
}
"""


def command(*words, text=None):
    subprocess.run(words, input=text, text=True, check=True)


class Router:
    def __init__(self, kind, program, cpu):
        name = f"sapbench{os.getpid()}-{KINDS.index(kind)}"
        self.kind, self.cpu = kind, cpu
        self.inside, self.router, self.outside = f"{name}i", f"{name}r", f"{name}o"
        self.daemon = None
        try:
            self._build(program)
        except BaseException:
            self.remove()
            raise

    def _build(self, program):
        for namespace in self.namespaces():
            command("ip", "netns", "add", namespace)
            command("ip", "-n", namespace, "link", "set", "lo", "up")
        self._wire()
        rules = RULES + (KERNEL_ALG if self.kind == "kernel's ALG" else "")
        command("ip", "netns", "exec", self.router, "nft", "-f", "-", text=rules)
        if self.kind == "sipalg":
            self._start(program)

    def namespaces(self):
        return self.inside, self.router, self.outside

    def _link(self, near, near_name, near_addresses, far_name, far_address):
        command("ip", "link", "add", near_name, "netns", near, "type", "veth", "peer", "name", far_name, "netns",
                self.router)
        for address in near_addresses:
            command("ip", "-n", near, "address", "add", address, "dev", near_name)
        command("ip", "-n", self.router, "address", "add", far_address, "dev", far_name)
        command("ip", "-n", near, "link", "set", near_name, "up")
        command("ip", "-n", self.router, "link", "set", far_name, "up")

    def _wire(self):
        phones = [f"10.9.0.{10 + number}/24" for number in range(PHONES)]
        self._link(self.inside, "phones", phones, "lan", "10.9.0.1/24")
        self._link(self.outside, "provider", ["100.77.0.2/24"], "wan", "100.77.0.1/24")
        command("ip", "-n", self.inside, "route", "add", "default", "via", "10.9.0.1")
        command("ip", "netns", "exec", self.router, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")

    def _start(self, program):
        # Nothing of a sipalg that this machine itself runs is read or touched.
        own = ["--config", "/dev/null", "--state", "none", "--socket", f"{self._folder()}/control"]
        self.daemon = subprocess.Popen(
            ["ip", "netns", "exec", self.router, program, "run", "--lan", "lan", "--wan", "wan", *own],
            stdout=subprocess.PIPE, text=True, preexec_fn=lambda: os.sched_setaffinity(0, {self.cpu}))
        while True:
            if not select.select([self.daemon.stdout], [], [], 10)[0]:
                raise RuntimeError("sipalg did not become ready")
            line = self.daemon.stdout.readline()
            if line.startswith("sipalg: ready"):
                return
            if line == "":
                raise RuntimeError("sipalg ended instead of becoming ready")

    def _folder(self):
        """Where the daemon has its socket and writes down what it knows, as it does by default."""
        return f"/run/sipalg-bench-{self.router}"

    def watched(self):
        """Process numbers of those who spend CPU time on this router's packets besides the sender: the daemon, and the
        kernel's threads on this core, to which it leaves late packets and the freeing of nftables elements."""
        numbers = [self.daemon.pid] if self.daemon else []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{entry}/comm", encoding="ascii", errors="replace") as comm:
                    if comm.read().startswith((f"ksoftirqd/{self.cpu}", f"kworker/{self.cpu}:")):
                        numbers.append(int(entry))
            except OSError:
                pass  # it has ended
        return [str(number) for number in numbers]

    def daemon_memory_kb(self):
        with open(f"/proc/{self.daemon.pid}/status", encoding="ascii", errors="replace") as status:
            fields = dict(line.split(":", 1) for line in status)
        return int(fields["VmRSS"].split()[0])

    def remove(self):
        if self.daemon:
            self.daemon.terminate()
            self.daemon.wait(10)
            shutil.rmtree(self._folder(), ignore_errors=True)
        for namespace in self.namespaces():
            if os.path.exists(f"/run/netns/{namespace}"):
                subprocess.run(["ip", "netns", "delete", namespace], check=False)
