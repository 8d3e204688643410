"""Ten Adam steps of the linear, normalised and deep encoders in PyTorch, f64, on a small made-up graph: the numbers
that crates/model/tests/torch_encoders.rs demands.

    python3 torch_encoders.py > torch_encoders.json

Everything is dense and plain, as the papers have it; nothing is shared with the Rust code but the rules below,
which both follow to the bit:

* 60 nodes, 23 features; an edge from i to (i + 1) % 60, and from i to (i * 7 + 3) % 60 unless that is i;
* x[i, f] = 1 + (i + 2 f) % 3 where (i * 31 + f * 17) % 29 < 7, else 0;
* tensor values by splitmix64 as in torch_gae.py: value i of stream s is the i-th output (row-major) of the
  generator started at s * 2^32, its top 24 bits over 2^24;
* weights: (2 u - 1) * limit, limit = sqrt(6 / (rows + cols)) in f64, rounded to f32; biases likewise; streams
  1, 2, ... in the order of the names below;
* noise of step t (from 1): 4 u - 2, stream 100 + t;
* of each gradient the first 60 values, row-major.
"""
import json
import sys

import numpy as np
import torch

NODES, FEATURES, HIDDEN, LATENT, STEPS = 60, 23, 12, 9, 10
SCALE, RATE = 1.8, 0.01
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


def data():
    label = torch.eye(NODES, dtype=torch.float64)
    for i in range(NODES):
        for j in ((i + 1) % NODES, (i * 7 + 3) % NODES):
            if i != j:
                label[i, j] = label[j, i] = 1.0
    x = torch.zeros(NODES, FEATURES, dtype=torch.float64)
    for i in range(NODES):
        for f in range(FEATURES):
            if (i * 31 + f * 17) % 29 < 7:
                x[i, f] = 1 + (i + 2 * f) % 3
    return x, label


def scaled(x, scaling):
    if scaling == "row-sum":
        return x / x.abs().sum(1, keepdim=True)
    if scaling == "tf-idf":
        idf = torch.log((1 + NODES) / (1.0 + (x != 0).sum(0))) + 1
        x = x * idf
        return x / x.norm(dim=1, keepdim=True)
    return x


def run(method, x, label, layers, propagations):
    variational = method.endswith("vgae") or method == "vgnae"
    root = label.sum(1).rsqrt()
    a_hat = root[:, None] * label * root[None, :]
    s = label.sum() - NODES
    pos_weight, norm = (NODES**2 - s) / s, NODES**2 / (2.0 * (NODES**2 - s))
    power = torch.matrix_power(a_hat, propagations)

    shapes = {}
    if method.startswith("deep"):
        for k in range(layers - 1):
            shapes[f"w{k}"] = (FEATURES if k == 0 else HIDDEN, HIDDEN)
    inputs = HIDDEN if method.startswith("deep") else FEATURES
    for head in ("mu", "log_sigma")[: 1 + variational]:
        shapes[f"w_{head}"] = (inputs, LATENT)
        if "gnae" in method:
            shapes[f"b_{head}"] = (1, LATENT)
    p = {name: weight(stream, *shape) for stream, (name, shape) in enumerate(shapes.items(), 1)}

    def encode(head):
        w = p[f"w_{head}"]
        if method.startswith("linear"):
            return power @ x @ w
        if method.startswith("deep"):
            h = torch.relu(a_hat @ x @ p["w0"])
            for k in range(1, layers - 1):
                h = h + torch.relu(a_hat @ h @ p[f"w{k}"])
            return a_hat @ h @ w
        v = x @ w + p[f"b_{head}"]
        if head == "mu":
            v = SCALE * torch.nn.functional.normalize(v, dim=1)
        return power @ v

    optimiser = torch.optim.Adam(p.values(), lr=RATE)
    steps = []
    for step in range(1, STEPS + 1):
        optimiser.zero_grad()
        z = mu = encode("mu")
        kl = torch.zeros((), dtype=torch.float64)
        if variational:
            log_sigma = encode("log_sigma")
            eps = torch.from_numpy(4.0 * uniform(100 + step, NODES, LATENT) - 2.0)
            z = mu + torch.exp(log_sigma) * eps
            kl = -(0.5 / NODES) * torch.mean(torch.sum(1 + 2 * log_sigma - mu**2 - torch.exp(2 * log_sigma), 1))
        bce = torch.nn.functional.binary_cross_entropy_with_logits
        reconstruction = norm * bce(z @ z.T, label, pos_weight=pos_weight)
        loss = reconstruction + kl
        loss.backward()
        record = {"loss": loss.item(), "reconstruction": reconstruction.item(), "kl": kl.item()}
        record["gradients"] = {
            name: [float(f"{v:.8g}") for v in t.grad.numpy().ravel()[:60]] for name, t in p.items()
        }
        steps.append(record)
        optimiser.step()
    return steps


def main():
    x, label = data()
    golden = {"made_by": f"torch_encoders.py, torch {torch.__version__.split('+')[0]}", "runs": []}
    for method in ("linear-gae", "linear-vgae", "gnae", "vgnae", "deep-gae", "deep-vgae"):
        for scaling, layers, propagations in (("row-sum", 3, 1), ("tf-idf", 5, 2)):
            steps = run(method, scaled(x, scaling), label, layers, propagations)
            setting = {"method": method, "feature_scaling": scaling, "layers": layers, "hops": propagations}
            golden["runs"].append({"config": setting, "steps": steps})
    json.dump(golden, sys.stdout, separators=(",", ":"))
    print()


main()
