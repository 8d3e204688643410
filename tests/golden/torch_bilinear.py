"""Losses of bilinear forms by PyTorch, f64: the numbers that crates/nn/src/ops/edge_weights.rs and bilinear.rs
demand.

    python3 torch_bilinear.py > torch_bilinear.json

Nodes 0 to 39; edges {i, (i + 1) % 40} and {i, (i * 7 + 3) % 40} but no self-loops and each once, sorted; the weight of
edge number e is 1 + (5 e) % 11 / 2; z as `uniform` of torch_mlp_gae.py, stream 7, minus 1/2, 40 x 8; the diagonal
stream 8, minus 1/2, 1 x 8; the bias is 0.3. Squared: the mean of (s - (w - mean) / deviation)^2. Poisson: PyTorch's
poisson_nll_loss of s against w / mean, with log input and without the constant. Typed: edge number e is of type e % 3
and true if e is even; diagonals are stream 9, minus 1/2, 3 x 8, biases stream 10, minus 1/2, 3 x 1; the mean binary
cross-entropy.
"""
import json
import sys

import numpy as np
import torch

NODES, WIDTH = 40, 8
MASK = (1 << 64) - 1


def uniform(stream, rows, cols):
    state = np.uint64((stream << 32) & MASK)
    with np.errstate(over="ignore"):
        z = state + np.uint64(0x9E3779B97F4A7C15) * np.arange(1, rows * cols + 1, dtype=np.uint64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return ((z >> np.uint64(40)).astype(np.float64) / 2**24).reshape(rows, cols)


def main():
    edges = set()
    for i in range(NODES):
        for j in ((i + 1) % NODES, (i * 7 + 3) % NODES):
            if i != j:
                edges.add((min(i, j), max(i, j)))
    edges = sorted(edges)
    rows, cols = torch.tensor(edges).T
    weights = torch.tensor([1 + (5 * e) % 11 / 2 for e in range(len(edges))], dtype=torch.float64)
    found = {}
    for loss in ("squared", "poisson"):
        z = torch.from_numpy(uniform(7, NODES, WIDTH) - 0.5).requires_grad_()
        diagonal = torch.from_numpy(uniform(8, 1, WIDTH) - 0.5).requires_grad_()
        bias = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
        forms = (z[rows] * z[cols] * diagonal).sum(1) + bias
        if loss == "squared":
            target = (weights - weights.mean()) / weights.std(unbiased=False)
            value = torch.nn.functional.mse_loss(forms, target)
        else:
            target = weights / weights.mean()
            value = torch.nn.functional.poisson_nll_loss(forms, target, log_input=True, full=False)
        value.backward()
        found[loss] = {
            "loss": value.item(),
            "z": z.grad.flatten().tolist(),
            "diagonal": diagonal.grad.flatten().tolist(),
            "bias": bias.grad.item(),
        }
    z = torch.from_numpy(uniform(7, NODES, WIDTH) - 0.5).requires_grad_()
    diagonals = torch.from_numpy(uniform(9, 3, WIDTH) - 0.5).requires_grad_()
    biases = torch.from_numpy(uniform(10, 3, 1) - 0.5).requires_grad_()
    number = torch.arange(len(edges))
    forms = (z[rows] * z[cols] * diagonals[number % 3]).sum(1) + biases[number % 3, 0]
    truths = (number % 2 == 0).double()
    value = torch.nn.functional.binary_cross_entropy_with_logits(forms, truths)
    value.backward()
    found["typed"] = {
        "loss": value.item(),
        "z": z.grad.flatten().tolist(),
        "diagonal": diagonals.grad.flatten().tolist(),
        "bias": biases.grad.flatten().tolist(),
    }
    json.dump(found, sys.stdout, indent=1)
    print()


main()
