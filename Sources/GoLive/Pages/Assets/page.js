// @ts-check
/** What the publishing and the watching page share. */

/**
 * @param {string} id
 * @returns {any} the element; its type is known to whoever asks
 */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

const query = new URLSearchParams(location.search);

/** The token that the address carries, if any. */
const givenToken = query.get("token") ?? "";
export const isTokenGiven = givenToken !== "";

/**
 * The token that the address carries, or one from a server in development; empty where there is neither.
 * @param {{publish: boolean}} wish
 */
export async function findToken({ publish }) {
  if (givenToken) return givenToken;
  const wanted = new URLSearchParams({ room: query.get("room") ?? "demo", publish: String(publish) });
  const answer = await fetch(`/dev/token?${wanted}`).catch(() => undefined);
  return answer?.ok ? answer.text() : "";
}

/** A number from the address, for tests and trials. @param {string} name */
export function givenNumber(name) {
  return Number(query.get(name)) || undefined;
}

/**
 * The room that a token is for: the address may name another, and then the page says so instead of joining wrongly.
 * @param {string} token
 * @returns {string} empty when it cannot be read
 */
export function roomOf(token) {
  try {
    const body = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    return JSON.parse(atob(body)).video?.room ?? "";
  } catch {
    return "";
  }
}

/** @param {string} token */
export function checkRoom(token) {
  const wanted = query.get("room");
  if (wanted && roomOf(token) && roomOf(token) !== wanted) {
    throw new Error(`this token is for the room “${roomOf(token)}”, not “${wanted}”`);
  }
}

/**
 * @param {string} text
 * @param {"idle" | "connected" | "trouble"} [state]
 */
export function showStatus(text, state = "idle") {
  const status = element("status");
  status.textContent = text;
  status.dataset.state = state;
}

const endings = {
  CLIENT_INITIATED: "You left",
  DUPLICATE_IDENTITY: "Joined again somewhere else",
  SERVER_SHUTDOWN: "The server stopped",
  PARTICIPANT_REMOVED: "You were removed from the room",
  ROOM_DELETED: "The room was closed",
  ROOM_CLOSED: "The room was closed",
  CONNECTION_TIMEOUT: "The connection was lost",
  MEDIA_FAILURE: "The connection was lost",
  SIGNAL_CLOSE: "The connection was lost",
};

/**
 * Shows the connection's state, and gives the form back when it is over.
 * @param {import("./golive-client.js").GoLiveRoom} room
 */
export function followState(room) {
  const connected = () => showStatus(`In ${room.room.name || "the room"}`, "connected");
  room.on("connected", connected);
  room.on("reconnected", connected);
  room.on("reconnecting", () => showStatus("Reconnecting…", "trouble"));
  room.on("disconnected", (reason) => {
    showStatus(endings[/** @type {keyof typeof endings} */ (reason)] ?? "Disconnected", "idle");
    element("join").hidden = false;
    element("controls").hidden = true;
  });
}

/**
 * @param {[string, string][]} rows
 */
export function showStats(rows) {
  const terms = rows.flatMap(([name, value]) => {
    const term = document.createElement("dt");
    const detail = document.createElement("dd");
    term.textContent = name;
    detail.textContent = value;
    return [term, detail];
  });
  element("stats").replaceChildren(...terms);
}

/** @param {number} bits a second */
export function bitrate(bits) {
  return bits >= 1e6 ? `${(bits / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bits / 1e3)} kbit/s`;
}
