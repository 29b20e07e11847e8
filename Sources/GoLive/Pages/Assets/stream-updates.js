// @ts-check
import { liveEvents } from "./live-events.js";

/**
 * What happens to a stream, for any number of tabs. Over HTTP/1.1 a browser keeps six connections to a server for all its
 * tabs together, and an event stream keeps one of them: so the tabs share a few places (Web Locks). Who has one listens;
 * the others ask now and then, and take a place that has become free. What is urgent a viewer hears from the room anyway.
 */

/** Event streams that all tabs of a browser may keep together. */
const placeCap = 3;
/** Milliseconds between questions of a tab without a place. */
const pauses = { visible: 5000, hidden: 15_000 };

/**
 * @param {string} username
 * @param {import("./live-events.js").LiveHandlers} handlers
 * @param {{isThere: boolean, ask: () => Promise<boolean>}} options `isThere`: whether there is something to listen to;
 *   `ask` looks once, in place of listening, and says the same
 * @returns {() => void} ends it
 */
export function streamUpdates(username, handlers, { isThere, ask }) {
  let isOver = false;
  let leave = () => {};
  /** @type {any} */
  let timer;

  async function follow() {
    const free = isThere ? await freePlace() : undefined;
    if (isOver) return free?.();
    if (!free) {
      timer = setTimeout(look, document.hidden ? pauses.hidden : pauses.visible);
      return;
    }
    const stop = liveEvents(username, handlers);
    leave = () => {
      stop();
      free();
    };
  }

  async function look() {
    // An answer that did not come says nothing about the stream.
    isThere = await ask().catch(() => isThere);
    follow();
  }

  follow();
  return () => {
    isOver = true;
    clearTimeout(timer);
    leave();
  };
}

/**
 * Where a page has no locks, as without HTTPS, the tabs that can be seen listen.
 * @returns {Promise<(() => void) | undefined>} gives the place back; nothing: all are taken
 */
async function freePlace() {
  if (!navigator.locks) return document.hidden ? undefined : () => {};
  for (let place = 0; place < placeCap; place += 1) {
    const free = await new Promise((resolve) => {
      // The lock is held until its promise is settled: that is how the place is given back.
      const keep = (/** @type {Lock | null} */ lock) =>
        lock ? new Promise((release) => resolve(release)) : resolve(undefined);
      navigator.locks.request(`golive.events.${place}`, { ifAvailable: true }, keep).catch(() => resolve(undefined));
    });
    if (free) return free;
  }
  return undefined;
}
