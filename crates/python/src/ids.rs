//! Columns of node ids: integers or strings.

use std::collections::HashSet;
use std::fmt::Display;
use std::hash::Hash;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, LargeStringArray, StringArray, StringViewArray,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Int64Type};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use vgae::Graph;
use vgae_artifacts::IdType;
use vgae_ingest::{NumberedEnds, integer_ends, text_ends};

use crate::error::{invalid, to_py};

/// A column of ids from Python: a numpy array of int64, or a list of strings.
#[derive(FromPyObject)]
pub(crate) enum GivenIds<'py> {
    Integers(PyReadonlyArray1<'py, i64>),
    Text(Vec<String>),
}

impl GivenIds<'_> {
    pub(crate) fn column(&self, what: &str) -> PyResult<Column<'_>> {
        Ok(match self {
            Self::Integers(array) => Column::Integers(
                array.as_slice().map_err(|error| invalid(what, "a contiguous array", error))?,
            ),
            Self::Text(texts) => Column::Text(Texts::List(texts)),
        })
    }
}

/// A column of an Arrow table, of type int64 or one of the string types.
pub(crate) struct ArrowIds(ArrayRef);

impl ArrowIds {
    /// Accepts integers, strings and dictionaries of them, without nulls.
    pub(crate) fn new(what: &str, array: &ArrayRef) -> PyResult<Self> {
        let expected = "a column of integers or strings without nulls";
        if array.null_count() > 0 {
            return Err(invalid(what, expected, format!("{} nulls", array.null_count())));
        }
        let values = match array.data_type() {
            DataType::Dictionary(_, values) => values,
            other => other,
        };
        let wanted = match values {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => values,
            integer if integer.is_integer() => &DataType::Int64,
            other => return Err(invalid(what, expected, other)),
        };
        if array.data_type() == wanted {
            return Ok(Self(array.clone()));
        }
        let options = CastOptions { safe: false, ..CastOptions::default() };
        let cast = cast_with_options(array, wanted, &options);
        Ok(Self(cast.map_err(|error| invalid(what, "integers below 2^63", error))?))
    }

    pub(crate) fn column(&self) -> Column<'_> {
        match self.0.data_type() {
            DataType::Int64 => Column::Integers(self.0.as_primitive::<Int64Type>().values()),
            DataType::LargeUtf8 => Column::Text(Texts::Large(self.0.as_string())),
            DataType::Utf8View => Column::Text(Texts::View(self.0.as_string_view())),
            _ => Column::Text(Texts::Small(self.0.as_string())),
        }
    }
}

/// A column of ids.
#[derive(Clone, Copy)]
pub(crate) enum Column<'a> {
    Integers(&'a [i64]),
    Text(Texts<'a>),
}

/// A column of strings.
#[derive(Clone, Copy)]
pub(crate) enum Texts<'a> {
    List(&'a [String]),
    Small(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
}

impl<'a> Texts<'a> {
    pub(crate) fn len(self) -> usize {
        match self {
            Self::List(texts) => texts.len(),
            Self::Small(texts) => texts.len(),
            Self::Large(texts) => texts.len(),
            Self::View(texts) => texts.len(),
        }
    }

    pub(crate) fn get(self, at: usize) -> &'a str {
        match self {
            Self::List(texts) => &texts[at],
            Self::Small(texts) => texts.value(at),
            Self::Large(texts) => texts.value(at),
            Self::View(texts) => texts.value(at),
        }
    }

    fn to_vec(self) -> Vec<String> {
        (0..self.len()).map(|at| self.get(at).to_owned()).collect()
    }
}

impl Column<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Integers(_) => "integers",
            Self::Text(_) => "strings",
        }
    }
}

/// Edges between numbered nodes, and the ids of the nodes.
pub(crate) struct Numbered {
    pub(crate) ends: NumberedEnds,
    pub(crate) ids: Vec<String>,
    pub(crate) are_text: bool,
}

/// Numbers the nodes of edges: `nodes` in their order if given, else by first appearance.
pub(crate) fn number([src, dst]: [Column<'_>; 2], nodes: Option<Column<'_>>) -> PyResult<Numbered> {
    match (src, dst, nodes) {
        (Column::Integers(src), Column::Integers(dst), None | Some(Column::Integers(_))) => {
            let known = match nodes {
                Some(Column::Integers(known)) => Some(known),
                _ => None,
            };
            each_once(known.unwrap_or_default())?;
            let ends = integer_ends(known, [src, dst]).map_err(to_py)?;
            let new = ends.new.iter().map(|&at| [src, dst][at % 2][at / 2]);
            let known = known.unwrap_or_default().iter().copied();
            let ids = known.chain(new).map(|id| id.to_string()).collect();
            Ok(Numbered { ends, ids, are_text: false })
        }
        (Column::Text(src), Column::Text(dst), None | Some(Column::Text(_))) => {
            if src.len() != dst.len() {
                let expected = format!("as many targets as sources ({})", src.len());
                return Err(invalid("edges", &expected, dst.len()));
            }
            let known = match nodes {
                Some(Column::Text(known)) => Some(known.to_vec()),
                _ => None,
            };
            each_once(known.as_deref().unwrap_or_default())?;
            let text = |at: usize| [src, dst][at % 2].get(at / 2);
            let ends = text_ends(known.as_deref(), 2 * src.len(), text).map_err(to_py)?;
            let mut ids = known.clone().unwrap_or_default();
            ids.extend(ends.new.iter().map(|&at| text(at).to_owned()));
            Ok(Numbered { ends, ids, are_text: true })
        }
        (src, dst, nodes) => {
            let nodes = nodes.map(|nodes| format!(", nodes that are {}", nodes.kind()));
            let found = format!(
                "sources that are {}, targets that are {}{}",
                src.kind(),
                dst.kind(),
                nodes.unwrap_or_default()
            );
            Err(invalid("edges", "node ids of one type", found))
        }
    }
}

fn each_once<T: Eq + Hash + Display>(ids: &[T]) -> PyResult<()> {
    let mut seen = HashSet::with_capacity(ids.len());
    match ids.iter().find(|id| !seen.insert(*id)) {
        Some(id) => Err(invalid("nodes", "each id once", format!("`{id}` twice"))),
        None => Ok(()),
    }
}

/// The ids of nodes as a column: int64, or utf8.
pub(crate) fn id_column(graph: &Graph, nodes: impl Iterator<Item = u32>) -> ArrayRef {
    let ids = nodes.map(|node| graph.nodes.ids()[node as usize].as_str());
    match graph.nodes.id_type() {
        // All integer ids parse.
        IdType::Integer => Arc::new(ids.map(|id| id.parse::<i64>().ok()).collect::<Int64Array>()),
        IdType::Text => Arc::new(StringArray::from_iter_values(ids)),
    }
}
