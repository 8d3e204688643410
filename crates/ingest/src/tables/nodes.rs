//! The node table: ids, labels, features.

use std::collections::HashMap;
use std::path::Path;

use polars::prelude::Column;
use vgae_artifacts::Features;

use super::columns::{self, Ids, is_numeric, numbers};
use super::frame::Table;
use crate::config::NodeTable;
use crate::{FormatError, IngestError};

/// What a node table says.
pub(super) struct KnownNodes {
    /// The file's name, for errors about edges.
    pub(super) name: String,
    pub(super) ids: Vec<String>,
    pub(super) labels: Vec<Option<String>>,
    pub(super) features: Option<Features>,
    pub(super) notes: Vec<String>,
}

pub(super) fn read(config: &NodeTable, base: &Path) -> Result<KnownNodes, IngestError> {
    let table = Table::open(&config.path, base, config.header, "nodes")?;
    let chosen = Chosen::of(config, &table)?;

    let mut positions = vec![chosen.id];
    positions.extend(chosen.label);
    let text = positions.clone();
    positions.extend_from_slice(&chosen.features);
    let read = table.read(&positions, &text)?;
    let (described, measured) = read.split_at(text.len());

    let ids = Ids::of(&table, &described[0])?.to_strings();
    each_once(&table.name, &ids)?;
    let labels = match described.get(1) {
        Some(column) => columns::labels(&table, column)?,
        None => vec![None; ids.len()],
    };
    let mut notes = Vec::new();
    let measured: Vec<&Column> = if config.features.is_some() {
        measured.iter().collect()
    } else {
        let numeric: Vec<&Column> = measured.iter().filter(|c| is_numeric(c)).collect();
        let is_used = |name: &str| {
            let same = |column: &&Column| column.name().trim() == name;
            numeric.iter().copied().chain(described).any(|column| same(&column))
        };
        let unused: Vec<&str> = table.columns().filter(|name| !is_used(name)).collect();
        if !unused.is_empty() {
            notes.push(format!(
                "{}: columns that are not numeric are no features: {}",
                table.name,
                unused.join(", ")
            ));
        }
        numeric
    };
    let features = features(&table, &measured, ids.len())?;
    Ok(KnownNodes { name: table.name, ids, labels, features, notes })
}

/// A list of nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdColumn {
    /// What the column is called.
    pub column: String,
    /// The ids in the order of the table.
    pub ids: Vec<String>,
}

/// Reads the column `id` of a table, or else its first, as ids.
///
/// # Errors
/// When the file cannot be read, or a row has no id.
pub fn read_ids(path: &Path) -> Result<IdColumn, IngestError> {
    let table = Table::open(path, Path::new("."), true, "ids")?;
    let id = table.columns().position(|name| name == "id").unwrap_or(0);
    let column = table.columns().nth(id).unwrap_or_default().to_owned();
    let read = table.read(&[id], &[id])?;
    Ok(IdColumn { column, ids: Ids::of(&table, &read[0])?.to_strings() })
}

/// Which column plays which part, by position.
struct Chosen {
    id: usize,
    label: Option<usize>,
    features: Vec<usize>,
}

impl Chosen {
    fn of(config: &NodeTable, table: &Table) -> Result<Self, IngestError> {
        let named = |wanted: &str| table.columns().position(|name| name == wanted);
        let id = match &config.id {
            Some(wanted) => table.position(wanted)?,
            None => named("id").unwrap_or(0),
        };
        if config.id.is_none() && table.lost_header(&[id]) {
            return Err(super::edges::lost_header(&table.name, "nodes"));
        }
        let label = match &config.label {
            Some(wanted) => Some(table.position(wanted)?),
            None => named("label"),
        };
        if label == Some(id) {
            let problem = "`id` and `label` are the same column: name two";
            return Err(IngestError::config("nodes", problem));
        }
        let features: Vec<usize> = match &config.features {
            Some(wanted) => {
                let mut seen = std::collections::HashSet::new();
                if let Some(twice) = wanted.iter().find(|name| !seen.insert(name.as_str())) {
                    let problem = format!("`features` names `{twice}` twice");
                    return Err(IngestError::config("nodes", problem));
                }
                wanted.iter().map(|name| table.position(name)).collect::<Result<_, _>>()?
            }
            None => (0..table.columns().len())
                .filter(|&at| at != id && Some(at) != label && !table.is_foreign(at))
                .collect(),
        };
        if let Some(at) = features.iter().find(|&&at| at == id || Some(at) == label) {
            let name = table.columns().nth(*at).unwrap_or_default();
            let problem = format!("column `{name}` cannot be a feature: it is the id or the label");
            return Err(IngestError::config("nodes", problem));
        }
        Ok(Self { id, label, features })
    }
}

pub(super) fn each_once(name: &str, ids: &[String]) -> Result<(), FormatError> {
    let mut seen: HashMap<&str, usize> = HashMap::with_capacity(ids.len());
    for (row, id) in ids.iter().enumerate() {
        if let Some(first) = seen.insert(id, row) {
            let expected = format!("each id once (data row {} has it too)", first + 1);
            return Err(FormatError::row(name, row, expected, format!("id `{id}`")));
        }
    }
    Ok(())
}

/// Columns of numbers to sparse rows: zeros are not stored.
fn features(
    table: &Table,
    columns: &[&Column],
    node_count: usize,
) -> Result<Option<Features>, IngestError> {
    if columns.is_empty() {
        return Ok(None);
    }
    let dense = columns.iter().map(|c| numbers(table, c)).collect::<Result<Vec<_>, _>>()?;
    let (mut starts, mut indices, mut values) = (vec![0], Vec::new(), Vec::new());
    for row in 0..node_count {
        for (feature, column) in (0u32..).zip(&dense) {
            if column[row] != 0.0 {
                indices.push(feature);
                values.push(column[row]);
            }
        }
        starts.push(values.len());
    }
    let names = columns.iter().map(|column| column.name().trim().to_owned()).collect();
    Ok(Some(Features::from_rows(columns.len(), starts, indices, values)?.with_names(names)?))
}
