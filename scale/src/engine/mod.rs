//! Engines: programs that run the SQL of the steps.

mod local;
mod spark;

use std::path::{Path, PathBuf};

pub use local::{Local, LocalOptions};
pub use spark::{Spark, SparkOptions};

use crate::steps::Facts;

/// Parquet files that make up a table.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableFiles {
    /// Files, all with the same columns.
    pub paths: Vec<PathBuf>,
    /// Columns of the table: the name in the files, and the name in SQL. Other columns are left out.
    pub columns: Vec<(String, String)>,
}

/// SQL engine that reads and writes Parquet files.
pub trait Engine {
    /// Returns the name of the engine.
    fn name(&self) -> &'static str;

    /// Makes the files readable as the table `name`, in place of an earlier one.
    ///
    /// # Errors
    /// Returns an error when a file cannot be read or lacks a column.
    fn register(&mut self, name: &str, files: &TableFiles) -> anyhow::Result<()>;

    /// Writes the result of a query as Parquet files `part-*.parquet` into `folder`, which does not exist yet.
    ///
    /// # Errors
    /// Returns an error when the query fails or a file cannot be written.
    fn write(&mut self, sql: &str, folder: &Path) -> anyhow::Result<()>;

    /// Runs a query that returns one row; each column is a fact.
    ///
    /// # Errors
    /// Returns an error when the query fails, returns another number of rows, or a value is neither a number nor text.
    fn query(&mut self, sql: &str) -> anyhow::Result<Facts>;
}
