// @ts-check
import { byId } from "./dom.js";
import { handleForm } from "./form.js";
import { mountHeader } from "./header.js";
import { nextAddress, session } from "./session.js";

mountHeader();
byId("other").href = `/register${location.search}`;
if (await session.user().catch(() => null)) location.replace(nextAddress());

handleForm(byId("form"), async ({ username, password }) => {
  await session.signIn({ username: username.trim(), password });
  location.assign(nextAddress());
});
