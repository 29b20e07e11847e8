"""A link with delay, jitter, loss and a rate between the server's machine and a client's, changed while it runs.

    with impaired(delay=50, loss=5) as link:
        with running(host="0.0.0.0", advertised=link.server.address) as server:
            with link.client.inside():
                ...  # what is started here reaches the server over the link only
            await link.set(loss=20)
            await link.set(down={"rate": 300_000, "loss": 10})
            link.counters()["down"]["lost"]

Conditions hold one way; `up` is from the client to the server, `down` from the server to the client:
- delay, jitter: milliseconds; the delay varies by up to ± jitter, and packets stay in their order
- loss: percent of packets
- burst: how many packets a loss takes, in the mean (Gilbert); 0 for losses that know nothing of each other
- rate: bits a second, of IP packets; 0 for no limit
- queue: how long a packet may wait for the rate, in milliseconds (200 unless said otherwise); what comes then is dropped
"""

import asyncio
import contextlib
import itertools
import os
import subprocess
import threading

from support.link.line import Line
from support.namespace import inside, ip, remove_abandoned

numbers = itertools.count()
HAS_IPV6 = os.path.exists("/proc/net/if_inet6")


class Side:
    """One end of the link: a network namespace, or this machine."""

    def __init__(self, namespace, interface, block, number):
        self.namespace = namespace
        self.interface = interface
        self.block = block
        self.take_address(number)

    def take_address(self, number):
        """The addresses of this number, 1 to 14, in the link's own block of sixteen."""
        self.number = number
        self.address = f"10.{128 + (self.block >> 12)}.{self.block >> 4 & 0xFF}.{(self.block & 0xF) * 16 + number}"
        self.address6 = f"fd47:676f:{self.block >> 16:x}:{self.block & 0xFFFF:x}::{number:x}"

    def inside(self):
        """What this thread starts in the block lives on this side."""
        return contextlib.nullcontext() if self.namespace is None else inside(self)

    @property
    def name(self):
        return self.namespace

    def ip(self, *arguments):
        ip(*(["-n", self.namespace] if self.namespace else []), *arguments)

    def change_address(self, verb):
        self.ip("addr", verb, f"{self.address}/28", "dev", self.interface)
        if HAS_IPV6:
            self.ip("addr", verb, f"{self.address6}/64", "dev", self.interface, *(["nodad"] if verb == "add" else []))

    def connect(self):
        if self.namespace:
            ip("link", "set", self.interface, "netns", self.namespace)
            self.ip("link", "set", "lo", "up")
        # An address of the interface's own making comes a second late, and disturbs browsers (ERR_NETWORK_CHANGED).
        self.ip("link", "set", self.interface, "addrgenmode", "none")
        self.ip("link", "set", self.interface, "mtu", "1500", "txqueuelen", "5000", "up")
        self.change_address("add")
        self.add_routes()

    def add_routes(self):
        if self.namespace:
            self.ip("route", "replace", "default", "dev", self.interface)
            if HAS_IPV6:
                self.ip("-6", "route", "replace", "default", "dev", self.interface)


class Link:
    """Both sides, and the line between them."""

    def __init__(self, separate, seed, conditions):
        # Names and addresses of this process's own: another run on the machine is not disturbed.
        number = next(numbers)
        block = (os.getpid() * 8 + number % 8) % (1 << 19)
        name = f"golive-link-{os.getpid()}-{number}"
        tag = f"{os.getpid():x}-{number}"
        self.server = Side(f"{name}-server" if separate else None, f"gls{tag}", block, number=1)
        self.client = Side(f"{name}-client", f"glc{tag}", block, number=2)
        self.asking = threading.Lock()
        self.line = None
        self.seed = seed
        self.conditions = conditions

    def __enter__(self):
        remove_abandoned()
        try:
            for side in self.sides:
                if side.namespace:
                    ip("netns", "add", side.namespace)
            self.line = Line(self.server.interface, self.client.interface, self.seed)
            self.configure(**self.conditions)
            for side in self.sides:
                side.connect()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_):
        self.remove()

    @property
    def sides(self):
        return (self.server, self.client)

    def configure(self, *, up=None, down=None, **both):
        """Changes what is named, and leaves the rest as it was; a wrong name or value changes nothing of its direction."""
        with self.asking:
            for direction, conditions in (("both", both), ("up", up), ("down", down)):
                if conditions:
                    self.line.ask(" ".join([direction, *(f"{name}={value}" for name, value in conditions.items())]))

    async def set(self, **conditions):
        await asyncio.to_thread(self.configure, **conditions)

    def counters(self):
        """For `up` and `down`: packets received, delivered (and delivered_bytes), lost, overflowed (dropped by the queue),
        and held at the moment."""
        with self.asking:
            return self.line.counters()

    async def move_client(self):
        """The client has another address from now on, as after a change of its network; up to twelve times."""
        side = self.client
        side.change_address("del")
        side.take_address(side.number + 1)
        side.change_address("add")
        side.add_routes()

    def remove(self):
        if self.line:
            self.line.close()
        for side in self.sides:
            if side.namespace:
                with contextlib.suppress(subprocess.CalledProcessError):
                    ip("netns", "delete", side.namespace)


def impaired(*, separate=False, seed=1, **conditions):
    """A link for the time of the block. The server's side is this machine, or with `separate` a namespace of its own."""
    return Link(separate, seed, conditions)
