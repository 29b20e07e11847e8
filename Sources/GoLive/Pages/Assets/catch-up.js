// @ts-check
/**
 * Keeps a viewer near the live moment. Browsers play faster to shorten a buffer, but they leave some of what a bad
 * minute built up; this asks for less, and when that does not help takes the tracks anew, which begins at now.
 */

/** Milliseconds that the buffers may hold. */
const allowed = 1000;
/** Milliseconds from capture to screen. */
const allowedAge = 3000;
/** Seconds behind before the buffers are told to shrink, and before the tracks are taken anew. */
const patience = { shrink: 3, restart: 8 };
/** Seconds to leave alone after a restart. */
const rest = 30;

export class CatchUp {
  #behind = 0;
  #resting = 0;

  /**
   * To be asked once a second.
   * @param {{buffered: number, age?: number}} delay milliseconds in the fuller buffer, and from capture to screen
   * @returns {"nothing" | "shrink" | "restart" | "relax"} `relax`: near enough again after a `shrink`
   */
  next({ buffered, age = 0 }) {
    if (this.#resting > 0) {
      this.#resting -= 1;
      return "nothing";
    }
    if (buffered <= allowed && age <= allowedAge) {
      const wasBehind = this.#behind >= patience.shrink;
      this.#behind = 0;
      return wasBehind ? "relax" : "nothing";
    }
    this.#behind += 1;
    if (this.#behind === patience.shrink) return "shrink";
    if (this.#behind < patience.restart) return "nothing";
    this.#behind = 0;
    this.#resting = rest;
    return "restart";
  }
}

/**
 * @param {RTCRtpReceiver[]} receivers
 * @param {number | null} target milliseconds to hold, or as the browser likes
 */
export function setBuffer(receivers, target) {
  for (const receiver of receivers) {
    if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = target;
  }
}
