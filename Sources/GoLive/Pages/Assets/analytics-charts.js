// @ts-check
import { chartFigure } from "./chart.js";
import { barShapes, stepShapes } from "./chart-shapes.js";
import { counted, span, when } from "./format.js";

/** @typedef {import("./analytics.js").Session} Session */

const date = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
/** Bars that can still be told apart. */
const cap = 24;

/**
 * Viewers of each stream, oldest first.
 * @param {Session[]} sessions newest first
 */
export function sessionsChart(sessions) {
  const shown = sessions.slice(0, cap).reverse();
  const best = sessions.reduce((one, other) => (other.peakViewers > one.peakViewers ? other : one));
  const most = `Most watched: ${counted(best.peakViewers, "viewer")} on ${date.format(new Date(best.startedAt))}`;
  const shapes = barShapes(
    shown.map(({ startedAt, averageViewers, peakViewers, title }) => ({
      label: date.format(new Date(startedAt)),
      value: averageViewers,
      mark: peakViewers,
      note: `${title}, ${when(startedAt)}: ${averageViewers.toFixed(1)} on average, ${peakViewers} at most`,
    })),
  );
  return chartFigure({
    ...shapes,
    title: "Viewers of each stream",
    summary: `Bars are the average, lines above them the most at once. ${most}.`,
    xLabel: "Day of the stream",
    yLabel: "Viewers",
    table: {
      head: ["Started", "Average viewers", "Most at once"],
      rows: shown.map(
        ({ startedAt, averageViewers, peakViewers }) => [when(startedAt), averageViewers.toFixed(1), peakViewers],
      ),
    },
  });
}

/**
 * Viewers by hour of the day, in the time of who looks.
 * @param {{hour: number, averageViewers: number, seconds: number}[]} hours in UTC
 */
export function hoursChart(hours) {
  const local = hours
    .map((one) => ({ ...one, hour: new Date(Date.UTC(2026, 0, 1, one.hour)).getHours() }))
    .sort((one, other) => one.hour - other.hour);
  const named = (/** @type {number} */ hour) => `${String(hour).padStart(2, "0")}:00`;
  const best = local.reduce((one, other) => (other.averageViewers > one.averageViewers ? other : one), local[0]);
  const shapes = barShapes(
    local.map(({ hour, averageViewers, seconds }) => ({
      label: String(hour),
      value: averageViewers,
      note: `${named(hour)}: ${averageViewers.toFixed(1)} viewers on average, live for ${span(seconds)}`,
    })),
  );
  return chartFigure({
    ...shapes,
    title: "Busiest hours",
    summary: best?.averageViewers
      ? `Most people watch from ${named(best.hour)}: ${best.averageViewers.toFixed(1)} on average.`
      : "Nobody has watched yet.",
    xLabel: "Hour of the day, your time",
    yLabel: "Average viewers",
    table: {
      head: ["Hour", "Average viewers", "Time live"],
      rows: local.map(({ hour, averageViewers, seconds }) => [named(hour), averageViewers.toFixed(1), span(seconds)]),
    },
  });
}

/**
 * Viewers during one stream.
 * @param {Session} session
 * @param {{at: string, viewers: number}[]} samples
 */
export function sessionChart(session, samples) {
  const start = Date.parse(session.startedAt);
  const points = samples.map(({ at, viewers }) => ({ at: Date.parse(at), value: viewers }));
  if (points[0]?.at !== start) points.unshift({ at: start, value: 0 });
  const end = start + 1000 * session.duration;
  return chartFigure({
    ...stepShapes(points, Math.max(end, points[points.length - 1].at), (at) => clock.format(new Date(at))),
    title: "Viewers over time",
    summary: `${counted(session.peakViewers, "viewer")} at most, ${session.averageViewers.toFixed(1)} on average.`,
    xLabel: "Time",
    yLabel: "Viewers",
    table: { head: ["Time", "Viewers"], rows: points.map(({ at, value }) => [clock.format(new Date(at)), value]) },
  });
}
