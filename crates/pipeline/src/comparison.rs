//! Methods, graphs and protocols side by side: what `vgae benchmark` and `vgae compare-protocols` print and write.

mod text;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, StringArray, UInt64Array};
use arrow::datatypes::{DataType, Field};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::table::{self, optional};
use vgae_artifacts::{Kind, Metrics, Part, Provenance, RankingMetrics, Spread, atomic, json};

use crate::run::{RunOutcome, by_cell, mean_seconds};
use crate::{PipelineConfig, PipelineError, Protocol, Stage};

/// The pipeline that `vgae benchmark` runs: `pipelines/benchmark.toml`.
pub const PIPELINE: &str = include_str!("../../../pipelines/benchmark.toml");

/// One method on one graph under one protocol. Metrics are those of test pairs, in points (0 to 100), over runs.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Comparand {
    /// The graph.
    pub dataset: String,
    /// The protocol.
    pub protocol: Protocol,
    /// The method.
    pub method: String,
    /// Which values of a search; its rows have metrics of validation pairs only, so that nothing is chosen on
    /// others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// How many runs.
    pub runs: usize,
    /// Each metric: `auc`, `ap`, `mrr` and `hits@K` against the split's own negatives; `validation_auc`,
    /// `validation_ap`; and, where other negatives were asked for, such as `hard:500 mrr`. One that a run lacks
    /// is absent.
    pub metrics: BTreeMap<String, Spread>,
    /// Where there are runs with the same seed under [`Protocol::Kipf`], by how much AUC and AP are larger than
    /// theirs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub gain: BTreeMap<String, Spread>,
    /// Mean wall-clock seconds of a run, on the threads that it had: split, train, eval and export.
    pub seconds: f64,
    /// Of these, training.
    pub train_seconds: f64,
    /// The largest resident memory of a run, where it was measured: the program's own and the graph's included.
    pub peak_memory_bytes: Option<u64>,
    /// What must be said of these numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// The whole table: `comparison.json`, `comparison.parquet`, `comparison.md`.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Comparison {
    /// Graphs, then protocols, then methods, in the order they ran.
    pub rows: Vec<Comparand>,
}

impl Comparison {
    /// Gathers runs into cells. Runs of one graph, protocol and method stand together, as a plan lays them out.
    /// `apart` says whether each had the machine to itself, so that its memory is its own.
    #[must_use]
    pub fn new(outcomes: &[RunOutcome], apart: bool) -> Self {
        let mut rows: Vec<Comparand> =
            by_cell(outcomes).map(|runs| comparand(runs, outcomes, apart)).collect();
        rows.retain(|row| !row.metrics.is_empty());
        Self { rows }
    }

    /// Writes `comparison.json`, `comparison.parquet` and `comparison.md` into `folder`.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), PipelineError> {
        let provenance = Provenance::of_stage("benchmark");
        json::write(&folder.join("comparison.json"), Kind::Comparison, self, &provenance)?;
        self.write_parquet(&folder.join("comparison.parquet"), &provenance)?;
        atomic::write(&folder.join("comparison.md"), self.markdown().as_bytes())?;
        Ok(())
    }

    /// One line a cell and metric, as data frames want it.
    fn write_parquet(&self, path: &Path, provenance: &Provenance) -> vgae_artifacts::Result<()> {
        type Line<'a> = (&'a Comparand, &'a String, &'a Spread);
        let lines: Vec<Line<'_>> = self
            .rows
            .iter()
            .flat_map(|row| row.metrics.iter().map(move |(name, spread)| (row, name, spread)))
            .collect();
        let text = |of: fn(&Line<'_>) -> String| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(lines.iter().map(of)))
        };
        let number = |of: fn(&Line<'_>) -> Option<f64>| -> ArrayRef {
            Arc::new(lines.iter().map(of).collect::<Float64Array>())
        };
        let columns = vec![
            text(|(row, ..)| row.dataset.clone()),
            text(|(row, ..)| row.protocol.to_string()),
            text(|(row, ..)| row.method.clone()),
            Arc::new(lines.iter().map(|line| line.0.variant.as_deref()).collect::<StringArray>()),
            text(|(_, name, _)| (*name).clone()),
            Arc::new(UInt64Array::from_iter_values(lines.iter().map(|line| line.0.runs as u64))),
            number(|(.., spread)| Some(spread.mean)),
            number(|(row, _, spread)| (row.runs > 1).then_some(spread.sd)),
            number(|(row, ..)| Some(row.seconds)),
            number(|(row, ..)| Some(row.train_seconds)),
            number(|(row, ..)| row.peak_memory_bytes.map(|bytes| bytes as f64)),
        ];
        table::write_parquet(path, Kind::Comparison, Self::fields(), columns, &[], provenance)
    }

    /// The columns of `comparison.parquet`.
    pub(crate) fn fields() -> Vec<Field> {
        let text = |name, description| optional(name, DataType::Utf8, description);
        let number = |name, description| optional(name, DataType::Float64, description);
        vec![
            text("dataset", "name of the dataset"),
            text("protocol", "evaluation protocol"),
            text("method", "name of the method"),
            text("variant", "values of a search; null outside of one"),
            text("metric", METRIC),
            optional("runs", DataType::UInt64, "number of runs in the cell"),
            number("mean", "mean over the runs"),
            number("sd", "standard deviation over the runs"),
            number("seconds", "mean wall-clock time of a run"),
            number("train_seconds", "mean wall-clock time of its training"),
            number("peak_memory_bytes", MEMORY),
        ]
    }

    /// Whether its rows are those of a search.
    #[must_use]
    pub fn is_search(&self) -> bool {
        self.rows.iter().any(|row| row.variant.is_some())
    }

    /// Of the rows with the same graph, method and protocol, the one with the highest AUC + AP on validation pairs.
    fn is_best(&self, row: &Comparand) -> bool {
        let score = |row: &Comparand| {
            let metric =
                |name| row.metrics.get(name).map_or(f64::NEG_INFINITY, |spread| spread.mean);
            metric("validation_auc") + metric("validation_ap")
        };
        let cell = |row: &Comparand| (row.dataset.clone(), row.method.clone(), row.protocol);
        let rivals = self.rows.iter().filter(|rival| cell(rival) == cell(row));
        rivals.map(score).fold(f64::NEG_INFINITY, f64::max) <= score(row)
    }

    /// What to say before anything else, if a protocol leaks.
    #[must_use]
    pub fn warning(&self) -> Option<&str> {
        self.rows.iter().find_map(|row| row.warning.as_deref())
    }
}

const METRIC: &str = "auc, ap, mrr, hits@K, validation_auc, validation_ap, or such as `hard:500 mrr`; on test pairs \
                      unless stated otherwise; in percentage points";
const MEMORY: &str =
    "largest resident memory of a run, for runs that had the machine to themselves";

/// Every metric of a run by name, in points.
fn points(metrics: &Metrics) -> BTreeMap<String, f64> {
    let mut points = BTreeMap::new();
    let mut put = |name: String, value: Option<f64>| {
        if let Some(value) = value {
            points.insert(name, 100.0 * value);
        }
    };
    put("auc".to_owned(), metrics.test.auc);
    put("ap".to_owned(), metrics.test.ap);
    put("validation_auc".to_owned(), metrics.validation.auc);
    put("validation_ap".to_owned(), metrics.validation.ap);
    for ranking in metrics.rankings.iter().filter(|ranking| ranking.part == Part::Test) {
        let of_split = ranking.negatives == RankingMetrics::OF_THE_SPLIT;
        let before = if of_split { String::new() } else { format!("{} ", ranking.negatives) };
        if !of_split {
            put(format!("{before}auc"), ranking.auc);
            put(format!("{before}ap"), ranking.ap);
        }
        put(format!("{before}mrr"), ranking.mrr);
        for (k, hits) in &ranking.hits {
            put(format!("{before}hits@{k}"), Some(*hits));
        }
    }
    points
}

fn comparand(runs: &[RunOutcome], all: &[RunOutcome], apart: bool) -> Comparand {
    let manifest = &runs[0].manifest;
    let protocol = manifest.protocol.unwrap_or_default();
    let graphs = || runs.iter().filter_map(|run| run.metrics.graph());
    let of_runs: Vec<BTreeMap<String, f64>> = graphs().map(points).collect();
    let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (name, value) in of_runs.iter().flatten() {
        values.entry(name.clone()).or_default().push(*value);
    }
    let is_search = manifest.variant.is_some();
    values.retain(|name, values| {
        values.len() == of_runs.len() && (!is_search || name.starts_with("validation_"))
    });
    let metrics = values.iter().map(|(name, values)| (name.clone(), Spread::of(values))).collect();
    let train =
        |run: &RunOutcome| run.manifest.stage(Stage::Train).map(|record| record.machine.clone());
    let machines: Vec<_> = runs.iter().filter_map(train).collect();
    let seconds: Vec<f64> = machines.iter().map(|machine| machine.seconds).collect();
    Comparand {
        dataset: manifest.dataset.clone(),
        protocol,
        method: manifest.method.clone(),
        variant: manifest.variant.clone(),
        runs: runs.len(),
        metrics,
        gain: if is_search { BTreeMap::new() } else { gain(runs, all) },
        seconds: mean_seconds(runs),
        train_seconds: Spread::of(&seconds).mean,
        peak_memory_bytes: machines
            .iter()
            .filter_map(|machine| machine.peak_memory_bytes)
            .max()
            .filter(|_| apart),
        warning: protocol.warning().map(str::to_owned),
    }
}

/// AUC and AP above those of the same method, graph and seed under the default protocol.
fn gain(runs: &[RunOutcome], all: &[RunOutcome]) -> BTreeMap<String, Spread> {
    let is_base = |run: &RunOutcome| run.manifest.protocol == Some(Protocol::Kipf);
    if runs.iter().any(is_base) {
        return BTreeMap::new();
    }
    let partner = |run: &RunOutcome| {
        let own = &run.manifest;
        all.iter().filter(|other| is_base(other)).find(|other| {
            let other = &other.manifest;
            (&other.dataset, &other.method, other.seed) == (&own.dataset, &own.method, own.seed)
        })
    };
    let pairs: Vec<(&Metrics, &Metrics)> = runs
        .iter()
        .filter_map(|run| Some((run.metrics.graph()?, partner(run)?.metrics.graph()?)))
        .collect();
    if pairs.len() != runs.len() {
        return BTreeMap::new();
    }
    let by = |of: fn(&Metrics) -> Option<f64>| -> Option<Spread> {
        let differences: Option<Vec<f64>> =
            pairs.iter().map(|(own, base)| Some(100.0 * (of(own)? - of(base)?))).collect();
        differences.map(|differences| Spread::of(&differences))
    };
    let auc = by(|metrics| metrics.test.auc).map(|spread| ("auc".to_owned(), spread));
    let ap = by(|metrics| metrics.test.ap).map(|spread| ("ap".to_owned(), spread));
    auc.into_iter().chain(ap).collect()
}

/// The pipeline behind [`PIPELINE`], to be adjusted by the command line.
///
/// # Errors
/// Never for the file in this repository; a test parses it.
pub fn pipeline() -> Result<PipelineConfig, PipelineError> {
    PipelineConfig::parse(PIPELINE, Path::new("pipelines/benchmark.toml"))
}

#[cfg(test)]
mod tests {
    use vgae_model::Method;

    use super::*;

    #[test]
    fn the_built_in_pipeline_has_every_method_of_graphs_that_stands_alone() {
        let config = pipeline().expect("parses");
        let grid = config.grid.expect("a grid");
        assert_eq!(grid.protocols, [Protocol::Kipf, Protocol::Heart]);
        for method in Method::ALL {
            let is_part = matches!(method, Method::Pairs(feature) if feature.is_part());
            let wanted = !method.learns_from_samples() && !is_part;
            assert_eq!(grid.methods.contains(&method), wanted, "{method}");
        }
    }
}
