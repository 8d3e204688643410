//! End to end: the `vgae` binary and the crates behind it, on real data.
//!
//! The real graphs are fetched once into the user's cache (`$VGAE_CACHE` or the default).

mod artifacts;
mod bad_input;
mod bad_samples;
mod chain;
mod command_line;
mod common;
mod directed;
mod disk_full;
mod docs;
mod doctor;
mod edge_weights;
mod export;
mod forgery;
mod generate_graph;
mod help;
mod hostile_files;
mod imports;
mod large;
mod links;
mod own_graph;
mod pair_models;
mod query;
mod reference_values;
mod relations;
mod report;
mod reproduce;
mod restart;
mod samples;
mod schemas;
mod side_by_side;
mod spectral_golden;
mod splits;
mod style;
mod torch_golden;
mod types;
mod whole;
mod workspace;
