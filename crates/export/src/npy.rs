//! Matrices in the `NumPy` file format.

use std::io::{self, Write};
use std::path::Path;

use vgae_artifacts::{ArtifactError, Matrix, Result, atomic};

/// Alignment in bytes of the header and of the values after it, which allows memory-mapping.
const ALIGNMENT: usize = 64;

/// Writes a matrix as `.npy` (format 1.0: little-endian `f32`, row-major), atomically.
///
/// Source: `NumPy` reference, "numpy.lib.format".
///
/// # Errors
/// Returns an error when the file cannot be written.
pub fn write_npy(path: &Path, matrix: &Matrix) -> Result<()> {
    atomic::write_with(path, |file| write(file, matrix).map_err(ArtifactError::io("write", path)))
}

fn write(file: &mut impl Write, matrix: &Matrix) -> io::Result<()> {
    const BEFORE: usize = b"\x93NUMPY\x01\x00".len() + size_of::<u16>();
    let (rows, cols) = (matrix.rows(), matrix.cols());
    let mut header =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {cols}), }}");
    let end = (BEFORE + header.len() + 1).next_multiple_of(ALIGNMENT);
    header.push_str(&" ".repeat(end - BEFORE - header.len() - 1));
    header.push('\n');
    let length = u16::try_from(header.len()).map_err(io::Error::other)?;
    file.write_all(b"\x93NUMPY\x01\x00")?;
    file.write_all(&length.to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    matrix.as_slice().iter().try_for_each(|value| file.write_all(&value.to_le_bytes()))
}
