"""Participants in processes of their own, that a test may freeze, kill or put into another network:
`python -m support.publisher publish URL TOKEN`, or `watch`, which says so when it sees pictures."""

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
    """Is there when it does what it was started for."""

    def __init__(self, server, token, role):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "support.publisher", role, server.ws, token], cwd=TESTS, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        line = self.process.stdout.readline()
        if line != f"{role}ing\n":
            self.kill()
            raise AssertionError(f"the participant does not {role}")
        self.drain = threading.Thread(target=self.process.stdout.read, daemon=True)
        self.drain.start()

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()


class PublisherProcess(ParticipantProcess):
    def __init__(self, server, token):
        super().__init__(server, token, "publish")


class WatcherProcess(ParticipantProcess):
    def __init__(self, server, token):
        super().__init__(server, token, "watch")


if __name__ == "__main__":
    asyncio.run({"publish": publish, "watch": watch}[sys.argv[1]](*sys.argv[2:]))
