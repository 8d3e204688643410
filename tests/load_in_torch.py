"""Loads the weights of a run over samples into PyTorch, by `load_state_dict`, and checks that it makes the same codes
and reconstructions of the test samples as `vgae` did: each value within 1e-5 of the largest of its kind.

    vgae run pipelines/mnist-vae.toml --out out/mnist-vae
    python tests/load_in_torch.py out/mnist-vae

Needs torch, safetensors, numpy and pyarrow. Not part of the test suite, since torch alone is gigabytes.
"""

import json
import pathlib
import sys

import numpy as np
import pyarrow.parquet as pq
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import nn

TOLERANCE = 1e-5


class AutoEncoder(nn.Module):
    """What `weights.safetensors` holds: linear layers have even numbers, since ReLUs stand between them."""

    def __init__(self, shapes):
        super().__init__()

        def side(name):
            numbers = sorted(int(key.split(".")[1]) for key in shapes if key.startswith(f"{name}.") and key.endswith("weight"))
            layers = []
            for number in numbers:
                layers += [nn.ReLU()] if layers else []
                layers.append(nn.Linear(*reversed(shapes[f"{name}.{number}.weight"])))
            return layers

        # A ReLU stands behind each hidden layer of the encoder; the heads come next.
        encoder = side("encoder")
        self.encoder = nn.Sequential(*encoder, *([nn.ReLU()] if encoder else []))
        self.mu = nn.Linear(*reversed(shapes["mu.weight"]))
        self.log_var = nn.Linear(*reversed(shapes["log_var.weight"])) if "log_var.weight" in shapes else None
        self.decoder = nn.Sequential(*side("decoder"))

    def forward(self, x):
        h = self.encoder(x)
        mu = self.mu(h)
        return mu, None if self.log_var is None else 0.5 * self.log_var(h), self.decoder(mu)


def vectors(table, name):
    column = table[name].combine_chunks()
    return np.asarray(column.flatten()).reshape(len(column), -1)


def check(what, found, expected):
    error = np.abs(found - expected).max() / max(1.0, np.abs(expected).max())
    print(f"{what}: off by {error:.1e}")
    if not error <= TOLERANCE:
        sys.exit(f"{what}: more than {TOLERANCE:g}")


run = pathlib.Path(sys.argv[1])
weights = load_file(run / "weights.safetensors")
model = AutoEncoder({name: tuple(tensor.shape) for name, tensor in weights.items()})
model.load_state_dict(weights)  # strict: every name and shape must fit
model.eval()

table = pq.read_table(run / "samples.parquet")
samples = vectors(table, "values")
samples = samples.astype(np.float32) / 255 if samples.dtype == np.uint8 else samples
test = np.asarray([part == "test" for part in pq.read_table(run / "sample-split.parquet")["part"].to_pylist()])
embeddings = pq.read_table(run / "embeddings.parquet")
with torch.no_grad():
    mu, log_sigma, output = (None if t is None else t.numpy() for t in model(torch.from_numpy(samples[test])))

check("codes (mu)", mu, vectors(embeddings, "mu" if log_sigma is not None else "embedding")[test])
if log_sigma is not None:
    check("codes (log_sigma)", log_sigma, vectors(embeddings, "log_sigma")[test])

with safe_open(run / "weights.safetensors", "np") as file:
    likelihood = json.loads(file.metadata()["vgae"])["content"]["likelihood"]
reconstruction = 1 / (1 + np.exp(-output.astype(np.float64))) if likelihood == "bernoulli" else output
squared_error = float(((samples[test].astype(np.float64) - reconstruction) ** 2).mean())
reported = json.loads((run / "metrics.json").read_text())["test"]["squared_error"]
print(f"squared error a value: {squared_error:.9f} here, {reported:.9f} in metrics.json")
if not abs(squared_error - reported) <= TOLERANCE * reported:
    sys.exit("the reconstructions differ")
