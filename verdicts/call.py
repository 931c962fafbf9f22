#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One call between a phone and its provider, both of which believe what messages say: requests go to the Contact, sound
to the address in the session description. For captures of what routers make of it.

usage: call.py provider ADDRESS | call.py phone ADDRESS PROVIDER

The phone registers, calls, both send sound for two seconds, the provider asks for it to be put on hold and hangs up
where the Contact says. What does not arrive is repeated for some seconds, as RFC 3261 17 has it, then given up."""

import random
import re
import selectors
import socket
import struct
import sys
import time

SIP_PORT = 5060
T1 = 0.5
GIVE_UP = 4.0
SOUND_PACKETS = 100
SOUND_INTERVAL = 0.02


def header(message, name):
    found = re.search(rf"^(?:{name})\s*:\s*(.*?)\r\n", message, re.MULTILINE | re.IGNORECASE)
    return found.group(1) if found else ""


def start_line(message):
    return message.split("\r\n", 1)[0]


def place_of(uri, port):
    """The address and port of a URI."""
    found = re.search(r"sips?:(?:[^@>]*@)?([0-9.]+)(?::(\d+))?", uri)
    return (found.group(1), int(found.group(2) or port)) if found else None


def media_of(message):
    address = re.search(r"^c=IN IP4 (\S+)", message, re.MULTILINE)
    port = re.search(r"^m=audio (\d+)", message, re.MULTILINE)
    return (address.group(1), int(port.group(1))) if address and port else None


class Side:
    def __init__(self, address, sip_port, media_port):
        self.address, self.sip_port, self.media_port = address, sip_port, media_port
        self.sip = self.bind(sip_port)
        self.media = self.bind(media_port)
        self.heard = 0
        self.rtp_sequence = random.randrange(1 << 15)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.sip, selectors.EVENT_READ, "sip")
        self.selector.register(self.media, selectors.EVENT_READ, "media")

    def bind(self, port):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((self.address, port))
        return made

    def sdp(self, direction="sendrecv"):
        return (f"v=0\r\no=- 7 7 IN IP4 {self.address}\r\ns=-\r\nc=IN IP4 {self.address}\r\nt=0 0\r\n"
                f"m=audio {self.media_port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na={direction}\r\n")

    def send(self, lines, body, to):
        lines = [*lines, *(["Content-Type: application/sdp"] if body else []), f"Content-Length: {len(body)}"]
        try:
            self.sip.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), to)
        except OSError:
            pass

    def receive(self, seconds):
        """The next SIP message and its source; None when the time is over. Sound is counted on the way."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            for key, _ in self.selector.select(left):
                try:
                    bytes_read, source = key.fileobj.recvfrom(65535)
                except OSError:
                    continue
                if key.data == "sip":
                    return bytes_read.decode(errors="replace"), source
                self.heard += 1
        return None

    def await_message(self, seconds, wanted, otherwise=None):
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            got = self.receive(left)
            if got and wanted(got[0]):
                return got
            if got and otherwise:
                otherwise(*got)
        return None

    def transact(self, lines, body, to, wanted, otherwise=None):
        """Sends until answered; None when nobody does."""
        wait, ends = T1, time.monotonic() + GIVE_UP
        while time.monotonic() < ends:
            self.send(lines, body, to)
            if got := self.await_message(wait, wanted, otherwise):
                return got
            wait *= 2
        return None

    def talk(self, to, otherwise=None):
        for count in range(SOUND_PACKETS):
            packet = struct.pack("!BBHII", 0x80, 0, self.rtp_sequence + count, count * 160, 0x5EED) + bytes(160)
            try:
                self.media.sendto(packet, to)
            except OSError:
                pass
            if (got := self.receive(SOUND_INTERVAL)) and otherwise:
                otherwise(*got)
        self.rtp_sequence += SOUND_PACKETS

    def respond(self, request, source, status, extra=(), body=""):
        via = re.findall(r"^(?:Via|v)\s*:.*?\r\n", request, re.MULTILINE | re.IGNORECASE)
        top = via[0].strip()
        if "rport" in top:
            top = re.sub(r"rport(?!=)", f"rport={source[1]};received={source[0]}", top)
        to = header(request, "To|t")
        lines = [f"SIP/2.0 {status}", top, *(line.strip() for line in via[1:]), f"From: {header(request, 'From|f')}",
                 f"To: {to}{'' if 'tag=' in to else ';tag=answer'}", f"Call-ID: {header(request, 'Call-ID|i')}",
                 f"CSeq: {header(request, 'CSeq')}", *extra]
        place = re.search(r"UDP ([0-9.]+)(?::(\d+))?", top)
        self.send(lines, body, source if "rport" in top else (place.group(1), int(place.group(2) or SIP_PORT)))


def is_status(method, status):
    return lambda message: start_line(message).startswith(f"SIP/2.0 {status}") and method in header(message, "CSeq")


def is_request(method):
    return lambda message: start_line(message).startswith(method + " ")


class Phone(Side):
    def __init__(self, address, provider):
        super().__init__(address, SIP_PORT, 40000)
        self.provider = (provider, SIP_PORT)
        self.call_id = f"{random.randrange(1 << 48):x}@{address}"

    def request(self, method, number, to="", call_id=None, extra=(), uri="sip:bob@example.org"):
        return [f"{method} {uri} SIP/2.0",
                f"Via: SIP/2.0/UDP {self.address}:{SIP_PORT};branch=z9hG4bK{random.randrange(1 << 48):x};rport",
                "Max-Forwards: 70", "From: <sip:alice@example.org>;tag=alice", f"To: {to or '<sip:bob@example.org>'}",
                f"Call-ID: {call_id or self.call_id}", f"CSeq: {number} {method}",
                f"Contact: <sip:alice@{self.address}:{SIP_PORT}>", *extra, "User-Agent: test phone"]

    def answer_requests(self, message, source):
        method = start_line(message).split(" ")[0]
        if method == "INVITE":
            self.respond(message, source, "200 OK", [f"Contact: <sip:alice@{self.address}:{SIP_PORT}>"],
                         self.sdp("recvonly"))
        elif method == "BYE":
            self.respond(message, source, "200 OK")
            self.ended = True

    def run(self):
        self.ended = False
        self.transact(self.request("REGISTER", 1, "<sip:alice@example.org>", "r" + self.call_id, ["Expires: 3600"]), "",
                      self.provider, is_status("REGISTER", 200))
        answer = self.transact(self.request("INVITE", 2), self.sdp(), self.provider, is_status("INVITE", 200),
                               lambda *_: None)
        if not answer:
            return
        contact = place_of(header(answer[0], "Contact|m"), SIP_PORT) or self.provider
        uri = f"sip:bob@{contact[0]}:{contact[1]}"
        self.send(self.request("ACK", 2, header(answer[0], "To|t"), uri=uri), "", contact)
        media = media_of(answer[0])
        if media:
            self.talk(media, self.answer_requests)
        deadline = time.monotonic() + 3 * GIVE_UP
        while not self.ended and time.monotonic() < deadline:
            if got := self.receive(0.2):
                self.answer_requests(*got)
        self.receive(T1)


class Provider(Side):
    def __init__(self, address):
        super().__init__(address, SIP_PORT, 30000)

    def request(self, method, number, invite, to_header):
        contact = re.search(r"<([^>]*)>", header(invite, "Contact|m"))
        return [f"{method} {contact.group(1) if contact else 'sip:alice@example.org'} SIP/2.0",
                f"Via: SIP/2.0/UDP {self.address}:{SIP_PORT};branch=z9hG4bK{random.randrange(1 << 48):x};rport",
                "Max-Forwards: 70", f"From: {to_header}", f"To: {header(invite, 'From|f')}",
                f"Call-ID: {header(invite, 'Call-ID|i')}", f"CSeq: {number} {method}",
                f"Contact: <sip:bob@{self.address}:{SIP_PORT}>"]

    def run(self):
        registered = self.await_message(GIVE_UP, is_request("REGISTER"))
        if registered:
            self.respond(*registered, "200 OK", [f"Contact: {header(registered[0], 'Contact|m')};expires=3600"])
        invite = self.await_message(GIVE_UP, is_request("INVITE"),
                                    lambda message, source: self.respond(message, source, "200 OK"))
        if invite:
            self.serve(*invite)

    def serve(self, invite, source):
        contact = place_of(header(invite, "Contact|m"), SIP_PORT) or source
        extra = [f"Contact: <sip:bob@{self.address}:{SIP_PORT}>"]
        self.respond(invite, source, "180 Ringing", extra)
        self.await_ack(invite, source, extra)
        if media := media_of(invite):
            self.talk(media)
        to_header = header(invite, "To|t") + ";tag=answer"
        held = self.transact(self.request("INVITE", 1, invite, to_header), self.sdp("sendonly"), contact,
                             is_status("INVITE", 200))
        if held:
            self.send(self.request("ACK", 1, invite, to_header), "", contact)
        self.transact(self.request("BYE", 2, invite, to_header), "", contact, is_status("BYE", 200))

    def await_ack(self, invite, source, extra):
        wait, ends = T1, time.monotonic() + GIVE_UP
        while time.monotonic() < ends:
            self.respond(invite, source, "200 OK", extra, self.sdp())
            if self.await_message(wait, is_request("ACK")):
                return
            wait *= 2


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "provider":
        Provider(arguments[1]).run()
    elif len(arguments) == 3 and arguments[0] == "phone":
        Phone(arguments[1], arguments[2]).run()
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
