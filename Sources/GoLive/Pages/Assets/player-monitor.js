// @ts-check
import { CaptureClock } from "./capture-clock.js";
import { CatchUp, setBuffer } from "./catch-up.js";
import { Emitter } from "./events.js";

/** Seconds without a packet after which the viewer is told that the picture waits. */
const silence = 3;

/**
 * Looks once a second at what is received, and keeps the viewer near the live moment.
 *
 * Events: `measured` `{stats, age}`, `age` in milliseconds from capture to screen, undefined when not known · `stalled`
 * whether nothing comes, though it should.
 */
export class PlayerMonitor extends Emitter {
  isStalled = false;
  #catchUp = new CatchUp();
  #packets = -1;
  #silent = 0;

  /**
   * @param {import("./golive-client.js").GoLiveRoom} room
   * @param {import("./player-picture.js").PlayerPicture} picture
   */
  constructor(room, picture) {
    super();
    this.room = room;
    this.picture = picture;
    this.clock = new CaptureClock(room);
    this.timer = setInterval(() => this.#look(), 1000);
  }

  close() {
    clearInterval(this.timer);
  }

  /** Back to the live moment, now. */
  goLive() {
    if (this.picture.isPaused) this.picture.setPaused(false);
    else this.picture.restart();
  }

  async #look() {
    if (this.room.state !== "connected") return this.#listen([]);
    const stats = await this.room.getStats();
    const tracks = (stats.subscriber?.tracks ?? []).filter((/** @type {any} */ track) => track.sid);
    const ages = tracks.map((/** @type {any} */ track) => this.clock.age(track)).filter(isKnown);
    const age = ages.length > 0 ? Math.max(...ages) : undefined;
    this.emit("measured", { stats, age });
    this.#listen(tracks);
    // A hidden page is not painted, and a paused one is behind on purpose.
    if (document.hidden || this.picture.isPaused) return;
    const buffered = Math.max(0, ...tracks.map((/** @type {any} */ track) => track.recentJitterBuffer));
    switch (this.#catchUp.next({ buffered, age })) {
      case "shrink":
        setBuffer(this.picture.receivers, 0);
        break;
      case "relax":
        setBuffer(this.picture.receivers, null);
        break;
      case "restart":
        setBuffer(this.picture.receivers, null);
        this.picture.restart();
        break;
    }
  }

  /** @param {any[]} tracks what is received, muted or not */
  #listen(tracks) {
    const expected = tracks.filter(({ sid }) => this.picture.expects(sid));
    const packets = expected.reduce((sum, track) => sum + track.packets, 0);
    this.#silent = expected.length > 0 && packets === this.#packets ? this.#silent + 1 : 0;
    this.#packets = packets;
    const isStalled = this.#silent >= silence;
    if (isStalled === this.isStalled) return;
    this.isStalled = isStalled;
    this.emit("stalled", isStalled);
  }
}

/** @param {number | undefined} age */
function isKnown(age) {
  return age !== undefined;
}
