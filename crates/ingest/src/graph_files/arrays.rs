//! Graphs as arrays of numpy: an edge index, a dense adjacency matrix, or a sparse one of scipy. Ids count from 0.

use std::io::{Cursor, Read};

use vgae_artifacts::claims;

use super::GraphFile;
use super::tables::Entries;
use crate::FormatError;
use crate::numpy::Array;

type Result<T, E = FormatError> = std::result::Result<T, E>;

/// Magic bytes of a `.npy` file.
pub(super) const NPY: &[u8] = b"\x93NUMPY";
/// Magic bytes of a ZIP archive.
pub(super) const ZIP: &[u8] = b"PK\x03\x04";
/// The names of an edge index within an archive.
const EDGE_INDEX: [&str; 4] = ["edge_index.npy", "edges.npy", "edge_list.npy", "arr_0.npy"];

/// Whether an archive's first member is an array.
pub(super) fn is_npz(start: &[u8]) -> bool {
    let length = start.get(26..28).and_then(|length| <[u8; 2]>::try_from(length).ok());
    let length = usize::from(length.map_or(0, u16::from_le_bytes));
    start.get(30..30 + length).is_some_and(|name| name.ends_with(b".npy"))
}

/// Reads an array: an edge index of shape (2, E) or (E, 2), or a square adjacency matrix.
pub(super) fn npy(name: &str, bytes: &[u8]) -> Result<GraphFile> {
    let array = Array::parse(name, bytes)?;
    let expected = "an edge index of shape (2, E) or (E, 2), or a square adjacency matrix";
    match *array.shape() {
        [2, 2] => {
            let found = "the shape (2, 2), which may be any of these: write the edges as CSV";
            Err(FormatError::whole(name, expected, found))
        }
        [2, count] => edge_index(name, bytes.len(), &array, count, |edge| [(0, edge), (1, edge)]),
        [count, 2] => edge_index(name, bytes.len(), &array, count, |edge| [(edge, 0), (edge, 1)]),
        [nodes, same] if nodes == same => dense(name, bytes.len(), &array, nodes),
        _ => Err(FormatError::whole(name, expected, format!("the shape {:?}", array.shape()))),
    }
}

fn edge_index(
    name: &str,
    bytes: usize,
    array: &Array<'_>,
    count: usize,
    places: impl Fn(usize) -> [(usize, usize); 2],
) -> Result<GraphFile> {
    let id = |(row, column): (usize, usize)| {
        let place = array.place(row, column);
        array.whole(place).filter(|id| *id >= 0).ok_or_else(|| {
            let expected = "whole numbers from 0 as the ends of edges";
            FormatError::row(
                name,
                place,
                expected,
                format!("{:e} at ({row}, {column})", array.float(place)),
            )
        })
    };
    let mut entries = Entries::default();
    for [source, target] in (0..count).map(places) {
        entries.rows.push(id(source)?);
        entries.columns.push(id(target)?);
    }
    let description = format!("numpy, edge index {:?}", array.shape());
    // Nodes are those that edges name: the file has no number of nodes.
    let mut file = entries.finish(name, bytes, [0, 0], 0)?;
    file.nodes = None;
    Ok(GraphFile { description, ..file })
}

fn dense(name: &str, bytes: usize, array: &Array<'_>, nodes: usize) -> Result<GraphFile> {
    let mut entries = Entries::default();
    let mut weights = Vec::new();
    for (row, source) in (0..nodes).zip(0i64..) {
        for (column, target) in (0..nodes).zip(0i64..) {
            let weight = array.float(array.place(row, column));
            if weight != 0.0 {
                entries.rows.push(source);
                entries.columns.push(target);
                weights.push(weight);
            }
        }
    }
    entries.weights = Some(weights);
    let mut file = entries.finish(name, bytes, [nodes as u64; 2], 0)?;
    file.description = format!("numpy, adjacency matrix {}", file.description);
    Ok(file)
}

/// Reads an archive: a sparse matrix in CSR, CSC or COO form as `scipy.sparse.save_npz` writes it, or an edge index.
pub(super) fn npz(name: &str, bytes: &[u8]) -> Result<GraphFile> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
        FormatError::whole(
            name,
            "an archive of arrays, as numpy and scipy write it",
            error.to_string(),
        )
    })?;
    let names = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned()));
    let names: Vec<String> = names.collect();
    let limit = claims::most_unpacked(bytes.len() as u64);
    let mut member = |member: &str| -> Result<Vec<u8>> {
        let fault = |found: String| FormatError::whole(name, format!("an array `{member}`"), found);
        let file = archive.by_name(member).map_err(|error| fault(error.to_string()))?;
        let mut array = Vec::new();
        let read = file.take(limit.saturating_add(1)).read_to_end(&mut array);
        read.map_err(|error| fault(error.to_string()))?;
        if array.len() as u64 > limit {
            return Err(fault(format!("one of more than {limit} bytes")));
        }
        Ok(array)
    };
    if !names.iter().any(|name| name == "format.npy") {
        let Some(index) =
            EDGE_INDEX.into_iter().find(|index| names.iter().any(|name| name == index))
        else {
            let expected = "a sparse matrix of `scipy.sparse.save_npz`, or an array `edge_index`";
            let names = names.join(", ").replace(".npy", "");
            return Err(FormatError::whole(name, expected, format!("the arrays {names}")));
        };
        let array = member(index)?;
        return npy(&format!("{name}, array {}", index.trim_end_matches(".npy")), &array);
    }
    let format = member("format.npy")?;
    let format = Array::parse(name, &format)?.text().unwrap_or_default();
    let shape = member("shape.npy")?;
    let shape = wholes(name, "shape", &shape)?;
    let shape: Option<Vec<u64>> = shape.into_iter().map(|size| u64::try_from(size).ok()).collect();
    let Some(&[rows, columns]) = shape.as_deref() else {
        return Err(FormatError::whole(name, "a matrix of two axes", format!("{shape:?}")));
    };
    let mut entries = match format.as_str() {
        "csr" | "csc" => {
            let (starts, indices) = (member("indptr.npy")?, member("indices.npy")?);
            let (starts, indices) =
                (wholes(name, "indptr", &starts)?, wholes(name, "indices", &indices)?);
            let axis = if format == "csr" { rows } else { columns };
            let along = compressed(name, &starts, indices.len(), axis)?;
            let (rows, columns) = if format == "csr" { (along, indices) } else { (indices, along) };
            Entries { rows, columns, weights: None }
        }
        "coo" => {
            let (rows, columns) = (member("row.npy")?, member("col.npy")?);
            let (rows, columns) = (wholes(name, "row", &rows)?, wholes(name, "col", &columns)?);
            Entries { rows, columns, weights: None }
        }
        other => {
            let expected = "a sparse matrix in CSR, CSC or COO form (`matrix.tocsr()`)";
            return Err(FormatError::whole(name, expected, format!("`{other}`")));
        }
    };
    let data = member("data.npy")?;
    let data = Array::parse(name, &data)?;
    let (&[count], found) = (data.shape(), entries.rows.len()) else {
        return Err(FormatError::whole(name, "values in one axis", format!("{:?}", data.shape())));
    };
    if count != found || entries.columns.len() != found {
        let expected = format!("{found} values, a row and a column for each");
        let found = format!("{count} values, {} columns", entries.columns.len());
        return Err(FormatError::whole(name, expected, found));
    }
    for (indices, size, what) in
        [(&entries.rows, rows, "row"), (&entries.columns, columns, "column")]
    {
        let is_there = |index: &i64| u64::try_from(*index).is_ok_and(|index| index < size);
        if let Some(wrong) = indices.iter().find(|index| !is_there(index)) {
            let expected = format!("{what}s from 0 to {}", size.saturating_sub(1));
            return Err(FormatError::whole(name, expected, wrong.to_string()));
        }
    }
    entries.weights = Some((0..count).map(|at| data.float(at)).collect());
    let mut file = entries.finish(name, bytes.len(), [rows, columns], 0)?;
    file.description = format!("scipy sparse matrix, {format}, {}", file.description);
    Ok(file)
}

fn wholes(name: &str, what: &str, bytes: &[u8]) -> Result<Vec<i64>> {
    let array = Array::parse(name, bytes)?;
    let wholes = array.wholes().map(Iterator::collect);
    wholes.ok_or_else(|| {
        let expected = format!("whole numbers in `{what}`");
        FormatError::whole(name, expected, format!("`{}`", array.kind()))
    })
}

/// The row of each entry of a matrix in CSR form, or the column of one in CSC form.
fn compressed(name: &str, starts: &[i64], entries: usize, axis: u64) -> Result<Vec<i64>> {
    let rises = starts.is_sorted() && starts.first() == Some(&0);
    let ends = starts.last().and_then(|&end| usize::try_from(end).ok()) == Some(entries);
    if !rises || !ends || starts.len() as u64 != axis.saturating_add(1) {
        let expected =
            format!("`indptr` of {} numbers rising from 0 to {entries}", axis.saturating_add(1));
        return Err(FormatError::whole(name, expected, format!("{} numbers", starts.len())));
    }
    let mut along = Vec::with_capacity(entries);
    for (row, bounds) in (0i64..).zip(starts.windows(2)) {
        let count = usize::try_from(bounds[1] - bounds[0]).unwrap_or(0);
        along.extend(std::iter::repeat_n(row, count));
    }
    Ok(along)
}
