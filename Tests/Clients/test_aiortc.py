"""A WebRTC stack that shares no code with browsers (aiortc), over plain signalling."""

import asyncio

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from av import VideoFrame

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
        await eventually(lambda: viewer.frames > 30, "frames are decoded")
        await eventually(lambda: viewer.loudest > 500, "sound is decoded")
        sid = await publisher.evaluate("() => room.localTracks.find(({track}) => track.kind === 'video').sid")
        await viewer.signalling.send("trackSetting", {"trackSids": [sid], "quality": "LOW"})
        await eventually(lambda: viewer.size == (320, 180), "the low layer is decoded")
    finally:
        await viewer.close()


class Noise(VideoStreamTrack):
    """Pictures that no encoder makes small."""

    async def recv(self):
        timestamp, base = await self.next_timestamp()
        frame = VideoFrame.from_ndarray(np.random.randint(0, 255, (240, 320, 3), np.uint8))
        frame.pts, frame.time_base = timestamp, base
        return frame


async def test_a_publisher_without_congestion_control_is_told_what_it_may_send(server, room):
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    async with await Signalling.open(server, token(room, "creator")) as signalling:
        try:
            sender = peer.addTrack(Noise())
            track = {"cid": sender.track.id, "name": "camera", "type": "VIDEO", "source": "CAMERA"}
            await signalling.send("addTrack", track)
            await signalling.next("trackPublished")
            await peer.setLocalDescription(await peer.createOffer())
            await signalling.send("offer", {"type": "offer", "sdp": peer.localDescription.sdp})
            answer = await signalling.next("answer")
            await peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
            began = []

            def raised():
                # What aiortc makes of REMB is to be seen nowhere else; it begins with half a megabit.
                encoder = sender._RTCRtpSender__encoder
                began.extend([encoder.target_bitrate] if encoder and not began else [])
                return began and encoder.target_bitrate > began[0]

            await eventually(raised, "the encoder may send more", 60)
        finally:
            await peer.close()
