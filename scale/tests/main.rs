//! Runs of whole pipelines.

mod common;
mod local;
mod spark;
