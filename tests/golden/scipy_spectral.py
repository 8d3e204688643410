"""Smallest eigenvalues of the symmetric normalised Laplacian of Cora's training graph: the numbers that
tests/spectral_golden.rs demands.

    python3 scipy_spectral.py FOLDER-WITH-cora.content-AND-cora.cites > scipy_spectral.json

Dense, by LAPACK, in f64; nothing is shared with the Rust code but the rules below:

* nodes and training edges as in torch_gae.py: nodes in the order of cora.content; undirected edges without
  self-loops, each once as (src, dst) with src < dst, sorted; edge number e is held out when e % 20 < 3;
* L = I - D^-1/2 A D^-1/2; a node without edges has a zero row in the second term, so eigenvalue 1;
* "none": A as it is; "amini": A + tau / N everywhere (the diagonal too), tau = 2 E / N;
* the 129 smallest eigenvalues of each, ascending;
* of "amini", eigenvectors 1 to 8 (counted from 0), whole, to 7 digits; they are well separated, see "gaps".
"""
import json
import sys

import numpy as np
import scipy
import scipy.linalg

COUNT, VECTORS = 129, 8


def load(folder):
    ids = {line.split()[0]: node for node, line in enumerate(open(f"{folder}/cora.content"))}
    pairs = ((ids[a], ids[b]) for a, b in (line.split() for line in open(f"{folder}/cora.cites")))
    edges = sorted({(min(a, b), max(a, b)) for a, b in pairs if a != b})
    return len(ids), [edge for number, edge in enumerate(edges) if number % 20 >= 3]


def laplacian(n, edges, tau):
    a = np.full((n, n), tau / n)
    for src, dst in edges:
        a[src, dst] += 1.0
        a[dst, src] += 1.0
    degree = a.sum(1)
    root = np.where(degree > 0, 1.0 / np.sqrt(np.where(degree > 0, degree, 1.0)), 0.0)
    return np.eye(n) - root[:, None] * a * root[None, :]


def main():
    n, edges = load(sys.argv[1])
    golden = {
        "made_by": f"scipy_spectral.py, scipy {scipy.__version__}",
        "nodes": n,
        "train_edges": len(edges),
    }
    for name, tau in (("none", 0.0), ("amini", 2.0 * len(edges) / n)):
        values, vectors = scipy.linalg.eigh(laplacian(n, edges, tau), subset_by_index=(0, COUNT - 1))
        golden[name] = {"eigenvalues": [float(f"{v:.12g}") for v in values]}
        if name == "amini":
            chosen = vectors[:, 1 : 1 + VECTORS]
            golden[name]["gaps"] = [float(f"{g:.3g}") for g in np.diff(values[: VECTORS + 2])]
            golden[name]["vectors"] = [[float(f"{v:.7g}") for v in column] for column in chosen.T]
    json.dump(golden, sys.stdout, separators=(",", ":"))
    print()


main()
