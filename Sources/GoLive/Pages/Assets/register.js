// @ts-check
import { byId } from "./dom.js";
import { handleForm, markProblem } from "./form.js";
import { mountHeader } from "./header.js";
import { showable } from "./password-field.js";
import { nextAddress, session } from "./session.js";

mountHeader();
showable(byId("password"));
byId("other").href = `/login${location.search}`;
handleForm(byId("form"), async ({ username, displayName, password }) => {
  try {
    await session.register({ username, password, ...(displayName.trim() ? { displayName: displayName.trim() } : {}) });
  } catch (error) {
    if (/** @type {any} */ (error).code !== "username_taken") throw error;
    markProblem(byId("username"), "is taken; choose another");
    byId("username").focus();
    return;
  }
  location.assign(nextAddress());
});

// Asked last: the form is this page's from the first moment, not the browser's.
if (await session.user().catch(() => null)) location.replace(nextAddress());
