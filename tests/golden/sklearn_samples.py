"""Makes sklearn_samples.json: k-nearest neighbours, logistic regression and PCA by scikit-learn, which
crates/eval must reproduce.

    python sklearn_samples.py

Values are float32, printed so that they read back exactly; scikit-learn computes in float64.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def cases(rng):
    """Yields (name, samples, labels, PCA dimensions). Real tables that come with scikit-learn."""
    iris, wine, digits = load_iris(), load_wine(), load_digits()
    yield "iris", iris.data, iris.target, 2
    yield "wine, unscaled", wine.data, wine.target, 3
    yield "wine, as many dimensions as columns", wine.data, wine.target, 13
    some = rng.permutation(len(digits.data))[:400]
    yield "digits", digits.data[some] / 16, digits.target[some], 8
    yield "fewer samples than columns", digits.data[:60] / 16, digits.target[:60], 5


def main():
    rng = np.random.default_rng(20261122)
    rows = []
    for name, x, labels, dimensions in cases(rng):
        x = x.astype(np.float32)
        order = rng.permutation(len(x))
        cut = 2 * len(x) // 3
        train, test = np.sort(order[:cut]), np.sort(order[cut:])
        x64 = x.astype(np.float64)
        pca = PCA(dimensions, svd_solver="full").fit(x64[train])
        back = pca.inverse_transform(pca.transform(x64[test]))
        probe = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, tol=1e-9, max_iter=100_000))
        knn = {
            k: KNeighborsClassifier(k, algorithm="brute").fit(x64[train], labels[train]).score(x64[test], labels[test])
            for k in (1, 5, 10)
        }
        rows.append(
            {
                "name": name,
                "columns": x.shape[1],
                "values": [float(v) for v in x.ravel()],
                "labels": [str(label) for label in labels],
                "train": train.tolist(),
                "test": test.tolist(),
                "knn": knn,
                "probe": probe.fit(x64[train], labels[train]).score(x64[test], labels[test]),
                "dimensions": dimensions,
                "pca": float(((x64[test] - back) ** 2).mean()),
            }
        )
    lines = ",\n".join(json.dumps(row) for row in rows)
    text = f'{{"scikit-learn": "{sklearn.__version__}", "cases": [\n{lines}\n]}}\n'
    pathlib.Path(__file__).with_suffix(".json").write_text(text)


if __name__ == "__main__":
    main()
