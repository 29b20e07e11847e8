#!/usr/bin/env python3
"""Lets a LiveKit client, such as `golive load-test`, publish to and watch a Janus VideoRoom.

It speaks the server's side of LiveKit's signalling to the client and Janus' API to Janus, and passes session
descriptions from one to the other, almost as they are: media goes directly between the two. Rooms are made when
somebody joins them, tokens are believed. A subscriber gets everything that is published when it joins, on one connection.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import urllib.parse

import websockets
from livekit.protocol import models, rtc

from janus import Handle, Janus, JanusError

# Everything else as Janus has it by default; nothing is recorded.
ROOM = {"permanent": False, "publishers": 16, "bitrate": 0, "fir_freq": 0, "audiocodec": "opus", "videocodec": "vp8"}


class Room:
    def __init__(self, number):
        self.number = number
        # Janus' numbers of those who publish.
        self.feeds = []


class Adapter:
    """What all connections share."""

    def __init__(self, janus):
        self.janus = janus
        self.rooms = {}
        self.making = asyncio.Lock()

    @classmethod
    @contextlib.asynccontextmanager
    async def serving(cls, janus_url, host="127.0.0.1", port=0):
        """The URL that clients connect to, for the time of the block."""
        janus = await Janus.connect(janus_url)
        try:
            async with websockets.serve(
                cls(janus).serve, host, port, process_request=refuse_single_connections, max_queue=None,
                compression=None,
            ) as server:
                yield f"ws://{host}:{server.sockets[0].getsockname()[1]}"
        finally:
            await janus.close()

    async def room(self, name):
        async with self.making:
            if name not in self.rooms:
                handle = await Handle.attach(self.janus)
                made, _ = await handle.message(request="create", **ROOM)
                await handle.destroy()
                self.rooms[name] = Room(made["room"])
        return self.rooms[name]

    async def serve(self, socket):
        """One participant, from the request to the end."""
        grant = claims(socket.request)
        handle = await Handle.attach(self.janus)
        participant = Participant(socket, handle, await self.room(grant["video"]["room"]))
        try:
            await participant.join(grant)
            hung_up = asyncio.ensure_future(participant.close_when_gone())
            try:
                async for message in socket:
                    await participant.receive(rtc.SignalRequest.FromString(message))
            finally:
                hung_up.cancel()
        except (JanusError, TimeoutError) as error:
            await socket.close(1011, str(error)[:100])
        except websockets.ConnectionClosed:
            pass
        finally:
            participant.unpublish()
            await handle.destroy()


class Participant:
    def __init__(self, socket, handle, room):
        self.socket = socket
        self.handle = handle
        self.room = room
        self.feed = None

    async def send(self, **message):
        await self.socket.send(rtc.SignalResponse(**message).SerializeToString())

    async def join(self, grant):
        publishes = grant["video"].get("canPublish", True)
        me = models.ParticipantInfo(sid=f"PA_{grant['sub']}", identity=grant["sub"])
        room = models.Room(sid=f"RM_{self.room.number}", name=grant["video"]["room"])
        await self.send(join=rtc.JoinResponse(
            room=room, participant=me, subscriber_primary=not publishes, ping_interval=5, ping_timeout=15,
        ))
        if not publishes:
            await self.subscribe()

    async def subscribe(self):
        streams = [{"feed": feed} for feed in self.room.feeds]
        _, offer = await self.handle.message(
            request="join", ptype="subscriber", room=self.room.number, streams=streams,
        )
        await self.send(offer=rtc.SessionDescription(type="offer", sdp=offer["sdp"], id=1))

    async def receive(self, request):
        match request.WhichOneof("message"):
            case "add_track":
                track = request.add_track
                info = models.TrackInfo(sid=f"TR_{track.cid}", type=track.type, name=track.name, source=track.source)
                await self.send(track_published=rtc.TrackPublishedResponse(cid=track.cid, track=info))
            case "offer":
                await self.publish(request.offer)
            case "answer":
                await self.handle.message({"type": "answer", "sdp": request.answer.sdp}, request="start")
                await self.handle.end_of_candidates()
            case "ping_req":
                await self.handle.keep_alive()
                await self.send(pong_resp=rtc.Pong(last_ping_timestamp=request.ping_req.timestamp))
            case "leave":
                await self.socket.close()

    async def publish(self, offer):
        # Janus would choose to begin the DTLS handshake; LiveKit clients expect to.
        sdp = offer.sdp.replace("a=setup:actpass", "a=setup:active")
        joined, answer = await self.handle.message(
            {"type": "offer", "sdp": sdp}, request="joinandconfigure", ptype="publisher", room=self.room.number,
        )
        await self.handle.end_of_candidates()
        self.feed = joined["id"]
        self.room.feeds.append(self.feed)
        await self.send(answer=rtc.SessionDescription(type="answer", sdp=answer["sdp"], id=offer.id))

    def unpublish(self):
        if self.feed is not None:
            self.room.feeds.remove(self.feed)

    async def close_when_gone(self):
        await self.handle.gone.wait()
        await self.socket.close(1001, "Janus has hung up")


def refuse_single_connections(socket, request):
    """Newer clients first ask whether one peer connection does for both directions. Then they take two."""
    if urllib.parse.urlsplit(request.path).path != "/rtc":
        return socket.respond(404, "not here\n")


def claims(request):
    """What a request's access token says, unverified."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token:
        token = urllib.parse.parse_qs(urllib.parse.urlsplit(request.path).query)["access_token"][0]
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


async def main(given):
    async with Adapter.serving(given.janus, port=given.port) as url:
        print(f"golive load-test --url {url}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--janus", default="ws://127.0.0.1:8188", help="its WebSocket API")
    parser.add_argument("--port", type=int, default=7980, help="where clients connect")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(parser.parse_args()))
