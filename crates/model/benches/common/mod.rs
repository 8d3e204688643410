//! Random graphs of the sizes of Cora, Citeseer and Pubmed. Except for cache effects, the time does not
//! depend on which nodes the edges join, so random graphs are representative.

#![allow(dead_code, unreachable_pub, reason = "each benchmark uses a part")]

use rayon::ThreadPool;
use vgae_artifacts::{EdgeSplit, Features, LabelledPairs, Matrix, Pair};

pub struct Size {
    pub nodes: u32,
    pub edges: usize,
    pub features: u32,
    pub nonzeros: usize,
}

pub const CORA: Size = Size { nodes: 2708, edges: 4488, features: 1433, nonzeros: 49_216 };
pub const CITESEER: Size = Size { nodes: 3327, edges: 3870, features: 3703, nonzeros: 105_165 };
pub const PUBMED: Size = Size { nodes: 19_717, edges: 37_676, features: 500, nonzeros: 988_031 };

/// Splitmix64, sufficient for a benchmark.
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

pub fn graph(size: &Size) -> (EdgeSplit, Features) {
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

pub fn pool(threads: usize) -> ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool")
}

/// Unstructured values in +-0.5.
pub fn matrix(rows: usize, cols: usize) -> Matrix {
    let values = (0..rows * cols).map(|at| 0.5 * (at as f32).sin()).collect();
    Matrix::from_row_major(rows, cols, values).expect("rows x cols")
}
