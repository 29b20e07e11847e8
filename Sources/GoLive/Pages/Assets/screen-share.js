// @ts-check
import { Emitter } from "./events.js";

/**
 * The shared screen and its sound. The browser has its own button to stop sharing: that stops both here as well.
 *
 * Events: `changed`.
 */
export class ScreenShare extends Emitter {
  /** @type {import("./golive-client.js").LocalTrack[]} */
  #locals = [];

  /** @param {import("./golive-client.js").GoLiveRoom} room */
  constructor(room) {
    super();
    this.room = room;
    room.on("localTrackUnpublished", (local) => this.#locals.includes(local) && this.stop());
  }

  get isOn() {
    return this.#locals.length > 0;
  }

  /** What is seen of it. */
  get picture() {
    return this.#locals.find(({ track }) => track.kind === "video")?.track;
  }

  /** Asks for a screen or a window; the browser's refusal is thrown on. */
  async start() {
    this.#know(await this.room.publishScreen());
  }

  /** No track is left on the air, whoever stopped it. */
  async stop() {
    const locals = this.#locals;
    this.#locals = [];
    for (const { track } of locals) track.stop();
    this.emit("changed");
    for (const local of locals) await this.room.unpublish(local).catch(() => {});
  }

  /** What was shared before the connection was lost for good. */
  async publishAgain() {
    const left = this.#locals.filter(({ track }) => track.readyState === "live");
    this.#know(await Promise.all(left.map(({ track, options }) => this.room.publishTrack(track, options))));
  }

  /** @param {import("./golive-client.js").LocalTrack[]} locals */
  #know(locals) {
    this.#locals = locals;
    for (const { track } of locals) {
      track.addEventListener("ended", () => this.#locals === locals && this.stop());
    }
    this.emit("changed");
  }
}
