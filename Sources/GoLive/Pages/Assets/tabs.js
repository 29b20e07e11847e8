// @ts-check
import { el } from "./dom.js";

/**
 * Tabs by the ARIA pattern: arrows, Home and End move, the address remembers. A panel is filled when it is first shown.
 * @param {string} label
 * @param {{name: string, text: string, fill: (panel: HTMLElement) => void}[]} parts
 */
export function tabs(label, parts) {
  const list = el("div", { class: "tabs", role: "tablist", "aria-label": label });
  const made = parts.map(({ name, text, fill }, index) => {
    const tab = el(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${name}`,
        "aria-controls": `panel-${name}`,
        on: { click: () => select(index) },
      },
      text,
    );
    const panel = el("div", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": tab.id, class: "tab-panel" });
    list.append(tab);
    return { name, tab, panel, fill, isFilled: false };
  });

  /** @param {number} index */
  function select(index) {
    const chosen = made[index];
    for (const one of made) {
      one.tab.setAttribute("aria-selected", String(one === chosen));
      one.tab.tabIndex = one === chosen ? 0 : -1;
      one.panel.hidden = one !== chosen;
    }
    chosen.tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (!chosen.isFilled) chosen.fill(chosen.panel);
    chosen.isFilled = true;
    history.replaceState(null, "", index === 0 ? location.pathname + location.search : `#${chosen.name}`);
  }

  list.addEventListener("keydown", (event) => {
    const at = made.findIndex(({ tab }) => tab === document.activeElement);
    const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: made.length - 1 };
    const next = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    const index = (next + made.length) % made.length;
    select(index);
    made[index].tab.focus();
  });

  const asked = () => Math.max(0, made.findIndex(({ name }) => `#${name}` === location.hash));
  addEventListener("hashchange", () => select(asked()));
  return { elements: [list, ...made.map(({ panel }) => panel)], start: () => select(asked()) };
}
