//! The state of values as the files of a run, for pickling.

use std::collections::BTreeMap;
use std::path::Path;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::error::to_py;

/// The bytes of files by their names.
pub(crate) type Files<'py> = BTreeMap<String, Bound<'py, PyBytes>>;

/// Returns the files that `write` writes into the folder it is given.
pub(crate) fn pack<'py>(
    py: Python<'py>,
    write: impl FnOnce(&Path) -> PyResult<()>,
) -> PyResult<Files<'py>> {
    let folder = tempfile::tempdir().map_err(to_py)?;
    write(folder.path())?;
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder.path()).map_err(to_py)? {
        let path = entry.map_err(to_py)?.path();
        let bytes = std::fs::read(&path).map_err(to_py)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.insert(name, PyBytes::new(py, &bytes));
    }
    Ok(files)
}

/// Returns what `read` reads from a folder with these files.
pub(crate) fn unpack<T>(files: &Files<'_>, read: impl FnOnce(&Path) -> PyResult<T>) -> PyResult<T> {
    let folder = tempfile::tempdir().map_err(to_py)?;
    for (name, bytes) in files {
        // A name with a path would leave the folder.
        let name = Path::new(name).file_name().unwrap_or_default();
        std::fs::write(folder.path().join(name), bytes.as_bytes()).map_err(to_py)?;
    }
    read(folder.path())
}
