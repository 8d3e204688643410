//! Raw files to a clean graph: the first stage of `vgae`.
//!
//! [`load`] turns an [`IngestConfig`] into a [`Graph`](vgae_artifacts::Graph) and an
//! [`Audit`](vgae_artifacts::Audit) that says what was dropped, collapsed and found. Behind it stand
//! parsers that take bytes ([`linqs`], [`planetoid`], [`pickle`], [`karate`]), the reader of people's own
//! tables, and [`build_graph`], which cleans and counts. [`fetch`] downloads the files of known datasets,
//! verifies each by its hash and keeps them in a cache.
//!
//! ```
//! use std::path::Path;
//! use vgae_ingest::{IngestConfig, load};
//!
//! let (graph, audit) = load(&IngestConfig::dataset("karate"), Path::new("."), None)?;
//! assert_eq!((graph.node_count(), audit.edges), (34, 78));
//! # Ok::<(), vgae_ingest::IngestError>(())
//! ```
//!
//! [`IngestConfig::data_kind`] returns whether a configuration names a graph or samples without one, which
//! `vgae-samples` reads. [`synthetic`] draws random graphs.
//!
//! Every table is read as its content, its names and the given options decide; the audit has the decision, and
//! [`Inspection`] counts what a graph looks like.
//!
//! This crate does not split edges, scale the features of nodes, or write artifacts.

mod canonical;
mod clean;
mod config;
#[doc(hidden)]
pub mod delimited;
mod error;
pub mod fetch;
#[doc(hidden)]
pub mod files;
mod findings;
#[doc(hidden)]
pub mod graph_files;
mod inspect;
pub mod karate;
pub mod linqs;
mod load;
pub mod numpy;
pub mod pickle;
pub mod planetoid;
mod raw;
mod raw_formats;
#[doc(hidden)]
pub mod reading;
pub mod synthetic;
#[doc(hidden)]
pub mod tables;

pub use clean::build_graph;
#[doc(hidden)]
pub use config::FileOptions;
pub use config::SampleSource;
pub use config::{
    ColumnRef, DuplicateIds, DuplicateWeights, EdgeTable, FeatureLayout, FeatureTable,
    IngestConfig, Missing, MissingValues, NaValues, NodeFeatures, NodeTable, SampleTable, Scale,
    SplitFiles, TableFormat, UnknownNodes,
};
pub use error::{Ambiguous, FormatError, IngestError, Place};
pub use inspect::{DegreeBin, Degrees, Inspection, Quantile, Range};
pub use load::{
    inputs, load, needs_fetch, negative_inputs, read_negatives, read_split, read_times,
    split_inputs, verified,
};
pub use raw::RawGraph;
pub use raw_formats::{File as RawFile, RawFormat};
pub use tables::join::{NumberedEnds, integer_ends, text_ends};
pub use tables::negative_lists::NegativeFile;
pub use tables::pairs::{PairRows, SplitRows};
pub use tables::times::EdgeTimes;
pub use tables::{IdColumn, read_ids};
pub(crate) use vgae_artifacts::text::printable;
