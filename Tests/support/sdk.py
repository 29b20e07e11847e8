"""The LiveKit SDK as a publisher and as a viewer: synthetic media in, what arrived out."""

import asyncio
import contextlib

import numpy as np
from livekit import rtc
from livekit.rtc._proto.stats_pb2 import IceCandidateType

from support.waiting import PATIENCE, Inbox, eventually

FOLLOWED = (
    "participant_connected", "participant_disconnected", "track_published", "track_unpublished", "track_subscribed",
    "track_unsubscribed", "track_muted", "track_unmuted", "active_speakers_changed", "room_metadata_changed",
    "participant_metadata_changed", "participant_name_changed", "participant_attributes_changed",
    "participant_permissions_changed", "data_received", "disconnected", "reconnecting", "reconnected",
    "local_track_subscribed", "local_track_unpublished",
)


class Client:
    """A room of the SDK, what it told so far (event name and arguments), and what it counted."""

    def __init__(self):
        self.room = rtc.Room()
        self.told = Inbox()
        self.frames = 0
        self.width = 0
        self.loudest = 0
        self.tasks = []
        for name in FOLLOWED:
            self.room.on(name, lambda *given, name=name: self.told.append((name, *given)))
        self.room.on("track_subscribed", self._watch)

    @classmethod
    async def join(cls, server, token, **options):
        self = cls()
        await asyncio.wait_for(self.room.connect(server.ws, token, rtc.RoomOptions(**options)), PATIENCE)
        return self

    @property
    def me(self):
        return self.room.local_participant

    async def leave(self):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.room.disconnect(), 5)

    async def _connections(self):
        """What is known of the two connections."""
        stats = await self.room.get_rtc_stats()
        return [stats.publisher_stats, stats.subscriber_stats]

    async def protocols(self):
        """Those that packets to and from the server take."""
        protocols = set()
        for connection in await self._connections():
            pairs = {entry.candidate_pair.rtc.id: entry.candidate_pair.candidate_pair for entry in connection}
            ours = {entry.local_candidate.rtc.id: entry.local_candidate.candidate for entry in connection}
            for entry in connection:
                if selected := entry.transport.transport.selected_candidate_pair_id:
                    protocols.add(ours[pairs[selected].local_candidate_id].protocol)
        return protocols

    async def candidates(self):
        """The kinds of addresses of ours that may be used."""
        return {
            IceCandidateType.Name(entry.local_candidate.candidate.candidate_type)
            for connection in await self._connections() for entry in connection if entry.HasField("local_candidate")
        }

    async def heard(self, name, matches=lambda *_: True, deadline=PATIENCE):
        """The arguments of the first event of this name that matches."""
        event = await self.told.first(lambda event: event[0] == name and matches(*event[1:]), name, deadline)
        return event[1:]

    async def sees(self, count=10, deadline=PATIENCE):
        start = self.frames
        await eventually(lambda: self.frames >= start + count, f"{count} more frames", deadline)

    async def stands_still(self, seconds=0.5):
        async def no_frame():
            before = self.frames
            await asyncio.sleep(seconds)
            return self.frames == before

        await eventually(no_frame, "no frame comes")

    async def hears(self, level=500, deadline=PATIENCE):
        self.loudest = 0
        await eventually(lambda: self.loudest > level, "sound", deadline)

    # Publishing

    async def publish_video(self, width=640, height=360, simulcast=False):
        source = rtc.VideoSource(width, height)
        track = rtc.LocalVideoTrack.create_video_track("camera", source)
        options = rtc.TrackPublishOptions(
            source=rtc.TrackSource.SOURCE_CAMERA, simulcast=simulcast, video_codec=rtc.VideoCodec.VP8
        )
        self.tasks.append(asyncio.ensure_future(self._paint(source, width, height)))
        publication = await asyncio.wait_for(self.me.publish_track(track, options), PATIENCE)
        return publication, track

    async def publish_audio(self):
        source = rtc.AudioSource(48_000, 1)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        self.tasks.append(asyncio.ensure_future(self._sing(source)))
        publication = await asyncio.wait_for(self.me.publish_track(track, options), PATIENCE)
        return publication, track

    async def _paint(self, source, width, height, rate=20):
        # Squares of eight pixels, cut to size: the SDK reads a whole frame, however little of one it is given.
        squares = np.random.default_rng(3).integers(40, 215, (-(-height // 8), -(-width // 8)), dtype=np.uint8)
        luma = np.kron(squares, np.ones((8, 8), dtype=np.uint8))[:height, :width]
        chroma = bytes([128]) * (width * height // 2)
        for number in range(1 << 30):
            data = np.roll(luma, 4 * number, axis=1).tobytes() + chroma
            source.capture_frame(rtc.VideoFrame(width, height, rtc.VideoBufferType.I420, data))
            await asyncio.sleep(1 / rate)

    async def _sing(self, source):
        samples = (8000 * np.sin(2 * np.pi * 440 * np.arange(480) / 48_000)).astype("<i2")
        # Ten milliseconds hold no whole number of periods of 440 Hz; 4.4 periods click, and that is heard as well.
        frame = rtc.AudioFrame(samples.tobytes(), 48_000, 1, 480)
        while True:
            await source.capture_frame(frame)

    # Receiving

    def _watch(self, track, publication, participant):
        follow = self._see if track.kind == rtc.TrackKind.KIND_VIDEO else self._hear
        self.tasks.append(asyncio.ensure_future(follow(track)))

    async def _see(self, track):
        async for event in rtc.VideoStream(track, capacity=1):
            self.frames += 1
            self.width = event.frame.width

    async def _hear(self, track):
        async for event in rtc.AudioStream(track, capacity=4):
            samples = np.frombuffer(event.frame.data, dtype=np.int16)
            self.loudest = max(self.loudest, int(np.abs(samples.astype(np.int32)).max(initial=0)))


async def watched(clients, room, server, publisher_way=None, viewer_way=None):
    """A publisher, and a viewer who sees them; either may come over another way."""
    publisher = await clients(publisher_way or server, room, "publisher")
    await publisher.publish_video(320, 180)
    viewer = await clients(viewer_way or server, room, "viewer")
    await viewer.sees(20)
    return publisher, viewer


def names(client):
    return [event[0] for event in client.told]
