//! The result table of a grid, and the pipelines that are built in.

use std::collections::BTreeMap;

use vgae_artifacts::metric::{Column, Shown};
use vgae_artifacts::{
    Cell, MachineRecord, Manifest, Metrics, Protocol, Published, ResultRow, ResultTable, Stage,
};

use crate::published::published;
use crate::{PipelineConfig, PipelineError, RunOutcome};

/// The pipeline that `vgae reproduce` runs.
pub const TABLE1: BuiltIn =
    BuiltIn { path: "pipelines/table1.toml", text: include_str!("../pipelines/table1.toml") };
/// The pipeline that `vgae benchmark` runs.
pub const BENCHMARK: BuiltIn =
    BuiltIn { path: "pipelines/benchmark.toml", text: include_str!("../pipelines/benchmark.toml") };
/// The pipeline that `vgae demo` runs.
pub const DEMO: BuiltIn = BuiltIn {
    path: "pipelines/karate-vgae.toml",
    text: include_str!("../pipelines/karate-vgae.toml"),
};

/// A pipeline file of this repository, to be adjusted by the command line.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    path: &'static str,
    text: &'static str,
}

impl BuiltIn {
    /// The pipeline.
    ///
    /// # Errors
    /// Never for the files in this repository; tests parse them.
    pub fn pipeline(self) -> Result<PipelineConfig, PipelineError> {
        PipelineConfig::parse(self.text, self.path.as_ref())
    }
}

/// Key of the metric that [`Protocol::Ncn`] reports.
const NCN_METRIC: &str = "test_hits_at_100";

/// Gathers the runs of a grid into cells. Runs of one dataset, protocol, method and variant are adjacent, as a plan
/// lays them out. `apart` says whether each had the machine to itself, so that its memory is its own.
#[must_use]
pub fn results(outcomes: &[RunOutcome], apart: bool) -> ResultTable {
    let is_search = outcomes.iter().any(|run| run.manifest.variant.is_some());
    let rows: Vec<ResultRow> = by_cell(outcomes).map(|runs| row(runs, outcomes, apart)).collect();
    let mut columns: Vec<Column> = Vec::new();
    for (column, _) in outcomes.iter().flat_map(|run| run.metrics.values().0) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    columns.retain(|column| rows.iter().any(|row| row.metrics.contains_key(&column.key)));
    if is_search {
        for column in &mut columns {
            column.shown = Shown::Chart;
        }
    }
    let judges_by_hits = |run: &RunOutcome| run.manifest.protocol == Some(Protocol::Ncn);
    if outcomes.iter().any(judges_by_hits) {
        for column in columns.iter_mut().filter(|column| column.key == NCN_METRIC) {
            column.shown = Shown::Chart;
        }
    }
    ResultTable { columns, rows }
}

/// The runs of each dataset, method, protocol and variant; no group is empty.
fn by_cell(outcomes: &[RunOutcome]) -> impl Iterator<Item = &[RunOutcome]> {
    outcomes.chunk_by(|a, b| {
        let cell = |run: &RunOutcome| {
            let Manifest { dataset, method, protocol, variant, .. } = &run.manifest;
            (dataset.clone(), method.clone(), *protocol, variant.clone())
        };
        cell(a) == cell(b)
    })
}

fn row(runs: &[RunOutcome], all: &[RunOutcome], apart: bool) -> ResultRow {
    let manifest = &runs[0].manifest;
    let is_search = manifest.variant.is_some();
    let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (column, value) in runs.iter().flat_map(|run| run.metrics.values().0) {
        let Some(value) = value else { continue };
        if !is_search || is_judge_of_searches(&column.key) {
            values.entry(column.key).or_default().push(column.unit.in_tables(value));
        }
    }
    // A metric that some run of a cell lacks is not averaged over the others; but a run without cold-start pairs is
    // no fault of the others.
    values.retain(|key, values| values.len() == runs.len() || key.starts_with("test_cold_"));
    let metrics: BTreeMap<String, Cell> =
        values.into_iter().filter_map(|(key, values)| Some((key, Cell::of(&values)?))).collect();
    let train = |run: &RunOutcome| -> Option<MachineRecord> {
        run.manifest.stage(Stage::Train).map(|record| record.machine.clone())
    };
    let machines: Vec<MachineRecord> = runs.iter().filter_map(train).collect();
    let mean = |values: Vec<f64>| Cell::of(&values).map_or(0.0, |cell| cell.mean);
    ResultRow {
        dataset: manifest.dataset.clone(),
        protocol: manifest.protocol,
        method: manifest.method.clone(),
        variant: manifest.variant.clone(),
        runs: runs.iter().map(|run| run.manifest.run.clone()).collect(),
        published: if is_search { BTreeMap::new() } else { beside(manifest, &metrics) },
        metrics,
        gain: if is_search { BTreeMap::new() } else { gain(runs, all) },
        seconds: mean(runs.iter().map(|run| run.manifest.run_seconds()).collect()),
        train_seconds: mean(machines.iter().map(|machine| machine.seconds).collect()),
        peak_memory_bytes: machines
            .iter()
            .filter_map(|machine| machine.peak_memory_bytes)
            .max()
            .filter(|_| apart),
        warning: manifest.protocol.and_then(Protocol::warning).map(str::to_owned),
    }
}

/// Whether a search may be judged by a metric: nothing is chosen on test pairs.
fn is_judge_of_searches(key: &str) -> bool {
    ["validation_auc", "validation_ap"].contains(&key)
}

/// The published values of a cell, where the protocol is the paper's.
fn beside(manifest: &Manifest, metrics: &BTreeMap<String, Cell>) -> BTreeMap<String, Published> {
    let protocol = manifest.protocol.unwrap_or_default();
    if !matches!(protocol, Protocol::Kipf | Protocol::KipfFixed) {
        return BTreeMap::new();
    }
    let values = published(&manifest.dataset, &manifest.method);
    let values = values.into_iter().filter_map(|(key, value)| {
        Some((key.to_owned(), Published::new(value, metrics.get(key)?)))
    });
    values.collect()
}

/// The difference in AUC and AP to the runs of the same method, dataset and seed under the default protocol.
fn gain(runs: &[RunOutcome], all: &[RunOutcome]) -> BTreeMap<String, Cell> {
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
    let by = |of: fn(&Metrics) -> Option<f64>| -> Option<Cell> {
        let differences: Option<Vec<f64>> =
            pairs.iter().map(|(own, base)| Some(100.0 * (of(own)? - of(base)?))).collect();
        Cell::of(&differences?)
    };
    let auc = by(|metrics| metrics.test.auc).map(|cell| ("test_auc".to_owned(), cell));
    let ap = by(|metrics| metrics.test.ap).map(|cell| ("test_ap".to_owned(), cell));
    auc.into_iter().chain(ap).collect()
}

#[cfg(test)]
mod tests {
    use vgae_artifacts::DataKind;
    use vgae_model::Method;

    use super::*;

    #[test]
    fn the_benchmark_has_every_method_of_graphs_that_stands_alone() {
        let grid = BENCHMARK.pipeline().expect("parses").grid.expect("a grid");
        assert_eq!(grid.protocols, [Protocol::Kipf, Protocol::Heart]);
        for method in Method::all() {
            let wanted = method.data() == DataKind::Graph;
            assert_eq!(grid.methods.contains(&method), wanted, "{method}");
        }
    }

    #[test]
    fn table_1_has_the_grid_of_the_paper() {
        let config = TABLE1.pipeline().expect("parses");
        let grid = config.grid.expect("a grid");
        assert_eq!(grid.datasets, ["cora", "citeseer", "pubmed"]);
        assert_eq!(grid.runs, 10);
        let methods: Vec<String> = grid.methods.iter().map(ToString::to_string).collect();
        assert_eq!(methods, ["sc", "dw", "gae*", "vgae*", "gae", "vgae"]);
        let model = config.model.config(grid.methods[5]).expect("sound");
        let values = ["hidden", "latent", "epochs"].map(|key| model.get(key).cloned());
        assert_eq!(values, [32, 16, 200].map(|value| Some(value.into())));
    }
}
