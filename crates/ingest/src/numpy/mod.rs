//! Features of nodes as numpy and scipy save them: a dense matrix as `.npy`, a sparse one as `.npz`.
//!
//! Nothing in such a file is executed: the header of an array is read as the few literals that it may hold,
//! and pickled objects are refused. What a header claims is held against the bytes that are there before
//! anything is allocated for it.

mod array;
mod header;

use std::io::{Cursor, Read};

use vgae_artifacts::{Features, claims};

use crate::FormatError;
pub use array::Array;

/// The most features that a file may have: weights of more would fill the memory before anything is learned.
pub const MOST_FEATURES: usize = 1 << 24;

type Result<T, E = FormatError> = std::result::Result<T, E>;

/// A matrix of two axes from the bytes of a `.npy` file, a row a node; zeros are not stored. `name` is for
/// errors.
///
/// # Errors
/// When this is no such file, it is cut off, its elements are no numbers, or one is not finite in `f32`.
pub fn dense(name: &str, bytes: &[u8]) -> Result<Features> {
    let array = Array::parse(name, bytes)?;
    let &[rows, cols] = array.shape() else {
        let found = format!("the shape {:?}", array.shape());
        return Err(FormatError::whole(name, "a matrix: an array of two axes", found));
    };
    if cols == 0 {
        return Err(FormatError::whole(name, "at least one column", "none"));
    }
    let narrow = |row: usize, col: usize, value: f64| {
        finite(value).ok_or_else(|| {
            let expected = format!("a finite number in column {col} (from 0)");
            FormatError::row(name, row, expected, format!("{value:e}"))
        })
    };
    let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
    for row in 0..rows {
        for (index, col) in (0u32..).zip(0..cols) {
            let value = narrow(row, col, array.float(array.place(row, col)))?;
            if value != 0.0 {
                columns.push(index);
                values.push(value);
            }
        }
        starts.push(values.len());
    }
    assemble(name, cols, starts, columns, values)
}

/// A sparse matrix from the bytes of a `.npz` file as `scipy.sparse.save_npz` writes one in CSR form, a row a
/// node. As scipy has it, columns may stand in any order within a row, and entries of one place are added.
/// `name` is for errors.
///
/// # Errors
/// When this is no such file, it is in another form than CSR, its arrays do not make a matrix, or a value is
/// not finite in `f32`.
pub fn csr(name: &str, bytes: &[u8]) -> Result<Features> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
        FormatError::whole(
            name,
            "an archive of arrays, as `scipy.sparse.save_npz` writes it",
            error.to_string(),
        )
    })?;
    let limit = claims::most_unpacked(bytes.len() as u64);
    let mut member = |member: &str| -> Result<Vec<u8>> {
        let fault = |found: String| {
            let expected = format!(
                "an array `{member}`, as `scipy.sparse.save_npz` writes it of a CSR matrix"
            );
            FormatError::whole(name, expected, found)
        };
        let file = archive.by_name(member).map_err(|error| fault(error.to_string()))?;
        let mut content = Vec::new();
        let read = file.take(limit + 1).read_to_end(&mut content);
        read.map_err(|error| fault(error.to_string()))?;
        if content.len() as u64 > limit {
            return Err(fault(format!(
                "one of more than {limit} bytes in an archive of {}",
                bytes.len()
            )));
        }
        Ok(content)
    };
    let part = |array: &str| format!("{name}/{array}");
    let form = member("format.npy")?;
    let form = Array::parse(&part("format.npy"), &form)?.text();
    if form.as_deref() != Some("csr") {
        let found = format!("`{}`", form.as_deref().unwrap_or("something else"));
        let expected = "the form `csr` (call `.tocsr()` before saving)";
        return Err(FormatError::whole(name, expected, found));
    }
    let vector = |array: &str, content: &[u8]| -> Result<Vec<usize>> {
        let name = part(array);
        let vector = Array::parse(&name, content)?;
        let whole = vector.wholes().filter(|_| vector.shape().len() == 1).ok_or_else(|| {
            let found = format!("{} of shape {:?}", vector.kind(), vector.shape());
            FormatError::whole(&name, "a vector of whole numbers", found)
        })?;
        whole
            .map(|value| {
                usize::try_from(value)
                    .map_err(|_| FormatError::whole(&name, "no negative number", value.to_string()))
            })
            .collect()
    };
    let shape = vector("shape.npy", &member("shape.npy")?)?;
    let &[rows, cols] = shape.as_slice() else {
        let found = format!("{} axes", shape.len());
        return Err(FormatError::whole(&part("shape.npy"), "two axes", found));
    };
    let starts = vector("indptr.npy", &member("indptr.npy")?)?;
    let indices = vector("indices.npy", &member("indices.npy")?)?;
    let data = member("data.npy")?;
    let data = Array::parse(&part("data.npy"), &data)?;
    let adds_up = Some(starts.len()) == rows.checked_add(1)
        && starts.first() == Some(&0)
        && starts.last() == Some(&indices.len())
        && starts.is_sorted()
        && data.shape() == [indices.len()];
    if !adds_up {
        let expected =
            format!("{rows} + 1 row pointers rising from 0 to the number of indices and values");
        let found = format!(
            "{} pointers up to {}, {} indices, values of shape {:?}",
            starts.len(),
            starts.last().copied().unwrap_or_default(),
            indices.len(),
            data.shape()
        );
        return Err(FormatError::whole(name, expected, found));
    }

    sorted_rows(name, cols, (&starts, &indices), &data)
}

/// Compressed rows as scipy has them, sorted, entries of one place added, without zeros.
fn sorted_rows(
    name: &str,
    cols: usize,
    (starts, indices): (&[usize], &[usize]),
    data: &Array<'_>,
) -> Result<Features> {
    let (mut kept, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
    let mut entries: Vec<(u32, f64)> = Vec::new();
    for (row, bounds) in starts.windows(2).enumerate() {
        entries.clear();
        for (at, &index) in (bounds[0]..bounds[1]).zip(&indices[bounds[0]..bounds[1]]) {
            let column = u32::try_from(index).ok().filter(|_| index < cols).ok_or_else(|| {
                let expected = format!("column indices below {cols}");
                FormatError::row(name, row, expected, index.to_string())
            })?;
            entries.push((column, data.float(at)));
        }
        // Stable: values of one place are added in the order of the file.
        entries.sort_by_key(|&(column, _)| column);
        for run in entries.chunk_by(|a, b| a.0 == b.0) {
            let sum: f64 = run.iter().map(|(_, value)| value).sum();
            let value = finite(sum).ok_or_else(|| {
                let expected = format!("a finite number in column {} (from 0)", run[0].0);
                FormatError::row(name, row, expected, format!("{sum:e}"))
            })?;
            if value != 0.0 {
                columns.push(run[0].0);
                values.push(value);
            }
        }
        kept.push(values.len());
    }
    assemble(name, cols, kept, columns, values)
}

fn assemble(
    name: &str,
    cols: usize,
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
) -> Result<Features> {
    if cols > MOST_FEATURES {
        let expected = format!("at most {MOST_FEATURES} columns");
        return Err(FormatError::whole(name, expected, cols.to_string()));
    }
    Features::from_rows(cols, starts, columns, values)
        .map_err(|error| FormatError::whole(name, "rows of features", error.to_string()))
}

fn finite(value: f64) -> Option<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "features are stored as f32")]
    let narrow = value as f32;
    narrow.is_finite().then_some(narrow)
}

#[cfg(test)]
mod tests;
