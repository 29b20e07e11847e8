// @ts-check
import { applicationView } from "./admin-applications.js";
import { webhookView } from "./admin-webhooks.js";
import { byId, el, replace } from "./dom.js";
import { mountHeader } from "./header.js";
import { requireUser } from "./session.js";
import { showTrouble } from "./trouble.js";

const views = /** @type {const} */ ([
  ["applications", "Applications", applicationView],
  ["webhooks", "Webhook deliveries", webhookView],
]);
const asked = new URLSearchParams(location.search).get("view");
const [name, , view] = views.find(([name]) => name === asked) ?? views[0];

const content = byId("content");

/** @param {import("./session.js").User} user */
function open({ role }) {
  if (role !== "admin") return replace(content, closed());
  replace(
    byId("views"),
    views.map(
      ([key, text]) => el("a", { href: `/admin?view=${key}`, "aria-current": key === name ? "page" : null }, text),
    ),
  );
  byId("views").hidden = false;
  replace(content, view());
}

function closed() {
  return el(
    "div",
    { class: "empty" },
    el("strong", {}, "This page is for administrators"),
    el("p", {}, "Whoever runs this server can make you one: golive user promote."),
    el("a", { class: "button", href: "/" }, "Back to the start"),
  );
}

mountHeader();
await requireUser().then(open).catch((error) => showTrouble(content, error));
content.removeAttribute("aria-busy");
