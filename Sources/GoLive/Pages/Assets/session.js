// @ts-check
import { api, ApiError } from "./api.js";
import { Emitter } from "./events.js";

/**
 * @typedef {object} User
 * @property {string} id
 * @property {string} username
 * @property {string} displayName
 * @property {string | null} [imageUrl]
 * @property {string} [bio]
 * @property {"user" | "admin"} role
 * @property {"none" | "pending" | "approved" | "rejected"} creatorStatus
 */

/** Says whether it is worth asking: the session's cookie is hidden from scripts. */
const hintKey = "golive.session";

/** Who is signed in in this browser. Asked once a page; `changed` brings the user, or null. */
class Session extends Emitter {
  /** @type {Promise<User | null> | undefined} */
  #asked;

  /** @returns {Promise<User | null>} null when signed out */
  user() {
    this.#asked ??= hint.get() === "out" ? Promise.resolve(null) : this.#ask();
    return this.#asked;
  }

  async #ask() {
    try {
      const user = await api.get("/api/auth/me");
      hint.set("in");
      return user;
    } catch (error) {
      this.#asked = undefined;
      if (error instanceof ApiError && error.status === 401) return this.#know(null);
      throw error;
    }
  }

  /** @param {{username: string, password: string}} credentials @returns {Promise<User>} */
  async signIn(credentials) {
    return this.#enter(await api.post("/api/auth/login", credentials));
  }

  /** @param {{username: string, password: string, displayName?: string}} account @returns {Promise<User>} */
  async register(account) {
    return this.#enter(await api.post("/api/auth/register", account));
  }

  /**
   * The token in the answer is for apps; here the cookie that came with it is enough.
   * @param {{user: User}} answer
   */
  #enter({ user }) {
    return /** @type {User} */ (this.#know(user));
  }

  /** @param {Partial<User>} changes */
  async update(changes) {
    return this.#know(await api.put("/api/auth/me", changes));
  }

  async signOut() {
    await api.post("/api/auth/logout").catch((error) => {
      if (error.status !== 401) throw error;
    });
    this.#know(null);
  }

  /** Forgets what is known, for when another tab signed in or out. */
  async refresh() {
    this.#asked = undefined;
    this.emit("changed", await this.user());
  }

  /** @param {User | null} user */
  #know(user) {
    this.#asked = Promise.resolve(user);
    hint.set(user ? "in" : "out");
    this.emit("changed", user);
    return user;
  }
}

const hint = {
  /** Who was never here is signed out; where nothing can be kept, the server is asked. */
  get() {
    try {
      return localStorage.getItem(hintKey) ?? "out";
    } catch {
      return "in";
    }
  },
  /** @param {"in" | "out"} value */
  set(value) {
    try {
      if (this.get() !== value) localStorage.setItem(hintKey, value);
    } catch {
      // Then each page asks.
    }
  },
};

export const session = new Session();

addEventListener("storage", ({ key }) => {
  if (key === hintKey) session.refresh();
});

/**
 * The user, or a way to the sign-in page and back again.
 * @returns {Promise<User>} settles only when somebody is signed in
 */
export async function requireUser() {
  const user = await session.user();
  if (user) return user;
  location.replace(signInAddress());
  return new Promise(() => {});
}

/** The sign-in page, which comes back here. */
export function signInAddress() {
  return `/login?${new URLSearchParams({ next: location.pathname + location.search })}`;
}

/** Where to go after signing in: only ever to a page of this server. */
export function nextAddress(fallback = "/") {
  const next = new URLSearchParams(location.search).get("next") ?? fallback;
  const address = URL.canParse(next, location.origin) ? new URL(next, location.origin) : undefined;
  return address?.origin === location.origin ? address.pathname + address.search : fallback;
}
