"""Random small graphs, and what a reader has to find in a file of one."""

import random
from dataclasses import dataclass, field

WORDS = ["ann", "bob", "cid", "dora", "Eve", "fé", "g h", "i,j", "k;l", "m|n", 'o"p', "q'r", "007", "0x1f", "s-t", "u_v", "w.x",
         "Ωmega", "北京", "y:z", "a/b", "c\\d", "#hash", "%pct", "e+f", "(g)", "[h]", "i=j", "k&l", "<m>", "true-ish", "n/b"]


@dataclass
class Graph:
    """A graph without self-loops, in which each node has an edge. Values are multiples of 1/4, so that text keeps them."""

    ids: list
    edges: list  # pairs of places in `ids`
    weights: list | None
    labels: list | None
    features: dict  # name: values, None where one is missing
    whole: bool  # whether ids are integers

    def texts(self) -> list:
        return [str(one) for one in self.ids]


@dataclass
class Truth:
    """What the artifacts have to contain. `ids` has, for each form in which ids may appear, one for each node."""

    graph: Graph
    ids: list = field(default_factory=list)
    weights: str = "read"  # `read`, `none`, or `either` where the file does not name the column
    has_nodes: bool = False  # whether labels and features are in the file


def graph(rng: random.Random) -> Graph:
    count = rng.randint(4, 24)
    whole = rng.random() < 0.5
    if whole:
        start = rng.choice([0, 1, 1, 1000, 5_000_000_000])
        ids = list(range(start, start + count)) if rng.random() < 0.5 else rng.sample(range(start, start + 10 * count), count)
        rng.shuffle(ids)
    elif rng.random() < 0.5:
        ids = [f"{rng.choice(['n', 'user', 'P-', 'x'])}{at}" for at in range(count)]
    else:
        ids = rng.sample(WORDS, count)
    pairs = {tuple(sorted((at, rng.choice([to for to in range(count) if to != at])))) for at in range(count)}
    for _ in range(rng.randint(0, 2 * count)):
        pairs.add(tuple(sorted(rng.sample(range(count), 2))))
    edges = [pair if rng.random() < 0.5 else pair[::-1] for pair in pairs]
    rng.shuffle(edges)
    weights = None
    if rng.random() < 0.4:
        weights = [rng.randint(1, 40) / 4 for _ in edges]
    labels = None
    if rng.random() < 0.5:
        classes = rng.choice([["a", "b"], ["red", "green", "blue"], [0, 1], [1, 2, 3], ["x y", "z,w"]])
        labels = [rng.choice(classes) for _ in ids]
        if rng.random() < 0.3 and isinstance(classes[0], str):
            labels[rng.randrange(count)] = None
    features = {}
    for name in rng.sample(["age", "f1", "f2", "height", "x 1", "é", "a,b"], rng.randint(0, 3)):
        values = [rng.choice([0, 0, rng.randint(-40, 40) / 4]) for _ in ids]
        if rng.random() < 0.3:
            values = [int(value) for value in values]
        features[name] = values
    return Graph(ids, edges, weights, labels, features, whole)
