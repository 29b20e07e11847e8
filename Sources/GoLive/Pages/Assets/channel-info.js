// @ts-check
import { avatar } from "./avatar.js";
import { el, replace } from "./dom.js";
import { counted, short } from "./format.js";
import { followButton } from "./follow-button.js";
import { icon } from "./icons.js";
import { elapsedSince } from "./elapsed.js";
import { copyLink } from "./copy-link.js";

/**
 * What stands under the picture: what is on, who is on, how many watch.
 * @param {HTMLElement} element an empty one
 * @param {import("./viewer-session.js").ViewerSession} viewer
 */
export function mountChannelInfo(element, viewer) {
  const title = el("h1", {}, viewer.username);
  const badge = el("span", { class: "badge live", hidden: true }, "LIVE");
  const time = elapsedSince();
  const count = el("span", { class: "channel-count", hidden: true });
  const host = el("div", { class: "channel-host" });
  const actions = el("div", { class: "row" });
  const about = el("div", { class: "channel-about" });
  const follow = followButton(viewer);
  /** @type {import("./session.js").User | null} */
  let user = null;
  let isHost = false;
  let shown = { words: "", ways: "" };

  element.append(
    el("div", { class: "channel-title" }, title, el("p", { class: "row muted" }, badge, time.element, count)),
    el("div", { class: "row spread" }, host, actions),
    about,
  );

  function update() {
    const { stream, state } = viewer;
    const isOn = ["live", "waiting", "paused", "reconnecting"].includes(state);
    badge.hidden = !isOn;
    count.hidden = !isOn;
    time.since(isOn ? stream?.startedAt : undefined);
    element.hidden = state === "missing" || state === "blocked";
    if (element.hidden) document.title = "Nothing to watch · GoLive";
    if (!stream || element.hidden) return;
    follow.update(user);
    // What has the focus, or is being read, is not drawn again by news that change nothing in it.
    const now = { words: JSON.stringify([isOn, stream.title, stream.description, stream.host]), ways: `${isOn} ${isHost}` };
    if (now.words !== shown.words) describe(stream, isOn);
    if (now.ways !== shown.ways) offer(stream.host, isOn);
    shown = now;
  }

  /**
   * @param {any} whom the host
   * @param {boolean} isOn
   */
  function offer(whom, isOn) {
    replace(
      actions, !isHost && follow.element,
      copyLink(`${location.origin}/${encodeURIComponent(whom.username)}`),
      isHost && el("a", { class: "button", href: `/u/${encodeURIComponent(viewer.username)}` }, "Dashboard"),
      isHost && el(
        "a",
        { class: "button primary", href: `/u/${encodeURIComponent(viewer.username)}/live` },
        isOn ? "To the broadcast" : "Go live",
      ),
    );
  }

  /**
   * @param {any} stream
   * @param {boolean} isOn
   */
  function describe(stream, isOn) {
    const name = stream.host.displayName || stream.host.username;
    title.textContent = stream.title || name;
    document.title = `${isOn ? "● " : ""}${stream.title ? `${stream.title} – ` : ""}${name} · GoLive`;
    replace(host, avatar(stream.host), el("div", {}, el("p", { class: "channel-name" }, name), followers(stream.host)));
    replace(
      about,
      stream.description && el(
        "section",
        { class: "card" },
        el("h2", {}, "About this stream"),
        el("p", { class: "channel-text" }, stream.description),
      ),
      el(
        "section", { class: "card" }, el("h2", {}, `About ${name}`),
        el(
          "p",
          { class: "channel-text" },
          stream.host.bio || el("span", { class: "muted" }, `${name} has not written anything yet.`),
        ),
      ),
    );
  }

  /** @param {number} viewers */
  function showCount(viewers) {
    replace(
      count,
      icon("eye"),
      el("span", {}, short(viewers)),
      el("span", { class: "visually-hidden" }, viewers === 1 ? "person watches" : "people watch"),
    );
    count.title = counted(viewers, "viewer");
  }

  viewer.on("stream", update);
  viewer.on("state", update);
  viewer.on("viewerCount", showCount);
  showCount(viewer.viewerCount);
  update();

  return {
    /**
     * @param {import("./session.js").User | null} who
     * @param {boolean} isTheirs
     */
    setUser(who, isTheirs) {
      user = who;
      isHost = isTheirs;
      update();
    },
  };
}

/** @param {any} host */
function followers({ followerCount }) {
  return typeof followerCount === "number" && el("p", { class: "muted small" }, counted(followerCount, "follower"));
}
