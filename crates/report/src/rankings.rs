//! How edges rank among negatives of several kinds.

use std::collections::BTreeSet;

use vgae_artifacts::{MeanRanks, Metrics, Part, RankedAmong, RankingMetrics};

use super::element::Element;
use super::number::{count, metric};
use super::page::{Section, cell, details, exact, head, row, table};
use super::result::{definitions, part_name};

/// Every ranking of the test part, and apart those of validation; nothing without rankings.
pub(crate) fn section(metrics: &Metrics) -> Option<Section> {
    if metrics.rankings.is_empty() {
        return None;
    }
    let kept: BTreeSet<u32> =
        metrics.rankings.iter().flat_map(|ranking| ranking.hits.keys()).copied().collect();
    let names: Vec<String> = kept.iter().map(|k| format!("Hits@{k}")).collect();
    let mut heads = vec![("t", "Negatives"), ("", "AUC"), ("", "AP"), ("", "MRR")];
    heads.extend(names.iter().map(|name| ("", name.as_str())));
    heads.extend([("", "Edges"), ("", "Non-edges")]);
    let of_part = |part: Part, caption: &str| {
        let rankings = metrics.rankings.iter().enumerate();
        let rankings = rankings.filter(|(_, ranking)| ranking.part == part);
        let lines = rankings.flat_map(|(at, ranking)| {
            let by_mean = ranking.mean_ranks.as_ref();
            let by_mean = by_mean.map(|ranks| mean_line(at, ranking, ranks, &kept));
            std::iter::once(line(at, ranking, &kept)).chain(by_mean)
        });
        table(caption, &heads, lines)
    };
    let caption = "Each test edge is ranked among negatives: MRR is the mean of one divided by its rank, Hits@K the \
         share of edges among the first K, both with ties in random order. The negatives of the split are one \
         list for all edges; of the others, such as uniform:10, each edge has a list of its own, of so many. More \
         negatives lower AP, MRR and Hits@K without any change of the model: compare numbers of one row of several \
         runs, not rows. A dash stands where an edge has fewer than K negatives.";
    let explained = |name: &str| {
        matches!(name, "hits_at_k" | "mrr")
            || name.ends_with("_mean_rank")
            || name.ends_with("_negatives")
    };
    let mut content = vec![of_part(Part::Test, caption)];
    if metrics.rankings.iter().any(|ranking| ranking.part == Part::Validation) {
        let name = part_name(Part::Validation);
        content.push(details(
            "The same on validation pairs",
            of_part(Part::Validation, &format!("The same on {name} pairs.")),
        ));
    }
    content.push(details("How ranks and negatives are defined", definitions(metrics, explained)));
    Some(Section { id: "rankings", title: "Ranks among negatives", content })
}

/// Returns the row of the metrics by mean rank.
fn mean_line(
    at: usize,
    ranking: &RankingMetrics,
    ranks: &MeanRanks,
    kept: &BTreeSet<u32>,
) -> Element {
    let path = |name: &str| format!("rankings.{at}.mean_ranks.{name}");
    let number = |name: &str, value| exact(cell(metric(value)), &path(name), value);
    let hits = kept.iter().map(|k| number(&format!("hits.{k}"), ranks.hits.get(k).copied()));
    let name = format!("{}, by mean rank of ties", named(ranking));
    row([head(name), cell(""), cell(""), number("mrr", Some(ranks.mrr))]
        .into_iter()
        .chain(hits)
        .chain([cell(""), cell("")]))
}

fn named(ranking: &RankingMetrics) -> String {
    match ranking.negatives {
        RankedAmong::Split => "of the split".to_owned(),
        RankedAmong::Set(set) => set.to_string(),
    }
}

fn line(at: usize, ranking: &RankingMetrics, kept: &BTreeSet<u32>) -> Element {
    let path = |name: &str| format!("rankings.{at}.{name}");
    let number = |name: &str, value| exact(cell(metric(value)), &path(name), value);
    let whole = |name: &str, value: usize| {
        cell(count(value)).attr("data-metric", path(name)).attr("data-value", value)
    };
    let hits = kept.iter().map(|k| number(&format!("hits.{k}"), ranking.hits.get(k).copied()));
    row([
        head(named(ranking)),
        number("auc", ranking.auc),
        number("ap", ranking.ap),
        number("mrr", ranking.mrr),
    ]
    .into_iter()
    .chain(hits)
    .chain([whole("positives", ranking.positives), whole("pairs", ranking.pairs)]))
}
