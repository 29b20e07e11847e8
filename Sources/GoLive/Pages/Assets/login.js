// @ts-check
import { byId } from "./dom.js";
import { handleForm } from "./form.js";
import { mountHeader } from "./header.js";
import { showable } from "./password-field.js";
import { nextAddress, session } from "./session.js";

mountHeader();
showable(byId("password"));
byId("other").href = `/register${location.search}`;
handleForm(byId("form"), async ({ username, password }) => {
  try {
    await session.signIn({ username: username.trim(), password });
  } catch (error) {
    byId("password").select();
    throw error;
  }
  location.assign(nextAddress());
});

// Asked last: the form is this page's from the first moment, not the browser's.
if (await session.user().catch(() => null)) location.replace(nextAddress());
