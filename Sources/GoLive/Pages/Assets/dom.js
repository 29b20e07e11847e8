// @ts-check
/** Elements without markup in strings: whatever comes from people is a text node or an attribute, never HTML. */

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * `el("button", { class: "button", type: "button", on: { click } }, "Save")`. A property that is `false`, `null` or
 * `undefined` is left out, `true` is an attribute without a value, `dataset` and `on` are objects.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/**
 * The same for drawings.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Child | Child[])} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

/**
 * @template {HTMLElement | SVGElement} Made
 * @param {Made} made
 * @param {Record<string, any>} properties
 * @param {(Child | Child[])[]} children
 */
function fill(made, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    else if (name === "dataset") Object.assign(made.dataset, value);
    else if (name === "value" || name === "checked") Object.assign(made, { [name]: value });
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...present(children));
  return made;
}

/** @param {(Child | Child[])[]} children */
function present(children) {
  const shown = /** @type {Child[]} */ (children.flat()).filter((one) => one || one === 0);
  return /** @type {(Node | string)[]} */ (shown.map((one) => (one instanceof Node ? one : String(one))));
}

/**
 * Puts these children in place of what is there.
 * @param {Element} element
 * @param {...(Child | Child[])} children
 */
export function replace(element, ...children) {
  element.replaceChildren(...present(children));
}

/**
 * @param {string} id
 * @returns {any} the element; its type is known to whoever asks
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}
