"""Decoders of directed edges in estimators, as on the command line."""

import numpy as np
import pytest

import vgae


@pytest.fixture(scope="module")
def citations() -> np.ndarray:
    """Edges of 80 nodes that mostly point to lower numbers, of shape (edges, 2)."""
    rng = np.random.default_rng(1)
    targets = rng.integers(0, 20, 400)
    sources = rng.integers(20, 80, 400)
    return np.unique(np.stack([sources, targets], axis=1), axis=0)


@pytest.mark.parametrize("decoder", ["gravity", "source-target"])
def test_a_directed_decoder_scores_directions(citations, decoder):
    graph = vgae.Graph.from_edges(citations, nodes=np.arange(80), directed=True)
    model = vgae.GAEStar(latent=8, epochs=100, learning_rate=0.05, decoder=decoder)
    found = vgae.evaluate(model, graph, validation=0.1, negatives=["reversed:1"])
    assert model.split_.directed and found.auc > 0.7
    forth = model.decision_function(citations)
    back = model.decision_function(citations[:, ::-1])
    assert (forth > back).mean() > 0.9
    assert (model.predict_proba(citations) != model.predict_proba(citations[:, ::-1])).any()
    links = model.missing_links(10)
    known = {tuple(pair) for pair in citations.tolist()}
    pairs = list(zip(links["source"].tolist(), links["target"].tolist()))
    assert not known & set(pairs) and (model.decision_function(pairs) == links["logit"]).all()
    assert (np.diff(links["logit"]) <= 0).all() and links["probability"][0] is not None
    assert model.fit(graph).split_.directed, "all edges, with their direction"
    assert len(model.neighbors(30, 3)) == 3


def test_the_bits_of_a_directed_decoder_are_those_of_the_command(citations, tmp_path):
    np.savetxt(tmp_path / "edges.csv", citations, fmt="%d", delimiter=",", header="source,target", comments="")
    (tmp_path / "directed.toml").write_text(
        """
name = "directed"
[data]
edges = "edges.csv"
directed = true
[split]
directed = true
[model]
method = "gae*"
decoder = "gravity"
epochs = 20
"""
    )
    run = vgae.run(tmp_path / "directed.toml", out=tmp_path / "out")
    split = vgae.split(vgae.Graph.from_edges(citations, directed=True), directed=True)
    assert split.pairs.to_pydict() == run.split.pairs.to_pydict()
    model = vgae.GAEStar(decoder="gravity", epochs=20).fit(split)
    assert model.embedding_.tobytes() == run.embedding.tobytes()
    mine, theirs = model.missing_links(5), run.missing_links(5)
    assert mine["source"].tolist() == theirs["src_id"].tolist() and mine["target"].tolist() == theirs["dst_id"].tolist()
    assert (run.estimator.decision_function(citations) == model.decision_function(citations)).all()


def test_errors_say_what_a_directed_decoder_needs(citations):
    model = vgae.GAEStar(decoder="gravity", epochs=2)
    with pytest.raises(vgae.Error, match=r"decoder: expected a graph with directed edges.*directed=True\)`"):
        model.fit(citations)
    with pytest.raises(vgae.Error, match=r"split: expected a graph with directed edges"):
        vgae.split(citations, directed=True)
    graph = vgae.Graph.from_edges(citations, directed=True)
    with pytest.raises(vgae.Error, match="directed"):
        model.fit(vgae.split(graph))
