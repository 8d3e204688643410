"""Estimators: in the manner of scikit-learn, and the same bits as the command line."""

import copy
import inspect
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import vgae


def test_every_method_fits_and_answers(split):
    for name, cls in vgae.methods().items():
        assert getattr(vgae, cls.__name__) is cls and cls.method == name
        small = {"epochs": 5, "dimensions": 8, "latent": 8}
        model = cls(**{key: small[key] for key in small if key in cls.hyper_parameters}).fit(split)
        pairs, _ = split.held_out()
        assert np.isfinite(model.decision_function(pairs)).all(), name
        chances = model.predict_proba(pairs)
        assert chances.shape == (24, 2) and np.allclose(chances.sum(axis=1), 1), name
        links = model.missing_links(4)
        assert len(links) == 4 and (np.diff(links["logit"]) <= 0).all(), name
        near = model.neighbors(7, 3)
        assert len(near) == 3 and 7 not in near["id"], name
        again = pickle.loads(pickle.dumps(model))
        assert (again.decision_function(pairs) == model.decision_function(pairs)).all(), name
        assert again.get_params() == model.get_params()
        assert "<table>" in model._repr_html_()


def test_the_embedding_is_a_read_only_view(graph):
    model = vgae.VGAE(epochs=3, latent=5).fit(graph)
    view = model.embedding_
    assert view.shape == (60, 5) and view.dtype == np.float32
    assert not view.flags.owndata and not view.flags.writeable
    assert np.shares_memory(view, model.embedding_)
    del model
    assert np.isfinite(view).all(), "the view keeps its memory"
    assert vgae.VGAE(epochs=3, latent=5).fit(graph).log_sigma_.shape == (60, 5)
    assert vgae.GAE(epochs=3).fit(graph).log_sigma_ is None


def test_parameters():
    model = vgae.GNAE(latent=8)
    assert model.get_params()["latent"] == 8 and model.get_params()["seed"] == 0
    assert model.set_params(latent=4, seed=3) is model and (model.latent, model.seed) == (4, 3)
    assert repr(model) == "GNAE(latent=4, seed=3)"
    with pytest.raises(TypeError, match="did you mean `latent`"):
        vgae.GNAE(latnet=8)
    with pytest.raises(TypeError, match="has no option `walks_per_node`"):
        model.set_params(walks_per_node=2)
    signature = inspect.signature(vgae.GNAE)
    assert signature.parameters["latent"].default == 256 and "seed" in signature.parameters
    with pytest.raises(vgae.Error, match="model: latent: expected 1 to 65536, found 0"):
        vgae.GNAE(latent=0).fit([(1, 2), (2, 3)])
    assert vgae.GNAE(latent=np.int64(8))._options() == vgae.GNAE(latent=8)._options()


def test_the_encoder_of_a_hybrid_is_an_estimator_or_a_table(split):
    options = dict(latent=8, epochs=5)
    by_table = vgae.Hybrid(encoder={"method": "gnae", **options}).fit(split)
    by_estimator = vgae.Hybrid(encoder=vgae.GNAE(**options)).fit(split)
    assert (by_table.embedding_ == by_estimator.embedding_).all()
    assert vgae.FastRP().hop_weights is not vgae.FastRP().hop_weights


def test_errors(graph, split):
    with pytest.raises(vgae.NotFittedError, match="call `fit` first"):
        vgae.GAE().embedding_
    with pytest.raises(vgae.Error, match="needs node features, and this graph has none; use `gae\\*`"):
        vgae.GAE().fit([(1, 2), (2, 3)])
    model = vgae.GAE(epochs=2).fit(split)
    with pytest.raises(vgae.Error, match="the id of a node of the graph, found `60`"):
        model.neighbors(60)
    with pytest.raises(vgae.Error, match="integers, as the ids of the graph are, found strings"):
        model.decision_function([("a", "b")])
    with pytest.raises(vgae.Error, match="`logit` or `cosine`"):
        model.neighbors(1, by="x")
    with pytest.raises(vgae.Error, match="only scores pairs"):
        vgae.methods()["resource-allocation"]().fit(graph).embedding_
    with pytest.raises(vgae.Error, match="inductive"):
        vgae.GAEStar(epochs=2).fit(graph).infer(graph)


def test_inference(graph, edges, features):
    model = vgae.GNAE(latent=4, epochs=5).fit(graph)
    again = vgae.Graph.from_edges(edges, features=features)
    assert np.allclose(model.transform(again), model.embedding_, atol=1e-5)
    part = vgae.Graph.from_edges(edges[:30], features=features)
    assert model.infer(part).shape == (60, 4)
    other = vgae.Graph.from_edges(edges, features=features[:, :3])
    with pytest.raises(vgae.Error):
        model.infer(other)


def test_seeds_and_threads_give_the_same_bits(split, tmp_path):
    first = vgae.VGAE(epochs=5).fit(split).embedding_
    assert (vgae.VGAE(epochs=5).fit(split).embedding_ == first).all()
    assert (vgae.VGAE(epochs=5, seed=1).fit(split).embedding_ != first).any()
    path = tmp_path / "split.pickle"
    path.write_bytes(pickle.dumps(split))
    code = (
        "import pickle, sys, vgae\n"
        f"split = pickle.loads(open({str(path)!r}, 'rb').read())\n"
        "sys.stdout.buffer.write(vgae.VGAE(epochs=5).fit(split).embedding_.tobytes())"
    )
    environment = {**os.environ, "RAYON_NUM_THREADS": "1"}
    single = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert single.stdout == first.tobytes()


def test_best_epochs_are_selected_by_validation_pairs(split):
    model = vgae.GNAE(latent=4, epochs=30, validate_every=1).fit(split)
    scores = model.history_["val_auc"].astype(float) + model.history_["val_ap"].astype(float)
    assert model.best_epoch_ == scores.argmax() + 1
    assert pickle.loads(pickle.dumps(model)).best_epoch_ == model.best_epoch_


def test_progress_and_its_errors(graph):
    seen = []
    vgae.GAE(epochs=3000).fit(graph, progress=lambda done, total, loss: seen.append((done, total, loss)))
    assert seen and seen == sorted(seen, key=lambda row: row[0])
    assert seen[0][1] == 3000 and isinstance(seen[0][2], float)

    def broken(done, total, loss):
        raise RuntimeError("broken")

    started = time.monotonic()
    with pytest.raises(RuntimeError, match="broken"):
        vgae.GAE(epochs=1_000_000).fit(graph, progress=broken)
    assert time.monotonic() - started < 10


def test_an_interrupt_ends_the_training(graph):
    # Processes that a shell starts in the background ignore interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    model = vgae.GAE(epochs=1_000_000)
    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        model.fit(graph)
    assert time.monotonic() - started < 10
    with pytest.raises(vgae.NotFittedError):
        model.embedding_
    assert model.set_params(epochs=2).fit(graph).embedding_.shape[0] == 60


def test_other_threads_run_during_a_training(graph):
    count = 0
    done = threading.Event()

    def work():
        nonlocal count
        while not done.is_set():
            count += 1
            time.sleep(0.001)

    thread = threading.Thread(target=work)
    thread.start()
    vgae.GAE(epochs=2000).fit(graph)
    done.set()
    thread.join()
    assert count > 20


def test_evaluation(graph, split):
    found = vgae.evaluate(vgae.GNAE(latent=8, epochs=40), graph)
    assert 0.5 < found.auc <= 1 and 0.5 < found.ap <= 1
    same = vgae.evaluate(vgae.GNAE(latent=8, epochs=40).fit(split))
    assert same.metrics == found.metrics
    assert len(found.scores) == 2 * (6 + 12)
    ranked = vgae.evaluate(found.estimator, negatives=["uniform:10"])
    assert len(ranked.metrics["rankings"]) > len(found.metrics["rankings"])
    assert "test AUC" in repr(found) and "<svg" in found._repr_html_()
    with pytest.raises(vgae.Error, match="expected held-out edges, found none"):
        vgae.evaluate(vgae.GAE(epochs=2).fit(graph))
    with pytest.raises(vgae.Error, match="unknown field `x`"):
        vgae.evaluate(found.estimator, x=1)

    metrics = pytest.importorskip("sklearn.metrics")
    pairs, truth = split.held_out("test")
    assert np.isclose(metrics.roc_auc_score(truth, same.estimator.decision_function(pairs)), same.auc)
    assert np.isclose(metrics.roc_auc_score(truth, same.estimator.predict_proba(pairs)[:, 1]), same.auc)


def test_scikit_learn(graph):
    pytest.importorskip("sklearn")
    from sklearn.base import clone
    from sklearn.exceptions import NotFittedError
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import Pipeline, make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.utils.validation import check_is_fitted

    labels = graph.labels
    model = vgae.GNAE(latent=8, epochs=40, seed=2)
    cloned = clone(model)
    assert cloned is not model and cloned.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        check_is_fitted(cloned)
    check_is_fitted(model.fit(graph))
    scores = cross_val_score(LogisticRegression(max_iter=1000), model.embedding_, labels, cv=3)
    assert scores.mean() > 0.6
    pipeline = Pipeline([("embed", clone(model)), ("scale", StandardScaler()), ("probe", LogisticRegression(max_iter=1000))])
    assert pipeline.fit(graph, labels).score(graph, labels) > 0.8
    assert clone(pipeline).set_params(embed__latent=4).get_params()["embed__latent"] == 4
    joblib_copy = pickle.loads(pickle.dumps(pipeline))
    assert (joblib_copy.predict(graph) == pipeline.predict(graph)).all()
    assert "GNAE" in repr(make_pipeline(model))


def test_copies(graph):
    model = vgae.GAE(epochs=2).fit(graph)
    assert (copy.deepcopy(model).embedding_ == model.embedding_).all()
    assert copy.copy(model).graph_ is graph
