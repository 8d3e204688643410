//! The `vgae` command.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs the `vgae` command. `args` has the name of the program first. Returns the exit code. The process ends within
/// this call for help texts and invalid arguments.
#[pyfunction]
pub(crate) fn main(py: Python<'_>, args: Vec<OsString>) -> u8 {
    let code = py.detach(|| vgae_cli::main_from(args));
    // An exit code has no public value: 0, 1 and 2 are those of the command.
    (0..=2).find(|&known| code == known.into()).unwrap_or(1)
}
