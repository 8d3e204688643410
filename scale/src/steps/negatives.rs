//! Negatives: as many pairs without an edge as edges are held out, drawn by counter.
//!
//! Candidate `i` is the pair `(u, v)` with `u = (floor(w0 / 2) * 2^32 + w1) mod N`, likewise `v` of `w2` and `w3`, where
//! `wj` is the hash of `(i, j)`. Candidates with `u = v`, edges, and pairs that an earlier candidate has are left out.
//! The first ones of the rest are validation negatives, the next ones test negatives: the result does not depend on
//! the number of candidates.

use vgae_artifacts::{HashPurpose, KeyedHash, Seed};

use super::ingest::EDGES;
use super::places::Order;
use super::split::{Sizes, held_out_step};
use super::{Facts, OUTPUT, Step, count_where, integer, violations};
use crate::hash::{HashColumn, with_hashes};

/// Distinct candidates that are not edges.
pub(crate) const CANDIDATES: &str = "candidates";
/// Last validation negative and last negative of the order.
pub(crate) const NEGATIVE_CUTS: &str = "negative_cuts";
/// Negatives with their part, `val` or `test`.
pub(crate) const NEGATIVES: &str = "negatives";

/// Distinct candidates that are not edges, with the number `i` of the first candidate of each pair.
///
/// Fact: `row_count`.
pub(crate) fn candidates(seed: Seed, nodes: u64, count: u64) -> Step {
    let hash = KeyedHash::new(HashPurpose::Negatives, seed);
    let word =
        |j: u32| HashColumn { name: format!("w{j}"), hash, a: "i".to_owned(), b: j.to_string() };
    let source = format!("range(0, {count}) AS numbers(i)");
    let words = with_hashes(&source, &["i"], &[0, 1, 2, 3].map(word));
    let node = |high: &str, low: &str| {
        format!("((({high} >> 1) * CAST(4294967296 AS BIGINT)) + {low}) % {nodes}")
    };
    let distinct = format!(
        "(SELECT min(i) AS i, src, dst\n\
         FROM (SELECT i, least(u, v) AS src, greatest(u, v) AS dst\n\
         FROM (SELECT i, {} AS u, {} AS v FROM (\n{words}\n) AS words) AS pairs WHERE u <> v) AS canonical\n\
         GROUP BY src, dst) AS candidates",
        node("w0", "w1"),
        node("w2", "w3"),
    );
    let same_pair = "candidates.src = edges.src AND candidates.dst = edges.dst";
    let sql = format!(
        "SELECT candidates.i AS i, candidates.src AS src, candidates.dst AS dst\nFROM {distinct}\n\
         LEFT ANTI JOIN {EDGES} AS edges ON {same_pair}"
    );
    let complete = format!(
        "SELECT {} AS expected_rows, sum(CASE WHEN edges.src IS NULL THEN candidates.i END) AS expected_sum\n\
         FROM {distinct}\nLEFT JOIN {EDGES} AS edges ON {same_pair}",
        count_where("edges.src IS NULL"),
    );
    let check = format!(
        "SELECT count(*) AS row_count, sum(i) AS number_sum, count(*) - count(DISTINCT i) AS repeated, \
         {} AS out_of_range FROM {OUTPUT}",
        violations(&format!("0 <= src AND src < dst AND dst < {nodes} AND 0 <= i AND i < {count}")),
    );
    Step::new(CANDIDATES, &[EDGES], sql, ["i", "src", "dst"].map(integer).to_vec())
        .check("range", check)
        .equals("repeated", 0)
        .equals("out_of_range", 0)
        .check("no candidate is lost", complete)
        .same("row_count", "expected_rows")
        .same("number_sum", "expected_sum")
}

/// The candidates that end the parts.
pub(crate) fn cuts(sizes: Sizes, count: u64) -> Step {
    let shift = (u64::BITS - count.leading_zeros()).saturating_sub(16);
    let order = Order { rows: CANDIDATES.to_owned(), inputs: &[CANDIDATES], keys: &["i"], shift };
    order.at_places(NEGATIVE_CUTS, &sizes.places())
}

/// Negatives with their part.
pub(crate) fn negatives(sizes: Sizes, cuts: &Facts) -> anyhow::Result<Step> {
    let is_before = |end: u64| match end.checked_sub(1) {
        None => Ok("1 = 0".to_owned()),
        Some(place) => anyhow::Ok(format!("i <= {}", cuts.count(&format!("i_{place}"))?)),
    };
    let sql = format!(
        "SELECT src, dst, CASE WHEN {} THEN 'val' ELSE 'test' END AS part FROM {CANDIDATES} WHERE {}",
        is_before(sizes.validation)?,
        is_before(sizes.held_out())?,
    );
    Ok(held_out_step(NEGATIVES, CANDIDATES, sql, sizes))
}
