//! Errors of the library as Python exceptions.

use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

create_exception!(
    vgae,
    Error,
    PyValueError,
    "An error of vgae: what failed, what was expected and what was found."
);

/// Converts an error and its causes to a Python exception with the message of the command line.
pub(crate) fn to_py(error: impl std::error::Error) -> PyErr {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        // Transparent wrappers repeat their cause.
        if !text.ends_with(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        cause = error.source();
    }
    Error::new_err(text)
}

/// Creates the error of a value that is not what was expected.
pub(crate) fn invalid(what: &str, expected: &str, found: impl std::fmt::Display) -> PyErr {
    Error::new_err(format!("{what}: expected {expected}, found {found}"))
}
