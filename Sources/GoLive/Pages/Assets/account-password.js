// @ts-check
import { api } from "./api.js";
import { el } from "./dom.js";
import { handleForm } from "./form.js";
import { showable } from "./password-field.js";
import { toast } from "./toast.js";

/**
 * Changing one's password.
 * @param {import("./session.js").User} user
 * @param {() => void} done every other session has ended
 */
export function passwordCard(user, done) {
  const form = el(
    "form",
    { class: "stack", id: "password-form" },
    // For whoever keeps the passwords: whose this is.
    el("input", { type: "text", autocomplete: "username", value: user.username, hidden: true, readonly: true }),
    field("currentPassword", "Current password", { autocomplete: "current-password", maxlength: 1024 }),
    field(
      "newPassword",
      "New password",
      { autocomplete: "new-password", minlength: 8, maxlength: 128, "aria-describedby": "newPassword-hint" },
      el("p", { class: "hint", id: "newPassword-hint" }, "At least 8 characters."),
    ),
    el("button", { type: "submit", class: "button primary" }, "Change password"),
  );
  for (const input of form.querySelectorAll("input")) if (input.type === "password") showable(input);
  handleForm(form, async ({ currentPassword, newPassword }) => {
    await api.put("/api/auth/password", { currentPassword, newPassword });
    form.reset();
    toast("Your password is changed. Everywhere else you are signed out.", "ok");
    done();
  });
  return el(
    "section",
    { class: "card stack", "aria-labelledby": "password" },
    el("h2", { id: "password" }, "Password"),
    el("p", { class: "muted" }, "Changing it signs you out everywhere but here."),
    form,
  );
}

/**
 * @param {string} name
 * @param {string} label
 * @param {Record<string, any>} properties
 * @param {HTMLElement} [hint]
 */
function field(name, label, properties, hint) {
  return el(
    "div",
    { class: "field" },
    el("label", { for: name }, label),
    el("input", { id: name, name, type: "password", required: true, ...properties }),
    hint,
  );
}
