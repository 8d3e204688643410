//! Plans, fingerprints and runs the stages of `vgae`.
//!
//! A pipeline file ([`PipelineConfig`]) is checked once and becomes a [`Plan`]; [`run()`] carries it out.
//! Each stage is a pure function; this crate does the reading and writing around it. A stage whose
//! fingerprint (hash over its name, version, configuration, inputs and seed) is in the cache already is
//! skipped.
//!
//! ```no_run
//! use vgae_pipeline::{PipelineConfig, Plan};
//!
//! let loaded = PipelineConfig::read("pipelines/cora-vgae.toml".as_ref())?;
//! let plan = Plan::new(loaded)?;
//! assert_eq!(plan.runs[0].name, "cora-vgae-s0");
//! # Ok::<(), vgae_pipeline::PipelineError>(())
//! ```
//!
//! This crate does not parse arguments, draw progress, or compute anything on a graph or on
//! samples.

mod choice;
mod config;
mod error;
mod fingerprint;
pub mod generate;
pub mod machine;
mod metrics;
mod model_table;
mod observe;
mod outcome;
mod placement;
mod plan;
mod protocol;
mod published;
pub mod query;
pub mod reference;
pub mod report;
mod results;
mod run;
mod runner;
mod schedule;
pub mod schemas;
mod scorer;
mod search;
pub mod single_stage;
mod stages;
mod store;
mod summary;
mod verify;
mod why;

pub use config::{GridConfig, Loaded, PipelineConfig, RunConfig};
pub use error::{PipelineError, StageError};
pub use metrics::RunMetrics;
pub use model_table::ModelTable;
pub use observe::{Event, Observer, RunEvent};
pub use outcome::{RunOptions, RunOutcome};
pub use plan::{MethodChoice, Plan, RunPlan};
pub use results::{BENCHMARK, DEMO, TABLE1, results};
pub use run::run;
pub use schedule::{on_threads, start_threads};
pub use stages::samples::measure_samples;
pub use verify::{Check, Verification, verify};
pub use vgae_artifacts::{Manifest, Protocol, Stage};
pub use why::{Forecast, Verdict, why};
