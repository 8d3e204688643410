//! Typed views of a read pickle: a CSR matrix, an array, a dictionary of adjacency lists.

use super::machine::Pickle;
use super::values::{Body, Global, Item};
use crate::FormatError;

type Result<T, E = FormatError> = std::result::Result<T, E>;

/// The element types that are read; all little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    /// 32-bit signed integer.
    I32,
    /// 64-bit signed integer.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
}

impl Scalar {
    fn size(self) -> usize {
        match self {
            Self::I32 | Self::F32 => 4,
            Self::I64 | Self::F64 => 8,
        }
    }

    fn is_integer(self) -> bool {
        matches!(self, Self::I32 | Self::I64)
    }
}

/// A numpy array whose bytes are still those of the file; their number fits shape and type.
#[derive(Debug, Clone, PartialEq)]
pub struct Array<'a> {
    /// The length of each axis.
    pub shape: Vec<usize>,
    /// Type of the elements.
    pub scalar: Scalar,
    /// Column-major order.
    pub fortran: bool,
    data: &'a [u8],
}

impl Array<'_> {
    /// The elements in the order they are stored, as `f64`.
    pub fn floats(&self) -> impl Iterator<Item = f64> + '_ {
        let scalar = self.scalar;
        self.data.chunks_exact(scalar.size()).map(move |bytes| {
            let (low, wide) = words(bytes);
            #[expect(
                clippy::cast_possible_wrap,
                reason = "the bits of a signed integer, read as such"
            )]
            match scalar {
                Scalar::F32 => f64::from(f32::from_bits(low)),
                Scalar::F64 => f64::from_bits(wide),
                Scalar::I32 => f64::from(low as i32),
                Scalar::I64 => wide as i64 as f64,
            }
        })
    }

    /// The elements in the order they are stored; empty for an array of floats.
    pub fn integers(&self) -> impl Iterator<Item = i64> + '_ {
        let scalar = self.scalar;
        let data = if scalar.is_integer() { self.data } else { &[] };
        data.chunks_exact(scalar.size()).map(move |bytes| {
            let (low, wide) = words(bytes);
            #[expect(
                clippy::cast_possible_wrap,
                reason = "the bits of a signed integer, read as such"
            )]
            if scalar == Scalar::I32 { i64::from(low as i32) } else { wide as i64 }
        })
    }

    /// A two-dimensional array as rows of `f64`; `None` when it has other dimensions.
    #[must_use]
    pub fn rows(&self) -> Option<Vec<Vec<f64>>> {
        let &[rows, cols] = self.shape.as_slice() else { return None };
        let values: Vec<f64> = self.floats().collect();
        let value = |row: usize, col: usize| {
            let at = if self.fortran { col * rows + row } else { row * cols + col };
            values[at]
        };
        // An array without columns has no bytes that would bound its claimed number of rows.
        let rows = if cols == 0 { 0 } else { rows };
        Some((0..rows).map(|row| (0..cols).map(|col| value(row, col)).collect()).collect())
    }
}

/// Up to eight little-endian bytes, as a 32-bit and a 64-bit word.
fn words(bytes: &[u8]) -> (u32, u64) {
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    let wide = u64::from_le_bytes(wide);
    #[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
    let low = wide as u32;
    (low, wide)
}

/// A sparse matrix in compressed rows: pointers add up, columns ascend within a row and lie below `cols`,
/// no stored value is zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Csr {
    /// The number of columns.
    pub cols: usize,
    /// Where each row starts; one more than there are rows.
    pub row_starts: Vec<usize>,
    /// The column of each value.
    pub columns: Vec<u32>,
    /// The values, `f64` rounded to `f32`.
    pub values: Vec<f32>,
}

impl Csr {
    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.row_starts.len() - 1
    }
}

impl<'a> Pickle<'a> {
    /// The pickle as a scipy CSR matrix.
    ///
    /// # Errors
    /// When it is something else, an element type is not read, or the arrays do not make a CSR matrix.
    pub fn csr(&self) -> Result<Csr> {
        let Some((Global::CsrMatrix, _, Some(state))) = self.object(self.root) else {
            return self.fault(self.root, "a csr_matrix", self.kind(self.root));
        };
        let Some(Body::Dict(fields)) = self.body(state) else {
            return self.fault(state, "the fields of a csr_matrix", self.kind(state));
        };
        let field = |names: &[&str]| {
            let is_named = |key: Item| {
                self.string(key).is_some_and(|key| names.iter().any(|name| name.as_bytes() == key))
            };
            let found = fields.iter().rev().find(|(key, _)| is_named(*key));
            match found {
                Some(&(_, value)) => Ok(value),
                None => self.fault(state, format!("a field `{}`", names[0]), "none of that name"),
            }
        };
        let shape_item = field(&["_shape", "shape"])?;
        let shape = self.shape(shape_item)?;
        let &[rows, cols] = shape.as_slice() else {
            return self.fault(shape_item, "a shape of two axes", format!("{} axes", shape.len()));
        };
        if u32::try_from(cols).is_err() {
            return self.fault(shape_item, "fewer than 2^32 columns", cols.to_string());
        }
        let vector = |name: &str, integers: bool| {
            let item = field(&[name])?;
            let array = self.array(item)?;
            if array.shape.len() != 1 || (integers && !array.scalar.is_integer()) {
                let expected =
                    if integers { "a vector of integers" } else { "a vector of numbers" };
                let found = format!("{:?} of shape {:?}", array.scalar, array.shape);
                return self.fault(item, format!("`{name}`: {expected}"), found);
            }
            Ok((item, array))
        };
        let (pointers_at, pointers) = vector("indptr", true)?;
        let (columns_at, columns) = vector("indices", true)?;
        let (_, values) = vector("data", false)?;

        let row_starts: Vec<usize> =
            pointers.integers().map(|at| usize::try_from(at).unwrap_or(usize::MAX)).collect();
        let stored = columns.shape[0];
        let adds_up = Some(row_starts.len()) == rows.checked_add(1)
            && row_starts.first() == Some(&0)
            && row_starts.last() == Some(&stored)
            && row_starts.is_sorted()
            && values.shape[0] == stored;
        if !adds_up {
            return self.fault(
                pointers_at,
                format!("{rows} + 1 row pointers ascending from 0 to the number of stored values"),
                format!(
                    "{} pointers from {:?} to {:?}, {stored} column indices, {} values",
                    row_starts.len(),
                    pointers.integers().next(),
                    pointers.integers().last(),
                    values.shape[0]
                ),
            );
        }
        let column = |index: i64| {
            u32::try_from(index).ok().filter(|&column| (column as usize) < cols).ok_or(index)
        };
        let columns = match columns.integers().map(column).collect::<Result<Vec<u32>, i64>>() {
            Ok(columns) => columns,
            Err(index) => {
                let expected = format!("column indices below {cols}");
                return self.fault(columns_at, expected, index.to_string());
            }
        };
        #[expect(clippy::cast_possible_truncation, reason = "features are stored as f32")]
        let values: Vec<f32> = values.floats().map(|value| value as f32).collect();
        match normalised(cols, &row_starts, &columns, &values) {
            Ok(csr) => Ok(csr),
            Err(row) => self.fault(columns_at, "each column once a row", format!("row {row}")),
        }
    }

    /// The pickle as a two-dimensional numpy array.
    ///
    /// # Errors
    /// When it is something else, or its element type is not read.
    pub fn matrix(&self) -> Result<Array<'a>> {
        let array = self.array(self.root)?;
        if array.shape.len() != 2 {
            let found = format!("{} axes", array.shape.len());
            return self.fault(self.root, "an array of two axes", found);
        }
        Ok(array)
    }

    /// The pickle as a dictionary from node to the list of its neighbours, in the file's order.
    ///
    /// # Errors
    /// When it is something else, or the lists hold more entries than the file has bytes (which only
    /// lists that share their storage can).
    pub fn adjacency(&self) -> Result<Vec<(i64, Vec<i64>)>> {
        let entries = match self.object(self.root) {
            Some((Global::DefaultDict, _, Some(state))) => self.body(state),
            _ => self.body(self.root),
        };
        let Some(Body::Dict(entries)) = entries else {
            return self.fault(self.root, "a dict of lists", self.kind(self.root));
        };
        let mut total = 0usize;
        let mut lists = Vec::with_capacity(entries.len());
        for &(key, value) in entries {
            let Item::Int(node) = key else {
                return self.fault(self.root, "integers as keys", self.kind(key));
            };
            let Some(Body::List(neighbours)) = self.body(value) else {
                return self.fault(value, "a list of neighbours", self.kind(value));
            };
            total += neighbours.len();
            if total > self.bytes.len() {
                return self.fault(
                    value,
                    "fewer neighbours than bytes in the file",
                    "lists that share their storage",
                );
            }
            let mut list = Vec::with_capacity(neighbours.len());
            for &neighbour in neighbours {
                let Item::Int(neighbour) = neighbour else {
                    return self.fault(value, "integers as neighbours", self.kind(neighbour));
                };
                list.push(neighbour);
            }
            lists.push((node, list));
        }
        Ok(lists)
    }

    fn array(&self, item: Item) -> Result<Array<'a>> {
        let Some((Global::Reconstruct, _, Some(state))) = self.object(item) else {
            return self.fault(item, "a numpy array", self.kind(item));
        };
        let Some(Body::Tuple(parts)) = self.body(state) else {
            return self.fault(state, "the state of an array", self.kind(state));
        };
        let &[Item::Int(_), shape, dtype, Item::Bool(fortran), data] = parts.as_slice() else {
            return self.fault(
                state,
                "(version, shape, dtype, order, bytes)",
                format!("{} other parts", parts.len()),
            );
        };
        let shape = self.shape(shape)?;
        let scalar = self.scalar(dtype)?;
        let Some(bytes) = self.string(data) else {
            return self.fault(state, "the bytes of an array", self.kind(data));
        };
        let claimed = shape
            .iter()
            .try_fold(scalar.size(), |product, &axis| product.checked_mul(axis))
            .filter(|&claimed| claimed == bytes.len());
        if claimed.is_none() {
            return self.fault(
                state,
                format!("bytes for shape {shape:?} of {scalar:?}"),
                format!("{} bytes", bytes.len()),
            );
        }
        Ok(Array { shape, scalar, fortran, data: bytes })
    }

    fn shape(&self, item: Item) -> Result<Vec<usize>> {
        let Some(Body::Tuple(axes)) = self.body(item) else {
            return self.fault(item, "a shape", self.kind(item));
        };
        let axis = |&axis: &Item| match axis {
            Item::Int(length) => usize::try_from(length).ok(),
            _ => None,
        };
        match axes.iter().map(axis).collect::<Option<Vec<usize>>>() {
            // numpy itself has at most 64 axes.
            Some(shape) if shape.len() <= 64 => Ok(shape),
            _ => self.fault(item, "a shape of non-negative lengths", "something else"),
        }
    }

    fn scalar(&self, item: Item) -> Result<Scalar> {
        let Some((Global::Dtype, args, Some(state))) = self.object(item) else {
            return self.fault(item, "a dtype with a byte order", self.kind(item));
        };
        let first = |item: Item, index: usize| match self.body(item) {
            Some(Body::Tuple(parts)) => parts.get(index).and_then(|&part| self.string(part)),
            _ => None,
        };
        let (code, order) = (first(args, 0), first(state, 1));
        match (code, order) {
            (Some(b"i4"), Some(b"<")) => Ok(Scalar::I32),
            (Some(b"i8"), Some(b"<")) => Ok(Scalar::I64),
            (Some(b"f4"), Some(b"<")) => Ok(Scalar::F32),
            (Some(b"f8"), Some(b"<")) => Ok(Scalar::F64),
            (Some(b"i4" | b"i8" | b"f4" | b"f8"), Some(b">")) => {
                self.fault(item, "a little-endian array", "a big-endian one")
            }
            (code, order) => {
                let shown = |bytes: Option<&[u8]>| {
                    bytes.map_or("nothing".to_owned(), |bytes| {
                        bytes[..bytes.len().min(32)].escape_ascii().to_string()
                    })
                };
                self.fault(
                    item,
                    "little-endian elements of type i4, i8, f4 or f8",
                    format!("type {} in byte order {}", shown(code), shown(order)),
                )
            }
        }
    }

    // Looking into the arena.

    fn body(&self, item: Item) -> Option<&Body> {
        match item {
            Item::Compound(index) => self.arena.get(index as usize).map(|compound| &compound.body),
            _ => None,
        }
    }

    fn object(&self, item: Item) -> Option<(Global, Item, Option<Item>)> {
        match self.body(item) {
            Some(&Body::Object { class, args, state }) => Some((class, args, state)),
            _ => None,
        }
    }

    fn string(&self, item: Item) -> Option<&'a [u8]> {
        match item {
            Item::Bytes { start, len } => {
                self.bytes.get(start as usize..).and_then(|rest| rest.get(..len as usize))
            }
            _ => None,
        }
    }

    fn kind(&self, item: Item) -> &'static str {
        self.body(item).map_or(item.kind(), Body::kind)
    }

    fn fault<T>(
        &self,
        item: Item,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Result<T> {
        let at = match item {
            Item::Compound(index) => {
                self.arena.get(index as usize).map_or(0, |compound| compound.at)
            }
            Item::Bytes { start, .. } => start,
            _ => 0,
        };
        Err(FormatError::byte(self.name, u64::from(at), expected, found))
    }
}

/// Sorts the columns of each row and drops stored zeros. A column that a row names twice: `Err(row)`.
fn normalised(
    cols: usize,
    row_starts: &[usize],
    columns: &[u32],
    values: &[f32],
) -> Result<Csr, usize> {
    let mut csr = Csr { cols, row_starts: vec![0], columns: Vec::new(), values: Vec::new() };
    let mut entries: Vec<(u32, f32)> = Vec::new();
    for (row, bounds) in row_starts.windows(2).enumerate() {
        let range = bounds[0]..bounds[1];
        entries.clear();
        entries.extend(columns[range.clone()].iter().copied().zip(values[range].iter().copied()));
        entries.sort_unstable_by_key(|&(column, _)| column);
        if entries.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(row);
        }
        for &(column, value) in entries.iter().filter(|(_, value)| *value != 0.0) {
            csr.columns.push(column);
            csr.values.push(value);
        }
        csr.row_starts.push(csr.columns.len());
    }
    Ok(csr)
}
