// @ts-check
import { api } from "./api.js";
import { el } from "./dom.js";
import { ago, counted } from "./format.js";
import { pagedList } from "./paged-list.js";
import { toast } from "./toast.js";

const states = { "": "All", waiting: "Waiting", delivered: "Delivered", refused: "Refused", given_up: "Given up" };
const kinds = { waiting: "", delivered: "ok", refused: "danger", given_up: "danger" };

/**
 * @typedef {object} Delivery
 * @property {number} number
 * @property {string} event
 * @property {string} receiver
 * @property {keyof typeof kinds} state
 * @property {number} attempts
 * @property {string} [lastOutcome]
 * @property {string} createdAt
 */

/** What became of the webhooks that this server sent. */
export function webhookView() {
  const choice = el(
    "select",
    { id: "state", on: { change: () => list.load() } },
    ...Object.entries(states).map(([value, text]) => el("option", { value }, text)),
  );
  const list = pagedList({
    path: () => `/api/admin/webhooks/deliveries${choice.value ? `?state=${choice.value}` : ""}`,
    row: (delivery) => deliveryRow(delivery, () => list.load()),
    empty: () =>
      el(
        "div",
        { class: "empty" },
        el("strong", {}, "No deliveries"),
        el(
          "p",
          {},
          "When webhook addresses are set (webhooks in the configuration), what was sent to them is listed here.",
        ),
      ),
  });
  list.load();
  return el(
    "section",
    { class: "card stack", "aria-label": "Webhook deliveries" },
    el("div", { class: "field short" }, el("label", { for: "state" }, "Show"), choice),
    list.element,
  );
}

/** @param {Delivery} delivery @param {() => void} changed */
function deliveryRow(delivery, changed) {
  const retry = async () => {
    try {
      await api.post(`/api/admin/webhooks/deliveries/${delivery.number}/retry`);
      toast("It is delivered once more.", "ok");
      changed();
    } catch (error) {
      toast(/** @type {Error} */ (error).message, "danger");
    }
  };
  return el(
    "li",
    { class: "row spread" },
    el(
      "div",
      {},
      el("p", {}, el("code", {}, delivery.event), el("span", { class: "muted" }, ` to ${delivery.receiver}`)),
      el(
        "p",
        { class: "muted small" },
        [
          ago(delivery.createdAt),
          counted(delivery.attempts, "attempt"),
          delivery.lastOutcome,
        ].filter(Boolean).join(" · "),
      ),
    ),
    el(
      "div",
      { class: "row" },
      el("span", { class: `badge ${kinds[delivery.state] ?? ""}` }, states[delivery.state] ?? delivery.state),
      delivery.state !== "delivered" && el(
        "button",
        { type: "button", class: "button small", "aria-label": `Try ${delivery.event} again`, on: { click: retry } },
        "Try again",
      ),
    ),
  );
}
