"""Makes sklearn_platt.json: Platt scaling by scikit-learn, which crates/eval must reproduce.

    python sklearn_platt.py

scikit-learn fits sigmoid(-(a f + b)); the file holds slope = -a and intercept = -b. Logits are float32, printed
so that they read back exactly.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.calibration import _sigmoid_calibration


def cases(rng):
    yield "balanced", rng.normal(2, 1.5, 200), rng.normal(-0.5, 1.5, 200)
    yield "small logits", rng.normal(2e-2, 2e-2, 150), rng.normal(0, 2e-2, 150)
    yield "few edges", rng.normal(1, 2, 20), rng.normal(-1, 1, 300)
    yield "heavy tails", rng.standard_t(2, 120) * 3 + 4, rng.standard_t(2, 120) * 3
    yield "worse than chance", rng.normal(-1, 1, 80), rng.normal(1, 1, 80)


def main():
    rng = np.random.default_rng(20261122)
    rows = []
    for name, positive, negative in cases(rng):
        positive, negative = positive.astype(np.float32), negative.astype(np.float32)
        f = np.concatenate([positive, negative]).astype(np.float64)
        y = np.concatenate([np.ones(len(positive)), np.zeros(len(negative))])
        a, b = _sigmoid_calibration(f, y)
        rows.append(
            {
                "name": name,
                "positive": [float(v) for v in positive],
                "negative": [float(v) for v in negative],
                "slope": -float(a),
                "intercept": -float(b),
            }
        )
    lines = ",\n".join(json.dumps(row) for row in rows)
    text = f'{{"scikit-learn": "{sklearn.__version__}", "cases": [\n{lines}\n]}}\n'
    pathlib.Path(__file__).with_suffix(".json").write_text(text)


if __name__ == "__main__":
    main()
