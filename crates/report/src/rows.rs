//! Rows of a result table with their runs.

use vgae_artifacts::metric::{Column, Unit, Values};
use vgae_artifacts::{Cell, Manifest, ResultRow, ResultTable, Stage};

use super::element::Element;
use super::names::method_name;

/// One run of a grid.
#[derive(Debug, Clone)]
pub struct GridRun {
    /// Its record.
    pub manifest: Manifest,
    /// Its metrics.
    pub values: Values,
}

impl GridRun {
    pub(crate) fn train_seconds(&self) -> Option<f64> {
        self.manifest.stage(Stage::Train).map(|record| record.machine.seconds)
    }

    pub(crate) fn peak_memory_bytes(&self) -> Option<u64> {
        self.manifest.stage(Stage::Train)?.machine.peak_memory_bytes
    }
}

/// A row with its runs.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    /// Its index in the table.
    pub(crate) at: usize,
    pub(crate) result: &'a ResultRow,
    pub(crate) runs: Vec<&'a GridRun>,
}

impl<'a> Row<'a> {
    /// All rows of a table.
    pub(crate) fn all(table: &'a ResultTable, runs: &'a [GridRun]) -> Vec<Self> {
        let run = |name: &String| runs.iter().find(|run| run.manifest.run == *name);
        let rows = table.rows.iter().enumerate();
        rows.map(|(at, row)| Row {
            at,
            result: row,
            runs: row.runs.iter().filter_map(run).collect(),
        })
        .collect()
    }

    /// The method, with the values of a search.
    pub(crate) fn label(&self) -> String {
        let method = method_name(&self.result.method);
        match &self.result.variant {
            Some(variant) => format!("{method}, {variant}"),
            None => method,
        }
    }

    /// Whether the numbers are no results.
    pub(crate) fn is_leaky(&self) -> bool {
        self.result.warning.is_some()
    }

    pub(crate) fn cell(&self, column: &Column) -> Option<&'a Cell> {
        self.result.metrics.get(&column.key)
    }

    /// The values of the runs, in the unit of the table.
    pub(crate) fn values(&self, column: &Column) -> Vec<f64> {
        let values = self.runs.iter().filter_map(|run| run.values.get(&column.key));
        values.map(|value| column.unit.in_tables(value)).collect()
    }

    /// `element` with a mark where the row's numbers are no results.
    pub(crate) fn marked(&self, element: Element) -> Element {
        match &self.result.warning {
            Some(warning) => {
                let mark = Element::of("span", "LEAK").class("mark").attr("title", warning);
                element.text(" ").child(mark)
            }
            None => element,
        }
    }
}

/// Returns the name of a unit.
pub(crate) const fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Percent => "percent",
        Unit::Nats => "nats",
        Unit::Number => "value",
    }
}
