// @ts-check
import { api } from "./api.js";
import { el, replace } from "./dom.js";
import { drawing } from "./media-icons.js";
import { signInAddress } from "./session.js";
import { toast } from "./toast.js";

/**
 * Follows the host of a channel, or no longer. It shows the new state at once and takes it back when it did not come true.
 * @param {import("./viewer-session.js").ViewerSession} viewer
 */
export function followButton(viewer) {
  const button = el("button", { type: "button", class: "button primary", on: { click: toggle } });
  const link = el("a", { class: "button primary", href: signInAddress() }, drawing("heart"), "Follow");
  const element = el("span", {}, button, link);

  /**
   * @param {boolean} isFollowing
   * @param {number} followerCount
   */
  function know(isFollowing, followerCount) {
    Object.assign(viewer.stream.host, { isFollowing, followerCount });
    viewer.emit("stream", viewer.stream);
  }

  async function toggle() {
    const { isFollowing, followerCount = 0, username } = viewer.stream.host;
    const path = `/api/users/${encodeURIComponent(username)}/follow`;
    button.setAttribute("aria-busy", "true");
    know(!isFollowing, Math.max(0, followerCount + (isFollowing ? -1 : 1)));
    try {
      const answer = await (isFollowing ? api.delete(path) : api.put(path));
      if (typeof answer?.followerCount === "number") know(answer.isFollowing, answer.followerCount);
    } catch (error) {
      know(isFollowing, followerCount);
      toast(/** @type {Error} */ (error).message, "danger");
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  return {
    element,
    /** @param {import("./session.js").User | null} user */
    update(user) {
      button.hidden = !user;
      link.hidden = Boolean(user);
      const isFollowing = Boolean(viewer.stream?.host?.isFollowing);
      button.classList.toggle("primary", !isFollowing);
      button.setAttribute("aria-pressed", String(isFollowing));
      replace(button, drawing("heart"), isFollowing ? "Following" : "Follow");
    },
  };
}
