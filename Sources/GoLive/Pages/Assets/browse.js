// @ts-check
import { byId, el, replace } from "./dom.js";
import { counted } from "./format.js";
import { mountHeader } from "./header.js";
import { keepMoving } from "./moving-lists.js";
import { session } from "./session.js";
import { StreamList } from "./stream-list.js";
import { showTrouble } from "./trouble.js";

const live = new StreamList("/api/viewer/live", "h3");
const following = new StreamList("/api/viewer/following", "h3");
const recommended = new StreamList("/api/viewer/recommended", "h3");

/** @type {import("./session.js").User | null} */
let user = null;

async function refresh() {
  await Promise.all([refreshLive(), refreshFollowing(), refreshRecommended()]);
}

async function refreshLive() {
  await live.refresh();
  const count = live.isCut ? `more than ${counted(live.count, "stream")}` : counted(live.count, "stream");
  byId("live-count").textContent = live.count ? count : "";
  showIn(byId("live"), live.count ? live.element : (quiet ??= nobodyIsLive()));
}

async function refreshFollowing() {
  const section = byId("following-section");
  section.hidden = !user;
  if (!user) return;
  await following.refresh();
  showIn(byId("following"), following.count ? following.element : (alone ??= followsNobody()));
}

/** What is not above already. */
async function refreshRecommended() {
  await recommended.refresh(({ stream }) => !stream.isLive);
  byId("recommended-section").hidden = recommended.count === 0;
  showIn(byId("recommended"), recommended.element);
}

/** @param {HTMLElement} place @param {HTMLElement} shown */
function showIn(place, shown) {
  place.removeAttribute("aria-busy");
  if (place.firstChild !== shown) replace(place, shown);
}

/** @type {HTMLElement | undefined} */
let quiet;
/** @type {HTMLElement | undefined} */
let alone;

function nobodyIsLive() {
  const isCreator = user?.creatorStatus === "approved";
  const text = isCreator
    ? "Be the first: your camera and a title are all it takes."
    : "When a creator goes live, the stream appears here by itself. It could be yours.";
  const action = isCreator ? "Go live" : user ? "Become a creator" : "Register to go live";
  const href = isCreator ? `/u/${user?.username}/live` : user ? "/apply" : "/register";
  return el(
    "div",
    { class: "empty" },
    el("strong", {}, "Nobody is live right now"),
    el("p", {}, text),
    el("a", { class: "button", href }, action),
  );
}

function followsNobody() {
  return el(
    "div",
    { class: "empty" },
    el("strong", {}, "You follow nobody yet"),
    el("p", {}, "Open a stream and press Follow: it stays here, live or not."),
  );
}

/** @returns {Promise<void>} */
const attempt = () => refresh().catch((error) => showTrouble(byId("live"), error, attempt));

mountHeader();
user = await session.user().catch(() => null);
byId("welcome").hidden = user !== null;
await attempt();
keepMoving([live, following, recommended], refresh);
