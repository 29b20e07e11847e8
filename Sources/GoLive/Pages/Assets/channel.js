// @ts-check
import { mountChannelInfo } from "./channel-info.js";
import { mountChat } from "./chat.js";
import { byId } from "./dom.js";
import { mountHeader } from "./header.js";
import { keep, kept } from "./kept.js";
import { mountPlayer } from "./player.js";
import { session as account } from "./session.js";

const username = decodeURIComponent(location.pathname.split("/")[1] ?? "");

/** @param {boolean} isTheatre */
function setTheatre(isTheatre) {
  document.body.classList.toggle("theatre", isTheatre);
  keep("theatre", isTheatre ? "yes" : undefined);
  return isTheatre;
}

setTheatre(kept("theatre") === "yes");
mountHeader();
const player = mountPlayer(byId("player"), {
  username,
  onTheatre: () => setTheatre(!document.body.classList.contains("theatre")),
});
Object.assign(globalThis, { room: player.room });

const { session: viewer } = player;
const info = mountChannelInfo(byId("info"), viewer);
const user = await account.user().catch(() => null);
const isHost = user?.username.toLowerCase() === username.toLowerCase();
info.setUser(user, isHost);
const chat = mountChat(byId("chat"), { username, room: player.room, isHost, rename: (name) => viewer.rename(name) });

function placeChat() {
  document.body.classList.toggle("without-chat", viewer.state === "missing" || viewer.state === "blocked");
}

function share() {
  const { stream, chatSettings } = viewer;
  if (!stream) return;
  chat.know({ settings: { ...chatSettings }, host: stream.host, isFollowing: stream.host.isFollowing });
}

viewer.on("stream", share);
viewer.on("chatSettings", share);
viewer.on("state", placeChat);
share();
// What happened while the server was asked who this is.
placeChat();
