"""`golive load-test` against the server: what it says must be so, many viewers must get in, and viewers on bad lines must
cost the others nothing."""

import json
import subprocess

from support.server import BINARY, running


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
    for what in ("join", "connect", "firstPacket", "firstFrame", "latency", "firstViewer", "lastViewer",
                 "captureLatency", "pictureLatency"):
        assert 0 < report[what]["p50"] <= report[what]["p99"], what
    assert report["join"]["p50"] <= report["firstPacket"]["p50"] <= report["firstFrame"]["p99"]
    assert report["firstViewer"]["p50"] <= report["latency"]["p50"] <= report["lastViewer"]["p50"]
    # From before the encoder, and to behind the decoder.
    assert report["latency"]["p50"] < report["captureLatency"]["p50"] <= report["pictureLatency"]["p99"]
    assert report["good"]["heights"] == {"360": 5}
    assert report["serverCores"] > 0 and report["serverMicrosecondsPerPacket"] > 0 and report["ownCores"] > 0
    assert report["serverMemory"] > 1 << 20 and report["ownMemory"] > 1 << 20


def test_every_viewer_gets_every_publisher_in_the_top_layer(server, room):
    report = load(
        server, "--room", room, "--publishers", 2, "--viewers", 2, "--ramp", 0, "--duration", "6s", "--video", "360p",
        "--layers", 2)
    assert report["connected"] == 2 and report["decoded"] > 0 and report["frames"] > 120
    assert report["good"]["heights"] == {"360": 2}


def test_lost_packets_are_asked_for_and_come_again(server, room):
    report = load(
        server, "--room", room, "--viewers", 3, "--ramp", 0, "--duration", "6s", "--video", "360p", "--loss", 5)
    assert report["droppedHere"] > 10 and report["nacks"] > 0 and report["retransmissions"] > 0
    # Retransmissions are thrown away at the same rate, so that a few take a second turn.
    assert report["recovered"] > report["lost"]


def test_a_server_that_does_not_let_us_in_is_named(server):
    assert "refused" in load(server, "--api-secret", "wrong", succeeds=False)
    assert "--video" in load(server, "--video", "9p", succeeds=False)


def test_five_hundred_viewers_join_in_ten_seconds_and_the_publisher_hardly_notices():
    with running() as server:
        report = load(server, "--viewers", 500, "--ramp", 9, "--duration", "3s", "--video", "180p")
        assert report["connected"] == 500 and report["failures"] == {}
        # While they joined: no more than any hundred of them would have caused.
        assert report["keyframeRequests"] - report["keyframeRequestsLater"] <= 2
        # Joins do not wait for one another: a time-out would be seconds.
        assert report["join"]["p99"] < 1000 and report["firstFrame"]["p99"] < 2000
        assert (report["serverMemory"] - report["serverMemoryBefore"]) / 500 < 400_000


def test_viewers_on_bad_lines_cost_the_others_nothing(server, room):
    report = load(
        server, "--room", room, "--viewers", 25, "--bad-viewers", 5, "--bad-loss", 10, "--bad-rate", "300k",
        "--ramp", 2, "--duration", "10s", "--video", "360p", "--layers", 2)
    good, bad = report["good"], report["bad"]
    assert (good["connected"], bad["connected"]) == (20, 5)
    assert good["freezes"] == 0 and good["lost"] == 0 and good["heights"] == {"360": 20}
    # What the line carries: the small picture, and most of it.
    assert bad["heights"] == {"180": 5} and bad["nacks"] > 0
    # They begin with the small picture that is there already: the creator hears of them once or twice, and a little more
    # often where the machine itself is late.
    assert report["keyframeRequests"] <= 5
