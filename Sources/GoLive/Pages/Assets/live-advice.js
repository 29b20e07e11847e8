// @ts-check
import { adviceNotice } from "./device-picker.js";
import { kinds } from "./devices.js";
import { el, replace } from "./dom.js";

/**
 * What is wrong with the devices and what to do about it, as it changes; nothing where all is well. Said again only when
 * it is something else.
 * @param {import("./devices.js").Devices} devices
 */
export function deviceAdvice(devices) {
  const element = el("div", { class: "stack", hidden: true });
  let said = "";

  function update() {
    const wrong = kinds.filter((kind) => devices.advice[kind]);
    const words = wrong.map((kind) => /** @type {import("./media-errors.js").Advice} */ (devices.advice[kind]));
    const text = words.map(({ title, text }) => title + text).join();
    if (text === said) return;
    said = text;
    element.hidden = wrong.length === 0;
    // One answer of the person, one thing to do.
    const areBothDenied = wrong.length === 2 && words.every(({ kind }) => kind === "denied");
    if (areBothDenied) {
      const both = { ...words[0], title: "The camera and the microphone are not allowed" };
      replace(element, adviceNotice(both, () => devices.open()));
    } else {
      replace(element, wrong.map((kind, index) => adviceNotice(words[index], () => devices.turnOn(kind))));
    }
  }

  const stop = devices.on("changed", update);
  update();
  return { element, stop };
}
