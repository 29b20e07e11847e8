"""Plain signalling: JSON text over a WebSocket, without any SDK."""

import asyncio
import contextlib
import json

import websockets

from support.waiting import PATIENCE


def rtc_url(server, token, **query):
    query = {"access_token": token, "format": "json", "auto_subscribe": "1", "protocol": "15", "sdk": "js", **query}
    return f"{server.ws}/rtc?" + "&".join(f"{key}={value}" for key, value in query.items())


class Signalling:
    """One connection; messages that nobody has asked for yet wait in `unread`."""

    def __init__(self, socket):
        self.socket = socket
        self.unread = []
        self.join = None

    @classmethod
    async def open(cls, server, token, **query):
        # Without a limit to what waits unread: a busy room would otherwise stop the reading, and with it the closing.
        self = cls(await websockets.connect(rtc_url(server, token, **query), max_size=4 << 20, max_queue=None))
        try:
            self.join = await self.next("join")
        except BaseException:
            await self.socket.close()
            raise
        return self

    async def send(self, name, body):
        await self.socket.send(json.dumps({name: body}))

    async def next(self, name, deadline=PATIENCE):
        """The body of the next message of this name."""
        async with asyncio.timeout(deadline):
            while True:
                for index, message in enumerate(self.unread):
                    if name in message:
                        return self.unread.pop(index)[name]
                text = await self.socket.recv()
                assert isinstance(text, str), "a text client was sent binary"
                self.unread.append(json.loads(text))

    async def leave(self):
        with contextlib.suppress(websockets.ConnectionClosed):
            await self.send("leave", {"reason": "CLIENT_INITIATED"})
        await self.socket.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.leave()
