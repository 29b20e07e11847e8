"""Participants in processes of their own, that a test may freeze, kill or put into another network:
`python -m support.publisher publish`, or `watch`, which says so when it sees pictures. The server's address and the token
are read from the standard input, when the SDK is there."""

import asyncio
import pathlib
import subprocess
import sys
import threading

from support.sdk import Client

TESTS = pathlib.Path(__file__).parents[1]


class Address:
    """As much of a server as a client needs to know."""

    def __init__(self, ws):
        self.ws = ws


async def publish(ws, token):
    client = await Client.join(Address(ws), token)
    await client.publish_video(320, 180)
    print("publishing", flush=True)
    await asyncio.Event().wait()


async def watch(ws, token):
    client = await Client.join(Address(ws), token)
    await client.sees(20, deadline=60)
    print("watching", flush=True)
    await asyncio.Event().wait()


class ParticipantProcess:
    """Is ready to `join` when this returns."""

    role: str

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "support.publisher", self.role], cwd=TESTS, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        self._says("ready")

    @classmethod
    def joined(cls, server, token):
        self = cls()
        self.join(server, token)
        return self

    def join(self, server, token):
        """Returns when it does what it was started for."""
        self.process.stdin.write(f"{server.ws} {token}\n")
        self.process.stdin.flush()
        self._says(f"{self.role}ing")
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def _says(self, word):
        if self.process.stdout.readline() != f"{word}\n":
            self.kill()
            raise AssertionError(f"the participant does not {self.role}")

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()


class PublisherProcess(ParticipantProcess):
    role = "publish"


class WatcherProcess(ParticipantProcess):
    role = "watch"


if __name__ == "__main__":
    print("ready", flush=True)
    asyncio.run({"publish": publish, "watch": watch}[sys.argv[1]](*sys.stdin.readline().split()))
