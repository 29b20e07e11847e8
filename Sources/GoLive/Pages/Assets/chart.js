// @ts-check
import { el, replace, svg } from "./dom.js";

/** Room for the labels, in CSS pixels. */
const margin = { top: 30, right: 12, bottom: 44, left: 48 };
const height = 270;
/** The width of a letter, about. */
const letter = 7.5;

/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} summary what one sees in it, in a sentence
 * @property {string} xLabel
 * @property {string} yLabel
 * @property {number} max the largest value
 * @property {(frame: Frame) => SVGElement[]} draw the data
 * @property {(frame: Frame) => {at: number, text: string}[]} ticks of the horizontal axis, in pixels
 * @property {{head: string[], rows: (string | number)[][]}} table the same in numbers
 */
/**
 * @typedef {object} Frame where the data goes, in pixels
 * @property {number} left
 * @property {number} right
 * @property {number} bottom
 * @property {(value: number) => number} y
 */

/**
 * A drawing with labelled axes, as wide as its place, and the same as a table. Shapes and labels say what colours say.
 * @param {Chart} chart
 */
export function chartFigure(chart) {
  const place = el("div", { class: "chart" });
  const resized = new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width > 0) replace(place, drawing(chart, Math.round(contentRect.width)));
  });
  resized.observe(place);
  return el(
    "figure",
    { class: "stack" },
    el("figcaption", {}, el("h3", {}, chart.title), el("p", { class: "muted small" }, chart.summary)),
    place,
    el("details", {}, el("summary", {}, "As a table"), table(chart)),
  );
}

/** @param {Chart} chart @param {number} width */
function drawing(chart, width) {
  const steps = niceSteps(chart.max);
  const top = steps[steps.length - 1];
  const bottom = height - margin.bottom;
  const frame = {
    left: margin.left,
    right: width - margin.right,
    bottom,
    y: (/** @type {number} */ value) => bottom - ((bottom - margin.top) * value) / top,
  };
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": `${chart.title}. ${chart.summary}` },
    steps.map((value) => level(frame, value)),
    chart.draw(frame),
    svg("line", { class: "axis", x1: frame.left, x2: frame.right, y1: bottom, y2: bottom }),
    spaced(chart.ticks(frame), width).map(({ at, text }) => {
      const isAtEdge = at + (text.length * letter) / 2 > width;
      return svg("text", { x: at, y: bottom + 18, "text-anchor": isAtEdge ? "end" : "middle" }, text);
    }),
    svg(
      "text",
      { x: (frame.left + frame.right) / 2, y: height - 4, "text-anchor": "middle", class: "label" },
      chart.xLabel,
    ),
    svg("text", { x: 0, y: 10, class: "label" }, chart.yLabel),
  );
}

/**
 * A line across with its value.
 * @param {Frame} frame
 * @param {number} value
 */
function level(frame, value) {
  const y = frame.y(value);
  return svg(
    "g",
    {},
    svg("line", { class: "grid", x1: frame.left, x2: frame.right, y1: y, y2: y }),
    svg("text", { x: frame.left - 8, y: y + 4, "text-anchor": "end" }, value),
  );
}

/**
 * Round values from 0 to above the largest: 1, 2 or 5 times a power of ten apart.
 * @param {number} max
 */
export function niceSteps(max) {
  const rough = Math.max(max, 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough);
  return Array.from({ length: Math.ceil(Math.max(max, 1) / step) + 1 }, (_, index) => index * step);
}

/**
 * As many labels as fit beside each other.
 * @param {{at: number, text: string}[]} ticks
 * @param {number} width
 */
function spaced(ticks, width) {
  const widest = Math.max(0, ...ticks.map(({ text }) => text.length)) * letter + 14;
  const every = Math.max(1, Math.ceil((ticks.length * widest) / Math.max(1, width - margin.left - margin.right)));
  return ticks.filter((_, index) => index % every === 0);
}

/** @param {Chart} chart */
function table({ title, table: { head, rows } }) {
  return el(
    "div",
    { class: "table-frame", tabindex: 0, role: "region", "aria-label": `Table: ${title}` },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))),
      el(
        "tbody",
        {},
        rows.map(
          (row) => el(
            "tr",
            {},
            row.map((cell, index) => (index ? el("td", {}, cell) : el("th", { scope: "row" }, cell))),
          ),
        ),
      ),
    ),
  );
}
