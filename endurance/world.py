# SPDX-License-Identifier: GPL-2.0-or-later
"""The network, in namespaces whose names begin with this run's own prefix:

       inside 192.168.1.0/24                             "internet" 203.0.113.0/24

   phones .10, .11, ...                             +--- .2  registrar, which also rings
               |    .1 +--------+ .101, .102, ...   +--- .3  answers calls
               +-------| router |-------------------+--- .5  gets what is malformed
                  lan0 +--------+ wan0              +--- .9  media

The router is what a firewall script makes of it: masquerade, a strict forward chain, nothing that lets media in.
"""

import os
import re
import subprocess

MEMBERS = ("phones", "router", "provider")
NOBODY = "02:00:00:00:00:fe"  # where packets to an address that has gone vanish
ROUTER = "02:00:00:00:00:01"
ADDRESSES = [f"203.0.113.{last}" for last in range(101, 180)]
PHONES = [f"192.168.1.{last}" for last in range(10, 200)]
PROVIDERS = [f"203.0.113.{last}" for last in (2, 3, 5, 9)]

# What `nft -f` gets at a reload, as from /etc/nftables.conf: it begins with nothing.
RULES = """flush ruleset
table inet firewall {
	chain input {
		type filter hook input priority filter; policy drop
		ct state established,related accept
		ct state invalid drop
		iifname { "lo", "lan0" } accept
		icmp type echo-request limit rate 5/second accept
	}
	chain forward {
		type filter hook forward priority filter; policy drop
		ct state established,related accept
		ct state invalid drop
		iifname "lan0" oifname "wan0" accept
	}
}
table ip nat {
	chain postrouting {
		type nat hook postrouting priority srcnat
		oifname "wan0" masquerade
	}
}
"""

# A router's own are longer; what must outlive these outlives those for the same reason, and flows that nobody has any
# use for must not keep the end of the run waiting.
TIMEOUTS = {"udp_timeout": 5, "udp_timeout_stream": 8, "generic_timeout": 5, "icmp_timeout": 5,
            "tcp_timeout_close": 5, "tcp_timeout_close_wait": 5, "tcp_timeout_fin_wait": 5, "tcp_timeout_last_ack": 5,
            "tcp_timeout_syn_recv": 5, "tcp_timeout_syn_sent": 5, "tcp_timeout_time_wait": 5,
            "tcp_timeout_unacknowledged": 20, "tcp_timeout_max_retrans": 20}


def command(*words, text=None):
    subprocess.run(words, input=text, text=True, check=True)


class World:
    def __init__(self):
        self.prefix = f"sap-endurance-{os.getpid()}"
        self.address = None  # the router's outside one; None while it has none
        self.addresses_used = 0

    def namespace(self, member):
        return f"{self.prefix}-{member}"

    def words(self, member, *words):
        """The command that runs another one in a member's namespace."""
        return ["ip", "netns", "exec", self.namespace(member), *words]

    def run(self, member, *words, text=None):
        command(*self.words(member, *words), text=text)

    def output(self, member, *words):
        return subprocess.run(self.words(member, *words), text=True, check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout

    def build(self):
        for member in MEMBERS:
            command("ip", "netns", "add", self.namespace(member))
            self.run(member, "sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=1",
                     "net.ipv6.conf.default.disable_ipv6=1")
            command("ip", "-n", self.namespace(member), "link", "set", "lo", "up")
        self._link("phones", "lan0", [f"{address}/24" for address in PHONES])
        self._link("provider", "wan0", [f"{address}/24" for address in PROVIDERS])
        self._ip("router", "address add 192.168.1.1/24 dev lan0", f"link set wan0 address {ROUTER}")
        self._ip("phones", "route add default via 192.168.1.1")
        # Private addresses lead nowhere on the internet, and nobody says so.
        self._ip("provider", "route add default via 203.0.113.254",
                 *(f"neighbour add {address} lladdr {NOBODY} nud permanent dev eth0"
                   for address in [*ADDRESSES, "203.0.113.254"]))
        self.run("router", "sysctl", "-q", "-w", "net.ipv4.ip_forward=1",
                 *(f"net.netfilter.nf_conntrack_{name}={value}" for name, value in TIMEOUTS.items()))
        self.rules_load()
        self.address_take()

    def _ip(self, member, *lines):
        command("ip", "-n", self.namespace(member), "-batch", "-", text="".join(f"{line}\n" for line in lines))

    def _link(self, member, interface, addresses):
        self._ip(member, f"link add eth0 type veth peer name {interface} netns {self.namespace('router')}",
                 *(f"address add {address} dev eth0" for address in addresses), "link set eth0 up")
        self._ip("router", f"link set {interface} up")

    def rules_load(self):
        self.run("router", "nft", "-f", "-", text=RULES)

    def address_lose(self):
        """The line to the provider breaks off, as when PPPoE is dialled anew: the link goes, and its address."""
        self._ip("provider", f"neighbour replace {self.address} lladdr {NOBODY} nud permanent dev eth0")
        self._ip("router", "link set wan0 down", "address flush dev wan0")
        self.address = None

    def address_take(self):
        """… and comes back with another one."""
        self.address = ADDRESSES[self.addresses_used % len(ADDRESSES)]
        self.addresses_used += 1
        self._ip("router", "link set wan0 up", f"address add {self.address}/24 dev wan0")
        self._ip("provider", f"neighbour replace {self.address} lladdr {ROUTER} nud permanent dev eth0")

    def destroy(self):
        existing = os.listdir("/run/netns") if os.path.isdir("/run/netns") else []
        for member in MEMBERS:
            if self.namespace(member) in existing:
                pids = subprocess.run(["ip", "netns", "pids", self.namespace(member)], text=True, check=False,
                                      stdout=subprocess.PIPE).stdout.split()
                subprocess.run(["kill", "-KILL", *pids], check=False) if pids else None
                subprocess.run(["ip", "netns", "delete", self.namespace(member)], check=False)

    # ---- what is in the router

    def flows(self):
        return [line for line in self.output("router", "conntrack", "-L").splitlines() if line.strip()]

    def everything(self):
        """{what: lines}: rules, routing and sockets of the router, to compare before with after. Which outside address it
        has, and at which port of its own the relay listens, is no matter; and what a process that was killed has left to the
        kernel to close is told of in sockets_closing()."""
        sockets = [re.sub(r"(127\.0\.0\.1|\[::1\]):\d+", r"\1", line)
                   for line in self.output("router", "ss", "-Hatunw").splitlines()]
        return {"tables": self.output("router", "nft", "list", "tables").splitlines(),
                "rules": self.output("router", "nft", "-s", "-t", "list", "ruleset").splitlines(),
                "policy routing": self.output("router", "ip", "rule").splitlines()
                + self.output("router", "ip", "-6", "rule").splitlines(),
                "routes": [line for line in self.output("router", "ip", "route", "show", "table", "all").splitlines()
                           if "203.0.113." not in line],
                "links": [line.split(":")[1].strip() for line in
                          self.output("router", "ip", "-o", "link").splitlines()],
                "sockets": [line for line in sockets if line.split()[1] in ("LISTEN", "UNCONN", "ESTAB")]}

    def sockets_closing(self):
        """What the kernel goes on closing by itself: a process was killed, or the other end does not answer."""
        return [line for line in self.output("router", "ss", "-Hat").splitlines()
                if line.split()[0] not in ("LISTEN", "ESTAB")]
