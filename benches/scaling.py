"""Time and memory against the size of the graph, for the sampled loss with 16 dimensions.

    python3 benches/scaling.py PROGRAM OUT [--model rmat] [--largest 1000000] [--epochs 5] [--times 3]

PROGRAM is the compiled `vgae`, OUT a folder for its graphs and runs; needs pyarrow. Graphs are drawn by
`vgae generate-graph` with ten edges a node, and some with three, so that what a node costs can be told from
what an edge costs. Printed is a Markdown table: the median over K rounds of each stage's seconds
(manifest.json), of an epoch's (history.parquet, the first one left out) and of the largest resident memory.
Below it stand a least-squares fit of memory to nodes and edges, and how time grows with size. The curves
of the graphs with ten edges a node are drawn into OUT/scaling.svg.
"""

import argparse
import json
import math
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq

COLUMNS = ["generate", "ingest", "split", "epoch", "eval", "export"]
MEMORY = ["after split", "at most"]


def seconds_of(command):
    """Of a process that must succeed."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def measure(options, nodes, edges):
    """One round over one graph: from drawing it to its embeddings."""
    folder = options.out / f"{options.model}-{nodes}-{edges}"
    shutil.rmtree(folder, ignore_errors=True)
    sizes = ["--nodes", str(nodes), "--edges", str(edges)]
    graph = folder / "graph"
    command = [options.program, "--quiet", "generate-graph", options.model, *sizes, "--out", graph]
    found = {"generate": seconds_of(command)}

    pipeline = graph / "sampled.toml"
    pipeline.write_text(
        '[data]\nedges = "edges.parquet"\nnodes = "nodes.parquet"\n'
        f'[model]\nmethod = "gae*"\nlatent = 16\nnegatives = 1\nepochs = {options.epochs}\n'
    )
    run = folder / "run"
    seconds_of([options.program, "--quiet", "run", pipeline, "--out", run])
    manifest = json.loads((run / "manifest.json").read_text())
    machines = {stage["stage"]: stage["machine"] for stage in manifest.get("content", manifest)["stages"]}
    for stage in ["ingest", "split", "eval", "export"]:
        found[stage] = machines[stage]["seconds"]
    # The largest so far, each time: that of the whole run stands with its last stage.
    found["after split"] = machines["split"]["peak_memory_bytes"]
    found["at most"] = machines["export"]["peak_memory_bytes"]
    seconds = pq.read_table(run / "history.parquet", columns=["seconds"])["seconds"].to_pylist()
    found["epoch"] = statistics.median(seconds[1:] or seconds)
    shutil.rmtree(folder)
    return found


def least_squares(rows, values):
    """The coefficients with which the columns of `rows` come nearest to `values`: normal equations."""
    width = len(rows[0])
    table = [
        [sum(row[i] * row[j] for row in rows) for j in range(width)]
        + [sum(row[i] * value for row, value in zip(rows, values))]
        for i in range(width)
    ]
    for i in range(width):
        pivot = max(range(i, width), key=lambda row: abs(table[row][i]))
        table[i], table[pivot] = table[pivot], table[i]
        for j in range(width):
            if j != i:
                factor = table[j][i] / table[i][i]
                table[j] = [a - factor * b for a, b in zip(table[j], table[i])]
    return [table[i][width] / table[i][i] for i in range(width)]


def markdown(results):
    head = ["nodes", "edges", *(f"{name}, s" for name in COLUMNS), *(f"memory {name}, MB" for name in MEMORY)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---:|" * len(head)]
    for (nodes, edges), found in sorted(results.items()):
        cells = [f"{nodes:,}", f"{edges:,}"]
        cells += [f"{found[name]:.3g}" if found[name] < 1 else f"{found[name]:.2f}" for name in COLUMNS]
        cells += [f"{found[name] / 1e6:,.0f}" for name in MEMORY]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def conclusions(results):
    # In units of the largest graph, so that the equations are well conditioned.
    most_nodes, most_edges = (max(size[i] for size in results) for i in range(2))
    rows = [[1.0, nodes / most_nodes, edges / most_edges] for nodes, edges in results]
    fixed, by_nodes, by_edges = least_squares(rows, [found["at most"] for found in results.values()])
    lines = [
        f"Memory at most: {fixed / 1e6:.0f} MB, {by_nodes / most_nodes:.0f} bytes a node and "
        f"{by_edges / most_edges:.0f} bytes an edge (least squares over all rows)."
    ]
    growth = []
    dense = sorted(size for size in results if size[1] == 10 * size[0])
    if len(dense) > 1:
        small, large = dense[-2:]
        times = math.log(large[1] / small[1])
        for name in COLUMNS:
            power = math.log(results[large][name] / results[small][name]) / times
            growth.append(f"{name} {power:.2f}")
        lines.append(
            f"Seconds grow from {small[1]:,} to {large[1]:,} edges by the power (1 is linear): "
            + ", ".join(growth) + "."
        )
    return "\n\n".join(lines)


# The picture: two log-log panels, in colours that follow the reader's light or dark.
STYLE = """
svg { color-scheme: light dark; font: 12px system-ui, sans-serif; }
.paper { fill: #ffffff; } text { fill: #3d4450; } .strong { fill: #14181f; font-weight: 600; font-size: 13px; }
.grid { stroke: #e3e6ea; } .line { fill: none; stroke-width: 2; } .c0 { --c: #6b7280; } .c1 { --c: #1f6fc4; }
.c2 { --c: #b45309; } .c3 { --c: #b3246b; } .c4 { --c: #16803c; } .c5 { --c: #6d3fc9; }
.line { stroke: var(--c); } .dot, text.label { fill: var(--c); }
@media (prefers-color-scheme: dark) {
  .paper { fill: #14171c; } text { fill: #b9c0ca; } .strong { fill: #f0f2f5; } .grid { stroke: #2b3038; }
  .c0 { --c: #9aa3b0; } .c1 { --c: #6cb0f5; } .c2 { --c: #f0a04b; } .c3 { --c: #f07ab0; }
  .c4 { --c: #5fce85; } .c5 { --c: #b196f7; }
}
"""
WIDTH, HEIGHT, TOP, BOTTOM = 940, 400, 56, 350


def number(value):
    for limit, unit in [(1e9, "G"), (1e6, "M"), (1e3, "k")]:
        if value >= limit:
            return f"{value / limit:g}{unit}"
    return f"{value:g}"


def decades(values):
    return math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))


def panel(left, right, title, sizes, curves, written):
    """`curves`: (class, name, one value a size). Names stand at the ends of the curves."""
    lowest, highest = decades([value for *_, values in curves for value in values])
    first, last = math.log10(sizes[0]), math.log10(sizes[-1])

    def x(size):
        return left + (right - left) * (math.log10(size) - first) / ((last - first) or 1)

    def y(value):
        return BOTTOM - (BOTTOM - TOP) * (math.log10(value) - lowest) / (highest - lowest)

    parts = [f'<text class="strong" x="{left - 44}" y="26">{title}</text>']
    for exponent in range(lowest, highest + 1):
        at = y(10.0**exponent)
        parts.append(f'<path class="grid" d="M{left} {at:.1f}H{right}"/>')
        parts.append(f'<text x="{left - 8}" y="{at + 4:.1f}" text-anchor="end">{written(10.0**exponent)}</text>')
    for size in sizes:
        parts.append(f'<path class="grid" d="M{x(size):.1f} {TOP}V{BOTTOM}"/>')
        label = number(float(f"{size:.1g}"))
        parts.append(f'<text x="{x(size):.1f}" y="{BOTTOM + 18}" text-anchor="middle">{label}</text>')
    parts.append(f'<text x="{(left + right) / 2}" y="{BOTTOM + 38}" text-anchor="middle">edges, ten a node</text>')

    # From the highest curve to the lowest, no two names closer than a line.
    above = -math.inf
    for look, name, values in sorted(curves, key=lambda curve: y(curve[2][-1])):
        points = [f"{x(size):.1f} {y(value):.1f}" for size, value in zip(sizes, values)]
        parts.append(f'<path class="line {look}" d="M{"L".join(points)}"/>')
        parts += [
            f'<circle class="dot {look}" cx="{x(size):.1f}" cy="{y(value):.1f}" r="3">'
            f"<title>{name}, {size:,} edges: {written(value)}</title></circle>"
            for size, value in zip(sizes, values)
        ]
        above = max(above + 15, y(values[-1]) + 4)
        parts.append(f'<text class="label {look}" x="{right + 9}" y="{above:.1f}">{name}</text>')
    return parts


def picture(results):
    dense = sorted(size for size in results if size[1] == 10 * size[0])
    sizes = [edges for _, edges in dense]

    def curve(look, name):
        return f"c{look}", name, [results[size][name] for size in dense]

    times = [curve(look, name) for look, name in enumerate(COLUMNS)]
    memory = [curve(1, "after split"), curve(3, "at most")]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="Seconds of each stage and memory against the number of edges, on logarithmic axes">',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
        *panel(60, 430, "Seconds", sizes, times, lambda value: f"{value:.3g}"),
        *panel(590, 840, "Resident memory", sizes, memory, lambda value: number(float(f"{value:.3g}")) + "B"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", choices=["rmat", "sbm"], default="rmat")
    parser.add_argument("--largest", type=int, default=1_000_000, help="nodes of the largest graph")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    options.program = options.program.resolve()
    options.out.mkdir(parents=True, exist_ok=True)

    nodes = [options.largest // part for part in [100, 30, 10, 3, 1]]
    sizes = [(count, 10 * count) for count in nodes] + [(count, 3 * count) for count in nodes[2:]]
    rounds = {size: [] for size in sizes}
    # Round by round over all sizes, so that a slow minute of the machine does not fall on one of them.
    for turn in range(options.times):
        for size in sizes:
            rounds[size].append(measure(options, *size))
            print(f"round {turn + 1}: {size[0]:,} nodes, {size[1]:,} edges", file=sys.stderr)
    results = {
        size: {name: statistics.median(found[name] for found in all_found) for name in all_found[0]}
        for size, all_found in rounds.items()
    }
    print(markdown(results), conclusions(results), sep="\n\n")
    target = options.out / "scaling.svg"
    target.write_text(picture(results))
    print(f"\nCurves: {target}")


if __name__ == "__main__":
    main()
