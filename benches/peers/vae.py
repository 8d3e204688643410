"""The VAE on MNIST beside PyTorch: 784-400-20-400-784, Bernoulli likelihood, Adam 0.001, batches of 128.

    python3 -m venv peer-env && peer-env/bin/pip install torch pyarrow
    peer-env/bin/python benches/peers/vae.py PROGRAM OUT [--epochs E] [--rounds R]

PROGRAM is the compiled `vgae`, OUT a folder for its runs. Both train on all 60,000 images for E epochs (3), in
turn, R times (3), on as many threads as there are cores, each in a process of its own. Printed are the median
seconds of an epoch, their ratio with its range over the rounds, the peak memory, and the test bound.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path


def ours(program, out, epochs, seed):
    import pyarrow.parquet as pq

    run = out / f"vae-{seed}-{time.time_ns()}"
    pipeline = run.with_suffix(".toml")
    pipeline.write_text(
        f'seed = {seed}\n[data]\ndataset = "mnist"\n[split]\nvalidation = 0.0\n[model]\nmethod = "vae"\n'
        f"[model.autoencoder]\nepochs = {epochs}\n"
    )
    subprocess.run([program, "--quiet", "run", pipeline, "--out", run], check=True, stdout=subprocess.DEVNULL)
    stages = json.loads((run / "manifest.json").read_text())["stages"]
    peak = next(stage["machine"]["peak_memory_bytes"] for stage in stages if stage["stage"] == "train")
    seconds = pq.read_table(run / "history.parquet")["seconds"].to_pylist()
    bound = json.loads((run / "metrics.json").read_text())["test"]["negative_elbo"]
    return {"seconds": statistics.median(seconds), "memory": peak, "bound": bound, "samples": str(run)}


def peer(samples, epochs, seed):
    """As the example in PyTorch's repository has it; one process, since memory is the process's peak."""
    import numpy as np
    import pyarrow.parquet as pq
    import torch
    from torch.nn import Linear
    from torch.nn.functional import binary_cross_entropy_with_logits, relu

    torch.manual_seed(seed)
    torch.set_num_threads(os.cpu_count())
    table = pq.read_table(f"{samples}/samples.parquet")
    pixels = table["values"].combine_chunks().flatten().to_numpy().reshape(-1, 784)
    part = np.array(table["part"].to_pylist())
    images = {name: torch.from_numpy(pixels[part == name].astype(np.float32) / 255) for name in ("train", "test")}
    hidden, mean, log_variance = Linear(784, 400), Linear(400, 20), Linear(400, 20)
    back, out = Linear(20, 400), Linear(400, 784)
    layers = (hidden, mean, log_variance, back, out)
    adam = torch.optim.Adam([weight for layer in layers for weight in layer.parameters()], 1e-3)

    def loss(x):
        h = relu(hidden(x))
        mu, log_var = mean(h), log_variance(h)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * log_var)
        error = binary_cross_entropy_with_logits(out(relu(back(z))), x, reduction="sum")
        return error - 0.5 * (1 + log_var - mu**2 - log_var.exp()).sum()

    seconds = []
    for _ in range(epochs):
        start = time.perf_counter()
        order = torch.randperm(len(images["train"]))
        for first in range(0, len(order), 128):
            adam.zero_grad()
            batch = loss(images["train"][order[first : first + 128]])
            batch.backward()
            adam.step()
        seconds.append(time.perf_counter() - start)
    with torch.no_grad():
        bound = sum(loss(batch).item() for batch in images["test"].split(1000)) / len(images["test"])
    memory = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": statistics.median(seconds), "memory": memory, "bound": bound}))


def option(arguments, name, default):
    if name not in arguments:
        return default
    at = arguments.index(name)
    value = int(arguments[at + 1])
    del arguments[at : at + 2]
    return value


def main():
    arguments = sys.argv[1:]
    epochs, rounds = option(arguments, "--epochs", 3), option(arguments, "--rounds", 3)
    if arguments[0] == "--peer":
        return peer(arguments[1], epochs, int(arguments[2]))
    program, out = arguments[0], Path(arguments[1])
    out.mkdir(parents=True, exist_ok=True)
    pairs = []
    for seed in range(rounds):
        mine = ours(program, out, epochs, seed)
        again = [sys.executable, __file__, "--peer", mine["samples"], str(seed), "--epochs", str(epochs)]
        said = subprocess.run(again, check=True, capture_output=True, text=True).stdout
        pairs.append((mine, json.loads(said.splitlines()[-1])))
    ratios = [theirs["seconds"] / mine["seconds"] for mine, theirs in pairs]
    print(f"| | here | PyTorch |\n|---|---|---|")
    for name, key, scale in (("seconds an epoch", "seconds", 1), ("peak memory, MB", "memory", 1e-6)):
        middle = [scale * statistics.median(pair[side][key] for pair in pairs) for side in (0, 1)]
        print(f"| {name} | {middle[0]:.2f} | {middle[1]:.2f} |")
    bounds = [", ".join(f"{pair[side]['bound']:.2f}" for pair in pairs) for side in (0, 1)]
    print(f"| test bound after {epochs} epochs, nats | {bounds[0]} | {bounds[1]} |")
    print(f"\nratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


main()
