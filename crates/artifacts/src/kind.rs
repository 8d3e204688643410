use serde::{Deserialize, Serialize};

/// Version of the file formats. It is increased when one of them changes; readers reject newer versions.
pub const FORM_VERSION: u32 = 1;

/// Kind of an artifact. It is stored in the file, so that readers can reject other kinds.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::Display,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// Node ids and labels.
    Nodes,
    /// Edges of a graph.
    Edges,
    /// Sparse node features.
    Features,
    /// Rows of numbers without a graph.
    Samples,
    /// Findings of ingest.
    Audit,
    /// Training, validation and test pairs.
    Split,
    /// Training, validation and test samples.
    SampleSplit,
    /// Counts and proofs about a split.
    Certificate,
    /// Trained weights.
    Weights,
    /// Output of the encoder.
    Latent,
    /// Training history.
    History,
    /// Node vectors with ids and labels.
    Embeddings,
    /// Scored pairs.
    Scores,
    /// Metrics with their definitions.
    Metrics,
    /// Record of a finished run.
    Manifest,
    /// Runs of a grid.
    Summary,
    /// State of a training between two epochs.
    Checkpoint,
    /// Predicted missing links.
    Predictions,
    /// Nearest neighbours of a node.
    Neighbors,
    /// Hard negatives of held-out edges.
    HardNegatives,
    /// Result table: methods, datasets and protocols.
    Results,
    /// ROC and precision-recall curve.
    Curves,
    /// Model that scores pairs, for methods without inner products.
    PairModel,
    /// Positions of nodes in two dimensions.
    Map,
    /// Relation types of edges.
    Relations,
    /// Test metrics, each at the epoch that is best by the same metric on validation pairs.
    OwnEpochs,
}
