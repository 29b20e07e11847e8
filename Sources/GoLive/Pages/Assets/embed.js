// @ts-check
import { byId, el } from "./dom.js";
import { mountPlayer } from "./player.js";

const username = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const player = mountPlayer(byId("player"), { username, isEmbedded: true });
Object.assign(globalThis, { room: player.room });

const link = el(
  "a",
  { class: "embed-link", href: `/${encodeURIComponent(username)}`, target: "_blank", rel: "noopener" },
  username,
);
document.body.append(link);

player.session.on("stream", ({ title, host }) => {
  const name = host.displayName || host.username;
  link.textContent = title ? `${name}: ${title}` : name;
  document.title = `${link.textContent} · GoLive`;
});
