// @ts-check

/** Characters of a message; the server counts the same. */
export const messageCap = 500;

/**
 * @typedef {object} ChatSituation
 * @property {string} roomState of GoLiveRoom
 * @property {boolean} mayWrite the permission that the server gave
 * @property {boolean} isHost
 * @property {boolean} isGuest
 * @property {boolean} [isFollowing]
 * @property {string} hostName
 * @property {Record<string, any>} settings `isChatEnabled`, `isChatFollowersOnly`, `isChatOpenToGuests`, `slowModeSeconds`, …
 */

/**
 * Why one cannot write just now. The server decides; this puts its decision into words.
 * @param {ChatSituation} situation
 * @returns {string} nothing when one can
 */
export function closedReason({ roomState, mayWrite, isHost, isGuest, isFollowing, hostName, settings }) {
  if (roomState === "reconnecting" || roomState === "connecting") return "Connecting to the chat…";
  if (roomState !== "connected") return `Chat opens when ${isHost ? "you are" : `${hostName} is`} live.`;
  if (isHost) return mayWrite ? "" : "Chat needs a moment…";
  if (settings.isChatEnabled === false) return `${hostName} has turned the chat off.`;
  if (mayWrite) return "";
  if (isGuest && settings.isChatOpenToGuests === false) return "Guests cannot chat here. Sign in to join in.";
  if (settings.isChatFollowersOnly && !isFollowing) {
    const way = isGuest ? "Sign in and follow" : `Follow ${hostName}`;
    return `Only followers can chat. ${way} to join in.`;
  }
  return `${hostName} has paused your messages for a while.`;
}

/**
 * What is special about this chat, said where one writes.
 * @param {Record<string, any>} settings
 * @param {boolean} isHost
 */
export function rulesInWords(settings, isHost) {
  if (settings.isChatEnabled === false && isHost) return "Chat is off for your viewers.";
  const rules = [
    settings.isChatFollowersOnly && "followers only",
    settings.slowModeSeconds > 0 && `one message every ${settings.slowModeSeconds} s`,
    settings.isChatDelayed && "messages appear after a short delay",
  ].filter(Boolean);
  const words = rules.join(" · ");
  return words && words[0].toUpperCase() + words.slice(1);
}

/**
 * Characters as people count them.
 * @param {string} text
 */
export function lengthOf(text) {
  return [...text].length;
}
