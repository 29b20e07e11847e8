// @ts-check
/**
 * Typed events over the browser's own EventTarget: `on` returns the function that takes the listener off again,
 * and a listener gets the detail itself.
 */
export class Emitter extends EventTarget {
  /**
   * @param {string} name
   * @param {any} [detail]
   */
  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /**
   * @param {string} name
   * @param {(detail: any) => void} listener
   * @returns {() => void} takes the listener off again
   */
  on(name, listener) {
    const wrapped = (/** @type {Event} */ event) => listener(/** @type {CustomEvent} */ (event).detail);
    this.addEventListener(name, wrapped);
    return () => this.removeEventListener(name, wrapped);
  }

  /**
   * The detail of the next event of this name.
   * @param {string} name
   * @returns {Promise<any>}
   */
  next(name) {
    return new Promise((resolve) => {
      const off = this.on(name, (detail) => {
        off();
        resolve(detail);
      });
    });
  }
}

/** What went wrong, with a code that a program can compare. */
export class GoLiveError extends Error {
  /**
   * @param {string} code `not_allowed`, `timed_out`, `closed`, `refused`, `unreachable`, …
   * @param {string} message a sentence for people
   */
  constructor(code, message) {
    super(message);
    this.name = "GoLiveError";
    this.code = code;
  }
}

/**
 * Rejects when the promise has not settled in time.
 * @template T
 * @param {Promise<T>} promise
 * @param {number} milliseconds
 * @param {string} what named in the error
 * @returns {Promise<T>}
 */
export function withDeadline(promise, milliseconds, what) {
  /** @type {any} */
  let timer;
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new GoLiveError("timed_out", `${what} took too long`)), milliseconds);
  });
  return Promise.race([promise, deadline]).finally(() => clearTimeout(timer));
}
