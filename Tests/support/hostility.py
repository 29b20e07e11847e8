"""Bytes that nobody should send: random ones, and real ones with a little wrong."""

import random
import socket
import struct
import time


def seeds():
    """One datagram of each kind that a media port meets (RFC 7983): STUN, DTLS, RTP, RTCP."""
    username = b"abcd:efgh"
    attributes = struct.pack("!HH", 0x0006, len(username)) + username + bytes(-len(username) % 4)
    attributes += struct.pack("!HHI", 0x0024, 4, 1) + struct.pack("!HHQ", 0x802A, 8, 7) + struct.pack("!HH", 0x0025, 0)
    attributes += struct.pack("!HH", 0x0008, 20) + bytes(20) + struct.pack("!HHI", 0x8028, 4, 0)
    stun = struct.pack("!HHI", 0x0001, len(attributes), 0x2112A442) + bytes(range(12)) + attributes
    hello = b"\xfe\xfd" + bytes(32) + b"\x00\x00" + struct.pack("!H", 4) + b"\xc0\x2b\xc0\x2f" + b"\x01\x00" + b"\x00\x00"
    handshake = b"\x01" + len(hello).to_bytes(3, "big") + bytes(2) + bytes(3) + len(hello).to_bytes(3, "big") + hello
    dtls = b"\x16\xfe\xfd" + bytes(8) + struct.pack("!H", len(handshake)) + handshake
    rtp = struct.pack("!BBHII", 0x90, 96, 1, 3000, 0x1234) + struct.pack("!HHI", 0xBEDE, 1, 0x10FF0000) + bytes(900)
    rtcp = struct.pack("!BBHIIII", 0x81, 201, 7, 1, 2, 0, 0) + bytes(12)
    return [stun, dtls, rtp, rtcp]


def datagrams(count, seed):
    """Half random, half mutated; the same for the same seed."""
    source = random.Random(seed)
    originals = seeds()
    for number in range(count):
        if number % 2:
            yield source.randbytes(source.randrange(0, 200 if number % 16 else 1500))
            continue
        data = bytearray(source.choice(originals))
        for _ in range(source.randrange(1, 6)):
            data[source.randrange(len(data))] = source.randrange(256)
        if source.random() < 0.3:
            del data[source.randrange(len(data)) :]
        yield bytes(data)


def spray(address, count, seed=1, burst=50, pause=0.002, taken=None):
    """Sends from several ports at a pace that leaves room in a socket's buffer for others.

    `taken` says how many datagrams the receiver has read so far: however slow the machine, no more than `ahead` wait there.
    """
    ahead, start = 2000, taken() if taken else 0
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(8)]
    try:
        for number, data in enumerate(datagrams(count, seed)):
            sockets[number % len(sockets)].sendto(data, address)
            if number % burst == 0:
                time.sleep(pause)
            if taken and number % ahead == ahead - 1:
                # What was lost on the way is never read.
                before, now = -1, taken() - start
                while now < number - ahead and now > before:
                    time.sleep(0.05)
                    before, now = now, taken() - start
    finally:
        for one in sockets:
            one.close()


def messages(count, seed):
    """Broken signalling messages: text and binary, wrong types, depth, names, SDP."""
    source = random.Random(seed)
    offer = '{"offer":{"type":"offer","sdp":"%s"}}'
    texts = [
        "", "{", "null", "[]", "42", '"offer"', '{"offer":null}', '{"offer":7}', '{"offer":{"sdp":{}}}',
        '{"addTrack":{"cid":1}}', '{"addTrack":{"type":"VIDEO","width":-1}}', '{"mute":{"sid":"TR_none","muted":"x"}}',
        '{"trackSetting":{"trackSids":"TR_"}}', '{"subscription":{"trackSids":[null]}}', '{"unknown":{}}',
        '{"trackSetting":{"trackSids":["TR_none"],"quality":"ENORMOUS"}}', '{"leave":[]}', '{"pingReq":{"timestamp":"x"}}',
        offer % "", offer % "v=0", offer % "v=0\\r\\nm=video 9 UDP/TLS/RTP/SAVPF 96\\r\\n", offer % ("a=x\\r\\n" * 2000),
        '{"answer":{"type":"answer","sdp":"v=0"}}', '{"trickle":{"candidateInit":"{","target":"PUBLISHER"}}',
        "[" * 5000, '{"offer":' * 2000, '{"addTrack":{"cid":"a","name":"' + "x" * 60_000 + '"}}', "\u0000\ufffe",
    ]
    for number in range(count):
        if number % 2:
            yield source.randbytes(source.randrange(0, 400))
            continue
        text = source.choice(texts)
        if text and source.random() < 0.5:
            at = source.randrange(len(text))
            text = text[:at] + chr(source.randrange(1, 0x2FF)) + text[at + 1 :]
        yield text
