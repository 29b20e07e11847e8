// @ts-check
import { svg } from "./dom.js";

/** Strokes on a 24 by 24 field. */
const shapes = {
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16 16l4.5 4.5",
  close: "M6 6l12 12M18 6 6 18",
  eye: "M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  camera: "M3 6.5h12v11H3zM15 11l6-3.5v9L15 13",
  check: "M4.5 12.5 10 18 20 6.5",
  down: "M6 9.5l6 6 6-6",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 8.5v.01",
};

/**
 * A picture beside words; it says nothing by itself.
 * @param {keyof typeof shapes} name
 */
export function icon(name) {
  return svg(
    "svg",
    {
      viewBox: "0 0 24 24", width: "1.25em", height: "1.25em", fill: "none", stroke: "currentColor", "stroke-width": 2,
      "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true", focusable: "false", class: "icon",
    },
    svg("path", { d: shapes[name] }),
  );
}
