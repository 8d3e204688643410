//! Certificate of the split: digests of its parts, and the proof that they do not overlap.

use vgae_artifacts::{HashPurpose, KeyedHash, Seed};
use vgae_large::SPLIT_PARTS;

use super::degrees::DEGREES;
use super::ingest::EDGES;
use super::negatives::NEGATIVES;
use super::split::{POSITIVES, Sizes, TRAIN};
use super::{OUTPUT, Step, boolean, integer, text};
use crate::hash::{HashColumn, with_hashes};

/// Digest of each part: `part`, `positive`, `pair_count`, `word_0`, `word_1`.
pub(crate) const CERTIFICATE: &str = "certificate";

fn digested(rows: &str, keep: &[&str]) -> String {
    // The digest identifies pairs, so its keys do not depend on the seed.
    let word = |name: &str, purpose| HashColumn {
        name: name.to_owned(),
        hash: KeyedHash::new(purpose, Seed(0)),
        a: "src".to_owned(),
        b: "dst".to_owned(),
    };
    let words =
        [word("word_0", HashPurpose::DigestFirst), word("word_1", HashPurpose::DigestSecond)];
    with_hashes(rows, keep, &words)
}

/// Returns the prefix of the facts of a part.
pub(crate) fn fact_prefix(part: &str, positive: bool) -> String {
    format!("{part}_{}", if positive { "positive" } else { "negative" })
}

/// Digest of each part: the sums of two 32-bit hashes of its pairs, which do not depend on the order of the pairs.
///
/// The positive parts have the digest and the number of the edges of the graph. No training edge is held out, no
/// negative is an edge, no held-out pair occurs twice.
///
/// Facts: `PART_SIGN_pairs`, `PART_SIGN_word_0`, `PART_SIGN_word_1`, `cold_test_edges`.
pub(crate) fn certificate(train: u64, sizes: Sizes) -> Step {
    let all = format!(
        "(\nSELECT src, dst, 'train' AS part, true AS positive FROM {TRAIN}\nUNION ALL {}\n) AS pairs",
        super::scores::PAIRS
    );
    let sql = format!(
        "SELECT part, positive, count(*) AS pair_count, sum(word_0) AS word_0, sum(word_1) AS word_1\n\
         FROM (\n{}\n) AS digested GROUP BY part, positive",
        digested(&all, &["part", "positive"])
    );
    let per_part = SPLIT_PARTS.into_iter().flat_map(|(part, positive)| {
        let prefix = fact_prefix(part, positive);
        [("pairs", "pair_count"), ("word_0", "word_0"), ("word_1", "word_1")].map(|(fact, column)| {
            format!(
                "coalesce(max(CASE WHEN part = '{part}' AND positive = {positive} THEN {column} END), 0) \
                 AS {prefix}_{fact}"
            )
        })
    });
    let per_part = per_part.collect::<Vec<_>>().join(", ");
    let of_parts = format!(
        "SELECT {per_part}, \
         sum(CASE WHEN positive THEN pair_count END) AS positive_pairs, \
         sum(CASE WHEN positive THEN word_0 END) AS positive_word_0, \
         sum(CASE WHEN positive THEN word_1 END) AS positive_word_1\nFROM {OUTPUT}"
    );
    let of_edges = format!(
        "SELECT count(*) AS edge_pairs, sum(word_0) AS edge_word_0, sum(word_1) AS edge_word_1\nFROM (\n{}\n) AS digested",
        digested(EDGES, &[])
    );
    let shared = |few: &str, many: &str, fact: &str| {
        format!(
            "SELECT count(*) AS {fact} FROM {few} AS few JOIN {many} AS many ON few.src = many.src AND few.dst = many.dst"
        )
    };
    let repeated = |table: &str| {
        format!(
            "SELECT count(*) AS repeated_{table} FROM (SELECT src, dst FROM {table} GROUP BY src, dst \
             HAVING count(*) > 1) AS repeated"
        )
    };
    let cold = format!(
        "SELECT count(*) AS cold_test_edges FROM {POSITIVES} AS pairs\n\
         JOIN {DEGREES} AS a ON pairs.src = a.node JOIN {DEGREES} AS b ON pairs.dst = b.node\n\
         WHERE pairs.part = 'test' AND (a.messages = 1 OR b.messages = 1)"
    );
    let columns = vec![
        text("part"),
        boolean("positive"),
        integer("pair_count"),
        integer("word_0"),
        integer("word_1"),
    ];
    let counts = [train, sizes.validation, sizes.validation, sizes.test, sizes.test];
    let mut step =
        Step::new(CERTIFICATE, &[TRAIN, POSITIVES, NEGATIVES, EDGES, DEGREES], sql, columns)
            .check("digests of the parts", of_parts)
            .check("digest of the graph", of_edges)
            .same("positive_pairs", "edge_pairs")
            .same("positive_word_0", "edge_word_0")
            .same("positive_word_1", "edge_word_1")
            .check(
                "no training edge is held out",
                shared(POSITIVES, TRAIN, "held_out_training_edges"),
            )
            .equals("held_out_training_edges", 0)
            .check("no negative is an edge", shared(NEGATIVES, EDGES, "negatives_that_are_edges"))
            .equals("negatives_that_are_edges", 0)
            .check("each held-out edge once", repeated(POSITIVES))
            .equals("repeated_positives", 0)
            .check("each negative once", repeated(NEGATIVES))
            .equals("repeated_negatives", 0)
            .check("test edges of nodes without training edges", cold);
    for ((part, positive), count) in SPLIT_PARTS.into_iter().zip(counts) {
        step = step.equals(&format!("{}_pairs", fact_prefix(part, positive)), count);
    }
    step
}
