"""Auto-encoders of rows of numbers: in the manner of scikit-learn, and the same bits as the command line."""

import pickle

import numpy as np
import pytest

import vgae


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    """200 samples of 8 columns near a plane, with a standard deviation of about 1."""
    rng = np.random.default_rng(0)
    return (rng.normal(size=(200, 2)) @ rng.normal(size=(2, 8)) / 1.5 + 0.1 * rng.normal(size=(200, 8))).astype(np.float32)


def small(cls, **more):
    options = dict(hidden=[16], latent=2, epochs=60, batch_size=20, learning_rate=0.003, likelihood="gaussian")
    return cls(**{**options, **more})


@pytest.mark.parametrize("cls", [vgae.AE, vgae.VAE])
def test_an_auto_encoder_fits_and_answers(cls, rows):
    model = small(cls).fit(rows[:150])
    codes = model.transform(rows[150:])
    assert codes.shape == (50, 2) and codes.dtype == np.float32 and model.n_features_in_ == 8
    back = model.inverse_transform(codes)
    assert (back == model.reconstruct(rows[150:])).all()
    errors = model.reconstruction_error(rows[150:])
    assert np.allclose(errors, ((rows[150:].astype(float) - back) ** 2).mean(axis=1))
    metrics = model.evaluate(rows[150:])
    assert np.isclose(metrics["squared_error"], errors.mean()) and metrics["samples"] == 50
    assert errors.mean() < rows[150:].var(axis=0).mean() / 2
    bound = metrics.get("negative_elbo", metrics["reconstruction"])
    assert model.score(rows[150:]) == -bound
    unusual = rows[150:] + 5 * np.eye(50, 8, dtype=np.float32)
    assert np.median(model.reconstruction_error(unusual)[:8]) > 10 * np.median(errors)
    again = pickle.loads(pickle.dumps(model))
    assert (again.transform(rows) == model.transform(rows)).all() and again.get_params() == model.get_params()
    assert again.history_.to_pydict() == model.history_.to_pydict()
    assert (small(cls).fit_transform(rows[:150]) == model.transform(rows[:150])).all(), "the same bits"
    assert (small(cls, seed=1).fit_transform(rows[:150]) != model.transform(rows[:150])).any()
    assert model.get_feature_names_out().tolist() == [f"{model.method}0", f"{model.method}1"]
    assert "<table>" in model._repr_html_()


def test_codes_of_a_vae_are_distributions(rows):
    model = small(vgae.VAE).fit(rows)
    means, log_sigma = model.distribution(rows)
    assert (means == model.transform(rows)).all() and log_sigma.shape == means.shape
    assert {"kl", "negative_elbo"} <= model.evaluate(rows).keys()
    drawn = model.sample(5, seed=3)
    assert drawn.shape == (5, 8) and (drawn == model.sample(9, seed=3)[:5]).all()
    plain = small(vgae.AE).fit(rows)
    assert plain.distribution(rows)[1] is None and "kl" not in plain.evaluate(rows)
    with pytest.raises(vgae.Error, match="sample: expected method `vae`, whose codes have a prior to draw from"):
        plain.sample(2)


def test_validation_samples_select_the_epoch(rows):
    model = small(vgae.VAE, patience=3, epochs=400).fit(rows[:150], validation=rows[150:])
    losses = model.history_["val_loss"]
    assert len(losses) < 400 and model.best_epoch_ == losses.argmin() + 1
    assert pickle.loads(pickle.dumps(model)).best_epoch_ == model.best_epoch_
    assert small(vgae.AE).fit(rows).best_epoch_ is None
    with pytest.raises(vgae.Error, match="validation: expected 8 columns, found 7"):
        small(vgae.AE).fit(rows, validation=rows[:, :7])


def test_bytes_are_pixels():
    pixels = np.random.default_rng(0).integers(0, 256, (60, 12)).astype(np.uint8)
    options = dict(hidden=[8], latent=2, epochs=3)
    model = vgae.AE(**options).fit(pixels)
    scaled = vgae.AE(**options).fit(pixels / np.float32(255))
    assert (model.transform(pixels) == scaled.transform(pixels / np.float32(255))).all()
    assert np.allclose(model.reconstruction_error(pixels), scaled.reconstruction_error(pixels / np.float32(255)))
    with pytest.raises(vgae.Error, match="the type of the training samples, found bytes and other numbers"):
        model.fit(pixels, validation=pixels / 255)


def test_errors_say_what_is_wrong(rows):
    with pytest.raises(vgae.NotFittedError, match="VAE: expected a fitted estimator; call `fit` first"):
        vgae.VAE().transform(rows)
    with pytest.raises(vgae.Error, match="needs values from 0 to 1.*set `likelihood` to \"gaussian\""):
        vgae.VAE().fit(rows)
    with pytest.raises(vgae.Error, match="`likelihood`|likelihood: expected"):
        small(vgae.VAE, likelihood="squared").fit(rows)
    with pytest.raises(vgae.Error, match="column 2 of sample 1: expected a finite number, found NaN"):
        small(vgae.AE).fit(np.where(np.arange(16).reshape(2, 8) == 10, np.nan, 0))
    with pytest.raises(vgae.Error, match=r"shape \(rows, columns\), found shape \(8,\)"):
        small(vgae.AE).fit(rows[0])
    with pytest.raises(vgae.Error, match="X: expected numbers, found others"):
        small(vgae.AE).fit([["a", "b"]])
    with pytest.raises(vgae.Error, match="no training samples"):
        small(vgae.AE).fit(rows[:0])
    with pytest.raises(vgae.Error, match="at least one column, found none"):
        small(vgae.AE).fit(rows[:, :0])
    model = small(vgae.AE).fit(rows)
    with pytest.raises(vgae.Error, match="expected 8 columns, found 7"):
        model.transform(rows[:, :7])
    with pytest.raises(vgae.Error, match="expected 2 columns, found 3"):
        model.inverse_transform(rows[:, :3])
    with pytest.raises(vgae.Error, match="at least one row, found none"):
        model.evaluate(rows[:0])
    assert model.transform(rows[:0]).shape == (0, 2)
    with pytest.raises(TypeError, match="did you mean `latent`"):
        vgae.AE(latnet=2)
    with pytest.raises(TypeError, match="has no option `beta`"):
        vgae.AE(beta=1.0)
    with pytest.raises(vgae.Error, match="seed: expected an integer from 0 to 18446744073709551615, found -1"):
        small(vgae.AE, seed=-1).fit(rows)
    drawing = vgae.VAE(epochs=1).fit(np.zeros((2, 3)))
    with pytest.raises(vgae.Error, match="n_samples: expected an integer from 0 to .*, found -1"):
        drawing.sample(-1)
    with pytest.raises(vgae.Error, match="n_samples: expected at most .*, for which there is memory"):
        drawing.sample(10**15)
    with pytest.raises(vgae.Error, match="expected an estimator of graphs, found AE"):
        vgae.evaluate(model, rows)
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(vgae.Error, match=r"expected a dense array, found a sparse matrix; pass `X.toarray\(\)`"):
        model.fit(sparse.eye(4, format="csr"))


@pytest.mark.parametrize("method", ["ae", "vae"])
def test_an_auto_encoder_has_the_bits_of_the_command(method, rows, tmp_path):
    names = [f"c{column}" for column in range(8)]
    np.savetxt(tmp_path / "rows.csv", rows, fmt="%.9g", delimiter=",", header=",".join(names), comments="")
    beta = "beta = 0.5" if method == "vae" else ""
    (tmp_path / "table.toml").write_text(
        f"""
name = "table"
seed = 5
[data.table]
path = "rows.csv"
[split]
validation = 0.1
test = 0.2
[model]
method = "{method}"
hidden = [16]
latent = 2
likelihood = "gaussian"
epochs = 30
patience = 4
batch_size = 16
{beta}
"""
    )
    run = vgae.run(tmp_path / "table.toml", out=tmp_path / "out")
    assert (run.samples == rows).all()
    split = run.sample_split
    part = {name: run.samples[split["node"][split["part"] == name]] for name in ("train", "val", "test")}
    options = {key: value for key, value in run.estimator.get_params().items()}
    model = type(run.estimator)(**options).fit(part["train"], validation=part["val"])
    assert model.transform(run.samples).tobytes() == run.embedding.tobytes()
    assert model.best_epoch_ == run.estimator.best_epoch_ is not None
    test = {key: value for key, value in run.metrics["test"].items() if value is not None and not key.startswith("pca")}
    assert model.evaluate(part["test"]) == test == run.estimator.evaluate(part["test"])
    assert (run.estimator.transform(run.samples) == run.embedding).all()
    assert run.estimator.history_["val_loss"].tolist() == model.history_["val_loss"].tolist()
    if method == "vae":
        from test_runs import command
        import sys

        drawn = tmp_path / "drawn.parquet"
        command([sys.executable, "-m", "vgae"], "generate", tmp_path / "out", "--count", 7, "--seed", 2, "--out", drawn)
        assert (vgae._core.read_samples(drawn) == model.sample(7, seed=2)).all()


def test_scikit_learn(rows):
    pytest.importorskip("sklearn")
    from sklearn.base import clone
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.utils.validation import check_is_fitted

    labels = (rows[:, 0] > 0).astype(int)
    model = small(vgae.VAE, beta=0.1)
    cloned = clone(model)
    assert cloned is not model and cloned.get_params() == model.get_params()
    pipeline = make_pipeline(StandardScaler(), model, LogisticRegression())
    assert cross_val_score(pipeline, rows, labels, cv=3).mean() > 0.8
    search = GridSearchCV(small(vgae.AE), {"latent": [1, 3]}, cv=2).fit(rows)
    check_is_fitted(search.best_estimator_)
    assert search.best_params_ == {"latent": 3}
    frame = pytest.importorskip("pandas").DataFrame(rows)
    assert (small(vgae.AE).fit(frame).transform(frame) == small(vgae.AE).fit(rows).transform(rows)).all()
    polars = pytest.importorskip("polars").DataFrame(rows)
    assert (small(vgae.AE).fit(polars).transform(polars) == small(vgae.AE).fit(rows).transform(rows)).all()
