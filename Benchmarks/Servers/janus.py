"""Janus' API over a WebSocket, as far as the VideoRoom needs it (https://janus.conf.meetecho.com/docs/rest.html)."""

import asyncio
import contextlib
import itertools
import json

import websockets


class JanusError(Exception):
    """What Janus refused, in its own words."""


class Janus:
    """One WebSocket, over which the sessions of many participants go; several would cost Janus more than this."""

    def __init__(self, socket):
        self.socket = socket
        self.handles = {}
        self.waiting = {}
        self.numbers = itertools.count(1)
        self.reader = asyncio.ensure_future(self._read())

    @classmethod
    async def connect(cls, url):
        return cls(await websockets.connect(url, subprotocols=["janus-protocol"], max_size=4 << 20, max_queue=None))

    async def tell(self, request, **more):
        """Sends a request; returns the transaction that its answers carry."""
        transaction = str(next(self.numbers))
        await self.socket.send(json.dumps({"janus": request, "transaction": transaction, **more}))
        return transaction

    async def ask(self, request, **more):
        """The answer to a request: for a plugin's, the event that follows the acknowledgement."""
        answer = asyncio.get_running_loop().create_future()
        transaction = str(next(self.numbers))
        self.waiting[transaction] = answer
        try:
            await self.socket.send(json.dumps({"janus": request, "transaction": transaction, **more}))
            async with asyncio.timeout(30):
                message = await answer
        finally:
            del self.waiting[transaction]
        if message["janus"] == "error":
            raise JanusError(message["error"]["reason"])
        return message

    async def _read(self):
        try:
            async for text in self.socket:
                message = json.loads(text)
                answer = self.waiting.get(message.get("transaction"))
                if message["janus"] == "ack":
                    continue
                if answer is not None and not answer.done():
                    answer.set_result(message)
                elif message["janus"] in ("hangup", "detached") and message.get("sender") in self.handles:
                    self.handles[message["sender"]].gone.set()
        except websockets.ConnectionClosed:
            pass
        finally:
            for handle in self.handles.values():
                handle.gone.set()
            for answer in self.waiting.values():
                answer.cancel()

    async def close(self):
        await self.socket.close()
        await self.reader


class Handle:
    """What a page of one participant has of Janus: a session of its own, and in it one handle of the VideoRoom."""

    def __init__(self, janus, session, number):
        self.janus = janus
        self.where = {"session_id": session, "handle_id": number}
        # Set when Janus has hung up.
        self.gone = asyncio.Event()

    @classmethod
    async def attach(cls, janus):
        session = (await janus.ask("create"))["data"]["id"]
        number = (await janus.ask("attach", session_id=session, plugin="janus.plugin.videoroom"))["data"]["id"]
        janus.handles[number] = self = cls(janus, session, number)
        return self

    async def message(self, jsep=None, **body):
        """The plugin's answer, and the session description that came with it."""
        more = {"jsep": jsep} if jsep else {}
        answer = await self.janus.ask("message", body=body, **more, **self.where)
        data = answer["plugindata"]["data"]
        if "error" in data:
            raise JanusError(data["error"])
        return data, answer.get("jsep")

    async def end_of_candidates(self):
        """Our candidates are learnt from our own checks: none are sent."""
        await self.janus.tell("trickle", candidate={"completed": True}, **self.where)

    async def keep_alive(self):
        await self.janus.tell("keepalive", session_id=self.where["session_id"])

    async def destroy(self):
        self.janus.handles.pop(self.where["handle_id"], None)
        with contextlib.suppress(websockets.ConnectionClosed):
            await self.janus.tell("destroy", session_id=self.where["session_id"])
