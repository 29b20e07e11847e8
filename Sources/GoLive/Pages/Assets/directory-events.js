// @ts-check
/**
 * What happens to the streams that a page lists, told by the server as it happens: one connection for all of them
 * (Server-Sent Events), and only while somebody can see the page, for browsers open few connections to one server.
 */

/** Hosts that one connection brings; further ones are only asked about with the lists. */
const most = 100;
/** Milliseconds before asking again after a refusal: doubled each time, up to a minute. */
const firstPause = 2000;
const longestPause = 60_000;

/**
 * @typedef {object} DirectoryHandlers
 * @property {(username: string, change: import("./stream-card.js").StreamChange) => void} changed
 * @property {() => void} directory streams began or ended: the lists are to be asked for again
 */

export class DirectoryEvents {
  /** @type {string[]} */
  #hosts = [];
  /** @type {EventSource | undefined} */
  #source;
  /** @type {any} */
  #timer;
  #pause = firstPause;
  #handlers;
  isHeard = false;

  /** @param {DirectoryHandlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers;
    const look = () => (document.visibilityState === "visible" ? this.#open() : this.#close());
    document.addEventListener("visibilitychange", look);
    addEventListener("pagehide", () => this.#close());
    addEventListener("pageshow", ({ persisted }) => persisted && look());
  }

  /**
   * Listens to these hosts from now on; to others no longer.
   * @param {string[]} usernames the most important ones first
   */
  follow(usernames) {
    const hosts = [...new Set(usernames)].slice(0, most).sort();
    if (this.#source && hosts.join() === this.#hosts.join()) return;
    this.#hosts = hosts;
    if (document.visibilityState === "visible") this.#open();
  }

  #open() {
    this.#close();
    const source = new EventSource(`/api/events?${new URLSearchParams({ hosts: this.#hosts.join() })}`);
    this.#source = source;
    source.addEventListener("open", () => {
      this.#pause = firstPause;
      this.isHeard = true;
    });
    source.addEventListener("error", () => {
      if (this.#source !== source) return;
      this.isHeard = false;
      // A browser asks again by itself when a connection breaks, but gives up when it is refused.
      if (source.readyState !== EventSource.CLOSED) return;
      this.#timer = setTimeout(() => this.#open(), this.#pause);
      this.#pause = Math.min(2 * this.#pause, longestPause);
    });
    source.addEventListener("directory", () => this.#handlers.directory());
    for (const name of ["status", "viewer-count", "info"]) {
      source.addEventListener(name, ({ data }) => {
        const { username, ...change } = JSON.parse(data);
        this.#handlers.changed(username, change);
      });
    }
  }

  #close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
    this.isHeard = false;
  }
}
