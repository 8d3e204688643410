//! Exact search for the pairs with the highest inner products, without storing all pairs.
//!
//! Nodes are visited in descending order of their norms, so that a row ends where no further product can be among the
//! best. Tiles of logits are computed in `f32`. Of wide vectors the first columns are multiplied first, after a rotation
//! that makes them the largest; with the norms of the others they exclude nearly all pairs of a tile.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use vgae_artifacts::{Edges, Embedding, Matrix, Pair, PairTypes};
use vgae_numerics::product::{View, multiply};

use super::best::{Best, Candidate, logit_of};
use super::rotation::{self, Head};
use super::{check_node, check_nodes};
use crate::EvalError;

/// Nodes along each side of a tile of logits: its 256 kB fit into a second-level cache.
const TILE: usize = 256;
/// Logits tested at once: nearly always none of them is among the best.
const GROUP: usize = 64;
/// Tiles that are multiplied whole after one whose first columns excluded too few pairs.
const WHOLE: u32 = 15;
/// Rows per column of the vectors from which a rotation pays off.
const LEAST_ROWS_PER_COLUMN: usize = 4;
/// Pairs of a tile that its first columns may leave.
const LEFT: usize = TILE * TILE / 64;

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
    // As many workers as concurrent threads; the assignment of rows to workers does not affect the result. Rows are
    // taken in order, so that a high threshold is found early.
    let idle: Mutex<Vec<Worker>> = Mutex::default();
    let idle_workers = || idle.lock().unwrap_or_else(PoisonError::into_inner);
    let next = AtomicUsize::new(0);
    (0..search.rows.len().div_ceil(TILE)).into_par_iter().for_each(|_| {
        let start = next.fetch_add(1, Ordering::Relaxed) * TILE;
        let rows = &search.rows[start..search.rows.len().min(start + TILE)];
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
    /// The first columns of the rotated vectors of the rows.
    heads: Vec<f32>,
    /// `TILE x TILE`.
    logits: Vec<f32>,
    /// Number of tiles until the first columns are tried again.
    whole: u32,
}

impl Worker {
    fn new(count: usize) -> Self {
        Self {
            best: Best::new(count),
            rows: Vec::new(),
            heads: Vec::new(),
            logits: vec![0.0; TILE * TILE],
            whole: 0,
        }
    }
}

/// State shared by all threads. Nodes are numbered by their places in descending order of norms.
struct Search<'a> {
    mu: &'a Matrix,
    among: Among<'a>,
    known: Known,
    /// The node at each place.
    nodes: Vec<u32>,
    /// The vectors by place, `N x width`.
    values: Vec<f32>,
    /// The first columns of the rotated vectors, if vectors are wide.
    head: Option<Head>,
    /// Places of the rows, ascending.
    rows: Vec<u32>,
    /// Whether a place is among the rows, so that its pairs are visited from both ends.
    is_row: Vec<bool>,
    /// L2 norm of each vector.
    norms: Vec<f64>,
    /// Tiles of columns.
    tiles: Vec<Tile>,
    /// Threshold: no candidate of a larger rank can be among the best, since a thread has seen enough better
    /// ones.
    bar: AtomicU32,
}

/// Consecutive columns.
struct Tile {
    /// Largest norm.
    norm: f64,
    /// Largest norm of the columns that are not in the head; 0 without a head.
    tail: f64,
    /// Whether all of them are rows.
    all_rows: bool,
}

impl<'a> Search<'a> {
    fn new(mu: &'a Matrix, known: &Edges, among: Among<'a>, rows: &[u32]) -> Self {
        let norm = |node: u32| {
            let row = mu.row(node as usize).iter();
            row.map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()
        };
        let mut order: Vec<(f64, u32)> =
            (0..).take(mu.rows()).map(|node| (norm(node), node)).collect();
        order.par_sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let (norms, nodes): (Vec<f64>, Vec<u32>) = order.into_iter().unzip();
        let mut wanted = vec![false; mu.rows()];
        for &row in rows {
            wanted[row as usize] = true;
        }
        let is_row: Vec<bool> = nodes.iter().map(|&node| wanted[node as usize]).collect();
        let rows = (0u32..).zip(&is_row).filter(|(_, is_row)| **is_row);
        let rows: Vec<u32> = rows.map(|(place, _)| place).collect();
        let mut values = Vec::with_capacity(mu.rows() * mu.cols());
        for &node in &nodes {
            values.extend_from_slice(mu.row(node as usize));
        }
        // Few rows take less time than the rotation.
        let is_worth_it = rows.len() >= LEAST_ROWS_PER_COLUMN * mu.cols();
        let head = is_worth_it.then(|| rotation::head(&values, mu.cols())).flatten();
        let starts = (0..nodes.len()).step_by(TILE);
        let tiles = starts.map(|start| {
            let range = start..nodes.len().min(start + TILE);
            let largest = |values: &[f64]| values.iter().fold(0.0, |a: f64, &b| a.max(b));
            Tile {
                norm: largest(&norms[range.clone()]),
                tail: head.as_ref().map_or(0.0, |head| largest(&head.tails[range.clone()])),
                all_rows: is_row[range].iter().all(|&is_row| is_row),
            }
        });
        Self {
            mu,
            among,
            known: Known::new(known),
            tiles: tiles.collect(),
            rows,
            nodes,
            values,
            head,
            is_row,
            norms,
            bar: AtomicU32::new(NO_BAR),
        }
    }

    /// Visits the pairs of some rows (at most `TILE`, ascending) with all columns.
    fn visit(&self, rows: &[u32], worker: &mut Worker) {
        let width = self.mu.cols();
        let gather = |from: &[f32], width: usize, to: &mut Vec<f32>| {
            to.clear();
            for &row in rows {
                to.extend_from_slice(&from[row as usize * width..][..width]);
            }
        };
        gather(&self.values, width, &mut worker.rows);
        if let Some(head) = &self.head {
            gather(&head.values, head.width, &mut worker.heads);
        }
        let arch = vgae_numerics::simd::arch();
        for (tile, &Tile { norm: largest, tail, all_rows }) in self.tiles.iter().enumerate() {
            let start = tile * TILE;
            let columns = start..self.mu.rows().min(start + TILE);
            // Both ends are rows, and every pair belongs to its lower end.
            if all_rows && columns.end <= rows[0] as usize + 1 {
                continue;
            }
            // Norms descend.
            if self.excludes(self.norms[rows[0] as usize] * largest) {
                return;
            }
            let size = rows.len() * columns.len();
            worker.whole = worker.whole.saturating_sub(1);
            let has_bar = self.bar.load(Ordering::Relaxed) != NO_BAR;
            if let Some(head) = self.head.as_ref().filter(|_| has_bar && worker.whole == 0) {
                let right = &head.values[columns.start * head.width..columns.end * head.width];
                let right = View::new(right, columns.len(), head.width);
                let left = View::new(&worker.heads, rows.len(), head.width);
                multiply(left, right.t(), &mut worker.logits[..size]);
                let cutoff = |row: u32| {
                    // Rounded down, as the exact bound may be a little higher.
                    let rest = head.tails[row as usize] * tail;
                    #[expect(clippy::cast_possible_truncation, reason = "rounded down")]
                    let cutoff = (f64::from(self.cutoff(row, largest)) - rest) as f32;
                    cutoff.next_down()
                };
                let logits = || rows.iter().zip(worker.logits.chunks(columns.len()));
                let left: usize = logits()
                    .map(|(&row, logits)| {
                        let cutoff = cutoff(row);
                        arch.dispatch(|| reaching(logits, cutoff))
                    })
                    .sum();
                if left <= LEFT {
                    if left > 0 {
                        for (&row, logits) in logits() {
                            self.take(row, start, logits, cutoff(row), &mut worker.best);
                        }
                    }
                    continue;
                }
                worker.whole = WHOLE;
            }
            let right = &self.values[columns.start * width..columns.end * width];
            let right = View::new(right, columns.len(), width);
            let left = View::new(&worker.rows, rows.len(), width);
            multiply(left, right.t(), &mut worker.logits[..size]);
            for (&row, logits) in rows.iter().zip(worker.logits.chunks(columns.len())) {
                let cutoff = self.cutoff(row, largest);
                for (group, logits) in logits.chunks(GROUP).enumerate() {
                    if arch.dispatch(|| reaching(logits, cutoff)) > 0 {
                        let first = start + group * GROUP;
                        self.take(row, first, logits, cutoff, &mut worker.best);
                    }
                }
            }
        }
    }

    /// Returns whether no logit of at most `product` can be among the best, with a margin for rounding.
    fn excludes(&self, product: f64) -> bool {
        let bar = self.bar.load(Ordering::Relaxed);
        bar != NO_BAR
            && product * (1.0 + 1e-6) + f64::from(f32::MIN_POSITIVE) < f64::from(logit_of(bar))
    }

    /// Returns a lower bound of the `f32` logit of `row` and a node of a tile, if the exact logit reaches the
    /// threshold.
    ///
    /// A product of `d` numbers has an error of at most `d u |x| |y|` in `f32`, in any order and with or
    /// without fused operations (Higham 2002, section 3.1; `u` is half of `f32::EPSILON`). Twice that is
    /// subtracted, and a term for underflow. Products of rotated columns are fewer than half of `d`, so that the rounding
    /// of the rotation is within the bound too.
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
    fn take(&self, row: u32, first: usize, logits: &[f32], cutoff: f32, best: &mut Best) {
        for (at, &logit) in logits.iter().enumerate() {
            let column = first + at;
            let ours = column > row as usize || (column < row as usize && !self.is_row[column]);
            if logit < cutoff || !ours {
                continue;
            }
            let pair = Pair::new(self.nodes[row as usize], self.nodes[column]).canonical();
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

/// Returns the number of values that are NaN or not below the cutoff. There is no early exit, so that the loop is
/// vectorised.
#[expect(
    clippy::inline_always,
    reason = "it must be inlined into the function that `pulp` compiles for the machine"
)]
#[inline(always)]
fn reaching(values: &[f32], cutoff: f32) -> usize {
    let mut count = 0u32;
    for &value in values {
        count += u32::from((value >= cutoff) | value.is_nan());
    }
    count as usize
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
