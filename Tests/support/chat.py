"""Chat as LiveKit's SDKs and components send and receive it."""

import asyncio
import itertools
import json
import time

from support.waiting import Inbox

numbers = itertools.count(1)


class Chat:
    """What one client says and hears: text streams on `lk.chat`, packets on `lk-chat-topic`, notices of the server."""

    def __init__(self, client):
        self.client = client
        self.heard = Inbox()
        self.notices = Inbox()
        client.room.register_text_stream_handler("lk.chat", self._stream)
        client.room.on("data_received", self._packet)

    def _stream(self, reader, identity):
        self.client.tasks.append(asyncio.ensure_future(self._read(reader, identity)))

    async def _read(self, reader, identity):
        self.heard.append((identity, await reader.read_all()))

    def _packet(self, packet):
        if packet.topic == "golive.chat":
            self.notices.append(json.loads(packet.data))
        elif packet.topic == "lk-chat-topic":
            self.heard.append((packet.participant and packet.participant.identity, json.loads(packet.data)["message"]))

    async def say(self, text):
        """By a text stream."""
        return (await self.client.me.send_text(text, topic="lk.chat")).stream_id

    async def say_packet(self, text):
        """By a user packet, as LiveKit's components do for older clients."""
        identifier = f"message-{next(numbers)}-{time.time_ns()}"
        body = {"id": identifier, "message": text, "timestamp": int(time.time() * 1000)}
        await self.client.me.publish_data(json.dumps(body), reliable=True, topic="lk-chat-topic")
        return identifier

    async def hears(self, text, identity=None):
        def matches(item):
            return item[1] == text and identity in (None, item[0])

        return await self.heard.first(matches, f"“{text}”")

    async def refused(self, identifier, code):
        """Waits for the notice that this message was refused, and for this reason."""
        notice = await self.notices.first(lambda notice: notice["id"] == identifier, f"a notice on {identifier}")
        assert (notice["type"], notice.get("code")) == ("refused", code), notice
        assert notice["message"], notice
        return notice
