use rand::{Rng, RngExt};

/// Moves a uniform sample of `count` items, in uniform order, to the front: the first `count` steps of a
/// Fisher-Yates shuffle. Indices are drawn as `u64` on every platform.
///
/// # Panics
/// Panics when `count` is larger than the number of items.
pub fn shuffle_front<T, R: Rng>(rng: &mut R, items: &mut [T], count: usize) {
    let len = items.len() as u64;
    for (at, front) in (0..count).zip(0u64..) {
        let chosen = usize::try_from(rng.random_range(front..len)).expect("an index of a slice");
        items.swap(at, chosen);
    }
}
