//! Exact AUC and average precision, in integers.
//!
//! Scores are counted in bins, from the highest on; within a bin distinct scores are sorted.

use vgae_large::AP_BITS;

use super::scores::SCORES;
use super::split::Sizes;
use super::{OUTPUT, Step, integer, text};

/// Sums of the metrics per part.
pub(crate) const METRICS: &str = "metrics";

/// For each part: `positives`, `negatives`, `auc_sum` (twice the number of pairs of a positive and a negative in the
/// right order, a tie as half a pair) and `ap_sum` (sum of precision times gain in true positives, in units of
/// 2^-30).
///
/// Facts: `auc_sum_PART`, `ap_sum_PART`.
pub(crate) fn metrics(sizes: Sizes) -> Step {
    let sql = format!(
        "WITH distinct_scores AS (SELECT part, score, CAST(floor((CAST(score AS DOUBLE) + 1) * 32768) AS BIGINT) AS bin, \
         count(CASE WHEN positive THEN 1 END) AS p, \
         count(CASE WHEN NOT positive THEN 1 END) AS n\n\
         FROM {SCORES} GROUP BY part, score),\n\
         bins AS (SELECT part, bin, sum(p) AS p, sum(n) AS n FROM distinct_scores GROUP BY part, bin),\n\
         above AS (SELECT part, bin, sum(p) OVER (PARTITION BY part ORDER BY bin DESC) - p AS p, \
         sum(n) OVER (PARTITION BY part ORDER BY bin DESC) - n AS n FROM bins),\n\
         ranked AS (SELECT s.part AS part, s.p AS p, s.n AS n, \
         above.p + sum(s.p) OVER (PARTITION BY s.part, s.bin ORDER BY s.score DESC) AS tp, \
         above.n + sum(s.n) OVER (PARTITION BY s.part, s.bin ORDER BY s.score DESC) AS fp\n\
         FROM above JOIN distinct_scores AS s ON s.part = above.part AND s.bin = above.bin)\n\
         SELECT part, sum(p) AS positives, sum(n) AS negatives, sum(n * (2 * (tp - p) + p)) AS auc_sum, \
         sum(CAST(floor(CAST(p AS DOUBLE) * CAST(tp AS DOUBLE) / CAST(tp + fp AS DOUBLE) * {unit} + 0.5) AS BIGINT)) \
         AS ap_sum\nFROM ranked GROUP BY part",
        unit = format_args!("CAST({} AS DOUBLE)", 1u64 << AP_BITS),
    );
    let parts = [("val", sizes.validation), ("test", sizes.test)];
    let present = parts.into_iter().filter(|&(_, size)| size > 0);
    let facts = present.clone().flat_map(|(part, _)| {
        ["positives", "negatives", "auc_sum", "ap_sum"].map(|column| {
            format!("max(CASE WHEN part = '{part}' THEN {column} END) AS {column}_{part}")
        })
    });
    let facts = facts.collect::<Vec<_>>().join(", ");
    let columns = vec![
        text("part"),
        integer("positives"),
        integer("negatives"),
        integer("auc_sum"),
        integer("ap_sum"),
    ];
    let mut step = Step::new(METRICS, &[SCORES], sql, columns)
        .check("one row per part", format!("SELECT count(*) AS row_count, {facts} FROM {OUTPUT}"))
        .equals("row_count", present.clone().count() as u64);
    for (part, size) in present {
        step = step
            .equals(&format!("positives_{part}"), size)
            .equals(&format!("negatives_{part}"), size);
    }
    step
}
