// @ts-check
import { Emitter, GoLiveError, withDeadline } from "./events.js";

/** Milliseconds until a server that does not answer is given up. */
const joinDeadline = 10_000;
const resumeDeadline = 5000;

/**
 * One signalling connection: LiveKit's messages as JSON text (protobuf's JSON mapping), one member of the oneof a
 * message. Numbers of 64 bits are strings, members that hold their default (0, "", false, the first enum case) are
 * left out.
 *
 * Events: every response under its own name (`offer`, `answer`, `update`, …), and `closed`, with why, each time that a
 * socket ends which was not closed from here.
 */
export class Signal extends Emitter {
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pinger;
  #lastHeard = 0;
  /** Seconds, as the server's join named them. */
  #pings = { interval: 5, timeout: 15 };
  /** Round-trip time to the server in milliseconds, as the last ping found it. */
  rtt = 0;
  /**
   * The server's clock less this machine's, in milliseconds, as the last ping found it.
   * @type {number | undefined}
   */
  clockOffset = undefined;

  /**
   * Opens the socket and waits for the server's `join`.
   * @param {string} url the server, `ws`, `wss`, `http` or `https`
   * @param {string} token
   * @param {{autoSubscribe?: boolean, deadline?: number}} [options] `deadline` in milliseconds
   * @returns {Promise<any>} the JoinResponse
   */
  async open(url, token, { autoSubscribe = true, deadline = joinDeadline } = {}) {
    try {
      const join = await this.#connect(signalURL(url, token, autoSubscribe), "join", deadline);
      this.#pings = { interval: join.pingInterval || 5, timeout: join.pingTimeout || 15 };
      this.#startPinging();
      return join;
    } catch (/** @type {any} */ error) {
      if (error.code === "gone") throw new GoLiveError("unreachable", error.message);
      throw await explained(error, url, token);
    }
  }

  /**
   * Another socket for the same participant; what is left of the one before ends.
   * @param {string} url
   * @param {string} token
   * @param {string} sid the participant's
   * @returns {Promise<any>} the ReconnectResponse
   * @throws {GoLiveError} `gone`: the server has no such participant any more
   */
  async reopen(url, token, sid) {
    const before = this.#socket;
    this.close();
    // Whoever waits for an answer over it waits in vain.
    if (before) this.emit("closed", "replaced");
    try {
      const answer = await this.#connect(signalURL(url, token, true, sid), "reconnect", resumeDeadline);
      this.#startPinging();
      return answer;
    } catch (/** @type {any} */ error) {
      if (error.code === "timed_out") throw new GoLiveError("unreachable", error.message);
      throw await explained(error, url, token);
    }
  }

  /**
   * @param {string} address
   * @param {"join" | "reconnect"} welcome the response that lets us in
   * @param {number} deadline milliseconds
   */
  async #connect(address, welcome, deadline) {
    const socket = new WebSocket(address);
    this.#socket = socket;
    /** @type {(() => void)[]} */
    const off = [];
    const welcomed = new Promise((resolve, reject) => {
      off.push(
        this.on(welcome, resolve),
        this.on("leave", ({ reason = "UNKNOWN_REASON", canReconnect = false }) => {
          reject(new GoLiveError(canReconnect ? "gone" : "refused", `the server refused: ${reason}`));
        }),
        this.on("closed", (reason) => reject(new GoLiveError("unreachable", `signalling ended: ${reason}`)))
      );
    });
    socket.addEventListener("message", (event) => this.#receive(socket, event.data));
    socket.addEventListener("close", (event) => {
      if (this.#socket === socket) this.#ended(event.reason || `code ${event.code}`);
    });
    try {
      return await withDeadline(welcomed, deadline, "joining");
    } catch (error) {
      this.close();
      throw error;
    } finally {
      off.forEach((remove) => remove());
    }
  }

  /**
   * @param {string} name the member of SignalRequest
   * @param {any} body
   */
  send(name, body) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ [name]: body }));
    }
  }

  /** Ends the connection. Nothing is reported after this. */
  close() {
    clearInterval(this.#pinger);
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket && socket.readyState <= WebSocket.OPEN) socket.close(1000);
  }

  /**
   * @param {WebSocket} socket
   * @param {any} data
   */
  #receive(socket, data) {
    if (this.#socket !== socket || typeof data !== "string") return;
    this.#lastHeard = performance.now();
    const message = JSON.parse(data);
    for (const name of Object.keys(message)) {
      if (name === "pongResp") this.#pong(message[name]);
      this.emit(name, message[name]);
    }
  }

  /** @param {any} pong the server answers half a round trip after it was asked */
  #pong({ lastPingTimestamp = 0, timestamp = 0 }) {
    this.rtt = Math.max(0, Date.now() - Number(lastPingTimestamp));
    if (Number(timestamp)) this.clockOffset = Number(timestamp) - (Number(lastPingTimestamp) + this.rtt / 2);
  }

  #ping() {
    this.send("pingReq", { timestamp: String(Date.now()), rtt: String(Math.round(this.rtt)) });
  }

  /** @param {string} reason */
  #ended(reason) {
    clearInterval(this.#pinger);
    if (!this.#socket) return;
    this.#socket = undefined;
    this.emit("closed", reason);
  }

  /** After the timeout without a word the socket counts as dead. */
  #startPinging() {
    const { interval, timeout } = this.#pings;
    clearInterval(this.#pinger);
    this.#lastHeard = performance.now();
    this.#pinger = setInterval(() => {
      if (performance.now() - this.#lastHeard > timeout * 1000) {
        this.#socket?.close();
        this.#ended("the server went silent");
        return;
      }
      this.#ping();
    }, interval * 1000);
    this.#ping();
  }
}

/**
 * @param {string} url
 * @param {string} token
 * @param {boolean} autoSubscribe
 * @param {string} [sid] of the participant that one was, to go on as that one
 */
function signalURL(url, token, autoSubscribe, sid) {
  const address = serverURL(url);
  address.protocol = address.protocol === "https:" || address.protocol === "wss:" ? "wss:" : "ws:";
  address.pathname = address.pathname.replace(/\/$/, "") + "/rtc";
  address.search = new URLSearchParams({
    access_token: token,
    format: "json",
    auto_subscribe: autoSubscribe ? "1" : "0",
    protocol: "15",
    sdk: "js",
    version: "golive-1",
    ...(sid ? { reconnect: "1", sid } : {}),
  }).toString();
  return address.href;
}

/** @param {string} url */
function serverURL(url) {
  return new URL(url, globalThis.location?.href);
}

/**
 * A WebSocket that is refused says nothing about why; `/rtc/validate` does.
 * @param {any} error
 * @param {string} url
 * @param {string} token
 */
async function explained(error, url, token) {
  if (error.code !== "unreachable") return error;
  try {
    const address = serverURL(url);
    address.protocol = address.protocol.replace("ws", "http");
    address.pathname = address.pathname.replace(/\/$/, "") + "/rtc/validate";
    address.search = new URLSearchParams({ access_token: token }).toString();
    const response = await withDeadline(fetch(address), 3000, "asking why");
    if (response.status >= 400 && response.status < 500) {
      return new GoLiveError("refused", (await response.text()).trim() || `refused with status ${response.status}`);
    }
  } catch {
    // Unreachable over HTTP as well: the first error says it.
  }
  return error;
}
