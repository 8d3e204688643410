"""The estimator of methods over samples, rows of numbers without a graph, in the manner of scikit-learn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._core import Error
from ._graph import html_table
from ._ids import count_of, numpy_of, seed_of
from ._method import Method, Progress

if TYPE_CHECKING:
    from typing_extensions import Self


class SampleEstimator(Method):
    """An auto-encoder of rows of numbers: :class:`vgae.AE`, or :class:`vgae.VAE`, whose codes are distributions.

    Hyper-parameters are keyword arguments, checked by :meth:`fit`; `seed` determines all random numbers. The same rows,
    hyper-parameters and seed give the same bits as the command line, on any number of threads.

    Samples are arrays of shape ``(rows, columns)``, or tables with numeric columns. Bytes (``uint8``) are pixels and divided
    by 255; other numbers become ``float32``. The default ``likelihood="bernoulli"`` is for values from 0 to 1; scale other
    values to a standard deviation of about 1 and set ``likelihood="gaussian"``.
    """

    _reads_arrays = True

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        validation: Any = None,
        progress: bool | Progress | None = None,
    ) -> Self:
        """Trains the method, without the lock of the interpreter. Ctrl-C ends the training.

        Parameters
        ----------
        X
            The training samples.
        y
            Ignored.
        validation
            Other samples, whose loss is measured after each epoch. With `patience` above 0 it ends the training, and the
            weights of the epoch with the lowest one are kept.
        progress
            As in :meth:`vgae.Estimator.fit`.

        Raises
        ------
        vgae.Error
            If a hyper-parameter is out of range, or a value is not finite or does not suit the likelihood.
        """
        train = _samples_of(X, "X")
        held_out = None if validation is None else _samples_of(validation, "validation")
        self._train(lambda *rest: _core.SampleModel.fit(train, held_out, *rest), progress)
        return self

    @property
    def n_features_in_(self) -> int:
        """The number of values per sample."""
        return self._fitted.columns

    def transform(self, X: Any) -> np.ndarray:
        """Returns the codes of samples, of shape ``(rows, latent)``, float32; their means if they are distributions."""
        return self.distribution(X)[0]

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        """Trains the method and returns the codes of the training samples."""
        return self.fit(X, y).transform(X)

    def distribution(self, X: Any) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns the means of the codes, and the logarithms of their standard deviations, which are ``None`` of `AE`."""
        return self._fitted.encode(_samples_of(X, "X"))

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Decodes codes of shape ``(rows, latent)`` to samples, float32."""
        return self._fitted.decode(_reals_of(X, "codes"))

    def reconstruct(self, X: Any) -> np.ndarray:
        """Returns samples decoded from their codes, of shape ``(rows, columns)``, float32."""
        return self.inverse_transform(self.transform(X))

    def reconstruction_error(self, X: Any) -> np.ndarray:
        """Returns the mean squared error of each sample, of shape ``(rows,)``: the larger, the more unusual the sample."""
        given = _samples_of(X, "X")
        seen = given / np.float32(255) if given.dtype == np.uint8 else given
        difference = seen.astype(np.float64) - self.reconstruct(given)
        return (difference**2).mean(axis=1)

    def evaluate(self, X: Any) -> dict[str, Any]:
        """Returns metrics of samples, as ``metrics.json`` of a run has them of test samples.

        They are ``reconstruction``, the reconstruction term of the loss; of `VAE` ``kl`` and ``negative_elbo``, the negative
        bound of the log-likelihood; and ``squared_error``. All are means per sample, the last per value.
        """
        metrics = json.loads(self._fitted.measure(_samples_of(X, "X")))
        return {key: value for key, value in metrics.items() if value is not None}

    def score(self, X: Any, y: Any = None) -> float:
        """Returns the mean bound of the log-likelihood of `VAE`, else minus the reconstruction term: larger is better."""
        metrics = self.evaluate(X)
        return -metrics.get("negative_elbo", metrics["reconstruction"])

    def sample(self, n_samples: int = 1, *, seed: int = 0) -> np.ndarray:
        """Draws codes from the prior of `VAE` and decodes them, as ``vgae generate`` does.

        Raises
        ------
        vgae.Error
            If the method is `AE`, which has no prior.
        """
        return self._fitted.sample(count_of(n_samples, "n_samples"), seed_of(seed))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Returns a name for each column of codes: ``vae0``, ``vae1``, ..."""
        return np.array([f"{self.method}{column}" for column in range(int(self.latent))], dtype=object)

    def _repr_html_(self) -> str:
        return html_table(repr(self), self.get_params())


def _samples_of(values: Any, what: str) -> np.ndarray:
    """Returns samples as an array of two dimensions, uint8 or float32."""
    array = numpy_of(values) if not hasattr(values, "toarray") else None
    if array is not None and array.dtype == np.uint8 and array.ndim == 2:
        return np.ascontiguousarray(array)
    return _reals_of(values, what)


def _reals_of(values: Any, what: str) -> np.ndarray:
    if hasattr(values, "toarray"):
        raise Error(f"{what}: expected a dense array, found a sparse matrix; pass `{what}.toarray()`")
    try:
        array = np.ascontiguousarray(numpy_of(values), dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise Error(f"{what}: expected numbers, found others ({error})") from None
    if array.ndim != 2:
        raise Error(f"{what}: expected an array of shape (rows, columns), found shape {array.shape}")
    return array
