//! Pipeline: the steps of a run in their order, and the files of its results.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};
use vgae_artifacts::{Certificate, Seed, atomic};
use vgae_large::{
    EdgeAudit, HeldOutMetrics, LargeConfig, MethodConfig, Outcome, PartDigest, SPLIT_PARTS,
    SourceTable, SplitFractions, fractional_bits, held_out_sizes, is_text, lock, non_edges,
};

use crate::dataset::{publish, write_json};
use crate::engine::{Engine, TableFiles};
use crate::runner::{Event, Finished, Runner};
use crate::steps::certificate::{CERTIFICATE, certificate, fact_prefix};
use crate::steps::degrees::{DEGREES, degrees};
use crate::steps::embeddings::{EMBEDDINGS, Hop, embeddings};
use crate::steps::ingest::{
    EDGES, IDS, IdKind, Numbering, SOURCE_EDGES, SOURCE_NODES, Source, edges, ids, nodes,
};
use crate::steps::metrics::{METRICS, metrics};
use crate::steps::propagation::{Shape, hop};
use crate::steps::split::Sizes;
use crate::steps::{Facts, features, negatives, scores, split, vectors};

/// Largest number of nodes and of candidate negatives, which are hashed as 32-bit integers.
const MOST_NUMBERS: u64 = 1 << 32;

/// Folder of the datasets below the output folder.
pub(crate) const STEPS: &str = "steps";
/// Record of a run below the output folder.
pub(crate) const RUN: &str = "run.json";

/// Record of a run, `run.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunRecord {
    /// Version of `vgae-scale`.
    pub(crate) version: String,
    /// Pipeline file, with absolute paths.
    pub(crate) config: LargeConfig,
    /// Files of the user's tables.
    pub(crate) sources: BTreeMap<String, TableFiles>,
    /// Folder of each step below `steps`.
    pub(crate) steps: BTreeMap<String, String>,
}

/// Runs a pipeline and writes its results into the folder `out`.
///
/// # Errors
/// Returns an error when the folder is in use or cannot be written, the data violate a rule, a query fails, or a
/// verification fails three times.
pub fn run(
    config: &LargeConfig,
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
    split_edges(&mut runner, config.seed, &graph, sizes)?;
    let train = graph.edges - sizes.held_out();
    let facts = runner.run(degrees(config.seed, graph.nodes, train))?;
    runner.run(certificate(train, sizes))?;
    let width = embed(&mut runner, config, &graph, facts.count("greatest_messages")?)?;
    runner.run(scores::scores(sizes, width))?;
    runner.run(metrics(sizes))?;

    let Finished { record, folder } = runner.finished(EMBEDDINGS)?;
    publish(record, folder, &out.join(EMBEDDINGS))?;
    let outcome = outcome_of(|step| Ok(&runner.finished(step)?.record.facts))?;
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

/// Returns the results of a run, given the facts of its steps by name.
pub(crate) fn outcome_of<'a>(
    facts: impl Fn(&str) -> anyhow::Result<&'a Facts>,
) -> anyhow::Result<Outcome> {
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
    let of_part = |part: &str, size: usize| {
        let sum =
            |name: &str| if size == 0 { Ok(0) } else { sums.count(&format!("{name}_{part}")) };
        anyhow::Ok(HeldOutMetrics::of_part(sum("auc_sum")?, sum("ap_sum")?, size))
    };
    let metrics = HeldOutMetrics {
        validation: of_part("val", certificate.counts.validation)?,
        test: of_part("test", certificate.counts.test)?,
    };
    Ok(Outcome { audit, certificate, metrics })
}

/// Opened tables of the user.
struct Tables {
    edges: SourceTable,
    nodes: Option<SourceTable>,
    source: Source,
}

impl Tables {
    fn open(config: &LargeConfig) -> anyhow::Result<Self> {
        let data = &config.data;
        let edges = SourceTable::open(&data.edges)?;
        let ids = id_kind(&edges, "source", &data.source)?;
        let others = id_kind(&edges, "target", &data.target)?;
        ensure!(
            ids == others,
            "{}: expected `{}` and `{}` to be both integers or both text, found {ids:?} and {others:?}",
            data.edges.display(),
            data.source,
            data.target
        );
        let nodes = data.nodes.as_deref().map(SourceTable::open).transpose()?;
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
    fn files(&self, config: &LargeConfig) -> Vec<(&'static str, TableFiles)> {
        let data = &config.data;
        let named = |stored: &str, name: &str| (stored.to_owned(), name.to_owned());
        let table_files = |table: &SourceTable, columns| TableFiles {
            paths: table.files().map(Path::to_owned).collect(),
            columns,
        };
        let edges =
            table_files(&self.edges, vec![named(&data.source, "src"), named(&data.target, "dst")]);
        let mut files = vec![(SOURCE_EDGES, edges)];
        if let Some(nodes) = &self.nodes {
            let features =
                data.features.iter().enumerate().map(|(k, name)| named(name, &format!("x{k}")));
            let columns = [named(&data.id, "id")].into_iter().chain(features).collect();
            files.push((SOURCE_NODES, table_files(nodes, columns)));
        }
        files
    }
}

fn id_kind(table: &SourceTable, key: &str, column: &str) -> anyhow::Result<IdKind> {
    match table.column_type(key, column)? {
        found if found.is_integer() => Ok(IdKind::Integer),
        found if is_text(found) => Ok(IdKind::Text),
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

/// Returns the numbers of held-out edges.
fn part_sizes(edges: u64, config: SplitFractions) -> anyhow::Result<Sizes> {
    let edges = usize::try_from(edges).context("too many edges")?;
    let [validation, test] = held_out_sizes(edges, config)?.map(|size| size as u64);
    Ok(Sizes { validation, test })
}

fn split_edges(
    runner: &mut Runner<'_>,
    seed: Seed,
    graph: &Graph,
    sizes: Sizes,
) -> anyhow::Result<()> {
    let asked = usize::try_from(sizes.held_out())?;
    let candidates = non_edges(graph.nodes, graph.edges, asked)?;
    let cuts = runner.run(split::cuts(seed, sizes))?;
    runner.run(split::train(seed, sizes, graph.edges, &cuts)?)?;
    runner.run(split::positives(seed, sizes, &cuts)?)?;
    let mut count = candidates.first_count(asked);
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
    config: &LargeConfig,
    graph: &Graph,
    greatest_messages: u64,
) -> anyhow::Result<usize> {
    let (first, width, weights) = match &config.model {
        MethodConfig::FastRp { dimensions, hop_weights, degree_power } => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "checked to be a whole number from -4 to 4"
            )]
            let half_powers = (degree_power * 2.0).round() as i32;
            let first =
                vectors::random("hop_0", config.seed, half_powers, graph.nodes, *dimensions);
            (first, *dimensions, hop_weights.clone())
        }
        MethodConfig::Sgc { hops } => {
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

/// Returns the certificate from the facts of the step `certificate`, whose verification holds.
fn certificate_of(facts: &Facts, nodes: u64) -> anyhow::Result<Certificate> {
    let mut digests = [PartDigest::default(); SPLIT_PARTS.len()];
    for (digest, (part, positive)) in digests.iter_mut().zip(SPLIT_PARTS) {
        let prefix = fact_prefix(part, positive);
        let fact = |name: &str| facts.count(&format!("{prefix}_{name}"));
        *digest = PartDigest { pairs: fact("pairs")?, words: [fact("word_0")?, fact("word_1")?] };
    }
    Ok(Outcome::certificate(nodes, digests, facts.count("cold_test_edges")?)?)
}
