// @ts-check
import { byId, el, replace } from "./dom.js";
import { mountHeader } from "./header.js";
import { keepMoving } from "./moving-lists.js";
import { StreamList } from "./stream-list.js";
import { showTrouble } from "./trouble.js";

const asked = (new URLSearchParams(location.search).get("q") ?? "").trim().slice(0, 100);
const results = byId("results");

/** @param {string} title @param {string} text */
function nothing(title, text) {
  return el(
    "div",
    { class: "empty" },
    el("strong", {}, title),
    el("p", {}, text),
    el("a", { class: "button", href: "/" }, "See who is live"),
  );
}

const list = new StreamList(`/api/viewer/search?${new URLSearchParams({ q: asked })}`, "h2");
const none = nothing(
  `Nothing found for “${asked}”`,
  "Try fewer or other words: titles, descriptions and creators' names are searched.",
);

async function search() {
  await list.refresh();
  const shown = list.count ? list.element : none;
  if (results.firstChild !== shown) replace(results, shown);
}

/** @returns {Promise<void>} */
const attempt = () => search().catch((error) => showTrouble(results, error, attempt));

mountHeader();
if (asked) {
  document.title = `${asked} · GoLive`;
  byId("title").textContent = `Results for “${asked}”`;
  await attempt();
  keepMoving([list], search);
} else {
  replace(
    results,
    nothing("What are you looking for?", "Write a title or a creator's name into the search box above."),
  );
}
results.removeAttribute("aria-busy");
