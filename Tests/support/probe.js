// In every page under test: counts painted frames, keeps the room's events and the page's sockets.
globalThis.probe = {
  count: 0,
  width: 0,
  height: 0,
  /** Times in ms at which a frame was painted, and how many the compositor had been given by then. */
  frames: [],
  events: {},
  sockets: [],

  /** @param {number} ms */
  async watch(ms) {
    const from = this.frames.length;
    const start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const seen = this.frames.slice(from);
    const end = performance.now();
    const times = [start, ...seen.map(({ at }) => at), end];
    const gaps = times.slice(1).map((time, index) => time - times[index]);
    const presented = seen.length > 1 ? seen.at(-1).presented - seen[0].presented : 0;
    const span = seen.length > 1 ? seen.at(-1).at - seen[0].at : 1;
    return { fps: (1000 * presented) / span, gap: Math.max(...gaps), width: this.width, height: this.height };
  },

  /** The longest gap between painted frames since the frame of this index, in ms. */
  gapSince(index) {
    const times = this.frames.slice(index).map(({ at }) => at);
    return Math.max(0, ...times.slice(1).map((time, i) => time - times[i]));
  },

  /** Times in ms at which the machine let this page wait, and for how long. */
  pauses: [],

  /** The longest time since `from` that the page was not run, in ms: a gap in the picture as long is nobody's fault. */
  pauseSince(from) {
    return Math.max(0, ...this.pauses.filter(({ at }) => at >= from).map(({ length }) => length));
  },

  follow(room) {
    const names = [
      "connected", "reconnecting", "reconnected", "resumed", "disconnected", "participantJoined", "participantLeft",
      "participantChanged", "muted", "speakers", "quality", "roomChanged", "localTrackMuted",
      "localTrackUnpublished", "streamState",
    ];
    for (const name of names) {
      room.on(name, (detail) => (this.events[name] ??= []).push(JSON.parse(JSON.stringify(detail ?? null))));
    }
    const sidOf = ({ sid, publication }) => ({ sid, source: publication.source });
    room.on("trackSubscribed", (detail) => (this.events.trackSubscribed ??= []).push(sidOf(detail)));
    room.on("trackUnsubscribed", (detail) => (this.events.trackUnsubscribed ??= []).push(sidOf(detail)));
    room.on("data", ({ payload, identity, topic, reliable }) => {
      const text = new TextDecoder().decode(payload);
      (this.events.data ??= []).push({ text, identity, topic, reliable });
    });
  },
};

{
  // The page puts its room on the global object; its events are followed from the first one.
  let room;
  Object.defineProperty(globalThis, "room", {
    configurable: true,
    get: () => room,
    set(value) {
      room = value;
      probe.follow(value);
    },
  });

  const Socket = globalThis.WebSocket;
  globalThis.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      probe.sockets.push(this);
    }
  };

  addEventListener("DOMContentLoaded", () => {
    const video = document.querySelector("#video");
    if (!video) return;
    const painted = (at, { width, height, presentedFrames }) => {
      probe.count += 1;
      Object.assign(probe, { width, height });
      probe.frames.push({ at, presented: presentedFrames });
      video.requestVideoFrameCallback(painted);
    };
    video.requestVideoFrameCallback(painted);
  });
}

let lastTick = performance.now();
setInterval(() => {
  const now = performance.now();
  if (now - lastTick > 50) probe.pauses.push({ at: now, length: now - lastTick });
  lastTick = now;
}, 20);
