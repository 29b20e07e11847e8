"""A WebRTC stack that shares no code with browsers (aiortc), over plain signalling."""

import asyncio

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from support.server import token
from support.signalling import Signalling
from support.waiting import eventually


class Viewer:
    """Answers every offer of the server and counts what it decodes."""

    def __init__(self, signalling):
        self.signalling = signalling
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.frames = 0
        self.size = None
        self.loudest = 0
        self.tasks = [asyncio.ensure_future(self._answer())]
        self.peer.on("track", lambda track: self.tasks.append(asyncio.ensure_future(self._follow(track))))

    async def _answer(self):
        while True:
            offer = await self.signalling.next("offer", deadline=600)
            await self.peer.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
            await self.peer.setLocalDescription(await self.peer.createAnswer())
            answer = {"type": "answer", "sdp": self.peer.localDescription.sdp}
            await self.signalling.send("answer", {**answer, **({"id": offer["id"]} if "id" in offer else {})})

    async def _follow(self, track):
        while True:
            frame = await track.recv()
            if track.kind == "video":
                self.frames += 1
                self.size = (frame.width, frame.height)
            else:
                self.loudest = max(self.loudest, int(np.abs(frame.to_ndarray().astype(np.int32)).max(initial=0)))

    async def close(self):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.peer.close()
        await self.signalling.leave()


async def test_aiortc_watches_a_browser(server, pages, room):
    publisher = await pages(server.page("publish", token(room, "creator"), startBitrate=1500))
    await publisher.publishing()
    viewer = Viewer(await Signalling.open(server, token(room, "viewer", can_publish=False)))
    try:
        await eventually(lambda: viewer.frames > 30, "frames are decoded", 20)
        await eventually(lambda: viewer.loudest > 500, "sound is decoded")
        sid = await publisher.evaluate("() => room.localTracks.find(({track}) => track.kind === 'video').sid")
        await viewer.signalling.send("trackSetting", {"trackSids": [sid], "quality": "LOW"})
        await eventually(lambda: viewer.size == (320, 180), "the low layer is decoded", 15)
    finally:
        await viewer.close()
