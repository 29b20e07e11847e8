"""The client's small parts, run in the browser that uses them and held against other people's implementations."""

import pytest
from livekit.protocol import models

from support.browsers import Page, close_all


@pytest.fixture(scope="module")
def page(loop, server, chromium):
    page = loop.run_until_complete(Page.open(chromium, f"{server.url}/index.html"))
    yield page
    loop.run_until_complete(close_all([page]))


async def encode(page, payload, options):
    script = """async ([payload, options]) => {
      const { encodeUserPacket } = await import("/data.js");
      return [...encodeUserPacket(Uint8Array.from(payload), options)];
    }"""
    return bytes(await page.evaluate(script, [list(payload), options]))


async def decode(page, data):
    script = """async (bytes) => {
      const { decodeUserPacket } = await import("/data.js");
      const message = decodeUserPacket(Uint8Array.from(bytes));
      return message && { ...message, payload: [...message.payload] };
    }"""
    return await page.evaluate(script, list(data))


@pytest.mark.parametrize("length", [0, 1, 127, 128, 300, 16_384])
async def test_what_we_encode_protobuf_reads(page, length):
    payload = bytes(number % 251 for number in range(length))
    packet = models.DataPacket.FromString(
        await encode(page, payload, {"to": ["a", "żółw"], "topic": "chat", "reliable": False})
    )
    assert (packet.user.payload, packet.user.topic) == (payload, "chat")
    assert list(packet.destination_identities) == ["a", "żółw"]
    assert packet.kind == models.DataPacket.Kind.LOSSY


async def test_what_protobuf_writes_we_decode(page):
    packet = models.DataPacket(
        participant_identity="żółw", participant_sid="PA_1", sequence=9,
        user=models.UserPacket(payload=b"\x00\xffhello", topic="t", start_time=1 << 40, participant_sid="PA_1"),
    )
    assert await decode(page, packet.SerializeToString()) == {
        "payload": list(b"\x00\xffhello"), "topic": "t", "identity": "żółw",
    }


async def test_a_packet_of_another_kind_is_passed_over(page):
    packet = models.DataPacket(speaker=models.ActiveSpeakerUpdate(speakers=[models.SpeakerInfo(sid="PA_1")]))
    assert await decode(page, packet.SerializeToString()) is None


async def test_a_packet_cut_at_any_byte_is_no_error(page):
    data = models.DataPacket(participant_identity="a", user=models.UserPacket(payload=bytes(200))).SerializeToString()
    for length in range(0, len(data), 7):
        await decode(page, data[:length])


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("a=sendonly\r\na=msid:PA_1|camera TR_a\r\n", {"0": "TR_a"}),
        ("a=sendonly\r\na=msid:PA_1|TR_b 3f1c\r\n", {"0": "TR_b"}),
        ("a=inactive\r\na=msid:PA_1 TR_a\r\n", {}),
        ("a=recvonly\r\n", {}),
        ("a=sendonly\r\na=msid:- -\r\n", {}),
    ],
)
async def test_which_track_a_section_carries_is_read_from_the_offer(page, section, expected):
    sdp = f"v=0\r\ns=-\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n{section}m=application 9 X y\r\na=mid:1\r\n"
    script = """async (sdp) => {
      const { tracksByMid } = await import("/subscriber.js");
      return Object.fromEntries(tracksByMid({ sdp }));
    }"""
    assert await page.evaluate(script, sdp) == expected


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (1280, 720, [("q", 4, 150_000), ("h", 2, 500_000), ("f", 1, 2_000_000)]),
        (640, 480, [("q", 2, 500_000), ("h", 1, 1_200_000)]),
        (320, 240, [(None, 1, 500_000)]),
    ],
)
async def test_layers_fit_the_picture(page, width, height, expected):
    script = """async ([width, height]) => {
      const { encodingsFor } = await import("/layers.js");
      return encodingsFor({ width, height, frameRate: 30, simulcast: true });
    }"""
    encodings = await page.evaluate(script, [width, height])
    assert [(e.get("rid"), e["scaleResolutionDownBy"], e["maxBitrate"]) for e in encodings] == expected


async def test_pages_and_modules_are_served_with_a_policy(server, page):
    for path in ("/", "/publish.html", "/watch.html", "/golive-client.js", "/style.css"):
        response = await page.page.request.get(server.url + path)
        assert response.status == 200, path
        assert "default-src 'none'" in response.headers["content-security-policy"], path
    for path in ("/publish", "/watch"):
        response = await page.page.request.get(server.url + path)
        assert response.headers["content-type"].startswith("text/html"), path
    assert (await page.page.request.get(f"{server.url}/nothing.js")).status == 404
