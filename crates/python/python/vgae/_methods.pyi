# Made by stubs.py from the registry of methods; do not edit.
from typing import Any, Literal

from ._estimator import Estimator
from ._samples import SampleEstimator

__all__ = ["GAE", "VGAE", "GAEStar", "VGAEStar", "LinearGAE", "LinearVGAE", "GNAE", "VGNAE", "DeepGAE", "DeepVGAE", "SageGAE", "SageVGAE", "MLPGAE", "SC", "DW", "SGC", "FastRP", "Prone", "CommonNeighbours", "AdamicAdar", "ResourceAllocation", "Katz", "PageRank", "FeatureCosine", "Hybrid", "AE", "VAE"]

def class_name(method: str) -> str: ...
def methods() -> dict[str, type[Estimator]]: ...
def class_of(method: str) -> type[Any]: ...

class GAE(Estimator):
    """graph auto-encoder."""

    def __init__(
        self,
        *,
        hidden: int = 32,
        latent: int = 16,
        feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard'] = 'as-given',
        structural_dimensions: int | None = None,
        structural_features: Literal['fastrp'] | Literal['prone'] | None = None,
        negatives: Literal['all'] | int = 'all',
        decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None = None,
        distance_weight: float | None = None,
        weight_loss: Literal['squared'] | Literal['poisson'] | None = None,
        weight_loss_factor: float | None = None,
        epochs: int = 200,
        learning_rate: float = 0.01,
        dropout: float = 0.0,
        keep_best: bool = False,
        validate_every: int = 1,
        patience: int = 0,
        seed: int = 0,
    ) -> None: ...
    hidden: int
    latent: int
    feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard']
    structural_dimensions: int | None
    structural_features: Literal['fastrp'] | Literal['prone'] | None
    negatives: Literal['all'] | int
    decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None
    distance_weight: float | None
    weight_loss: Literal['squared'] | Literal['poisson'] | None
    weight_loss_factor: float | None
    epochs: int
    learning_rate: float
    dropout: float
    keep_best: bool
    validate_every: int
    patience: int
    seed: int

class VGAE(Estimator):
    """variational graph auto-encoder."""

    def __init__(
        self,
        *,
        hidden: int = 32,
        latent: int = 16,
        feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard'] = 'as-given',
        structural_dimensions: int | None = None,
        structural_features: Literal['fastrp'] | Literal['prone'] | None = None,
        kl_weight: Literal['1/n'] | float = '1/n',
        negatives: Literal['all'] | int = 'all',
        decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None = None,
        distance_weight: float | None = None,
        weight_loss: Literal['squared'] | Literal['poisson'] | None = None,
        weight_loss_factor: float | None = None,
        epochs: int = 200,
        learning_rate: float = 0.01,
        dropout: float = 0.0,
        keep_best: bool = False,
        validate_every: int = 1,
        patience: int = 0,
        seed: int = 0,
    ) -> None: ...
    hidden: int
    latent: int
    feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard']
    structural_dimensions: int | None
    structural_features: Literal['fastrp'] | Literal['prone'] | None
    kl_weight: Literal['1/n'] | float
    negatives: Literal['all'] | int
    decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None
    distance_weight: float | None
    weight_loss: Literal['squared'] | Literal['poisson'] | None
    weight_loss_factor: float | None
    epochs: int
    learning_rate: float
    dropout: float
    keep_best: bool
    validate_every: int
    patience: int
    seed: int

class GAEStar(Estimator):
    """graph auto-encoder without features."""

    def __init__(
        self,
        *,
        hidden: int = 32,
        latent: int = 16,
        negatives: Literal['all'] | int = 'all',
        decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None = None,
        distance_weight: float | None = None,
        weight_loss: Literal['squared'] | Literal['poisson'] | None = None,
        weight_loss_factor: float | None = None,
        epochs: int = 200,
        learning_rate: float = 0.01,
        dropout: float = 0.0,
        keep_best: bool = False,
        validate_every: int = 1,
        patience: int = 0,
        seed: int = 0,
    ) -> None: ...
    hidden: int
    latent: int
    negatives: Literal['all'] | int
    decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None
    distance_weight: float | None
    weight_loss: Literal['squared'] | Literal['poisson'] | None
    weight_loss_factor: float | None
    epochs: int
    learning_rate: float
    dropout: float
    keep_best: bool
    validate_every: int
    patience: int
    seed: int

class VGAEStar(Estimator):
    """variational graph auto-encoder without features."""

    def __init__(
        self,
        *,
        hidden: int = 32,
        latent: int = 16,
        kl_weight: Literal['1/n'] | float = '1/n',
        negatives: Literal['all'] | int = 'all',
        decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None = None,
        distance_weight: float | None = None,
        weight_loss: Literal['squared'] | Literal['poisson'] | None = None,
        weight_loss_factor: float | None = None,
        epochs: int = 200,
        learning_rate: float = 0.01,
        dropout: float = 0.0,
        keep_best: bool = False,
        validate_every: int = 1,
        patience: int = 0,
        seed: int = 0,
    ) -> None: ...
    hidden: int
    latent: int
    kl_weight: Literal['1/n'] | float
    negatives: Literal['all'] | int
    decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None
    distance_weight: float | None
    weight_loss: Literal['squared'] | Literal['poisson'] | None
    weight_loss_factor: float | None
    epochs: int
    learning_rate: float
    dropout: float
    keep_best: bool
    validate_every: int
    patience: int
    seed: int

class LinearGAE(Estimator):
    """graph auto-encoder with a linear encoder."""

    def __init__(
        self,
        *,
        hops: int = 1,
        latent: int = 16,
        feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard'] = 'as-given',
        structural_dimensions: int | None = None,
        structural_features: Literal['fastrp'] | Literal['prone'] | None = None,
        negatives: Literal['all'] | int = 'all',
        decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None = None,
        distance_weight: float | None = None,
        weight_loss: Literal['squared'] | Literal['poisson'] | None = None,
        weight_loss_factor: float | None = None,
        epochs: int = 200,
        learning_rate: float = 0.01,
        dropout: float = 0.0,
        keep_best: bool = False,
        validate_every: int = 1,
        patience: int = 0,
        seed: int = 0,
    ) -> None: ...
    hops: int
    latent: int
    feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard']
    structural_dimensions: int | None
    structural_features: Literal['fastrp'] | Literal['prone'] | None
    negatives: Literal['all'] | int
    decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None
    distance_weight: float | None
    weight_loss: Literal['squared'] | Literal['poisson'] | None
    weight_loss_factor: float | None
    epochs: int
    learning_rate: float
    dropout: float
    keep_best: bool
    validate_every: int
    patience: int
    seed: int

class LinearVGAE(Estimator):
    """variational graph auto-encoder with a linear encoder."""

    def __init__(
        self,
        *,
        hops: int = 1,
        latent: int = 16,
        feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard'] = 'as-given',
        structural_dimensions: int | None = None,
        structural_features: Literal['fastrp'] | Literal['prone'] | None = None,
        kl_weight: Literal['1/n'] | float = '1/n',
        negatives: Literal['all'] | int = 'all',
        decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None = None,
        distance_weight: float | None = None,
        weight_loss: Literal['squared'] | Literal['poisson'] | None = None,
        weight_loss_factor: float | None = None,
        epochs: int = 200,
        learning_rate: float = 0.01,
        dropout: float = 0.0,
        keep_best: bool = False,
        validate_every: int = 1,
        patience: int = 0,
        seed: int = 0,
    ) -> None: ...
    hops: int
    latent: int
    feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard']
    structural_dimensions: int | None
    structural_features: Literal['fastrp'] | Literal['prone'] | None
    kl_weight: Literal['1/n'] | float
    negatives: Literal['all'] | int
    decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None
    distance_weight: float | None
    weight_loss: Literal['squared'] | Literal['poisson'] | None
    weight_loss_factor: float | None
    epochs: int
    learning_rate: float
    dropout: float
    keep_best: bool
    validate_every: int
    patience: int
    seed: int

class GNAE(Estimator):
    """graph normalised auto-encoder."""

    def __init__(
        self,
        *,
        scale: float = 2.2,
        hops: int = 1,
        latent: int = 256,
        feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard'] = 'row-sum',
        structural_dimensions: int | None = None,
        structural_features: Literal['fastrp'] | Literal['prone'] | None = None,
        negatives: Literal['all'] | int = 1,
        decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None = None,
        distance_weight: float | None = None,
        weight_loss: Literal['squared'] | Literal['poisson'] | None = None,
        weight_loss_factor: float | None = None,
        epochs: int = 200,
        learning_rate: float = 0.01,
        dropout: float = 0.0,
        keep_best: bool = True,
        validate_every: int = 10,
        patience: int = 0,
        seed: int = 0,
    ) -> None: ...
    scale: float
    hops: int
    latent: int
    feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard']
    structural_dimensions: int | None
    structural_features: Literal['fastrp'] | Literal['prone'] | None
    negatives: Literal['all'] | int
    decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None
    distance_weight: float | None
    weight_loss: Literal['squared'] | Literal['poisson'] | None
    weight_loss_factor: float | None
    epochs: int
    learning_rate: float
    dropout: float
    keep_best: bool
    validate_every: int
    patience: int
    seed: int

class VGNAE(Estimator):
    """variational graph normalised auto-encoder."""

    def __init__(
        self,
        *,
        scale: float = 2.2,
        hops: int = 1,
        latent: int = 256,
        feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard'] = 'row-sum',
        structural_dimensions: int | None = None,
        structural_features: Literal['fastrp'] | Literal['prone'] | None = None,
        kl_weight: Literal['1/n'] | float = '1/n',
        negatives: Literal['all'] | int = 1,
        decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None = None,
        distance_weight: float | None = None,
        weight_loss: Literal['squared'] | Literal['poisson'] | None = None,
        weight_loss_factor: float | None = None,
        epochs: int = 200,
        learning_rate: float = 0.01,
        dropout: float = 0.0,
        keep_best: bool = True,
        validate_every: int = 10,
        patience: int = 0,
        seed: int = 0,
    ) -> None: ...
    scale: float
    hops: int
    latent: int
    feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard']
    structural_dimensions: int | None
    structural_features: Literal['fastrp'] | Literal['prone'] | None
    kl_weight: Literal['1/n'] | float
    negatives: Literal['all'] | int
    decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None
    distance_weight: float | None
    weight_loss: Literal['squared'] | Literal['poisson'] | None
    weight_loss_factor: float | None
    epochs: int
    learning_rate: float
    dropout: float
    keep_best: bool
    validate_every: int
    patience: int
    seed: int

class DeepGAE(Estimator):
    """graph auto-encoder with several convolutions and residual connections."""

    def __init__(
        self,
        *,
        hidden: int = 32,
        layers: int = 3,
        latent: int = 16,
        feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard'] = 'as-given',
        structural_dimensions: int | None = None,
        structural_features: Literal['fastrp'] | Literal['prone'] | None = None,
        negatives: Literal['all'] | int = 'all',
        decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None = None,
        distance_weight: float | None = None,
        weight_loss: Literal['squared'] | Literal['poisson'] | None = None,
        weight_loss_factor: float | None = None,
        epochs: int = 200,
        learning_rate: float = 0.01,
        dropout: float = 0.0,
        keep_best: bool = False,
        validate_every: int = 1,
        patience: int = 0,
        seed: int = 0,
    ) -> None: ...
    hidden: int
    layers: int
    latent: int
    feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard']
    structural_dimensions: int | None
    structural_features: Literal['fastrp'] | Literal['prone'] | None
    negatives: Literal['all'] | int
    decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None
    distance_weight: float | None
    weight_loss: Literal['squared'] | Literal['poisson'] | None
    weight_loss_factor: float | None
    epochs: int
    learning_rate: float
    dropout: float
    keep_best: bool
    validate_every: int
    patience: int
    seed: int

class DeepVGAE(Estimator):
    """variational graph auto-encoder with several convolutions and residual connections."""

    def __init__(
        self,
        *,
        hidden: int = 32,
        layers: int = 3,
        latent: int = 16,
        feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard'] = 'as-given',
        structural_dimensions: int | None = None,
        structural_features: Literal['fastrp'] | Literal['prone'] | None = None,
        kl_weight: Literal['1/n'] | float = '1/n',
        negatives: Literal['all'] | int = 'all',
        decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None = None,
        distance_weight: float | None = None,
        weight_loss: Literal['squared'] | Literal['poisson'] | None = None,
        weight_loss_factor: float | None = None,
        epochs: int = 200,
        learning_rate: float = 0.01,
        dropout: float = 0.0,
        keep_best: bool = False,
        validate_every: int = 1,
        patience: int = 0,
        seed: int = 0,
    ) -> None: ...
    hidden: int
    layers: int
    latent: int
    feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard']
    structural_dimensions: int | None
    structural_features: Literal['fastrp'] | Literal['prone'] | None
    kl_weight: Literal['1/n'] | float
    negatives: Literal['all'] | int
    decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None
    distance_weight: float | None
    weight_loss: Literal['squared'] | Literal['poisson'] | None
    weight_loss_factor: float | None
    epochs: int
    learning_rate: float
    dropout: float
    keep_best: bool
    validate_every: int
    patience: int
    seed: int

class SageGAE(Estimator):
    """graph auto-encoder with a GraphSAGE-mean encoder."""

    def __init__(
        self,
        *,
        hidden: int = 32,
        latent: int = 16,
        feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard'] = 'as-given',
        structural_dimensions: int | None = None,
        structural_features: Literal['fastrp'] | Literal['prone'] | None = None,
        negatives: Literal['all'] | int = 'all',
        decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None = None,
        distance_weight: float | None = None,
        weight_loss: Literal['squared'] | Literal['poisson'] | None = None,
        weight_loss_factor: float | None = None,
        epochs: int = 200,
        learning_rate: float = 0.01,
        dropout: float = 0.0,
        keep_best: bool = False,
        validate_every: int = 1,
        patience: int = 0,
        seed: int = 0,
    ) -> None: ...
    hidden: int
    latent: int
    feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard']
    structural_dimensions: int | None
    structural_features: Literal['fastrp'] | Literal['prone'] | None
    negatives: Literal['all'] | int
    decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None
    distance_weight: float | None
    weight_loss: Literal['squared'] | Literal['poisson'] | None
    weight_loss_factor: float | None
    epochs: int
    learning_rate: float
    dropout: float
    keep_best: bool
    validate_every: int
    patience: int
    seed: int

class SageVGAE(Estimator):
    """variational graph auto-encoder with a GraphSAGE-mean encoder."""

    def __init__(
        self,
        *,
        hidden: int = 32,
        latent: int = 16,
        feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard'] = 'as-given',
        structural_dimensions: int | None = None,
        structural_features: Literal['fastrp'] | Literal['prone'] | None = None,
        kl_weight: Literal['1/n'] | float = '1/n',
        negatives: Literal['all'] | int = 'all',
        decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None = None,
        distance_weight: float | None = None,
        weight_loss: Literal['squared'] | Literal['poisson'] | None = None,
        weight_loss_factor: float | None = None,
        epochs: int = 200,
        learning_rate: float = 0.01,
        dropout: float = 0.0,
        keep_best: bool = False,
        validate_every: int = 1,
        patience: int = 0,
        seed: int = 0,
    ) -> None: ...
    hidden: int
    latent: int
    feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard']
    structural_dimensions: int | None
    structural_features: Literal['fastrp'] | Literal['prone'] | None
    kl_weight: Literal['1/n'] | float
    negatives: Literal['all'] | int
    decoder: Literal['source-target'] | Literal['gravity'] | Literal['distmult'] | None
    distance_weight: float | None
    weight_loss: Literal['squared'] | Literal['poisson'] | None
    weight_loss_factor: float | None
    epochs: int
    learning_rate: float
    dropout: float
    keep_best: bool
    validate_every: int
    patience: int
    seed: int

class MLPGAE(Estimator):
    """graph normalised auto-encoder with a learned decoder."""

    def __init__(
        self,
        *,
        scale: float = 1.0,
        hops: int = 1,
        latent: int = 256,
        feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard'] = 'row-sum',
        structural_dimensions: int | None = None,
        structural_features: Literal['fastrp'] | Literal['prone'] | None = None,
        hidden: int = 32,
        negatives: int = 1,
        batches: int = 4,
        epochs: int = 120,
        learning_rate: float = 0.01,
        dropout: float = 0.6,
        keep_best: bool = True,
        validate_every: int = 5,
        patience: int = 0,
        seed: int = 0,
    ) -> None: ...
    scale: float
    hops: int
    latent: int
    feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard']
    structural_dimensions: int | None
    structural_features: Literal['fastrp'] | Literal['prone'] | None
    hidden: int
    negatives: int
    batches: int
    epochs: int
    learning_rate: float
    dropout: float
    keep_best: bool
    validate_every: int
    patience: int
    seed: int

class SC(Estimator):
    """spectral embedding; reads no features."""

    def __init__(
        self,
        *,
        dimensions: int = 128,
        regularisation: Literal['none'] | Literal['amini'] = 'amini',
        strength: float = 0.02,
        scaling: Literal['none'] | Literal['sqrt-eigenvalue'] | Literal['sqrt-degree'] = 'sqrt-eigenvalue',
        seed: int = 0,
    ) -> None: ...
    dimensions: int
    regularisation: Literal['none'] | Literal['amini']
    strength: float
    scaling: Literal['none'] | Literal['sqrt-eigenvalue'] | Literal['sqrt-degree']
    seed: int

class DW(Estimator):
    """DeepWalk or, with other p and q, node2vec: skip-gram over random walks; reads no features."""

    def __init__(
        self,
        *,
        dimensions: int = 128,
        walks_per_node: int = 10,
        walk_length: int = 80,
        window: int = 10,
        passes: int = 1,
        learning_rate: float = 0.01,
        final_learning_rate: float = 0.0001,
        objective: Literal['hierarchical-softmax'] | Literal['negative-sampling'] = 'hierarchical-softmax',
        context_negatives: int = 5,
        p: float = 1.0,
        q: float = 1.0,
        seed: int = 0,
    ) -> None: ...
    dimensions: int
    walks_per_node: int
    walk_length: int
    window: int
    passes: int
    learning_rate: float
    final_learning_rate: float
    objective: Literal['hierarchical-softmax'] | Literal['negative-sampling']
    context_negatives: int
    p: float
    q: float
    seed: int

class SGC(Estimator):
    """simplified graph convolution: features smoothed over the graph, without training."""

    def __init__(
        self,
        *,
        hops: int = 1,
        feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard'] = 'tf-idf',
        seed: int = 0,
    ) -> None: ...
    hops: int
    feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard']
    seed: int

class FastRP(Estimator):
    """fast random projection: random vectors (and features) that pass over edges; without training."""

    def __init__(
        self,
        *,
        dimensions: int = 128,
        hop_weights: list[float] = [0.0, 0.0, 1.0, 1.0],
        degree_power: float = 0.5,
        feature_weight: float = 4.0,
        feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard'] = 'tf-idf',
        seed: int = 0,
    ) -> None: ...
    dimensions: int
    hop_weights: list[float]
    degree_power: float
    feature_weight: float
    feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard']
    seed: int

class Prone(Estimator):
    """ProNE: factors of the graph (and features) through a spectral filter; without training."""

    def __init__(
        self,
        *,
        dimensions: int = 128,
        negative_exponent: float = 0.75,
        power_iterations: int = 2,
        filter_order: int = 5,
        filter_centre: float = 0.1,
        filter_scale: float = 0.5,
        feature_dimensions: int = 128,
        feature_weight: float = 2.0,
        feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard'] = 'tf-idf',
        seed: int = 0,
    ) -> None: ...
    dimensions: int
    negative_exponent: float
    power_iterations: int
    filter_order: int
    filter_centre: float
    filter_scale: float
    feature_dimensions: int
    feature_weight: float
    feature_scaling: Literal['as-given'] | Literal['row-sum'] | Literal['tf-idf'] | Literal['standard']
    seed: int

class CommonNeighbours(Estimator):
    """number of common neighbours."""

    def __init__(
        self,
        *,
        seed: int = 0,
    ) -> None: ...
    seed: int

class AdamicAdar(Estimator):
    """common neighbours, weighted by 1 / ln(degree)."""

    def __init__(
        self,
        *,
        seed: int = 0,
    ) -> None: ...
    seed: int

class ResourceAllocation(Estimator):
    """common neighbours, weighted by 1 / degree."""

    def __init__(
        self,
        *,
        seed: int = 0,
    ) -> None: ...
    seed: int

class Katz(Estimator):
    """walks between two nodes, weighted by length."""

    def __init__(
        self,
        *,
        seed: int = 0,
    ) -> None: ...
    seed: int

class PageRank(Estimator):
    """personalised PageRank in both directions."""

    def __init__(
        self,
        *,
        seed: int = 0,
    ) -> None: ...
    seed: int

class FeatureCosine(Estimator):
    """cosine of TF-IDF features."""

    def __init__(
        self,
        *,
        seed: int = 0,
    ) -> None: ...
    seed: int

class Hybrid(Estimator):
    """an embedding combined with pair features by a small model (stacking)."""

    def __init__(
        self,
        *,
        encoder: Literal['gae', 'vgae', 'gae*', 'vgae*', 'linear-gae', 'linear-vgae', 'gnae', 'vgnae', 'deep-gae', 'deep-vgae', 'sage-gae', 'sage-vgae', 'mlp-gae', 'sc', 'dw', 'sgc', 'fastrp', 'prone', 'common-neighbours', 'adamic-adar', 'resource-allocation', 'katz', 'page-rank', 'feature-cosine', 'hybrid', 'ae', 'vae'] | dict[str, Any] = {'batches': 4, 'dropout': 0.6, 'epochs': 120, 'feature_scaling': 'row-sum', 'hidden': 32, 'hops': 1, 'keep_best': True, 'latent': 256, 'learning_rate': 0.01, 'method': 'mlp-gae', 'negatives': 1, 'patience': 0, 'scale': 1.0, 'validate_every': 5},
        encoders_without_features: list[Literal['gae', 'vgae', 'gae*', 'vgae*', 'linear-gae', 'linear-vgae', 'gnae', 'vgnae', 'deep-gae', 'deep-vgae', 'sage-gae', 'sage-vgae', 'mlp-gae', 'sc', 'dw', 'sgc', 'fastrp', 'prone', 'common-neighbours', 'adamic-adar', 'resource-allocation', 'katz', 'page-rank', 'feature-cosine', 'hybrid', 'ae', 'vae'] | dict[str, Any]] = [{'degree_power': 0.5, 'dimensions': 128, 'feature_scaling': 'tf-idf', 'feature_weight': 4.0, 'hop_weights': [0.0, 0.0, 1.0, 1.0], 'method': 'fastrp'}],
        combiner: Literal['logistic'] | Literal['mlp'] = 'mlp',
        pair_features: list[Literal['common-neighbours'] | Literal['adamic-adar'] | Literal['resource-allocation'] | Literal['katz'] | Literal['page-rank'] | Literal['walks-2'] | Literal['walks-3'] | Literal['walks-4'] | Literal['feature-cosine'] | Literal['sgc-cosine'] | Literal['degree-sum'] | Literal['degree-min']] = ['resource-allocation', 'page-rank', 'walks-3', 'feature-cosine', 'sgc-cosine', 'degree-sum', 'degree-min'],
        held_out: float = 0.1,
        combiner_negatives: int = 5,
        combiner_l2: float = 1.0,
        combiner_hidden: int = 32,
        seed: int = 0,
    ) -> None: ...
    encoder: Literal['gae', 'vgae', 'gae*', 'vgae*', 'linear-gae', 'linear-vgae', 'gnae', 'vgnae', 'deep-gae', 'deep-vgae', 'sage-gae', 'sage-vgae', 'mlp-gae', 'sc', 'dw', 'sgc', 'fastrp', 'prone', 'common-neighbours', 'adamic-adar', 'resource-allocation', 'katz', 'page-rank', 'feature-cosine', 'hybrid', 'ae', 'vae'] | dict[str, Any]
    encoders_without_features: list[Literal['gae', 'vgae', 'gae*', 'vgae*', 'linear-gae', 'linear-vgae', 'gnae', 'vgnae', 'deep-gae', 'deep-vgae', 'sage-gae', 'sage-vgae', 'mlp-gae', 'sc', 'dw', 'sgc', 'fastrp', 'prone', 'common-neighbours', 'adamic-adar', 'resource-allocation', 'katz', 'page-rank', 'feature-cosine', 'hybrid', 'ae', 'vae'] | dict[str, Any]]
    combiner: Literal['logistic'] | Literal['mlp']
    pair_features: list[Literal['common-neighbours'] | Literal['adamic-adar'] | Literal['resource-allocation'] | Literal['katz'] | Literal['page-rank'] | Literal['walks-2'] | Literal['walks-3'] | Literal['walks-4'] | Literal['feature-cosine'] | Literal['sgc-cosine'] | Literal['degree-sum'] | Literal['degree-min']]
    held_out: float
    combiner_negatives: int
    combiner_l2: float
    combiner_hidden: int
    seed: int

class AE(SampleEstimator):
    """auto-encoder of images or rows of a table."""

    def __init__(
        self,
        *,
        hidden: list[int] = [400],
        latent: int = 20,
        likelihood: Literal['bernoulli'] | Literal['gaussian'] | Literal['squared'] = 'bernoulli',
        epochs: int = 10,
        batch_size: int = 128,
        learning_rate: float = 0.001,
        patience: int = 0,
        seed: int = 0,
    ) -> None: ...
    hidden: list[int]
    latent: int
    likelihood: Literal['bernoulli'] | Literal['gaussian'] | Literal['squared']
    epochs: int
    batch_size: int
    learning_rate: float
    patience: int
    seed: int

class VAE(SampleEstimator):
    """variational auto-encoder of images or rows of a table."""

    def __init__(
        self,
        *,
        hidden: list[int] = [400],
        latent: int = 20,
        likelihood: Literal['bernoulli'] | Literal['gaussian'] | Literal['squared'] = 'bernoulli',
        epochs: int = 10,
        batch_size: int = 128,
        learning_rate: float = 0.001,
        patience: int = 0,
        beta: float = 1.0,
        seed: int = 0,
    ) -> None: ...
    hidden: list[int]
    latent: int
    likelihood: Literal['bernoulli'] | Literal['gaussian'] | Literal['squared']
    epochs: int
    batch_size: int
    learning_rate: float
    patience: int
    beta: float
    seed: int
