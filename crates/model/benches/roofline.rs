//! Expensive operations of an epoch compared with the limits of the machine (`cargo bench -p vgae-model
//! --bench roofline`): the loss over all pairs with the peak of fused multiply-adds, the sparse products with
//! the bandwidth of the cache or memory that contains their gathered rows. Peaks are measured in the same
//! process on as many threads, with the same vector instructions (`VGAE_SIMD` limits both). Prints a Markdown table of
//! medians.
//!
//! The counts are 6 d flops per pair of the exact loss (96 at d = 16: three products of d multiply-adds, one
//! for the logit and one per gradient, without the sigmoid), for pairs above the diagonal only; and for
//! sparse products the bytes of each entry's row, its index, its weight if any, and of the result.

#![expect(clippy::print_stdout, reason = "prints a table")]
#![expect(
    clippy::inline_always,
    reason = "functions called under vector dispatch must be inlined into it"
)]

mod common;

use std::hint::black_box;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Instant;

use common::{CITESEER, CORA, PUBMED, Size, graph, matrix, pool};
use pulp::{Simd, WithSimd};
use rayon::prelude::*;
use vgae_artifacts::Seed;
use vgae_nn::Negatives;
use vgae_nn::ops::inner_product_loss::{InnerProductLoss, ReconstructionLoss};
use vgae_nn::ops::propagation::Propagation;
use vgae_nn::ops::sparse::Csr;
use vgae_numerics::{Adjacency, simd};

/// Widths of the paper.
const HIDDEN: usize = 32;
const LATENT: usize = 16;

/// Larger than Pubmed, to exceed the caches.
const LARGE: Size =
    Size { nodes: 1_000_000, edges: 10_000_000, features: 1000, nonzeros: 10_000_000 };

/// Bytes per thread of the arrays whose reading measures a bandwidth, and the memory level that contains
/// them.
const LEVELS: [(usize, &str); 3] = [(512 << 10, "L2"), (8 << 20, "L3"), (512 << 20, "memory")];

fn main() {
    // `cargo bench` passes `--bench`; there is nothing to run in tests.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    simd::limit_by_environment().expect("the level");
    let most = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let counts = if most == 1 { vec![1] } else { vec![1, most] };
    println!("| threads | fused multiply-adds | read from L2 | from L3 | from memory |");
    println!("|---|---|---|---|---|");
    let machines: Vec<Machine> = counts.iter().map(|&threads| Machine::measure(threads)).collect();
    for machine in &machines {
        let [l2, l3, memory] = machine.bandwidths.map(|bandwidth| bandwidth / 1e9);
        let (threads, peak) = (machine.threads, machine.flops / 1e9);
        println!(
            "| {threads} | {peak:.0} GFLOP/s | {l2:.0} GB/s | {l3:.0} GB/s | {memory:.0} GB/s |"
        );
    }
    println!("\n| operation | dataset | threads | time | rate | of the peak |");
    println!("|---|---|---|---|---|---|");
    for (name, size) in
        [("Cora", CORA), ("Citeseer", CITESEER), ("Pubmed", PUBMED), ("1M / 10M", LARGE)]
    {
        for machine in &machines {
            measure(name, &size, machine);
        }
    }
}

/// Measured limits of the machine.
struct Machine {
    threads: usize,
    pool: rayon::ThreadPool,
    flops: f64,
    bandwidths: [f64; 3],
}

impl Machine {
    fn measure(threads: usize) -> Self {
        const STEPS: usize = 4_000_000;
        let pool = pool(threads);
        let multiply_adds = |_: usize| simd::arch().dispatch(MultiplyAdds { steps: STEPS });
        let lanes = multiply_adds(0).1;
        let seconds = median(7, || {
            pool.install(|| {
                black_box((0..threads).into_par_iter().map(|at| multiply_adds(at).0).sum::<f32>());
            });
        });
        let flops = (2 * CHAINS * lanes * STEPS * threads) as f64 / seconds;
        let bandwidths = LEVELS.map(|(bytes, _)| read_bandwidth(&pool, threads, bytes));
        Self { threads, pool, flops, bandwidths }
    }

    /// Returns the bandwidth and name of the memory level that contains an array of `bytes`.
    fn bandwidth(&self, bytes: usize) -> (f64, &'static str) {
        let level = usize::from(bytes > 1 << 20) + usize::from(bytes > 24 << 20);
        (self.bandwidths[level], LEVELS[level].1)
    }
}

/// Number of independent chains: more than latency times units (8), and with two constants fewer than the 16 registers
/// of AVX2, beyond which values are stored and read again.
const CHAINS: usize = 12;

struct MultiplyAdds {
    steps: usize,
}

impl WithSimd for MultiplyAdds {
    /// A value that depends on all of the work, and the number of lanes per register.
    type Output = (f32, usize);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let (a, b) = (simd.splat_f32s(black_box(0.999)), simd.splat_f32s(black_box(1e-3)));
        let mut chains = [simd.splat_f32s(1.0); CHAINS];
        for _ in 0..self.steps {
            for chain in &mut chains {
                *chain = simd.mul_add_f32s(*chain, a, b);
            }
        }
        let sum = chains.into_iter().reduce(|x, y| simd.add_f32s(x, y)).expect("chains");
        (simd.reduce_sum_f32s(sum), S::F32_LANES)
    }
}

struct Read<'a>(&'a [f32]);

impl WithSimd for Read<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        let mut sums = [simd.splat_f32s(0.0); 8];
        let (values, _) = S::as_simd_f32s(self.0);
        for values in values.chunks_exact(8) {
            for (sum, &value) in sums.iter_mut().zip(values) {
                *sum = simd.add_f32s(*sum, value);
            }
        }
        let sum = sums.into_iter().reduce(|x, y| simd.add_f32s(x, y)).expect("sums");
        simd.reduce_sum_f32s(sum)
    }
}

fn read_bandwidth(pool: &rayon::ThreadPool, threads: usize, bytes: usize) -> f64 {
    let arrays: Vec<Vec<f32>> = (0..threads).map(|_| vec![1.0; bytes / 4]).collect();
    let times = ((1 << 30) / bytes).max(1);
    let seconds = median(7, || {
        pool.install(|| {
            arrays.par_iter().for_each(|array| {
                for _ in 0..times {
                    black_box(simd::arch().dispatch(Read(black_box(array))));
                }
            });
        });
    });
    (threads * times * bytes) as f64 / seconds
}

/// Returns the median seconds of `times` calls, after one warm-up call.
fn median(times: usize, mut work: impl FnMut()) -> f64 {
    work();
    let mut seconds: Vec<f64> = (0..times)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[times / 2]
}

fn measure(dataset: &str, size: &Size, machine: &Machine) {
    let (split, features) = graph(size);
    let (nodes, threads) = (size.nodes as usize, machine.threads);
    let times = if nodes > 100_000 { 5 } else { 31 };
    let time = |work: &mut (dyn FnMut() + Send)| median(times, || machine.pool.install(&mut *work));
    let row = |what: &str, seconds: f64, rate: String, of: String| {
        println!("| {what} | {dataset} | {threads} | {:.2} ms | {rate} | {of} |", 1e3 * seconds);
    };

    let adjacency = Arc::new(Adjacency::new(split.train_view()));
    let z = matrix(nodes, LATENT);
    let mut d_z = z.clone();
    if nodes < 100_000 {
        let mut loss = InnerProductLoss::<f32>::new(Arc::clone(&adjacency), LATENT, Negatives::All);
        let seconds = time(&mut || {
            black_box(loss.forward_backward(z.as_slice(), d_z.as_mut_slice()));
        });
        let pairs = (nodes * (nodes + 1) / 2) as f64;
        let flops = (6 * LATENT) as f64 * pairs / seconds;
        let rate = format!("{:.2} G pairs/s, {:.0} GFLOP/s", pairs / seconds / 1e9, flops / 1e9);
        row("exact loss", seconds, rate, format!("{:.0}%", 100.0 * flops / machine.flops));
    }
    let one = Negatives::PerPositive(NonZeroU32::MIN);
    let mut loss = InnerProductLoss::<f32>::new(Arc::clone(&adjacency), LATENT, one);
    let mut epoch = 0;
    let seconds = time(&mut || {
        epoch += 1;
        loss.draw(Seed(1), epoch);
        black_box(loss.forward_backward(z.as_slice(), d_z.as_mut_slice()));
    });
    let edges = split.train_view().edges().len();
    // Every edge and every drawn pair is visited from both of its nodes, every node visits itself.
    let met = 4 * edges + nodes;
    let rate = format!("{:.0} M terms/s", met as f64 / seconds / 1e6);
    row("sampled loss, 1 per positive", seconds, rate, String::new());

    let sparse = |what: &str, seconds: f64, entries: usize, an_entry: usize, rows: [usize; 2]| {
        let row_bytes = 4 * HIDDEN;
        let [gathered, written] = rows.map(|rows| rows * row_bytes);
        let bytes = entries * (row_bytes + an_entry) + written;
        let (peak, level) = machine.bandwidth(gathered);
        let rate = bytes as f64 / seconds;
        let of = format!("{:.0}% of {level}", 100.0 * rate / peak);
        row(what, seconds, format!("{:.0} GB/s", rate / 1e9), of);
    };
    let (count, entries) = (size.features as usize, features.values().len());
    let features = Csr::<f32>::new(&features);
    let (transposed, _) = features.transpose(count);
    let mut w = matrix(count, HIDDEN);
    let mut y = matrix(nodes, HIDDEN);
    let seconds = time(&mut || {
        features.multiply(&features.values, w.as_slice(), HIDDEN, y.as_mut_slice());
    });
    sparse("X W0", seconds, entries, 8, [count, nodes]);
    let seconds = time(&mut || {
        transposed.multiply(&transposed.values, y.as_slice(), HIDDEN, w.as_mut_slice());
    });
    sparse("X^T dH", seconds, entries, 8, [nodes, count]);
    let propagation = Propagation::new(adjacency);
    let x = matrix(nodes, HIDDEN);
    let seconds = time(&mut || propagation.apply(x.as_slice(), HIDDEN, y.as_mut_slice()));
    sparse("A_hat H", seconds, 2 * edges + nodes, 8, [nodes, nodes]);
}
