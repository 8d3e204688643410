//! Pipeline: the steps of a run in their order, and the files of its results.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use datafusion::arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};
use vgae_artifacts::{Certificate, CertificateCounts, ContentHash, LinkMetrics, Seed, atomic};
use vgae_split::Fraction;

use crate::config::{ModelConfig, PipelineConfig, SplitConfig};
use crate::dataset::{Table, is_text, publish, write_json};
use crate::engine::{Engine, TableFiles};
use crate::runner::{Event, Finished, Runner};
use crate::steps::certificate::{CERTIFICATE, PARTS, certificate, fact_prefix};
use crate::steps::degrees::{DEGREES, degrees};
use crate::steps::embeddings::{EMBEDDINGS, Hop, embeddings};
use crate::steps::ingest::{
    EDGES, IDS, IdKind, Numbering, SOURCE_EDGES, SOURCE_NODES, Source, edges, ids, nodes,
};
use crate::steps::metrics::{AP_BITS, METRICS, MOST_PAIRS, metrics};
use crate::steps::propagation::{Shape, fractional_bits, hop};
use crate::steps::split::Sizes;
use crate::steps::{Facts, features, negatives, scores, split, vectors};

/// Largest number of nodes and of candidate negatives, which are hashed as 32-bit integers.
const MOST_NUMBERS: u64 = 1 << 32;

/// Folder of the datasets below the output folder.
pub(crate) const STEPS: &str = "steps";
/// Record of a run below the output folder.
pub(crate) const RUN: &str = "run.json";

/// Counts of ingest, `audit.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdgeAudit {
    /// Rows of the edge table.
    pub source_rows: u64,
    /// Rows dropped since both ends are the same node.
    pub self_loops: u64,
    /// Rows dropped since an earlier row has the same pair, in either direction.
    pub duplicates: u64,
    /// Nodes.
    pub nodes: u64,
    /// Undirected edges.
    pub edges: u64,
    /// Nodes without training edges.
    pub isolated_in_training: u64,
}

/// Metrics on the held-out pairs, `metrics.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldOutMetrics {
    /// Metrics of validation pairs.
    pub validation: LinkMetrics,
    /// Metrics of test pairs.
    pub test: LinkMetrics,
}

/// Record of a run, `run.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunRecord {
    /// Version of `vgae-scale`.
    pub(crate) version: String,
    /// Pipeline file, with absolute paths.
    pub(crate) config: PipelineConfig,
    /// Files of the user's tables.
    pub(crate) sources: BTreeMap<String, TableFiles>,
    /// Folder of each step below `steps`.
    pub(crate) steps: BTreeMap<String, String>,
}

/// Results of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Counts of ingest.
    pub audit: EdgeAudit,
    /// Certificate of the split.
    pub certificate: Certificate,
    /// Metrics on the held-out pairs.
    pub metrics: HeldOutMetrics,
}

/// Runs a pipeline and writes its results into the folder `out`.
///
/// # Errors
/// Returns an error when the folder is in use or cannot be written, the data violate a rule, a query fails, or a
/// verification fails three times.
pub fn run(
    config: &PipelineConfig,
    engine: &mut dyn Engine,
    out: &Path,
    report: &mut dyn FnMut(Event<'_>),
) -> anyhow::Result<Outcome> {
    let root = atomic::create_folder(out, STEPS)?;
    let _lock = lock(out)?;
    let mut runner = Runner::new(engine, &root, report);
    let tables = Tables::open(config)?;
    let mut sources = BTreeMap::new();
    for (name, files) in tables.files(config) {
        runner.source(name, &files)?;
        sources.insert(name.to_owned(), files);
    }

    let graph = ingest(&mut runner, &tables)?;
    let sizes = part_sizes(graph.edges, config.split)?;
    ensure_negatives_exist(&graph, sizes)?;
    split_edges(&mut runner, config.seed, &graph, sizes)?;
    let train = graph.edges - sizes.held_out();
    let facts = runner.run(degrees(config.seed, graph.nodes, train))?;
    runner.run(certificate(train, sizes))?;
    let width = embed(&mut runner, config, &graph, facts.count("greatest_messages")?)?;
    runner.run(scores::scores(sizes, width))?;
    runner.run(metrics(sizes))?;

    let Finished { record, folder } = runner.finished(EMBEDDINGS)?;
    publish(record, folder, &out.join(EMBEDDINGS))?;
    let outcome = Outcome::of(|step| Ok(&runner.finished(step)?.record.facts))?;
    outcome.write(out)?;
    let steps = runner.into_finished().into_iter().map(|(name, finished)| {
        let folder = finished.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (name, folder)
    });
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let record = RunRecord { version, config: config.clone(), sources, steps: steps.collect() };
    write_json(&out.join(RUN), &record)?;
    Ok(outcome)
}

impl Outcome {
    /// Files of the results below the output folder.
    pub(crate) const AUDIT: &str = "audit.json";
    pub(crate) const CERTIFICATE: &str = "certificate.json";
    pub(crate) const METRICS: &str = "metrics.json";

    /// Returns the results of a run, given the facts of its steps by name.
    pub(crate) fn of<'a>(
        facts: impl Fn(&str) -> anyhow::Result<&'a Facts>,
    ) -> anyhow::Result<Self> {
        let (ids, edges) = (facts(IDS)?, facts(EDGES)?.count("row_count")?);
        let [source_rows, self_loops, nodes] =
            ["source_rows", "self_loops", "node_count"].map(|fact| ids.count(fact));
        let (source_rows, self_loops, nodes) = (source_rows?, self_loops?, nodes?);
        let audit = EdgeAudit {
            source_rows,
            self_loops,
            duplicates: source_rows.saturating_sub(self_loops).saturating_sub(edges),
            nodes,
            edges,
            isolated_in_training: facts(DEGREES)?.count("isolated_nodes")?,
        };
        let certificate = certificate_of(facts(CERTIFICATE)?, nodes)?;
        let sums = facts(METRICS)?;
        let metrics = HeldOutMetrics {
            validation: link_metrics(sums, "val", certificate.counts.validation)?,
            test: link_metrics(sums, "test", certificate.counts.test)?,
        };
        Ok(Self { audit, certificate, metrics })
    }

    fn write(&self, out: &Path) -> anyhow::Result<()> {
        write_json(&out.join(Self::AUDIT), &self.audit)?;
        write_json(&out.join(Self::CERTIFICATE), &self.certificate)?;
        write_json(&out.join(Self::METRICS), &self.metrics)
    }
}

/// Locks the output folder until the file is dropped.
fn lock(out: &Path) -> anyhow::Result<std::fs::File> {
    let path = out.join(".lock");
    let file = std::fs::File::create(&path)
        .with_context(|| format!("cannot create {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            bail!(
                "{}: another run is writing to this folder: wait for it, or use another --out",
                out.display()
            )
        }
        Err(std::fs::TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

/// Opened tables of the user.
struct Tables {
    edges: Table,
    nodes: Option<Table>,
    source: Source,
}

impl Tables {
    fn open(config: &PipelineConfig) -> anyhow::Result<Self> {
        let data = &config.data;
        let edges = Table::open(&data.edges)?;
        let ids = id_kind(&edges, "source", &data.source)?;
        let others = id_kind(&edges, "target", &data.target)?;
        ensure!(
            ids == others,
            "{}: expected `{}` and `{}` to be both integers or both text, found {ids:?} and {others:?}",
            data.edges.display(),
            data.source,
            data.target
        );
        let nodes = data.nodes.as_deref().map(Table::open).transpose()?;
        if let Some(nodes) = &nodes {
            let kind = id_kind(nodes, "id", &data.id)?;
            ensure!(
                kind == ids,
                "column `{}` of the nodes: expected ids of the type of the edges, {ids:?}, found {kind:?}",
                data.id
            );
            for feature in &data.features {
                let found = nodes.column_type("features", feature)?;
                ensure!(
                    found.is_numeric(),
                    "column `{feature}` of the nodes: expected numbers, found {found}"
                );
            }
        }
        let source = Source { ids, has_nodes: nodes.is_some() };
        Ok(Self { edges, nodes, source })
    }

    /// Returns the files of each table, with the columns that the steps read.
    fn files(&self, config: &PipelineConfig) -> Vec<(&'static str, TableFiles)> {
        let data = &config.data;
        let named = |stored: &str, name: &str| (stored.to_owned(), name.to_owned());
        let edges = self.edges.table(vec![named(&data.source, "src"), named(&data.target, "dst")]);
        let mut files = vec![(SOURCE_EDGES, edges)];
        if let Some(nodes) = &self.nodes {
            let features =
                data.features.iter().enumerate().map(|(k, name)| named(name, &format!("x{k}")));
            let columns = [named(&data.id, "id")].into_iter().chain(features).collect();
            files.push((SOURCE_NODES, nodes.table(columns)));
        }
        files
    }
}

fn id_kind(table: &Table, key: &str, column: &str) -> anyhow::Result<IdKind> {
    match table.column_type(key, column)? {
        found if found.is_integer() => Ok(IdKind::Integer),
        found if is_text(found) => Ok(IdKind::Text),
        DataType::Dictionary(_, value) if is_text(value) => Ok(IdKind::Text),
        found => bail!(
            "column `{column}` (`{key}` under [data]): expected integers or text, found {found}"
        ),
    }
}

/// Graph after ingest.
struct Graph {
    ids: IdKind,
    nodes: u64,
    edges: u64,
}

fn ingest(runner: &mut Runner<'_>, tables: &Tables) -> anyhow::Result<Graph> {
    let source = tables.source;
    let facts = runner.run(ids(source))?;
    let count = facts.count("node_count")?;
    ensure!(count > 1, "the edge table: expected edges between two nodes, found {count} nodes");
    ensure!(count <= MOST_NUMBERS, "expected at most {MOST_NUMBERS} nodes, found {count}");
    let is_dense = source.ids == IdKind::Integer
        && facts.integer("least_id") == Some(0)
        && facts.integer("greatest_id") == Some(i128::from(count) - 1);
    let numbering = if is_dense { Numbering::Identity } else { Numbering::Buckets };
    let (source_rows, self_loops) = (facts.count("source_rows")?, facts.count("self_loops")?);
    runner.run(nodes(source, numbering, count))?;
    let facts = runner.run(edges(source, numbering, source_rows - self_loops))?;
    let edges = facts.count("row_count")?;
    Ok(Graph { ids: source.ids, nodes: count, edges })
}

/// Returns the numbers of held-out edges: the exact floor of each fraction of the edges.
fn part_sizes(edges: u64, config: SplitConfig) -> anyhow::Result<Sizes> {
    let size = |part: &str, fraction: f64| {
        let fraction = Fraction::new(fraction);
        let size = fraction.floor_of(usize::try_from(edges).context("too many edges")?) as u64;
        ensure!(
            size > 0 || !fraction.is_positive(),
            "`{part}` under [split]: expected at least {} edges for a fraction of {}, found {edges}",
            fraction.smallest_count(),
            fraction.value()
        );
        ensure!(
            size < MOST_PAIRS,
            "`{part}` under [split]: expected fewer than {MOST_PAIRS} held-out edges, found {size}: lower the fraction"
        );
        Ok(size)
    };
    let sizes = Sizes {
        validation: size("validation", config.validation)?,
        test: size("test", config.test)?,
    };
    ensure!(
        sizes.held_out() < edges,
        "[split]: expected training edges, found none: {} of {edges} edges are held out",
        sizes.held_out()
    );
    Ok(sizes)
}

fn ensure_negatives_exist(graph: &Graph, sizes: Sizes) -> anyhow::Result<()> {
    let pairs = u128::from(graph.nodes) * u128::from(graph.nodes - 1) / 2;
    let available = pairs - u128::from(graph.edges);
    ensure!(
        available >= u128::from(sizes.held_out()),
        "[split]: expected {} pairs without an edge as negatives, found {available}: lower the fractions",
        sizes.held_out()
    );
    Ok(())
}

fn split_edges(
    runner: &mut Runner<'_>,
    seed: Seed,
    graph: &Graph,
    sizes: Sizes,
) -> anyhow::Result<()> {
    let cuts = runner.run(split::cuts(seed, sizes))?;
    runner.run(split::train(seed, sizes, graph.edges, &cuts)?)?;
    runner.run(split::positives(seed, sizes, &cuts)?)?;
    let mut count = negatives::first_count(graph.nodes, graph.edges, sizes.held_out());
    loop {
        ensure!(
            count <= MOST_NUMBERS,
            "negatives: {MOST_NUMBERS} candidates do not contain {} pairs without an edge: lower the fractions under \
             [split]",
            sizes.held_out()
        );
        let facts = runner.run(negatives::candidates(seed, graph.nodes, count))?;
        if facts.count("row_count")? >= sizes.held_out() {
            break;
        }
        count *= 2;
    }
    let cuts = runner.run(negatives::cuts(sizes, count))?;
    runner.run(negatives::negatives(sizes, &cuts)?)?;
    Ok(())
}

/// Runs the steps of the method and returns the width of the embedding.
fn embed(
    runner: &mut Runner<'_>,
    config: &PipelineConfig,
    graph: &Graph,
    greatest_messages: u64,
) -> anyhow::Result<usize> {
    let (first, width, weights) = match &config.model {
        ModelConfig::FastRp { dimensions, hop_weights, degree_power } => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "checked to be a whole number from -4 to 4"
            )]
            let half_powers = (degree_power * 2.0).round() as i32;
            let first =
                vectors::random("hop_0", config.seed, half_powers, graph.nodes, *dimensions);
            (first, *dimensions, hop_weights.clone())
        }
        ModelConfig::Sgc { hops } => {
            let width = config.data.features.len();
            let mut weights = vec![0.0; *hops];
            weights[hops - 1] = 1.0;
            (features::scaled("hop_0", graph.ids, graph.nodes, width), width, weights)
        }
    };
    let mut facts = runner.run(first)?;
    let mut kept = Vec::new();
    for (at, &weight) in weights.iter().enumerate() {
        let bits = fractional_bits(facts.real("greatest_value")?, greatest_messages, width)?;
        let (from, name) = (format!("hop_{at}"), format!("hop_{}", at + 1));
        let shape = Shape { nodes: graph.nodes, width, bits };
        facts = runner.run(hop(&name, &from, config.seed, shape))?;
        if weight > 0.0 {
            kept.push(Hop { dataset: name, weight });
        }
    }
    runner.run(embeddings(&kept, graph.ids, graph.nodes, width))?;
    Ok(width)
}

/// Returns the metrics of a part from the sums of the step `metrics`.
fn link_metrics(facts: &Facts, part: &str, size: usize) -> anyhow::Result<LinkMetrics> {
    if size == 0 {
        return Ok(LinkMetrics::default());
    }
    let sum = |name: &str| facts.count(&format!("{name}_{part}"));
    // There are as many negatives as positives.
    let count = size as f64;
    Ok(LinkMetrics {
        auc: Some(sum("auc_sum")? as f64 / (2.0 * count * count)),
        ap: Some(sum("ap_sum")? as f64 / (f64::from(1u32 << AP_BITS) * count)),
        positives: size,
        negatives: size,
    })
}

/// Returns the certificate from the facts of the step `certificate`, whose verification holds.
fn certificate_of(facts: &Facts, nodes: u64) -> anyhow::Result<Certificate> {
    let mut digests = Vec::new();
    let mut counts = Vec::new();
    for (part, positive) in PARTS {
        let prefix = fact_prefix(part, positive);
        let fact = |name: &str| facts.count(&format!("{prefix}_{name}"));
        let (pairs, word_0, word_1) = (fact("pairs")?, fact("word_0")?, fact("word_1")?);
        digests.push(format!("{prefix} {pairs} {word_0} {word_1}\n"));
        counts.push(usize::try_from(pairs).context("too many pairs")?);
    }
    let [train, validation, validation_negative, test, test_negative] = counts[..] else {
        bail!("a certificate has {} parts", PARTS.len())
    };
    Ok(Certificate {
        counts: CertificateCounts {
            nodes: usize::try_from(nodes).context("too many nodes")?,
            train,
            validation,
            validation_negative,
            test,
            test_negative,
        },
        parts_disjoint: true,
        positives_cover_the_graph: true,
        no_negative_is_an_edge: true,
        message_passing: "training edges only: the steps of the method read no other edges"
            .to_owned(),
        leaks: Vec::new(),
        cold_test_edges: usize::try_from(facts.count("cold_test_edges")?)
            .context("too many edges")?,
        split_hash: ContentHash::of_pieces(digests),
        given: None,
        rule: None,
    })
}
