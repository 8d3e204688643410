//! Exact search for the pairs with the highest inner products, without storing all pairs.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use vgae_artifacts::{Edges, Embedding, Matrix, Pair, PairTypes};
use vgae_numerics::product::{View, multiply};

use super::best::{Best, Candidate, logit_of};
use super::{check_node, check_nodes};
use crate::EvalError;

/// Nodes along each side of a tile of logits: its 256 kB fit into a second-level cache.
const TILE: usize = 256;
/// Logits tested at once: nearly always none of them is among the best.
const GROUP: usize = 64;

/// Initial threshold; no candidate has a larger rank.
const NO_BAR: u32 = u32::MAX;

/// Restriction of the candidate pairs.
#[derive(Debug, Clone, Copy)]
pub struct Among<'a> {
    /// Restricts to pairs with at least one of these nodes, if set.
    pub nodes: Option<&'a [u32]>,
    /// Restricts to pairs of allowed node types, if set.
    pub types: Option<&'a PairTypes>,
    /// Whether pairs have a direction, so that each pair of nodes is two candidates.
    pub directed: bool,
}

impl Among<'_> {
    /// All pairs of different nodes.
    pub const ALL: Self = Self { nodes: None, types: None, directed: false };

    /// Returns whether the node types allow a pair.
    pub(crate) fn allows(&self, pair: Pair) -> bool {
        self.types.is_none_or(|types| types.allows(pair))
    }
}

/// Scored candidate pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankedPair {
    /// The two nodes, `src < dst` unless pairs have a direction.
    pub pair: Pair,
    /// Inner product of the vectors: [`Embedding::logit`].
    pub logit: f32,
}

/// Returns the `count` pairs with the highest logits that are not edges of `known` (in either direction), in
/// descending order; ties by `src`, then `dst`. Returns fewer only if no more exist.
///
/// The result is exact, and bitwise equal on every machine for any number of threads: products in `f32`,
/// computed in tiles, only exclude pairs that cannot be among the best under any rounding. The logits of the
/// others are computed in `f64`. Time is proportional to the number of pairs, memory to `count` per thread.
///
/// Inner products have no direction: `among.directed` is ignored.
///
/// # Errors
/// Returns an error when `known` has another number of nodes than the embedding, or `among` contains a node
/// out of range.
pub fn top_pairs(
    embedding: &Embedding,
    known: &Edges,
    among: Among<'_>,
    count: usize,
) -> Result<Vec<RankedPair>, EvalError> {
    let mu = embedding.mu();
    check_nodes("edges", mu.rows(), known.node_count())?;
    if let Some(types) = among.types {
        check_nodes("node types", mu.rows(), types.types().node_count())?;
    }
    let rows: Vec<u32> = match among.nodes {
        None => (0..).take(mu.rows()).collect(),
        Some(nodes) => {
            nodes.iter().try_for_each(|&node| check_node(node, mu.rows()))?;
            let mut rows = nodes.to_vec();
            rows.sort_unstable();
            rows.dedup();
            rows
        }
    };
    if count == 0 {
        return Ok(Vec::new());
    }
    let search = Search::new(mu, known, among, &rows);
    // As many workers as concurrent threads; the assignment of rows to workers does not affect the result.
    let idle: Mutex<Vec<Worker>> = Mutex::default();
    let idle_workers = || idle.lock().unwrap_or_else(PoisonError::into_inner);
    rows.par_chunks(TILE).for_each(|rows| {
        let worker = idle_workers().pop();
        let mut worker = worker.unwrap_or_else(|| Worker::new(count));
        search.visit(rows, &mut worker);
        idle_workers().push(worker);
    });
    let mut best = Best::new(count);
    for worker in idle_workers().drain(..) {
        best.merge(worker.best);
    }
    let ranked = best.into_sorted().into_iter().map(|candidate| {
        let pair = candidate.pair();
        RankedPair { pair, logit: embedding.logit(pair.src, pair.dst) }
    });
    Ok(ranked.collect())
}

/// Buffers of one thread.
struct Worker {
    best: Best,
    /// Vectors of the rows, `TILE x width`.
    rows: Vec<f32>,
    /// `TILE x TILE`.
    logits: Vec<f32>,
}

impl Worker {
    fn new(count: usize) -> Self {
        Self { best: Best::new(count), rows: Vec::new(), logits: vec![0.0; TILE * TILE] }
    }
}

/// State shared by all threads.
struct Search<'a> {
    mu: &'a Matrix,
    among: Among<'a>,
    known: Known,
    /// Whether a node is among the rows, so that its pairs are visited from both ends.
    is_row: Vec<bool>,
    /// L2 norm of each vector.
    norms: Vec<f64>,
    /// Largest norm of each tile of columns, and whether all of its nodes are rows.
    tiles: Vec<(f64, bool)>,
    /// Threshold: no candidate of a larger rank can be among the best, since a thread has seen enough better
    /// ones.
    bar: AtomicU32,
}

impl<'a> Search<'a> {
    fn new(mu: &'a Matrix, known: &Edges, among: Among<'a>, rows: &[u32]) -> Self {
        let mut is_row = vec![false; mu.rows()];
        for &row in rows {
            is_row[row as usize] = true;
        }
        let norms: Vec<f64> = (0..mu.rows())
            .map(|row| mu.row(row).iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt())
            .collect();
        let tiles = norms.chunks(TILE).zip(is_row.chunks(TILE)).map(|(norms, are_rows)| {
            let largest = norms.iter().fold(0.0, |a: f64, &b| a.max(b));
            (largest, are_rows.iter().all(|&is_row| is_row))
        });
        let (tiles, known) = (tiles.collect(), Known::new(known));
        Self { mu, among, known, is_row, norms, tiles, bar: AtomicU32::new(NO_BAR) }
    }

    /// Visits the pairs of some rows (at most `TILE`, ascending) with all columns.
    fn visit(&self, rows: &[u32], worker: &mut Worker) {
        let width = self.mu.cols();
        worker.rows.clear();
        for &row in rows {
            worker.rows.extend_from_slice(self.mu.row(row as usize));
        }
        let arch = vgae_numerics::simd::arch();
        for (tile, &(largest, all_rows)) in self.tiles.iter().enumerate() {
            let start = tile * TILE;
            let columns = start..self.mu.rows().min(start + TILE);
            // Both ends are rows, and every pair belongs to its lower end.
            if all_rows && columns.end <= rows[0] as usize + 1 {
                continue;
            }
            let values = &self.mu.as_slice()[start * width..columns.end * width];
            let right = View::new(values, columns.len(), width);
            let left = View::new(&worker.rows, rows.len(), width);
            let logits = &mut worker.logits[..rows.len() * columns.len()];
            multiply(left, right.t(), logits);
            for (&row, logits) in rows.iter().zip(worker.logits.chunks(columns.len())) {
                let cutoff = self.cutoff(row, largest);
                for (group, logits) in logits.chunks(GROUP).enumerate() {
                    if arch.dispatch(|| any_reaches(logits, cutoff)) {
                        let first = start + group * GROUP;
                        self.take(row, first, logits, cutoff, &mut worker.best);
                    }
                }
            }
        }
    }

    /// Returns a lower bound of the `f32` logit of `row` and a node of a tile, if the exact logit reaches the
    /// threshold.
    ///
    /// A product of `d` numbers has an error of at most `d u |x| |y|` in `f32`, in any order and with or
    /// without fused operations (Higham 2002, section 3.1; `u` is half of `f32::EPSILON`). Twice that is
    /// subtracted, and a term for underflow.
    fn cutoff(&self, row: u32, largest: f64) -> f32 {
        let bar = self.bar.load(Ordering::Relaxed);
        let product = self.norms[row as usize] * largest;
        // There is no threshold before enough pairs are seen, and sums that may overflow `f32` give no bound.
        if bar == NO_BAR || product > f64::from(f32::MAX) / 4.0 {
            return f32::NEG_INFINITY;
        }
        let bar = f64::from(logit_of(bar).min(f32::MAX));
        let width = self.mu.cols() as f64;
        let smallest = f64::from(f32::MIN_POSITIVE);
        let off = (width + 2.0) * (f64::from(f32::EPSILON) * product + smallest);
        #[expect(clippy::cast_possible_truncation, reason = "rounded down by the step below")]
        let cutoff = (bar - off) as f32;
        cutoff.next_down()
    }

    /// Inserts the members of a group that may be among the best.
    #[expect(clippy::cast_possible_truncation, reason = "node indices are u32")]
    fn take(&self, row: u32, first: usize, logits: &[f32], cutoff: f32, best: &mut Best) {
        for (at, &logit) in logits.iter().enumerate() {
            let column = first + at;
            let ours = column > row as usize || (column < row as usize && !self.is_row[column]);
            if logit < cutoff || !ours {
                continue;
            }
            let pair = Pair::new(row, column as u32).canonical();
            if !self.among.allows(pair) || self.known.has(pair) {
                continue;
            }
            let logit = self.mu.inner_product(pair.src as usize, pair.dst as usize);
            if let Some(last) = best.push(Candidate::new(pair, logit)) {
                self.bar.fetch_min(last.rank(), Ordering::Relaxed);
            }
        }
    }
}

/// Returns whether any value is NaN or not below the cutoff. There is no early exit, so that the loop is
/// vectorised.
#[expect(
    clippy::inline_always,
    reason = "it must be inlined into the function that `pulp` compiles for the machine"
)]
#[inline(always)]
fn any_reaches(values: &[f32], cutoff: f32) -> bool {
    let mut any = false;
    for &value in values {
        any |= (value >= cutoff) | value.is_nan();
    }
    any
}

/// Edges indexed by their lower node.
struct Known {
    /// Start of each node's edges; the last entry is the total.
    starts: Vec<usize>,
    /// Sorted by both nodes.
    pairs: Vec<Pair>,
}

impl Known {
    fn new(edges: &Edges) -> Self {
        let pairs = edges.undirected_pairs();
        let mut starts = vec![0; edges.node_count() + 1];
        for pair in &pairs {
            starts[pair.src as usize + 1] += 1;
        }
        for node in 0..edges.node_count() {
            starts[node + 1] += starts[node];
        }
        Self { starts, pairs }
    }

    fn has(&self, pair: Pair) -> bool {
        let src = pair.src as usize;
        self.pairs[self.starts[src]..self.starts[src + 1]].binary_search(&pair).is_ok()
    }
}
