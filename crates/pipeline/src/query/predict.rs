//! Prediction of missing links.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Array, Float64Array, StringArray, UInt32Array};
use arrow::datatypes::{DataType, Field};
use serde::Serialize;
use vgae_artifacts::{Edges, Kind, Messages, Pair, Provenance, table};
use vgae_eval::{Among, ExpectedShare, LEAST_VALIDATION_EDGES, MissingLinks, RankedPair};

use super::shortlist::{self, Shortlist};
use super::{NodeId, Run, Stored, TrainedGraph, check_out, id_column};
use crate::{PipelineError, Stage};

/// Minimum number of ranked links that probabilities are estimated from, whatever number is shown.
const LEAST_RANKED: usize = 1000;

/// Links to predict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Number of links.
    pub count: usize,
    /// Table with a column of ids, if only links of these nodes are wanted.
    pub ids: Option<&'a Path>,
    /// Assumed number of missing edges of the graph. Defaults to the number of validation edges.
    pub missing: Option<usize>,
}

/// The most probable missing links, in descending order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Predictions {
    /// Basis of the probabilities; absent if there are none.
    pub estimate: Option<Estimate>,
    /// Reason why there are no probabilities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_probabilities: Option<String>,
    /// Number of scored pairs if all were too many, see [`Shortlist`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shortlist: Option<Shortlist>,
    /// The links.
    pub predictions: Vec<Prediction>,
}

/// Basis of the probabilities, see [`MissingLinks`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// Name and version of the method.
    pub method: &'static str,
    /// Number of validation edges, which were ranked among the links.
    pub validation_edges: usize,
    /// Assumed number of missing edges.
    pub missing_edges: usize,
}

impl Estimate {
    /// Explains the probabilities in a paragraph.
    #[must_use]
    pub fn told(&self) -> String {
        let Self { validation_edges, missing_edges, .. } = self;
        let assumed = if validation_edges == missing_edges {
            "as many as there are validation edges; --missing sets another number".to_owned()
        } else {
            "the number given by --missing".to_owned()
        };
        format!(
            "Probabilities assume that {missing_edges} edges of the graph are missing ({assumed}), and that they \
             rank like the {validation_edges} validation edges, which training did not see. `precision` is the \
             expected share of missing edges among this link and all above it, with its 95 % interval."
        )
    }
}

/// Pair of nodes that is not a known edge.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    /// Index of the lower node, or of the source.
    pub src: u32,
    /// Index of the higher node, or of the target.
    pub dst: u32,
    /// Id of the node at `src`.
    pub src_id: NodeId,
    /// Id of the node at `dst`.
    pub dst_id: NodeId,
    /// Label of the node at `src`.
    pub src_label: Option<String>,
    /// Label of the node at `dst`.
    pub dst_label: Option<String>,
    /// Logit of an edge; for vectors their inner product.
    pub logit: f32,
    /// Most likely relation type of an edge; absent unless the method decodes relation types.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// Weight that an edge would have; absent unless the method predicts weights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f32>,
    /// Expected shares of missing edges; absent if they cannot be estimated.
    #[serde(flatten)]
    pub expected: Option<Shares>,
}

/// Expected shares of missing edges, 0 to 1, with their 95 % intervals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shares {
    /// Probability that the pair is a missing edge.
    pub probability: f64,
    /// Lower bound of the probability.
    pub probability_low: f64,
    /// Upper bound of the probability.
    pub probability_high: f64,
    /// Expected share of missing edges among this link and all above it.
    pub precision: f64,
    /// Lower bound of the precision.
    pub precision_low: f64,
    /// Upper bound of the precision.
    pub precision_high: f64,
}

/// Name of a column of shares, and the function that returns its values.
pub type ShareColumn = (&'static str, fn(&Shares) -> f64);

impl Shares {
    /// The columns of tables.
    pub const COLUMNS: [ShareColumn; 6] = [
        ("probability", |share| share.probability),
        ("probability_low", |share| share.probability_low),
        ("probability_high", |share| share.probability_high),
        ("precision", |share| share.precision),
        ("precision_low", |share| share.precision_low),
        ("precision_high", |share| share.precision_high),
    ];
}

impl From<ExpectedShare> for Shares {
    fn from(share: ExpectedShare) -> Self {
        let [probability_low, probability_high] = share.probability_interval;
        let [precision_low, precision_high] = share.precision_interval;
        Self {
            probability: share.probability,
            probability_low,
            probability_high,
            precision: share.precision,
            precision_low,
            precision_high,
        }
    }
}

/// Returns the most probable links of the run in `folder` that are not edges of its graph, neither for training
/// nor held out; exact, over all pairs or those with one of the nodes of [`Wanted::ids`], except where
/// [`Predictions::shortlist`] is set. Writes them to `out` if given.
///
/// # Errors
/// Returns an error when `folder` is not a run over a graph, the table names a node that the run lacks, or a
/// file cannot be read or written.
pub fn predict(
    folder: &Path,
    wanted: Wanted<'_>,
    out: Option<&Path>,
) -> Result<Predictions, PipelineError> {
    out.map_or(Ok(()), |out| check_out(folder, out))?;
    let stored = Stored::open(folder)?;
    let predictions = predictions(&stored.run()?, wanted)?;
    out.map_or(Ok(()), |out| predictions.write(out))?;
    Ok(predictions)
}

/// Returns the most probable links of a trained method in memory, as [`predict`] does.
///
/// # Errors
/// Returns an error when the table names a node that the graph lacks, or cannot be read.
pub fn missing_links(
    trained: TrainedGraph<'_>,
    wanted: Wanted<'_>,
) -> Result<Predictions, PipelineError> {
    predictions(&Run::new(trained)?, wanted)
}

fn predictions(run: &Run<'_>, wanted: Wanted<'_>) -> Result<Predictions, PipelineError> {
    let nodes = wanted.ids.map(|path| nodes_of(run, path)).transpose()?;
    let directed = run.scores_directions();
    let among = Among { nodes: nodes.as_deref(), types: run.pair_types.as_ref(), directed };
    let basis = basis(run, wanted.missing);
    let Ranked { links, above, shortlist } = if basis.is_ok() {
        ranked_with_validation(run, among, wanted.count)?
    } else {
        let (links, shortlist) = shortlist::likeliest(run, run.edges, among, wanted.count)?;
        Ranked { links, above: Vec::new(), shortlist }
    };
    let shares = basis.as_ref().map(|basis| basis.expected(&above)).unwrap_or_default();
    let shares = shares.into_iter().map(Some).chain(std::iter::repeat(None));
    let pairs: Vec<Pair> = links.iter().take(wanted.count).map(|found| found.pair).collect();
    let weights = run.predicted_weights(&pairs)?;
    let relations = run.likeliest_relations(&pairs)?;
    let relation = |at: usize| relations.as_ref().map(|relations| relations[at].to_owned());
    let weight = |at: usize| weights.as_ref().map(|weights| weights[at]);
    let rows = links.into_iter().zip(shares).take(wanted.count).enumerate();
    let rows = rows.map(|(at, (found, share))| {
        let (src, dst) = (found.pair.src, found.pair.dst);
        Prediction {
            src,
            dst,
            src_id: run.node_id(src),
            dst_id: run.node_id(dst),
            src_label: run.label(src).map(str::to_owned),
            dst_label: run.label(dst).map(str::to_owned),
            logit: found.logit,
            relation: relation(at),
            weight: weight(at),
            expected: share.map(Shares::from),
        }
    });
    let predictions = rows.collect();
    let estimate = basis.as_ref().ok().map(|basis| Estimate {
        method: "validation-ranks/1",
        validation_edges: basis.validation(),
        missing_edges: basis.missing(),
    });
    Ok(Predictions { estimate, no_probabilities: basis.err(), shortlist, predictions })
}

/// Returns the basis of probabilities, or the reason why there is none.
fn basis(run: &Run<'_>, missing: Option<usize>) -> Result<MissingLinks, String> {
    let validation = run.split.validation().positive.len();
    if run.split.messages() == Messages::Everything {
        return Err(
            "message passing covered the validation edges, so their ranks prove nothing".to_owned()
        );
    }
    MissingLinks::new(validation, missing.unwrap_or(validation)).ok_or_else(|| {
        format!(
            "the split has {validation} validation edges, and an estimate needs at least \
             {LEAST_VALIDATION_EDGES}: raise `validation` in `[split]`"
        )
    })
}

/// Links in descending order of their scores.
struct Ranked {
    links: Vec<RankedPair>,
    /// Number of validation edges above each link, if they were ranked too.
    above: Vec<usize>,
    shortlist: Option<Shortlist>,
}

/// Ranks the pairs that are no edges together with the validation edges.
fn ranked_with_validation(
    run: &Run<'_>,
    among: Among<'_>,
    count: usize,
) -> Result<Ranked, PipelineError> {
    let (nodes, held_out) = (run.edges.node_count(), run.split.validation().positive.iter());
    let own = |pair: &Pair| if among.directed { *pair } else { pair.canonical() };
    let validation: HashSet<Pair> = held_out.map(own).collect();
    let mut others: Vec<Pair> = run.edges.pairs().iter().map(own).collect();
    others.retain(|pair| !validation.contains(pair));
    let others = if among.directed {
        Edges::directed(nodes, others)?
    } else {
        Edges::undirected(nodes, others)?
    };
    let count = count.max(LEAST_RANKED).saturating_add(validation.len());
    let (ranked, shortlist) = shortlist::likeliest(run, &others, among, count)?;
    let mut seen = 0;
    let mut found = Ranked { links: Vec::new(), above: Vec::new(), shortlist };
    for ranked in ranked {
        if validation.contains(&ranked.pair) {
            seen += 1;
        } else {
            found.links.push(ranked);
            found.above.push(seen);
        }
    }
    Ok(found)
}

/// The nodes that a table names.
fn nodes_of(run: &Run<'_>, path: &Path) -> Result<Vec<u32>, PipelineError> {
    let what = path.display().to_string();
    let ids = vgae_ingest::read_ids(path).map_err(PipelineError::at(Stage::Ingest))?;
    if run.nodes.ids().contains(&ids.column) {
        return Err(PipelineError::Usage {
            what,
            expected: "a first line with the name of the column, such as `id`".to_owned(),
            found: format!("`{}`, which is an id itself", ids.column),
        });
    }
    run.find(&what, &ids.ids)
}

impl Predictions {
    /// Writes `src`, `dst` u32, `src_id`, `dst_id` int64 or utf8, `src_label`, `dst_label` utf8, `logit` f32,
    /// `relation` utf8 and `weight` f32 if they are predicted, and the fields of [`Shares`] f64.
    fn write(&self, path: &Path) -> Result<(), PipelineError> {
        let rows = || self.predictions.iter();
        let text = |name| Field::new(name, DataType::Utf8, true);
        let (src_type, src_ids) = id_column(rows().map(|row| &row.src_id));
        let (dst_type, dst_ids) = id_column(rows().map(|row| &row.dst_id));
        let mut fields = vec![
            Field::new("src", DataType::UInt32, false),
            Field::new("dst", DataType::UInt32, false),
            Field::new("src_id", src_type, false),
            Field::new("dst_id", dst_type, false),
            text("src_label"),
            text("dst_label"),
            Field::new("logit", DataType::Float32, false),
        ];
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(rows().map(|row| row.src))),
            Arc::new(UInt32Array::from_iter_values(rows().map(|row| row.dst))),
            src_ids,
            dst_ids,
            Arc::new(rows().map(|row| row.src_label.as_deref()).collect::<StringArray>()),
            Arc::new(rows().map(|row| row.dst_label.as_deref()).collect::<StringArray>()),
            Arc::new(Float32Array::from_iter_values(rows().map(|row| row.logit))),
        ];
        if rows().any(|row| row.relation.is_some()) {
            fields.push(text("relation"));
            let names = rows().map(|row| row.relation.as_deref());
            columns.push(Arc::new(names.collect::<StringArray>()));
        }
        if rows().any(|row| row.weight.is_some()) {
            fields.push(Field::new("weight", DataType::Float32, true));
            columns.push(Arc::new(rows().map(|row| row.weight).collect::<Float32Array>()));
        }
        for (name, of) in Shares::COLUMNS {
            fields.push(Field::new(name, DataType::Float64, true));
            let values = rows().map(|row| row.expected.as_ref().map(of));
            columns.push(Arc::new(values.collect::<Float64Array>()));
        }
        let mut facts: Vec<(&str, String)> = match &self.estimate {
            Some(estimate) => vec![
                ("validation_edges", estimate.validation_edges.to_string()),
                ("missing_edges", estimate.missing_edges.to_string()),
            ],
            None => Vec::new(),
        };
        facts.extend(self.no_probabilities.clone().map(|reason| ("no_probabilities", reason)));
        facts.extend(self.shortlist.map(|shortlist| ("shortlist", shortlist.told())));
        let provenance = Provenance::of_stage("predict");
        table::write_parquet(path, Kind::Predictions, fields, columns, &facts, &provenance)?;
        Ok(())
    }
}
