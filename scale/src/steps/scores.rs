//! Scores of the held-out pairs: inner products of their embeddings.

use super::embeddings::EMBEDDINGS;
use super::negatives::NEGATIVES;
use super::split::{POSITIVES, Sizes};
use super::{OUTPUT, Step, boolean, count_where, integer, joined, real, text, violations};

/// Score of each held-out pair: `src`, `dst`, `part`, `positive`, `score`.
pub(crate) const SCORES: &str = "scores";

/// Held-out pairs, positive and negative, with their part.
pub(super) const PAIRS: &str = "SELECT src, dst, part, true AS positive FROM positives\n\
     UNION ALL SELECT src, dst, part, false AS positive FROM negatives";

/// Scores of the held-out pairs. Products are summed in double precision, in the order of the columns; 0 is added
/// since it makes -0 a 0.
pub(crate) fn scores(sizes: Sizes, width: usize) -> Step {
    let sum = joined(width, " + ", |k| {
        format!("CAST(a.embedding_{k} AS DOUBLE) * CAST(b.embedding_{k} AS DOUBLE)")
    });
    let sql = format!(
        "SELECT pairs.src AS src, pairs.dst AS dst, pairs.part AS part, pairs.positive AS positive, \
         CAST({sum} + 0.0 AS REAL) AS score\n\
         FROM (\n{PAIRS}\n) AS pairs\n\
         JOIN {EMBEDDINGS} AS a ON pairs.src = a.node\n\
         JOIN {EMBEDDINGS} AS b ON pairs.dst = b.node"
    );
    let check = format!(
        "SELECT count(*) AS row_count, {} AS positive_pairs, {} AS scores_out_of_range FROM {OUTPUT}",
        count_where("positive"),
        violations("abs(score) <= 1.0001"),
    );
    let columns =
        vec![integer("src"), integer("dst"), text("part"), boolean("positive"), real("score")];
    Step::new(SCORES, &[POSITIVES, NEGATIVES, EMBEDDINGS], sql, columns)
        .check("exact counts", check)
        .equals("row_count", 2 * sizes.held_out())
        .equals("positive_pairs", sizes.held_out())
        .equals("scores_out_of_range", 0)
}
