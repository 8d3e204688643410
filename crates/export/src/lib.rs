//! Writes node embeddings with their ids and labels, in files that other tools can open.
//!
//! Each file has one row per node. Parquet files are compressed, for storage and queries; Arrow IPC files are
//! uncompressed, so that they can be memory-mapped. Both have the same columns: `node` u32 (0, 1, 2, ...),
//! `id` int64 or utf8, `label` utf8 nullable, `embedding` fixed-size list of f32 (see [`Layout`] for other
//! types), and for variational models `mu` (the same values as `embedding`) and `log_sigma`. The schema's
//! metadata contain the kind, the version and the provenance. CSV, with one column per dimension, and
//! `NumPy`'s `.npy` are optional. The same values produce the same bytes.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("embeddings.parquet");
//! use vgae_artifacts::{Embedding, Matrix, Nodes, Provenance};
//! use vgae_export::{Layout, read_embeddings_parquet, write_embeddings_parquet};
//!
//! let nodes = Nodes::new(vec!["a".into(), "b".into()], vec![Some("red".into()), None])?;
//! let mu = Matrix::from_row_major(2, 3, vec![0.0, 0.5, 1.0, -1.0, 0.0, 2.0])?;
//! let embedding = Embedding::new(mu, None)?;
//! let provenance = Provenance::of_stage("export");
//! write_embeddings_parquet(&path, &nodes, &embedding, Layout::Fixed, &provenance)?;
//! assert_eq!(read_embeddings_parquet(&path)?, (nodes, embedding));
//! # Ok(())
//! # }
//! ```
//!
//! This crate does not compute embeddings, and does not write metrics and scores (`artifacts` does).

mod columns;
mod config;
mod csv;
mod npy;
mod read;
mod write;

pub use self::csv::write_embeddings_csv;
pub use columns::embedding_fields;
pub use config::{ExportConfig, Format, Layout};
pub use npy::write_npy;
pub use read::{read_embeddings_arrow, read_embeddings_parquet};
pub use write::{write_embeddings, write_embeddings_arrow, write_embeddings_parquet};
