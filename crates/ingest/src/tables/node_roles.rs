//! The columns of a node table: ids, labels, features.

use std::collections::HashSet;

use super::builder::Kind;
use super::columns::{self, Ids};
use super::decision::{Role, Stated, Use};
use super::frame::Table;
use crate::IngestError;
use crate::config::{ColumnRef, NodeFeatures, NodeTable};
use crate::reading::names;

/// Fewer values than this are no evidence of what a column is.
const FEW: usize = 10;
/// Integers up to this are exact in `f32`.
const EXACT: i64 = 16_777_216;
/// Features that are named one by one in a statement.
const MOST_STATED: usize = 64;

/// The part that each column of a node table plays.
pub(super) struct NodeRoles {
    pub(super) id: usize,
    pub(super) label: Option<usize>,
    /// The column of nodes' types.
    pub(super) node_type: Option<usize>,
    /// Columns of numbers or of lists of numbers; none if a file has the features.
    pub(super) features: Vec<usize>,
    pub(super) uses: Vec<Use>,
    /// The options in full.
    pub(super) stated: NodeTable,
}

impl NodeRoles {
    /// Decides on the columns. In one of several tables (`is_one_of_several`) a column of labels with one value in all
    /// rows has the type of the nodes.
    pub(super) fn of(
        config: &NodeTable,
        table: &Table<'_>,
        is_one_of_several: bool,
    ) -> Result<Self, IngestError> {
        let plain = table.plain_names();
        let (id, id_why) = id(config, table, &plain)?;
        let mut unused: Vec<Use> = Vec::new();
        let given = |column: &Option<ColumnRef>| match column {
            Some(ColumnRef::Name(name)) if name == "none" => Ok(None),
            Some(column) => table.place(column).map(Some),
            None => Ok(None),
        };
        let given_type = given(&config.type_column)?;
        let mut found_type = None;
        let (label, label_why) = if config.label.is_some() {
            (given(&config.label)?, "as given")
        } else {
            let found = label(table, &plain, id, is_one_of_several, &mut unused)?;
            let has_types = config.type_column.is_some() || config.node_type.is_some();
            let label = match found {
                // A column that has the types by configuration is not taken for labels.
                Some(Found { column, .. }) if Some(column) == given_type => None,
                Some(Found { column, is_constant: true }) if is_one_of_several && !has_types => {
                    found_type = Some(column);
                    None
                }
                found => found.map(|found| found.column),
            };
            (label, "by its name")
        };
        if label == Some(id) {
            let problem = "`id` and `label` are the same column: name two";
            return Err(IngestError::config("nodes", problem));
        }
        let (node_type, type_why) = if found_type.is_some() {
            (found_type, "one label in the whole table")
        } else if config.type_column.is_some() || config.node_type.is_some() {
            (given_type, "as given")
        } else {
            let found = names::node_type(&plain);
            (found.filter(|&at| at != id && Some(at) != label), "by its name")
        };
        if node_type.is_some_and(|at| at == id || Some(at) == label) {
            let problem = "`type_column` is the column of ids or labels: name another";
            return Err(IngestError::config("nodes", problem));
        }
        let mut uses = vec![Use { column: id, part: Role::Id, why: id_why }];
        uses.extend(label.map(|column| Use { column, part: Role::Label, why: label_why }));
        uses.extend(node_type.map(|column| Use { column, part: Role::Type, why: type_why }));
        let features = match &config.features {
            Some(NodeFeatures::File(_)) => Vec::new(),
            Some(NodeFeatures::Columns(wanted)) => named(wanted, table, id, label)?,
            None => {
                let taken: Vec<usize> =
                    uses.iter().chain(&unused).map(|used| used.column).collect();
                let mut features = Vec::new();
                for column in (0..table.columns().len()).filter(|at| !taken.contains(at)) {
                    match no_feature(table, &plain, id, column)? {
                        None => features.push(column),
                        Some(why) => unused.push(Use { column, part: Role::Unused, why }),
                    }
                }
                features
            }
        };
        uses.extend(features.iter().map(|&column| Use { column, part: Role::Feature, why: "" }));
        uses.extend(unused);
        let used: HashSet<usize> = uses.iter().map(|used| used.column).collect();
        let rest = (0..table.columns().len()).filter(|at| !used.contains(at));
        uses.extend(rest.map(|column| Use { column, part: Role::Unused, why: "" }));

        let columns = (features.len() <= MOST_STATED && !features.is_empty()).then(|| {
            NodeFeatures::Columns(features.iter().map(|&at| table.reference(at)).collect())
        });
        let stated = NodeTable {
            id: Some(table.reference(id)),
            label: label.map(|at| table.reference(at)).or_else(|| config.label.clone()),
            node_type: config.node_type.clone(),
            type_column: node_type
                .map(|at| table.reference(at))
                .or_else(|| config.type_column.clone()),
            features: config.features.clone().or(columns),
            ..NodeTable::as_read(&config.path, Stated::of(table))
        };
        Ok(Self { id, label, node_type, features, uses, stated })
    }
}

fn id(
    config: &NodeTable,
    table: &Table<'_>,
    plain: &[String],
) -> Result<(usize, &'static str), IngestError> {
    if let Some(wanted) = &config.id {
        return Ok((table.place(wanted)?, "as given"));
    }
    if let Some(id) = names::id(plain).filter(|&at| !table.is_foreign(at)) {
        return Ok((id, "by its name"));
    }
    let is_index = plain.first().is_some_and(|name| names::is_index(name));
    if is_index && table.counts_rows(0)? && table.columns().len() > 1 {
        let second = table.head(1)?;
        let distinct: HashSet<&String> = second.iter().collect();
        let is_id =
            table.kind(1) == Kind::Text && distinct.len() == second.len() && second.len() > 1;
        if is_id && !table.has_lists(1) {
            let name = table.columns().nth(1).unwrap_or_default();
            let first = "the number of the row (set `id = 0`)".to_owned();
            let second = format!("`{name}` (set `id = \"{name}\"`)");
            return Err(table.options.ambiguous("the id", &first, &second));
        }
        return Ok((0, "the number of the row"));
    }
    Ok((0, "the first column"))
}

/// A column of labels.
struct Found {
    column: usize,
    /// Whether it has one value in all rows.
    is_constant: bool,
}

/// The column of labels by its name. One with a class for each node has no labels.
fn label(
    table: &Table<'_>,
    plain: &[String],
    id: usize,
    constant_is_type: bool,
    unused: &mut Vec<Use>,
) -> Result<Option<Found>, IngestError> {
    for column in names::labels(plain).filter(|&at| at != id && !table.is_foreign(at)) {
        let is_class = table.kind(column) != Kind::Real || table.has_whole_reals(column)?;
        if !is_class
            || table.has_lists(column)
            || (plain[column] == "y" && plain.contains(&"x".to_owned()))
        {
            continue;
        }
        let read = table.read(&[column], &[column])?;
        let all = columns::labels(table, &read[0])?;
        let labels: Vec<&String> = all.iter().flatten().collect();
        let classes: HashSet<&String> = labels.iter().copied().collect();
        if classes.len() == labels.len() && labels.len() >= FEW {
            unused.push(Use {
                column,
                part: Role::Unused,
                why: "no label: every node has its own",
            });
            continue;
        }
        if classes.len() == 1 && !constant_is_type && labels.len() >= FEW {
            unused.push(Use {
                column,
                part: Role::Unused,
                why: "no label: one class for all nodes",
            });
            continue;
        }
        let is_constant = classes.len() == 1 && labels.len() == all.len();
        return Ok(Some(Found { column, is_constant }));
    }
    Ok(None)
}

/// The columns that are named as features.
fn named(
    wanted: &[ColumnRef],
    table: &Table<'_>,
    id: usize,
    label: Option<usize>,
) -> Result<Vec<usize>, IngestError> {
    let mut places = Vec::new();
    for column in wanted {
        let place = table.place(column)?;
        if places.contains(&place) {
            let problem = format!("`features` names {column} twice");
            return Err(IngestError::config("nodes", problem));
        }
        if place == id || Some(place) == label {
            let problem = format!("column {column} cannot be a feature: it is the id or the label");
            return Err(IngestError::config("nodes", problem));
        }
        places.push(place);
    }
    Ok(places)
}

/// The reason why a column is no feature by default, if there is one.
fn no_feature(
    table: &Table<'_>,
    plain: &[String],
    id: usize,
    column: usize,
) -> Result<Option<&'static str>, IngestError> {
    let name = table.columns().nth(column).unwrap_or_default();
    if table.has_lists(column) {
        return Ok(None);
    }
    if table.is_foreign(column) {
        return Ok(Some("neither numbers nor text"));
    }
    if table.has_names() && names::is_mask(name) {
        return Ok(Some("a mask"));
    }
    if table.kind(column) == Kind::Text {
        return Ok(Some("text"));
    }
    let is_index = plain.get(column).is_some_and(|name| names::is_index(name));
    if is_index && table.counts_rows(column)? {
        return Ok(Some("counts the rows"));
    }
    if !matches!(table.kind(column), Kind::Integer | Kind::Natural)
        && !table.has_whole_reals(column)?
    {
        return Ok(None);
    }
    let head = table.head(column)?;
    let distinct: HashSet<&String> = head.iter().filter(|value| !value.is_empty()).collect();
    if distinct.len() < head.len() || head.len() < 2 {
        return Ok(None);
    }
    let read = table.read(&[column, id], &[column, id])?;
    let (values, ids) =
        (Ids::and_missing(table, &read[0])?.0, Ids::and_missing(table, &read[1])?.0);
    let (values, ids) = (values.to_strings(), ids.to_strings());
    if values == ids {
        return Ok(Some("a copy of the id"));
    }
    let is_unique = values.iter().collect::<HashSet<_>>().len() == values.len();
    let is_large = |value: &String| value.parse::<i64>().is_ok_and(|it| it.abs() > EXACT);
    // The index of a table whose rows were put in another order numbers them still.
    let is_id_like = is_index || (table.has_names() && names::is_id_like(name));
    Ok(if is_unique && (is_id_like || values.iter().all(is_large)) {
        Some("an identifier: every node has its own")
    } else {
        None
    })
}
