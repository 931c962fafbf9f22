#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages that are not what they should be: `malformed.py phone SEED SECONDS` sends one each so many seconds from phones of
its own, over UDP and TCP, `malformed.py server SEED SECONDS` refuses what comes with answers that are no better, and
sends back some of what it got."""

import random
import select
import socket
import struct
import sys
import time

from world import PHONES

SERVER = ("203.0.113.5", 5060)
OWN_PHONES = PHONES[150:160]
MESSAGE = """{method} sip:echo@203.0.113.5 SIP/2.0
Via: SIP/2.0/{transport} {address}:5060;branch=z9hG4bK{number};rport
Max-Forwards: 70
From: "A, \\"b\\" <c>" <sip:{number}@203.0.113.5>;tag={number}
To: <sip:echo@203.0.113.5>
Call-ID: malformed-{number}@{address}
CSeq: 1 {method}
Contact: <sip:{number}@{address}:5060;transport={transport}>;expires=5
Expires: 5
Content-Type: application/sdp
Content-Length: {length}

"""
BODY = """v=0
o=- 1 1 IN IP4 {address}
s=-
c=IN IP4 {address}
t=0 0
m=audio {port} RTP/AVP 0 8
a=rtcp:{port}
a=candidate:1 1 UDP 2130706431 {address} {port} typ host
m=video {port} RTP/AVP 31
"""
METHODS = ("INVITE", "REGISTER", "OPTIONS", "MESSAGE", "ACK", "BYE", "UPDATE", "PRACK", "NOTIFY")


def alter(chance, message, first=0):
    """The same with a few bytes from `first` on lost, doubled, changed or made very many."""
    message = bytearray(message)
    for _ in range(chance.randint(1, 6)):
        if len(message) - first < 8:
            break
        at = chance.randrange(first, len(message))
        span = message[at:at + chance.randint(1, 40)]
        match chance.randrange(6):
            case 0:
                del message[at:at + len(span)]
            case 1:
                message[at:at] = span
            case 2:
                message[at] = chance.randrange(256)
            case 3:
                message[at:at] = bytes([chance.choice(b" \r\n\0:;,<>\"@=9")]) * chance.randint(1, 900)
            case 4:
                del message[at:]
            case 5:
                other = chance.randrange(first, len(message))
                message[at], message[other] = message[other], message[at]
    return bytes(message)


def compose(chance, number, address, transport):
    body = BODY.format(address=address, port=chance.randrange(1024, 65534, 2)).replace("\n", "\r\n")
    length = chance.choice((len(body), len(body), 0, 5, 99999, -1))
    head = MESSAGE.format(method=chance.choice(METHODS), transport=transport, address=address, number=number, length=length)
    return (head.replace("\n", "\r\n") + body).encode()


def refuse(message):
    """400 with the headers that came, be they what they may."""
    head, _, _ = message.partition(b"\r\n\r\n")
    return b"SIP/2.0 400 Bad Request\r\n" + head.partition(b"\r\n")[2] + b"\r\nContent-Length: 0\r\n\r\n"


def send_by_tcp(chance, address, message):
    """In pieces, and half of the time without a farewell."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
        stream.bind((address, 0))
        stream.settimeout(2)
        stream.connect(SERVER)
        for start in range(0, len(message), 700):
            stream.sendall(message[start:start + 700])
        if chance.random() < 0.5:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            stream.shutdown(socket.SHUT_WR)
            while stream.recv(65536):
                pass


def play_phone(chance, pause_s):
    sockets = {address: socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for address in OWN_PHONES}
    for address, datagrams in sockets.items():
        datagrams.bind((address, 5060))
        datagrams.setblocking(False)
    number = 0
    while True:
        number += 1
        address = chance.choice(OWN_PHONES)
        transport = chance.choice(("UDP", "UDP", "TCP"))
        message = alter(chance, compose(chance, number, address, transport))
        try:
            if transport == "TCP":
                send_by_tcp(chance, address, message)
            else:
                sockets[address].sendto(message, SERVER)
        except OSError:
            pass  # refused, reset, too slow, nowhere to go: as it should be
        time.sleep(pause_s)


def play_server(chance):
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(SERVER)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(SERVER)
    listener.listen(64)
    streams = {}  # {stream: since when}
    while True:
        for ready in select.select([datagrams, listener, *streams], [], [], 1)[0]:
            try:
                if ready is datagrams:
                    answer_datagram(chance, datagrams)
                elif ready is listener:
                    streams[listener.accept()[0]] = time.monotonic()
                elif not answer_stream(chance, ready):
                    del streams[ready]
                    ready.close()
            except OSError:
                streams.pop(ready, None)
        for stream in [stream for stream, since in streams.items() if time.monotonic() - since > 10]:
            del streams[stream]
            stream.close()


def answer_datagram(chance, datagrams):
    message, phone = datagrams.recvfrom(65536)
    answer = refuse(message)
    datagrams.sendto(alter(chance, answer, 12) if chance.random() < 0.5 else answer, phone)
    if chance.random() < 0.2:
        datagrams.sendto(alter(chance, message), phone)


def answer_stream(chance, stream):
    message = stream.recv(65536)
    if message:
        stream.sendall(alter(chance, refuse(message), 12))
    return bool(message)


def main():
    role, seed, pause_s = sys.argv[1:]
    chance = random.Random(f"{seed} {role}")
    if role == "server":
        play_server(chance)
    else:
        play_phone(chance, float(pause_s))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
