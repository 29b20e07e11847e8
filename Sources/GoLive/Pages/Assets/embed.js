// @ts-check
import { byId, el } from "./dom.js";
import { mountPlayer } from "./player.js";

const username = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const place = byId("player");
const player = mountPlayer(place, { username, isEmbedded: true });
Object.assign(globalThis, { room: player.room });

const link = el(
  "a",
  { class: "embed-link", href: `/${encodeURIComponent(username)}`, target: "_blank", rel: "noopener" },
  username,
);
const heading = el("h1", { class: "embed-title" }, link);
place.append(heading);

player.session.on("state", (state) => (heading.hidden = state === "missing" || state === "blocked"));
player.session.on("stream", ({ title, host }) => {
  const name = host.displayName || host.username;
  link.textContent = title ? `${name}: ${title}` : name;
  document.title = `${link.textContent} · GoLive`;
});
