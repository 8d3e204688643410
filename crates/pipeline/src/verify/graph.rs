//! The checks of a run over a graph.

use std::path::Path;

use vgae_artifacts::{
    Certificate, EdgeSplit, Edges, Embedding, Kind, Metrics, Nodes, RankingMetrics, Scores, json,
    names,
};
use vgae_eval::EvalConfig;

use super::Recomputed;
use crate::StageError;

pub(crate) fn checks(folder: &Path) -> Vec<Recomputed> {
    vec![
        ("leak certificate proved again", certificate_fault(folder)),
        ("metrics computed again from the scores", metrics_fault(folder)),
        ("metrics of nodes computed again from the vectors", nodes_fault(folder)),
    ]
}

fn certificate_fault(folder: &Path) -> Result<Option<String>, StageError> {
    let node_count = Nodes::read(&folder.join(names::NODES))?.len();
    let edges = Edges::read(&folder.join(names::EDGES), node_count)?;
    let split = EdgeSplit::read(&folder.join(names::SPLIT), node_count)?;
    let stored: Certificate = json::read(&folder.join(names::CERTIFICATE), Kind::Certificate)?;
    let proved = vgae_split::certify(&edges, &split);
    Ok(if !proved.leaks.is_empty() {
        Some(format!("the split leaks: {}", proved.leaks.join("; ")))
    } else if !proved.holds() {
        Some("the split leaks: a part overlaps another, or a negative is an edge".to_owned())
    } else if proved != stored {
        Some("certificate.json speaks of another split".to_owned())
    } else {
        None
    })
}

fn metrics_fault(folder: &Path) -> Result<Option<String>, StageError> {
    let stored = Metrics::read(&folder.join(names::METRICS))?;
    let scores = Scores::read(&folder.join(names::SCORES))?;
    let differs = |part, stored: &vgae_artifacts::LinkMetrics| -> Result<bool, StageError> {
        let (positive, negative) = scores.of_part(part);
        Ok(vgae_eval::link_metrics(&positive, &negative)? != *stored)
    };
    for (part, metrics) in [
        (vgae_artifacts::Part::Validation, &stored.validation),
        (vgae_artifacts::Part::Test, &stored.test),
    ] {
        let (positive, negative) = scores.of_part(part);
        let of_split = |ranking: &&RankingMetrics| {
            ranking.part == part && ranking.negatives == RankingMetrics::OF_THE_SPLIT
        };
        let ranks_differ = stored.rankings.iter().find(of_split).is_some_and(|ranking| {
            ranking.mrr != vgae_eval::mean_reciprocal_rank(&positive, &negative)
        });
        if ranks_differ || differs(part, metrics)? {
            return Ok(Some(format!("{part}: metrics.json does not follow from scores.parquet")));
        }
    }
    Ok(None)
}

fn nodes_fault(folder: &Path) -> Result<Option<String>, StageError> {
    // Runs that wanted none, had no labels or were made before there were any have nothing to compare.
    let Some(stored) = Metrics::read(&folder.join(names::METRICS))?.nodes else { return Ok(None) };
    let labels = Nodes::read_labels(&folder.join(names::NODES))?;
    let embedding = Embedding::read(&folder.join(names::LATENT))?;
    let found = vgae_eval::evaluate_nodes(&embedding, &labels, &EvalConfig::default())?;
    let differs = found != Some(stored);
    Ok(differs.then(|| "metrics.json does not follow from the vectors and labels".to_owned()))
}
