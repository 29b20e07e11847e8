"""What compares GoLive with other servers, without them: the adapter against a Janus of few words, and the sums."""

import asyncio
import contextlib
import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

import pytest
import websockets
from livekit.protocol import models, rtc

from support.server import token

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "Benchmarks" / "Servers"))

import report  # noqa: E402
from adapter import Adapter  # noqa: E402


class FewWords:
    """Answers as Janus does, and keeps what it was asked."""

    def __init__(self):
        self.asked = []
        self.numbers = iter(range(1, 1000))

    async def serve(self, socket):
        async for text in socket:
            request = json.loads(text)
            self.asked.append(request)
            if request["janus"] in ("create", "attach"):
                answer = {"janus": "success", "data": {"id": next(self.numbers)}}
            elif request["janus"] == "message":
                # Plugins that think about it say so first.
                await socket.send(json.dumps({"janus": "ack", "transaction": request["transaction"]}))
                answer = {"janus": "event", "plugindata": {"data": self.data(request["body"])}}
                if request["body"]["request"] in ("join", "joinandconfigure"):
                    answer["jsep"] = {"type": "any", "sdp": f"of Janus, to {request['body']['request']}"}
            else:
                answer = {"janus": "ack"}
            await socket.send(json.dumps({**answer, "transaction": request["transaction"]}))

    def data(self, body):
        if body["request"] == "join" and not body["streams"]:
            return {"error_code": 429, "error": "nothing to subscribe to"}
        return {"room": 7, "id": 70}

    def messages(self):
        return [request for request in self.asked if request["janus"] == "message"]


@contextlib.asynccontextmanager
async def adapted():
    janus = FewWords()
    async with websockets.serve(janus.serve, "127.0.0.1", 0, subprotocols=["janus-protocol"]) as server:
        port = server.sockets[0].getsockname()[1]
        async with Adapter.serving(f"ws://127.0.0.1:{port}") as url:
            yield janus, url


class Client:
    def __init__(self, socket):
        self.socket = socket

    async def send(self, **message):
        await self.socket.send(rtc.SignalRequest(**message).SerializeToString())

    async def next(self, name):
        """The next message, which must be of this name."""
        async with asyncio.timeout(10):
            response = rtc.SignalResponse.FromString(await self.socket.recv())
        assert response.WhichOneof("message") == name, response
        return getattr(response, name)


@contextlib.asynccontextmanager
async def client(url, identity, **grants):
    async with websockets.connect(f"{url}/rtc?protocol=15&access_token={token('hall', identity, **grants)}") as socket:
        yield Client(socket)


async def test_descriptions_pass_between_a_livekit_client_and_janus():
    async with adapted() as (janus, url), client(url, "ada") as publisher:
        assert (await publisher.next("join")).participant.identity == "ada"
        await publisher.send(add_track=rtc.AddTrackRequest(cid="camera", type=models.TrackType.VIDEO))
        assert (await publisher.next("track_published")).cid == "camera"
        await publisher.send(offer=rtc.SessionDescription(type="offer", sdp="a=setup:actpass\r\n"))
        assert (await publisher.next("answer")).sdp == "of Janus, to joinandconfigure"
        made, joined = janus.messages()
        assert made["body"]["request"] == "create" and not made["body"].get("record")
        # The client is to begin the handshake, as with LiveKit.
        assert joined["jsep"] == {"type": "offer", "sdp": "a=setup:active\r\n"} and joined["body"]["room"] == 7

        async with client(url, "bob", can_publish=False) as viewer:
            await viewer.next("join")
            assert (await viewer.next("offer")).sdp == "of Janus, to join"
            assert janus.messages()[-1]["body"]["streams"] == [{"feed": 70}]
            await viewer.send(answer=rtc.SessionDescription(type="answer", sdp="of a viewer"))
            await viewer.send(ping_req=rtc.Ping(timestamp=5))
            assert (await viewer.next("pong_resp")).last_ping_timestamp == 5
            started = janus.messages()[-1]
            assert started["body"]["request"] == "start" and started["jsep"]["sdp"] == "of a viewer"
            assert started["handle_id"] != joined["handle_id"]


async def test_a_participant_that_janus_refuses_is_told_why():
    async with adapted() as (_, url), client(url, "early", can_publish=False) as viewer:
        await viewer.next("join")
        with pytest.raises(websockets.ConnectionClosed, match="nothing to subscribe to"):
            await viewer.socket.recv()


def run(server, viewers, cpu):
    times = {"p50": 1.0, "p95": 2.0, "p99": 3.0}
    return {"server": server, "viewers": viewers, "report": {
        "serverMicrosecondsPerPacket": cpu, "latency": times, "firstFrame": times, "packetsPerSecond": 1.0,
        "serverMemoryBefore": 1_000_000, "serverMemory": 1_000_000 + 50_000 * viewers, "lost": 0, "connected": viewers,
        "serverCores": 1, "ownCores": 1,
    }}


def test_medians_are_compared_with_golive_of_the_same_number_of_viewers(tmp_path):
    runs = [run("GoLive", 50, cpu) for cpu in (4, 3, 90)] + [run("GoLive", 100, 2)]
    runs += [run("Janus", 50, 16), run("Janus", 100, 10)]
    rows = report.summarise(runs)
    assert rows[0]["cpu"] == {"median": 4, "least": 3, "most": 90} and rows[0]["memory"]["median"] == 50
    text = report.table(rows)
    assert "16 (×4)" in text and "10 (×5)" in text
    for path in report.draw(rows, tmp_path):
        assert ElementTree.parse(path).getroot().tag.endswith("svg") and path.stat().st_size < 10_000
