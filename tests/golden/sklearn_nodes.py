"""Makes sklearn_nodes.json: what labels and vectors have to do with each other by scikit-learn, which
crates/eval must reproduce: a linear probe's accuracy and macro-F1, and k-means with the indices of its clusters.

    python sklearn_nodes.py

Values are float32, printed so that they read back exactly; scikit-learn computes in float64.
"""

import json
import pathlib

import numpy as np
import sklearn
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score, f1_score, normalized_mutual_info_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def cases():
    """Yields (name, vectors, labels). Real tables that come with scikit-learn."""
    iris, wine, digits = load_iris(), load_wine(), load_digits()
    yield "iris", iris.data, iris.target
    yield "wine, scaled", StandardScaler().fit_transform(wine.data), wine.target
    yield "digits", PCA(6, svd_solver="full").fit_transform(digits.data[:600] / 16), digits.target[:600]


def main():
    rng = np.random.default_rng(20261122)
    rows = []
    for name, x, labels in cases():
        x = x.astype(np.float32)
        order = rng.permutation(len(x))
        train, test = np.sort(order[: len(x) // 5]), np.sort(order[len(x) // 5 :])
        x64 = x.astype(np.float64)
        probe = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, tol=1e-9, max_iter=100_000))
        predicted = probe.fit(x64[train], labels[train]).predict(x64[test])
        classes = int(labels.max()) + 1
        means = KMeans(classes, n_init=200, random_state=0).fit(x64)
        shared = np.zeros((classes, classes), dtype=int)
        np.add.at(shared, (labels, means.labels_), 1)
        best = shared[linear_sum_assignment(shared, maximize=True)].sum()
        rows.append(
            {
                "name": name,
                "columns": x.shape[1],
                "values": [float(v) for v in x.ravel()],
                "labels": labels.tolist(),
                "train": train.tolist(),
                "test": test.tolist(),
                "accuracy": float((predicted == labels[test]).mean()),
                "macro_f1": float(f1_score(labels[test], predicted, average="macro")),
                "clusters": means.labels_.tolist(),
                "inertia": float(means.inertia_),
                "ari": float(adjusted_rand_score(labels, means.labels_)),
                "nmi": float(normalized_mutual_info_score(labels, means.labels_)),
                "cluster_accuracy": float(best / len(x)),
            }
        )
    lines = ",\n".join(json.dumps(row) for row in rows)
    text = f'{{"scikit-learn": "{sklearn.__version__}", "cases": [\n{lines}\n]}}\n'
    pathlib.Path(__file__).with_suffix(".json").write_text(text)


if __name__ == "__main__":
    main()
