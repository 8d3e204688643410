//! Split of the edges by a keyed hash, with exact counts.
//!
//! Edges are ordered by `(h, src, dst)`, `h` the hash of the pair. The first `floor(E * validation)` are validation
//! edges, the next `floor(E * test)` test edges, the others training edges.

use vgae_artifacts::{HashPurpose, KeyedHash, Seed};

use super::ingest::EDGES;
use super::places::Order;
use super::{Facts, OUTPUT, Step, count_where, integer, text};
use crate::hash::{HashColumn, with_hashes};

/// Last validation edge and last held-out edge of the order.
pub(crate) const SPLIT_CUTS: &str = "split_cuts";
/// Training edges.
pub(crate) const TRAIN: &str = "train";
/// Held-out edges with their part, `val` or `test`.
pub(crate) const POSITIVES: &str = "positives";

/// Numbers of held-out edges. At least one edge is held out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// Number of validation edges.
    pub(crate) validation: u64,
    /// Number of test edges.
    pub(crate) test: u64,
}

impl Sizes {
    /// Returns the number of held-out edges.
    pub(crate) const fn held_out(self) -> u64 {
        self.validation + self.test
    }

    /// Returns the places of the last element of each non-empty part.
    pub(crate) fn places(self) -> Vec<u64> {
        let mut ends = vec![self.validation, self.held_out()];
        ends.retain(|&end| end > 0);
        ends.dedup();
        ends.into_iter().map(|end| end - 1).collect()
    }
}

/// The edges with their hash, `h`.
fn hashed(seed: Seed) -> String {
    let column = HashColumn {
        name: "h".to_owned(),
        hash: KeyedHash::new(HashPurpose::Split, seed),
        a: "src".to_owned(),
        b: "dst".to_owned(),
    };
    with_hashes(EDGES, &["src", "dst"], &[column])
}

/// The edges that end the parts of the split.
pub(crate) fn cuts(seed: Seed, sizes: Sizes) -> Step {
    let rows = format!("({}) AS hashed", hashed(seed));
    let order = Order { rows, inputs: &[EDGES], keys: &["h", "src", "dst"], shift: 16 };
    order.at_places(SPLIT_CUTS, &sizes.places())
}

/// Returns the condition that an edge is among the first `end` of the order.
fn is_before(end: u64, cuts: &Facts) -> anyhow::Result<String> {
    let Some(place) = end.checked_sub(1) else { return Ok("1 = 0".to_owned()) };
    let [h, src, dst] = ["h", "src", "dst"].map(|key| cuts.count(&format!("{key}_{place}")));
    let (h, src, dst) = (h?, src?, dst?);
    Ok(format!("(h < {h} OR (h = {h} AND (src < {src} OR (src = {src} AND dst <= {dst}))))"))
}

/// Training edges.
pub(crate) fn train(seed: Seed, sizes: Sizes, edges: u64, cuts: &Facts) -> anyhow::Result<Step> {
    let is_held_out = is_before(sizes.held_out(), cuts)?;
    let sql =
        format!("SELECT src, dst FROM (\n{}\n) AS hashed WHERE NOT {is_held_out}", hashed(seed));
    let check = format!("SELECT count(*) AS row_count FROM {OUTPUT}");
    Ok(Step::new(TRAIN, &[EDGES], sql, vec![integer("src"), integer("dst")])
        .check("exact count", check)
        .equals("row_count", edges - sizes.held_out()))
}

/// Held-out edges.
pub(crate) fn positives(seed: Seed, sizes: Sizes, cuts: &Facts) -> anyhow::Result<Step> {
    let is_held_out = is_before(sizes.held_out(), cuts)?;
    let is_validation = is_before(sizes.validation, cuts)?;
    let sql = format!(
        "SELECT src, dst, CASE WHEN {is_validation} THEN 'val' ELSE 'test' END AS part FROM (\n{}\n) AS hashed \
         WHERE {is_held_out}",
        hashed(seed)
    );
    Ok(held_out_step(POSITIVES, EDGES, sql, sizes))
}

/// Step of held-out pairs with the check of their exact counts.
pub(super) fn held_out_step(name: &str, input: &str, sql: String, sizes: Sizes) -> Step {
    let check = format!(
        "SELECT count(*) AS row_count, {} AS validation_pairs, {} AS test_pairs FROM {OUTPUT}",
        count_where("part = 'val'"),
        count_where("part = 'test'"),
    );
    let columns = vec![integer("src"), integer("dst"), text("part")];
    Step::new(name, &[input], sql, columns)
        .check("exact counts", check)
        .equals("row_count", sizes.held_out())
        .equals("validation_pairs", sizes.validation)
        .equals("test_pairs", sizes.test)
}
