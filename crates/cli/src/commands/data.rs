//! Data as a few lines: how its files were read, and what was found.

use std::path::{Path, PathBuf};

use vgae_artifacts::text::{count as grouped, printable};
use vgae_artifacts::{Audit, ColumnUse, SampleAudit, TableReading};

use crate::args::UsageError;

/// A path as the value of a key.
pub(crate) fn path(path: &Path) -> Result<toml::Value, UsageError> {
    let text = path.to_str().ok_or_else(|| {
        UsageError(format!(
            "{}: the name is not UTF-8, which a pipeline file needs: rename it",
            path.display()
        ))
    })?;
    Ok(toml::Value::String(text.to_owned()))
}

/// Returns one value as itself and several as a list; nothing without any.
pub(crate) fn one_or_list<V: From<Vec<V>>>(mut values: Vec<V>) -> Option<V> {
    match values.len() {
        0 | 1 => values.pop(),
        _ => Some(values.into()),
    }
}

/// Returns the keys of `[data]` that name files. `place` turns a file, given its key and number, into the path to read.
pub(crate) fn files(
    edges: &[PathBuf],
    nodes: &[PathBuf],
    table: Option<&PathBuf>,
    mut place: impl FnMut(&str, usize, &Path) -> anyhow::Result<PathBuf>,
) -> anyhow::Result<toml::Table> {
    let mut files = toml::Table::new();
    for (key, list) in
        [("edges", edges), ("nodes", nodes), ("table", table.map_or(&[][..], std::slice::from_ref))]
    {
        let values = list.iter().enumerate();
        let values = values.map(|(at, file)| Ok(path(&place(key, at, file)?)?));
        let values = values.collect::<anyhow::Result<Vec<toml::Value>>>()?;
        files.extend(one_or_list(values).map(|value| (key.to_owned(), value)));
    }
    Ok(files)
}

/// The files of a graph, its counts, and what was found in it.
pub(crate) fn graph(audit: &Audit) -> Vec<String> {
    let mut lines: Vec<String> = audit.readings.iter().flat_map(reading).collect();
    lines.push(counts(audit));
    if audit.features > 0 || audit.classes > 0 {
        lines.push(format!(
            "{}, {}",
            counted(audit.features, "feature", "features"),
            match (audit.classes, audit.unlabelled_nodes) {
                (0, _) => "no labels".to_owned(),
                (classes, 0) => counted(classes, "class", "classes"),
                (classes, without) => format!(
                    "{}, {} without a label",
                    counted(classes, "class", "classes"),
                    counted(without, "node", "nodes")
                ),
            }
        ));
    }
    lines.extend(types(audit));
    lines.extend(remarks(audit));
    lines
}

/// Types of nodes in a heterogeneous graph.
pub(crate) fn types(audit: &Audit) -> Option<String> {
    let types = audit.types.as_ref()?;
    let nodes = types.nodes.iter();
    let nodes: Vec<String> =
        nodes.map(|(name, count)| format!("{} {}", grouped(*count), printable(name))).collect();
    let joined = printable(&types.joined);
    Some(format!("types of nodes: {}; edges join {joined}", nodes.join(", ")))
}

/// Nodes, edges and rows.
pub(crate) fn counts(audit: &Audit) -> String {
    let dropped = [
        (audit.duplicates_collapsed, "duplicate", "duplicates"),
        (audit.self_loops_dropped, "self-loop", "self-loops"),
        (audit.unknown_ends_dropped, "row with an unknown node", "rows with unknown nodes"),
    ];
    let kept = audit.edges + dropped.iter().map(|(count, ..)| count).sum::<usize>();
    let incomplete = audit.raw_edge_entries.saturating_sub(kept);
    let dropped = dropped.into_iter().chain([(incomplete, "incomplete row", "incomplete rows")]);
    let dropped: Vec<String> = dropped
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| counted(count, one, many))
        .collect();
    let dropped = match dropped.len() {
        0 => String::new(),
        _ => format!(" ({} dropped)", dropped.join(", ")),
    };
    let isolated = match audit.isolated_nodes {
        0 => String::new(),
        count => format!("; {}", counted(count, "isolated node", "isolated nodes")),
    };
    format!(
        "{}, {} from {}{dropped}{isolated}",
        counted(audit.nodes, "node", "nodes"),
        counted(audit.edges, "edge", "edges"),
        counted(audit.raw_edge_entries, "row", "rows"),
    )
}

/// Findings, warnings and notes.
pub(crate) fn remarks(audit: &Audit) -> Vec<String> {
    let finding = |finding: &vgae_artifacts::Finding| {
        let more = if finding.count > finding.examples.len() { ", ..." } else { "" };
        let examples: Vec<String> =
            finding.examples.iter().map(|text| printable(text).into_owned()).collect();
        let (count, examples) = (grouped(finding.count), examples.join(", "));
        format!("{count} {}: {} ({examples}{more})", finding.what, finding.action)
    };
    let warnings = audit.warnings.iter().map(|warning| format!("warning: {warning}"));
    audit.findings.iter().map(finding).chain(warnings).chain(audit.notes.iter().cloned()).collect()
}

/// Samples and what was found in them.
pub(crate) fn samples(audit: &SampleAudit) -> Vec<String> {
    let mut lines: Vec<String> = audit.reading.iter().flat_map(reading).collect();
    lines.push(format!(
        "{} samples, {} columns, {} of them constant, {} missing values, {} classes",
        grouped(audit.samples),
        grouped(audit.columns),
        grouped(audit.constant_columns.count),
        grouped(audit.missing.values),
        audit.classes
    ));
    lines.extend(audit.notes.iter().cloned());
    lines
}

/// How a file was read.
fn reading(reading: &TableReading) -> Vec<String> {
    let columns: Vec<String> = reading.columns.iter().map(columns).collect();
    let comments = match reading.comment_lines {
        0 => String::new(),
        lines => format!(", {}", counted(lines, "comment line", "comment lines")),
    };
    let rows = counted(reading.rows, "row", "rows");
    let (path, format) = (&reading.path, &reading.format);
    let first = format!("{path} ({format}, {rows}{comments}): {}", columns.join("; "));
    let reasons = reading.reasons.iter().map(|reason| format!("  {reason}"));
    std::iter::once(first).chain(reasons).collect()
}

fn columns(used: &ColumnUse) -> String {
    let ColumnUse { part, columns, why } = used;
    let names: Vec<String> = columns.examples.iter().map(|name| format!("`{name}`")).collect();
    let more = match columns.count - columns.examples.len() {
        0 => String::new(),
        more => format!(" and {} more", grouped(more)),
    };
    let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
    format!("{part} {}{more}{why}", names.join(", "))
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}
