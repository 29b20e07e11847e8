"""The impaired link does what it is asked, or measurements over it mean nothing."""

import socket
import statistics
import struct
import threading
import time

import pytest

from support.link import impaired
from support.link.line import Line
from support.waiting import eventually

SO_RCVBUFFORCE, SO_TIMESTAMPNS = 33, 35
# IPv4 and UDP.
HEADERS = 28


class Receiver:
    """A UDP socket on one side: (number, bytes with headers, sent, received), times in ms of the kernel's clock."""

    def __init__(self, side, family=socket.AF_INET):
        with side.inside():
            self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.bind((side.address if family == socket.AF_INET else side.address6, 0))
        self.address = self.socket.getsockname()
        self.packets = []
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        while True:
            data, control, _, _ = self.socket.recvmsg(2048, 64)
            if len(data) < 16:
                return
            number, sent = struct.unpack_from("!QQ", data)
            seconds, nanoseconds = struct.unpack("qq", control[0][2][:16])
            self.packets.append((number, len(data) + HEADERS, sent / 1e6, seconds * 1e3 + nanoseconds / 1e6))

    @property
    def delays(self):
        return [received - sent for _, _, sent, received in self.packets]

    @property
    def numbers(self):
        return [number for number, *_ in self.packets]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"end", self.address)
        self.thread.join(5)
        self.socket.close()


def send(side, address, count, size=200, every=0.001, at_once=1):
    """`count` numbered packets of `size` bytes with their headers, `at_once` together."""
    with side.inside():
        sender = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM)
    with sender:
        due = time.monotonic()
        for number in range(count):
            data = struct.pack("!QQ", number, time.time_ns()).ljust(size - HEADERS, b"\0")
            sender.sendto(data, address)
            if number % at_once == at_once - 1:
                due += every
                time.sleep(max(0, due - time.monotonic()))


async def everything(link, direction="down"):
    """Waits until nothing is on the way, and returns the counters."""

    def empty():
        counters = link.counters()[direction]
        return counters if counters["held"] == 0 else None

    return await eventually(empty, "the link is empty")


def runs(numbers, count):
    """The lengths of the gaps in what arrived."""
    edges = [-1, *numbers, count]
    return [after - before - 1 for before, after in zip(edges, edges[1:]) if after - before > 1]


async def test_the_delay_is_the_one_asked_for():
    with impaired(down={"delay": 40}, up={"delay": 5}) as link:
        for sender, receiving, asked in ((link.server, link.client, 40), (link.client, link.server, 5)):
            with Receiver(receiving) as receiver:
                send(sender, receiver.address, 2000)
                await eventually(lambda: len(receiver.packets) == 2000, "all arrive")
                # The clocks of the two ends are one clock, which is being corrected.
                assert min(receiver.delays) >= asked - 0.1
                assert statistics.median(receiver.delays) < asked + 1
                assert receiver.numbers == list(range(2000))


async def test_jitter_spreads_arrivals_and_keeps_their_order():
    with impaired(delay=30, jitter=8) as link, Receiver(link.client) as receiver:
        send(link.server, receiver.address, 2000, every=0.002)
        await eventually(lambda: len(receiver.packets) == 2000, "all arrive")
        assert receiver.numbers == list(range(2000))
        spread = statistics.quantiles(receiver.delays, n=20)
        assert min(receiver.delays) >= 21.9 and spread[-1] < 40
        assert spread[-1] - spread[0] > 3


async def test_random_loss_is_the_share_asked_for_and_has_no_memory():
    with impaired(down={"loss": 5}) as link, Receiver(link.client) as receiver:
        send(link.server, receiver.address, 20_000, every=0.002, at_once=50)
        counters = await everything(link)
        await eventually(lambda: len(receiver.packets) + counters["lost"] >= 20_000, "the rest arrives")
        lost = runs(receiver.numbers, 20_000)
        assert sum(lost) / 20_000 == pytest.approx(0.05, abs=0.0065)
        assert statistics.mean(lost) == pytest.approx(1 / 0.95, abs=0.05)
        assert link.counters()["up"]["lost"] == 0


async def test_burst_loss_has_the_share_and_the_length_asked_for():
    with impaired(down={"loss": 10, "burst": 8}) as link, Receiver(link.client) as receiver:
        send(link.server, receiver.address, 40_000, every=0.002, at_once=50)
        counters = await everything(link)
        await eventually(lambda: len(receiver.packets) + counters["lost"] >= 40_000, "the rest arrives")
        lost = runs(receiver.numbers, 40_000)
        assert sum(lost) / 40_000 == pytest.approx(0.10, abs=0.025)
        assert statistics.mean(lost) == pytest.approx(8, rel=0.2)


async def test_the_rate_holds_and_the_queue_before_it_is_bounded():
    # Longer than this machine may keep the sender waiting: the rate is the link's as long as there is something to send.
    with impaired(down={"rate": 1_000_000, "queue": 500}) as link, Receiver(link.client) as receiver:
        # 1.6 Mbit/s for 4 s.
        send(link.server, receiver.address, 4000, every=0.001)
        counters = await everything(link)
        assert counters["overflowed"] > 1000
        await eventually(lambda: len(receiver.packets) + counters["overflowed"] >= 4000, "the rest arrives")
        span = receiver.packets[-1][3] - receiver.packets[0][3]
        assert sum(size for _, size, *_ in receiver.packets[1:]) * 8 / span == pytest.approx(1000, rel=0.03)
        full = receiver.delays[len(receiver.packets) // 2 :]
        assert 490 < statistics.median(full) < 505


async def test_conditions_change_while_packets_flow():
    with impaired() as link, Receiver(link.client) as receiver:
        steps = (({"loss": 100}, 0), ({"loss": 0}, 1), ({"down": {"loss": 100}}, 0), ({"down": {"loss": 0}}, 1))
        for conditions, share in steps:
            await link.set(**conditions)
            before = len(receiver.packets)
            send(link.server, receiver.address, 500, at_once=10)
            await everything(link)
            await eventually(lambda: len(receiver.packets) - before >= 500 * share, "what is not lost arrives")
            assert len(receiver.packets) - before == 500 * share


@pytest.mark.parametrize(
    "wrong", [{"loss": 101}, {"los": 1}, {"delay": -1}, {"delay": "x"}, {"burst": 0.5}, {"loss": 60, "burst": 1}]
)
async def test_a_wrong_condition_is_refused_and_changes_nothing(wrong):
    with impaired(delay=3) as link, Receiver(link.client) as receiver:
        with pytest.raises(ValueError):
            await link.set(**{"delay": 77, **wrong})
        send(link.server, receiver.address, 50)
        await eventually(lambda: len(receiver.packets) == 50, "all arrive")
        assert 3 <= statistics.median(receiver.delays) < 10


async def test_two_namespaces_reach_each_other_over_the_link_alone():
    with impaired(separate=True, delay=10) as link:
        for family in (socket.AF_INET, socket.AF_INET6):
            with Receiver(link.server, family) as receiver:
                send(link.client, receiver.address, 100)
                await eventually(lambda: len(receiver.packets) == 100, "all arrive")
                assert min(receiver.delays) >= 9.9


async def test_a_client_that_moves_is_reached_at_its_new_address():
    with impaired() as link:
        old = link.client.address
        await link.move_client()
        assert link.client.address != old
        with Receiver(link.client) as receiver:
            send(link.server, receiver.address, 10)
            await eventually(lambda: len(receiver.packets) == 10, "all arrive")


async def test_without_a_device_it_fails_and_says_why():
    with pytest.raises(RuntimeError, match="TUN device lo"):
        Line("lo", "lo", seed=1)
