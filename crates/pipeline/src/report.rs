//! Gathers what a page shows from the artifacts of a run or a grid, and has it written.

pub(crate) mod samples;

use std::path::{Path, PathBuf};

use arrow::datatypes::{DataType, Field};
use vgae_artifacts::DataKind;
use vgae_artifacts::{
    ContentHash, Embedding, History, Kind, Metrics, Nodes, Part, Scores, json, names,
    table::Table as Rows,
};
use vgae_model::{FeatureWeight, FittedHybrid, PairFeature, PairModel};
use vgae_report::{
    Circumstances, ColumnReport, FeatureReport, FileReport, GridCell, GridReport, GridRow, GridRun,
    GridVerdict, JoinedReport, Reliability, ReliabilityBin, Report, RunReport, StageReport,
    is_current,
};

use crate::comparison::Comparison;
use crate::manifest::{Manifest, StageRecord};
use crate::metrics::{calibration, data_kind_of_folder};
use crate::run::RunOutcome;
use crate::table1::{self, Cell, Row, Table};
use crate::{PipelineError, Protocol, RunMetrics, Stage, stages};

/// Makes the report of a folder, in place of one that is there. A folder is a run's (with whatever
/// artifacts it has) or a grid's. Returns the page's path.
///
/// # Errors
/// When the folder holds neither, an artifact is damaged, or the report cannot be written.
pub fn report(folder: &Path) -> Result<PathBuf, PipelineError> {
    let source = Source::of(folder)?;
    let stamp = source.stamp()?;
    Ok(source.render(stamp)?.write(folder)?)
}

/// Makes the report of a folder unless the one that is there tells of the same run.
///
/// # Errors
/// As [`report`].
pub fn refresh(folder: &Path) -> Result<PathBuf, PipelineError> {
    let source = Source::of(folder)?;
    let stamp = source.stamp()?;
    if is_current(folder, &stamp) {
        return Ok(folder.join(vgae_report::REPORT));
    }
    Ok(source.render(stamp)?.write(folder)?)
}

/// What `vgae reproduce` writes beside the runs; it says how they differ.
const TABLE: &str = "table1.json";
/// What `vgae benchmark` and `vgae compare-protocols` write there, and searches.
const COMPARISON: &str = "comparison.json";
/// How the runs of any other grid differ.
const RANDOM_SPLITS: &str = "random-splits";

enum Source<'a> {
    Run(&'a Path),
    Grid(&'a Path),
}

impl<'a> Source<'a> {
    fn of(folder: &'a Path) -> Result<Self, PipelineError> {
        let has = |name: &str| folder.join(name).exists();
        if has(names::MANIFEST) {
            return Ok(Self::Run(folder));
        }
        if has(names::SUMMARY) && folder.join("runs").is_dir() {
            return Ok(Self::Grid(folder));
        }
        // The folder of single stages has no manifest, but something to show.
        if [names::AUDIT, names::HISTORY, names::METRICS].into_iter().any(has) {
            return Ok(Self::Run(folder));
        }
        Err(PipelineError::Usage {
            what: folder.display().to_string(),
            expected: "the folder of a run or of a grid".to_owned(),
            found: if folder.is_dir() { "none of their files" } else { "no such folder" }
                .to_owned(),
        })
    }

    /// Stands for everything the page is made from. The manifest holds the hash of every file of a run,
    /// so that none of them has to be read.
    fn stamp(&self) -> Result<String, PipelineError> {
        let hash = |path: &Path| -> Result<String, PipelineError> {
            Ok(if path.exists() { ContentHash::of_file(path)?.to_hex() } else { String::new() })
        };
        let parts: Vec<String> = match self {
            Self::Run(folder) => {
                let beside = stages::of(data_kind_of_folder(folder)).shown_beside(folder)?;
                std::iter::once(hash(&folder.join(names::MANIFEST))?).chain(beside).collect()
            }
            Self::Grid(folder) => [names::SUMMARY, TABLE, COMPARISON]
                .iter()
                .map(|name| hash(&folder.join(name)))
                .collect::<Result<_, _>>()?,
        };
        Ok(ContentHash::of(parts.join(" ").as_bytes()).to_hex())
    }

    fn render(&self, stamp: String) -> Result<Report, PipelineError> {
        match self {
            Self::Run(folder) => stages::of(data_kind_of_folder(folder)).report(folder, stamp),
            Self::Grid(folder) => Ok(grid(folder, stamp)?.render()),
        }
    }
}

/// Reads an artifact if it is there.
fn optional<T>(
    folder: &Path,
    name: &str,
    read: impl FnOnce(&Path) -> vgae_artifacts::Result<T>,
) -> Result<Option<T>, PipelineError> {
    let path = folder.join(name);
    Ok(path.exists().then(|| read(&path)).transpose()?)
}

pub(crate) fn run(folder: &Path, stamp: String) -> Result<RunReport, PipelineError> {
    let manifest = optional(folder, names::MANIFEST, |_| Manifest::read(folder))?;
    let scores = optional(folder, names::SCORES, Scores::read)?;
    let chosen = optional(folder, names::HISTORY, History::read_chosen)?.flatten();
    let metrics = optional(folder, names::METRICS, Metrics::read)?;
    let path = folder.join(names::PAIR_MODEL);
    let model = path.exists().then(|| PairModel::read(&path)).transpose();
    let (feature, joined) = match model.map_err(PipelineError::at(Stage::Train))? {
        Some(PairModel::Feature { feature, definition }) => {
            (Some(FeatureReport { name: feature.name().to_owned(), definition }), None)
        }
        Some(PairModel::Hybrid(hybrid)) => (None, Some(joined(&hybrid))),
        _ => (None, None),
    };
    Ok(RunReport {
        warning: metrics.as_ref().and_then(|metrics| metrics.warnings.first().cloned()),
        selected_epoch: chosen.map(|chosen| chosen.epoch),
        stopped_early: chosen.is_some_and(|chosen| chosen.stopped_early),
        joined,
        feature,
        circumstances: circumstances(folder, stamp, manifest.as_ref()),
        audit: optional(folder, names::AUDIT, |path| json::read(path, Kind::Audit))?,
        certificate: optional(folder, names::CERTIFICATE, |path| {
            json::read(path, Kind::Certificate)
        })?,
        history: optional(folder, names::HISTORY, History::read)?,
        metrics,
        reliability: scores.as_ref().and_then(reliability),
        scores,
        nodes: optional(folder, names::NODES, Nodes::read)?,
        embedding: optional(folder, names::LATENT, Embedding::read)?,
    })
}

/// What a hybrid goes by.
fn joined(hybrid: &FittedHybrid) -> JoinedReport {
    let column = |weight: &FeatureWeight| ColumnReport {
        name: weight.name.clone(),
        definition: weight.name.parse::<PairFeature>().ok().map(PairFeature::definition),
        coefficient: weight.coefficient,
        drop: 100.0 * weight.drop,
    };
    JoinedReport {
        encoder: hybrid.encoder.to_string(),
        combiner: hybrid.combiner.name().to_owned(),
        positives: hybrid.positives,
        negatives: hybrid.negatives,
        columns: hybrid.importances.iter().map(column).collect(),
    }
}

/// Ranges of probability on a page.
const RELIABILITY_BINS: usize = 10;

/// Probabilities as validation pairs teach them, on test pairs.
fn reliability(scores: &Scores) -> Option<Reliability> {
    let calibration = calibration(scores)?;
    let (positive, negative) = scores.of_part(Part::Test);
    if positive.is_empty() && negative.is_empty() {
        return None;
    }
    let bins = calibration.reliability(&positive, &negative, RELIABILITY_BINS);
    let bins = bins.into_iter().map(|bin| ReliabilityBin {
        from: bin.from,
        to: bin.to,
        pairs: bin.pairs,
        positives: bin.positives,
        predicted: bin.predicted,
    });
    let (slope, intercept) = (calibration.slope, calibration.intercept);
    Some(Reliability { slope, intercept, bins: bins.collect() })
}

/// What the manifest says of a run; without one, its folder's name.
fn circumstances(folder: &Path, stamp: String, manifest: Option<&Manifest>) -> Circumstances {
    let named = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let Some(manifest) = manifest else {
        let name = named.unwrap_or_else(|| "a run".to_owned());
        return Circumstances { stamp, name, ..Circumstances::default() };
    };
    Circumstances {
        stamp,
        name: manifest.run.clone(),
        dataset: Some(manifest.dataset.clone()),
        method: Some(manifest.method.clone()),
        seed: Some(manifest.seed),
        split_seed: Some(manifest.split_seed),
        protocol: manifest.protocol.map(|protocol| protocol.to_string()),
        about: manifest.protocol.map(|protocol| protocol.about().to_owned()),
        stages: manifest.stages.iter().map(stage).collect(),
    }
}

fn stage(record: &StageRecord) -> StageReport {
    let mut config = Vec::new();
    flatten(String::new(), &record.config, &mut config);
    if let Some(seed) = record.seed {
        config.push(("seed".to_owned(), seed.to_string()));
    }
    let inputs = record.inputs.iter().map(|(name, hash)| (name.clone(), short(hash)));
    let outputs = record.outputs.iter().map(|(name, file)| FileReport {
        name: name.clone(),
        bytes: file.bytes,
        hash: file.hash.short(),
    });
    StageReport {
        name: record.stage.to_string(),
        version: record.stage_version,
        program: record.machine.program.clone(),
        seconds: record.machine.seconds,
        threads: record.machine.threads,
        cpu_features: record.machine.cpu_features.clone(),
        peak_memory_bytes: record.machine.peak_memory_bytes,
        fingerprint: record.fingerprint.short(),
        config,
        inputs: inputs.collect(),
        outputs: outputs.collect(),
    }
}

/// `{"a": {"b": 1}}` as `a.b`, `1`.
fn flatten(key: String, value: &serde_json::Value, into: &mut Vec<(String, String)>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                flatten(key, value, into);
            }
        }
        serde_json::Value::Null => {}
        serde_json::Value::String(text) => into.push((key, text.clone())),
        other => into.push((key, other.to_string())),
    }
}

/// The start of a hash as inputs bear it: hexadecimal, perhaps behind `sha256:`.
fn short(hash: &str) -> String {
    const DIGITS: usize = 16;
    let (kind, digits) = hash.rsplit_once(':').map_or(("", hash), |(kind, digits)| (kind, digits));
    let digits: String = digits.chars().take(DIGITS).collect();
    if kind.is_empty() { digits } else { format!("{kind}:{digits}") }
}

/// The runs that `summary.parquet` names: a folder may hold those of an earlier, larger grid as well.
fn grid(folder: &Path, stamp: String) -> Result<GridReport, PipelineError> {
    let run = Field::new("run", DataType::Utf8, false);
    let summary = Rows::read_parquet(&folder.join(names::SUMMARY), Kind::Summary, &[run])?;
    let mut outcomes = Vec::new();
    for name in summary.strings("run")?.into_iter().flatten() {
        if !crate::runner::is_file_name(&name) {
            continue;
        }
        let folder = folder.join("runs").join(name);
        let manifest = Manifest::read(&folder)?;
        if data_kind_of_folder(&folder) == DataKind::Samples {
            return Err(PipelineError::Usage {
                what: "the page of a grid".to_owned(),
                expected: "runs over graphs".to_owned(),
                found: format!(
                    "{manifest}, which has samples: make the page of that run's own folder",
                    manifest = folder.display()
                ),
            });
        }
        let mut metrics = RunMetrics::read(&folder, DataKind::Graph)?;
        if let (RunMetrics::Graph(metrics), true) = (&mut metrics, manifest.variant.is_some()) {
            *metrics = of_search(metrics);
        }
        outcomes.push(RunOutcome { folder, manifest, metrics, unchanged: true });
    }
    let table: Option<Table> = optional(folder, TABLE, |path| json::read(path, Kind::Table))?;
    let comparison: Option<Comparison> =
        optional(folder, COMPARISON, |path| json::read(path, Kind::Comparison))?;
    let title = match (&table, &comparison) {
        (Some(_), _) => "Table 1 of the paper",
        (None, Some(comparison)) if comparison.is_search() => {
            "A search, judged on validation pairs"
        }
        (None, Some(_)) => "Methods and protocols side by side",
        (None, None) => "A grid of runs",
    };
    let protocol = table.map_or_else(|| RANDOM_SPLITS.to_owned(), |table| table.protocol);
    // From the runs once more, so that it is never a table of other runs.
    let table = Table::new(&protocol, &outcomes);
    let mut rest = outcomes.as_slice();
    let rows = table.rows.iter().map(|row| {
        let (own, others) = rest.split_at(row.runs.min(rest.len()));
        rest = others;
        grid_row(row, own, comparison.as_ref())
    });
    let rows: Vec<GridRow> = rows.collect();
    Ok(GridReport {
        stamp,
        title: title.to_owned(),
        caption: comparison.as_ref().map_or_else(|| table.caption(), Comparison::caption),
        facts: facts(&outcomes),
        rows,
    })
}

/// A search is judged on validation pairs: its page shows nothing of test pairs.
fn of_search(metrics: &Metrics) -> Metrics {
    Metrics {
        test: metrics.validation.clone(),
        slices: Vec::new(),
        rankings: Vec::new(),
        ..metrics.clone()
    }
}

fn grid_row(row: &Row, outcomes: &[RunOutcome], comparison: Option<&Comparison>) -> GridRow {
    let manifest = outcomes.first().map(|outcome| &outcome.manifest);
    let protocol = manifest.and_then(|manifest| manifest.protocol);
    let variant = manifest.and_then(|manifest| manifest.variant.as_ref());
    let peak = |comparison: &Comparison| {
        let mut rows = comparison.rows.iter();
        let own = rows.find(|own| {
            (&own.dataset, &own.method) == (&row.dataset, &row.method)
                && own.protocol == protocol.unwrap_or_default()
        });
        own?.peak_memory_bytes
    };
    GridRow {
        dataset: row.dataset.clone(),
        protocol: protocol.map(|protocol| protocol.to_string()),
        method: match variant {
            Some(variant) => format!("{}, {variant}", row.method),
            None => row.method.clone(),
        },
        warning: protocol.and_then(Protocol::warning).map(str::to_owned),
        peak_memory_bytes: comparison.and_then(peak),
        auc: grid_cell(&row.auc),
        ap: grid_cell(&row.ap),
        seconds: row.seconds,
        runs: outcomes.iter().filter_map(grid_run).collect(),
    }
}

fn grid_cell(cell: &Cell) -> GridCell {
    let verdict = match cell.verdict {
        table1::Verdict::Reproduced => GridVerdict::Reproduced,
        table1::Verdict::Above => GridVerdict::Above,
        table1::Verdict::Below => GridVerdict::Below,
        table1::Verdict::None => GridVerdict::None,
    };
    GridCell { mean: cell.mean, sd: cell.sd, se: cell.se, paper: cell.paper, verdict }
}

fn grid_run(outcome: &RunOutcome) -> Option<GridRun> {
    let train = outcome.manifest.stage(Stage::Train).map(|record| &record.machine);
    Some(GridRun {
        name: outcome.manifest.run.clone(),
        seed: outcome.manifest.seed,
        metrics: outcome.metrics.graph()?.clone(),
        seconds: outcome.manifest.run_seconds(),
        train_seconds: train.map(|machine| machine.seconds),
        peak_memory_bytes: train.and_then(|machine| machine.peak_memory_bytes),
    })
}

/// The circumstances of the trainings, each answer once.
fn facts(outcomes: &[RunOutcome]) -> Vec<(String, String)> {
    let each = |of: fn(&StageRecord) -> String| -> String {
        let mut answers: Vec<String> = Vec::new();
        for record in outcomes.iter().filter_map(|outcome| outcome.manifest.stage(Stage::Train)) {
            let answer = of(record);
            if !answers.contains(&answer) {
                answers.push(answer);
            }
        }
        answers.join(", ")
    };
    [
        ("program", each(|record| record.machine.program.clone())),
        ("threads a run", each(|record| record.machine.threads.to_string())),
        ("CPU features", each(|record| record.machine.cpu_features.join(" "))),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_become_lines() {
        let value = serde_json::json!({"a": {"b": 1, "c": null}, "d": "x", "e": [1, 2]});
        let mut lines = Vec::new();
        flatten(String::new(), &value, &mut lines);
        let lines: Vec<String> = lines.into_iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(lines, ["a.b=1", "d=x", "e=[1,2]"]);
    }

    #[test]
    fn hashes_are_cut() {
        assert_eq!(short("sha256:ec1a372391b7f0f60a6a"), "sha256:ec1a372391b7f0f6");
        assert_eq!(short("70cfc2cab168a3d22aae"), "70cfc2cab168a3d2");
    }
}
