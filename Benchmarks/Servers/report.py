"""From the runs of servers to their medians, a table and plots."""

import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import plots  # noqa: E402

# What is compared, and where a run has it; nothing when nobody got in.
MEASURES = {
    "cpu": lambda run: run["report"].get("serverMicrosecondsPerPacket"),
    "latency50": lambda run: run["report"]["latency"].get("p50"),
    "latency99": lambda run: run["report"]["latency"].get("p99"),
    "lastViewer50": lambda run: run["report"].get("lastViewer", {}).get("p50"),
    "lastViewer99": lambda run: run["report"].get("lastViewer", {}).get("p99"),
    "firstFrame50": lambda run: run["report"]["firstFrame"].get("p50"),
    "firstFrame95": lambda run: run["report"]["firstFrame"].get("p95"),
    "memory": lambda run: (run["report"]["serverMemory"] - run["report"]["serverMemoryBefore"]) / run["viewers"] / 1000,
    "lost": lambda run: run["report"]["lost"],
    "connected": lambda run: run["report"]["connected"],
    "packetsPerSecond": lambda run: run["report"]["packetsPerSecond"],
    "serverCores": lambda run: run["report"]["serverCores"],
    "generatorCores": lambda run: run["report"]["ownCores"],
}


def summarise(runs):
    """A row for each server and number of viewers: each measure's median, least and most."""
    rows = []
    for viewers, server in sorted({(run["viewers"], run["server"]) for run in runs}):
        these = [run for run in runs if (run["viewers"], run["server"]) == (viewers, server)]
        row = {"server": server, "viewers": viewers, "runs": len(these)}
        for name, read in MEASURES.items():
            values = [value for value in map(read, these) if value is not None]
            if values:
                row[name] = {"median": statistics.median(values), "least": min(values), "most": max(values)}
        rows.append(row)
    return rows


def table(rows, reference="GoLive"):
    """Markdown: medians, and behind those of the others how many times the reference's they are."""
    columns = (
        ("viewers", None), ("server", None), ("CPU a packet, µs", ("cpu",)),
        ("latency p50 / p99, ms", ("latency50", "latency99")),
        ("to the last viewer, ms", ("lastViewer50", "lastViewer99")),
        ("first frame p50 / p95, ms", ("firstFrame50", "firstFrame95")), ("memory a viewer, kB", ("memory",)),
        ("packets lost", ("lost",)), ("got in", ("connected",)),
        ("cores: server / generator", ("serverCores", "generatorCores")),
    )
    compared = MEASURES.keys() - {"lost", "connected", "packetsPerSecond", "serverCores", "generatorCores"}
    own = {row["viewers"]: row for row in rows if row["server"] == reference}

    def cell(row, name):
        if name not in row:
            return "–"
        value = row[name]["median"]
        number = f"{value:.0f}" if value >= 100 or name in ("lost", "connected") else f"{value:.3g}"
        base = own.get(row["viewers"], {}).get(name, {}).get("median")
        if name not in compared or row["server"] == reference or not base or base <= 0:
            return number
        return f"{number} (×{value / base:.2g})"

    lines = [[title for title, _ in columns]]
    for row in rows:
        line = []
        for title, names in columns:
            line.append(" / ".join(cell(row, name) for name in names) if names else str(row[title]))
        lines.append(line)
    texts = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([texts[0], "|" + "---|" * len(columns), *texts[1:]])


def draw(rows, folder):
    """The plots; their paths."""
    servers = list(dict.fromkeys(sorted((row["server"] for row in rows), key=lambda name: (name != "GoLive", name))))
    viewers = sorted({row["viewers"] for row in rows})
    found = {(row["server"], row["viewers"]): row for row in rows}

    def series(name, suffix="", dashed=False):
        for group, server in enumerate(servers):
            points = [
                (count, *(row[name][key] for key in ("median", "least", "most")))
                for count in viewers if name in (row := found.get((server, count), {}))
            ]
            if points:
                yield {"name": server + suffix, "points": points, "group": group, "dashed": dashed}

    def pair(low, high):
        shares = [(name, f" p{name[-2:]}", dashed) for name, dashed in ((low, False), (high, True))]
        return [one for name, suffix, dashed in shares for one in series(name, suffix, dashed)]

    paths = {name: folder / f"servers-{name}.svg" for name in ("cpu", "latency", "first-frame", "memory")}
    plots.lines(
        paths["cpu"], "Processor time a forwarded packet", ("viewers", "µs, lower is better"), list(series("cpu")))
    plots.lines(
        paths["latency"], "From the publisher's socket to the viewer's", ("viewers", "ms, lower is better"),
        pair("latency50", "latency99"), logarithmic=True)
    plots.lines(
        paths["first-frame"], "From the first byte of signalling to the first whole frame",
        ("viewers that join in turn", "ms, lower is better"), pair("firstFrame50", "firstFrame95"), logarithmic=True)
    plots.bars(
        paths["memory"], "Memory a viewer", ("viewers", "kB, lower is better"), [str(count) for count in viewers],
        [{"name": server,
          "values": [max(0, found.get((server, count), {}).get("memory", {}).get("median", 0)) for count in viewers]}
         for server in servers])
    return list(paths.values())
