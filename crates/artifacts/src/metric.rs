//! Declarations of metrics, from which everything that lists metrics derives.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::NegativeSet;

/// The declaration of a metric: names, definition, and how its values are shown. Everything that lists metrics
/// (result tables, summaries, reports, the terminal, verification) goes through the declarations of a record,
/// such as [`crate::LinkMetrics::METRICS`].
#[derive(Debug)]
pub struct Metric<T: 'static> {
    /// Key in files: `auc`.
    pub key: &'static str,
    /// Title in tables: `AUC`.
    pub title: &'static str,
    /// Name and version of the definition, and the definition: `roc_auc/1 (...)`. A definition that changes gets a
    /// new version, so that values of both are told apart.
    pub definition: &'static str,
    /// Unit of the values.
    pub unit: Unit,
    /// Which values are better.
    pub better: Better,
    /// Where result tables show its values on test data.
    pub shown: Shown,
    /// The value in a record; nothing where it is not defined.
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
    /// A run's value as result tables have it.
    #[must_use]
    pub fn in_tables(self, value: f64) -> f64 {
        if self == Self::Percent { 100.0 * value } else { value }
    }

    /// Decimals in result tables.
    #[must_use]
    pub const fn decimals(self) -> usize {
        match self {
            Self::Percent | Self::Nats => 2,
            Self::Number => 5,
        }
    }
}

/// Which values of a metric are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// Higher ones.
    Higher,
    /// Lower ones.
    Lower,
}

/// Where result tables show a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    /// In printed tables, in reports, and as a chart of all runs.
    Chart,
    /// In printed tables and in reports.
    Table,
    /// In files only.
    Files,
}

/// A column of result tables: a metric on certain data.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Column {
    /// Key in files: `test_auc`, `test_hard_500_mrr`.
    pub key: String,
    /// Title in tables: `AUC`, `hard:500 MRR`.
    pub title: String,
    /// Unit of the values.
    pub unit: Unit,
    /// Which values are better.
    pub better: Better,
    /// Where the column is shown.
    pub shown: Shown,
    /// The negatives that edges are ranked among, where each edge has a list of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub negatives: Option<NegativeSet>,
}

/// The measured values of a run by column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values(pub Vec<(Column, Option<f64>)>);

impl Values {
    /// Adds each metric of a record, which may be absent. `data` says on what it was measured, as a part of keys
    /// and titles; `shown`, where it is not as declared, where it is shown.
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

    /// The value of a column.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<f64> {
        self.0.iter().find(|(column, _)| column.key == key).and_then(|(_, value)| *value)
    }
}

/// The declared definitions, as entries of `definitions` in `metrics.json`: each key behind `prefix`.
pub fn definitions<T>(
    prefix: &str,
    metrics: &'static [Metric<T>],
) -> impl Iterator<Item = (String, String)> {
    let entry =
        move |metric: &Metric<T>| (format!("{prefix}{}", metric.key), metric.definition.to_owned());
    metrics.iter().map(entry)
}
