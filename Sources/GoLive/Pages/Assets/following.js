// @ts-check
import { byId, el, replace } from "./dom.js";
import { mountHeader } from "./header.js";
import { keepMoving } from "./moving-lists.js";
import { requireUser } from "./session.js";
import { StreamList } from "./stream-list.js";
import { showTrouble } from "./trouble.js";

const list = new StreamList("/api/viewer/following", "h2");
const nobody = el(
  "div",
  { class: "empty" },
  el("strong", {}, "You follow nobody yet"),
  el("p", {}, "Open a stream and press Follow: it stays here, live or not."),
  el("a", { class: "button", href: "/" }, "See who is live"),
);

async function refresh() {
  await list.refresh();
  const shown = list.count ? list.element : nobody;
  const place = byId("list");
  place.removeAttribute("aria-busy");
  if (place.firstChild !== shown) replace(place, shown);
}

/** @returns {Promise<void>} */
const attempt = () => refresh().catch((error) => showTrouble(byId("list"), error, attempt));

mountHeader();
await requireUser().catch(() => undefined);
await attempt();
keepMoving([list], refresh);
