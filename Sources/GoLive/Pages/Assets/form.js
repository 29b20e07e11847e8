// @ts-check
import { ApiError } from "./api.js";
import { el } from "./dom.js";

/**
 * Sends a form without leaving the page: once at a time, and what the server refuses is said beside its field.
 * @param {HTMLFormElement} form
 * @param {(values: Record<string, any>) => Promise<void>} send gets the fields by name; check boxes as true or false
 */
export function handleForm(form, send) {
  // What is missing is said as what is refused is: beside its field, where it stays.
  form.noValidate = true;
  const trouble = form.appendChild(el("p", { class: "problem", role: "alert" }));
  form.addEventListener("input", ({ target }) => settle(/** @type {Element} */ (target)));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    trouble.textContent = "";
    for (const control of form.elements) settle(control);
    if (objects(form)) return button.removeAttribute("aria-busy");
    try {
      await send(valuesOf(form));
    } catch (error) {
      trouble.textContent = explain(form, error);
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
}

/** @param {HTMLFormElement} form */
export function valuesOf(form) {
  /** @type {Record<string, any>} */
  const values = {};
  for (const control of /** @type {Iterable<any>} */ (form.elements)) {
    if (!control.name || control.disabled) continue;
    values[control.name] = control.type === "checkbox" ? control.checked : control.value;
  }
  return values;
}

/**
 * Marks the fields that are not worth sending, and leads to the first.
 * @param {HTMLFormElement} form
 * @returns {boolean} whether there are some
 */
function objects(form) {
  const wrong = [...form.elements].filter((one) => one instanceof HTMLElement && isWrong(/** @type {any} */ (one)));
  for (const control of wrong) markProblem(/** @type {HTMLElement} */ (control), objection(/** @type {any} */ (control)));
  /** @type {HTMLElement | undefined} */ (wrong[0])?.focus();
  return wrong.length > 0;
}

/** @param {HTMLInputElement} control */
const isWrong = (control) => control.closest(".field") && control.willValidate && !control.validity.valid;

/**
 * @param {HTMLInputElement} control
 * @returns {string} the end of a sentence that begins with the field's name
 */
function objection({ validity, minLength, title, validationMessage }) {
  if (validity.valueMissing) return "is required";
  if (validity.tooShort) return `must have at least ${minLength} characters`;
  if (validity.patternMismatch && title) return `must be ${title}`;
  return `is not right: ${validationMessage}`;
}

/**
 * Marks the fields that were refused.
 * @param {HTMLFormElement} form
 * @param {unknown} error
 * @returns {string} what is left to say for the whole form
 */
function explain(form, error) {
  if (!(error instanceof ApiError)) throw error;
  let isSaid = false;
  // In the order of the page, whatever the order in the answer.
  for (const control of form.elements) {
    const reason = error.details[/** @type {any} */ (control).name];
    if (!reason || !(control instanceof HTMLElement)) continue;
    markProblem(control, reason);
    if (!isSaid) control.focus();
    isSaid = true;
  }
  return isSaid ? "" : error.message;
}

/**
 * @param {HTMLElement} control in a `.field`
 * @param {string} reason as the end of a sentence that begins with the field's name
 */
export function markProblem(control, reason) {
  settle(control);
  const field = control.closest(".field");
  const label = field?.querySelector("label")?.textContent ?? "This";
  const problem = el(
    "p",
    { class: "problem", id: `${control.id}-problem` },
    `${label.trim()} ${reason.replace(/\.$/, "")}.`,
  );
  field?.append(problem);
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", `${control.getAttribute("aria-describedby") ?? ""} ${problem.id}`.trim());
}

/** @param {Element} control */
function settle(control) {
  const problem = control.closest(".field")?.querySelector(".problem");
  if (!problem) return;
  problem.remove();
  control.removeAttribute("aria-invalid");
  const described = control.getAttribute("aria-describedby")?.replace(problem.id, "").trim();
  if (described) control.setAttribute("aria-describedby", described);
  else control.removeAttribute("aria-describedby");
}
