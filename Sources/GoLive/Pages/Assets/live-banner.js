// @ts-check
import { el, replace } from "./dom.js";

/**
 * What is wrong with the broadcast, over the picture, with what can be done about it.
 * @param {import("./broadcast.js").Broadcast} broadcast
 */
export function liveBanner(broadcast) {
  const element = el("div", { class: "live-banner", role: "alert", hidden: true });
  let isHard = false;

  /** @returns {[string, string, string?] | undefined} title, text, and what the button says */
  function words() {
    switch (broadcast.state) {
      case "starting":
        return ["Going live…", ""];
      case "reconnecting":
        if (!isHard) return ["Reconnecting…", "Your viewers see that you will be right back."];
        return ["Still not connected", "Three attempts failed; more follow. Check your network.", "Try again now"];
      case "lost":
        return [
          "The connection was lost",
          "Check your network, then go on. After half a minute without you the stream ends by itself.",
          "Try again",
        ];
      case "elsewhere":
        return [
          "You are live from another page",
          "The stream goes on there. This page has turned its camera and microphone off.",
          "Take over here",
        ];
    }
    return undefined;
  }

  async function resume() {
    const button = element.querySelector("button");
    if (button) button.disabled = true;
    await broadcast.resume();
    if (button) button.disabled = false;
  }

  function update() {
    const now = words();
    element.hidden = !now;
    if (!now) return replace(element);
    const [title, text, action] = now;
    const button = action && el(
      "button",
      { type: "button", class: "button primary", on: { click: resume } },
      action,
    );
    replace(element, el("strong", {}, title), text && el("p", {}, text), button);
  }

  broadcast.on("trying", (detail) => {
    ({ isHard } = detail);
    update();
  });
  broadcast.on("state", () => {
    if (broadcast.state !== "reconnecting") isHard = false;
    update();
  });
  update();
  return element;
}
