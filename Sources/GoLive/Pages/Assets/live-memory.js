// @ts-check
/** What this tab is doing on the air, so that a reload goes on with it: in the tab, not in the browser. */

const key = "golive.live";

/** @typedef {import("./devices.js").Kind} Kind */

/** @returns {Kind[] | undefined} what was on, when this tab was live */
export function wasOnAir() {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param {Kind[] | undefined} on nothing: no longer live from here */
export function rememberOnAir(on) {
  try {
    if (on) sessionStorage.setItem(key, JSON.stringify(on));
    else sessionStorage.removeItem(key);
  } catch {
    // Then a reload asks.
  }
}
