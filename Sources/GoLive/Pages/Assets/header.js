// @ts-check
import { avatar } from "./avatar.js";
import { el, replace } from "./dom.js";
import { icon } from "./icons.js";
import { session, signInAddress } from "./session.js";
import { toast } from "./toast.js";

/** @typedef {import("./session.js").User} User */

/**
 * The top of every page: the ways to everything, the search, and who is signed in. It fills the page's
 * `<header class="site-header">`, so that nothing moves when it comes, or puts one first.
 * @returns {HTMLElement}
 */
export function mountHeader() {
  const header = document.querySelector("header.site-header") ?? el("header", { class: "site-header" });
  const ways = el("nav", { "aria-label": "Main" });
  const account = el("div", { class: "site-account" });
  replace(
    header,
    el("a", { class: "skip-link", href: "#main" }, "Skip to content"),
    el(
      "a",
      { class: "site-logo", href: "/" },
      el("img", { src: "/icon.svg", alt: "", width: 28, height: 28 }),
      "GoLive",
    ),
    ways,
    searchBox(),
    account,
  );
  if (!header.isConnected) document.body.prepend(header);

  /** @param {User | null} user */
  const show = (user) => {
    replace(ways, way("/", "Browse"), user && way("/following", "Following"));
    replace(account, ...(user ? accountOf(user) : invitation()));
  };
  show(null);
  replace(account);
  session.on("changed", show);
  session.user().then(show, () => show(null));
  return /** @type {HTMLElement} */ (header);
}

/** @param {string} href @param {string} text */
function way(href, text) {
  return el("a", { href, "aria-current": location.pathname === href ? "page" : null }, text);
}

function searchBox() {
  const asked = location.pathname === "/search" ? new URLSearchParams(location.search).get("q") : "";
  return el(
    "form",
    { class: "site-search", role: "search", action: "/search" },
    el(
      "input",
      {
        type: "search",
        name: "q",
        value: asked ?? "",
        placeholder: "Search",
        "aria-label": "Search streams and people",
        maxlength: 100,
        autocomplete: "off",
      },
    ),
    el("button", { class: "button quiet", "aria-label": "Search" }, icon("search")),
  );
}

function invitation() {
  const isHere = ["/login", "/register"].includes(location.pathname);
  const next = location.pathname === "/" || isHere ? "/login" : signInAddress();
  return [
    el("a", { class: "button quiet", href: next }, "Sign in"),
    el("a", { class: "button primary", href: next.replace("/login", "/register") }, "Register"),
  ];
}

/** @param {User} user */
function accountOf(user) {
  const isCreator = user.creatorStatus === "approved";
  const own = `/u/${encodeURIComponent(user.username)}`;
  const button = el(
    "button",
    {
      type: "button",
      class: "button quiet site-menu-button",
      popovertarget: "site-menu",
      "aria-label": `Account of ${user.displayName}`,
    },
    avatar(user, "small"),
    icon("down"),
  );
  const menu = el(
    "div",
    { id: "site-menu", popover: "auto", class: "site-menu" },
    el("p", {}, el("strong", {}, user.displayName), el("span", { class: "muted small" }, `@${user.username}`)),
    isCreator && el("a", { href: own }, "Dashboard"),
    isCreator && el("a", { href: `/${encodeURIComponent(user.username)}` }, "My channel"),
    !isCreator && el("a", { href: "/apply" }, "Become a creator"),
    el("a", { href: "/account" }, "Account"),
    user.role === "admin" && el("a", { href: "/admin" }, "Administration"),
    el("button", { type: "button", on: { click: signOut } }, "Sign out"),
  );
  const goLive = el(
    "a",
    { class: "button primary", href: isCreator ? `${own}/live` : "/apply" },
    icon("camera"),
    "Go live",
  );
  return [isCreator && goLive, button, menu].filter((one) => one !== false);
}

async function signOut() {
  try {
    await session.signOut();
    location.assign("/");
  } catch (error) {
    toast(/** @type {Error} */ (error).message, "danger");
  }
}
