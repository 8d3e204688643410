use std::fmt;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ContentHash;

/// Purpose of a stream of random numbers. Each purpose has an independent stream, so that a new consumer does
/// not affect others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stream {
    /// Shuffling edges and drawing negatives.
    Split,
    /// Initial weights.
    Init,
    /// Order of the training samples in mini-batches; the index is the epoch.
    Shuffle,
    /// Reparameterisation noise of variational models.
    Noise,
    /// Dropout masks.
    Dropout,
    /// Pairs of a sampled loss; the index is the epoch and a permutation.
    Negatives,
    /// Codes drawn from a prior, for generation.
    Prior,
    /// Initial block of vectors of an eigensolver.
    Eigen,
    /// Order in which nodes start their random walks; the index is the pass.
    WalkOrder,
    /// Steps of random walks; the index is a block of walks.
    Walks,
    /// Windows and negatives of skip-gram training; the index is a block of walks.
    SkipGram,
    /// Node numbering of a generated graph.
    GraphNodes,
    /// Edges of a generated graph; the index is a block of draws.
    GraphEdges,
    /// Nodes sampled for evaluation if there are very many.
    JudgedNodes,
    /// Training nodes of a classifier of node vectors; the index is the draw.
    LabelledNodes,
    /// Initial centres of a clustering; the index is the initialisation.
    KMeans,
    /// Training edges that a combiner of pair scores is fitted on, and its negatives.
    PairHoldOut,
    /// Weights and batches of a combiner of pair scores; the index is the ensemble member.
    Combiner,
    /// Shuffles of a column of pair scores; the index is the column.
    Importance,
    /// Negatives that an edge is ranked among; the index is their kind, the part and the edge.
    Candidates,
    /// Ties and fillers among hard negatives; the index is the kept node.
    HardNegatives,
    /// Repulsions of a map of points; the index is the epoch and a chunk of points.
    Layout,
}

impl Stream {
    /// Returns the context string of BLAKE3's key derivation.
    const fn context(self) -> &'static str {
        macro_rules! context {
            ($label:literal) => {
                concat!("vgae 2026-11 seed stream: ", $label)
            };
        }
        match self {
            Self::Split => context!("split"),
            Self::Init => context!("init"),
            Self::Shuffle => context!("shuffle"),
            Self::Noise => context!("noise"),
            Self::Dropout => context!("dropout"),
            Self::Negatives => context!("negatives"),
            Self::Prior => context!("prior"),
            Self::Eigen => context!("eigen"),
            Self::WalkOrder => context!("walk order"),
            Self::Walks => context!("walks"),
            Self::SkipGram => context!("skip-gram"),
            Self::GraphNodes => context!("graph nodes"),
            Self::GraphEdges => context!("graph edges"),
            Self::JudgedNodes => context!("judged nodes"),
            Self::LabelledNodes => context!("labelled nodes"),
            Self::KMeans => context!("k-means"),
            Self::PairHoldOut => context!("pair hold-out"),
            Self::Combiner => context!("joiner"),
            Self::Importance => context!("importance"),
            Self::Candidates => context!("candidates"),
            Self::HardNegatives => context!("hard negatives"),
            Self::Layout => context!("layout"),
        }
    }
}

/// Seed of all random draws of a run.
///
/// ```
/// use rand::Rng;
/// use vgae_artifacts::{Seed, Stream};
///
/// let mut a = Seed(7).stream(Stream::Noise, 3);
/// let mut b = Seed(7).stream(Stream::Noise, 3);
/// assert_eq!(a.next_u64(), b.next_u64());
/// ```
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    JsonSchema,
    Serialize,
    Deserialize,
)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl Seed {
    /// Derives a seed from a content hash, for draws that depend on that content only.
    #[must_use]
    pub fn of_content(hash: &ContentHash) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = *hash.bytes();
        Self(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }

    /// Returns the generator for `purpose`. `index` distinguishes uses of the same purpose, such as the
    /// epochs of a training (therefore a resumed run needs no saved generator).
    ///
    /// `ChaCha8` keyed by BLAKE3's key derivation over label, seed and index: portable, with independent
    /// streams.
    #[must_use]
    pub fn stream(self, purpose: Stream, index: u64) -> ChaCha8Rng {
        let mut material = [0u8; 16];
        material[..8].copy_from_slice(&self.0.to_le_bytes());
        material[8..].copy_from_slice(&index.to_le_bytes());
        ChaCha8Rng::from_seed(blake3::derive_key(purpose.context(), &material))
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    #[test]
    fn streams_differ_by_purpose_index_and_seed() {
        let first = |seed: u64, purpose, index| Seed(seed).stream(purpose, index).next_u64();
        let base = first(0, Stream::Split, 0);
        assert_ne!(base, first(0, Stream::Init, 0));
        assert_ne!(base, first(0, Stream::Split, 1));
        assert_ne!(base, first(1, Stream::Split, 0));
    }

    #[test]
    fn the_first_draw_never_changes() {
        // Pinned: a change here changes existing splits.
        assert_eq!(Seed(42).stream(Stream::Split, 0).next_u64(), 5_740_511_474_987_943_641);
    }

    #[test]
    fn content_stands_for_a_seed() {
        let of = |text: &str| Seed::of_content(&ContentHash::of(text.as_bytes()));
        // The first eight bytes of BLAKE3's hash of empty input, af1349b9f5f9a1a6.
        assert_eq!(of(""), Seed(0xa6a1_f9f5_b949_13af));
        assert_ne!(of(""), of("a"));
    }
}
