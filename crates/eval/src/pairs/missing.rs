//! Expected precision of predicted missing links.

/// Minimum number of validation edges for an estimate.
pub const LEAST_VALIDATION_EDGES: usize = 20;

/// Probability mass outside of an interval.
const OUTSIDE: f64 = 0.05;
/// Probability relative to the largest, below which it is left out of a sum of at most [`MOST_SUMMED`].
const NEGLIGIBLE: f64 = 1e-24;
/// Number of missing edges up to which the interval is summed exactly; beyond, the normal distribution is
/// accurate.
const MOST_SUMMED: usize = 100_000;

/// Expected shares of missing edges among predicted links.
///
/// Validation edges are hidden from training like missing edges are from the data. They are ranked together
/// with all pairs that are not known edges. If missing edges are distributed like them, a link between two
/// validation edges is a missing edge with a probability that follows from the number of links there, the
/// number of validation edges and the number of missing edges. The last is an assumption, since a graph does
/// not show how many of its edges are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingLinks {
    /// Number of validation edges.
    validation: usize,
    /// Assumed number of missing edges.
    missing: usize,
}

/// Expected shares at one rank.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExpectedShare {
    /// Probability that this link is a missing edge, 0 to 1. It does not increase with the rank.
    pub probability: f64,
    /// Bounds of the probability, see [`ExpectedShare::precision_interval`].
    pub probability_interval: [f64; 2],
    /// Expected share of missing edges among the links up to this rank, 0 to 1: the mean of their
    /// probabilities.
    pub precision: f64,
    /// Bounds between which the share of missing edges up to this rank lies with a probability of 95 %
    /// (equal tails of the beta-binomial distribution with Jeffreys' prior, extended to the expected share).
    pub precision_interval: [f64; 2],
}

impl MissingLinks {
    /// Creates the estimator; `None` with fewer than [`LEAST_VALIDATION_EDGES`].
    #[must_use]
    pub fn new(validation: usize, missing: usize) -> Option<Self> {
        (validation >= LEAST_VALIDATION_EDGES).then_some(Self { validation, missing })
    }

    /// Returns the assumed number of missing edges.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// Returns the number of validation edges.
    #[must_use]
    pub fn validation(&self) -> usize {
        self.validation
    }

    /// Returns the expected shares of links in descending order of their scores. `above` contains the number
    /// of validation edges with a higher score than each link.
    #[must_use]
    pub fn expected(&self, above: &[usize]) -> Vec<ExpectedShare> {
        let mut known: Option<(usize, [f64; 2])> = None;
        let mut cumulative = above.iter().zip(1_usize..).map(|(&edges, rank)| {
            let counts = match known {
                Some((of, counts)) if of == edges => counts,
                _ => self.count_interval(edges),
            };
            known = Some((edges, counts));
            counts.map(|count| (count / rank as f64).min(1.0))
        });
        let blocks = decreasing_blocks(above);
        let mut all = Vec::with_capacity(above.len());
        let mut sum = 0.0;
        for (edges, links) in blocks {
            // The last block may have no edge; half an edge may be more than the block before has.
            let lowest = all.last().map_or(1.0, |last: &ExpectedShare| last.probability);
            let probability = self.share(edges, links).min(lowest);
            let counts = self.count_interval(edges);
            let probability_interval = counts.map(|count| (count / links as f64).min(1.0));
            for precision_interval in cumulative.by_ref().take(links) {
                sum += probability;
                let precision = sum / (all.len() + 1) as f64;
                let [low, high] = precision_interval;
                let precision_interval = [low.min(precision), high.max(precision)];
                all.push(ExpectedShare {
                    probability,
                    probability_interval,
                    precision,
                    precision_interval,
                });
            }
        }
        all
    }

    /// Returns the expected share of missing edges among `links` links among which `edges` validation edges
    /// rank; half an edge stands for none.
    fn share(&self, edges: usize, links: usize) -> f64 {
        let rate = (edges as f64).max(0.5) / self.validation as f64;
        (self.missing as f64 * rate / links as f64).min(1.0)
    }

    /// Returns bounds of the number of missing edges among links among which `edges` validation edges rank.
    fn count_interval(&self, edges: usize) -> [f64; 2] {
        let (alpha, beta) = (edges as f64 + 0.5, (self.validation - edges) as f64 + 0.5);
        let missing = self.missing as f64;
        if self.missing > MOST_SUMMED {
            let sum = alpha + beta;
            let mean = missing * alpha / sum;
            let variance = mean * beta / sum * (sum + missing) / (sum + 1.0);
            let width = 1.959_964 * variance.sqrt();
            return [(mean - width).max(0.0), (mean + width).min(missing)];
        }
        // P(n + 1) / P(n) is a ratio of four factors, which is at least 1 up to the mode.
        let ratio = |count: f64| {
            (missing - count) * (count + alpha) / ((count + 1.0) * (missing - count - 1.0 + beta))
        };
        let last_rising = (missing * (alpha - 1.0) + 1.0 - beta) / (alpha + beta - 2.0);
        let mode = (last_rising.floor() + 1.0).clamp(0.0, missing);
        // Probabilities relative to that of the mode, as far as they add anything to a sum.
        let is_seen = |term: &f64| *term > NEGLIGIBLE;
        let step_down = |&(count, term): &(f64, f64)| {
            (count > 0.0).then(|| (count - 1.0, term / ratio(count - 1.0)))
        };
        let step_up = |&(count, term): &(f64, f64)| {
            (count < missing).then(|| (count + 1.0, term * ratio(count)))
        };
        let mut terms: Vec<(f64, f64)> = std::iter::successors(Some((mode, 1.0)), step_down)
            .take_while(|(_, term)| is_seen(term))
            .collect();
        terms.reverse();
        let above = std::iter::successors(Some((mode, 1.0)), step_up).skip(1);
        terms.extend(above.take_while(|(_, term)| is_seen(term)));
        let total: f64 = terms.iter().map(|(_, term)| term).sum();
        let quantile = |share: f64| {
            let mut sum = 0.0;
            let found = terms.iter().find(|(_, term)| {
                sum += term;
                sum >= share * total
            });
            found.map_or(missing, |&(count, _)| count)
        };
        [quantile(OUTSIDE / 2.0), quantile(1.0 - OUTSIDE / 2.0)]
    }
}

/// Groups links into blocks with equal rates of validation edges, such that the rates decrease (isotonic
/// regression by pooling adjacent violators). Returns the validation edges and links of each block.
fn decreasing_blocks(above: &[usize]) -> Vec<(usize, usize)> {
    let mut blocks: Vec<(usize, usize)> = Vec::new();
    let mut before = 0;
    for &edges in above {
        let mut block = (edges - before, 1);
        before = edges;
        while let Some(&(last, links)) = blocks.last()
            && last * block.1 <= block.0 * links
        {
            block = (last + block.0, links + block.1);
            blocks.pop();
        }
        blocks.push(block);
    }
    blocks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn few_validation_edges_give_no_estimate() {
        assert_eq!(MissingLinks::new(19, 5), None);
        assert!(MissingLinks::new(20, 5).is_some());
    }

    #[test]
    fn a_known_case() {
        // 100 validation edges, as many missing; 50 rank above the first link, 60 above the fourth.
        let estimate = MissingLinks::new(100, 100).expect("enough");
        let found = estimate.expected(&[50, 50, 50, 60]);
        let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(near(found[0].precision, 1.0));
        // A block of all four links: 60 validation edges, so that every link is expected to be an edge.
        assert!(found.iter().all(|share| near(share.probability, 1.0)));
        let above = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        let found = MissingLinks::new(100, 10).expect("enough").expected(&above);
        // One edge among ten links, and a tenth as many edges missing.
        assert!(found.iter().all(|share| near(share.probability, 0.01)));
        assert!(found.iter().all(|share| near(share.precision, 0.01)));
        let [low, high] = found[9].precision_interval;
        assert!(near(low, 0.0) && near(high, 0.1));
    }

    /// The sum over all counts by the definition of the beta-binomial distribution: rising factorials.
    fn naive_interval(validation: usize, missing: usize, edges: usize) -> [f64; 2] {
        let rising = |start: f64, steps: usize| -> f64 {
            (0..steps).map(|step| start + step as f64).product()
        };
        let choose = |count: usize| -> f64 {
            (0..count).map(|at| (missing - at) as f64 / (at + 1) as f64).product()
        };
        let (alpha, beta) = (edges as f64 + 0.5, (validation - edges) as f64 + 0.5);
        let mut sum = 0.0;
        let mut bounds = [None, None];
        for count in 0..=missing {
            sum += choose(count) * rising(alpha, count) * rising(beta, missing - count)
                / rising(alpha + beta, missing);
            for (bound, share) in bounds.iter_mut().zip([0.025, 0.975]) {
                if bound.is_none() && sum >= share {
                    *bound = Some(count as f64);
                }
            }
        }
        bounds.map(|bound| bound.unwrap_or(missing as f64))
    }

    proptest! {
        #[test]
        fn intervals_are_those_of_the_definition(
            validation in 20usize..60, missing in 1usize..60, edges in 0usize..20,
        ) {
            let found = MissingLinks::new(validation, missing).expect("enough").count_interval(edges);
            let naive = naive_interval(validation, missing, edges);
            for (found, naive) in found.iter().zip(naive) {
                // A sum that meets the bound exactly may be rounded to either side.
                prop_assert!((found - naive).abs() <= 1.0, "{found} {naive}");
            }
        }

        #[test]
        fn shares_are_ordered_and_within_bounds(
            steps in proptest::collection::vec(0usize..3, 1..80), missing in 0usize..500,
        ) {
            let above: Vec<usize> = steps.iter().scan(0, |sum, step| { *sum += step; Some(*sum) }).collect();
            let validation = above.last().copied().unwrap_or(0).max(LEAST_VALIDATION_EDGES);
            let found = MissingLinks::new(validation, missing).expect("enough").expected(&above);
            prop_assert_eq!(found.len(), above.len());
            prop_assert!(found.windows(2).all(|two| two[0].probability >= two[1].probability - 1e-12));
            for share in &found {
                for [low, high] in [share.precision_interval, share.probability_interval] {
                    prop_assert!((0.0..=1.0).contains(&low) && low <= high && high <= 1.0);
                }
                let [low, high] = share.precision_interval;
                prop_assert!((low..=high).contains(&share.precision));
            }
        }

        /// Pooling keeps all links and edges.
        #[test]
        fn blocks_keep_everything(steps in proptest::collection::vec(0usize..4, 1..60)) {
            let above: Vec<usize> = steps.iter().scan(0, |sum, step| { *sum += step; Some(*sum) }).collect();
            let blocks = decreasing_blocks(&above);
            prop_assert_eq!(blocks.iter().map(|block| block.1).sum::<usize>(), above.len());
            prop_assert_eq!(Some(&blocks.iter().map(|block| block.0).sum::<usize>()), above.last());
            let falls = |two: &[(usize, usize)]| two[0].0 * two[1].1 > two[1].0 * two[0].1;
            prop_assert!(blocks.windows(2).all(falls));
        }
    }
}
