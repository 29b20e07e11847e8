"""A TCP way to the server that can be cut, held up and restored, as a bad network does it. Media goes past it."""

import asyncio
import contextlib


class Proxy:
    """As much of a server as a client needs to know; only what is sent over TCP goes through here."""

    def __init__(self, server):
        self.target = server
        self.host = "127.0.0.1"
        self.connections = set()
        self.is_open = asyncio.Event()
        self.is_open.set()

    @classmethod
    async def open(cls, server):
        self = cls(server)
        self.listener = await asyncio.start_server(self._serve, self.host, 0)
        self.port = self.listener.sockets[0].getsockname()[1]
        return self

    @property
    def ws(self):
        return f"ws://{self.host}:{self.port}"

    @property
    def url(self):
        return f"http://{self.host}:{self.port}"

    def page(self, name, token, **query):
        more = "".join(f"&{key}={value}" for key, value in query.items())
        return f"{self.url}/{name}.html?token={token}{more}"

    def cut(self):
        """Every connection ends; new ones hang until `restore`."""
        self.is_open.clear()
        for writers in list(self.connections):
            for writer in writers:
                writer.transport.abort()

    def hold(self):
        """Nothing gets through, and nobody is told."""
        self.is_open.clear()

    def restore(self):
        self.is_open.set()

    async def close(self):
        self.listener.close()
        self.cut()

    async def _serve(self, reader, writer):
        writers = {writer}
        key = frozenset([writer])
        self.connections.add(key)
        with contextlib.suppress(OSError):
            await self.is_open.wait()
            there, back = await asyncio.open_connection(self.target.address, self.target.port)
            writers.add(back)
            self.connections.discard(key)
            key = frozenset(writers)
            self.connections.add(key)
            await asyncio.wait(
                [asyncio.ensure_future(self._pump(reader, back)), asyncio.ensure_future(self._pump(there, writer))],
                return_when=asyncio.FIRST_COMPLETED,
            )
        self.connections.discard(key)
        for one in writers:
            one.close()

    async def _pump(self, reader, writer):
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self.is_open.wait()
                writer.write(data)
                await writer.drain()
