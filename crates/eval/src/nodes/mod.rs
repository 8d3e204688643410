//! What an embedding of nodes knows of their labels, which no training saw.

mod assignment;
mod clustering;
mod kmeans;
mod probe;

use rand::RngExt;
use vgae_artifacts::{Embedding, NodeMetrics, Seed, Stream};

use crate::labels::{Labelled, classes};
use crate::{EvalConfig, EvalError};

/// More labelled nodes than that are drawn from: the metrics become no surer, only slower.
const MOST_NODES: usize = 20_000;
/// With more distinct labels than that, labels are names rather than classes.
pub const MOST_CLASSES: usize = 100;
/// Decides every draw in here: the same for all runs, so that a run judged again finds the same.
const SEED: Seed = Seed(0);

/// Measures how well vectors tell the labels of nodes, for classifying and for clustering; nothing where
/// there are no classes to tell apart, more than a hundred of them, or the configuration wants none. The
/// same values give the same bits at any number of threads.
///
/// # Errors
/// When there are not as many labels (or nulls) as vectors.
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

/// The labelled nodes, rising; of very many some.
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
