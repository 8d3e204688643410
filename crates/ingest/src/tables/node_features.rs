//! Features in a file of their own: a matrix, rows, or triplets of id, feature and value.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use vgae_artifacts::Features;

use super::columns::{Ids, no_id, not_finite, numbers};
use super::decision::{self, Role, Stated, Use};
use super::feature_rows;
use super::frame::Table;
use super::owners::{self, Owners};
use super::rows::data_row;
use crate::config::{DuplicateIds, FeatureLayout, FeatureTable, MatrixFile, MissingValues, Rules};
use crate::files::Content;
use crate::findings::Tally;
use crate::numpy::{self, MOST_FEATURES};
use crate::reading::names;
use crate::{FormatError, IngestError, RawGraph};

pub(super) fn read(
    config: &FeatureTable,
    base: &Path,
    nodes: &Owners<'_>,
    rules: Rules<'_>,
    raw: &mut RawGraph,
) -> Result<Features, IngestError> {
    let Some(matrix) = config.matrix() else {
        let mut table = Table::open(config.file(rules.na_values), base, 1)?;
        if is_triplets(config, &table, nodes)? {
            return triplets(config, table, nodes, rules, raw);
        }
        let features = feature_rows::read(config, &table, nodes, rules, raw);
        table.close();
        return features;
    };
    let name = config.path.display().to_string();
    let path = base.join(&config.path);
    let bytes = Content::open(&path)?.into_bytes(&path)?;
    let features = match matrix {
        MatrixFile::Npy => numpy::dense(&name, &bytes)?,
        MatrixFile::Npz => numpy::csr(&name, &bytes)?,
    };
    nodes.check_rows(&name, features.node_count())?;
    nodes.features(&features, |node| nodes.rows.get(node).copied())
}

/// Whether a row of the table has one feature: id, feature, value.
fn is_triplets(
    config: &FeatureTable,
    table: &Table<'_>,
    nodes: &Owners<'_>,
) -> Result<bool, IngestError> {
    if let Some(layout) = config.layout {
        return Ok(layout == FeatureLayout::Triplets);
    }
    if config.feature.is_some() || config.value.is_some() {
        return Ok(true);
    }
    if table.columns().len() != 3 || (0..3).any(|at| table.has_lists(at) || table.is_foreign(at)) {
        return Ok(false);
    }
    if names::are_triplets(&table.plain_names()) {
        return Ok(true);
    }
    // Triplets repeat the id of a node that has two features.
    let read = table.read(&[0], &[0])?;
    let ids = Ids::and_missing(table, &read[0])?.0.to_strings();
    let are_repeated = ids.iter().collect::<HashSet<_>>().len() < ids.len();
    if are_repeated && table.rows() != nodes.table_rows {
        return Ok(true);
    }
    let triplets = "id, feature and value (set `layout = \"triplets\"`)";
    let rows = "all features of a node (set `layout = \"rows\"`)";
    Err(table.options.ambiguous("a row", triplets, rows))
}

/// One value in a file of triplets.
struct Entry {
    node: usize,
    feature: u32,
    row: usize,
    value: f32,
}

fn triplets(
    config: &FeatureTable,
    mut table: Table<'_>,
    nodes: &Owners<'_>,
    rules: Rules<'_>,
    raw: &mut RawGraph,
) -> Result<Features, IngestError> {
    let count = table.columns().len();
    if count < 3 {
        let found = format!("{count} columns");
        let expected = "three columns: id, feature, value";
        return Err(FormatError::whole(&table.name, expected, found).into());
    }
    let mut places = [0, 1, 2];
    for (place, column) in places.iter_mut().zip([&config.id, &config.feature, &config.value]) {
        if let Some(column) = column {
            *place = table.place(column)?;
        }
    }
    let [id, feature, value] = places;
    if id == feature || feature == value || id == value {
        let problem = "`id`, `feature` and `value` must be three columns";
        return Err(IngestError::config("features", problem));
    }
    let parts = places.into_iter().zip([Role::Id, Role::Feature, Role::Value]);
    let mut uses: Vec<Use> = parts.map(|(column, part)| Use { column, part, why: "" }).collect();
    let rest = (0..count).filter(|at| !places.contains(at));
    uses.extend(rest.map(|column| Use { column, part: Role::Unused, why: "" }));
    raw.readings.push(decision::reading(&table, &uses, &stated(config, &table, places)));
    let findings = &mut raw.findings;
    let read = table.read(&places, &places[..2])?;
    table.close();
    let (node_ids, no_node) = Ids::and_missing(&table, &read[0])?;
    let (names, no_name) = Ids::and_missing(&table, &read[1])?;
    let numbers = numbers(&table, &read[2])?;
    let mut is_whole = vec![true; read[0].len()];
    if rules.missing == MissingValues::Error {
        if let Some(&row) = no_node.first() {
            return Err(no_id(&table, &read[0], row).into());
        }
        if let Some(&row) = no_name.first() {
            let expected = format!("a feature in column `{}`", read[1].name());
            return Err(FormatError::row(&table.name, row, expected, "nothing").into());
        }
        if let Some(&row) = numbers.missing.first() {
            return Err(not_finite(&table.name, read[2].name(), row, "nothing"));
        }
    }
    let mut lacking = Tally::default();
    for row in no_node.into_iter().chain(no_name).chain(numbers.missing) {
        if std::mem::replace(&mut is_whole[row], false) {
            lacking.add(|| data_row(row));
        }
    }
    lacking.file(findings, "rows of features without an id, a feature or a value", "left out");

    let names = names.into_text(&table)?;
    let names: Vec<&str> = names.iter().map(|name| name.unwrap_or_default().trim()).collect();
    let Numbered { numbers: numbered, count: feature_count, names: named } =
        number(&table.name, &names, &is_whole)?;
    let (ids, node_of) = (nodes.ids, nodes.by_id());
    let node_ids = node_ids.into_text(&table)?;
    let mut entries = Vec::with_capacity(numbers.values.len());
    let mut unknown = Tally::default();
    for (row, id) in node_ids.iter().enumerate().filter(|(row, _)| is_whole[*row]) {
        let id = id.unwrap_or_default().trim();
        match node_of.get(id) {
            Some(&node) => {
                let (feature, value) = (numbered[row], numbers.values[row]);
                entries.push(Entry { node, feature, row, value });
            }
            None => owners::unknown(&table, row, id, rules, &mut unknown)?,
        }
    }
    unknown.file(findings, "rows of features of an unknown node", "left out");

    entries.sort_unstable_by_key(|entry| (entry.node, entry.feature, entry.row));
    let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
    let mut repeated = Tally::default();
    for run in entries.chunk_by(|a, b| (a.node, a.feature) == (b.node, b.feature)) {
        let Entry { node, feature, row, value } = run[0];
        for again in &run[1..] {
            let id = &ids[node];
            if rules.duplicates == DuplicateIds::Error {
                let expected =
                    format!("each feature of a node once (data row {} has it too)", row + 1);
                let found = format!("feature `{}` of `{id}`", names[again.row]);
                return Err(FormatError::row(&table.name, again.row, expected, found).into());
            }
            repeated.add(|| format!("`{}` of `{id}`", names[again.row]));
        }
        starts.resize(node + 1, values.len());
        if value != 0.0 {
            columns.push(feature);
            values.push(value);
        }
    }
    repeated.file(findings, "rows of features that repeat one", "left out; the first row counts");
    starts.resize(ids.len() + 1, values.len());
    let features = Features::from_rows(feature_count, starts, columns, values)?;
    Ok(match named {
        Some(names) => features.with_names(names)?,
        None => features,
    })
}

/// The options of triplets in full.
fn stated(config: &FeatureTable, table: &Table<'_>, places: [usize; 3]) -> FeatureTable {
    let [id, feature, value] = places.map(|at| Some(table.reference(at)));
    let layout = Some(FeatureLayout::Triplets);
    let form = FeatureTable::as_read(&config.path, Stated::of(table));
    FeatureTable { layout, id, feature, value, ..form }
}

/// Features by number.
struct Numbered {
    /// Number of the feature in each row.
    numbers: Vec<u32>,
    count: usize,
    /// By number, if the file has names in the place of numbers.
    names: Option<Vec<String>>,
}

/// Features as they are if all are whole numbers, else by the order of their first appearance.
fn number(file: &str, names: &[&str], is_whole: &[bool]) -> Result<Numbered, FormatError> {
    let kept = || names.iter().enumerate().filter(|(row, _)| is_whole[*row]);
    let mut numbered = vec![0; names.len()];
    let whole = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
    if !kept().all(|(_, name)| whole(name)) {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut named = Vec::new();
        for (row, name) in kept() {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            numbered[row] = *numbers.entry(name).or_insert_with(|| {
                named.push((*name).to_owned());
                next
            });
        }
        return Ok(Numbered { numbers: numbered, count: named.len(), names: Some(named) });
    }
    let mut count = 0;
    for (row, name) in kept() {
        let number = name.parse().ok().filter(|&number: &u32| (number as usize) < MOST_FEATURES);
        let Some(number) = number else {
            let expected = format!("feature numbers below {MOST_FEATURES}");
            return Err(FormatError::row(file, row, expected, (*name).to_owned()));
        };
        numbered[row] = number;
        count = count.max(number as usize + 1);
    }
    Ok(Numbered { numbers: numbered, count, names: None })
}
