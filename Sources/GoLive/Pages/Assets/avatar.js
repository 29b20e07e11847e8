// @ts-check
import { el } from "./dom.js";

const hues = 8;

/**
 * Somebody's picture, or their initials on a colour that is always the same for the same name.
 * @param {{username?: string, displayName?: string, imageUrl?: string | null}} person
 * @param {"" | "small" | "large"} [size]
 */
export function avatar(person, size = "") {
  const name = person.displayName || person.username || "?";
  const made = el(
    "span",
    { class: `avatar ${size}`, "aria-hidden": "true", dataset: { hue: hueOf(person.username || name) } },
  );
  const address = ownPicture(person.imageUrl);
  if (!address) {
    made.append(initials(name));
    return made;
  }
  const image = el("img", { src: address, alt: "", loading: "lazy" });
  image.addEventListener("error", () => made.replaceChildren(initials(name)));
  made.append(image);
  return made;
}

/**
 * Pages show pictures of this server only, and never tell another that they were looked at.
 * @param {string | null} [address]
 */
export function ownPicture(address) {
  if (!address || !URL.canParse(address, location.origin)) return undefined;
  return new URL(address, location.origin).origin === location.origin ? address : undefined;
}

/** @param {string} name */
function initials(name) {
  const words = name.trim().split(/[\s_-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => [...word][0].toUpperCase()).join("") || "?";
}

/** @param {string} name */
function hueOf(name) {
  let sum = 0;
  for (const letter of name.toLowerCase()) sum = (31 * sum + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum % hues;
}
