"""Layers that nobody watches are not sent, and are sent again as soon as somebody wants them (LiveKit's dynacast)."""

import asyncio

from support.sdk import Client
from support.server import token
from support.waiting import eventually


class Layers:
    """Which simulcast layers a publisher sends, by its own counts of packets."""

    def __init__(self, count):
        self.count = count

    async def moving(self):
        """The layers of which packets left in the last moment."""
        before = await self.count()
        await asyncio.sleep(0.5)
        after = await self.count()
        return {layer for layer in after if after[layer] > before.get(layer, 0)}

    async def become(self, *layers, deadline=20.0):
        async def reached():
            return await self.moving() == set(layers)

        await eventually(reached, f"the layers {layers} are sent and no others", deadline)


def of_page(page):
    async def count():
        return {track["layer"]: track["packets"] for track in await page.sent("video")}

    return Layers(count)


def of_sdk(track):
    async def count():
        stats = [entry.outbound_rtp for entry in await track.get_stats() if entry.HasField("outbound_rtp")]
        return {entry.outbound.rid: entry.sent.packets_sent for entry in stats}

    return Layers(count)


async def obeys(layers, pages, server, room):
    """The publisher follows what one viewer wants, down and up."""
    viewer = await pages(server.page("watch", token(room, "viewer", can_publish=False)))
    await viewer.picture()
    await viewer.set_layer("HIGH")
    await layers.become("q", "h", "f", deadline=30)
    await viewer.set_layer("LOW")
    await layers.become("q")
    await viewer.set_layer("MEDIUM")
    await layers.become("q", "h")
    await viewer.set_layer("HIGH")
    await layers.become("q", "h", "f")
    # Without viewers the lowest goes on: the stream is live by it.
    await viewer.close()
    await layers.become("q")


async def test_our_publisher_sends_what_is_watched(server, pages, room):
    publisher = await pages(server.page("publish", token(room, "creator"), startBitrate=3000))
    await publisher.publishing()
    await obeys(of_page(publisher), pages, server, room)


async def test_the_livekit_sdk_sends_what_is_watched(server, pages, room):
    client = await Client.join(server, token(room, "creator"), dynacast=True)
    try:
        _, track = await client.publish_video(1280, 720, simulcast=True)
        await obeys(of_sdk(track), pages, server, room)
    finally:
        await client.leave()
