//! Engine `local`: Apache `DataFusion` in this process.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{
    DataType, Decimal128Type, Float32Type, Float64Type, Int32Type, Int64Type, UInt64Type,
};
use datafusion::catalog::TableProvider;
use datafusion::common::Column;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::physical_plan::{ExecutionPlanProperties, execute_stream_partitioned};
use datafusion::prelude::{Expr, ParquetReadOptions, SessionConfig, SessionContext};
use futures::StreamExt;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use tokio::runtime::Runtime;
use vgae_artifacts::table::ROW_GROUP_ROWS;

use super::{Engine, TableFiles};
use crate::steps::{Facts, Value};

/// Stack of a worker thread in bytes. Plans of nested queries are visited recursively.
const STACK_BYTES: usize = 16 << 20;

/// Largest memory in bytes that a sort reserves for merging.
const MERGE_BYTES: usize = 10 << 20;

/// Resources of the engine `local`.
#[derive(Debug, Clone, Default)]
pub struct LocalOptions {
    /// Number of threads and partitions; all processors by default.
    pub threads: Option<usize>,
    /// Memory of queries in bytes; beyond it they spill to disk. Unlimited by default.
    pub memory: Option<usize>,
    /// Folder for spilled data; the system's temporary folder by default.
    pub spill: Option<PathBuf>,
}

/// Apache `DataFusion` in this process.
pub struct Local {
    runtime: Runtime,
    context: SessionContext,
}

impl Local {
    /// Creates the engine.
    ///
    /// # Errors
    /// Returns an error when threads cannot be started or the folder for spilled data cannot be created.
    pub fn new(options: &LocalOptions) -> anyhow::Result<Self> {
        let processors = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = options.threads.unwrap_or_else(processors).max(1);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_stack_size(STACK_BYTES)
            .enable_all()
            .build()
            .context("cannot start the threads of the engine `local`")?;
        // Hash joins do not spill; sort-merge joins do. With statistics, a column whose least and greatest value are
        // equal is read as a constant, although these statistics ignore NaN.
        let mut config = SessionConfig::new()
            .with_target_partitions(threads)
            .set_bool("datafusion.optimizer.prefer_hash_join", options.memory.is_none())
            .set_bool("datafusion.execution.collect_statistics", false)
            .set_bool("datafusion.execution.parquet.schema_force_view_types", false);
        let mut environment = RuntimeEnvBuilder::new();
        if let Some(memory) = options.memory {
            environment = environment.with_memory_pool(Arc::new(FairSpillPool::new(memory)));
            // Each sort reserves memory for merging what it has spilled.
            config =
                config.with_sort_spill_reservation_bytes(MERGE_BYTES.min(memory / (16 * threads)));
        }
        if let Some(spill) = &options.spill {
            std::fs::create_dir_all(spill).with_context(|| {
                format!("cannot create the folder for spilled data {}", spill.display())
            })?;
            let mode = DiskManagerMode::Directories(vec![spill.clone()]);
            environment = environment.with_disk_manager_builder(
                DiskManagerBuilder::default()
                    .with_mode(mode)
                    .with_max_temp_directory_size(u64::MAX),
            );
        }
        let environment = environment.build_arc().context("cannot set up the engine `local`")?;
        let context = SessionContext::new_with_config_rt(config, environment);
        Ok(Self { runtime, context })
    }

    /// Returns a view of the columns of the files.
    async fn view(&self, files: &TableFiles) -> anyhow::Result<Arc<dyn TableProvider>> {
        let paths = files.paths.iter().map(|path| path.to_str().map(str::to_owned));
        let paths: Option<Vec<String>> = paths.collect();
        let paths = paths.context("a path is not UTF-8: rename the file")?;
        // The files are listed one by one, so that their extension does not matter.
        let options = ParquetReadOptions { file_extension: "", ..ParquetReadOptions::default() };
        let frame = self.context.read_parquet(paths, options).await?;
        let columns = files
            .columns
            .iter()
            .map(|(stored, column)| Expr::Column(Column::new_unqualified(stored)).alias(column));
        Ok(frame.select(columns)?.into_view())
    }

    /// Writes the partitions of a query side by side, a file each.
    async fn write_partitions(
        context: &SessionContext,
        sql: &str,
        folder: &Path,
    ) -> anyhow::Result<()> {
        let plan = context.sql(sql).await?.create_physical_plan().await?;
        std::fs::create_dir(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let empty = plan.output_partitioning().partition_count() == 0;
        anyhow::ensure!(!empty, "the query has no partitions");
        let streams = execute_stream_partitioned(plan, context.task_ctx())?;
        let mut writers = tokio::task::JoinSet::new();
        for (at, stream) in streams.into_iter().enumerate() {
            writers.spawn(write_part(stream, folder.join(format!("part-{at:05}.parquet"))));
        }
        // The first failure drops, and thereby stops, the other writers.
        while let Some(written) = writers.join_next().await {
            written.context("a writer of a part file panicked")??;
        }
        Ok(())
    }
}

async fn write_part(mut stream: SendableRecordBatchStream, path: PathBuf) -> anyhow::Result<()> {
    let cannot_write = || format!("cannot write {}", path.display());
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .build();
    let file = File::create_new(&path).with_context(cannot_write)?;
    let mut writer =
        ArrowWriter::try_new(file, stream.schema(), Some(properties)).with_context(cannot_write)?;
    while let Some(batch) = stream.next().await {
        writer.write(&batch?).with_context(cannot_write)?;
    }
    let file = writer.into_inner().with_context(cannot_write)?;
    file.sync_all().with_context(cannot_write)?;
    Ok(())
}

impl Engine for Local {
    fn name(&self) -> &'static str {
        "local"
    }

    fn register(&mut self, name: &str, files: &TableFiles) -> anyhow::Result<()> {
        let view = self.runtime.block_on(self.view(files));
        let view = view.with_context(|| format!("cannot read the table `{name}`"))?;
        self.context.deregister_table(name)?;
        self.context.register_table(name, view)?;
        Ok(())
    }

    fn write(&mut self, sql: &str, folder: &Path) -> anyhow::Result<()> {
        let context = self.context.clone();
        self.runtime.block_on(Self::write_partitions(&context, sql, folder))
    }

    fn query(&mut self, sql: &str) -> anyhow::Result<Facts> {
        let batches =
            self.runtime.block_on(async { self.context.sql(sql).await?.collect().await })?;
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        let batch = batches.iter().find(|batch| batch.num_rows() == 1);
        let Some(batch) = batch.filter(|_| rows == 1) else {
            anyhow::bail!("expected one row, found {rows}");
        };
        let schema = batch.schema();
        let values = schema.fields().iter().zip(batch.columns()).map(|(field, column)| {
            let value = value(column).with_context(|| {
                format!("column `{}`: a value of type {}", field.name(), field.data_type())
            })?;
            Ok((field.name().clone(), value))
        });
        Ok(Facts(values.collect::<anyhow::Result<_>>()?))
    }
}

/// Returns the only value of a column; `None` for types that are no facts.
fn value(column: &dyn Array) -> Option<Value> {
    if column.is_null(0) {
        return Some(Value::Null);
    }
    Some(match column.data_type() {
        DataType::Int64 => Value::Integer(column.as_primitive::<Int64Type>().value(0)),
        DataType::Int32 => Value::Integer(column.as_primitive::<Int32Type>().value(0).into()),
        DataType::UInt64 => {
            let value = column.as_primitive::<UInt64Type>().value(0);
            i64::try_from(value).map_or_else(|_| Value::Text(value.to_string()), Value::Integer)
        }
        DataType::Float64 => real(column.as_primitive::<Float64Type>().value(0)),
        DataType::Float32 => real(column.as_primitive::<Float32Type>().value(0).into()),
        DataType::Decimal128(_, 0) => {
            let value = column.as_primitive::<Decimal128Type>().value(0);
            i64::try_from(value).map_or_else(|_| Value::Text(value.to_string()), Value::Integer)
        }
        DataType::Utf8 => Value::Text(column.as_string::<i32>().value(0).to_owned()),
        DataType::Utf8View => Value::Text(column.as_string_view().value(0).to_owned()),
        _ => return None,
    })
}

/// Returns a finite number, or nothing for NaN and infinity.
fn real(value: f64) -> Value {
    if value.is_finite() { Value::Real(value) } else { Value::Null }
}
