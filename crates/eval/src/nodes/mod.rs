//! Evaluation of embeddings by the labels of nodes, which are not used in training.

mod assignment;
mod clustering;
mod groups;
mod kmeans;
mod probe;

use rand::RngExt;
use vgae_artifacts::{Embedding, NodeMetrics, Seed, Stream};

use crate::labels::{Labelled, classes};
use crate::{EvalConfig, EvalError};

pub use groups::clusters;

/// Maximum number of labelled nodes; more are subsampled, since they add time but little precision.
const MOST_NODES: usize = 20_000;
/// Maximum number of distinct labels; with more, labels are treated as names rather than classes.
pub const MOST_CLASSES: usize = 100;
/// Seed of all draws, fixed so that a repeated evaluation returns the same values.
const SEED: Seed = Seed(0);

/// Measures how well vectors predict the labels of nodes, by a linear probe and by clustering. Returns `None`
/// if there are fewer than two classes, more than [`MOST_CLASSES`], as many classes as labelled nodes, or if
/// the configuration disables it. The same values give the same bits for any number of threads.
///
/// # Errors
/// Returns an error when the number of labels (or nulls) differs from the number of vectors.
pub fn evaluate_nodes(
    embedding: &Embedding,
    labels: &[Option<String>],
    config: &EvalConfig,
) -> Result<Option<NodeMetrics>, EvalError> {
    let mu = embedding.mu();
    let (expected, found) = (mu.rows(), labels.len());
    if expected != found {
        return Err(EvalError::OtherNodes { what: "labels", expected, found });
    }
    if !config.nodes {
        return Ok(None);
    }
    let rows = judged(labels);
    let classes = classes(labels, &rows);
    if classes.len() < 2 || classes.len() > MOST_CLASSES || classes.len() == rows.len() {
        return Ok(None);
    }
    let all = Labelled::new(mu, labels, &rows, &classes);
    let truth: Vec<usize> = all.of.iter().copied().flatten().collect();
    let Some((probe_accuracy, probe_macro_f1)) = probe::judge(&all, &truth, SEED) else {
        return Ok(None);
    };
    let clusters = kmeans::fit(&all, classes.len(), SEED).of;
    let table = clustering::Table::new(&truth, &clusters, classes.len());
    Ok(Some(NodeMetrics {
        labelled: rows.len(),
        classes: classes.len(),
        probe_accuracy,
        probe_macro_f1,
        kmeans_ari: table.adjusted_rand_index(),
        kmeans_nmi: table.normalized_mutual_information(),
        kmeans_accuracy: table.accuracy(),
    }))
}

/// Returns the labelled nodes in ascending order, subsampled to [`MOST_NODES`].
fn judged(labels: &[Option<String>]) -> Vec<u32> {
    let labelled = (0..).zip(labels).filter_map(|(node, label)| label.is_some().then_some(node));
    let mut rows: Vec<u32> = labelled.collect();
    if rows.len() > MOST_NODES {
        let mut rng = SEED.stream(Stream::JudgedNodes, 0);
        for place in 0..MOST_NODES {
            let other = rng.random_range(place..rows.len());
            rows.swap(place, other);
        }
        rows.truncate(MOST_NODES);
        rows.sort_unstable();
    }
    rows
}

#[cfg(test)]
mod tests;
