"""GAE and VGAE by PyTorch Geometric's own classes: as many sampled non-edges as edges, fresh each epoch.

As its example of a graph auto-encoder has it: two `GCNConv` (32, then 16 wide) with the normalised graph
cached, `recon_loss` over the training edges, Adam 0.01. Which way of holding features and graph is the fastest
depends on the data, so all four can be asked for: features dense or sparse, the graph as a list of edges
(as in the example) or as a sparse matrix.
Timed is the whole epoch: encoder, draw of non-edges, loss, backward, Adam; nothing is scored in between.
"""

import torch
from common import Graph, arguments, say, threads, time_epochs
from torch_geometric.nn import GAE, VGAE, GCNConv
from torch_geometric.utils import to_torch_csr_tensor

LAYOUTS = ["dense-edges", "dense-matrix", "sparse-edges", "sparse-matrix"]


class Encoder(torch.nn.Module):
    def __init__(self, width: int, variational: bool):
        super().__init__()
        self.first = GCNConv(width, 32, cached=True)
        self.heads = torch.nn.ModuleList(GCNConv(32, 16, cached=True) for _ in range(1 + variational))

    def forward(self, x, edges):
        hidden = self.first(x, edges).relu()
        out = [head(hidden, edges) for head in self.heads]
        return tuple(out) if len(out) > 1 else out[0]


def main() -> None:
    asked = arguments(
        __doc__,
        model={"choices": ["gae", "vgae"], "default": "gae"},
        epochs={"type": int, "default": 200},
        layout={"choices": LAYOUTS, "default": LAYOUTS[0]},
    )
    torch.manual_seed(asked.seed)
    torch.set_num_threads(threads())
    graph = Graph.read(asked.folder)
    variational = asked.model == "vgae"
    x = torch.from_numpy(graph.features.toarray())
    positive = torch.from_numpy(graph.train.T.copy())
    edges = torch.cat([positive, positive.flip(0)], 1)
    if asked.layout.endswith("matrix"):
        edges = to_torch_csr_tensor(edges, size=(graph.nodes, graph.nodes))
    if asked.layout.startswith("sparse"):
        x = x.to_sparse_csr()
    model = (VGAE if variational else GAE)(Encoder(graph.features.shape[1], variational))
    adam = torch.optim.Adam(model.parameters(), lr=0.01)

    def epoch():
        model.train()
        adam.zero_grad()
        z = model.encode(x, edges)
        loss = model.recon_loss(z, positive)
        if variational:
            loss = loss + model.kl_loss() / graph.nodes
        loss.backward()
        adam.step()

    figures = time_epochs(epoch, asked.epochs)
    model.eval()
    with torch.no_grad():
        scores = graph.judge(model.encode(x, edges).numpy())
    say(**figures, **scores)


main()
