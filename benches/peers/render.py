"""Results as a Markdown table and as a drawing of the ratios. Standard library only."""

import math
from collections.abc import Iterator
from html import escape
from statistics import mean, median
from typing import Any

NAMES = {
    "cora": "Cora",
    "citeseer": "Citeseer",
    "pubmed": "Pubmed",
    "ca-astroph": "ca-AstroPh",
    "blogcatalog": "BlogCatalog",
    "mnist": "MNIST",
}


def value(figure: str, figures: dict[str, Any]) -> str:
    """A time as people read it."""
    seconds = figures[figure] / 1e3 if figure == "epoch_ms" else figures[figure]
    return f"{digits(seconds)} s" if seconds >= 1 else f"{digits(1e3 * seconds)} ms"


def digits(number: float) -> str:
    """Three figures before the point or around it: 0.84, 7.9, 24, 118, 8,140."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 2 else f"{number:.2f}"


class Row:
    """One comparison over its rounds."""

    def __init__(self, row: dict[str, Any], records: list[dict[str, Any]]):
        self.group, self.label, self.peer, self.figure = (row[key] for key in ("group", "label", "peer", "figure"))
        self.dataset = NAMES[row["dataset"]]
        mine = [record for record in records if record["row"] == row["name"]]
        sides = {"ours": "here", "theirs": self.peer}
        self.rounds = [record for record in mine if not any("error" in record[side] for side in sides)]
        failed = {
            who: record[side]["error"] for record in mine for side, who in sides.items() if "error" in record[side]
        }
        self.error = "; ".join(f"{who}: {words}" for who, words in failed.items())

    def all(self, side: str, key: str) -> list[float]:
        return [record[side][key] for record in self.rounds if key in record[side]]

    def middle(self, side: str, key: str) -> float:
        return median(self.all(side, key))

    @property
    def ratio(self) -> tuple[float, float, float]:
        """Ratio of the medians, and the least and the most of a round: how many times as fast ours is."""
        each = [record["theirs"][self.figure] / record["ours"][self.figure] for record in self.rounds]
        return self.middle("theirs", self.figure) / self.middle("ours", self.figure), min(each), max(each)

    def quality(self, side: str) -> str:
        """AUC / AP or the bound, as a mean over rounds; nothing of a training cut short."""
        other = "theirs" if side == "ours" else "ours"
        epochs, most = ({*self.all(name, "epochs")} or {0} for name in (side, other))
        if max(epochs) < max(most):
            return f"{max(epochs):.0f} epochs only"
        if bounds := self.all(side, "bound"):
            return f"{mean(bounds):.1f} nats"
        return f"{mean(self.all(side, 'auc')):.1f} / {mean(self.all(side, 'ap')):.1f}"


def rows(results: dict[str, Any]) -> Iterator[Row]:
    for row in results["rows"]:
        yield Row(row, results["records"])


def span(row: Row) -> str:
    ratio, least, most = map(digits, row.ratio)
    return ratio if len(row.rounds) == 1 else f"{ratio} ({least} to {most})"


def machine_lines(results: dict[str, Any]) -> Iterator[str]:
    used = {record["session"] for record in results["records"]}
    for number in sorted(used):
        session = results["sessions"][number]
        versions = ", ".join(f"{name} {version}" for name, version in session["versions"].items() if version)
        # Earlier programs did not name the commit themselves.
        commit = f" at {session['commit']}" if session.get("commit") else ""
        yield (
            f"{session['date']}: {session['cpu']}, {session['cores']} cores, {session['memory_gb']} GB, "
            f"{session['system']}; vgae {session['vgae']}{commit}; Python {session['python']}, {versions}."
        )


INTRODUCTION = """# Beside what one would run instead

Made by `just bench-peers`. Each side trains on the same data and the same split, in turn, each in a process
of its own with all the cores. Times are medians over rounds (of an epoch, first the median of a training);
ratios are those of the medians, with the least and the most of the rounds. Our epochs include scoring the
validation pairs, the peers' do not. Our peak of memory is that of the whole chain, the peers' that of
reading and training. AUC / AP, means over rounds, are of inner products on the same test pairs; of images it
is the test bound in nats (less is better).
"""
HEADER = (
    "| what | data | peer | rounds | here | peer | ratio (least to most) | MB here | MB peer "
    "| AUC / AP here | AUC / AP peer |"
)


def table(results: dict[str, Any]) -> str:
    lines = [
        INTRODUCTION,
        *(f"- {line}" for line in machine_lines(results)),
        "",
        HEADER,
        "|---" * HEADER.count(" | ") + "|---|",
    ]
    for row in rows(results):
        head = f"| {row.group}: {row.label} | {row.dataset} | {row.peer} | {len(row.rounds)} |"
        if not row.rounds:
            lines.append(f"{head} failed, see below | | | | | | |")
            continue
        times = [value(row.figure, {row.figure: row.middle(side, row.figure)}) for side in ("ours", "theirs")]
        memory = [f"{row.middle(side, 'peak_mb'):,.0f}" for side in ("ours", "theirs")]
        quality = [row.quality(side) for side in ("ours", "theirs")]
        cells = [*times, span(row), *memory, *quality]
        lines.append(f"{head} {' | '.join(cells)} |")
    if failures := [f"- {row.group}, {row.label}, {row.dataset}: {row.error}" for row in rows(results) if row.error]:
        lines += ["", "Failed:", "", *failures]
    if results["choices"]:
        chosen = ", ".join(f"{name.removeprefix('sampled-')}: {choice}" for name, choice in results["choices"].items())
        lines += [
            "",
            "PyTorch Geometric was tried with dense and with sparse features, and with the graph as a list of edges",
            f"and as a sparse matrix; what stands here is the fastest ({chosen}).",
        ]
    return "\n".join(lines) + "\n"


WIDTH, LEFT, RIGHT, STEP, BAR, HEAD = 760, 132, 150, 24, 14, 34
STYLE = """
  .paper { fill: #ffffff } .ink { fill: #1f2328 } .soft { fill: #59636e }
  .grid { stroke: #d1d9e0 } .one { stroke: #59636e }
  .bar { fill: #4a8fd4 } .range { stroke: #1f2328; stroke-width: 1.5 }
  text { font: 13px system-ui, sans-serif; paint-order: stroke; stroke: #ffffff; stroke-width: 4px }
  .small { font-size: 12px } .title { font-size: 16px; font-weight: 600 }
  .group { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } .ink { fill: #e6edf3 } .soft { fill: #9198a1 }
    text { stroke: #0d1117 }
    .grid { stroke: #2f353d } .one { stroke: #9198a1 }
    .bar { fill: #3b7dc4 } .range { stroke: #e6edf3 }
  }
"""


def axis(ratios: list[tuple[float, float, float]]) -> tuple[float, float]:
    """Ends of the logarithmic axis: 1 and what holds every whisker, with a little room."""
    low, high = min((r[1] for r in ratios), default=1), max((r[2] for r in ratios), default=10)
    return (0.9 * low if low < 1 else 1.0), max(1.1 * high, 10.0)


def ticks(low: float, high: float) -> Iterator[float]:
    """1, 2, 5, 10, 20, 50 ... between the ends."""
    for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        yield from (step * 10.0**power for step in (1, 2, 5) if low <= step * 10.0**power <= high)


def drawing(results: dict[str, Any]) -> str:
    """Horizontal bars of the ratios on a logarithmic axis, by group, with a whisker from least to most."""
    shown = list(rows(results))
    low, high = axis([row.ratio for row in shown if row.rounds])

    def across(ratio: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(ratio / low) / math.log(high / low)

    body, y, group = [], 78.0, None
    for row in shown:
        if (row.group, row.peer) != group:
            group = (row.group, row.peer)
            y += HEAD - STEP if body else 0
            body.append(
                f'<text class="ink group" x="16" y="{y + 13:.0f}">{escape(row.group)} '
                f'<tspan class="soft">beside {escape(row.peer)}</tspan></text>'
            )
            y += STEP
        middle = y + STEP / 2
        body.append(
            f'<text class="ink" x="{LEFT - 10}" y="{middle + 4:.1f}" text-anchor="end">'
            f"{escape(row.label)}, {escape(row.dataset)}</text>"
        )
        if row.rounds:
            body += bar(row.ratio, middle, across)
        else:
            reason = row.error if len(row.error) <= 80 else row.error[:79] + "…"
            body.append(f'<text class="soft small" x="{LEFT + 8}" y="{middle + 4:.1f}">{escape(reason)}</text>')
        y += STEP
    height = y + 62
    lines = []
    for tick in ticks(low, high):
        x, kind = f"{across(tick):.1f}", "one" if tick == 1 else "grid"
        lines += [
            f'<line class="{kind}" x1="{x}" x2="{x}" y1="70" y2="{y + 6:.0f}"/>',
            f'<text class="soft small" x="{x}" y="{y + 22:.0f}" text-anchor="middle">{tick:g}×</text>',
        ]
    used = [record["session"] for record in results["records"]]
    session = results["sessions"][used[-1] if used else -1]
    foot = f"{session['date'][:10]}, {session['cpu']}, {session['cores']} cores; all cores on both sides, in turn."
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}" '
        f'viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-labelledby="title">',
        f'<title id="title">{escape(description(shown))}</title>',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{height:.0f}" rx="6"/>',
        '<text class="ink title" x="16" y="30">How many times as fast as what one would run instead</text>',
        '<text class="soft small" x="16" y="50">Ratios of median times, on a logarithmic axis; '
        "thin lines span the least and the most of the rounds</text>",
    ]
    tail = [f'<text class="soft small" x="16" y="{height - 14:.0f}">{escape(foot)}</text>', "</svg>", ""]
    return "\n".join([*head, *lines, *body, *tail])


def bar(ratio: tuple[float, float, float], y: float, across: Any) -> list[str]:
    start, end = sorted((across(1), across(ratio[0])))
    least, most = across(ratio[1]), across(ratio[2])
    place = f'x="{start:.1f}" y="{y - BAR / 2:.1f}" width="{max(end - start, 1):.1f}" height="{BAR}"'
    out = [f'<rect class="bar" {place} rx="2"/>']
    if most - least > 1:
        out.append(
            f'<path class="range" fill="none" d="M{least:.1f} {y - 4:.1f}v8M{least:.1f} {y:.1f}H{most:.1f}'
            f'M{most:.1f} {y - 4:.1f}v8"/>'
        )
    spread = (
        f' <tspan class="soft small">{digits(ratio[1])} to {digits(ratio[2])}</tspan>' if ratio[1] < ratio[2] else ""
    )
    out.append(f'<text class="ink" x="{max(end, most) + 8:.1f}" y="{y + 4:.1f}">{digits(ratio[0])}×{spread}</text>')
    return out


def description(shown: list[Row]) -> str:
    said = [f"{row.label} on {row.dataset} beside {row.peer}: {digits(row.ratio[0])}" for row in shown if row.rounds]
    return "Ratios of time, peer over ours. " + "; ".join(said)
