"""Graph auto-encoders: node embeddings, link prediction and missing links.

>>> import vgae
>>> graph = vgae.Graph.from_edges([(1, 2), (2, 3), (3, 1), (3, 4), (4, 5), (5, 6), (6, 4)])
>>> model = vgae.GAEStar(latent=8, epochs=20).fit(graph)
>>> model.embedding_.shape
(6, 8)

There is a class for each method of the command line; :func:`vgae.methods` lists those over graphs, and :class:`vgae.AE` and
:class:`vgae.VAE` are auto-encoders of plain rows of numbers.
"""

from ._core import Error, Table, __version__
from ._estimator import Estimator
from ._evaluation import Evaluation, evaluate
from ._graph import Graph, Split, split
from ._method import NotFittedError
from ._methods import *  # noqa: F403
from ._methods import __all__ as _classes
from ._methods import methods
from ._runs import Grid, Run, open_run, run
from ._samples import SampleEstimator

__all__ = [
    "Error",
    "Estimator",
    "Evaluation",
    "Graph",
    "Grid",
    "NotFittedError",
    "Run",
    "SampleEstimator",
    "Split",
    "Table",
    "__version__",
    "evaluate",
    "methods",
    "open_run",
    "run",
    "split",
    *_classes,
]
