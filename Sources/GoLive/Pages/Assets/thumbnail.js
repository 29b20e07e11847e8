// @ts-check
import { api } from "./api.js";
import { ownPicture } from "./avatar.js";
import { el, replace } from "./dom.js";
import { icon } from "./icons.js";
import { toast } from "./toast.js";

const types = ["image/png", "image/jpeg", "image/webp"];
const limit = 2 << 20;

/**
 * The picture by which a stream is found: shown as viewers see it before it is used.
 * @param {string | null} thumbnail its address
 */
export function thumbnailCard(thumbnail) {
  const frame = el("div", { class: "thumbnail-frame" });
  const actions = el("div", { class: "row" });
  const problem = el("p", { class: "problem", role: "alert" });
  const input = el(
    "input",
    {
      type: "file",
      id: "thumbnail",
      accept: types.join(","),
      class: "visually-hidden",
      "aria-describedby": "thumbnail-hint",
    },
  );
  let current = thumbnail;
  /** @type {File | undefined} */
  let chosen;
  let preview = "";

  function show() {
    URL.revokeObjectURL(preview);
    preview = chosen ? URL.createObjectURL(chosen) : "";
    const address = preview || ownPicture(current);
    replace(
      frame,
      address ? el(
        "img",
        { src: address, alt: chosen ? "The picture you chose" : "The picture of your stream" },
      ) : el("p", { class: "muted small" }, "No picture yet"),
    );
    if (chosen) {
      replace(actions, button("Use this picture", "primary", use), button("Cancel", "", () => choose(undefined)));
      return;
    }
    replace(
      actions,
      el("label", { class: "button", for: "thumbnail" }, icon("picture"), "Choose a picture"),
      current && button("Remove", "quiet", remove),
    );
  }

  /** @param {File | undefined} file */
  function choose(file) {
    problem.textContent = "";
    chosen = file;
    input.value = "";
    show();
  }

  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (!file) return;
    if (types.includes(file.type) && file.size <= limit) return choose(file);
    choose(undefined);
    problem.textContent =
      file.size > limit ? "The picture is larger than 2 MB; choose another." : "Choose a PNG, JPEG or WebP picture.";
  });

  /** @param {() => Promise<any>} change @param {string} done */
  async function apply(change, done) {
    problem.textContent = "";
    frame.setAttribute("aria-busy", "true");
    for (const one of actions.querySelectorAll("button")) one.disabled = true;
    try {
      current = (await change())?.thumbnail ?? null;
      chosen = undefined;
      toast(done, "ok");
    } catch (error) {
      problem.textContent = /** @type {Error} */ (error).message;
    }
    frame.removeAttribute("aria-busy");
    show();
  }

  const use = () => apply(
    () => api.upload("/api/stream/thumbnail", /** @type {File} */ (chosen)),
    "Your stream has a new picture.",
  );
  const remove = () => apply(() => api.delete("/api/stream/thumbnail"), "The picture is removed.");

  show();
  return {
    element: el(
      "section",
      { class: "card stack thumbnail", "aria-labelledby": "picture" },
      el("h2", { id: "picture" }, "Picture"),
      frame,
      input,
      actions,
      el(
        "p",
        { class: "muted small", id: "thumbnail-hint" },
        "PNG, JPEG or WebP up to 2 MB, best 1280 × 720. Without one, a picture is taken while you are live.",
      ),
      problem,
    ),
    /** @param {string | null} address */
    show(address) {
      if (address === current) return;
      current = address;
      if (!chosen) show();
    },
  };
}

/** @param {string} text @param {string} kind @param {() => void} click */
const button = (text, kind, click) => el("button", { type: "button", class: `button ${kind}`, on: { click } }, text);
