use rand::{Rng, RngExt};
use rayon::prelude::*;
use vgae_artifacts::{Seed, Stream};
use vgae_numerics::elementary;

use super::distinct::draw_distinct;
use super::{SyntheticError, SyntheticGraph, check_size, key, pair_count, renumber, shuffled};

/// A recursive matrix (Chakrabarti, Zhan and Faloutsos 2004, "R-MAT: a recursive model for graph mining"):
/// an edge falls into one of the four quarters of the adjacency matrix with probabilities a, b, c and
/// d = 1 - a - b - c, there into one of its quarters, and so on down to one pair. Degrees are skewed as in
/// nets of people or pages: few nodes have very many edges, and many have none.
///
/// The default is Graph500's a = 0.57, b = c = 0.19. With 0.25 each, all pairs are alike (Erdős-Rényi).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RMat {
    /// Nodes, at least 2. If not a power of two, pairs of the next one's matrix that lie outside are drawn
    /// again.
    pub nodes: u32,
    /// Edges, exactly.
    pub edges: usize,
    /// Probability of the quarter low x low.
    pub a: f64,
    /// Probability of the quarter low x high.
    pub b: f64,
    /// Probability of the quarter high x low.
    pub c: f64,
}

/// So many pairs may be listed, where drawing finds too few different ones: 200 MB.
const LISTABLE: u64 = 1 << 23;

impl RMat {
    /// The graph with Graph500's probabilities.
    #[must_use]
    pub fn graph500(nodes: u32, edges: usize) -> Self {
        Self { nodes, edges, a: 0.57, b: 0.19, c: 0.19 }
    }

    /// Draws a graph. The same values and seed give the same graph at any number of threads.
    ///
    /// Pairs are drawn until `edges` different ones are there. Where that takes too long and there are few
    /// pairs, all are listed and chosen with the same probabilities. Time O(E log N) and memory O(E + N).
    ///
    /// # Errors
    /// When a value is out of its range, there are fewer pairs than edges, or hardly any draw is new.
    pub fn generate(&self, seed: Seed) -> Result<SyntheticGraph, SyntheticError> {
        check_size(self.nodes, self.edges)?;
        let d = self.check()?;
        let keys = self.draw(seed).or_else(|gave_up| match gave_up {
            _ if pair_count(self.nodes.into()) <= LISTABLE => self.list(d, seed),
            error => Err(error),
        })?;
        let pairs = renumber(keys, &shuffled(self.nodes, seed));
        Ok(SyntheticGraph { node_count: self.nodes, pairs, communities: None })
    }

    /// The fourth probability.
    fn check(&self) -> Result<f64, SyntheticError> {
        for (name, value) in [("a", self.a), ("b", self.b), ("c", self.c)] {
            if !(0.0..=1.0).contains(&value) {
                let expected = "a probability from 0 to 1".to_owned();
                return Err(SyntheticError::Parameter { name, expected, found: value.to_string() });
            }
        }
        let sum = self.a + self.b + self.c;
        // 0.4 + 0.4 + 0.2 must not fail by a rounding.
        if sum > 1.0 + 1e-9 {
            let (name, expected) = ("a + b + c", "at most 1".to_owned());
            return Err(SyntheticError::Parameter { name, expected, found: format!("{sum:.4}") });
        }
        Ok((1.0 - sum).max(0.0))
    }

    /// How often the matrix is quartered.
    fn levels(&self) -> u32 {
        u32::BITS - (self.nodes - 1).leading_zeros()
    }

    fn draw(&self, seed: Seed) -> Result<Vec<u64>, SyntheticError> {
        // As shares of 2^32: one word decides a level.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 2^32")]
        let share = |probability: f64| (probability.min(1.0) * 2f64.powi(32)).round() as u64;
        let limits = [self.a, self.a + self.b, self.a + self.b + self.c].map(share);
        let levels = self.levels();
        let draw = |rng: &mut rand_chacha::ChaCha8Rng| {
            let (mut src, mut dst) = (0u32, 0u32);
            for _ in 0..levels {
                let word = u64::from(rng.next_u32());
                // Past how many quarters: low x low, low x high, high x low.
                let [first, second, third] = limits.map(|limit| u32::from(word >= limit));
                src = src << 1 | second;
                dst = dst << 1 | (first ^ second ^ third);
            }
            (src != dst && src.max(dst) < self.nodes).then(|| key(src, dst))
        };
        draw_distinct(self.edges, seed, 0, draw).map_err(|gave_up| SyntheticError::TooSkewed {
            wanted: self.edges,
            found: gave_up.found,
            draws: gave_up.draws,
        })
    }

    /// The same choice over a list of all pairs: drawing one after the other without repetition is taking
    /// the pairs whose exponential clocks of rate `probability` ring first (Efraimidis and Spirakis 2006).
    fn list(&self, d: f64, seed: Seed) -> Result<Vec<u64>, SyntheticError> {
        let quarters = [[self.a, self.b], [self.c, d]];
        let levels = self.levels();
        let bit = |place: u32, level: u32| (place >> level & 1) as usize;
        let probability = |src: u32, dst: u32| {
            (0..levels).map(|l| quarters[bit(src, l)][bit(dst, l)]).product::<f64>()
        };
        let row = |src: u32| {
            let mut rng = seed.stream(Stream::GraphEdges, 1 << 48 | u64::from(src));
            let mut rings = Vec::new();
            for dst in src + 1..self.nodes {
                let rate = probability(src, dst) + probability(dst, src);
                let uniform: f64 = rng.random();
                if rate > 0.0 {
                    // 1 - uniform is never 0.
                    rings.push((-elementary::ln(1.0 - uniform) / rate, key(src, dst)));
                }
            }
            rings
        };
        let mut rings: Vec<(f64, u64)> =
            (0..self.nodes).into_par_iter().flat_map_iter(row).collect();
        if rings.len() < self.edges {
            let (place, available) = ("with these a, b, c", rings.len() as u64);
            return Err(SyntheticError::TooManyEdges { place, wanted: self.edges, available });
        }
        if self.edges < rings.len() {
            rings
                .select_nth_unstable_by(self.edges, |x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)));
            rings.truncate(self.edges);
        }
        Ok(rings.into_iter().map(|(_, key)| key).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::ends;
    use super::*;

    #[test]
    fn drawing_and_listing_choose_alike() {
        // The mean number of edges at place 0, which is the favourite; both ways draw the same choice.
        let model = RMat::graph500(32, 40);
        let fourth = model.check().expect("probabilities");
        let favourite = |choose: &dyn Fn(Seed) -> Vec<u64>| {
            let at_zero = |seed| choose(Seed(seed)).iter().filter(|&&key| ends(key).0 == 0).count();
            (0..400).map(at_zero).sum::<usize>() as f64 / 400.0
        };
        let drawn = favourite(&|seed| model.draw(seed).expect("edges"));
        let listed = favourite(&|seed| model.list(fourth, seed).expect("edges"));
        // The standard error of each mean is below 0.1.
        assert!((drawn - listed).abs() < 0.4, "{drawn} {listed}");
    }
}
