// @ts-check
import { svg } from "./dom.js";

/** @typedef {import("./chart.js").Frame} Frame */

/**
 * Bars, each with an optional mark above it: a short line, as in “average, and its peak”.
 * @param {{label: string, value: number, mark?: number, note: string}[]} bars `note` is said when pointed at
 */
export function barShapes(bars) {
  const slot = (/** @type {Frame} */ { left, right }) => (right - left) / Math.max(1, bars.length);
  const center = (/** @type {Frame} */ frame, /** @type {number} */ index) => frame.left + slot(frame) * (index + 0.5);
  return {
    max: Math.max(0, ...bars.map(({ value, mark }) => Math.max(value, mark ?? 0))),
    ticks: (/** @type {Frame} */ frame) => bars.map(({ label }, index) => ({ at: center(frame, index), text: label })),
    draw: (/** @type {Frame} */ frame) => bars.map(
      (bar, index) => barShape(frame, bar, center(frame, index), Math.min(44, slot(frame) * 0.64)),
    ),
  };
}

/**
 * @param {Frame} frame
 * @param {{value: number, mark?: number, note: string}} bar
 * @param {number} center
 * @param {number} width
 */
function barShape(frame, { value, mark, note }, center, width) {
  const left = center - width / 2;
  const upTo = (/** @type {number} */ value) => {
    const y = frame.y(value);
    return { x: left, y, width, height: frame.bottom - y };
  };
  const made = svg(
    "g",
    { class: "bar-shape" },
    svg("title", {}, note),
    svg("rect", { class: "reach", ...upTo(Math.max(value, mark ?? 0)) }),
    svg("rect", { class: "value", rx: Math.min(3, width / 4), ...upTo(value) }),
  );
  if (mark) {
    const y = frame.y(mark);
    made.append(svg("line", { class: "mark", x1: left - 2, x2: left + width + 2, y1: y, y2: y }));
  }
  return made;
}

/**
 * A line over time that keeps its value until the next point.
 * @param {{at: number, value: number}[]} points `at` in milliseconds since 1970
 * @param {number} end in milliseconds since 1970
 * @param {(at: number) => string} label of a moment
 */
export function stepShapes(points, end, label) {
  const start = points[0]?.at ?? end;
  const place = (/** @type {number} */ at) => (at - start) / Math.max(1, end - start);
  const x = (/** @type {Frame} */ { left, right }, /** @type {number} */ at) => left + (right - left) * place(at);
  return {
    max: Math.max(0, ...points.map(({ value }) => value)),
    ticks: (/** @type {Frame} */ frame) =>
      Array.from(
        { length: 6 },
        (_, index) => start + ((end - start) * index) / 5,
      ).map((at) => ({ at: x(frame, at), text: label(at) })),
    draw: (/** @type {Frame} */ frame) => {
      if (points.length === 0) return [];
      const px = (/** @type {number} */ at) => x(frame, at).toFixed(1);
      const steps = points.map(
        ({ at, value }, index) => `${index ? `H${px(at)}V` : `M${px(at)} `}${frame.y(value).toFixed(1)}`,
      );
      const path = `${steps.join("")}H${px(end)}`;
      return [
        svg("path", { class: "area", d: `${path}V${frame.bottom}H${x(frame, start)}Z` }),
        svg("path", { class: "line", d: path }),
      ];
    },
  };
}
