// @ts-check
import { el, replace } from "./dom.js";
import { drawing } from "./media-icons.js";

const names = { camera: "Camera", microphone: "Microphone" };

/**
 * A list to choose one device from.
 * @param {import("./devices.js").Devices} devices
 * @param {import("./devices.js").Kind} kind
 */
export function devicePicker(devices, kind) {
  const select = el("select", { id: `choose-${kind}`, on: { change: () => devices.choose(kind, select.value) } });
  const element = el("div", { class: "field" }, el("label", { for: `choose-${kind}` }, names[kind]), select);
  let listed = "";

  function update() {
    const choices = devices.choices[kind];
    const list = JSON.stringify(choices);
    // A list that is open is left alone while nothing in it changes.
    if (list !== listed) {
      const options = choices.map(
        ({ deviceId, label }, index) => el("option", { value: deviceId }, label || `${names[kind]} ${index + 1}`),
      );
      replace(select, options.length > 0 ? options : el("option", {}, `No ${kind} found`));
    }
    listed = list;
    select.disabled = choices.length === 0;
    select.value = devices.chosen(kind);
    if (select.selectedIndex < 0) select.selectedIndex = 0;
  }

  const stop = devices.on("changed", update);
  update();
  return { element, stop };
}

/**
 * What is wrong with a device and what to do, with a way to try again.
 * @param {import("./media-errors.js").Advice} advice
 * @param {() => void} [retry]
 */
export function adviceNotice({ title, text }, retry) {
  return el(
    "div", { class: "notice danger live-advice", role: "alert" }, drawing("warning"),
    el(
      "div",
      {},
      el("strong", {}, title),
      el("p", {}, text),
      retry && el("button", { type: "button", class: "button small", on: { click: retry } }, "Try again"),
    ),
  );
}
