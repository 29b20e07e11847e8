// @ts-check
import { api } from "./api.js";
import { avatar } from "./avatar.js";
import { el, replace } from "./dom.js";
import { ago } from "./format.js";
import { pagedList } from "./paged-list.js";
import { toast } from "./toast.js";

const words = { pending: "Pending", approved: "Approved", rejected: "Rejected" };

/** Who applied to be a creator, and the decision. */
export function applicationView() {
  const choice = el(
    "select",
    { id: "status", on: { change: () => list.load() } },
    ...Object.entries(words).map(([value, text]) => el("option", { value }, text)),
  );
  const list = pagedList({
    path: () => `/api/admin/applications?${new URLSearchParams({ status: choice.value })}`,
    row: applicationRow,
    empty: () =>
      el(
        "div",
        { class: "empty" },
        el("strong", {}, choice.value === "pending" ? "Nobody is waiting" : "There are none"),
        el("p", {}, "New applications appear here."),
      ),
  });
  list.load();
  return el(
    "section",
    { class: "card stack", "aria-label": "Applications" },
    el("div", { class: "field short" }, el("label", { for: "status" }, "Show"), choice),
    list.element,
  );
}

/**
 * @typedef {object} Application
 * @property {import("./session.js").User} user
 * @property {keyof typeof words} status
 * @property {string} reason
 * @property {string} createdAt
 */

/** @param {Application} application */
function applicationRow({ user, status, reason, createdAt }) {
  const state = el("div", { class: "row" });
  const about = el(
    "div",
    { class: "person" },
    avatar(user),
    el(
      "div",
      {},
      el("p", {}, el("strong", {}, user.displayName), " ", el("span", { class: "muted" }, `@${user.username}`)),
      el("p", { class: "muted small" }, `Applied ${ago(createdAt)}`),
    ),
  );

  /** @param {"approve" | "reject"} decision */
  async function decide(decision) {
    const buttons = [...state.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    try {
      const decided = await api.post(`/api/admin/applications/${encodeURIComponent(user.id)}/${decision}`);
      show(decided?.status ?? (decision === "approve" ? "approved" : "rejected"));
      toast(`${user.displayName} is ${decision === "approve" ? "approved" : "rejected"}.`, "ok");
      state.querySelector("button")?.focus();
    } catch (error) {
      for (const button of buttons) button.disabled = false;
      toast(/** @type {Error} */ (error).message, "danger");
    }
  }

  /** @param {keyof typeof words} status */
  function show(status) {
    const badge = el(
      "span",
      { class: `badge ${{ pending: "", approved: "ok", rejected: "danger" }[status]}` },
      words[status],
    );
    const act = (/** @type {"approve" | "reject"} */ name, /** @type {string} */ text, /** @type {string} */ kind) =>
      el(
        "button",
        {
          type: "button",
          class: `button small ${kind}`,
          "aria-label": `${text} ${user.displayName}`,
          on: { click: () => decide(name) },
        },
        text,
      );
    replace(
      state,
      badge,
      status !== "approved" && act("approve", "Approve", "primary"),
      status !== "rejected" && act("reject", "Reject", "danger"),
    );
  }

  show(status);
  return el(
    "li",
    { class: "stack" },
    el("div", { class: "row spread" }, about, state),
    reason && el("blockquote", { class: "notice" }, reason),
  );
}
