"""A publisher whose picture says when it was painted, and viewers who join it: what they see, and when."""

import asyncio
import pathlib
import statistics

from support.server import token

TIMECODE = (pathlib.Path(__file__).parent / "timecode.js").read_text()

PUBLISH = """async ([url, token, size]) => {
  const { GoLiveRoom } = await import("/golive-client.js");
  globalThis.room = new GoLiveRoom({ startBitrate: 1500 });
  await room.connect(url, token);
  const [width, height] = size;
  await room.publishTrack(timecode.paint(width, height, 30), { source: "CAMERA", simulcast: false });
}"""

JOIN = """async ([url, token, duration]) => {
  const { GoLiveRoom } = await import("/golive-client.js");
  const video = document.createElement("video");
  video.muted = true;
  document.body.append(video);
  const room = new GoLiveRoom();
  const start = performance.now();
  const reading = new Promise((resolve) => room.on("trackSubscribed", ({ track }) => {
    if (track.kind !== "video") return;
    video.srcObject = new MediaStream([track]);
    video.play();
    const samples = timecode.read(video);
    const since = performance.timeOrigin + start;
    setTimeout(() => resolve(samples.map(({ at, age }) => ({ at: at - since, age }))), duration);
  }));
  await room.connect(url, token);
  const samples = await reading;
  room.disconnect();
  video.remove();
  return samples;
}"""


async def prepare(browser, url):
    """A page of the server with the time code in it."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{url}/index.html")
    await page.evaluate(TIMECODE)
    return page


async def publish(browser, server, room, size=(640, 360), address=None):
    url = address or server.url
    page = await prepare(browser, url)
    await page.evaluate(PUBLISH, [url, token(room, "creator"), list(size)])
    return page


class Counters:
    """What the server counted of keyframes and starts since the last look."""

    NAMES = {"asked": "golive_plis_sent_total", "cached": "golive_cached_starts_total"}

    def __init__(self, server):
        self.server = server
        self.last = self._read()

    def _read(self):
        metrics = self.server.metrics()
        return {name: int(metrics.get(metric, 0)) for name, metric in self.NAMES.items()}

    def step(self):
        now = self._read()
        difference = {name: now[name] - self.last[name] for name in now}
        self.last = now
        return difference


async def join(page, server, room, identity, seconds):
    """The frames that a viewer paints from its join on, `seconds` long: ms since the join, and the age of the picture."""
    who = token(room, identity, can_publish=False)
    return await asyncio.wait_for(page.evaluate(JOIN, [server.url, who, int(1000 * seconds)]), seconds + 30)


async def compare_starts(publishing, watching, server, room, seconds=3.0, address=None):
    """Viewers join one after another: those whom the cache served, and those for whom the creator was asked. Ends when
    there are two of the first and one of the second; joins that come within a keyframe's life need no luck, but the
    machine has to be able to make one in five seconds."""
    publisher = await publish(publishing, server, room, address=address)
    page = await prepare(watching, server.url)
    try:
        counters = Counters(server)
        cached, asked = [], []
        for number in range(16):
            samples = await join(page, server, room, f"viewer-{number}", seconds)
            assert samples, "nothing readable was painted"
            counted = counters.step()
            assert counted["cached"] or counted["asked"], "a picture came from nowhere"
            (asked if counted["asked"] else cached).append(samples)
            if len(cached) >= 2 and asked:
                return cached, asked
        raise AssertionError(f"{len(cached)} served from the cache, {len(asked)} asked for")
    finally:
        await page.context.close()
        await publisher.context.close()


def settled(samples):
    """The age of the picture from a second after the first frame on, in ms."""
    return statistics.median(sample["age"] for sample in samples if sample["at"] - samples[0]["at"] >= 1000)
