// @ts-check
import { el, replace } from "./dom.js";

/** Milliseconds without typing after which it is saved. */
const calm = 1000;
/** Milliseconds until it is tried again after the server could not be reached: doubled each time, up to a minute. */
const firstPause = 4000;
const longestPause = 60_000;

/**
 * A field that saves itself a second after the last key, or when it is left, and says so: `data-state` of the sign is
 * `idle`, `waiting`, `saving`, `saved` or `failed`. One save at a time; what was typed meanwhile is saved after it. What
 * could not be saved stays in the field: it is tried again by itself, and leaving the page asks first.
 */
export class Autosave {
  /** What the server has. */
  #saved;
  #isSaving = false;
  /** @type {any} */
  #timer;
  #pause = firstPause;
  #save;
  #objection;
  #control;

  /**
   * @param {HTMLInputElement | HTMLTextAreaElement} control holds what the server has
   * @param {object} options
   * @param {(value: string) => Promise<void>} options.save
   * @param {(value: string) => string | undefined} [options.objection] why a value is not worth sending
   */
  constructor(control, { save, objection = () => undefined }) {
    this.#control = control;
    this.#saved = control.value;
    this.#save = save;
    this.#objection = objection;
    this.sign = el("span", { class: "save-sign", role: "status", dataset: { state: "idle" } });
    control.addEventListener("input", () => this.#wait());
    control.addEventListener("change", () => this.flush());
    addEventListener("pagehide", () => this.flush());
    addEventListener("online", () => this.sign.dataset.state === "failed" && this.flush());
    addEventListener("beforeunload", (event) => this.#isInDanger && event.preventDefault());
    control.addEventListener("keydown", (event) => {
      if (/** @type {KeyboardEvent} */ (event).key === "Enter" && control instanceof HTMLInputElement) this.flush();
    });
  }

  /** Whether what is written here would be lost with the page: the last try failed, also while the next is under way. */
  get #isInDanger() {
    const { state = "" } = this.sign.dataset;
    return state === "failed" || (this.#pause > firstPause && ["waiting", "saving"].includes(state));
  }

  get #value() {
    return this.#control.value.trim();
  }

  /**
   * Shows what the server has, unless somebody is writing here.
   * @param {string} value
   */
  show(value) {
    const isUntouched = this.#value === this.#saved.trim() && document.activeElement !== this.#control;
    if (isUntouched) this.#control.value = value;
    if (isUntouched && !this.#isSaving) this.#saved = value;
  }

  /**
   * Puts in a value as if it were typed, and saves it.
   * @param {string} value
   */
  set(value) {
    this.#control.value = value;
    return this.flush();
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), calm);
    if (!this.#isSaving) this.#say("waiting", "");
  }

  /** Saves now what is not saved. */
  async flush() {
    clearTimeout(this.#timer);
    if (this.#isSaving) return;
    const value = this.#value;
    if (value === this.#saved.trim()) {
      if (this.sign.dataset.state !== "saved") this.#say("idle", "");
      return;
    }
    const objection = this.#objection(value);
    if (objection) return this.#say("failed", objection);
    this.#isSaving = true;
    this.#say("saving", "Saving…");
    try {
      await this.#save(value);
      this.#saved = value;
      this.#pause = firstPause;
      this.#say("saved", "Saved");
    } catch (error) {
      const retry = el(
        "button",
        { type: "button", class: "button small", on: { click: () => this.flush() } },
        "Try again",
      );
      this.#say("failed", `Not saved: ${/** @type {Error} */ (error).message}`, retry);
      // What the server refused it would refuse again; what it never saw is worth another try.
      const { status = 0 } = /** @type {any} */ (error);
      if (status === 0 || status >= 500) {
        this.#timer = setTimeout(() => this.flush(), this.#pause);
        this.#pause = Math.min(2 * this.#pause, longestPause);
      }
    } finally {
      this.#isSaving = false;
    }
    if (this.sign.dataset.state === "saved" && this.#value !== value) this.#wait();
  }

  /**
   * @param {"idle" | "waiting" | "saving" | "saved" | "failed"} state
   * @param {string} text
   * @param {HTMLElement} [action]
   */
  #say(state, text, action) {
    if (state === "failed") this.#control.setAttribute("aria-invalid", "true");
    else this.#control.removeAttribute("aria-invalid");
    this.sign.dataset.state = state;
    replace(this.sign, text, action);
  }
}
