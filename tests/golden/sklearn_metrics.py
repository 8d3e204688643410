"""Makes sklearn_metrics.json: AUC and AP by scikit-learn, which crates/eval must reproduce.

    python sklearn_metrics.py

Scores are float32 values, printed so that they read back exactly; scikit-learn computes in float64.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.metrics import average_precision_score, roc_auc_score


def cases(rng):
    """Yields (name, scores of positives, scores of negatives)."""
    yield "random", rng.normal(size=150), rng.normal(size=200)
    yield "separated logits", rng.normal(2.0, 2.0, size=500), rng.normal(-1.0, 2.0, size=500)
    yield "heavy ties", rng.integers(0, 5, size=300), rng.integers(-1, 4, size=250)
    yield "two levels", rng.integers(0, 2, size=100), rng.integers(0, 2, size=100)
    yield "all equal", np.full(30, 0.5), np.full(70, 0.5)
    yield "perfect", np.arange(10, 30), np.arange(-20, 10)
    yield "worst", np.arange(-20, 10), np.arange(10, 30)
    yield "single positive", [0.25], rng.normal(size=99)
    yield "single negative", rng.normal(size=99), [0.25]
    yield "one of each, tied", [1.0], [1.0]
    yield "both zeros are one score", [0.0, -0.0, 1.0], [-0.0, 0.0, -1.0]
    yield "rare positives", rng.normal(0.5, size=7), rng.normal(size=900)
    yield "saturated sigmoids", sigmoid(rng.normal(18, 6, size=200)), sigmoid(rng.normal(8, 9, size=200))
    yield "very large and very small", [3e38, 1e-45, -1e-45, 1e-38], [-3e38, 0.0, 1e-45, 2e38]


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits.astype(np.float32)))


def main():
    rows = []
    for name, positive, negative in cases(np.random.default_rng(20161121)):
        positive, negative = (
            np.asarray(scores, dtype=np.float32).astype(np.float64) for scores in (positive, negative)
        )
        truth = np.r_[np.ones(len(positive)), np.zeros(len(negative))]
        scores = np.r_[positive, negative]
        rows.append(
            {
                "name": name,
                "positive": positive.tolist(),
                "negative": negative.tolist(),
                "auc": float(roc_auc_score(truth, scores)),
                "ap": float(average_precision_score(truth, scores)),
            }
        )
    lines = ",\n".join(json.dumps(row) for row in rows)
    text = f'{{"scikit-learn": "{sklearn.__version__}", "cases": [\n{lines}\n]}}\n'
    pathlib.Path(__file__).with_suffix(".json").write_text(text)


if __name__ == "__main__":
    main()
