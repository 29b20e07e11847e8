"""Small plots as SVG, without a library: readable on light and on dark pages, and without colours.

Series differ by colour, by marker or hatching, and by the name that stands beside them.
"""

import math
from html import escape

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 58, 150, 44, 44
# Of Okabe and Ito's palette, those that can be told from white and from black.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a8f98")
MARKERS = (
    '<circle cx="{x}" cy="{y}" r="4"/>', '<path d="M{x} {y}m-4.5 4l4.5-8.5l4.5 8.5z"/>',
    '<path d="M{x} {y}m-4-4h8v8h-8z"/>', '<path d="M{x} {y}m0-5.5l5 5.5l-5 5.5l-5-5.5z"/>',
    '<path d="M{x} {y}m-4.5-4l4.5 8.5l4.5-8.5z"/>',
)
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #57606a }
.title { font-size: 14px; font-weight: 600; fill: #24292f }
.grid { stroke: #8a8f98; stroke-opacity: .35 }
@media (prefers-color-scheme: dark) { text { fill: #9ea7b3 } .title { fill: #e6edf3 } }
"""


def lines(path, title, axes, series, logarithmic=False):
    """Values over a number, such as latency over viewers.

    `axes`: what is right and what is up. `series`: dicts of `name`, `points`, a list of (x, value) or (x, value, least,
    most), and where they are wanted `group`, a number (those of one group share colour and marker), and `dashed`.
    """
    xs = sorted({point[0] for one in series for point in one["points"]})
    values = [value for one in series for point in one["points"] for value in point[1:]]
    up = Scale(values, logarithmic)
    parts = [*up.grid(), *(text(across(x, xs), HEIGHT - BOTTOM + 18, f"{x:g}", "middle") for x in xs)]
    labels = []
    for index, one in enumerate(series):
        group = one.get("group", index) % len(COLOURS)
        points = [(across(x, xs), up(value), *map(up, ends)) for x, value, *ends in sorted(one["points"])]
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y, *_ in points)
        dashes = ' stroke-dasharray="6 4"' if one.get("dashed") else ""
        drawn = [f'<polyline points="{way}" fill="none" stroke-width="2"{dashes}/>']
        drawn += [f'<path d="M{x:.1f} {low:.1f}V{high:.1f}"/>' for x, _, low, high in filter(spread, points)]
        drawn += [MARKERS[group].format(x=f"{x:.1f}", y=f"{y:.1f}") for x, y, *_ in points]
        parts.append(f'<g stroke="{COLOURS[group]}" fill="{COLOURS[group]}">{"".join(drawn)}</g>')
        labels.append((points[-1][1], one["name"]))
    parts += [text(WIDTH - RIGHT + 12, y + 4, name) for y, name in apart(labels)]
    write(path, title, axes, parts)


def bars(path, title, axes, groups, series):
    """Values side by side. `groups`: names along the axis; `series`: dicts of `name` and `values`, one a group."""
    up = Scale([0, *(value for one in series for value in one["values"])], False)
    room = (WIDTH - LEFT - RIGHT) / len(groups)
    width = min(60, 0.8 * room / len(series))
    parts = [*up.grid()]
    for place, name in enumerate(groups):
        middle = LEFT + (place + 0.5) * room
        parts.append(text(middle, HEIGHT - BOTTOM + 18, name, "middle"))
        for index, one in enumerate(series):
            x = middle + (index - len(series) / 2) * width
            y = up(one["values"][place])
            parts.append(box(x + 1, y, width - 2, HEIGHT - BOTTOM - y, index))
            parts.append(text(x + width / 2, y - 4, short(one["values"][place]), "middle"))
    for index, one in enumerate(series):
        y = TOP + 8 + 22 * index
        parts += [box(WIDTH - RIGHT + 12, y, 14, 14, index), text(WIDTH - RIGHT + 32, y + 11, one["name"])]
    write(path, title, axes, parts)


class Scale:
    """From values to heights on the page. Logarithmic, it begins below the least value; else at 0."""

    def __init__(self, values, logarithmic):
        self.logarithmic = logarithmic
        most = max(values, default=1) or 1
        if logarithmic:
            least = min(value for value in values if value > 0)
            steps = [base * 10.0**power for power in range(-4, 7) for base in (1, 2, 5)]
            first = max(step for step in steps if step <= least)
            self.ticks = [step for step in steps if first <= step < most]
            self.ticks.append(min(step for step in steps if step >= most))
        else:
            raw = most / 5
            unit = 10.0 ** math.floor(math.log10(raw))
            step = next(unit * base for base in (1, 2, 5, 10) if unit * base >= raw)
            self.ticks = [step * number for number in range(math.ceil(most / step) + 1)]

    def __call__(self, value):
        low, high = self.ticks[0], self.ticks[-1]
        if self.logarithmic:
            low, high, value = math.log(low), math.log(high), math.log(max(value, low))
        return HEIGHT - BOTTOM - (value - low) / ((high - low) or 1) * (HEIGHT - TOP - BOTTOM)

    def grid(self):
        for tick in self.ticks:
            y = self(tick)
            yield f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
            yield text(LEFT - 8, y + 4, f"{tick:g}", "end")


def across(x, xs):
    """By their ratios, as numbers of viewers usually are doubled."""
    span = math.log(xs[-1] / xs[0]) or 1
    return LEFT + 20 + math.log(x / xs[0]) / span * (WIDTH - LEFT - RIGHT - 40)


def spread(point):
    return len(point) == 4 and abs(point[2] - point[3]) > 1


def apart(labels):
    """Moves labels down until none covers another."""
    last = -math.inf
    for y, name in sorted(labels):
        last = max(y, last + 15)
        yield last, name


def short(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def text(x, y, content, anchor="start", kind=""):
    kind = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kind}>{escape(str(content))}</text>'


def box(x, y, width, height, index):
    index %= len(COLOURS)
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="url(#hatch{index})" '
        f'stroke="{COLOURS[index]}"/>')


def hatches():
    """Full, then lines that lean ever further."""
    for index, colour in enumerate(COLOURS):
        fill = f'<rect width="6" height="6" fill="{colour}" fill-opacity="{1 if index == 0 else 0.25}"/>'
        stroke = "" if index == 0 else f'<path d="M3 0V6" stroke="{colour}" stroke-width="2"/>'
        yield (
            f'<pattern id="hatch{index}" width="6" height="6" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate({45 * index})">{fill}{stroke}</pattern>')


def write(path, title, axes, parts):
    right, up = axes
    used = "".join(parts)
    frame = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>",
        f"<defs>{''.join(hatches())}</defs>" if "#hatch" in used else "", text(LEFT, 18, title, kind="title"),
        text(LEFT, 34, up), text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, right, "middle"), *parts, "</svg>",
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(part for part in frame if part) + "\n")
