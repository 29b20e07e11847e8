// @ts-check
import { GoLiveError } from "./events.js";

/** Milliseconds before the attempts, each spread by half; together a little less than the server waits for us. */
const attempts = [0, 300, 700, 1500, 3000, 5000];
/** Milliseconds that the media connections are given to find their way. */
const mediaDeadline = 6000;

/**
 * @typedef {object} Resumption
 * @property {import("./signal.js").Signal} signal
 * @property {import("./publisher.js").Publisher} publisher
 * @property {import("./subscriber.js").Subscriber} subscriber
 * @property {string} url
 * @property {() => string} token the newest
 * @property {string} sid
 * @property {() => any} state SyncState: what we believe to have
 * @property {(milliseconds: number) => Promise<void>} pause
 * @property {() => boolean} isOver whether nobody wants it any more
 */

/**
 * Goes on as the same participant after the signalling, or the way for media, was lost: the signalling is opened anew
 * and ICE starts again on both connections, while whatever still flows goes on flowing.
 * @param {Resumption} resumption
 * @returns {Promise<boolean>} false: the room has to be joined anew
 */
export async function resume(resumption) {
  const { signal, publisher, subscriber, pause, isOver } = resumption;
  for (const delay of attempts) {
    await pause(spread(delay, 200));
    if (isOver()) return false;
    try {
      await signal.reopen(resumption.url, resumption.token(), resumption.sid);
      signal.send("syncState", resumption.state());
      if (publisher.peer.localDescription) {
        publisher.peer.restartIce();
        await publisher.negotiate();
      }
      // The subscriber's restart is the server's to offer.
      await Promise.all([publisher.reconnected(mediaDeadline), subscriber.reconnected(mediaDeadline)]);
      return !isOver();
    } catch (error) {
      const code = error instanceof GoLiveError ? error.code : "";
      if (isOver() || (code !== "unreachable" && code !== "closed")) return false;
    }
  }
  return false;
}

/**
 * So that those who lost their connection together do not come back together.
 * @param {number} delay milliseconds, taken half to one and a half times
 * @param {number} least milliseconds over which even those without delay are spread
 */
export function spread(delay, least) {
  return delay * (0.5 + Math.random()) + (delay === 0 ? Math.random() * least : 0);
}
