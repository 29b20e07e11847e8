// @ts-check
import { api } from "./api.js";
import { el, replace } from "./dom.js";
import { ago, when } from "./format.js";
import { toast } from "./toast.js";

/** Where one is signed in, and ending it there. */
export async function sessionList() {
  const list = el("ul", { class: "plain rows" });
  const section = el(
    "section",
    { class: "card stack", "aria-labelledby": "sessions" },
    el("h2", { id: "sessions" }, "Where you are signed in"),
    list,
  );

  async function load() {
    const sessions = await api.get("/api/auth/sessions");
    replace(list, sessions.map(item));
  }

  /** @param {{id: string, createdAt: string, expiresAt: string, isCurrent: boolean}} one */
  function item({ id, createdAt, expiresAt, isCurrent }) {
    const end = async () => {
      try {
        await api.delete(`/api/auth/sessions/${encodeURIComponent(id)}`);
        await load();
        toast("That session is ended.", "ok");
      } catch (error) {
        toast(/** @type {Error} */ (error).message, "danger");
      }
    };
    return el(
      "li",
      { class: "row spread" },
      el(
        "div",
        {},
        el("p", {}, `Since ${when(createdAt)}`),
        el("p", { class: "muted small" }, `Ends ${ago(expiresAt)}`),
      ),
      isCurrent
        ? el("span", { class: "badge ok" }, "This browser")
        : el(
          "button",
          {
            type: "button",
            class: "button small",
            "aria-label": `Sign out the session of ${when(createdAt)}`,
            on: { click: end },
          },
          "Sign out",
        ),
    );
  }

  await load();
  return { element: section, load };
}
