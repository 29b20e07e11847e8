"""`golive load-test` against the server: what it says must be so, and many viewers must get in."""

import json
import subprocess

from support.server import BINARY


def load(server, *arguments, succeeds=True):
    """The report of a load test, as it prints it."""
    done = subprocess.run(
        [BINARY, "load-test", "--url", server.ws, "--json", "--server-pid", str(server.process.pid),
         *map(str, arguments)],
        capture_output=True, text=True)
    assert (done.returncode == 0) == succeeds, done.stderr[-2000:] + done.stdout[-2000:]
    return json.loads(done.stdout) if done.stdout else done.stderr


def test_viewers_get_every_packet_and_whole_pictures(server, room):
    report = load(server, "--room", room, "--viewers", 5, "--ramp", 1, "--duration", "5s", "--video", "360p")
    assert report["connected"] == 5 and report["failures"] == {}
    assert report["lost"] == 0 and report["packets"] > 5 * 5 * 50
    # Thirty a second for five viewers and five seconds, less what a busy machine does not encode.
    assert report["frames"] > 5 * 5 * 10 and report["decoded"] > 5 * 10
    for what in ("join", "connect", "firstPacket", "firstFrame", "latency", "pictureLatency"):
        assert 0 < report[what]["p50"] <= report[what]["p99"], what
    assert report["join"]["p50"] <= report["firstPacket"]["p50"] <= report["firstFrame"]["p99"]
    assert report["serverCores"] > 0 and report["serverMicrosecondsPerPacket"] > 0 and report["serverMemory"] > 1 << 20


def test_simulcast_viewers_get_the_top_layer(server, room):
    report = load(
        server, "--room", room, "--viewers", 2, "--ramp", 0, "--duration", "6s", "--video", "360p", "--simulcast")
    assert report["connected"] == 2 and report["decoded"] > 0 and report["frames"] > 60


def test_lost_packets_are_asked_for_and_come_again(server, room):
    report = load(
        server, "--room", room, "--viewers", 3, "--ramp", 0, "--duration", "6s", "--video", "360p", "--loss", 5)
    assert report["droppedHere"] > 10 and report["nacks"] > 0
    # Retransmissions are thrown away at the same rate, so that a few take a second turn.
    assert report["recovered"] > report["lost"]


def test_a_server_that_does_not_let_us_in_is_named(server):
    assert "refused" in load(server, "--api-secret", "wrong", succeeds=False)
    assert "--video" in load(server, "--video", "9p", succeeds=False)
