// @ts-check
/** Calls of the server's API: data or an `ApiError` comes out. The session is the browser's cookie. */

/** A refusal, or no answer at all (status 0, code `unreachable`). */
export class ApiError extends Error {
  /**
   * @param {number} status of HTTP
   * @param {string} code in snake case, for programs
   * @param {string} message a sentence, for people
   * @param {{details?: Record<string, string>, retryAfter?: number}} [more] what was wrong with each field, by name;
   *   seconds until it is worth trying again
   */
  constructor(status, code, message, { details = {}, retryAfter } = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.details = details;
    this.retryAfter = retryAfter;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {BodyInit} [body]
 * @param {string} [type]
 */
async function call(method, path, body, type) {
  /** @type {Response} */
  let response;
  try {
    const headers = { Accept: "application/json", ...(type ? { "Content-Type": type } : {}) };
    // What was written last is still sent when the page is left; browsers allow that for 64 KiB.
    const keepalive = method === "PUT" && typeof body === "string" && body.length < 16_384;
    response = await fetch(path, { method, body, headers, keepalive, credentials: "same-origin", cache: "no-store" });
  } catch {
    throw new ApiError(0, "unreachable", "The server does not answer. Check your connection and try again.");
  }
  const answer = await response.json().catch(() => undefined);
  if (response.ok && answer?.success) return answer.data ?? answer.message;
  if (response.ok) throw new ApiError(response.status, "cut_short", "The server's answer was cut short; try again.");
  const { code = "failed", message = sentence(response.status), details } = answer?.error ?? {};
  const retryAfter = Number(response.headers.get("Retry-After")) || undefined;
  throw new ApiError(response.status, code, message, { details, retryAfter });
}

/**
 * For answers that are not the API's own, such as a proxy's.
 * @param {number} status
 */
function sentence(status) {
  if (status === 413) return "That is larger than the server takes.";
  if (status === 429) return "Too many requests; wait a moment and try again.";
  return status >= 500 ? "The server has a problem; try again shortly." : `The server refused this (${status}).`;
}

/** @param {unknown} body */
const json = (body) => (body === undefined ? undefined : JSON.stringify(body));
const type = (/** @type {unknown} */ body) => (body === undefined ? undefined : "application/json");

export const api = {
  /** @param {string} path @returns {Promise<any>} */
  get: (path) => call("GET", path),
  /** @param {string} path @param {unknown} [body] @returns {Promise<any>} */
  post: (path, body) => call("POST", path, json(body), type(body)),
  /** @param {string} path @param {unknown} [body] @returns {Promise<any>} */
  put: (path, body) => call("PUT", path, json(body), type(body)),
  /** @param {string} path @param {unknown} [body] @returns {Promise<any>} */
  delete: (path, body) => call("DELETE", path, json(body), type(body)),
  /**
   * Sends a file as it is.
   * @param {string} path
   * @param {Blob} file
   * @returns {Promise<any>}
   */
  upload: (path, file) => call("POST", path, file, file.type || "application/octet-stream"),
};
