// @ts-check
import { el } from "./dom.js";
import { ago } from "./format.js";
import { pagedList } from "./paged-list.js";

/**
 * The titles that the stream has had.
 * @param {() => string} current
 * @param {(title: string) => void} use puts one back
 */
export function titleHistory(current, use) {
  const list = pagedList({
    path: () => "/api/stream/titles?limit=5",
    row: ({ title, changedAt }) =>
      el(
        "li",
        { class: "row spread" },
        el("div", { class: "grow" }, el("p", {}, title), el("p", { class: "muted small" }, ago(changedAt))),
        title === current()
          ? el("span", { class: "badge" }, "Now")
          : el(
            "button",
            {
              type: "button",
              class: "button small",
              "aria-label": `Use the title “${title}” again`,
              on: { click: () => use(title) },
            },
            "Use again",
          ),
      ),
    empty: () => el("p", { class: "muted" }, "When you change the title, the earlier ones are kept here."),
  });
  list.load();
  return {
    element: el(
      "section",
      { class: "card stack", "aria-labelledby": "titles" },
      el("h2", { id: "titles" }, "Titles so far"),
      list.element,
    ),
    load: list.load,
  };
}
