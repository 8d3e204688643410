//! Sampling of nodes in proportion to visits^0.75 (Mikolov et al. 2013, arXiv 1310.4546, section 2.2) by
//! Vose's alias method, with one draw and one comparison.

use rand_chacha::ChaCha8Rng;

use vgae_numerics::elementary::pow;
use vgae_numerics::random::{draw, draw_unit};

#[derive(Debug)]
pub(super) struct Negatives {
    /// Probability to keep a drawn node, and the alias otherwise.
    table: Vec<(f64, u32)>,
}

impl Negatives {
    pub(super) fn new(visits: &[u64]) -> Self {
        let weights: Vec<f64> = visits.iter().map(|&visits| pow(visits as f64, 0.75)).collect();
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        let mut table: Vec<(f64, u32)> =
            (0u32..).zip(&weights).map(|(node, weight)| (weight / mean, node)).collect();
        let (mut poor, mut rich): (Vec<usize>, Vec<usize>) =
            (0..table.len()).partition(|&node| table[node].0 < 1.0);
        while let (Some(&small), Some(&large)) = (poor.last(), rich.last()) {
            poor.pop();
            table[small].1 = u32::try_from(large).unwrap_or(u32::MAX);
            table[large].0 -= 1.0 - table[small].0;
            if table[large].0 < 1.0 {
                rich.pop();
                poor.push(large);
            }
        }
        // The remaining entries differ from 1 by rounding.
        poor.into_iter().chain(rich).for_each(|node| table[node].0 = 1.0);
        Self { table }
    }

    pub(super) fn draw(&self, rng: &mut ChaCha8Rng) -> u32 {
        let node = draw(rng, self.table.len());
        let (stay, other) = self.table[node];
        if draw_unit(rng) < stay { u32::try_from(node).unwrap_or(u32::MAX) } else { other }
    }
}

#[cfg(test)]
mod tests {
    use vgae_artifacts::{Seed, Stream};

    use super::*;

    #[test]
    fn nodes_are_drawn_by_their_weight() {
        let visits = [16, 0, 1, 81, 256, 1];
        let negatives = Negatives::new(&visits);
        let mut rng = Seed(1).stream(Stream::SkipGram, 0);
        let (mut counts, draws) = ([0.0; 6], 100_000);
        for _ in 0..draws {
            counts[negatives.draw(&mut rng) as usize] += 1.0 / f64::from(draws);
        }
        for (found, weight) in counts.iter().zip([8.0, 0.0, 1.0, 27.0, 64.0, 1.0]) {
            let share: f64 = weight / 101.0;
            let error = 5.0 * (share * (1.0 - share) / f64::from(draws)).sqrt();
            assert!((found - share).abs() <= error, "{found} {share}");
        }
    }
}
