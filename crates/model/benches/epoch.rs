//! Time of the exact loss alone and of whole epochs, on random graphs of the sizes of Cora, Citeseer and
//! Pubmed (`cargo bench -p vgae-model`). Time does not depend on which nodes an edge joins, but for the
//! caches, so random graphs serve.

use divan::Bencher;
use rayon::ThreadPool;
use vgae_artifacts::{EdgeSplit, Features, LabelledPairs, Matrix, Pair, Seed};
use vgae_model::{ExactLoss, FitInput, Method, ModelConfig, Trainer, Weights};

fn main() {
    divan::main();
}

struct Size {
    nodes: u32,
    edges: usize,
    features: u32,
    nonzeros: usize,
}

const CORA: Size = Size { nodes: 2708, edges: 4488, features: 1433, nonzeros: 49_216 };
const CITESEER: Size = Size { nodes: 3327, edges: 3870, features: 3703, nonzeros: 105_165 };
const PUBMED: Size = Size { nodes: 19_717, edges: 37_676, features: 500, nonzeros: 988_031 };

/// Splitmix64: enough for a benchmark.
fn draws() -> impl FnMut(u32) -> u32 {
    let mut state = 0u64;
    move |below| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((((z ^ (z >> 31)) >> 32) * u64::from(below)) >> 32).expect("below `below`")
    }
}

fn graph(size: &Size) -> (EdgeSplit, Features) {
    let mut draw = draws();
    let mut edges = Vec::new();
    while edges.len() < size.edges {
        let (a, b) = (draw(size.nodes), draw(size.nodes));
        if a != b {
            edges.push(Pair::new(a, b).canonical());
        }
    }
    edges.sort_unstable();
    edges.dedup();
    let (mut row_starts, mut columns) = (vec![0], Vec::new());
    for node in 0..size.nodes as usize {
        let end = size.nonzeros * (node + 1) / size.nodes as usize;
        let mut row: Vec<u32> = (columns.len()..end).map(|_| draw(size.features)).collect();
        row.sort_unstable();
        row.dedup();
        columns.extend(row);
        row_starts.push(columns.len());
    }
    let values = vec![0.1; columns.len()];
    let features = Features::from_rows(size.features as usize, row_starts, columns, values);
    let split = EdgeSplit::new(
        size.nodes as usize,
        edges,
        LabelledPairs::default(),
        LabelledPairs::default(),
    );
    (split.expect("canonical pairs"), features.expect("sound rows"))
}

fn pool(threads: usize) -> ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool")
}

fn exact_loss(bencher: Bencher, size: &Size, threads: usize) {
    let (split, _) = graph(size);
    let nodes = size.nodes as usize;
    let values = (0..nodes * 16).map(|at| 0.5 * (at as f32).sin()).collect();
    let z = Matrix::from_row_major(nodes, 16, values).expect("N x 16");
    let mut d_z = Matrix::zeros(nodes, 16);
    let mut loss = ExactLoss::new(split.train_view(), 16).expect("has edges");
    let pool = pool(threads);
    bencher.bench_local(|| pool.install(|| loss.loss_and_gradient(&z, &mut d_z).expect("shapes")));
}

fn epoch(bencher: Bencher, size: &Size, threads: usize, method: Method) {
    let (split, features) = graph(size);
    let config = ModelConfig { method, ..ModelConfig::default() }.check().expect("sound");
    let input = FitInput { features: Some(&features), train: split.train_view() };
    let weights = Weights::glorot(input.width(&config).expect("suits"), &config, Seed(1));
    let mut trainer = Trainer::new(input, &config, &weights).expect("suits");
    let mut number = 0;
    let pool = pool(threads);
    bencher.bench_local(|| {
        number += 1;
        pool.install(|| trainer.step(Seed(1), number))
    });
}

macro_rules! sizes {
    ($($name:ident: $size:ident, $samples:literal;)*) => {$(
        mod $name {
            use super::*;

            #[divan::bench(args = [1, 2], sample_count = $samples, sample_size = 1)]
            fn exact_loss(bencher: Bencher, threads: usize) {
                super::exact_loss(bencher, &$size, threads);
            }

            #[divan::bench(args = [1, 2], sample_count = $samples, sample_size = 1)]
            fn gae(bencher: Bencher, threads: usize) {
                epoch(bencher, &$size, threads, Method::Gae);
            }

            #[divan::bench(args = [1, 2], sample_count = $samples, sample_size = 1)]
            fn vgae(bencher: Bencher, threads: usize) {
                epoch(bencher, &$size, threads, Method::Vgae);
            }

            #[divan::bench(args = [1, 2], sample_count = $samples, sample_size = 1)]
            fn vgae_star(bencher: Bencher, threads: usize) {
                epoch(bencher, &$size, threads, Method::VgaeStar);
            }
        }
    )*};
}

sizes! {
    cora: CORA, 100;
    citeseer: CITESEER, 100;
    pubmed: PUBMED, 20;
}
