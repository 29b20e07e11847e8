// @ts-check
import { DirectoryEvents } from "./directory-events.js";
import { whileVisible } from "./while-visible.js";

/** Milliseconds between two looks while the server's events do not come. */
const patience = 15_000;

/**
 * Keeps lists of streams true without a reload: counts and titles change as the server tells, and when streams begin or
 * end the lists are asked for again.
 * @param {import("./stream-list.js").StreamList[]} lists the most important one first
 * @param {() => Promise<void>} refresh asks for all of them again
 */
export function keepMoving(lists, refresh) {
  let isAsking = false;
  let isStale = false;
  const events = new DirectoryEvents({
    changed: (username, change) => {
      for (const list of lists) list.change(username, change);
    },
    directory: () => ask().catch(() => {}),
  });
  const follow = () => events.follow(lists.flatMap((list) => list.usernames));

  /** Once at a time; what happens meanwhile is asked for afterwards. */
  async function ask() {
    isStale = true;
    if (isAsking) return;
    isAsking = true;
    try {
      while (isStale) {
        isStale = false;
        await refresh();
      }
    } finally {
      isAsking = false;
      follow();
    }
  }

  for (const list of lists) list.addEventListener("extended", follow);
  follow();
  whileVisible(async () => {
    if (!events.isHeard) await ask();
  }, patience);
}
