//! Gathers what a page shows from the artifacts of a run or a grid, and has it written.

pub(crate) mod samples;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use vgae_artifacts::{
    ContentHash, Curves, Embedding, History, Kind, Manifest, Metrics, Nodes, PairModelRecord,
    ResultTable, Scores, json, names,
};
use vgae_report::{
    Circumstances, ComparedRun, ComparisonReport, GridReport, GridRun, Report, RunReport,
    is_current, mapped,
};

use crate::metrics::data_kind_of_folder;
use crate::store::{self, is_file_name};
use crate::{PipelineError, RunMetrics, stages};

/// Makes the report of a folder, in place of one that is there. A folder is a run's (with whatever
/// artifacts it has) or a grid's. Returns the page's path.
///
/// # Errors
/// When the folder holds neither, an artifact is damaged, or the report cannot be written.
pub fn report(folder: &Path) -> Result<PathBuf, PipelineError> {
    let source = Source::of(folder)?;
    let _lock = store::lock_of_run(folder)?;
    let stamp = source.stamp()?;
    Ok(source.render(stamp)?.write(folder)?)
}

/// Writes the report of a folder, unless the existing one is of the same run.
///
/// # Errors
/// As [`report`].
pub fn refresh(folder: &Path) -> Result<PathBuf, PipelineError> {
    let source = Source::of(folder)?;
    let stamp = source.stamp()?;
    if is_current(folder, &stamp) {
        return Ok(folder.join(vgae_report::REPORT));
    }
    let _lock = store::lock_of_run(folder)?;
    Ok(source.render(stamp)?.write(folder)?)
}

/// Makes the report of two runs side by side in the folder `out`. Returns the page's path.
///
/// # Errors
/// When a folder is not that of a run, the runs are of different kinds of data, an artifact is damaged, or the report
/// cannot be written.
pub fn compare([a, b]: [&Path; 2], out: &Path) -> Result<PathBuf, PipelineError> {
    let mut runs = [compared(a)?, compared(b)?];
    if data_kind_of_folder(a) != data_kind_of_folder(b) {
        return Err(PipelineError::Usage {
            what: b.display().to_string(),
            expected: format!("a run on the kind of data of {}", a.display()),
            found: "one with a graph, the other without".to_owned(),
        });
    }
    if runs[0].name == runs[1].name {
        runs[0].name = a.display().to_string();
        runs[1].name = b.display().to_string();
    }
    let hash = |folder: &Path| ContentHash::of_file(&folder.join(names::MANIFEST));
    let stamp = format!("{} {}", hash(a)?.to_hex(), hash(b)?.to_hex());
    let stamp = ContentHash::of(stamp.as_bytes()).to_hex();
    std::fs::create_dir_all(out).map_err(PipelineError::io("create the folder", out))?;
    Ok(ComparisonReport { stamp, runs }.render().write(out)?)
}

fn compared(folder: &Path) -> Result<ComparedRun, PipelineError> {
    let manifest = Manifest::read(folder)?;
    Ok(ComparedRun {
        name: manifest.run.clone(),
        manifest,
        values: RunMetrics::read(folder, data_kind_of_folder(folder))?.values(),
        curves: optional(folder, names::CURVES, Curves::read)?,
        history: optional(folder, names::HISTORY, History::read_chosen)?
            .map(|(history, _)| history),
    })
}

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
        if has(names::RESULTS) && folder.join(names::RUNS).is_dir() {
            return Ok(Self::Grid(folder));
        }
        store::refuse_unfinished(folder)?;
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
            Self::Grid(folder) => vec![hash(&folder.join(names::RESULTS))?],
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
    let history = optional(folder, names::HISTORY, History::read_chosen)?;
    let (history, chosen) =
        history.map_or((None, None), |(history, chosen)| (Some(history), chosen));
    let nodes = optional(folder, names::NODES, Nodes::read)?;
    let embedding = optional(folder, names::LATENT, Embedding::read)?;
    let clusters = nodes.as_ref().zip(embedding.as_ref()).and_then(|(nodes, embedding)| {
        let rows = mapped(embedding.mu().rows());
        let labels: HashSet<&String> = nodes.labels().iter().flatten().collect();
        vgae_eval::clusters(embedding.mu(), &rows, labels.len())
    });
    Ok(RunReport {
        circumstances: circumstances(folder, stamp)?,
        audit: optional(folder, names::AUDIT, |path| json::read(path, Kind::Audit))?,
        certificate: optional(folder, names::CERTIFICATE, |path| {
            json::read(path, Kind::Certificate)
        })?,
        history,
        chosen,
        pair_model: optional(folder, names::PAIR_MODEL, PairModelRecord::read)?,
        metrics: optional(folder, names::METRICS, Metrics::read)?,
        scores: optional(folder, names::SCORES, Scores::read)?,
        curves: optional(folder, names::CURVES, Curves::read)?,
        nodes,
        embedding,
        clusters,
    })
}

/// The manifest of a run; without one, its folder's name.
fn circumstances(folder: &Path, stamp: String) -> Result<Circumstances, PipelineError> {
    let named = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    Ok(Circumstances {
        stamp,
        folder: named.unwrap_or_else(|| "a run".to_owned()),
        manifest: optional(folder, names::MANIFEST, |_| Manifest::read(folder))?,
    })
}

/// The runs that the result table names: a folder may hold those of an earlier, larger grid as well.
fn grid(folder: &Path, stamp: String) -> Result<GridReport, PipelineError> {
    let table = ResultTable::read(folder)?;
    let mut runs = Vec::new();
    let named = table.rows.iter().flat_map(|row| &row.runs);
    for name in named.filter(|name| is_file_name(name)) {
        let folder = folder.join(names::RUNS).join(name);
        let manifest = Manifest::read(&folder)?;
        let values = RunMetrics::read(&folder, data_kind_of_folder(&folder))?.values();
        runs.push(GridRun { manifest, values });
    }
    Ok(GridReport { stamp, table, runs })
}
