//! So many different random keys, from a way to draw one that may repeat itself.

use std::collections::HashSet;

use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use vgae_artifacts::{Seed, Stream};

/// Draws of one random stream. Pieces do not depend on the number of threads.
const PIECE: usize = 1 << 16;

/// A wish that cannot be met in reasonable time: what was found in how many draws.
#[derive(Debug)]
pub(super) struct GaveUp {
    pub(super) found: usize,
    pub(super) draws: u64,
}

/// Draws until there are `wanted` different keys, and sorts them.
///
/// The result is that of drawing one after the other and skipping repetitions. `draw` returns
/// nothing for a draw that does not count. `section` distinguishes several calls with one seed (below 2^16).
///
/// # Errors
/// After some 16 draws for every key wanted.
pub(super) fn draw_distinct(
    wanted: usize,
    seed: Seed,
    section: u64,
    draw: impl Fn(&mut ChaCha8Rng) -> Option<u64> + Sync,
) -> Result<Vec<u64>, GaveUp> {
    let most = 16 * wanted as u64 + 64 * PIECE as u64;
    let (mut keys, mut draws) = (Vec::new(), 0u64);
    while keys.len() < wanted {
        if draws > most {
            return Err(GaveUp { found: keys.len(), draws });
        }
        let missing = wanted - keys.len();
        let count = missing.max(PIECE);
        let surplus = count > missing;
        let known = &keys;
        let piece = |start: usize| {
            let mut rng = seed.stream(Stream::GraphEdges, section << 48 | (draws + start as u64));
            let drawn = (start..count.min(start + PIECE)).filter_map(|_| draw(&mut rng));
            drawn.filter(|key| !surplus || known.binary_search(key).is_err()).collect::<Vec<u64>>()
        };
        let pieces: Vec<usize> = (0..count).step_by(PIECE).collect();
        let mut fresh: Vec<u64> = pieces.into_par_iter().flat_map_iter(piece).collect();
        draws += count as u64;
        if surplus {
            // There may be more new ones than are missing: the first of them count.
            let mut seen = HashSet::with_capacity(missing);
            fresh.retain(|&key| seen.len() < missing && seen.insert(key));
        }
        fresh.par_sort_unstable();
        fresh.dedup();
        if keys.is_empty() {
            keys = fresh;
        } else {
            keys.append(&mut fresh);
            #[expect(
                clippy::stable_sort_primitive,
                reason = "it merges two sorted runs in one go"
            )]
            keys.sort();
            keys.dedup();
        }
    }
    Ok(keys)
}
