//! Graphs of up to billions of edges in one process: Parquet files to compressed rows, split, embedding without
//! training, metrics, and Parquet files.
//!
//! The stages of `vgae run` hold edges, splits and features as artifacts. Here the graph exists once, as compressed
//! rows of 8 bytes per edge that are built straight from the row groups of the tables. [`run`] makes the results of
//! `vgae-scale` for the same pipeline file ([`LargeConfig`]) with the same bits, by the definitions of docs/scale.md:
//! splits and random vectors are keyed hashes ([`vgae_artifacts::KeyedHash`]), and sums are sums of integers.
//!
//! This crate trains no models, reads no text formats, and keeps no intermediate results: a run that was killed starts
//! again.

mod config;
mod embeddings;
mod graph;
mod held_out;
mod ids;
mod metrics;
mod numbering;
mod outcome;
mod propagation;
mod run;
mod table;
mod vectors;

pub use config::{DataConfig, LargeConfig, MethodConfig, SplitFractions};
pub use held_out::{held_out_sizes, non_edges};
pub use metrics::AP_BITS;
pub use outcome::{EdgeAudit, HeldOutMetrics, Outcome, PartDigest, SPLIT_PARTS};
pub use propagation::{fractional_bits, hop};
pub use run::{EMBEDDINGS, lock, publish, run};
pub use table::{SourceTable, is_text};
pub use vectors::Vectors;
