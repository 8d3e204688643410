//! What an embedding of nodes knows of their labels, which no training saw.

mod assignment;
mod clustering;
mod kmeans;
mod probe;

use rand::RngExt;
use vgae_artifacts::{Embedding, NodeMetrics, Seed, Stream};

use crate::labelled::{Labelled, classes};
use crate::{EvalConfig, EvalError};

/// More labelled nodes than that are drawn from: the metrics become no surer, only slower.
const MOST_NODES: usize = 20_000;
/// With more distinct labels than that, labels are names rather than classes.
const MOST_CLASSES: usize = 100;
/// Decides every draw in here: the same for all runs, so that a run judged again finds the same.
const SEED: Seed = Seed(0);

/// Names and definitions, with their versions.
const DEFINITIONS: [(&str, &str); 5] = [
    (
        "nodes.probe_accuracy",
        "node_probe_accuracy/1 (share of labelled nodes whose label is found by multinomial logistic regression on \
         standardised vectors, C = 1, fitted to 10 % of each class; the other 90 % are judged; mean and standard \
         deviation over 10 draws; scikit-learn's LogisticRegression; of more than 20,000 labelled nodes so many are \
         drawn, for all metrics of nodes)",
    ),
    (
        "nodes.probe_macro_f1",
        "node_probe_macro_f1/1 (mean over classes of F1 of the same predictions; scikit-learn's f1_score)",
    ),
    (
        "nodes.kmeans_ari",
        "kmeans_ari/1 (adjusted Rand index of labels and k-means clusters, as many as there are classes: k-means++, \
         the best of 10 starts; scikit-learn's KMeans and adjusted_rand_score)",
    ),
    (
        "nodes.kmeans_nmi",
        "kmeans_nmi/1 (mutual information of labels and the same clusters over the mean of both entropies; \
         scikit-learn's normalized_mutual_info_score)",
    ),
    (
        "nodes.kmeans_accuracy",
        "kmeans_accuracy/1 (share of nodes whose cluster stands for their class, each cluster standing for one class \
         so that the share is largest)",
    ),
];

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
    let (probe_accuracy, probe_macro_f1) = probe::judge(&all, &truth, SEED);
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

/// Each metric's name, with the name and version of its definition.
pub fn node_definitions() -> impl Iterator<Item = (String, String)> {
    DEFINITIONS.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned()))
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
