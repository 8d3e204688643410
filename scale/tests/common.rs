//! Small graphs as Parquet files, runs over them, and their results.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{Float32Type, Int64Type};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;
use vgae_large::{LargeConfig, Outcome};
use vgae_scale::{Engine, Event, Local, LocalOptions, run};

/// Edges of Zachary's karate club; ids are 1 to 34.
pub(crate) fn karate() -> Vec<(i64, i64)> {
    let text = include_str!("../../crates/ingest/src/karate.txt");
    let edges = text.lines().filter_map(|line| line.strip_prefix("edge "));
    let id = |text: &str| text.parse().expect("an integer");
    edges.filter_map(|edge| edge.split_once(' ')).map(|(a, b)| (id(a), id(b))).collect()
}

/// Edges of a random graph with skewed degrees, among them duplicates in both directions and self-loops. All nodes have
/// an edge, so that the ids are 0 to `nodes` - 1.
pub(crate) fn skewed(nodes: u32, edges: u32) -> Vec<(i64, i64)> {
    let hash = vgae_artifacts::KeyedHash::new(
        vgae_artifacts::HashPurpose::Split,
        vgae_artifacts::Seed(99),
    );
    let draw = |at: u32, word: u32| {
        let uniform = f64::from(hash.of(at, word)) / 4_294_967_296.0;
        #[expect(clippy::cast_possible_truncation, reason = "below the number of nodes")]
        let node = (uniform * uniform * f64::from(nodes)) as i64;
        node
    };
    let ring = (0..nodes).map(|node| (i64::from(node), i64::from((node + 1) % nodes)));
    let drawn = (0..edges).map(|at| (draw(at, 0), draw(at, 1)));
    ring.chain(drawn).collect()
}

pub(crate) fn write_table(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
    let file = File::create(path).expect("a file");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
}

pub(crate) fn integers(values: impl IntoIterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

pub(crate) fn reals(values: impl IntoIterator<Item = f32>) -> ArrayRef {
    Arc::new(Float32Array::from_iter_values(values))
}

pub(crate) fn texts(values: impl IntoIterator<Item = String>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

pub(crate) fn write_edges(path: &Path, edges: &[(i64, i64)]) {
    let (src, dst) = (edges.iter().map(|edge| edge.0), edges.iter().map(|edge| edge.1));
    write_table(path, vec![("src", integers(src)), ("dst", integers(dst))]);
}

/// Folder with an edge table and a pipeline file.
pub(crate) struct Project {
    pub(crate) folder: TempDir,
}

impl Project {
    pub(crate) fn new(edges: &[(i64, i64)], rest: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().expect("a folder") };
        write_edges(&project.path("edges.parquet"), edges);
        project.configure(rest);
        project
    }

    /// Writes the pipeline file: `rest` follows the table [data].
    pub(crate) fn configure(&self, rest: &str) {
        let text = format!("[data]\nedges = \"edges.parquet\"\n{rest}");
        std::fs::write(self.path("big.toml"), text).expect("written");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn config(&self) -> LargeConfig {
        LargeConfig::read(&self.path("big.toml")).expect("a pipeline file")
    }

    /// Runs the pipeline; the lines are those of `event_line`.
    pub(crate) fn run_on(
        &self,
        engine: &mut dyn Engine,
        out: &str,
    ) -> anyhow::Result<(Outcome, Vec<String>)> {
        let mut lines = Vec::new();
        let folder = self.path(out);
        std::fs::create_dir_all(&folder)?;
        let outcome =
            run(&self.config(), engine, &folder, &mut |event| lines.push(event_line(&event)))?;
        Ok((outcome, lines))
    }

    pub(crate) fn run(&self, threads: usize, out: &str) -> (Outcome, Vec<String>) {
        self.run_on(&mut local(threads), out).expect("a run")
    }

    /// Folder of the dataset of a step.
    pub(crate) fn step_folder(&self, out: &str, name: &str) -> PathBuf {
        let record = std::fs::read(self.path(out).join("run.json")).expect("a record");
        let record: serde_json::Value = serde_json::from_slice(&record).expect("JSON");
        let folder = record["steps"][name].as_str().unwrap_or_else(|| panic!("no step {name}"));
        self.path(out).join("steps").join(folder)
    }

    /// The dataset of a step.
    pub(crate) fn step(&self, out: &str, name: &str) -> RecordBatch {
        read_folder(&self.step_folder(out, name))
    }
}

pub(crate) fn event_line(event: &Event<'_>) -> String {
    match event {
        Event::Kept(record) => format!("kept {}", record.step.name),
        Event::Damaged(step, error) => format!("damaged {step}: {error:#}"),
        Event::Rejected(step, attempt, error) => format!("rejected {step} {attempt}: {error:#}"),
        Event::Written { record, .. } => format!("written {}", record.step.name),
    }
}

pub(crate) fn local(threads: usize) -> Local {
    Local::new(&LocalOptions { threads: Some(threads), ..LocalOptions::default() })
        .expect("an engine")
}

/// Part files of a folder, sorted.
pub(crate) fn parts(folder: &Path) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut parts: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "parquet"))
        .collect();
    parts.sort();
    parts
}

pub(crate) fn read_folder(folder: &Path) -> RecordBatch {
    let batches: Vec<RecordBatch> = parts(folder)
        .iter()
        .flat_map(|path| {
            let builder =
                ParquetRecordBatchReaderBuilder::try_new(File::open(path).expect("a file"));
            builder
                .expect("Parquet")
                .build()
                .expect("a reader")
                .map(|batch| batch.expect("a batch"))
        })
        .collect();
    let schema = batches.first().expect("rows").schema();
    // Engines differ in nullability only.
    let batches: Vec<RecordBatch> = batches
        .iter()
        .map(|batch| {
            RecordBatch::try_new(schema.clone(), batch.columns().to_vec()).expect("columns")
        })
        .collect();
    arrow::compute::concat_batches(&schema, &batches).expect("one schema")
}

pub(crate) fn column_i64(batch: &RecordBatch, name: &str) -> Vec<i64> {
    let column = batch.column_by_name(name).unwrap_or_else(|| panic!("no column {name}"));
    column.as_primitive::<Int64Type>().values().to_vec()
}

pub(crate) fn column_text(batch: &RecordBatch, name: &str) -> Vec<String> {
    let column = batch.column_by_name(name).unwrap_or_else(|| panic!("no column {name}"));
    let column = arrow::compute::cast(column, &arrow::datatypes::DataType::Utf8).expect("text");
    column.as_string::<i32>().iter().map(|text| text.expect("no null").to_owned()).collect()
}

/// Values of the columns `prefix0`, `prefix1`, ... by node.
pub(crate) fn vectors(batch: &RecordBatch, prefix: &str) -> BTreeMap<i64, Vec<f32>> {
    let nodes = column_i64(batch, "node");
    let columns: Vec<&[f32]> = (0..)
        .map_while(|k| batch.column_by_name(&format!("{prefix}{k}")))
        .map(|column| column.as_primitive::<Float32Type>().values().as_ref())
        .collect();
    let row = |at: usize| columns.iter().map(|column| column[at]).collect();
    let rows: BTreeMap<i64, Vec<f32>> =
        nodes.iter().enumerate().map(|(at, &node)| (node, row(at))).collect();
    assert_eq!(rows.len(), nodes.len(), "each node once");
    rows
}

/// Bits of the embedding of each node.
pub(crate) fn embedding_bits(folder: &Path) -> BTreeMap<i64, Vec<u32>> {
    let rows = vectors(&read_folder(folder), "embedding_");
    rows.into_iter()
        .map(|(node, row)| (node, row.iter().map(|value| value.to_bits()).collect()))
        .collect()
}
