// @ts-check
import { api } from "./api.js";

/** What is known of a channel before, and beside, its room. */

/**
 * @param {string} username
 * @returns {Promise<any>} the stream with its host, in one: a host who has set none up yet is a channel all the same,
 *   without an `id`. Nothing: there is nobody of this name, or nobody who lets one watch
 */
export async function readChannel(username) {
  // That somebody is not there is an answer like any other here, not a failure that browsers complain about.
  const answer = await api.get(`/api/viewer/stream/${encodeURIComponent(username)}?absent=null`);
  return answer?.host ? { title: "", description: "", ...answer.stream, host: answer.host } : undefined;
}

/**
 * The rules of the chat, out of whatever says them.
 * @param {Record<string, any>} facts
 */
export function settingsIn(facts) {
  const names = Object.keys(facts).filter((name) => name.startsWith("isChat") || name === "slowModeSeconds");
  return Object.fromEntries(names.map((name) => [name, facts[name]]));
}

/**
 * A room's metadata says what the live updates say, and at once.
 * @param {string} [metadata]
 * @returns {any} nothing when it is of another kind
 */
export function factsIn(metadata) {
  try {
    const facts = JSON.parse(metadata || "{}");
    return facts.phase ? facts : undefined;
  } catch {
    return undefined;
  }
}
