// @ts-check
/** What happens to one stream, told by the server as it happens (Server-Sent Events). */

/** @typedef {{isLive: boolean, phase: string, viewerCount: number, startedAt?: string | null}} LiveStatus */
/**
 * @typedef {object} LiveHandlers
 * @property {(status: LiveStatus) => void} [status]
 * @property {(count: number) => void} [viewerCount]
 * @property {(info: {title?: string, description?: string, thumbnail?: string | null}) => void} [info]
 * @property {(settings: Record<string, any>) => void} [chatSettings]
 * @property {(isOpen: boolean) => void} [connection] whether the server is heard; it is asked again by itself
 */

/** Milliseconds before asking again after a refusal: doubled each time, up to a minute. */
const firstPause = 2000;
const longestPause = 60_000;

/**
 * A browser asks again by itself when a connection breaks, with the last event's id, but gives up when it is refused,
 * as by a server that is just starting: then it is asked again here.
 * @param {string} username
 * @param {LiveHandlers} handlers
 * @returns {() => void} ends it
 */
export function liveEvents(username, handlers) {
  let pause = firstPause;
  let isOver = false;
  /** @type {EventSource} */
  let source;
  /** @type {any} */
  let timer;

  function open() {
    source = new EventSource(`/api/events/${encodeURIComponent(username)}`);
    source.addEventListener("open", () => {
      pause = firstPause;
      handlers.connection?.(true);
    });
    source.addEventListener("error", () => {
      if (isOver) return;
      handlers.connection?.(false);
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, pause);
      pause = Math.min(2 * pause, longestPause);
    });
    listen("status", handlers.status);
    listen("viewer-count", handlers.viewerCount && ((data) => handlers.viewerCount?.(data.viewerCount)));
    listen("info", handlers.info);
    listen("chat-settings", handlers.chatSettings);
  }

  /**
   * @param {string} name
   * @param {((data: any) => void) | undefined} handler
   */
  function listen(name, handler) {
    if (handler) source.addEventListener(name, (event) => handler(JSON.parse(event.data)));
  }

  function close() {
    isOver = true;
    clearTimeout(timer);
    source.close();
  }

  open();
  return close;
}
