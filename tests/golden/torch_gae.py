"""Ten Adam steps of GAE and VGAE on Cora in PyTorch, f64: the numbers that tests/tests/torch_golden.rs demands.

    python3 torch_gae.py FOLDER-WITH-cora.content-AND-cora.cites > torch_gae.json

Everything is dense and plain, as the paper and the authors' code have it; nothing is shared with the
Rust code but the rules below, which both follow to the bit:

* nodes in the order of cora.content; undirected edges without self-loops, each once as (src, dst) with
  src < dst, sorted; edge number e is held out when e % 20 < 3, the others train;
* tensor values by splitmix64: value i of stream s is the i-th output (row-major) of the generator started
  at s * 2^32, its top 24 bits over 2^24, so a number in [0, 1) that f32 holds exactly;
* weights: (2 u - 1) * limit, limit = sqrt(6 / (rows + cols)) in f64, rounded to f32; streams 1 (w0),
  2 (w_mu), 3 (w_log_sigma);
* noise of step t (from 1): 4 u - 2, stream 100 + t; any fixed numbers serve;
* w0's gradient is large, so it is given by its norm and by 1,000 values: row-major places
  (k * 45,853) % (1,433 * 32) for k in 0..1000.
"""
import json
import sys

import numpy as np
import torch

STEPS, HIDDEN, LATENT, SAMPLES, STRIDE = 10, 32, 16, 1000, 45_853
MASK = (1 << 64) - 1


def uniform(stream, rows, cols):
    state = np.uint64((stream << 32) & MASK)
    with np.errstate(over="ignore"):
        z = state + np.uint64(0x9E3779B97F4A7C15) * np.arange(1, rows * cols + 1, dtype=np.uint64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return ((z >> np.uint64(40)).astype(np.float64) / 2**24).reshape(rows, cols)


def weight(stream, rows, cols):
    limit = np.sqrt(6.0 / (rows + cols))
    value = ((2.0 * uniform(stream, rows, cols) - 1.0) * limit).astype(np.float32)
    return torch.nn.Parameter(torch.from_numpy(value.astype(np.float64)))


def load(folder):
    rows = [line.split() for line in open(f"{folder}/cora.content")]
    ids = {row[0]: node for node, row in enumerate(rows)}
    x = np.array([row[1:-1] for row in rows], dtype=np.float64)
    pairs = ((ids[a], ids[b]) for a, b in (line.split() for line in open(f"{folder}/cora.cites")))
    edges = sorted({(min(a, b), max(a, b)) for a, b in pairs if a != b})
    return torch.from_numpy(x), edges


def run(x, train, variational):
    n, features = x.shape
    a = torch.zeros(n, n, dtype=torch.float64)
    for src, dst in train:
        a[src, dst] = a[dst, src] = 1.0
    label = a + torch.eye(n, dtype=torch.float64)
    root = label.sum(1).rsqrt()
    a_hat = root[:, None] * label * root[None, :]
    s = a.sum()
    pos_weight, norm = (n * n - s) / s, n * n / (2.0 * (n * n - s))

    w0, w_mu = weight(1, features, HIDDEN), weight(2, HIDDEN, LATENT)
    parameters = {"w0": w0, "w_mu": w_mu}
    if variational:
        parameters["w_log_sigma"] = weight(3, HIDDEN, LATENT)
    optimiser = torch.optim.Adam(parameters.values(), lr=0.01)
    steps = []
    for step in range(1, STEPS + 1):
        optimiser.zero_grad()
        h = torch.relu(a_hat @ (x @ w0))
        z = mu = a_hat @ (h @ w_mu)
        kl = torch.zeros((), dtype=torch.float64)
        if variational:
            log_sigma = a_hat @ (h @ parameters["w_log_sigma"])
            eps = torch.from_numpy(4.0 * uniform(100 + step, n, LATENT) - 2.0)
            z = mu + torch.exp(log_sigma) * eps
            kl = -(0.5 / n) * torch.mean(torch.sum(1 + 2 * log_sigma - mu**2 - torch.exp(log_sigma) ** 2, 1))
        bce = torch.nn.functional.binary_cross_entropy_with_logits
        reconstruction = norm * bce(z @ z.T, label, pos_weight=pos_weight)
        loss = reconstruction + kl
        loss.backward()
        g = {name: p.grad.numpy() for name, p in parameters.items()}
        record = {"loss": loss.item(), "reconstruction": reconstruction.item(), "kl": kl.item()}
        places = np.arange(SAMPLES) * STRIDE % g["w0"].size
        record["w0_norm"] = float(np.linalg.norm(g["w0"]))
        record["w0_sample"] = [float(f"{v:.8g}") for v in g["w0"].ravel()[places]]
        for name in list(parameters)[1:]:
            record[name] = [float(f"{v:.8g}") for v in g[name].ravel()]
        steps.append(record)
        optimiser.step()
    return {"norm": float(norm), "pos_weight": float(pos_weight), "steps": steps}


def main():
    x, edges = load(sys.argv[1])
    train = [edge for number, edge in enumerate(edges) if number % 20 >= 3]
    golden = {
        "made_by": f"torch_gae.py, torch {torch.__version__.split('+')[0]}",
        "nodes": x.shape[0],
        "features": x.shape[1],
        "train_edges": len(train),
        "gae": run(x, train, False),
        "vgae": run(x, train, True),
    }
    json.dump(golden, sys.stdout, separators=(",", ":"))
    print()


main()
