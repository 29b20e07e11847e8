"""A publisher in a process of its own, that a test may freeze or kill: `python -m support.publisher URL TOKEN`."""

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


class PublisherProcess:
    def __init__(self, server, token):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "support.publisher", server.ws, token], cwd=TESTS, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        line = self.process.stdout.readline()
        if line != "publishing\n":
            self.kill()
            raise AssertionError("the publisher did not publish")
        self.drain = threading.Thread(target=self.process.stdout.read, daemon=True)
        self.drain.start()

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()


if __name__ == "__main__":
    asyncio.run(publish(sys.argv[1], sys.argv[2]))
