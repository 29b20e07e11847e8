// @ts-check
import { byId } from "./dom.js";
import { handleForm } from "./form.js";
import { mountHeader } from "./header.js";
import { showable } from "./password-field.js";
import { nextAddress, session } from "./session.js";

mountHeader();
showable(byId("password"));
byId("other").href = `/register${location.search}`;
if (await session.user().catch(() => null)) location.replace(nextAddress());

handleForm(byId("form"), async ({ username, password }) => {
  try {
    await session.signIn({ username: username.trim(), password });
  } catch (error) {
    byId("password").select();
    throw error;
  }
  location.assign(nextAddress());
});
