// @ts-check
import { api } from "./api.js";
import { copyButton } from "./copy.js";
import { el, replace } from "./dom.js";
import { counted, span } from "./format.js";
import { icon } from "./icons.js";
import { toast } from "./toast.js";

const words = { offline: "Offline", starting: "STARTING", live: "LIVE", reconnecting: "RECONNECTING" };

/**
 * What is true right now, and what to do about it.
 * @param {import("./session.js").User} user
 * @param {import("./dashboard.js").Stream} stream
 */
export function dashboardHead(user, stream) {
  const channel = `/${encodeURIComponent(user.username)}`;
  const sign = el("div", { class: "row", id: "status" });
  const actions = el("div", { class: "row" });
  let { isLive, phase, viewerCount, startedAt } = stream;

  function show() {
    const since = startedAt ? ` · ${span(Math.max(0, Date.now() - Date.parse(startedAt)) / 1000)}` : "";
    replace(
      sign,
      el("span", { class: `badge ${isLive ? "live" : ""}` }, words[/** @type {keyof typeof words} */ (phase)] ?? phase),
      isLive && el("span", { class: "muted" }, counted(viewerCount, "viewer") + since),
    );
  }

  function showActions() {
    const page = `/u/${encodeURIComponent(user.username)}/live`;
    replace(
      actions,
      copyButton(() => location.origin + channel, "Copy link"),
      el("a", { class: "button", href: channel }, "Open channel"),
      el("a", { class: "button", href: isLive ? page : `${page}#check` }, isLive ? "Go-live page" : "Test my setup"),
      isLive ? endButton : el("a", { class: "button primary", href: page }, icon("camera"), "Go live"),
    );
  }

  const end = endDialog();
  const endButton = el(
    "button",
    { type: "button", class: "button danger", on: { click: () => end.showModal() } },
    "End stream",
  );
  show();
  showActions();
  setInterval(show, 20_000);
  return {
    element: el(
      "div",
      { class: "row spread dashboard-head" },
      el("div", { class: "row" }, el("h1", {}, "Dashboard"), sign),
      actions,
      end,
    ),
    /** @param {{isLive: boolean, phase: string, viewerCount: number, startedAt?: string | null}} status */
    status(status) {
      const wasLive = isLive;
      ({ isLive, phase, viewerCount } = status);
      startedAt = status.startedAt ?? null;
      show();
      if (wasLive !== isLive) showActions();
    },
    /** @param {number} count */
    viewerCount(count) {
      viewerCount = count;
      show();
    },
  };
}

function endDialog() {
  const dialog = el(
    "dialog",
    { "aria-labelledby": "end-title" },
    el(
      "form",
      { method: "dialog", class: "stack" },
      el("h2", { id: "end-title" }, "End the stream?"),
      el("p", {}, "It ends at once for everyone who watches."),
      el(
        "div",
        { class: "row" },
        el("button", { class: "button danger", value: "end" }, "End stream"),
        el("button", { class: "button", value: "", autofocus: true }, "Keep streaming"),
      ),
    ),
  );
  dialog.addEventListener("close", async () => {
    if (dialog.returnValue !== "end") return;
    dialog.returnValue = "";
    try {
      await api.post("/api/stream/end-stream");
      toast("The stream has ended.", "ok");
    } catch (error) {
      toast(/** @type {Error} */ (error).message, "danger");
    }
  });
  return dialog;
}
