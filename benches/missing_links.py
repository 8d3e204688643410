#!/usr/bin/env python3
"""Removes a tenth of the edges of a graph at random, ten times, and counts how many of the removed edges
`vgae predict` finds, beside the precision that it expects and its 95 % interval.

    benches/missing_links.py VGAE METHOD EDGES [--features FILE] [--removals 10] [--options TOML]

EDGES and FILE are tables of an ingested run: edges.parquet and features.parquet. Needs pyarrow and numpy.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy
import pyarrow
import pyarrow.parquet

RANKS = (100, 1000)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("vgae")
    parser.add_argument("method")
    parser.add_argument("edges", type=pathlib.Path)
    parser.add_argument("--features", type=pathlib.Path)
    parser.add_argument("--removals", type=int, default=10)
    parser.add_argument("--options", default="", help="further lines of [model]")
    args = parser.parse_args()
    edges = pyarrow.parquet.read_table(args.edges, columns=["src", "dst"])
    pairs = numpy.column_stack([edges["src"].to_numpy(), edges["dst"].to_numpy()])
    covered = {rank: 0 for rank in RANKS}
    for seed in range(args.removals):
        removed = numpy.random.default_rng(seed).random(len(pairs)) < 0.1
        with tempfile.TemporaryDirectory() as folder:
            found = predicted(args, pathlib.Path(folder), pairs, removed, seed)
        gone = {tuple(sorted(pair)) for pair in pairs[removed].tolist()}
        is_edge = [tuple(sorted((int(row["src_id"]), int(row["dst_id"])))) in gone for row in found]
        for rank in RANKS:
            row = found[rank - 1]
            observed = sum(is_edge[:rank]) / rank
            is_covered = row["precision_low"] <= observed <= row["precision_high"]
            covered[rank] += is_covered
            print(
                f"removal {seed}, first {rank:4}: observed {observed:.3f}, expected {row['precision']:.3f} "
                f"({row['precision_low']:.3f} to {row['precision_high']:.3f}){'' if is_covered else '  MISSED'}",
                flush=True,
            )
    for rank, count in covered.items():
        print(f"{args.edges.parent.name} {args.method}: first {rank}: {count} of {args.removals} covered")


def predicted(args, folder, pairs, removed, seed):
    kept = pairs[~removed]
    table = pyarrow.table({"src": kept[:, 0], "dst": kept[:, 1]})
    pyarrow.parquet.write_table(table, folder / "kept.parquet")
    nodes = pyarrow.table({"id": numpy.arange(pairs.max() + 1, dtype=numpy.uint32)})
    pyarrow.parquet.write_table(nodes, folder / "nodes.parquet")
    features = ""
    if args.features:
        stored = pyarrow.parquet.read_table(args.features)
        names = stored.column_names
        pyarrow.parquet.write_table(
            pyarrow.table(
                {"id": stored[names[0]], "column": stored[names[1]], "value": stored[names[2]]}
            ),
            folder / "features.parquet",
        )
        features = 'features = { path = "features.parquet", layout = "triplets" }\n'
    pipeline = folder / "removal.toml"
    pipeline.write_text(
        f'seed = {seed}\n[data.edges]\npath = "kept.parquet"\n[data.nodes]\npath = "nodes.parquet"\n'
        f'{features}[eval]\ndegree_slices = []\ndistance_slices = []\n[model]\nmethod = "{args.method}"\n'
        f"{args.options}\n"
    )
    out = folder / "out"
    subprocess.run([args.vgae, "run", pipeline, "--out", out, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    missing = str(int(removed.sum()))
    command = [args.vgae, "predict", out, "--top", str(max(RANKS)), "--missing", missing, "--json"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found["predictions"]


if __name__ == "__main__":
    main()
