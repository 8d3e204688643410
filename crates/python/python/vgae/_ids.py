"""Node ids, features and labels of other libraries as the arrays that the extension reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ._core import Error


def count_of(value: Any, what: str, most: int = 2**63 - 1) -> int:
    """Returns a number of things, or a seed, as an integer from 0 to `most`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not 0 <= value <= most:
        raise Error(f"{what}: expected an integer from 0 to {most}, found {value!r}")
    return int(value)


def seed_of(value: Any) -> int:
    """Returns a seed as an integer."""
    return count_of(value, "seed", 2**64 - 1)


def numpy_of(values: Any) -> np.ndarray:
    """Returns values as a numpy array, those of a torch tensor on any device too."""
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    return np.asarray(values)


def ids_of(values: Any, what: str) -> tuple[Any, np.dtype | None]:
    """Returns ids as int64 or a list of strings, and the type of integers as they were given."""
    if not hasattr(values, "__array__"):
        values = list(values) if isinstance(values, Iterable) else [values]
        # Not by numpy, which makes strings of mixed ids and matrices of tuples.
        array = np.empty(len(values), dtype=object if values else np.int64)
        for at, value in enumerate(values):
            array[at] = value
    else:
        array = numpy_of(values)
    if array.ndim != 1:
        raise Error(f"{what}: expected one dimension of ids, found shape {array.shape}")
    if array.dtype.kind == "O" and array.size and all(
        isinstance(value, (int, np.integer)) and not isinstance(value, bool) for value in array
    ):
        array = np.asarray(array.tolist())
    kind = array.dtype.kind
    if kind in "iu":
        if array.dtype.itemsize == 8 and kind == "u" and array.size and array.max() >= 2**63:
            raise Error(f"{what}: expected integers below 2^63, found {array.max()}")
        return np.ascontiguousarray(array, dtype=np.int64), array.dtype
    if kind in "UT":
        return [str(value) for value in array.tolist()], None
    if kind == "O":
        for value in array:
            if not isinstance(value, str):
                found = f"{value!r} of type {type(value).__name__}"
                raise Error(f"{what}: expected ids that are all integers or all strings, found {found}")
        return array.tolist(), None
    raise Error(f"{what}: expected ids that are all integers or all strings, found {array.dtype}")


def pairs_of(pairs: Any) -> tuple[Any, Any]:
    """Returns the columns of ids of pairs: an array ``(n, 2)``, a list of pairs, or a table of two columns."""
    if hasattr(pairs, "iloc"):  # pandas
        return ids_of(pairs.iloc[:, 0], "pairs")[0], ids_of(pairs.iloc[:, 1], "pairs")[0]
    if hasattr(pairs, "column_names") and hasattr(pairs, "__arrow_c_stream__"):
        names = pairs.column_names
        return ids_of(pairs[names[0]], "pairs")[0], ids_of(pairs[names[1]], "pairs")[0]
    if hasattr(pairs, "get_columns"):  # polars
        first, second = pairs.get_columns()[:2]
        return ids_of(first, "pairs")[0], ids_of(second, "pairs")[0]
    src, dst, _ = columns_of(pairs, "pairs")
    return src, dst


def columns_of(pairs: Any, what: str) -> tuple[Any, Any, np.dtype | None]:
    """Returns the two columns of an array ``(n, 2)`` or of a list of pairs, and the type of integers."""
    if hasattr(pairs, "__array__"):
        array = numpy_of(pairs)
        if array.ndim != 2 or array.shape[1] != 2:
            raise Error(f"{what}: expected an array of shape (n, 2), found shape {array.shape}")
        src, dtype = ids_of(array[:, 0], what)
        return src, ids_of(array[:, 1], what)[0], dtype
    rows = list(pairs)
    for at, row in enumerate(rows):
        if isinstance(row, str) or not hasattr(row, "__len__") or len(row) != 2:
            raise Error(f"{what}: expected pairs of ids, found {row!r} in row {at}")
    src, dtype = ids_of([row[0] for row in rows], what)
    return src, ids_of([row[1] for row in rows], what)[0], dtype


def features_of(features: Any) -> Any:
    """Returns features as a float32 array, or as compressed rows if they are a scipy sparse matrix."""
    if hasattr(features, "tocsr"):
        rows = features.tocsr().astype(np.float32)
        if rows is features:
            rows = rows.copy()
        rows.sum_duplicates()
        rows.eliminate_zeros()
        rows.sort_indices()
        return (
            int(rows.shape[1]),
            np.ascontiguousarray(rows.indptr, dtype=np.int64),
            np.ascontiguousarray(rows.indices, dtype=np.uint32),
            np.ascontiguousarray(rows.data, dtype=np.float32),
        )
    try:
        array = np.ascontiguousarray(numpy_of(features), dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise Error(f"features: expected numbers, found others ({error})") from None
    if array.ndim != 2:
        raise Error(f"features: expected an array of shape (nodes, features), found shape {array.shape}")
    return array


def labels_of(labels: Any) -> tuple[list[str | None], np.ndarray]:
    """Returns labels as strings, ``None`` where one is missing, and as they were given."""
    given = numpy_of(labels)
    if given.ndim != 1:
        raise Error(f"labels: expected one label per node, found shape {given.shape}")
    missing = [value is None or value != value for value in given.tolist()]
    texts = [None if absent else str(value) for value, absent in zip(given.tolist(), missing)]
    return texts, given
