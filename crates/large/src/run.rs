//! A run from tables to results.

use std::fs::File;
use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;
use serde::Serialize;
use vgae_artifacts::{ArtifactError, Pair, Result, atomic};
use vgae_numerics::Adjacency;

use crate::config::{LargeConfig, MethodConfig};
use crate::embeddings::{combine, write};
use crate::graph::{Graph, Tables};
use crate::held_out::{HeldOut, Split, split};
use crate::metrics::{scores, sums};
use crate::outcome::{EdgeAudit, HeldOutMetrics, Outcome, write_json};
use crate::propagation::{fractional_bits, hop};
use crate::vectors::{Vectors, random};

/// Folder of the part files of the embedding below the output folder.
pub const EMBEDDINGS: &str = "embeddings";
/// Record of a run below the output folder.
const RUN: &str = "run.json";

/// Record of a run, `run.json`.
#[derive(Debug, Serialize)]
struct RunRecord<'a> {
    version: &'static str,
    engine: &'static str,
    /// Pipeline file, with absolute paths.
    config: &'a LargeConfig,
    /// Seconds of each phase.
    seconds: Vec<(&'static str, f64)>,
}

/// Seconds of the phases of a run.
struct Clock {
    last: Instant,
    seconds: Vec<(&'static str, f64)>,
}

impl Clock {
    fn phase(&mut self, name: &'static str) {
        let seconds = self.last.elapsed().as_secs_f64();
        tracing::info!(seconds = format!("{seconds:.2}"), "{name}");
        self.seconds.push((name, seconds));
        self.last = Instant::now();
    }
}

/// Runs a pipeline on the threads of the current pool and writes its results into the folder `out`.
///
/// Memory: 8 bytes per edge, 16 bytes per node, and two matrices of `N x d` values of single precision (`d` a multiple
/// of 16), or as many as hops have a weight; before that, 8 bytes per row of the edge table.
///
/// # Errors
/// Returns an error when the folder is in use or cannot be written, or the data violate a rule.
pub fn run(config: &LargeConfig, out: &Path) -> Result<Outcome> {
    std::fs::create_dir_all(out).map_err(ArtifactError::io("create", out))?;
    let _lock = lock(out)?;
    let mut clock = Clock { last: Instant::now(), seconds: Vec::new() };
    let tables = Tables::open(&config.data)?;
    let Graph { numbering, adjacency, source_rows, self_loops } = tables.read(&config.data)?;
    let edges = adjacency.edges() as u64;
    clock.phase("ingest");
    let Split { train, validation, test, digests } = split(adjacency, config.split, config.seed)?;
    clock.phase("split");
    let nodes = u64::from(numbering.nodes());
    let is_isolated = |node: usize| train.degree(node) == 0;
    let isolated = (0..train.nodes()).into_par_iter().filter(|&node| is_isolated(node)).count();
    let is_cold = |pair: &&Pair| is_isolated(pair.src as usize) || is_isolated(pair.dst as usize);
    let cold = test.positive.par_iter().filter(is_cold).count();

    let (first, weights) = match &config.model {
        MethodConfig::FastRp { dimensions, hop_weights, degree_power } => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "checked to be a whole number from -4 to 4"
            )]
            let half_powers = (degree_power * 2.0).round() as i32;
            (random(&train, config.seed, half_powers, *dimensions)?, hop_weights.clone())
        }
        MethodConfig::Sgc { hops } => {
            let width = config.data.features.len();
            let mut scaled = Vectors::zeros(train.nodes(), width)?;
            tables.features(&config.data, &numbering, |node, features| {
                let root = ((train.degree(node as usize) + 1) as f64).sqrt();
                scaled.set(node as usize, features.iter().map(|value| value / root));
            })?;
            let mut weights = vec![0.0; *hops];
            weights[hops - 1] = 1.0;
            (scaled, weights)
        }
    };
    let embedding = propagate(&train, first, &weights)?;
    drop(train);
    clock.phase("embed");
    let ids = numbering.ids();
    drop(numbering);
    publish(&out.join(EMBEDDINGS), |folder| write(folder, &ids, &embedding))?;
    clock.phase("export");

    let metrics_of = |part: &HeldOut| {
        let [positive, negative] =
            [&part.positive, &part.negative].map(|pairs| scores(&embedding, pairs));
        let (auc, ap) = sums(positive, negative);
        HeldOutMetrics::of_part(auc, ap, part.positive.len())
    };
    let outcome = Outcome {
        audit: EdgeAudit {
            source_rows,
            self_loops,
            duplicates: source_rows - self_loops - edges,
            nodes,
            edges,
            isolated_in_training: isolated as u64,
        },
        certificate: Outcome::certificate(nodes, digests, cold as u64)?,
        metrics: HeldOutMetrics { validation: metrics_of(&validation), test: metrics_of(&test) },
    };
    clock.phase("eval");
    outcome.write(out)?;
    let version = env!("CARGO_PKG_VERSION");
    let record = RunRecord { version, engine: "native", config, seconds: clock.seconds };
    write_json(&out.join(RUN), &record)?;
    Ok(outcome)
}

/// Returns the unit rows of the weighted sum over hops of the unit rows of `P^k first`.
fn propagate(train: &Adjacency, first: Vectors, weights: &[f64]) -> Result<Vectors> {
    let width = first.width();
    let degree = (0..train.nodes()).into_par_iter().map(|node| train.degree(node)).max();
    let messages = degree.unwrap_or(0) as u64 + 1;
    let (mut current, mut spare) = (first, None);
    let mut kept: Vec<(Vectors, f64)> = Vec::new();
    // Of hops with weight 0 only the last one is needed, as the input of the next.
    let last = weights.iter().rposition(|&weight| weight > 0.0).unwrap_or(0);
    for (at, &weight) in weights[..=last].iter().enumerate() {
        let bits = fractional_bits(f64::from(current.greatest()), messages, width)?;
        let mut next = match spare.take() {
            Some(spare) => spare,
            None => Vectors::zeros(train.nodes(), width)?,
        };
        hop(train, &current, bits, &mut next);
        let previous = std::mem::replace(&mut current, next);
        let is_kept = at > 0 && weights[at - 1] > 0.0;
        if is_kept {
            kept.push((previous, weights[at - 1]));
        } else {
            spare = Some(previous);
        }
        tracing::info!(hop = at + 1, weight, bits, "propagated");
    }
    drop(spare);
    kept.push((current, weights[last]));
    let (first, weight) = kept.remove(0);
    Ok(combine(first, weight, &kept))
}

/// Locks the output folder until the file is dropped.
///
/// # Errors
/// Returns an error when another run writes to the folder.
pub fn lock(out: &Path) -> Result<File> {
    let path = out.join(".lock");
    let file = File::create(&path).map_err(ArtifactError::io("create", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(ArtifactError::form(
            out,
            "a folder that no other run writes to",
            "another run: wait for it, or use another --out",
        )),
        Err(std::fs::TryLockError::Error(error)) => Err(ArtifactError::io("lock", &path)(error)),
    }
}

/// Fills a folder beside `to`, and gives it its name when it is complete.
///
/// # Errors
/// Returns an error when `fill` does, or the folder cannot be created or renamed.
pub fn publish(to: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let beside = to.with_extension("unfinished");
    remove_folder(&beside)?;
    std::fs::create_dir(&beside).map_err(ArtifactError::io("create", &beside))?;
    fill(&beside)?;
    atomic::sync_folder(&beside)?;
    remove_folder(to)?;
    std::fs::rename(&beside, to).map_err(ArtifactError::io("rename", &beside))
}

/// Removes a folder with all its content, if it exists.
fn remove_folder(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(ArtifactError::io("remove", folder)(error))
        }
        _ => Ok(()),
    }
}
