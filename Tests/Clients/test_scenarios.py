"""What clients can ask to be done to them, to see that they cope: LiveKit's `SimulateScenario`."""

import json

import pytest
from livekit.rtc import SimulateScenarioKind as Scenario

from support.browsers import Page
from support.sdk import names, watched
from support.server import token
from support.waiting import eventually

# Keeps the connections of the page, and says how many bytes came to it over a protocol.
FOLLOWS_CONNECTIONS = """
globalThis.peers = [];
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration) {
    super(configuration);
    peers.push(this);
  }
};
globalThis.received = async () => {
  const bytes = { udp: 0, tcp: 0 };
  for (const peer of peers) {
    const stats = await peer.getStats();
    for (const report of stats.values())
      if (report.type === "candidate-pair")
        bytes[stats.get(report.localCandidateId).protocol] += report.bytesReceived;
  }
  return bytes;
};
"""


async def simulate(page, scenario):
    """What our client has no call for, in the words of the protocol."""
    await page.evaluate("text => probe.sockets.at(-1).send(text)", json.dumps({"simulate": scenario}))


# With the SDK


@pytest.mark.parametrize("scenario", ["SIMULATE_SIGNAL_RECONNECT", "SIMULATE_MIGRATION"])
async def test_a_simulated_fault_of_the_signalling_is_resumed(server, clients, room, scenario):
    publisher, viewer = await watched(clients, room, server)
    sid = viewer.me.sid
    await viewer.room.simulate_scenario(Scenario.Value(scenario))
    await viewer.heard("reconnected")
    assert viewer.me.sid == sid
    await viewer.sees()
    assert "participant_disconnected" not in names(publisher)


# The way that media takes afterwards. Without a TURN server, who asks for TLS gets what there is.
FAILURES = {
    "SIMULATE_NODE_FAILURE": "udp", "SIMULATE_FULL_RECONNECT": "udp", "SIMULATE_DISCONNECT_SIGNAL_ON_RESUME": "udp",
    "SIMULATE_FORCE_TCP": "tcp", "SIMULATE_FORCE_TLS": "udp",
}


@pytest.mark.parametrize("scenario", FAILURES)
@pytest.mark.parametrize("who", ["publisher", "viewer"])
async def test_after_any_simulated_failure_the_picture_is_back(server, clients, room, scenario, who):
    publisher, viewer = await watched(clients, room, server)
    one = {"publisher": publisher, "viewer": viewer}[who]
    await one.room.simulate_scenario(Scenario.Value(scenario))
    await one.heard("reconnected")
    await viewer.sees()
    protocol = FAILURES[scenario]

    async def have_settled():
        return await one.protocols() == {protocol}

    await eventually(have_settled, f"media goes over {protocol}")


async def test_a_simulated_departure_is_final(server, clients, room):
    _, viewer = await watched(clients, room, server)
    await viewer.room.simulate_scenario(Scenario.SIMULATE_SERVER_LEAVE)
    await viewer.heard("disconnected")


async def test_a_simulated_speaker_is_told(server, clients, room):
    publisher, viewer = await watched(clients, room, server)
    await viewer.room.simulate_scenario(Scenario.SIMULATE_SPEAKER)
    await publisher.heard("active_speakers_changed", lambda speakers: [one.identity for one in speakers] == ["viewer"])
    await publisher.heard("active_speakers_changed", lambda speakers: not speakers)


# With a browser, for what the SDK has no call


async def test_a_page_gets_what_fits_the_line_that_it_says_it_has(server, chromium, clients, room):
    publisher = await clients(server, room, "publisher")
    await publisher.publish_video(640, 360, simulcast=True)
    page = await Page.open(chromium, server.page("watch", token(room, "viewer", can_publish=False)))

    async def is_paused():
        states = [state for states in await page.events("streamState") for state in states]
        return bool(states) and states[-1]["isPaused"]

    try:
        await page.width(640)
        # Less than a line can be said to have comes to the least.
        await simulate(page, {"subscriberBandwidth": "1"})
        await eventually(is_paused, "the video is paused")
        paused_at = await page.evaluate("() => probe.count")
        await simulate(page, {"subscriberBandwidth": "0"})
        await page.picture(after=paused_at + 10)
        await page.width(640)
        assert not await is_paused()
        assert await page.events("reconnecting") == []
    finally:
        await page.close()


async def test_a_page_that_asks_for_another_protocol_goes_on_over_it(server, chromium, clients, room):
    publisher = await clients(server, room, "publisher")
    await publisher.publish_video(320, 180)
    page = await Page.open(
        chromium, server.page("watch", token(room, "viewer", can_publish=False)), FOLLOWS_CONNECTIONS)
    try:
        await page.picture()
        sid = await page.evaluate("() => room.local.sid")
        for asked, expected, other in [("TCP", "tcp", "udp"), ("UDP", "udp", "tcp")]:
            await simulate(page, {"switchCandidateProtocol": asked})

            async def has_settled():
                before = await page.evaluate("() => received()")
                await page.picture(after=await page.evaluate("() => probe.count") + 10)
                after = await page.evaluate("() => received()")
                # The rest are connectivity checks.
                return after[expected] - before[expected] > 10 * (after[other] - before[other])

            await eventually(has_settled, f"media comes over {expected}")
        assert await page.evaluate("() => room.local.sid") == sid
        assert await page.events("reconnecting") == []
        assert await page.events("trackUnsubscribed") == []
    finally:
        await page.close()
