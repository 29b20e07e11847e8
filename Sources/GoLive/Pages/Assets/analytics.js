// @ts-check
import { hoursChart, sessionChart, sessionsChart } from "./analytics-charts.js";
import { api } from "./api.js";
import { el, replace } from "./dom.js";
import { counted, span, when } from "./format.js";
import { toast } from "./toast.js";
import { showTrouble } from "./trouble.js";

/**
 * @typedef {object} Session
 * @property {string} id
 * @property {string} title
 * @property {string} startedAt
 * @property {string} [endedAt]
 * @property {number} duration seconds
 * @property {number} averageViewers
 * @property {number} peakViewers
 * @property {number} chatMessages
 * @property {number} newFollowers
 */

const day = 86_400_000;
const periods = { 7: "Last 7 days", 30: "Last 30 days", 90: "Last 90 days", 0: "All time" };

/** What became of the streams: sums, charts and every session. */
export function analyticsView() {
  const period = el(
    "select",
    { id: "period", on: { change: () => load() } },
    Object.entries(periods).map(([value, text]) => el("option", { value, selected: value === "30" }, text)),
  );
  const place = el("div", { class: "stack", "aria-live": "off" });

  async function load() {
    place.setAttribute("aria-busy", "true");
    const query = new URLSearchParams({ limit: "100" });
    if (Number(period.value)) query.set("from", new Date(Date.now() - Number(period.value) * day).toISOString());
    try {
      const { sessions, totals, busiestHours } = await api.get(`/api/stream/analytics?${query}`);
      const { items } = sessions;
      if (items.length) replace(place, sums(totals), charts(items, busiestHours), sessionTable(items));
      else replace(place, nothing());
    } catch (error) {
      showTrouble(place, error, load);
    }
    place.removeAttribute("aria-busy");
  }

  load();
  return el(
    "div",
    { class: "stack" },
    el("h2", { class: "visually-hidden" }, "Analytics"),
    el("div", { class: "field short" }, el("label", { for: "period" }, "Period"), period),
    place,
  );
}

function nothing() {
  return el(
    "div",
    { class: "empty" },
    el("strong", {}, "No streams in this period"),
    el("p", {}, "When you have been live, viewers, chat and followers of each stream are shown here."),
  );
}

/** @param {Record<string, number>} totals */
function sums(totals) {
  const rows = [
    ["Streams", totals.sessions],
    ["Time live", span(totals.duration)],
    ["Average viewers", totals.averageViewers.toFixed(1)],
    ["Most at once", totals.peakViewers],
    ["Chat messages", totals.chatMessages],
    ["New followers", totals.newFollowers],
    ["Followers now", totals.followers],
  ];
  return el(
    "dl",
    { class: "sums" },
    rows.map(
      ([name, value]) => el(
        "div",
        { class: "card" },
        el("dt", { class: "muted small" }, name),
        el("dd", {}, value ?? 0),
      ),
    ),
  );
}

/** @param {Session[]} sessions @param {{hour: number, averageViewers: number, seconds: number}[]} hours */
function charts(sessions, hours) {
  return el(
    "div",
    { class: "dashboard-halves" },
    el("section", { class: "card" }, sessionsChart(sessions)),
    el("section", { class: "card" }, hoursChart(hours)),
  );
}

/** @param {Session[]} sessions */
function sessionTable(sessions) {
  const head = ["Started", "Title", "Time live", "Average", "Peak", "Chat", "Followers", "Chart"];
  return el(
    "section",
    { class: "card stack", "aria-labelledby": "sessions" },
    el("h2", { id: "sessions" }, "Streams"),
    el(
      "div",
      { class: "table-frame", tabindex: 0, role: "region", "aria-label": "Table of the streams" },
      el(
        "table",
        {},
        el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))),
        el("tbody", {}, sessions.map(sessionRow)),
      ),
    ),
  );
}

/** @param {Session} session */
function sessionRow(session) {
  const numbers = [
    span(session.duration),
    session.averageViewers.toFixed(1),
    session.peakViewers,
    session.chatMessages,
    session.newFollowers,
  ];
  const start = when(session.startedAt);
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, start),
    el("td", { class: "words" }, session.title),
    numbers.map((value) => el("td", {}, value)),
    el(
      "td",
      {},
      el(
        "button",
        {
          type: "button",
          class: "button small",
          "aria-label": `Viewers over time, ${start}`,
          on: { click: () => openChart(session) },
        },
        "Viewers",
      ),
    ),
  );
}

/** @param {Session} session */
async function openChart(session) {
  try {
    const { samples } = await api.get(`/api/stream/analytics/${encodeURIComponent(session.id)}`);
    const dialog = el(
      "dialog",
      { class: "wide", "aria-label": `Viewers of ${session.title}` },
      el(
        "div",
        { class: "stack" },
        el("h2", {}, session.title),
        el(
          "p",
          { class: "muted" },
          `${when(session.startedAt)} · ${span(session.duration)} · ${counted(session.peakViewers, "viewer")} at most`,
        ),
        sessionChart(session, samples),
      ),
      el("form", { method: "dialog", class: "row end" }, el("button", { class: "button" }, "Close")),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  } catch (error) {
    toast(/** @type {Error} */ (error).message, "danger");
  }
}
