//! Matrices as numpy arrays.

use numpy::ndarray::ArrayView2;
use numpy::{PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use vgae_artifacts::Matrix;

use crate::error::to_py;

/// Returns a copy of a matrix.
pub(crate) fn copy<'py>(py: Python<'py>, matrix: &Matrix) -> PyResult<Bound<'py, PyArray2<f32>>> {
    Ok(PyArray2::from_array(py, &array(matrix)?))
}

/// Returns a numpy array that reads the memory of `owner`.
pub(crate) fn view<'py>(
    matrix: &Matrix,
    owner: Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let array = array(matrix)?;
    // SAFETY: `owner` is frozen and keeps the matrix, which is neither moved nor changed; the array is made read-only.
    let array = unsafe { PyArray2::borrow_from_array(&array, owner) };
    array.readwrite().make_nonwriteable();
    Ok(array)
}

fn array(matrix: &Matrix) -> PyResult<ArrayView2<'_, f32>> {
    ArrayView2::from_shape((matrix.rows(), matrix.cols()), matrix.as_slice()).map_err(to_py)
}
