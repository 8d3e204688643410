"""Loss and gradient of directed graphs by PyTorch, f64: the numbers that
crates/nn/src/ops/directed_loss/tests.rs demands.

    python3 torch_directed.py > torch_directed.json

Nodes 0 to 59; edges i -> (i + 1) % 60 and i -> (i * 7 + 3) % 60 but no self-loops; z as `uniform` of
torch_mlp_gae.py, stream 7, minus 1/2, 60 x 8. The loss is norm * mean of the weighted cross-entropy of all ordered
pairs against A + I, pos_weight = (N^2 - E) / E, norm = N^2 / (2 (N^2 - E)).
"""
import json
import sys

import numpy as np
import torch

NODES, WIDTH = 60, 8
MASK = (1 << 64) - 1


def uniform(stream, rows, cols):
    state = np.uint64((stream << 32) & MASK)
    with np.errstate(over="ignore"):
        z = state + np.uint64(0x9E3779B97F4A7C15) * np.arange(1, rows * cols + 1, dtype=np.uint64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return ((z >> np.uint64(40)).astype(np.float64) / 2**24).reshape(rows, cols)


def source_target(z):
    half = WIDTH // 2
    return z[:, :half] @ z[:, half:].T


def gravity(weight):
    def logits(z):
        x, mass = z[:, :-1], z[:, -1]
        squared = ((x[:, None, :] - x[None, :, :]) ** 2).sum(-1) + 0.01
        return mass[None, :] - weight * torch.log(squared)

    return logits


def main():
    adjacency = torch.zeros(NODES, NODES, dtype=torch.float64)
    for i in range(NODES):
        for j in ((i + 1) % NODES, (i * 7 + 3) % NODES):
            if i != j:
                adjacency[i, j] = 1.0
    edges, pairs = adjacency.sum(), float(NODES**2)
    pos_weight = (pairs - edges) / edges
    norm = pairs / (2 * (pairs - edges))
    target = adjacency + torch.eye(NODES, dtype=torch.float64)
    found = {}
    decoders = {"source-target": source_target, "gravity-1": gravity(1.0), "gravity-0.05": gravity(0.05)}
    for name, decoder in decoders.items():
        z = torch.from_numpy(uniform(7, NODES, WIDTH) - 0.5).requires_grad_()
        loss = norm * torch.nn.functional.binary_cross_entropy_with_logits(
            decoder(z), target, pos_weight=pos_weight
        )
        loss.backward()
        found[name] = {"loss": loss.item(), "gradient": z.grad.flatten().tolist()}
    json.dump(found, sys.stdout, indent=1)
    print()


main()
