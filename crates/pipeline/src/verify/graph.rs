//! The checks of a run over a graph.

use std::path::Path;

use vgae_artifacts::{
    Certificate, Curves, EdgeSplit, Edges, Embedding, Kind, Metrics, Nodes, PairTypes, Part,
    RankedAmong, RankingMetrics, Scores, SplitRule, json, names,
};
use vgae_eval::{EvalConfig, ScoreMetrics};

use super::recomputed::Recomputed;
use crate::StageError;

pub(crate) fn checks(folder: &Path) -> Vec<Recomputed> {
    vec![
        ("leak certificate proved again", certificate_fault(folder)),
        ("metrics computed again from the scores", metrics_fault(folder)),
        ("metrics of nodes computed again from the vectors", nodes_fault(folder)),
    ]
}

fn certificate_fault(folder: &Path) -> Result<Option<String>, StageError> {
    let nodes = Nodes::read(&folder.join(names::NODES))?;
    let node_count = nodes.len();
    let edges = Edges::read(&folder.join(names::EDGES), node_count)?;
    let split = EdgeSplit::read(&folder.join(names::SPLIT), node_count)?;
    if let Some(types) = nodes.types() {
        let allowed = PairTypes::of_edges(types.clone(), edges.pairs())?;
        if let Some((.., pair)) = split.rows().find(|(.., pair)| !allowed.allows(*pair)) {
            let (src, dst) = (types.name(pair.src), types.name(pair.dst));
            return Ok(Some(format!(
                "the split has a pair of `{src}` and `{dst}`, which no edge joins"
            )));
        }
    }
    let stored: Certificate = json::read(&folder.join(names::CERTIFICATE), Kind::Certificate)?;
    // Facts about files and times cannot be proved again from the split.
    let (given, rule) = (stored.given.clone(), stored.rule.clone());
    let proved = Certificate { given, rule: rule.clone(), ..vgae_split::certify(&edges, &split) };
    Ok(if !proved.leaks.is_empty() {
        Some(format!("the split leaks: {}", proved.leaks.join("; ")))
    } else if !proved.holds() {
        Some("the split leaks: a part overlaps another, or a negative is an edge".to_owned())
    } else if matches!(rule, Some(SplitRule::Nodes { .. }))
        && proved.cold_test_edges < split.test().positive.len()
    {
        Some("a test node of a split by nodes has training edges".to_owned())
    } else if proved != stored {
        Some("certificate.json speaks of another split".to_owned())
    } else {
        None
    })
}

fn metrics_fault(folder: &Path) -> Result<Option<String>, StageError> {
    let stored = Metrics::read(&folder.join(names::METRICS))?;
    let scores = Scores::read(&folder.join(names::SCORES))?;
    let has_mean_ranks = stored.rankings.iter().any(|ranking| ranking.mean_ranks.is_some());
    let found = vgae_eval::measure_scores(&scores, has_mean_ranks)?;
    let of_split = |rankings: Vec<RankingMetrics>| -> Vec<RankingMetrics> {
        rankings.into_iter().filter(|ranking| ranking.negatives == RankedAmong::Split).collect()
    };
    let stored = ScoreMetrics {
        validation: stored.validation,
        test: stored.test,
        rankings: of_split(stored.rankings),
        probabilities: stored.probabilities,
    };
    if found != stored {
        return Ok(Some("metrics.json does not follow from scores.parquet".to_owned()));
    }
    let (positive, negative) = scores.of_part(Part::Test);
    let curves = Curves::read(&folder.join(names::CURVES))?;
    let differs = curves != vgae_eval::curves(&positive, &negative)?;
    Ok(differs.then(|| "curves.parquet does not follow from scores.parquet".to_owned()))
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
