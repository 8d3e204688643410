//! Command-line arguments.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use strum::VariantArray as _;
use vgae_artifacts::{Messages, NegativeSet, Protocol};
use vgae_export::{Format, Layout};
use vgae_ingest::IngestConfig;
use vgae_ingest::fetch::{Cache, FetchOptions};
use vgae_model::Method;
use vgae_numerics::simd::Level;
use vgae_pipeline::GridConfig;
use vgae_pipeline::query::Similarity;

use crate::one_of::one_of;

mod model;

pub(crate) use model::ModelArgs;

/// A request that parses but does not make sense; exit code 2.
#[derive(Debug)]
pub(crate) struct UsageError(pub(crate) String);

impl std::fmt::Display for UsageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the run failed
  2  the request does not make sense (arguments or pipeline file)

Results go to stdout, talk to stderr.";

/// Auto-encoders: from a graph to node embeddings and link predictions, from images or a table of numbers to
/// their codes, reproducibly.
#[derive(Debug, Parser)]
#[command(name = "vgae", version = env!("VGAE_VERSION"), after_help = EXIT_CODES, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) talk: Talk,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of the diagnostics on stderr.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Talk {
    /// Form of the log lines on stderr
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
    /// Say more; twice for everything
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Say only what went wrong
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Vector instructions of the kernels and dense products, to reproduce the results of another processor (not of
    /// eigenvalue solvers)
    #[arg(long, global = true, hide = true, value_enum, env = "VGAE_SIMD", default_value_t = Simd::Best)]
    pub(crate) simd: Simd,
}

/// Levels of vector instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Simd {
    /// The best that the processor has
    Best,
    /// AVX2 with FMA
    Avx2,
    /// None
    Scalar,
}

impl From<Simd> for Level {
    fn from(simd: Simd) -> Self {
        match simd {
            Simd::Best => Self::Best,
            Simd::Avx2 => Self::Avx2,
            Simd::Scalar => Self::Scalar,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Progress bars on a terminal, plain lines elsewhere
    Text,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Reproduce the paper's Table 1: fetch, train and judge every cell, print it beside the paper's
    Reproduce(ReproduceArgs),
    /// Every method on every graph under every protocol: scores, seconds and memory in one table and on one page
    Benchmark(BenchmarkArgs),
    /// Judge one method as others would, and say what each way of judging makes of it
    CompareProtocols(CompareArgs),
    /// Run a pipeline: the whole chain from raw files to embeddings and metrics
    Run(RunArgs),
    /// Run the whole chain on a small built-in graph: no download, about a second
    Demo(DemoArgs),
    /// Write a commented pipeline file to start from
    Init(InitArgs),
    /// Say what a graph looks like: its audit, its degrees as a chart
    Inspect(InspectArgs),
    /// Download datasets, verify their hashes, keep them in the cache
    Fetch(FetchCommand),
    /// Say which stages a pipeline would run, and which input changed
    Why(WhyArgs),
    /// Verify a run or a grid: hashes, fingerprints, and every result made again
    Verify(VerifyArgs),
    /// Make the page of a run, of a grid or of two runs compared: report.html, and its plots as SVG files in plots/
    Report(ReportArgs),
    /// Predict the most probable missing links of a run, over all pairs of nodes
    Predict(PredictArgs),
    /// The nodes of a run most like one of them
    Neighbors(NeighborsArgs),
    /// Embed new nodes, or a changed graph, with the encoder of a run as it is
    Infer(InferArgs),
    /// Draw from the prior of a variational auto-encoder of images or a table: new images, new rows
    Generate(GenerateArgs),
    /// Print the JSON schema of pipeline files
    Schema,
    /// Make a random graph of a wished size, and a pipeline that runs it
    #[command(subcommand)]
    GenerateGraph(GraphModel),
    /// One stage alone: raw data to a graph, or images or a table to samples
    Ingest(IngestArgs),
    /// One stage alone: a graph to training and held-out edges, samples to parts
    Split(SplitArgs),
    /// One stage alone: training edges or samples to weights and latent vectors
    Train(TrainArgs),
    /// One stage alone: latent vectors to metrics and, of a graph, scored pairs
    Eval(EvalArgs),
    /// One stage alone: latent vectors to Parquet, Arrow, CSV and npy files
    Export(ExportArgs),
    /// Say what this program is, what it runs on, what the cache holds and what would be fetched from where
    Doctor(DoctorArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print a manual page, or write all of them
    Man(ManArgs),
}

/// Manual pages.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Command whose page is printed; without it the page of the program
    #[arg(value_name = "COMMAND", conflicts_with = "dir")]
    pub(crate) command: Vec<String>,
    /// Folder to write every page to, as `vgae.1`, `vgae-run.1`, ...
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

/// Options of one's own data.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Data")]
pub(crate) struct DataArgs {
    /// Option of `[data]` as in a pipeline file: `edges.header=false`, `nodes.id=name`; may be repeated. Of several
    /// tables `edges.0.src_type=user` sets that of the first, `edges.header=false` those of all
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

impl DataArgs {
    /// The options over `data`, whose files are paths or tables.
    pub(crate) fn over(&self, mut data: toml::Table) -> Result<IngestConfig, UsageError> {
        for option in &self.set {
            set(&mut data, option).map_err(UsageError)?;
        }
        let read = data.try_into();
        read.map_err(|error: toml::de::Error| UsageError(format!("--set: {}", error.message())))
    }
}

/// Sets `table.key=value` or `key=value`. A value that is no TOML is text.
fn set(data: &mut toml::Table, option: &str) -> Result<(), String> {
    let Some((key, value)) = option.split_once('=') else {
        return Err(format!("--set {option}: expected KEY=VALUE, as in edges.header=false"));
    };
    let text = || toml::Value::String(value.to_owned());
    let parsed = toml::from_str(&format!("value = {value}"));
    let value = parsed.ok().and_then(|mut table: toml::Table| table.remove("value"));
    let value = value.unwrap_or_else(text);
    match key.trim().split_once('.') {
        None => data.insert(key.trim().to_owned(), value),
        Some((table, key)) => {
            let value_of = |file: &mut toml::Value, key: &str| {
                if let toml::Value::String(path) = file {
                    let path = toml::Value::String(std::mem::take(path));
                    *file = toml::Table::from_iter([("path".to_owned(), path)]).into();
                }
                let Some(file) = file.as_table_mut() else {
                    return Err(format!("--set {option}: `{table}` is not a table"));
                };
                file.insert(key.to_owned(), value.clone());
                Ok(())
            };
            let files = data.entry(table).or_insert_with(|| toml::Table::new().into());
            let toml::Value::Array(files) = files else { return value_of(files, key) };
            let numbered = key.split_once('.').and_then(|(at, key)| Some((at.parse().ok()?, key)));
            let Some((at, key)) = numbered else {
                return files.iter_mut().try_for_each(|file| value_of(file, key));
            };
            let last = files.len().saturating_sub(1);
            let file: Option<&mut toml::Value> = files.get_mut::<usize>(at);
            let file = file.ok_or_else(|| {
                format!("--set {option}: expected a table from 0 to {last}, found {at}")
            })?;
            return value_of(file, key);
        }
    };
    Ok(())
}

/// Where raw data comes from.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Data")]
pub(crate) struct SourceArgs {
    #[arg(
        long,
        env = "VGAE_CACHE",
        value_name = "DIR",
        help = "Folder that keeps downloads [default: $XDG_CACHE_HOME/vgae or ~/.cache/vgae]"
    )]
    pub(crate) cache: Option<PathBuf>,
    /// Look for raw files in this folder first
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Option<PathBuf>,
    /// Never touch the network
    #[arg(long)]
    pub(crate) offline: bool,
    /// Trust this certificate authority as well (PEM), as behind a company's proxy
    #[arg(long, env = "VGAE_CA_FILE", value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Seconds without a byte before a server is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
}

impl SourceArgs {
    /// Returns the cache; `None` if no folder for it is given and the environment names none.
    pub(crate) fn cache(&self) -> Option<Cache> {
        self.cache.clone().or_else(|| Cache::default_root().ok()).map(Cache::new)
    }

    pub(crate) fn options(&self) -> FetchOptions {
        FetchOptions {
            from: self.from.clone(),
            offline: self.offline,
            ca_file: self.ca_file.clone(),
            timeout: Duration::from_secs(self.timeout),
            ..FetchOptions::default()
        }
    }
}

/// Which part of a built-in grid runs.
#[derive(Debug, Args)]
pub(crate) struct GridArgs {
    /// Two runs a cell instead of ten
    #[arg(long, conflicts_with = "runs")]
    pub(crate) quick: bool,
    /// Runs a cell
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) runs: Option<u64>,
    /// Datasets [default: cora, citeseer, pubmed]
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(crate) datasets: Vec<String>,
    /// Methods [default: all of the table]
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(crate) methods: Vec<Method>,
}

impl GridArgs {
    /// Runs a cell with `--quick`.
    const QUICK_RUNS: u64 = 2;

    /// Leaves in `grid` what was asked for.
    pub(crate) fn narrow(&self, grid: &mut GridConfig) {
        if self.quick {
            grid.runs = Self::QUICK_RUNS;
        }
        if let Some(runs) = self.runs {
            grid.runs = runs;
        }
        if !self.datasets.is_empty() {
            grid.datasets.clone_from(&self.datasets);
        }
        if !self.methods.is_empty() {
            grid.methods.clone_from(&self.methods);
        }
    }
}

/// Where runs start and what they use.
#[derive(Debug, Args)]
pub(crate) struct RunsArgs {
    /// First seed
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Worker threads [default: all cores]; the result does not depend on them
    #[arg(long, env = "VGAE_THREADS")]
    pub(crate) threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ReproduceArgs {
    #[command(flatten)]
    pub(crate) grid: GridArgs,
    /// Protocol: kipf (a split per run) or kipf-fixed (one split, as in the paper)
    #[arg(long, value_name = "NAME", default_value_t = Protocol::Kipf, value_parser = parse_kipf)]
    pub(crate) protocol: Protocol,
    /// Output folder; started again, it goes on where it was
    #[arg(long, default_value = "out/table1", value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) runs_of: RunsArgs,
    #[command(flatten)]
    pub(crate) table: TableArgs,
}

#[derive(Debug, Args)]
pub(crate) struct BenchmarkArgs {
    #[command(flatten)]
    pub(crate) grid: GridArgs,
    /// Protocols: kipf, kipf-fixed, pyg, deezer, heart, leaky [default: kipf, heart]
    #[arg(long, value_delimiter = ',', value_name = "NAMES", value_parser = parse_protocol)]
    pub(crate) protocols: Vec<Protocol>,
    /// Other negatives to rank among: uniform:N, degree-matched:N, corrupt:N, hard:N
    #[arg(long, value_delimiter = ',', value_name = "SETS")]
    pub(crate) negatives: Vec<NegativeSet>,
    /// Output folder; started again, it goes on where it was
    #[arg(long, default_value = "out/benchmark", value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) runs_of: RunsArgs,
    #[command(flatten)]
    pub(crate) table: TableArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// Pipeline file whose data and model are judged [default: the method and dataset below]
    pub(crate) pipeline: Option<PathBuf>,
    /// Dataset
    #[arg(long, value_name = "NAME", conflicts_with = "pipeline", default_value = "cora")]
    pub(crate) dataset: String,
    /// Method
    #[arg(long, conflicts_with = "pipeline", default_value = "gae")]
    pub(crate) method: Method,
    /// Runs a protocol
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) runs: u64,
    /// Protocols [default: kipf, kipf-fixed, pyg, deezer, heart, leaky]
    #[arg(long, value_delimiter = ',', value_name = "NAMES", value_parser = parse_protocol)]
    pub(crate) protocols: Vec<Protocol>,
    /// Output folder [default: out/protocols-NAME]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) runs_of: RunsArgs,
    #[command(flatten)]
    pub(crate) table: TableArgs,
}

fn parse_protocol(text: &str) -> Result<Protocol, String> {
    text.parse().map_err(|_| {
        let names = Protocol::VARIANTS.iter().map(Protocol::to_string);
        format!("expected one of {}", names.collect::<Vec<_>>().join(", "))
    })
}

/// The protocols of the paper, with an answer to their former names.
fn parse_kipf(text: &str) -> Result<Protocol, String> {
    match text.parse() {
        Ok(protocol @ (Protocol::Kipf | Protocol::KipfFixed)) => Ok(protocol),
        _ => Err(match text {
            "random-splits" => "it is called `kipf` now",
            "fixed-split" => "it is called `kipf-fixed` now",
            _ => "expected kipf (a split per run) or kipf-fixed (one split, as in the paper)",
        }
        .to_owned()),
    }
}

/// How tables are printed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct TableArgs {
    /// Print tables with all columns in full, however wide
    #[arg(long)]
    pub(crate) wide: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Pipeline file
    pub(crate) pipeline: PathBuf,
    /// Output folder [default: out/NAME]; stages whose inputs have not changed are skipped
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Seed, in place of the file's
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Worker threads [default: all cores]; the result does not depend on them
    #[arg(long, env = "VGAE_THREADS")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Run a pipeline file for very large graphs (docs/scale.md) on this engine
    #[arg(long, value_enum, conflicts_with_all = ["seed", "from", "offline", "wide"])]
    pub(crate) engine: Option<Engine>,
    /// Further arguments of the engines `local` and `spark`, such as `--memory 2GB`
    #[arg(last = true, requires = "engine", value_name = "ARGUMENTS")]
    pub(crate) engine_arguments: Vec<OsString>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) table: TableArgs,
}

/// Engine for very large graphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
#[expect(clippy::doc_markdown, reason = "help texts have no backticks")]
pub(crate) enum Engine {
    /// This program, in memory: the fastest where the graph fits
    Native,
    /// Apache DataFusion on this machine, which spills to disk
    Local,
    /// Apache Spark, on a cluster too
    Spark,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Output folder
    #[arg(long, default_value = "out/demo", value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Worker threads [default: all cores]
    #[arg(long, env = "VGAE_THREADS")]
    pub(crate) threads: Option<NonZeroUsize>,
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// File to write
    #[arg(default_value = "pipeline.toml")]
    pub(crate) file: PathBuf,
    /// Your edge list: CSV, TSV, text, Parquet or Arrow; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) edges: Vec<PathBuf>,
    /// Your node table, likewise
    #[arg(long, value_name = "FILE", requires = "edges")]
    pub(crate) nodes: Vec<PathBuf>,
    /// Your table of numbers without a graph (CSV, TSV or Parquet)
    #[arg(long, value_name = "FILE", conflicts_with = "edges")]
    pub(crate) table: Option<PathBuf>,
    /// Method whose options the file shows [default: vgae* or, with node features, vgae; vae of a table]
    #[arg(long)]
    pub(crate) method: Option<Method>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// A pipeline file, the folder of a run, or an edge list
    pub(crate) path: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct FetchCommand {
    /// Datasets, also mnist and fashion-mnist [default: cora citeseer pubmed]
    pub(crate) names: Vec<String>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
    #[arg(
        long,
        env = "VGAE_CACHE",
        value_name = "DIR",
        help = "Folder that keeps downloads [default: $XDG_CACHE_HOME/vgae or ~/.cache/vgae]"
    )]
    pub(crate) cache: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct WhyArgs {
    /// Pipeline file
    pub(crate) pipeline: PathBuf,
    /// Output folder [default: out/NAME]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Seed, in place of the file's
    #[arg(long)]
    pub(crate) seed: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Folder of a run or a grid
    pub(crate) folder: PathBuf,
    /// Repeat the training too, which takes as long as the run
    #[arg(long)]
    pub(crate) retrain: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Folder of a run or a grid, or the folders of two runs to compare
    #[arg(required = true, num_args = 1..=2, value_name = "FOLDER")]
    pub(crate) folders: Vec<PathBuf>,
    /// Folder for the page of two runs [default: out/compare-A-B with the names of their folders]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct IngestArgs {
    /// Folder to write into
    pub(crate) folder: PathBuf,
    /// A dataset by name
    #[arg(long, required_unless_present_any = ["edges", "table"], conflicts_with_all = ["edges", "table"])]
    pub(crate) dataset: Option<String>,
    /// Your edge list: CSV, TSV, text, Parquet or Arrow; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) edges: Vec<PathBuf>,
    /// Your node table, likewise
    #[arg(long, value_name = "FILE", requires = "edges")]
    pub(crate) nodes: Vec<PathBuf>,
    /// Your table of numbers without a graph (CSV, TSV or Parquet)
    #[arg(long, value_name = "FILE", conflicts_with = "edges")]
    pub(crate) table: Option<PathBuf>,
    /// Keep the direction of edges
    #[arg(long)]
    pub(crate) directed: bool,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct SplitArgs {
    /// Folder with nodes.parquet and edges.parquet, or samples.parquet
    pub(crate) folder: PathBuf,
    /// Share of the edges or samples that validate
    #[arg(long, default_value_t = 0.05)]
    pub(crate) validation: f64,
    /// Share of the edges or samples that test, unless the data says which
    #[arg(long, default_value_t = 0.10)]
    pub(crate) test: f64,
    /// Edges that messages pass over
    #[arg(long, value_parser = one_of::<Messages>(), default_value_t)]
    pub(crate) messages: Messages,
    /// Seed
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    /// Folder with nodes.parquet, split.parquet and, unless the method is starred, features.parquet; or
    /// with samples.parquet and sample-split.parquet
    pub(crate) folder: PathBuf,
    #[arg(long, help = model::methods())]
    pub(crate) method: Option<Method>,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    /// Seed
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct EvalArgs {
    /// Folder with nodes.parquet, split.parquet and what was trained
    pub(crate) folder: PathBuf,
    /// Other negatives to rank held-out edges among, on graphs: uniform:N, degree-matched:N, corrupt:N, hard:N
    #[arg(long, value_delimiter = ',', value_name = "SETS")]
    pub(crate) negatives: Vec<NegativeSet>,
}

#[derive(Debug, Args)]
#[command(after_long_help = EXPORTED)]
pub(crate) struct ExportArgs {
    /// Folder with nodes.parquet and latent.safetensors; the files are written there
    pub(crate) folder: PathBuf,
    /// Files to write
    #[arg(long, value_delimiter = ',', value_parser = one_of::<Format>(), default_value = "parquet,arrow")]
    pub(crate) formats: Vec<Format>,
    /// Layout of vectors in Parquet and Arrow files
    #[arg(long, value_parser = one_of::<Layout>(), default_value_t)]
    pub(crate) layout: Layout,
}

const EXPORTED: &str = "\
Files:
  embeddings.parquet  node, id, label, embedding; of variational models also mu and log_sigma; zstd
  embeddings.arrow    the same, uncompressed, to be mapped into memory (Arrow IPC, Feather 2)
  embeddings.csv      the same as text, always with a column a dimension
  embeddings.npy      the vectors alone, nodes x dimensions, row i for node i of nodes.parquet; of variational
                      models also log_sigma.npy

Ids are whole numbers where they are in the source, else text.
In a pipeline: [export] formats = [\"parquet\", \"csv\"], layout = \"list\".";

#[derive(Debug, Args)]
pub(crate) struct PredictArgs {
    /// Folder of a run over a graph
    pub(crate) folder: PathBuf,
    /// How many links; known edges, learned from or held out, are none of them
    #[arg(long, default_value_t = NonZeroUsize::new(100).expect("not zero"), value_name = "NUMBER")]
    pub(crate) top: NonZeroUsize,
    /// Number of edges that the graph is assumed to lack, for the probabilities [default: the number of validation
    /// edges]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) missing: Option<usize>,
    /// Only links of these nodes: a CSV, TSV or Parquet table with ids in its column `id`, or its first
    #[arg(long = "for", value_name = "FILE")]
    pub(crate) ids: Option<PathBuf>,
    /// Write a Parquet table in place of showing one
    #[arg(long, value_name = "FILE.parquet")]
    pub(crate) out: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) table: TableArgs,
}

#[derive(Debug, Args)]
pub(crate) struct NeighborsArgs {
    /// Folder of a run over a graph
    pub(crate) folder: PathBuf,
    /// The node, by its own id
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) id: String,
    /// How many others
    #[arg(long, short, default_value_t = NonZeroUsize::new(10).expect("not zero"), value_name = "NUMBER")]
    pub(crate) k: NonZeroUsize,
    /// Similarity of two nodes
    #[arg(long, value_parser = one_of::<Similarity>(), default_value_t)]
    pub(crate) by: Similarity,
    /// Write a Parquet table in place of showing one
    #[arg(long, value_name = "FILE.parquet")]
    pub(crate) out: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) table: TableArgs,
}

#[derive(Debug, Args)]
pub(crate) struct InferArgs {
    /// Folder of a run whose method reads features: vgae, gnae and so on
    pub(crate) folder: PathBuf,
    /// Edges of the new graph; messages pass over all of them. For a run over several tables repeated, in the order
    /// of those tables
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) edges: Vec<PathBuf>,
    /// Its nodes, with the feature columns that the run was trained on; may be repeated likewise
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) nodes: Vec<PathBuf>,
    /// Their features, if they stand in a file of their own: a table, or .npy, .npz
    #[arg(long, value_name = "FILE")]
    pub(crate) features: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Folder to write embeddings.parquet, and what else a run has, into
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// Folder of a run with method vae
    pub(crate) folder: PathBuf,
    /// How many
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) count: u32,
    /// Seed
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// File to write: .png for a sheet of images, .parquet for numbers [default: generated.png, or of a table
    /// generated.parquet, in the folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GraphModel {
    /// Stochastic block model: communities of one size, dense inside and sparse between (Holland et al. 1983)
    Sbm(SbmArgs),
    /// Recursive matrix: few nodes with very many edges, many with none (Chakrabarti et al. 2004, Graph500)
    Rmat(RmatArgs),
}

/// Options shared by all random graphs.
#[derive(Debug, Args)]
pub(crate) struct GraphArgs {
    /// Number of nodes
    #[arg(long)]
    pub(crate) nodes: u32,
    /// Number of edges, exactly: undirected, each once, none from a node to itself
    #[arg(long)]
    pub(crate) edges: usize,
    /// Seed of the graph, and in the pipeline of everything else
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Folder to write edges.parquet, nodes.parquet and pipeline.toml into
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct SbmArgs {
    #[command(flatten)]
    pub(crate) graph: GraphArgs,
    /// Number of communities, equal in size; a node's is its label
    #[arg(long, default_value_t = 10)]
    pub(crate) communities: u32,
    /// Share of the edges that lie inside a community, 0 to 1
    #[arg(long, default_value_t = 0.8)]
    pub(crate) within: f64,
}

#[derive(Debug, Args)]
pub(crate) struct RmatArgs {
    #[command(flatten)]
    pub(crate) graph: GraphArgs,
    /// Probability of the matrix's quarter low x low; all four 0.25: every pair alike
    #[arg(long, default_value_t = 0.57)]
    pub(crate) a: f64,
    /// Probability of the quarter low x high
    #[arg(long, default_value_t = 0.19)]
    pub(crate) b: f64,
    /// Probability of the quarter high x low; high x high has the rest
    #[arg(long, default_value_t = 0.19)]
    pub(crate) c: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(options: &[&str]) -> Result<String, String> {
        let mut data: toml::Table =
            toml::from_str("edges = [\"a.csv\", \"b.csv\"]\nnodes = \"n.csv\"").expect("TOML");
        options.iter().try_for_each(|option| set(&mut data, option))?;
        Ok(toml::Value::Table(data).to_string())
    }

    #[test]
    fn options_are_of_one_table_or_of_all() {
        let all = after(&["edges.header=false"]).expect("sets");
        assert_eq!(all.matches("header = false").count(), 2, "{all}");
        let one = after(&["edges.1.src_type=user", "nodes.id=key"]).expect("sets");
        assert!(one.contains("path = \"b.csv\", src_type = \"user\""), "{one}");
        assert_eq!(one.matches("src_type").count(), 1, "{one}");
        let error = after(&["edges.2.src=a"]).expect_err("two tables");
        assert!(error.ends_with("expected a table from 0 to 1, found 2"), "{error}");
    }

    #[test]
    fn a_key_with_dots_keeps_all_of_them() {
        // Neither is a key of a table, so that reading the configuration refuses both.
        for option in
            ["nodes.features.header=false", "nodes.0.header=false", "edges.x.header=false"]
        {
            let set = after(&[option]).expect("sets");
            let key =
                option.split_once('.').and_then(|(_, rest)| rest.split_once('=')).expect("a key");
            assert!(set.contains(&format!("\"{}\" = false", key.0)), "{option}: {set}");
        }
    }
}
