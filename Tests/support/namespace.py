"""A network namespace joined to this machine by a pair of virtual interfaces, with a default route through it."""

import contextlib
import ctypes
import itertools
import os
import subprocess

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
numbers = itertools.count()


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


class Namespace:
    """`family` 6 leaves it without any IPv4 address; with `drops_udp` it is like a network that lets only TCP through."""

    def __init__(self, family=4, drops_udp=False):
        # Names and addresses of this process's own: another run on the machine is not disturbed.
        number = next(numbers)
        self.name = f"golive-{os.getpid()}-{number}"
        self.host_interface = f"gl{os.getpid()}h{number}"[:15]
        self.inner_interface = f"gl{os.getpid()}n{number}"[:15]
        self.drops_udp = drops_udp
        if family == 4:
            subnet, self.length, self.options = f"10.{87 + number}.{os.getpid() % 256}.", 24, []
        else:
            # Without waiting for others to claim the address (RFC 4862 §5.4).
            subnet, self.length, self.options = f"fd87:{number:x}:{os.getpid() % 65536:x}::", 64, ["nodad"]
        self.host_address = f"{subnet}1"
        self.inner_address = f"{subnet}2"

    def __enter__(self):
        ip("netns", "add", self.name)
        try:
            ip("link", "add", self.host_interface, "type", "veth", "peer", "name", self.inner_interface)
            # Without addresses of the interfaces' own making: each comes a second late, and a browser that has begun by
            # then drops its requests (ERR_NETWORK_CHANGED).
            # Moving to another namespace forgets it, so it is said there.
            ip("link", "set", self.host_interface, "addrgenmode", "none")
            ip("link", "set", self.inner_interface, "netns", self.name)
            ip("-n", self.name, "link", "set", self.inner_interface, "addrgenmode", "none")
            ip("addr", "add", f"{self.host_address}/{self.length}", "dev", self.host_interface, *self.options)
            ip("link", "set", self.host_interface, "up")
            inner = f"{self.inner_address}/{self.length}"
            ip("-n", self.name, "addr", "add", inner, "dev", self.inner_interface, *self.options)
            ip("-n", self.name, "link", "set", self.inner_interface, "up")
            ip("-n", self.name, "link", "set", "lo", "up")
            ip("-n", self.name, "route", "add", "default", "via", self.host_address)
            if self.drops_udp:
                self.filter("add table inet wall")
                for hook in ("input", "output"):
                    self.filter(f"add chain inet wall {hook} {{ type filter hook {hook} priority 0; }}")
                    self.filter(f"add rule inet wall {hook} meta l4proto udp counter drop")
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_):
        self.remove()

    def filter(self, command):
        """One command of nft's inside."""
        nft = ["ip", "netns", "exec", self.name, "nft", command]
        return subprocess.run(nft, check=True, capture_output=True, text=True).stdout

    @contextlib.contextmanager
    def cut(self):
        """For the time of the block packets vanish both ways and nobody is told: each side takes the other to be at an
        address that nobody has."""
        nowhere = ["lladdr", "02:00:00:00:00:01", "nud", "permanent"]
        sides = [
            (["neigh"], [self.inner_address, "dev", self.host_interface]),
            (["-n", self.name, "neigh"], [self.host_address, "dev", self.inner_interface]),
        ]
        for where, neighbour in sides:
            ip(*where, "replace", *neighbour, *nowhere)
        try:
            yield
        finally:
            for where, neighbour in sides:
                ip(*where, "del", *neighbour)

    def run(self, *arguments):
        """A command inside."""
        ip("netns", "exec", self.name, *arguments)

    def remove(self):
        for arguments in (["link", "delete", self.host_interface], ["netns", "delete", self.name]):
            with contextlib.suppress(subprocess.CalledProcessError):
                ip(*arguments)


def enter(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if libc.setns(descriptor, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {path}")
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def inside(namespace):
    """What this thread starts in the block lives in the namespace; the thread itself comes back."""
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        enter(f"/run/netns/{namespace.name}")
        yield
    finally:
        libc.setns(own, CLONE_NEWNET)
        os.close(own)
