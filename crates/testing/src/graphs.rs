use vgae_artifacts::{EdgeSplit, Features, LabelledPairs, Pair};

/// A split with training edges only.
///
/// # Panics
/// When an edge is listed twice, joins a node to itself or names a node that is not there.
#[must_use]
pub fn split_of(nodes: usize, edges: &[(u32, u32)]) -> EdgeSplit {
    let train = edges.iter().map(|&(src, dst)| Pair::new(src, dst).canonical()).collect();
    EdgeSplit::new(nodes, train, LabelledPairs::default(), LabelledPairs::default())
        .expect("a sound split")
}

/// A ring of `nodes` nodes with chords.
#[must_use]
pub fn ring(nodes: u32) -> EdgeSplit {
    let mut edges: Vec<(u32, u32)> = (0..nodes).map(|node| (node, (node + 1) % nodes)).collect();
    edges.extend((0..nodes / 3).map(|node| (node, node + nodes / 2)));
    split_of(nodes as usize, &edges)
}

/// Sparse features without structure, about a third of them present; the first node has none.
///
/// # Panics
/// Never: the rows are valid.
#[must_use]
pub fn features(nodes: u32, count: u32) -> Features {
    let (mut row_starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
    for node in 0..nodes {
        for feature in 0..count {
            if node > 0 && (node * 31 + feature * 17) % 29 < 10 {
                columns.push(feature);
                values.push(0.5 + ((node + feature) % 3) as f32);
            }
        }
        row_starts.push(columns.len());
    }
    Features::from_rows(count as usize, row_starts, columns, values).expect("sound rows")
}

/// Runs `work` in a thread pool of its own.
///
/// # Panics
/// When the threads cannot be started.
pub fn on_threads<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    pool.install(work)
}
