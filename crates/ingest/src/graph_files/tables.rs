//! Tables of nodes and edges, put together attribute by attribute.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, LargeStringArray, RecordBatch,
};
use arrow::datatypes::{Field, Schema};
use vgae_artifacts::claims;

use crate::FormatError;
use crate::canonical::canonical_integer;

type Result<T, E = FormatError> = std::result::Result<T, E>;

/// The type of an attribute where the file declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As the values look: whole numbers, numbers, booleans or text.
    Any,
    /// Text, whatever the values look like.
    Text,
}

/// Attributes of nodes or edges: columns of which some rows may lack a value.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    columns: Vec<Attribute>,
    places: HashMap<String, usize>,
}

#[derive(Debug)]
struct Attribute {
    name: String,
    kind: Kind,
    /// Row and value, rows rising.
    values: Vec<(usize, String)>,
}

impl Attributes {
    /// The number of the column of this name, which is added if there is none.
    pub(super) fn column(&mut self, name: &str, kind: Kind) -> usize {
        if let Some(&place) = self.places.get(name) {
            return place;
        }
        self.places.insert(name.to_owned(), self.columns.len());
        self.columns.push(Attribute { name: name.to_owned(), kind, values: Vec::new() });
        self.columns.len() - 1
    }

    /// Sets a value; a second one for the same row takes the place of the first.
    pub(super) fn set(&mut self, column: usize, row: usize, value: impl Into<String>) {
        let values = &mut self.columns[column].values;
        let at = values.partition_point(|(other, _)| *other < row);
        match values.get_mut(at).filter(|(other, _)| *other == row) {
            Some(slot) => slot.1 = value.into(),
            None => values.insert(at, (row, value.into())),
        }
    }

    /// Fills the rows that lack a value.
    pub(super) fn fill(&mut self, column: usize, rows: usize, value: &str) {
        let given = std::mem::take(&mut self.columns[column].values);
        let mut given = given.into_iter().peekable();
        let filled = (0..rows).map(|row| {
            given.next_if(|(other, _)| *other == row).unwrap_or_else(|| (row, value.to_owned()))
        });
        self.columns[column].values = filled.collect();
    }

    /// The name of a column, if it is of this name whatever its capitals.
    pub(super) fn find(&self, wanted: &str) -> Option<&str> {
        let mut names = self.columns.iter().map(|column| column.name.as_str());
        names.find(|name| name.eq_ignore_ascii_case(wanted))
    }

    /// Leaves out a column.
    pub(super) fn remove(&mut self, name: &str) {
        self.columns.retain(|column| column.name != name);
        self.places = self.columns.iter().map(|it| it.name.clone()).zip(0..).collect();
    }

    /// Leaves out a column if no two of its values are the same.
    pub(super) fn remove_names(&mut self, name: &str) {
        let Some(&place) = self.places.get(name) else { return };
        let values = &self.columns[place].values;
        let different: HashSet<&str> = values.iter().map(|(_, value)| value.as_str()).collect();
        if different.len() == values.len() {
            self.remove(name);
        }
    }

    /// Adds the columns, `rows` long, to those in `first`, whose names are not given away again. `bytes` is the
    /// length of the file, which must be able to hold so many values.
    pub(super) fn table(
        self,
        file: &str,
        bytes: usize,
        first: Vec<(&str, ArrayRef)>,
        rows: usize,
    ) -> Result<RecordBatch> {
        let cells = (self.columns.len() as u64).saturating_mul(rows as u64);
        let most = claims::most_unpacked(bytes as u64) / 8;
        if cells > most {
            let expected =
                format!("at most {most} places for attributes in a file of {bytes} bytes");
            let found = format!("{} attributes of {rows} nodes or edges", self.columns.len());
            return Err(FormatError::whole(file, expected, found));
        }
        let mut taken: Vec<String> = first.iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut columns: Vec<(String, ArrayRef)> =
            first.into_iter().map(|(name, column)| (name.to_owned(), column)).collect();
        for attribute in self.columns {
            let mut name = attribute.name.clone();
            while taken.contains(&name) {
                name.push('_');
            }
            taken.push(name.clone());
            columns.push((name, attribute.array(rows)));
        }
        batch(file, columns)
    }
}

impl Attribute {
    fn array(self, rows: usize) -> ArrayRef {
        let texts = || self.values.iter().map(|(_, text)| text.trim()).filter(|it| !it.is_empty());
        let is_text = self.kind == Kind::Text || texts().next().is_none();
        if !is_text && texts().all(|text| canonical_integer(text).is_some()) {
            return Arc::new(Int64Array::from(self.spread(rows, canonical_integer)));
        }
        if !is_text && texts().all(|text| text.parse::<f64>().is_ok()) {
            return Arc::new(Float64Array::from(self.spread(rows, |text| text.parse().ok())));
        }
        if !is_text && texts().all(|text| truth(text).is_some()) {
            return Arc::new(BooleanArray::from(self.spread(rows, truth)));
        }
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Arc::new(LargeStringArray::from(self.spread(rows, text)))
    }

    fn spread<T: Clone>(&self, rows: usize, value: impl Fn(&str) -> Option<T>) -> Vec<Option<T>> {
        let mut values = vec![None; rows];
        for (row, text) in &self.values {
            if let Some(slot) = values.get_mut(*row) {
                *slot = value(text.trim());
            }
        }
        values
    }
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// Ids as a column: whole numbers if all are.
pub(super) fn ids<'a>(ids: impl Iterator<Item = &'a str> + Clone) -> ArrayRef {
    let numbers: Option<Vec<i64>> = ids.clone().map(canonical_integer).collect();
    match numbers {
        Some(numbers) => Arc::new(Int64Array::from(numbers)),
        None => Arc::new(ids.map(Some).collect::<LargeStringArray>()),
    }
}

/// Columns of one length as a table.
pub(super) fn batch(file: &str, columns: Vec<(String, ArrayRef)>) -> Result<RecordBatch> {
    let field =
        |(name, column): &(String, ArrayRef)| Field::new(name, column.data_type().clone(), true);
    let fields: Vec<Field> = columns.iter().map(field).collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(|error| FormatError::whole(file, "columns of one length", error.to_string()))
}

/// A graph whose nodes have names, as it is read.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub(super) ids: Vec<String>,
    places: HashMap<String, usize>,
    pub(super) nodes: Attributes,
    pub(super) ends: Vec<[String; 2]>,
    pub(super) edges: Attributes,
}

impl Named {
    /// Memory of a node, rather too high than too low: its id twice, its place in a growing map, its row in a table.
    pub(super) const NODE_BYTES: u64 = 256;

    /// Adds a node; its number, or nothing if there is one of this id.
    pub(super) fn add(&mut self, id: &str) -> Option<usize> {
        let node = self.ids.len();
        if self.places.contains_key(id) {
            return None;
        }
        self.places.insert(id.to_owned(), node);
        self.ids.push(id.to_owned());
        Some(node)
    }

    /// The number of a node.
    pub(super) fn node(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// Adds an edge; its number.
    pub(super) fn connect(&mut self, source: &str, target: &str) -> usize {
        self.ends.push([source.to_owned(), target.to_owned()]);
        self.ends.len() - 1
    }

    /// Gives the edges that lack a weight the weight 1, if others have one.
    pub(super) fn fill_weights(&mut self) {
        if let Some(&column) = self.edges.places.get("weight") {
            self.edges.fill(column, self.ends.len(), "1");
        }
    }

    /// Calls every node by the value of an attribute, if each node has one and no two the same. Whether it did.
    pub(super) fn rename(&mut self, attribute: &str) -> bool {
        let Some(&place) = self.nodes.places.get(attribute) else { return false };
        let names = &self.nodes.columns[place].values;
        let different: HashSet<&str> =
            names.iter().map(|(_, name)| name.trim()).filter(|name| !name.is_empty()).collect();
        if names.len() != self.ids.len() || different.len() != self.ids.len() {
            return false;
        }
        let names: Vec<String> = names.iter().map(|(_, name)| name.trim().to_owned()).collect();
        for end in self.ends.iter_mut().flatten() {
            if let Some(&node) = self.places.get(end.as_str()) {
                end.clone_from(&names[node]);
            }
        }
        self.places = names.iter().cloned().zip(0..).collect();
        self.ids = names;
        self.nodes.remove(attribute);
        true
    }

    /// The two tables. Weights that are all 1 are none.
    pub(super) fn finish(mut self, file: &str, bytes: usize) -> Result<Tables> {
        let weight = self.edges.find("weight").map(str::to_owned);
        let is_one = |value: &str| {
            value.trim().parse::<f64>().is_ok_and(|it| (it - 1.0).abs() < f64::EPSILON)
        };
        let weight = weight.filter(|name| {
            let values = &self.edges.columns[self.edges.places[name]].values;
            values.len() < self.ends.len() || values.iter().any(|(_, value)| !is_one(value))
        });
        if weight.is_none()
            && let Some(name) = self.edges.find("weight").map(str::to_owned)
        {
            self.edges.remove(&name);
        }
        // Both ends have the type of the nodes, so that `7` is one id everywhere.
        let all = || {
            self.ids
                .iter()
                .map(String::as_str)
                .chain(self.ends.iter().flatten().map(String::as_str))
        };
        let are_whole = all().all(|id| canonical_integer(id).is_some());
        let column = |texts: Vec<&str>| -> ArrayRef {
            if are_whole {
                ids(texts.into_iter())
            } else {
                Arc::new(texts.into_iter().map(Some).collect::<LargeStringArray>())
            }
        };
        let [source, target] =
            [0, 1].map(|end| column(self.ends.iter().map(|ends| ends[end].as_str()).collect()));
        let id = column(self.ids.iter().map(String::as_str).collect());
        let edges = vec![("source", source), ("target", target)];
        let edges = self.edges.table(file, bytes, edges, self.ends.len())?;
        let nodes = self.nodes.table(file, bytes, vec![("id", id)], self.ids.len())?;
        Ok(Tables { edges, nodes, weight })
    }
}

/// The tables of a [`Named`] graph.
pub(super) struct Tables {
    pub(super) edges: RecordBatch,
    pub(super) nodes: RecordBatch,
    pub(super) weight: Option<String>,
}

/// Edges between the nodes of a matrix.
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub(super) rows: Vec<i64>,
    pub(super) columns: Vec<i64>,
    /// Nothing where entries are only there or not.
    pub(super) weights: Option<Vec<f64>>,
}

impl Entries {
    /// The tables of a square matrix whose nodes are numbered from `first`, or of one with nodes of two kinds.
    pub(super) fn finish(
        self,
        file: &str,
        bytes: usize,
        [rows, columns]: [u64; 2],
        first: i64,
    ) -> Result<super::GraphFile> {
        let most = claims::most_unpacked(bytes as u64) / 64;
        if rows.saturating_add(columns) > most {
            let expected = format!("at most {most} nodes in a file of {bytes} bytes");
            return Err(FormatError::whole(file, expected, format!("{rows} x {columns}")));
        }
        let mut entries = self;
        let zeros = entries.drop_zeros();
        let is_one = |weight: &f64| (weight - 1.0).abs() < f64::EPSILON;
        let weights = entries.weights.filter(|weights| !weights.iter().all(is_one));
        let bipartite = rows != columns;
        #[expect(clippy::cast_possible_wrap, reason = "fewer than 2^63, as checked above")]
        let numbers = |count: u64| first..first + count as i64;
        let (source, target, nodes) = if bipartite {
            let named = |kind: &str, numbers: &mut dyn Iterator<Item = i64>| {
                let names: Vec<String> = numbers.map(|number| format!("{kind}:{number}")).collect();
                names
            };
            let source = named("row", &mut entries.rows.iter().copied());
            let target = named("column", &mut entries.columns.iter().copied());
            let mut all = named("row", &mut numbers(rows));
            all.extend(named("column", &mut numbers(columns)));
            let column = |names: Vec<String>| Arc::new(LargeStringArray::from(names)) as ArrayRef;
            let types = [("row", rows), ("column", columns)];
            let types = types.into_iter().flat_map(|(kind, count)| {
                std::iter::repeat_n(kind.to_owned(), usize::try_from(count).unwrap_or(0))
            });
            let types = column(types.collect());
            let nodes = vec![("id".to_owned(), column(all)), (super::TYPE.to_owned(), types)];
            (column(source), column(target), nodes)
        } else {
            let column = |numbers: Vec<i64>| Arc::new(Int64Array::from(numbers)) as ArrayRef;
            let nodes = vec![("id".to_owned(), column(numbers(rows).collect()))];
            (column(entries.rows), column(entries.columns), nodes)
        };
        let mut edges = vec![("source".to_owned(), source), ("target".to_owned(), target)];
        let weight = weights.is_some().then(|| "weight".to_owned());
        if let Some(weights) = weights {
            edges.push(("weight".to_owned(), Arc::new(Float64Array::from(weights))));
        }
        let shape = format!("{rows} x {columns}");
        let kinds = if bipartite { ", rows and columns are nodes of two kinds" } else { "" };
        let zeros = match zeros {
            0 => String::new(),
            zeros => format!(", {zeros} stored zeros are no edges"),
        };
        Ok(super::GraphFile {
            edges: batch(file, edges)?,
            nodes: Some(batch(file, nodes)?),
            directed: None,
            weight,
            bipartite,
            description: format!("{shape}{kinds}{zeros}"),
        })
    }

    /// Leaves out entries whose weight is 0, and counts them.
    fn drop_zeros(&mut self) -> usize {
        let Some(weights) = &mut self.weights else { return 0 };
        let before = weights.len();
        let kept: Vec<bool> = weights.iter().map(|weight| *weight != 0.0).collect();
        if kept.iter().all(|kept| *kept) {
            return 0;
        }
        let keep = |values: &mut Vec<i64>| {
            let mut kept = kept.iter();
            values.retain(|_| kept.next().copied().unwrap_or(true));
        };
        keep(&mut self.rows);
        keep(&mut self.columns);
        weights.retain(|weight| *weight != 0.0);
        before - weights.len()
    }
}
