"""The VAE of PyTorch's example on MNIST: 784-400-20-400-784, Bernoulli likelihood, Adam 0.001, batches of 128.

Timed is the whole epoch over the 60,000 training images, in memory as f32; the test bound comes after.
"""

import numpy as np
import pyarrow.parquet as pq
import torch
from common import arguments, say, threads, time_epochs
from torch.nn import Linear
from torch.nn.functional import binary_cross_entropy_with_logits, relu

BATCH = 128


def main() -> None:
    asked = arguments(__doc__, epochs={"type": int, "default": 3})
    torch.manual_seed(asked.seed)
    torch.set_num_threads(threads())
    table = pq.read_table(asked.folder / "samples.parquet", columns=["values", "part"])
    pixels = table["values"].combine_chunks().flatten().to_numpy().reshape(-1, 784)
    part = np.array(table["part"].to_pylist())
    train, test = (torch.from_numpy(pixels[part == name].astype(np.float32) / 255) for name in ("train", "test"))
    hidden, mean, log_variance = Linear(784, 400), Linear(400, 20), Linear(400, 20)
    back, out = Linear(20, 400), Linear(400, 784)
    layers = torch.nn.ModuleList([hidden, mean, log_variance, back, out])
    adam = torch.optim.Adam(layers.parameters(), 1e-3)

    def bound(x):
        h = relu(hidden(x))
        mu, log_var = mean(h), log_variance(h)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * log_var)
        error = binary_cross_entropy_with_logits(out(relu(back(z))), x, reduction="sum")
        return error - 0.5 * (1 + log_var - mu**2 - log_var.exp()).sum()

    def epoch():
        for batch in torch.randperm(len(train)).split(BATCH):
            adam.zero_grad()
            bound(train[batch]).backward()
            adam.step()

    figures = time_epochs(epoch, asked.epochs)
    with torch.no_grad():
        nats = sum(bound(batch).item() for batch in test.split(1000)) / len(test)
    say(**figures, bound=nats)


main()
