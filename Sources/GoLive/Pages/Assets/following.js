// @ts-check
import { byId, el, replace } from "./dom.js";
import { mountHeader } from "./header.js";
import { requireUser } from "./session.js";
import { StreamList } from "./stream-list.js";
import { showTrouble } from "./trouble.js";
import { whileVisible } from "./while-visible.js";

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

mountHeader();
await requireUser().then(refresh).catch((error) => showTrouble(byId("list"), error));
whileVisible(refresh, 8000);
