use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::names;
use vgae_ingest::fetch::Form;

/// The stages, in the order they run.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Raw files to a graph, or to samples.
    Ingest,
    /// A graph to training and held-out edges, samples to parts.
    Split,
    /// Training edges or samples to weights and an embedding.
    Train,
    /// An embedding to metrics and, of a graph, scored pairs.
    Eval,
    /// An embedding to files for other tools.
    Export,
}

impl Stage {
    /// All stages, in order.
    pub const ALL: [Self; 5] = [Self::Ingest, Self::Split, Self::Train, Self::Eval, Self::Export];

    /// Raised when the stage's output for the same input changes; part of the fingerprint.
    #[must_use]
    pub const fn version(self) -> u32 {
        match self {
            // Ingest 2: ids that are whole numbers are stored as such, no longer as text.
            // Train 2: the positive terms of the loss in f32.
            // Train 3: what a hybrid joins by default, its largest values alike; shorter training of MLP decoders.
            // Eval 2: what vectors tell of the labels of nodes.
            // Eval 3: Hits@K, mean reciprocal rank, slices by distance.
            Self::Ingest => 2,
            Self::Train | Self::Eval => 3,
            Self::Split | Self::Export => 1,
        }
    }

    /// The name in commands, manifests and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Split => "split",
            Self::Train => "train",
            Self::Eval => "eval",
            Self::Export => "export",
        }
    }

    /// Artifacts of earlier stages that this one reads, of a graph or of samples. Those a graph need not
    /// have are left out of the fingerprint where they are absent.
    #[must_use]
    pub const fn reads(self, form: Form) -> &'static [&'static str] {
        match (self, form) {
            (Self::Ingest, _) => &[],
            (Self::Split, Form::Graph) => &[names::NODES, names::EDGES, names::FEATURES],
            (Self::Split, Form::Samples) => &[names::SAMPLES],
            (Self::Train, Form::Graph) => &[names::NODES, names::SPLIT, names::FEATURES],
            (Self::Train, Form::Samples) => &[names::SAMPLES, names::SAMPLE_SPLIT],
            (Self::Eval, Form::Graph) => &[
                names::NODES,
                names::SPLIT,
                names::HARD_NEGATIVES,
                names::LATENT,
                names::LATENT_TEST,
                names::PAIR_MODEL,
                names::WEIGHTS,
                names::FEATURES,
            ],
            (Self::Eval, Form::Samples) => {
                &[names::NODES, names::SAMPLES, names::SAMPLE_SPLIT, names::WEIGHTS, names::LATENT]
            }
            (Self::Export, _) => &[names::NODES, names::LATENT],
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
