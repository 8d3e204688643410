//! Propagation: the mean over the messages of each node, in fixed-point sums.
//!
//! With `P = D^-1 (A + I)`, `D` the degrees of `A + I`, one step computes `y' = P y`. Since
//! `A_hat^k = D^1/2 P^k D^-1/2`, it serves the symmetric propagation too.
//!
//! Values are multiplied by `2^bits`, rounded and summed as 64-bit integers, so that the sums are the same in any order.

use vgae_artifacts::Seed;

use super::degrees::{DEGREES, MESSAGES, SIGN, sign_hash};
use super::ingest::NODES;
use super::split::TRAIN;
use super::{Column, OUTPUT, Step, integer, joined, listed, real, violations};
use crate::hash::with_hashes;

/// Returns the columns `y0`, `y1`, ...
fn values(width: usize) -> impl Iterator<Item = Column> {
    (0..width).map(|k| real(format!("y{k}")))
}

/// Returns the expression of the largest absolute value of a row.
fn greatest_of_row(width: usize) -> String {
    if width == 1 {
        "abs(y0)".to_owned()
    } else {
        format!("greatest({})", listed(width, |k| format!("abs(y{k})")))
    }
}

/// Returns the condition that all values of a row are finite. NaN is greater than all numbers in both engines.
fn is_finite(width: usize) -> String {
    joined(width, " AND ", |k| format!("abs(y{k}) <= 3.4e38"))
}

/// Step whose output is a vector per node: `node`, `y0`, `y1`, ...
///
/// Facts: `row_count`, `greatest_value` (largest absolute value).
pub(super) fn vectors_step(
    name: &str,
    inputs: &[&str],
    sql: String,
    nodes: u64,
    width: usize,
) -> Step {
    let check = format!(
        "SELECT {} AS values_not_finite, max(CAST({} AS DOUBLE)) AS greatest_value FROM {OUTPUT}",
        violations(&is_finite(width)),
        greatest_of_row(width),
    );
    let columns = [integer("node")].into_iter().chain(values(width)).collect();
    Step::new(name, inputs, sql, columns).each_node_once(nodes).check("finite values", check).data(
        "values_not_finite",
        "nodes have a feature that is null, NaN or infinite: replace these values",
    )
}

/// Sizes of a propagation step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Number of nodes.
    pub(crate) nodes: u64,
    /// Number of columns.
    pub(crate) width: usize,
    /// Number of fractional bits of the sums.
    pub(crate) bits: u32,
}

/// `y' = P y` of the dataset `from`: `node`, `messages`, `checksum`, `y0`, `y1`, ...
///
/// `checksum` is the sum over messages and columns of the fixed-point values with alternating signs. It is verified
/// against the values, and in a random projection over the nodes, computed from the receivers and from the senders.
pub(crate) fn hop(name: &str, from: &str, seed: Seed, shape: Shape) -> Step {
    let Shape { nodes, width, bits } = shape;
    let fixed = fixed_values(from, shape);
    let unit = unit(bits);
    let sums = listed(width, |k| {
        format!(
            "CAST(CAST(sum(q{k}) AS DOUBLE) / ({unit} * CAST(count(*) AS DOUBLE)) AS REAL) AS y{k}"
        )
    });
    let sql = format!(
        "SELECT messages.receiver AS node, count(*) AS messages, sum(fixed.checksum) AS checksum, {sums}\n\
         FROM (\n{fixed}\n) AS fixed\n\
         JOIN (\n{MESSAGES}\n) AS messages ON fixed.node = messages.sender\n\
         GROUP BY messages.receiver"
    );

    // Values are rounded to 24 bits, so the sum of a row is off by at most 2^-24 of each value.
    let sum = alternating(width, |k| format!("CAST(y{k} AS DOUBLE)"));
    let sizes = joined(width, " + ", |k| format!("abs(CAST(y{k} AS DOUBLE))"));
    let scale = format!("({unit} * CAST(vectors.messages AS DOUBLE))");
    let is_consistent = format!(
        "abs(({sum}) - CAST(checksum AS DOUBLE) / {scale}) <= 1.2e-7 * ({sizes}) + {width} / {scale}"
    );
    let per_node = format!(
        "SELECT count(*) AS row_count, {} AS wrong_message_counts, {} AS values_off_their_checksum, \
         {} AS values_not_finite, max(CAST({} AS DOUBLE)) AS greatest_value\n\
         FROM {DEGREES} AS degrees LEFT JOIN {OUTPUT} AS vectors ON degrees.node = vectors.node",
        violations("vectors.messages = degrees.messages"),
        violations(&is_consistent),
        violations(&is_finite(width)),
        greatest_of_row(width),
    );
    let signed = with_hashes(OUTPUT, &["checksum"], &[sign_hash("node", seed)]);
    let received = format!(
        "SELECT count(*) AS output_rows, sum(CAST({SIGN} * checksum AS DECIMAL(38, 0))) AS projection_of_receivers\n\
         FROM (\n{signed}\n) AS signed"
    );
    let sent = format!(
        "SELECT sum(CAST(fixed.checksum * degrees.signs AS DECIMAL(38, 0))) AS projection_of_senders\n\
         FROM (\n{fixed}\n) AS fixed JOIN {DEGREES} AS degrees ON fixed.node = degrees.node"
    );
    let columns = ["node", "messages", "checksum"].map(integer).into_iter().chain(values(width));
    Step::new(name, &[TRAIN, NODES, DEGREES, from], sql, columns.collect())
        .check("messages and values of each node", per_node)
        .equals("row_count", nodes)
        .equals("wrong_message_counts", 0)
        .equals("values_off_their_checksum", 0)
        .equals("values_not_finite", 0)
        .check("random projection of the receivers", received)
        .equals("output_rows", nodes)
        .check("random projection of the senders", sent)
        .same("projection_of_receivers", "projection_of_senders")
}

/// Returns 2^bits as an SQL expression.
fn unit(bits: u32) -> String {
    format!("CAST({} AS DOUBLE)", 1u64 << bits)
}

/// Query for the fixed-point values `q0`, `q1`, ... of a dataset of vectors, and their alternating sum.
fn fixed_values(from: &str, Shape { width, bits, .. }: Shape) -> String {
    let unit = unit(bits);
    let fixed = listed(width, |k| {
        format!("CAST(floor(CAST(y{k} AS DOUBLE) * {unit} + 0.5) AS BIGINT) AS q{k}")
    });
    let names = listed(width, |k| format!("q{k}"));
    let sum = alternating(width, |k| format!("q{k}"));
    format!(
        "SELECT node, {names}, {sum} AS checksum FROM (SELECT node, {fixed} FROM {from}) AS rounded"
    )
}

/// Returns `of(0) - of(1) + of(2) - ...`.
fn alternating(width: usize, of: impl Fn(usize) -> String) -> String {
    let terms = (0..width).map(|k| match k {
        0 => of(0),
        _ if k % 2 == 1 => format!(" - {}", of(k)),
        _ => format!(" + {}", of(k)),
    });
    terms.collect()
}
