"""Five Adam steps of AE and VAE in PyTorch, f64: the numbers that crates/autoencoder/src/tests.rs demands.

    python3 torch_autoencoder.py > torch_autoencoder.json

An 8-6-5-3-5-6-8 model on 40 samples, written as a PyTorch user would; nothing is shared with the Rust code
but the rule by which both draw numbers:

* value i of stream s is the i-th output of splitmix64 started at s * 2^32, its top 24 bits over 2^24, so a
  number in [0, 1) that f32 holds exactly;
* samples: stream 1, as they are; weights and biases of layer l: 2 u - 1 of streams 10 + 2 l and 11 + 2 l,
  row-major; layers are the encoder's, the head ([mu | log_var] rows one below the other), the decoder's;
  noise of step t (from 0): 2 u - 1 of stream 100 + t;
* beta is 0.5, the learning rate 0.01; losses are sums over columns, means over samples.
"""
import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

ROWS, COLUMNS, HIDDEN, LATENT, STEPS, BETA = 40, 8, [6, 5], 3, 5, 0.5


def uniform(stream, *shape):
    with np.errstate(over="ignore"):
        count = int(np.prod(shape))
        z = np.uint64(stream << 32) + np.uint64(0x9E3779B97F4A7C15) * np.arange(1, count + 1, dtype=np.uint64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return torch.from_numpy(((z >> np.uint64(40)).astype(np.float64) / 2**24).reshape(shape))


def run(variational, likelihood):
    encoded = LATENT * (2 if variational else 1)
    widths = [(COLUMNS, 6), (6, 5), (5, encoded), (LATENT, 5), (5, 6), (6, COLUMNS)]
    layers = []
    for number, (inputs, outputs) in enumerate(widths):
        layer = torch.nn.Linear(inputs, outputs, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(2 * uniform(10 + 2 * number, outputs, inputs) - 1)
            layer.bias.copy_(2 * uniform(11 + 2 * number, outputs) - 1)
        layers.append(layer)
    e0, e1, head, d0, d1, d2 = layers
    optimiser = torch.optim.Adam([p for layer in layers for p in layer.parameters()], lr=0.01)
    x = uniform(1, ROWS, COLUMNS)
    steps = []
    for step in range(STEPS):
        optimiser.zero_grad()
        z = head(F.relu(e1(F.relu(e0(x)))))
        kl = torch.zeros((), dtype=torch.float64)
        if variational:
            mu, log_var = z.chunk(2, dim=1)
            z = mu + (2 * uniform(100 + step, ROWS, LATENT) - 1) * torch.exp(0.5 * log_var)
            kl = -0.5 * (1 + log_var - mu**2 - log_var.exp()).sum() / ROWS
        y = d2(F.relu(d1(F.relu(d0(z)))))
        if likelihood == "bernoulli":
            loss = F.binary_cross_entropy_with_logits(y, x, reduction="sum")
        elif likelihood == "gaussian":
            loss = F.gaussian_nll_loss(y, x, torch.ones_like(x), full=True, reduction="sum")
        else:
            loss = F.mse_loss(y, x, reduction="sum")
        loss = loss / ROWS
        (loss + BETA * kl).backward()
        gradients = {}
        for number, layer in enumerate(layers):
            gradients[f"{number}.weight"] = layer.weight.grad.flatten().tolist()
            gradients[f"{number}.bias"] = layer.bias.grad.tolist()
        steps.append({"reconstruction": loss.item(), "kl": kl.item(), "gradients": gradients})
        optimiser.step()
    return steps


golden = {"made_by": f"torch_autoencoder.py, torch {torch.__version__.split('+')[0]}"}
for method, likelihoods in (("ae", ["squared", "bernoulli", "gaussian"]), ("vae", ["bernoulli", "gaussian"])):
    for likelihood in likelihoods:
        golden[f"{method} {likelihood}"] = run(method == "vae", likelihood)
json.dump(golden, sys.stdout, separators=(",", ":"))
print()
