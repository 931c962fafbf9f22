# SPDX-License-Identifier: GPL-2.0-or-later
"""A capture of many healthy calls for tools that read captures: a hundred at a time, each an INVITE dialogue of seven
messages and five seconds of sound both ways."""

import struct

PHONE, SERVER, MEDIA = "198.51.100.7", "203.0.113.2", "203.0.113.9"
AT_A_TIME, SOUND = 100, 250  # packets each way
ETHERNET = bytes(12) + b"\x08\x00"
STEP_US = 100


def packed(address):
    return bytes(map(int, address.split(".")))


def frame(source, source_port, destination, port, payload, identification):
    udp = struct.pack("!HHHH", source_port, port, 8 + len(payload), 0) + payload
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), identification & 0xffff, 0, 64, 17, 0, packed(source),
                     packed(destination))
    return ETHERNET + ip + udp


def message(start, number, cseq, host, to_tag, media_port=None):
    body = "" if media_port is None else (f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
                                          f"m=audio {media_port} RTP/AVP 0\r\n")
    return (f"{start}\r\nVia: SIP/2.0/UDP {PHONE}:5060;branch=z9hG4bK{number}-{cseq.replace(' ', '')};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:alice@example.org>;tag=a{number}\r\nTo: <sip:bob@example.org>{to_tag}\r\n"
            f"Call-ID: call-{number}@example.org\r\nCSeq: {cseq}\r\nContact: <sip:x@{host}:5060>\r\n"
            + ("Content-Type: application/sdp\r\n" if body else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


def call(number):
    """The call's packets: source, port, destination, port, payload."""
    port, tag = 10000 + 2 * (number % 20000), f";tag=b{number}"
    out, back = (PHONE, 5060, SERVER, 5060), (SERVER, 5060, PHONE, 5060)
    yield *out, message("INVITE sip:bob@example.org SIP/2.0", number, "1 INVITE", PHONE, "", port)
    yield *back, message("SIP/2.0 100 Trying", number, "1 INVITE", SERVER, "")
    yield *back, message("SIP/2.0 180 Ringing", number, "1 INVITE", SERVER, tag)
    yield *back, message("SIP/2.0 200 OK", number, "1 INVITE", MEDIA, tag, port)
    yield *out, message(f"ACK sip:bob@{SERVER} SIP/2.0", number, "1 ACK", PHONE, tag)
    for i in range(SOUND):
        rtp = struct.pack("!BBHII", 0x80, 0, i, 160 * i, number) + bytes(160)
        yield PHONE, port, MEDIA, port, rtp
        yield MEDIA, port, PHONE, port, rtp
    yield *out, message(f"BYE sip:bob@{SERVER} SIP/2.0", number, "2 BYE", PHONE, tag)
    yield *back, message("SIP/2.0 200 OK", number, "2 BYE", SERVER, tag)


def write_calls(path, packets):
    calls, begun, written = [], 0, 0
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        while written < packets:
            while len(calls) < AT_A_TIME:
                calls.append(call(begun))
                begun += 1
            for each in list(calls):
                packet = next(each, None)
                if packet is None:
                    calls.remove(each)
                    continue
                sent = frame(*packet, written)
                time_us = written * STEP_US
                out.write(struct.pack("<IIII", time_us // 1000000, time_us % 1000000, len(sent), len(sent)) + sent)
                written += 1
    return written
