// @ts-check
import { avatar, ownPicture } from "./avatar.js";
import { el } from "./dom.js";
import { ago } from "./format.js";
import { drawing } from "./media-icons.js";

/**
 * What stands in the player's frame when there is no live picture: each state is a different picture with words.
 * @typedef {object} Screen
 * @property {string} title
 * @property {string} [text]
 * @property {import("./media-icons.js").Drawing} [drawing]
 * @property {boolean} [isBusy] something is on its way
 * @property {boolean} [keepsPicture] the last frame stays visible behind it
 * @property {boolean} [showsHost]
 * @property {string} [retry] what the button says that tries again
 * @property {boolean} [isAlone] nothing else is on the page: its title is the page's
 * @property {boolean} [leadsAway] there is nothing here now: a way to where something is
 */

/**
 * @param {import("./viewer-session.js").ViewerState} state
 * @param {any} stream
 * @param {{hasPicture: boolean, isPaused: boolean, isStalled: boolean}} picture
 * @returns {Screen | undefined} nothing while the picture plays
 */
export function screenFor(state, stream, { hasPicture, isPaused, isStalled }) {
  const name = stream?.host?.displayName || stream?.host?.username || "The host";
  switch (state) {
    case "loading":
      return { title: "Loading…", isBusy: true };
    case "waiting":
      return { title: `${name} is going live`, text: "The picture is on its way.", isBusy: true, showsHost: true };
    case "missing":
      return {
        title: "There is no such channel",
        text: "Check the address, or look at who is live.",
        drawing: "help",
        leadsAway: true,
        isAlone: true,
      };
    case "blocked":
      return {
        title: "You cannot watch this channel",
        text: "Its host has not let you in.",
        drawing: "warning",
        leadsAway: true,
        isAlone: true,
      };
    case "offline":
      return { title: `${name} is offline`, text: lastLive(stream), showsHost: true, leadsAway: true };
    case "ended":
      return {
        title: "The stream has ended", text: `Thank you for watching ${name}.`, showsHost: true, leadsAway: true,
      };
    case "paused":
      return {
        title: `${name} will be right back`,
        text: "The creator's connection was interrupted.",
        isBusy: true,
        keepsPicture: true,
      };
    case "reconnecting":
      return { title: "Reconnecting…", text: "Your connection was interrupted.", isBusy: true, keepsPicture: true };
    case "elsewhere":
      return {
        title: "You are watching in another place", text: "One account watches a channel in one place at a time.",
        drawing: "screen", retry: "Watch here",
      };
    case "failed":
      return {
        title: "The connection was lost", text: "Check your network, then try again.", drawing: "offline", retry: "Try again",
      };
    case "live":
      if (isStalled && !isPaused) {
        return { title: "Waiting for the picture…", text: "Nothing is arriving right now.", isBusy: true, keepsPicture: true };
      }
      if (!hasPicture && !isPaused) return { title: "The camera is off", text: `You hear ${name}.`, showsHost: true };
  }
  return undefined;
}

/** @param {any} stream */
function lastLive(stream) {
  if (!stream.id) return "There has been no stream yet.";
  const time = stream.lastLiveAt;
  return `${time ? `Last live ${ago(time)}. ` : ""}This page starts by itself when the next stream does.`;
}

/**
 * @param {Screen} screen
 * @param {any} stream
 * @param {() => void} retry
 */
export function drawScreen(screen, stream, retry) {
  const host = screen.showsHost && stream?.host ? avatar(stream.host, "large") : undefined;
  const thumbnail = host && ownPicture(stream.thumbnail);
  const sign =
    host ?? (screen.isBusy ? el("span", { class: "spinner", "aria-hidden": "true" }) : screen.drawing && drawing(screen.drawing));
  return [
    !screen.keepsPicture && el("div", { class: "player-glow", dataset: { hue: host?.dataset.hue ?? "" } }),
    thumbnail && el("img", { class: "player-poster", src: thumbnail, alt: "" }),
    el(
      "div", { class: "player-words" }, sign,
      el(screen.isAlone ? "h1" : "p", { class: "player-title" }, screen.title),
      screen.text && el("p", {}, screen.text),
      screen.showsHost && screen.isBusy && el("span", { class: "spinner", "aria-hidden": "true" }),
      screen.retry && el("button", { type: "button", class: "button primary", on: { click: retry } }, screen.retry),
      screen.leadsAway && el("a", { class: "button", href: "/", target: "_top" }, "See who is live"),
    ),
  ];
}
