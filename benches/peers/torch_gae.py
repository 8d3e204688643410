"""GAE and VGAE in PyTorch, as the authors train them: full batch, the loss over all N x N pairs.

A careful user's version: features and graph are sparse, and the products' backward passes are written by
hand, since they are faster than what autograd makes of sparse matrices. The loss is dense, as the
authors' is. With --compile it goes through `torch.compile`, which fuses its elementwise part.
Timed is the whole epoch: encoder, loss, backward, Adam; nothing is scored in between.
"""

import os
import shutil
import sys

import numpy as np
import torch
from common import Graph, arguments, say, threads, time_epochs
from scipy.sparse import csr_matrix, eye
from torch.nn.functional import binary_cross_entropy_with_logits


def tensor(matrix: csr_matrix) -> torch.Tensor:
    matrix = matrix.tocsr()
    parts = (matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data.astype(np.float32))
    return torch.sparse_csr_tensor(*map(torch.from_numpy, parts), matrix.shape)


class Product(torch.autograd.Function):
    """`matrix @ dense`, with the transpose made once and passed along."""

    @staticmethod
    def forward(ctx, matrix, transpose, dense):
        ctx.transpose = transpose
        return matrix @ dense

    @staticmethod
    def backward(ctx, gradient):
        return None, None, ctx.transpose @ gradient


def glorot(rows: int, cols: int) -> torch.nn.Parameter:
    limit = (6 / (rows + cols)) ** 0.5
    return torch.nn.Parameter(torch.empty(rows, cols).uniform_(-limit, limit))


def main() -> None:
    asked = arguments(
        __doc__,
        model={"choices": ["gae", "vgae"], "default": "gae"},
        epochs={"type": int, "default": 200},
        compile={"action": "store_true"},
    )
    torch.manual_seed(asked.seed)
    torch.set_num_threads(threads())
    graph = Graph.read(asked.folder)
    n, variational = graph.nodes, asked.model == "vgae"
    features, features_t = tensor(graph.features), tensor(graph.features.T.tocsr())
    spread = tensor(graph.propagation())
    labels = torch.from_numpy((graph.adjacency() + eye(n, dtype=np.float32, format="csr")).toarray())
    edges = 2 * len(graph.train)
    positive_weight, norm = torch.tensor((n * n - edges) / edges), n * n / (2 * (n * n - edges))
    first, mean = glorot(features.shape[1], 32), glorot(32, 16)
    log_sigma = glorot(32, 16) if variational else None
    weights = [weight for weight in (first, mean, log_sigma) if weight is not None]
    adam = torch.optim.Adam(weights, lr=0.01)

    def encode():
        hidden = torch.relu(Product.apply(spread, spread, Product.apply(features, features_t, first)))
        return [Product.apply(spread, spread, hidden @ weight) for weight in weights[1:]]

    def reconstruction(z):
        return norm * binary_cross_entropy_with_logits(z @ z.T, labels, pos_weight=positive_weight)

    if asked.compile:
        if not any(map(shutil.which, (os.environ.get("CXX", "c++"), "g++", "clang++"))):
            sys.exit("torch.compile needs a C++ compiler, and there is none")
        reconstruction = torch.compile(reconstruction)

    def epoch():
        adam.zero_grad()
        mu, *rest = encode()
        if variational:
            log_s = rest[0]
            loss = reconstruction(mu + torch.randn_like(mu) * log_s.exp())
            loss = loss - 0.5 / n * (1 + 2 * log_s - mu**2 - (2 * log_s).exp()).sum(1).mean()
        else:
            loss = reconstruction(mu)
        loss.backward()
        adam.step()

    figures = time_epochs(epoch, asked.epochs)
    with torch.no_grad():
        scores = graph.judge(encode()[0].numpy())
    say(**figures, **scores)


main()
