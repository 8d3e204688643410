use serde_json::Value;
use vgae_artifacts::Pair;

/// Reads a file of `tests/golden`.
///
/// # Panics
/// When there is no such file, or it is not JSON.
#[must_use]
pub fn golden(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden");
    let text = std::fs::read_to_string(format!("{folder}/{name}")).expect("golden file");
    serde_json::from_str(&text).expect("JSON")
}

/// Returns `count` numbers in [0, 1), as the scripts of golden files make them: the top 24 bits of splitmix64 from
/// `stream * 2^32`.
pub fn uniform(stream: u64, count: usize) -> impl Iterator<Item = f64> {
    let mut state = stream << 32;
    (0..count).map(move |_| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f64 / f64::from(1 << 24)
    })
}

/// Returns the edges {i, (i + 1) % nodes} and {i, (i * 7 + 3) % nodes} of the scripts of golden files: canonical, sorted,
/// each once, without self-loops.
#[must_use]
pub fn golden_edges(nodes: u32) -> Vec<Pair> {
    let steps = |node: u32| [(node + 1) % nodes, (node * 7 + 3) % nodes];
    let mut edges: Vec<Pair> = (0..nodes)
        .flat_map(|node| steps(node).map(|other| Pair::new(node, other).canonical()))
        .filter(|pair| !pair.is_self_loop())
        .collect();
    edges.sort_unstable();
    edges.dedup();
    edges
}
