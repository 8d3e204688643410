//! Files of runs and grids: names, contents, and the stages that write and read them.
//!
//! Each file is declared once, in the list at the end of this module. The names, the tables of
//! `docs/artifacts.md`, the inputs of each stage and the fuzzed readers derive from it.

use std::path::Path;

use arrow::datatypes::Field;
use serde_json::Value;

use crate::Stage::{Eval, Export, Ingest, Split, Train};
use crate::json::json_schema;
use crate::{
    Audit, Certificate, Curves, EdgeSplit, Edges, Embedding, Features, HardNegatives, History,
    Kind, Metrics, NegativeSet, Nodes, OwnEpochs, PairModelRecord, Part, Provenance, Relations,
    Result, SampleAudit, SampleCertificate, SampleMetrics, SampleSplit, Samples, Scores, Stage,
    json, table, tensors,
};

/// File in the folder of a run or a grid.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Name.
    pub name: &'static str,
    /// Description of the content, for documents.
    pub content: &'static str,
    /// Kind stored in the file; none in plain text and `NumPy` files.
    pub kind: Option<Kind>,
    /// Writer.
    pub writer: Writer,
    /// Stages that read it in runs over graphs.
    pub graph_readers: &'static [Stage],
    /// Stages that read it in runs over samples.
    pub sample_readers: &'static [Stage],
    /// Columns, if it is a table; one list per form of the file.
    pub columns: Option<fn() -> Vec<Vec<Field>>>,
    /// JSON Schemas with their names, if it is a record; one per form of the file.
    pub schemas: &'static [JsonForm],
    /// Functions that read it, given the number of nodes or samples.
    pub readers: &'static [Reader],
}

/// Writer of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// A stage of a run.
    Stage(Stage),
    /// A run, after all its stages.
    Run,
    /// A grid, after all its runs.
    Grid,
}

/// Name of a JSON form, and the function that returns its schema.
pub type JsonForm = (&'static str, fn() -> Value);

/// Function that reads a file, given the number of nodes or samples.
pub type Reader = fn(&Path, usize) -> Result<()>;

impl File {
    const PLAIN: Self = Self {
        name: "",
        content: "",
        kind: None,
        writer: Writer::Run,
        graph_readers: &[],
        sample_readers: &[],
        columns: None,
        schemas: &[],
        readers: &[],
    };
}

/// Folder of the runs of a grid, in the grid's folder.
pub const RUNS: &str = "runs";

/// Returns the file with the given name.
#[must_use]
pub fn find(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

/// Function that reads the provenance in a file of the given kind.
type ReadProvenance = fn(&Path, Kind) -> Result<Option<Provenance>>;

/// Returns how to read the provenance in a file, by its name; `None` for formats that [`provenance`] cannot
/// read.
fn provenance_reader(name: &str) -> Option<(ReadProvenance, Kind)> {
    let kind = find(name)?.kind?;
    let read: ReadProvenance = match Path::new(name).extension()?.to_str()? {
        "json" => json::provenance,
        "parquet" => table::provenance,
        "safetensors" => tensors::provenance,
        _ => return None,
    };
    Some((read, kind))
}

/// Returns whether a file of the given name contains a provenance that [`provenance`] can read.
#[must_use]
pub fn has_provenance(name: &str) -> bool {
    provenance_reader(name).is_some()
}

/// Returns the provenance that a stored file contains; `None` if it contains none.
///
/// # Errors
/// Returns an error when the file is missing, damaged or of another kind.
pub fn provenance(path: &Path) -> Result<Option<Provenance>> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    provenance_reader(name).map_or(Ok(None), |(read, kind)| read(path, kind))
}

/// Returns the files of a run that stages read, and queries likewise.
pub fn read_files() -> impl Iterator<Item = &'static File> {
    run_files().filter(|file| !file.graph_readers.is_empty() || !file.sample_readers.is_empty())
}

/// Returns the files of a single run.
pub fn run_files() -> impl Iterator<Item = &'static File> {
    FILES.iter().filter(|file| file.writer != Writer::Grid)
}

/// Declares the files: for each a constant with its name, and its entry in [`FILES`].
macro_rules! files {
    ($($(#[doc = $doc:literal])+ $constant:ident = $name:literal { $($field:ident: $value:expr),* $(,)? })*) => {
        $($(#[doc = $doc])+ pub const $constant: &str = $name;)*

        /// All files of runs and grids.
        pub const FILES: &[File] = &[$(File {
            name: $name,
            content: concat!($($doc),+).trim_ascii(),
            $($field: $value,)*
            ..File::PLAIN
        }),*];
    };
}

files! {
    /// Node ids and labels.
    NODES = "nodes.parquet" {
        kind: Some(Kind::Nodes),
        writer: Writer::Stage(Ingest),
        graph_readers: &[Split, Train, Eval, Export],
        sample_readers: &[Eval, Export],
        columns: Some(Nodes::forms),
        readers: &[
            |path, _| Nodes::read(path).map(drop),
            |path, _| Nodes::read_labels(path).map(drop),
            |path, _| Nodes::count(path).map(drop),
        ],
    }
    /// Edges of the graph.
    EDGES = "edges.parquet" {
        kind: Some(Kind::Edges),
        writer: Writer::Stage(Ingest),
        graph_readers: &[Split],
        columns: Some(|| vec![Edges::fields()]),
        readers: &[|path, nodes| Edges::read(path, nodes).map(drop)],
    }
    /// Sparse node features; absent if the graph has none.
    FEATURES = "features.parquet" {
        kind: Some(Kind::Features),
        writer: Writer::Stage(Ingest),
        graph_readers: &[Split, Train, Eval],
        columns: Some(|| vec![Features::fields()]),
        readers: &[|path, nodes| Features::read(path, nodes).map(drop)],
    }
    /// Relation types of edges; absent unless a column of the edge table has them.
    RELATIONS = "relations.parquet" {
        kind: Some(Kind::Relations),
        writer: Writer::Stage(Ingest),
        graph_readers: &[Train, Eval],
        columns: Some(|| vec![Relations::fields()]),
        readers: &[|path, nodes| Relations::read(path, nodes).map(drop)],
    }
    /// Samples without a graph: images, or rows of a table.
    SAMPLES = "samples.parquet" {
        kind: Some(Kind::Samples),
        writer: Writer::Stage(Ingest),
        sample_readers: &[Split, Train, Eval],
        columns: Some(Samples::forms),
        readers: &[|path, _| Samples::read(path).map(drop)],
    }
    /// Findings of ingest and what was done about them.
    AUDIT = "audit.json" {
        kind: Some(Kind::Audit),
        writer: Writer::Stage(Ingest),
        schemas: &[
            ("audit", || json_schema::<Audit>(Kind::Audit)),
            ("audit-samples", || json_schema::<SampleAudit>(Kind::Audit)),
        ],
        readers: &[
            |path, _| json::read::<Audit>(path, Kind::Audit).map(drop),
            |path, _| json::read::<SampleAudit>(path, Kind::Audit).map(drop),
        ],
    }
    /// Training, validation and test pairs.
    SPLIT = "split.parquet" {
        kind: Some(Kind::Split),
        writer: Writer::Stage(Split),
        graph_readers: &[Train, Eval],
        columns: Some(EdgeSplit::forms),
        readers: &[|path, nodes| EdgeSplit::read(path, nodes).map(drop)],
    }
    /// Hard and given negatives of held-out edges; absent unless evaluation is configured to use them.
    HARD_NEGATIVES = "hard-negatives.parquet" {
        kind: Some(Kind::HardNegatives),
        writer: Writer::Stage(Split),
        graph_readers: &[Train, Eval],
        columns: Some(|| vec![HardNegatives::fields()]),
        readers: &[|path, edges| {
            HardNegatives::read(path, NegativeSet::hard::<4>(), Part::Test, edges).map(drop)
        }],
    }
    /// Part of each sample: training, validation or test.
    SAMPLE_SPLIT = "sample-split.parquet" {
        kind: Some(Kind::SampleSplit),
        writer: Writer::Stage(Split),
        sample_readers: &[Train, Eval],
        columns: Some(|| vec![SampleSplit::fields()]),
        readers: &[|path, samples| SampleSplit::read(path, samples).map(drop)],
    }
    /// Counts and proofs about the split.
    CERTIFICATE = "certificate.json" {
        kind: Some(Kind::Certificate),
        writer: Writer::Stage(Split),
        schemas: &[
            ("certificate", || json_schema::<Certificate>(Kind::Certificate)),
            ("certificate-samples", || json_schema::<SampleCertificate>(Kind::Certificate)),
        ],
        readers: &[
            |path, _| json::read::<Certificate>(path, Kind::Certificate).map(drop),
            |path, _| json::read::<SampleCertificate>(path, Kind::Certificate).map(drop),
        ],
    }
    /// Trained weights.
    WEIGHTS = "weights.safetensors" {
        kind: Some(Kind::Weights),
        writer: Writer::Stage(Train),
        graph_readers: &[Eval],
        sample_readers: &[Eval],
        readers: &[|path, _| tensors::read(path, Kind::Weights).map(drop)],
    }
    /// Output of the encoder: `mu`, and `log_sigma` for variational models.
    LATENT = "latent.safetensors" {
        kind: Some(Kind::Latent),
        writer: Writer::Stage(Train),
        graph_readers: &[Eval, Export],
        sample_readers: &[Eval, Export],
        readers: &[|path, _| Embedding::read(path).map(drop)],
    }
    /// Output of the encoder with message passing over validation edges too, if the split scores test pairs
    /// with it.
    LATENT_TEST = "latent-test.safetensors" {
        kind: Some(Kind::Latent),
        writer: Writer::Stage(Train),
        graph_readers: &[Eval],
        readers: &[|path, _| Embedding::read(path).map(drop)],
    }
    /// Model that scores pairs, for methods whose scores are not inner products.
    PAIR_MODEL = "pair-model.json" {
        kind: Some(Kind::PairModel),
        writer: Writer::Stage(Train),
        graph_readers: &[Eval],
        readers: &[|path, _| PairModelRecord::read(path).map(drop)],
    }
    /// Training history, one row per epoch.
    HISTORY = "history.parquet" {
        kind: Some(Kind::History),
        writer: Writer::Stage(Train),
        columns: Some(History::forms),
        readers: &[|path, _| History::read(path).map(drop)],
    }
    /// Test metrics, each at the epoch that is best by the same metric on validation pairs; absent unless
    /// requested.
    OWN_EPOCHS = "own-epochs.json" {
        kind: Some(Kind::OwnEpochs),
        writer: Writer::Stage(Train),
        graph_readers: &[Eval],
        schemas: &[("own-epochs", || json_schema::<OwnEpochs>(Kind::OwnEpochs))],
        readers: &[|path, _| OwnEpochs::read(path).map(drop)],
    }
    /// Node vectors with ids and labels, Parquet.
    EMBEDDINGS_PARQUET = "embeddings.parquet" { kind: Some(Kind::Embeddings), writer: Writer::Stage(Export) }
    /// Node vectors with ids and labels, Arrow IPC file.
    EMBEDDINGS_ARROW = "embeddings.arrow" { kind: Some(Kind::Embeddings), writer: Writer::Stage(Export) }
    /// Node vectors with ids and labels, text.
    EMBEDDINGS_CSV = "embeddings.csv" { writer: Writer::Stage(Export) }
    /// Node vectors as a `NumPy` array.
    EMBEDDINGS_NPY = "embeddings.npy" { writer: Writer::Stage(Export) }
    /// Logarithms of the standard deviations as a `NumPy` array, for variational models.
    LOG_SIGMA_NPY = "log_sigma.npy" { writer: Writer::Stage(Export) }
    /// Scored validation and test pairs.
    SCORES = "scores.parquet" {
        kind: Some(Kind::Scores),
        writer: Writer::Stage(Eval),
        columns: Some(Scores::forms),
        readers: &[|path, _| Scores::read(path).map(drop)],
    }
    /// ROC and precision-recall curve of the test pairs.
    CURVES = "curves.parquet" {
        kind: Some(Kind::Curves),
        writer: Writer::Stage(Eval),
        columns: Some(|| vec![Curves::fields()]),
        readers: &[|path, _| Curves::read(path).map(drop)],
    }
    /// Metrics with their definitions.
    METRICS = "metrics.json" {
        kind: Some(Kind::Metrics),
        writer: Writer::Stage(Eval),
        schemas: &[
            ("metrics", || json_schema::<Metrics>(Kind::Metrics)),
            ("metrics-samples", SampleMetrics::file_schema),
        ],
        readers: &[
            |path, _| Metrics::read(path).map(drop),
            |path, _| SampleMetrics::read(path).map(drop),
        ],
    }
    /// Record of the run: stages, configuration, inputs, outputs and their hashes.
    MANIFEST = "manifest.json" { kind: Some(Kind::Manifest), writer: Writer::Run }
    /// Runs of a grid, one row per run.
    SUMMARY = "summary.parquet" { kind: Some(Kind::Summary), writer: Writer::Grid }
    /// Result table of a grid: methods, graphs and protocols.
    RESULTS = "results.json" { kind: Some(Kind::Results), writer: Writer::Grid }
    /// Result table with one row per cell and metric.
    RESULTS_PARQUET = "results.parquet" { kind: Some(Kind::Results), writer: Writer::Grid }
    /// Result table as Markdown.
    RESULTS_MD = "results.md" { writer: Writer::Grid }
}
