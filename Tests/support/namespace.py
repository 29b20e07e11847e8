"""A network namespace joined to this machine by a pair of virtual interfaces, with a default route through it."""

import contextlib
import ctypes
import functools
import itertools
import os
import pathlib
import re
import subprocess

CLONE_NEWNET = 0x40000000
SUBNETS = 1024
libc = ctypes.CDLL(None, use_errno=True)
numbers = itertools.count()


def ip(*arguments):
    return subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True).stdout


@functools.cache
def remove_abandoned():
    """Takes away, once, the networks of runs that were killed before they could do so themselves."""
    for entry in pathlib.Path("/run/netns").glob("golive-*"):
        owner = re.match(r"golive-(?:link-)?(\d+)-", entry.name)
        if owner and not pathlib.Path("/proc", owner[1]).exists():
            with contextlib.suppress(subprocess.CalledProcessError):
                ip("netns", "delete", entry.name)


class Namespace:
    """`family` 6 leaves it without any IPv4 address; with `drops_udp` it is like a network that lets only TCP through.
    Within the block it has a `name`, and addresses on both sides: `host_address` and `inner_address`."""

    def __init__(self, family=4, drops_udp=False):
        self.name = f"golive-{os.getpid()}-{next(numbers)}"
        self.family = family
        self.drops_udp = drops_udp
        self.host_interface = None

    def claim_subnet(self):
        """The interfaces are named after their subnet, so that whoever makes them has it to itself: two interfaces of one
        subnet on a machine, and packets leave by the wrong one."""
        for number in range(SUBNETS):
            host, inner = f"golive{number}h", f"golive{number}n"
            try:
                ip("link", "add", host, "type", "veth", "peer", "name", inner)
            except subprocess.CalledProcessError as error:
                if "File exists" not in error.stderr:
                    raise
            else:
                self.host_interface, self.inner_interface = host, inner
                return number
        raise OSError(f"all {SUBNETS} subnets of test networks are taken; see `ip link`")

    def take_addresses(self, number):
        if self.family == 4:
            subnet, self.length, self.options = f"10.{87 + number // 256}.{number % 256}.", 24, []
        else:
            # Without waiting for others to claim the address (RFC 4862 §5.4).
            subnet, self.length, self.options = f"fd87:676f:{number:x}::", 64, ["nodad"]
        self.host_address = f"{subnet}1"
        self.inner_address = f"{subnet}2"

    def __enter__(self):
        remove_abandoned()
        ip("netns", "add", self.name)
        try:
            self.take_addresses(self.claim_subnet())
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
        made = [["netns", "delete", self.name]]
        if self.host_interface:
            made.insert(0, ["link", "delete", self.host_interface])
        for arguments in made:
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
