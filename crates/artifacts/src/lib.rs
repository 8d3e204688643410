//! Types and file formats shared by the stages of `vgae`.
//!
//! A stage (`ingest`, `split`, `model`, `eval`, `export`) is a function over the values defined here and
//! never imports another stage. Each value has one file format, read and written only in this crate: Parquet
//! for tables, safetensors for tensors, JSON for small records. Every file contains its kind, the version of
//! its schema and its [`Provenance`], and appears under its final name only when complete (see [`atomic`]).
//!
//! ```
//! use vgae_artifacts::{Edges, Pair};
//!
//! let edges = Edges::undirected(3, vec![Pair::new(2, 0), Pair::new(0, 1), Pair::new(0, 2)])?;
//! assert_eq!(edges.pairs(), &[Pair::new(0, 1), Pair::new(0, 2)]);
//! # Ok::<(), vgae_artifacts::ArtifactError>(())
//! ```
//!
//! This crate does not parse other formats (`ingest`) and does not compute anything on a graph.

pub mod atomic;
mod cell;
pub mod claims;
mod curves;
mod data_kind;
mod edges;
mod embedding;
mod error;
mod features;
mod graph;
pub mod guard;
mod hard_negatives;
mod hash;
pub mod json;
mod keyed_hash;
mod kind;
mod manifest;
mod matrix;
pub mod metric;
mod metrics;
pub mod names;
mod negatives;
mod node_map;
mod node_types;
mod nodes;
mod pair;
mod pair_model;
mod parse_name;
mod part;
mod protocol;
mod provenance;
mod records;
pub mod regular;
mod relations;
mod results;
mod sample_files;
mod sample_metrics;
mod samples;
pub mod schemas;
mod scores;
mod seed;
mod split;
mod stage;
pub mod table;
pub mod tensors;
pub mod text;
mod training;

pub use cell::Cell;
pub use curves::{CurvePoint, Curves};
pub use data_kind::DataKind;
pub use edges::Edges;
pub use embedding::Embedding;
pub use error::{ArtifactError, Result};
pub use features::Features;
pub use graph::Graph;
pub use hard_negatives::HardNegatives;
pub use hash::ContentHash;
pub use keyed_hash::{HashPurpose, KeyedHash};
pub use kind::{FORM_VERSION, Kind};
pub use manifest::{FileRecord, MachineRecord, Manifest, StageRecord};
pub use matrix::Matrix;
pub use metrics::{
    EdgeWeightMetrics, LinkMetrics, MeanRanks, Metrics, NodeMetrics, OwnEpoch, OwnEpochs,
    ProbabilityMetrics, RankingMetrics, ReliabilityBin, SliceMetrics,
};
pub use negatives::{InvalidNegatives, NegativeKind, NegativeSet, RankedAmong};
pub use node_map::NodeMap;
pub use node_types::{NodeTypes, PairTypes};
pub use nodes::{IdType, Nodes};
pub use pair::Pair;
pub use pair_model::{FeatureImportance, HybridRecord, PairModelRecord};
pub use parse_name::parse_name;
pub use part::Part;
pub use protocol::Protocol;
pub use provenance::Provenance;
pub use records::{
    Audit, Certificate, CertificateCounts, ColumnScale, ColumnUse, ComponentCount, Finding,
    GivenList, GivenNegatives, GivenSplit, ListOrigin, MissingValues, NamedCount, Overlap,
    PartCounts, SampleAudit, SampleCertificate, SplitRule, TableReading, TypeCounts,
};
pub use relations::Relations;
pub use results::{Published, ResultRow, ResultTable, Verdict};
pub use sample_metrics::{CodeMetrics, ReconstructionMetrics, SampleMetrics};
pub use samples::{ImageShape, SampleSplit, SampleValues, SampleView, Samples};
pub use scores::{EdgeWeight, ScoredPair, Scores};
pub use seed::{Seed, Stream};
pub use split::{EdgeSplit, HeldOutWeights, LabelledPairs, Messages, TrainRelations, TrainView};
pub use stage::Stage;
pub use training::{Chosen, EpochRecord, History, Validation};
