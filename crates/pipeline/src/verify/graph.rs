//! The checks of a run over a graph, besides executing its stages again.

use std::path::Path;

use vgae_artifacts::{
    Certificate, Curves, EdgeSplit, Edges, History, Kind, Metrics, Nodes, PairTypes, Part,
    RankedAmong, RankingMetrics, Scores, SplitRule, json, names,
};
use vgae_eval::ScoreMetrics;
use vgae_model::Scoring;

use super::compare::METRIC_TOLERANCE;
use super::encoder::encoder;
use super::recomputed::Recomputed;
use crate::StageError;
use crate::plan::RunPlan;

pub(crate) fn checks(folder: &Path, run: &RunPlan) -> Vec<Recomputed> {
    vec![
        ("leak certificate proved again", certificate_fault(folder)),
        ("metrics computed again from the scores", metrics_fault(folder)),
        ("training history of these weights", history_fault(folder, run)),
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
        Some("certificate.json is of another split".to_owned())
    } else {
        None
    })
}

/// Compares metrics and curves with the stored scores, to the last bit.
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
        validation_weights: stored.validation_weights,
        test_weights: stored.test_weights,
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

/// Checks that the history has the configured epochs, and at the best epoch the validation metrics of the
/// evaluation. Scores of pair models are not those of their encoder, whose history it is.
fn history_fault(folder: &Path, run: &RunPlan) -> Result<Option<String>, StageError> {
    let has_history = !matches!(run.model.scoring(), Scoring::PairModel { .. })
        || folder.join(names::LATENT).exists();
    if !has_history {
        return Ok(None);
    }
    let model = encoder(folder, &run.model)?;
    let epochs = model.get("epochs").and_then(serde_json::Value::as_u64);
    let Some(epochs) = epochs else { return Ok(None) };
    let (history, chosen) = History::read_chosen(&folder.join(names::HISTORY))?;
    let rows = history.0.len() as u64;
    let stopped_early = chosen.is_some_and(|chosen| chosen.stopped_early);
    if rows > epochs || (rows < epochs && !stopped_early) {
        return Ok(Some(format!("expected {epochs} epochs, found {rows}")));
    }
    let validated = history.0.iter().any(|record| record.validation.is_some());
    let keeps_best = model.get("keep_best").and_then(serde_json::Value::as_bool);
    let Some(chosen) = chosen else {
        let expected = validated && keeps_best == Some(true);
        return Ok(expected.then(|| "it names no best epoch".to_owned()));
    };
    if matches!(run.model.scoring(), Scoring::PairModel { .. }) {
        return Ok(None);
    }
    let record = history.0.iter().find(|record| record.epoch == chosen.epoch);
    let Some(found) = record.and_then(|record| record.validation) else {
        return Ok(Some(format!("epoch {} has no validation metrics", chosen.epoch)));
    };
    let metrics = Metrics::read(&folder.join(names::METRICS))?.validation;
    let differs = |found: f64, expected: Option<f64>| {
        expected.is_none_or(|expected| (found - expected).abs() > METRIC_TOLERANCE)
    };
    Ok((differs(found.auc, metrics.auc) || differs(found.ap, metrics.ap)).then(|| {
        format!(
            "validation AUC {} and AP {} at its best epoch are not those of metrics.json",
            found.auc, found.ap
        )
    }))
}
