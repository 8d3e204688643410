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
use crate::vectors::{LINE, Vectors, random};

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
/// `available` is the memory in bytes that may be used, if it is known. A run needs 8 bytes per row of the edge table, 16
/// bytes per node, and at least two matrices of `N x d` values of single precision (`d` a multiple of 16).
///
/// # Errors
/// Returns an error when the folder is in use or cannot be written, the data violate a rule, or more memory is needed than
/// is available.
pub fn run(config: &LargeConfig, out: &Path, available: Option<u64>) -> Result<Outcome> {
    std::fs::create_dir_all(out).map_err(ArtifactError::io("create", out))?;
    let _lock = lock(out)?;
    let mut clock = Clock { last: Instant::now(), seconds: Vec::new() };
    let tables = Tables::open(&config.data)?;
    let numbering = tables.number(&config.data)?;
    let (rows, nodes) = (tables.edge_rows(), u64::from(numbering.nodes()));
    tracing::info!(nodes, rows, "numbered the nodes");
    check_memory(needed_memory(rows, nodes, &config.model, config.data.features.len()), available)?;
    let Graph { adjacency, source_rows, self_loops } = tables.read(&config.data, &numbering)?;
    let edges = adjacency.edges() as u64;
    clock.phase("ingest");
    let Split { train, validation, test, digests } = split(adjacency, config.split, config.seed)?;
    clock.phase("split");
    let is_isolated = |node: usize| train.degree(node) == 0;
    let isolated = (0..train.nodes()).into_par_iter().filter(|&node| is_isolated(node)).count();
    let is_cold = |pair: &&Pair| is_isolated(pair.src as usize) || is_isolated(pair.dst as usize);
    let cold = test.positive.par_iter().filter(is_cold).count();

    let first = match &config.model {
        MethodConfig::FastRp { dimensions, degree_power, .. } => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "checked to be a whole number from -4 to 4"
            )]
            let half_powers = (degree_power * 2.0).round() as i32;
            random(&train, config.seed, half_powers, *dimensions)?
        }
        MethodConfig::Sgc { .. } => {
            let width = config.data.features.len();
            let mut scaled = Vectors::zeros(train.nodes(), width)?;
            tables.features(&config.data, &numbering, |node, features| {
                let root = ((train.degree(node as usize) + 1) as f64).sqrt();
                scaled.set(node as usize, features.iter().map(|value| value / root));
            })?;
            scaled
        }
    };
    let embedding = propagate(&train, first, &hop_weights(&config.model))?;
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

/// Returns the weight of each hop up to the last one with a weight; of the others only the last is needed, as the input of
/// the next.
fn hop_weights(model: &MethodConfig) -> Vec<f64> {
    match model {
        MethodConfig::FastRp { hop_weights, .. } => {
            let last = hop_weights.iter().rposition(|&weight| weight > 0.0).unwrap_or(0);
            hop_weights[..=last].to_vec()
        }
        MethodConfig::Sgc { hops } => {
            let mut weights = vec![0.0; *hops];
            weights[hops - 1] = 1.0;
            weights
        }
    }
}

/// Returns the bytes that a run needs at most, without the program itself and the held-out pairs.
fn needed_memory(rows: u64, nodes: u64, model: &MethodConfig, features: usize) -> u64 {
    let width = match model {
        MethodConfig::FastRp { dimensions, .. } => *dimensions,
        MethodConfig::Sgc { .. } => features,
    };
    let weights = hop_weights(model);
    // The hops with a weight, but for the last; beside them, the input and the output of a hop.
    let kept = weights[..weights.len() - 1].iter().filter(|&&weight| weight > 0.0).count();
    let vectors = (kept.saturating_sub(1) + 2) as u64;
    let row = (width.next_multiple_of(LINE) * size_of::<f32>()) as u64;
    let of_nodes = nodes.saturating_mul(16 + vectors.saturating_mul(row));
    rows.saturating_mul(8).saturating_add(of_nodes)
}

fn check_memory(needed: u64, available: Option<u64>) -> Result<()> {
    let gigabytes = |bytes: u64| format!("{:.1} GB of memory", bytes as f64 / 1e9);
    match available {
        Some(available) if available < needed => {
            let expected = format!(
                "{}; use the engine `local` with --memory, or fewer dimensions",
                gigabytes(needed)
            );
            Err(ArtifactError::invalid("the engine `native`", expected, gigabytes(available)))
        }
        _ => Ok(()),
    }
}

/// Returns the unit rows of the weighted sum over hops of the unit rows of `P^k first`.
fn propagate(train: &Adjacency, first: Vectors, weights: &[f64]) -> Result<Vectors> {
    let width = first.width();
    let degree = (0..train.nodes()).into_par_iter().map(|node| train.degree(node)).max();
    let messages = degree.unwrap_or(0) as u64 + 1;
    let (mut current, mut spare) = (first, None);
    let mut kept: Vec<(Vectors, f64)> = Vec::new();
    for (at, &weight) in weights.iter().enumerate() {
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
    kept.push((current, weights[weights.len() - 1]));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_counted_and_refused() {
        let fastrp = |hop_weights: &[f64]| MethodConfig::FastRp {
            dimensions: 17,
            hop_weights: hop_weights.to_vec(),
            degree_power: 0.5,
        };
        // Rows of 32 values. `y2` and `y3` become `y4` and `y3`, so two matrices are enough.
        let needed = |weights: &[f64]| needed_memory(1000, 100, &fastrp(weights), 0);
        assert_eq!(needed(&[0.0, 0.0, 1.0, 1.0, 0.0]), 8000 + 100 * (16 + 2 * 128));
        assert_eq!(needed(&[1.0, 1.0, 1.0]), 8000 + 100 * (16 + 3 * 128));
        assert_eq!(needed_memory(0, 1, &MethodConfig::Sgc { hops: 3 }, 5), 16 + 2 * 64);
        assert!(check_memory(5, None).is_ok() && check_memory(5, Some(5)).is_ok());
        let error = check_memory(2_500_000_000, Some(1_000_000_000)).expect_err("too little");
        let text = error.to_string();
        assert!(text.contains("expected 2.5 GB of memory; use the engine `local`"), "{text}");
    }
}
