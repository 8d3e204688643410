//! Graph-wide steps of `vgae` as SQL, for graphs beyond the memory of one machine.
//!
//! A pipeline is a chain of queries. The same SQL runs on Apache `DataFusion` in this process ([`Local`]), which spills
//! to disk under a memory limit, and on Apache Spark ([`Spark`]). Sums over rows are sums of integers, so the results are
//! the same bits for any number of partitions, workers and on both engines. Each step's output is verified by further
//! queries before it gets its final name.
//!
//! This crate trains no models and reads no text formats.

mod dataset;
mod engine;
mod hash;
mod pipeline;
mod runner;
mod steps;
mod verify;

pub use dataset::{Part, Record};
pub use engine::{Engine, Local, LocalOptions, Spark, SparkOptions, TableFiles};
pub use pipeline::run;
pub use runner::Event;
pub use steps::{Check, Column, ColumnType, Facts, Rule, Step, Value};
pub use verify::verify;
