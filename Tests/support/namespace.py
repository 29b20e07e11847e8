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
    def __init__(self):
        # Names and addresses of this process's own: another run on the machine is not disturbed.
        number = next(numbers)
        self.name = f"golive-{os.getpid()}-{number}"
        self.host_interface = f"gl{os.getpid()}h{number}"[:15]
        self.inner_interface = f"gl{os.getpid()}n{number}"[:15]
        subnet = f"10.{87 + number}.{os.getpid() % 256}"
        self.host_address = f"{subnet}.1"
        self.inner_address = f"{subnet}.2"

    def __enter__(self):
        ip("netns", "add", self.name)
        try:
            ip("link", "add", self.host_interface, "type", "veth", "peer", "name", self.inner_interface)
            ip("link", "set", self.inner_interface, "netns", self.name)
            ip("addr", "add", f"{self.host_address}/24", "dev", self.host_interface)
            ip("link", "set", self.host_interface, "up")
            ip("-n", self.name, "addr", "add", f"{self.inner_address}/24", "dev", self.inner_interface)
            ip("-n", self.name, "link", "set", self.inner_interface, "up")
            ip("-n", self.name, "link", "set", "lo", "up")
            ip("-n", self.name, "route", "add", "default", "via", self.host_address)
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_):
        self.remove()

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
