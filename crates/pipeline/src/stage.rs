use std::fmt;

use serde::{Deserialize, Serialize};
use vgae_artifacts::names;

/// The stages, in the order they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Raw files to a graph.
    Ingest,
    /// A graph to training and held-out edges.
    Split,
    /// Training edges to weights and an embedding.
    Train,
    /// An embedding to metrics and scored pairs.
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
        1
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

    /// Artifacts of earlier stages that this one reads. Those a graph need not have are left out of the
    /// fingerprint where they are absent.
    #[must_use]
    pub const fn reads(self) -> &'static [&'static str] {
        match self {
            Self::Ingest => &[],
            Self::Split => &[names::NODES, names::EDGES],
            Self::Train => &[names::NODES, names::SPLIT, names::FEATURES],
            Self::Eval => &[names::NODES, names::SPLIT, names::LATENT],
            Self::Export => &[names::NODES, names::LATENT],
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
