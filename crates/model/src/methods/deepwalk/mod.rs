//! `DeepWalk` (Perozzi, Al-Rfou & Skiena 2014, arXiv 1403.6652; DW in the paper): skip-gram over truncated
//! random walks, so that nodes which co-occur on walks have similar vectors. With other `p` and `q`,
//! node2vec. The score of a pair is the inner product.
//!
//! `walks.rs` contains the walks, `tree.rs` and `negatives.rs` the two objectives, `window.rs` the gradient
//! step, and this file the training loop.
//!
//! **Bitwise reproducible for any number of threads.** Walks are distributed over two replicas, which train
//! independently from common vectors for a fixed number of walks and are then averaged (local gradient
//! descent: Stich 2019, arXiv 1805.09767), regardless of the threads that train them. On validation pairs the
//! average is better than one replica that sees all walks sequentially (docs/deepwalk.md); the sum of both
//! updates is worse.
//!
//! A node without edges has walks of one node and therefore no contexts: it keeps its initial vector, which
//! is short (coordinates within 1 / 2 d of 0), and has scores near 0 with every other node.
//!
//! There are no checkpoints (a training takes seconds to a minute) and no history.

mod config;
mod negatives;
#[cfg(test)]
mod tests;
mod tree;
mod walks;
mod window;

use pulp::Simd;
use rayon::prelude::*;
use tracing::info;
use vgae_artifacts::{Embedding, History, Matrix, Seed, Stream};
use vgae_nn::training::check_cancelled;

pub(crate) use config::METHODS;
pub use config::{DeepWalkConfig, SkipGramObjective};

use crate::{Callback, Diagnostics, FitInput, Fitted, Learned, ModelError};
use negatives::Negatives;
use tree::Tree;
use vgae_numerics::Adjacency;
use vgae_numerics::random::{draw, draw_coarse};
use vgae_numerics::simd::{LANES, Lanes16, on_16_lanes};
use walks::Walks;
use window::{Lanes, Targets};

/// Diagnostics of a training over random walks.
#[derive(Debug, Clone, PartialEq)]
pub struct DeepWalkDiagnostics {
    /// Number of walks, over all passes.
    pub walks: usize,
    /// Number of visited nodes, over all passes.
    pub visits: u64,
    /// Number of nodes without edges, which keep their initial vector.
    pub isolated: usize,
    /// Number of learned parameters.
    pub parameters: usize,
}

/// Number of replicas. More replicas would use more cores, but each would see fewer walks: averaging twice as
/// many replicas halves the step of a vector.
const REPLICAS: usize = 2;
/// Number of averaging steps of the replicas per round of walks.
const MEETINGS: usize = 4;

pub(crate) fn fit(
    input: FitInput<'_>,
    config: &DeepWalkConfig,
    seed: Seed,
    callback: &mut dyn Callback,
) -> Result<Fitted, ModelError> {
    input.check_graph()?;
    let adjacency = Adjacency::new(input.train.messages());
    let nodes = adjacency.nodes();
    let walks = Walks::new(&adjacency, config, seed);
    let visits = walks.visits();
    let (objective, rows_out) = match config.objective {
        SkipGramObjective::HierarchicalSoftmax => (Objective::Tree(Tree::new(&visits)), nodes - 1),
        SkipGramObjective::NegativeSampling => {
            let negatives = Negatives::new(&visits);
            (Objective::Negatives(negatives, config.context_negatives as usize), nodes)
        }
    };
    let training = Training { config, walks: &walks, objective: &objective, seed };

    let chunks = config.dimensions.div_ceil(LANES);
    let mut common = Weights {
        chunks,
        w_in: initial(nodes, config.dimensions, seed),
        w_out: vec![[0.0; LANES]; rows_out * chunks],
    };
    training.run(&mut common, callback)?;

    let w_in = unpadded(&common.w_in, chunks, config.dimensions)?;
    let w_out = unpadded(&common.w_out, chunks, config.dimensions)?;
    if !w_in.as_slice().iter().all(|value| value.is_finite()) {
        return Err(ModelError::WalksDiverged { learning_rate: config.learning_rate });
    }
    let isolated = (0..nodes).filter(|&node| adjacency.neighbours(node).is_empty()).count();
    let passes = config.passes as usize;
    let diagnostics = DeepWalkDiagnostics {
        walks: passes * walks.count(),
        visits: u64::from(config.passes) * visits.iter().sum::<u64>(),
        isolated,
        parameters: w_in.as_slice().len() + w_out.as_slice().len(),
    };
    info!(nodes, isolated, walks = diagnostics.walks, visits = diagnostics.visits, "random walks");
    Ok(Fitted {
        embedding: Embedding::new(w_in.clone(), None)?,
        weights: Learned::DeepWalk { w_in, w_out },
        history: History::default(),
        diagnostics: Diagnostics::DeepWalk(diagnostics),
    })
}

/// Targets that a centre is trained against.
enum Objective {
    Tree(Tree),
    Negatives(Negatives, usize),
}

/// Rows of `chunks` times 16 lanes; lanes beyond the dimensions remain 0.
#[derive(Clone)]
struct Weights {
    chunks: usize,
    w_in: Vec<Lanes>,
    w_out: Vec<Lanes>,
}

/// Returns initial vectors uniform within 1 / 2 d of 0, as in word2vec, from [`Stream::Init`].
fn initial(nodes: usize, dimensions: usize, seed: Seed) -> Vec<Lanes> {
    let chunks = dimensions.div_ceil(LANES);
    let mut rng = seed.stream(Stream::Init, 0);
    let mut w_in = vec![[0.0; LANES]; nodes * chunks];
    for row in w_in.chunks_exact_mut(chunks) {
        for value in &mut row.as_flattened_mut()[..dimensions] {
            #[expect(clippy::cast_possible_truncation, reason = "vectors are f32")]
            let short = ((draw_coarse(&mut rng) - 0.5) / dimensions as f64) as f32;
            *value = short;
        }
    }
    w_in
}

fn unpadded(rows: &[Lanes], chunks: usize, dimensions: usize) -> Result<Matrix, ModelError> {
    let values: Vec<f32> = rows
        .chunks_exact(chunks)
        .flat_map(|row| &row.as_flattened()[..dimensions])
        .copied()
        .collect();
    Ok(Matrix::from_row_major(rows.len() / chunks, dimensions, values)?)
}

/// Inputs of the training steps.
struct Training<'a> {
    config: &'a DeepWalkConfig,
    walks: &'a Walks<'a>,
    objective: &'a Objective,
    seed: Seed,
}

impl Training<'_> {
    /// Runs all passes over all walks.
    fn run(&self, common: &mut Weights, callback: &mut dyn Callback) -> Result<(), ModelError> {
        let blocks = self.config.passes as usize * self.walks.blocks();
        // Number of blocks per replica between two averaging steps.
        let stint = (self.walks.blocks() / (self.config.walks_per_node as usize * MEETINGS)).max(1);
        let meetings = blocks.div_ceil(stint * REPLICAS);
        let mut done = 0;
        let mut replicas = [common.clone(), common.clone()];
        for first in (0..blocks).step_by(stint * REPLICAS) {
            replicas.par_iter_mut().with_max_len(1).enumerate().for_each(|(number, replica)| {
                let first = blocks.min(first + number * stint);
                self.blocks(first..blocks.min(first + stint), replica);
            });
            average(common, &mut replicas);
            done += 1;
            callback.step(done, u32::try_from(meetings).ok());
            check_cancelled(callback)?;
        }
        Ok(())
    }

    /// Trains on a range of blocks, in order; blocks are numbered across all passes.
    fn blocks(&self, blocks: std::ops::Range<usize>, weights: &mut Weights) {
        on_16_lanes(Steps { training: self, blocks, weights });
    }
}

/// Sets all three to the mean of the replicas.
fn average(common: &mut Weights, [a, b]: &mut [Weights; REPLICAS]) {
    /// Number of 16-lane chunks per task.
    const PIECE: usize = 4096;
    let tensors = [
        (&mut common.w_in, &mut a.w_in, &mut b.w_in),
        (&mut common.w_out, &mut a.w_out, &mut b.w_out),
    ];
    for (common, a, b) in tensors {
        let replicas = a.par_chunks_mut(PIECE).zip(b.par_chunks_mut(PIECE));
        common.par_chunks_mut(PIECE).zip(replicas).for_each(|(common, (a, b))| {
            let values = common.as_flattened_mut().iter_mut();
            for ((common, a), b) in values.zip(a.as_flattened_mut()).zip(b.as_flattened_mut()) {
                *common = 0.5 * (*a + *b);
                *a = *common;
                *b = *common;
            }
        });
    }
}

/// Training on a range of blocks on one thread.
struct Steps<'a> {
    training: &'a Training<'a>,
    blocks: std::ops::Range<usize>,
    weights: &'a mut Weights,
}

impl Lanes16 for Steps<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const V: usize>(self, simd: S) {
        let Self { training, blocks, weights } = self;
        let Training { config, walks, objective, seed } = training;
        let Weights { chunks, w_in, w_out } = weights;
        let chunks = *chunks;
        let total = (config.passes as usize * walks.count()) as f64;
        let mut targets = Targets::default();
        let mut contexts = Vec::new();
        let (mut drawn, mut labels) = (Vec::new(), Vec::new());
        let (mut nodes, mut ends) = (Vec::new(), Vec::new());
        for block in blocks {
            let mut rng = seed.stream(Stream::SkipGram, block as u64);
            let (pass, block) = (block / walks.blocks(), block % walks.blocks());
            // The walks are generated first: they call functions that are not compiled for vector dispatch
            // and must not inline the steps.
            nodes.clear();
            ends.clear();
            walks.for_each_in(block, |number, walk| {
                nodes.extend_from_slice(walk);
                ends.push((number, nodes.len()));
            });
            let mut start = 0;
            for &(number, end) in &ends {
                let walk = &nodes[start..end];
                start = end;
                if walk.len() < 2 {
                    continue;
                }
                let done = (pass * walks.count() + number) as f64 / total;
                let rate = config.learning_rate
                    + done * (config.final_learning_rate - config.learning_rate);
                #[expect(clippy::cast_possible_truncation, reason = "steps are f32")]
                let rate = rate as f32;
                for (at, &centre) in walk.iter().enumerate() {
                    let reach = 1 + draw(&mut rng, config.window as usize);
                    let last = walk.len().min(at + reach + 1);
                    contexts.clear();
                    contexts.extend_from_slice(&walk[at.saturating_sub(reach)..at]);
                    contexts.extend_from_slice(&walk[at + 1..last]);
                    match objective {
                        Objective::Tree(tree) => {
                            let (path, turns) = tree.path(centre as usize);
                            targets.take(w_out, chunks, path, turns);
                            for &context in &contexts {
                                let x = &mut w_in[context as usize * chunks..][..chunks];
                                targets.step::<S, V>(simd, x, rate);
                            }
                            targets.put_back(w_out, chunks);
                        }
                        Objective::Negatives(negatives, count) => {
                            for &context in &contexts {
                                drawn.clear();
                                drawn.push(centre);
                                for _ in 0..*count {
                                    let negative = negatives.draw(&mut rng);
                                    if !drawn.contains(&negative) {
                                        drawn.push(negative);
                                    }
                                }
                                labels.clear();
                                labels.resize(drawn.len(), 0.0);
                                labels[0] = 1.0;
                                targets.take(w_out, chunks, &drawn, &labels);
                                let x = &mut w_in[context as usize * chunks..][..chunks];
                                targets.step::<S, V>(simd, x, rate);
                                targets.put_back(w_out, chunks);
                            }
                        }
                    }
                }
            }
        }
    }
}
