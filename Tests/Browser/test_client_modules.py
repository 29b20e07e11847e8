"""The client's small parts, run in the browser that uses them and held against other people's implementations."""

import re

import pytest
from livekit.protocol import models

from support.browsers import Page, close_all
from support.server import ROOT

ASSETS = ROOT / "Sources" / "GoLive" / "Pages" / "Assets"


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


async def decode_chat(page, data):
    script = """async (bytes) => {
      const { decodeChatPacket } = await import("/chat-packets.js");
      const part = decodeChatPacket(Uint8Array.from(bytes));
      return part && { ...part, content: part.content && [...part.content] };
    }"""
    return await page.evaluate(script, list(data))


async def whole_messages(page, packets):
    """What the chat makes of these packets, in this order."""
    script = """async (packets) => {
      const [{ decodeChatPacket }, { TextStreams }] = await Promise.all([import("/chat-packets.js"), import("/text-streams.js")]);
      const streams = new TextStreams();
      const parts = packets.map((bytes) => decodeChatPacket(Uint8Array.from(bytes)));
      return parts.map((part) => part && streams.add(part)).filter(Boolean).map(({ identity, id, text }) => [identity, id, text]);
    }"""
    return await page.evaluate(script, [list(packet.SerializeToString()) for packet in packets])


def text_stream(identity, stream_id, text, topic="lk.chat", pieces=3):
    """A text stream as LiveKit's SDKs send it; pieces are cut without regard to characters."""
    data = text.encode()
    size = max(1, -(-len(data) // pieces))
    header = models.DataStream.Header(
        stream_id=stream_id, timestamp=1_700_000_000_000, topic=topic, mime_type="text/plain", total_length=len(data),
        attributes={"a": "b"}, text_header=models.DataStream.TextHeader(),
    )
    packets = [models.DataPacket(participant_identity=identity, stream_header=header)]
    for index, start in enumerate(range(0, len(data), size)):
        chunk = models.DataStream.Chunk(stream_id=stream_id, chunk_index=index, content=data[start : start + size])
        packets.append(models.DataPacket(participant_identity=identity, stream_chunk=chunk))
    trailer = models.DataStream.Trailer(stream_id=stream_id)
    return [*packets, models.DataPacket(participant_identity=identity, stream_trailer=trailer)]


@pytest.mark.parametrize("text", ["hi", "żółw 🐢", "x" * 500, "🐢" * 8000])
async def test_chat_that_we_send_protobuf_reads(page, text):
    script = """async (text) => {
      const { encodeTextStream } = await import("/chat-packets.js");
      return encodeTextStream({ id: "m-1", timestamp: 1_700_000_000_123, text }).map((packet) => [...packet]);
    }"""
    packets = [models.DataPacket.FromString(bytes(packet)) for packet in await page.evaluate(script, text)]
    header, *chunks, trailer = packets
    assert (header.stream_header.stream_id, header.stream_header.topic) == ("m-1", "lk.chat")
    assert header.stream_header.timestamp == 1_700_000_000_123
    assert header.stream_header.HasField("text_header")
    assert header.stream_header.total_length == len(text.encode())
    assert [chunk.stream_chunk.chunk_index for chunk in chunks] == list(range(len(chunks)))
    assert b"".join(chunk.stream_chunk.content for chunk in chunks).decode() == text
    assert (trailer.stream_trailer.stream_id, trailer.stream_trailer.reason) == ("m-1", "")


async def test_an_older_chat_message_goes_both_ways(page):
    script = """async () => {
      const { encodeChatMessage } = await import("/chat-packets.js");
      return [...encodeChatMessage({ id: "m-2", timestamp: 1_700_000_000_123, text: "żółw" })];
    }"""
    packet = models.DataPacket.FromString(bytes(await page.evaluate(script)))
    assert (packet.chat_message.id, packet.chat_message.message) == ("m-2", "żółw")
    packet.participant_identity = "ada"
    decoded = await decode_chat(page, packet.SerializeToString())
    assert decoded["kind"] == "message"
    assert (decoded["identity"], decoded["id"], decoded["text"]) == ("ada", "m-2", "żółw")
    assert (decoded["timestamp"], decoded["isDeleted"]) == (1_700_000_000_123, False)


async def test_text_streams_become_messages_and_never_mix(page):
    one, two = text_stream("ada", "s", "żółw 🐢 from Ada"), text_stream("bob", "s", "from Bob")
    mixed = [packet for pair in zip(one, two, strict=True) for packet in pair]
    assert await whole_messages(page, mixed) == [["ada", "s", "żółw 🐢 from Ada"], ["bob", "s", "from Bob"]]


async def test_streams_of_other_topics_and_endless_ones_are_not_chat(page):
    assert await whole_messages(page, text_stream("ada", "s", "no chat", topic="files")) == []
    assert await whole_messages(page, text_stream("ada", "s", "x" * 20_000, pieces=4)) == []


async def test_chat_cut_at_any_byte_is_no_error(page):
    for packet in text_stream("ada", "s", "a text of some length"):
        data = packet.SerializeToString()
        for length in range(len(data)):
            await decode_chat(page, data[:length])


async def test_only_the_server_speaks_for_the_server(page):
    script = """async () => {
      const [{ ChatChannel }, { Emitter }] = await Promise.all([import("/chat-channel.js"), import("/events.js")]);
      const room = new Emitter();
      const heard = [];
      new ChatChannel(room).on("deleted", ({ id }) => heard.push(id));
      const payload = (id) => new TextEncoder().encode(JSON.stringify({ type: "deleted", id }));
      room.emit("data", { payload: payload("forged"), topic: "golive.chat", identity: "mallory" });
      room.emit("data", { payload: payload("real"), topic: "golive.chat", identity: "" });
      room.emit("data", { payload: new TextEncoder().encode("{"), topic: "golive.chat", identity: "" });
      return heard;
    }"""
    assert await page.evaluate(script) == ["real"]


async def test_messages_written_at_once_leave_one_after_another(page):
    """The server follows only a few texts of a sender at a time."""
    script = """async () => {
      const [{ ChatChannel }, { Emitter }] = await Promise.all([import("/chat-channel.js"), import("/events.js")]);
      const left = [];
      const sendPacket = async (packet) => {
        await new Promise((done) => setTimeout(done));
        left.push([...packet]);
      };
      const channel = new ChatChannel(Object.assign(new Emitter(), { sendPacket }));
      await Promise.all(Array.from({ length: 6 }, (_, number) => channel.send(`message ${number}`).sent));
      return left;
    }"""
    packets = [models.DataPacket.FromString(bytes(packet)) for packet in await page.evaluate(script)]
    assert [packet.WhichOneof("value") for packet in packets] == ["stream_header", "stream_chunk", "stream_trailer"] * 6
    texts = [packet.stream_chunk.content.decode() for packet in packets if packet.HasField("stream_chunk")]
    assert texts == [f"message {number}" for number in range(6)]


async def test_a_viewer_that_stays_behind_is_brought_back_once(page):
    script = """async () => {
      const { CatchUp } = await import("/catch-up.js");
      const catchUp = new CatchUp();
      const near = { buffered: 50, age: 300 }, far = { buffered: 2500, age: 4000 };
      return [near, near, ...Array(8).fill(far), ...Array(5).fill(far), near].map((delay) => catchUp.next(delay));
    }"""
    steps = await page.evaluate(script)
    assert [step for step in steps if step != "nothing"] == ["shrink", "restart"]
    assert steps.index("shrink") == 4


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([("LOW", 320, 180), ("MEDIUM", 640, 360), ("HIGH", 1280, 720)], ["Auto", "720p", "360p", "180p"]),
        ([("LOW", 180, 320), ("HIGH", 720, 1280)], ["Auto", "720p", "180p"]),
        ([("HIGH", 1280, 720)], ["Auto"]),
        ([], ["Auto"]),
    ],
)
async def test_sizes_have_the_names_people_know(page, sizes, expected):
    script = """async (layers) => {
      const { qualityChoices } = await import("/quality.js");
      return qualityChoices({ layers }).map(({ name }) => name);
    }"""
    layers = [{"quality": quality, "width": width, "height": height, "bitrate": 1} for quality, width, height in sizes]
    assert await page.evaluate(script, layers) == expected


@pytest.mark.parametrize(
    ("situation", "words"),
    [
        ({}, ""),
        ({"roomState": "idle"}, "Chat opens when Ada is live."),
        ({"roomState": "reconnecting"}, "Connecting to the chat…"),
        ({"settings": {"isChatEnabled": False}, "mayWrite": False}, "Ada has turned the chat off."),
        ({"settings": {"isChatFollowersOnly": True}, "mayWrite": False}, "Only followers can chat. Follow Ada to join in."),
        ({"settings": {"isChatOpenToGuests": False}, "mayWrite": False, "isGuest": True}, "Guests cannot chat here. Sign in to join in."),
        ({"mayWrite": False}, "Ada has paused your messages for a while."),
        ({"settings": {"isChatEnabled": False}, "isHost": True}, ""),
    ],
)
async def test_a_closed_chat_has_a_reason(page, situation, words):
    script = """async (situation) => {
      const { closedReason } = await import("/chat-rules.js");
      const open = { roomState: "connected", mayWrite: true, isHost: false, isGuest: false, hostName: "Ada", settings: {} };
      return closedReason({ ...open, ...situation });
    }"""
    assert await page.evaluate(script, situation) == words


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


IMPORT = re.compile(r'^(?:import|export)[^;]*?from "\./([\w.-]+)";', re.MULTILINE)


@pytest.mark.parametrize("name", ["channel", "embed", "live"])
def test_a_page_asks_for_all_its_modules_at_once(name):
    """Otherwise each level of imports costs a round trip before the picture comes."""
    wanted, waiting = set(), [f"{name}.js"]
    while waiting:
        found = set(IMPORT.findall((ASSETS / waiting.pop()).read_text())) - wanted
        wanted |= found
        waiting += found
    page = (ASSETS / f"{name}.html").read_text()
    assert set(re.findall(r'<link rel="modulepreload" href="/([\w.-]+)">', page)) == wanted


async def test_pages_and_modules_are_served_with_a_policy(server, page):
    for path in ("/", "/publish.html", "/watch.html", "/golive-client.js", "/style.css"):
        response = await page.page.request.get(server.url + path)
        assert response.status == 200, path
        assert "default-src 'none'" in response.headers["content-security-policy"], path
    for path in ("/publish", "/watch"):
        response = await page.page.request.get(server.url + path)
        assert response.headers["content-type"].startswith("text/html"), path
    assert (await page.page.request.get(f"{server.url}/nothing.js")).status == 404
