//! Declarations of metrics, from which all lists of metrics derive.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::NegativeSet;

/// Declaration of a metric: names, definition, and display. All lists of metrics (result tables, summaries,
/// reports, the terminal, verification) derive from the declarations of a record, such as
/// [`crate::LinkMetrics::METRICS`].
#[derive(Debug)]
pub struct Metric<T: 'static> {
    /// Key in files: `auc`.
    pub key: &'static str,
    /// Title in tables: `AUC`.
    pub title: &'static str,
    /// Name and version of the definition, and the definition: `roc_auc/1 (...)`. A changed definition gets a
    /// new version, so that values of both can be distinguished.
    pub definition: &'static str,
    /// Unit of the values.
    pub unit: Unit,
    /// Direction of better values.
    pub better: Better,
    /// Result tables that show the values on test data.
    pub shown: Shown,
    /// Value in a record; `None` if it is undefined.
    pub of: fn(&T) -> Option<f64>,
}

/// Unit of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// A share: 0 to 1 in the metrics of a run, percent (0 to 100) in result tables.
    Percent,
    /// Nats per sample.
    Nats,
    /// A number without a unit.
    Number,
}

impl Unit {
    /// Converts a value of a run to the unit of result tables.
    #[must_use]
    pub fn in_tables(self, value: f64) -> f64 {
        if self == Self::Percent { 100.0 * value } else { value }
    }

    /// Returns the number of decimals in result tables.
    #[must_use]
    pub const fn decimals(self) -> usize {
        match self {
            Self::Percent | Self::Nats => 2,
            Self::Number => 5,
        }
    }
}

/// Direction of better values of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// Higher is better.
    Higher,
    /// Lower is better.
    Lower,
}

/// Visibility of a metric in result tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    /// Shown in printed tables, in reports, and as a chart of all runs.
    Chart,
    /// Shown in printed tables and in reports.
    Table,
    /// Stored in files only.
    Files,
}

/// Column of result tables: a metric on certain data.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Column {
    /// Key in files: `test_auc`, `test_hard_500_mrr`.
    pub key: String,
    /// Title in tables: `AUC`, `hard:500 MRR`.
    pub title: String,
    /// Unit of the values.
    pub unit: Unit,
    /// Direction of better values.
    pub better: Better,
    /// Visibility of the column.
    pub shown: Shown,
    /// Negatives that edges are ranked among, if each edge has its own list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub negatives: Option<NegativeSet>,
}

/// Values of a run by column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values(pub Vec<(Column, Option<f64>)>);

impl Values {
    /// Adds the metrics of a record, which may be absent. `key` and `title` are prefixes that identify the
    /// data; `shown` overrides the declared visibility.
    pub(crate) fn add<T>(
        &mut self,
        metrics: &'static [Metric<T>],
        record: Option<&T>,
        (key, title): (&str, &str),
        shown: Option<Shown>,
    ) {
        self.0.extend(metrics.iter().map(|metric| {
            let column = Column {
                key: format!("{key}{}", metric.key),
                title: format!("{title}{}", metric.title),
                unit: metric.unit,
                better: metric.better,
                shown: shown.unwrap_or(metric.shown),
                negatives: None,
            };
            (column, record.and_then(metric.of))
        }));
    }

    /// Returns the value of a column.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<f64> {
        self.0.iter().find(|(column, _)| column.key == key).and_then(|(_, value)| *value)
    }
}

/// Returns the declared definitions as entries of `definitions` in `metrics.json`, with `prefix` before each
/// key.
pub fn definitions<T>(
    prefix: &str,
    metrics: &'static [Metric<T>],
) -> impl Iterator<Item = (String, String)> {
    let entry =
        move |metric: &Metric<T>| (format!("{prefix}{}", metric.key), metric.definition.to_owned());
    metrics.iter().map(entry)
}
