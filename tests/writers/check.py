"""Writes random graphs with other programs and compares what `vgae ingest` reads with what was written.

    python check.py VGAE COUNT SEED

A graph that is read has to be the one that was written; a file may be refused. The first difference ends the run with
the seed, the file and both graphs.
"""

import collections
import json
import random
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq

import graph_files
import graphs
import tables

# Files that may be refused, of all: more would hide what is no longer read.
MOST_REFUSED = 0.25


def read(folder: Path) -> dict:
    nodes = pq.read_table(folder / "nodes.parquet").to_pydict()
    edges = pq.read_table(folder / "edges.parquet").to_pydict()
    ids = [str(one) for one in nodes["id"]]
    weights = None if all(one is None for one in edges["weight"]) else edges["weight"]
    found = {
        "nodes": set(ids),
        "edges": {frozenset((ids[a], ids[b])): None if weights is None else weights[at]
                  for at, (a, b) in enumerate(zip(edges["src"], edges["dst"]))},
        "labels": dict(zip(ids, nodes["label"])),
        "features": {},
    }
    if (folder / "features.parquet").exists():
        file = pq.read_table(folder / "features.parquet")
        names = json.loads(file.schema.metadata[b"vgae.feature_names"])
        for node, feature, value in zip(*file.to_pydict().values()):
            found["features"][ids[node], names[feature]] = value
    return found


def expected(truth: graphs.Truth, ids: list) -> dict:
    graph = truth.graph
    labels = dict.fromkeys(ids)
    features = {}
    if truth.has_nodes:
        known = [label for label in graph.labels or [] if label is not None]
        # A class for every node, or one for all, is no label.
        if known and (len(known) < 10 or 1 < len(set(known)) < len(known)):
            labels = {one: None if label is None else str(label) for one, label in zip(ids, graph.labels)}
        for name, values in graph.features.items():
            features |= {(one, name.strip()): value for one, value in zip(ids, values) if value}
    weights = graph.weights
    if weights is not None and all(weight == 1 for weight in weights):
        weights = None
    edges = {frozenset((ids[a], ids[b])): None if weights is None else weights[at] for at, (a, b) in enumerate(graph.edges)}
    return {"nodes": set(ids), "edges": edges, "labels": labels, "features": features}


def is_same(found: dict, truth: graphs.Truth) -> bool:
    for ids in truth.ids:
        wanted = expected(truth, ids)
        plain = wanted | {"edges": dict.fromkeys(wanted["edges"])}
        # Edges of weight 1 have none in the artifacts, if all have.
        ones = {edge: 1.0 if weight is None else weight for edge, weight in found["edges"].items()}
        if truth.weights != "none" and found | {"edges": ones} == wanted | {
                "edges": {edge: 1.0 if weight is None else weight for edge, weight in wanted["edges"].items()}}:
            return True
        if truth.weights != "read" and found | {"edges": dict.fromkeys(found["edges"])} == plain and all(
                weight is None for weight in found["edges"].values()):
            return True
    return False


def difference(found: dict, wanted: dict) -> str:
    lines = []
    for key in wanted:
        pairs = [set(side[key].items()) if isinstance(side[key], dict) else side[key] for side in (found, wanted)]
        for what, one in (("found", pairs[0] - pairs[1]), ("expected", pairs[1] - pairs[0])):
            if one:
                shown = sorted(map(str, one))[:5]
                lines.append(f"  {key} {what}: {len(one)}, such as {'; '.join(shown)}")
    return "\n".join(lines)


def one(vgae: str, root: Path, seed: int) -> tuple:
    rng = random.Random(seed)
    graph = graphs.graph(rng)
    folder = root / str(seed)
    folder.mkdir()
    writer = tables if rng.random() < 0.65 else graph_files
    try:
        name, arguments, truth = writer.write(rng, graph, folder)
    except Exception as error:  # The writer refuses its own options: no file.
        shutil.rmtree(folder)
        return "not written", f"{writer.__name__}: {type(error).__name__}", ""
    if truth is None:
        shutil.rmtree(folder)
        return "not written", f"{name}: ids with separators", ""
    done = subprocess.run([vgae, "--quiet", "ingest", folder / "out", *arguments], capture_output=True, text=True)
    if done.returncode == 0:
        found = read(folder / "out")
        if not is_same(found, truth):
            return "another graph", name, f"seed {seed}, {' '.join(map(str, arguments))}\n" + difference(found, expected(truth, truth.ids[0]))
        state = "read"
    elif done.returncode in (1, 2) and done.stderr.startswith("error: "):
        state = "refused"
    else:
        return "failed", name, f"seed {seed}, {' '.join(map(str, arguments))}: exit code {done.returncode}\n{done.stderr}"
    shutil.rmtree(folder)
    return state, name, done.stderr.strip()


def main() -> None:
    vgae, count, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    root = Path(tempfile.mkdtemp(prefix="vgae-writers-"))
    counts = collections.defaultdict(collections.Counter)
    refusals = collections.Counter()
    wrong = []
    # igraph takes one thread.
    with ProcessPoolExecutor(2) as pool:
        for state, name, text in pool.map(partial(one, vgae, root), range(first, first + count), chunksize=20):
            counts[name][state] += 1
            if state == "refused":
                refusals[f"{name}: {text.splitlines()[0][:200]}"] += 1
            elif state in ("another graph", "failed"):
                wrong.append(f"{state}: {name}, {text}")
    total = collections.Counter()
    for name, states in sorted(counts.items()):
        total.update(states)
        print(f"{name:45} {dict(states)}")
    print("all:", dict(total))
    if "-v" in sys.argv:
        for text, times in refusals.most_common():
            print(times, text)
    for text in wrong[:20]:
        print(text, file=sys.stderr)
    written = count - total["not written"]
    assert not wrong, f"{len(wrong)} of {written} files were read as another graph or made the program fail; they are in {root}"
    assert total["refused"] <= MOST_REFUSED * written, f"{total['refused']} of {written} files were refused"
    shutil.rmtree(root)


if __name__ == "__main__":
    main()
