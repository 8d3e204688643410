//! Statistics of a graph: degrees, density, sparsity.

use serde::Serialize;
use vgae_artifacts::{Audit, Graph};

/// The audit of a graph, and what more can be counted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inspection {
    /// The audit of ingest.
    pub audit: Audit,
    /// How many edges the nodes have; direction is ignored.
    pub degrees: Degrees,
    /// Edges over the pairs of nodes that could have one.
    pub density: f64,
    /// Stored feature values over nodes times features; none without features.
    pub feature_density: Option<f64>,
    /// Weights of edges; none without weights.
    pub weights: Option<Range>,
}

/// How many edges nodes have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Degrees {
    /// The mean.
    pub mean: f64,
    /// From the least to the most.
    pub quantiles: Vec<Quantile>,
    /// How many nodes have how many: 0, 1, 2 to 3, 4 to 7, and so on.
    pub histogram: Vec<DegreeBin>,
}

/// A share of the nodes has this degree or a smaller one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quantile {
    /// The share, 0 to 1.
    pub share: f64,
    /// The degree.
    pub degree: usize,
}

/// Nodes whose degree lies between two, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DegreeBin {
    /// The least degree.
    pub from: usize,
    /// The largest.
    pub to: usize,
    /// How many nodes.
    pub nodes: usize,
}

/// Numbers from the least to the largest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range {
    /// The least.
    pub minimum: f32,
    /// The mean.
    pub mean: f64,
    /// The largest.
    pub maximum: f32,
}

/// Shares of the quantiles.
const SHARES: [f64; 7] = [0.0, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0];

impl Inspection {
    /// Counts over a graph and takes its audit along.
    #[must_use]
    pub fn new(graph: &Graph, audit: Audit) -> Self {
        let mut degrees = vec![0usize; graph.node_count()];
        for end in graph.edges.pairs().iter().flat_map(|pair| [pair.src, pair.dst]) {
            degrees[end as usize] += 1;
        }
        let (nodes, edges) = (degrees.len() as f64, graph.edges.pairs().len() as f64);
        let pairs = nodes * (nodes - 1.0) / if graph.edges.is_directed() { 1.0 } else { 2.0 };
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let feature_density = graph.features.as_ref().map(|features| {
            let places = nodes * features.feature_count() as f64;
            share(features.values().len() as f64, places)
        });
        let weights = graph.edges.weights().map(|weights| Range {
            minimum: weights.iter().copied().reduce(f32::min).unwrap_or(0.0),
            mean: share(weights.iter().copied().map(f64::from).sum(), edges),
            maximum: weights.iter().copied().reduce(f32::max).unwrap_or(0.0),
        });
        let degrees = Degrees::of(degrees);
        Self { audit, degrees, density: share(edges, pairs), feature_density, weights }
    }
}

impl Degrees {
    fn of(mut degrees: Vec<usize>) -> Self {
        degrees.sort_unstable();
        let last = degrees.len().saturating_sub(1);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count of nodes"
        )]
        let at = |share: f64| (share * last as f64).round() as usize;
        let quantile =
            |share| Quantile { share, degree: degrees.get(at(share)).copied().unwrap_or(0) };
        let quantiles = SHARES.map(quantile).to_vec();
        let mut histogram: Vec<DegreeBin> = Vec::new();
        let bits = |degree: usize| (usize::BITS - degree.leading_zeros()) as usize;
        for degree in &degrees {
            let bin = bits(*degree);
            while histogram.len() <= bin {
                let (from, to) = match histogram.len() {
                    0 => (0, 0),
                    bits => (1 << (bits - 1), (1 << bits) - 1),
                };
                histogram.push(DegreeBin { from, to, nodes: 0 });
            }
            histogram[bin].nodes += 1;
        }
        let mean = degrees.iter().sum::<usize>() as f64 / degrees.len().max(1) as f64;
        Self { mean, quantiles, histogram }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{IngestConfig, load};

    #[test]
    fn the_karate_club_is_counted() {
        let karate = load(&IngestConfig::dataset("karate"), Path::new("."), None);
        let (graph, audit) = karate.expect("embedded");
        let found = Inspection::new(&graph, audit);
        assert!((found.density - 78.0 / (34.0 * 33.0 / 2.0)).abs() < 1e-12);
        assert!((found.degrees.mean - 2.0 * 78.0 / 34.0).abs() < 1e-12);
        let quantiles: Vec<usize> = found.degrees.quantiles.iter().map(|q| q.degree).collect();
        assert_eq!(quantiles, [1, 2, 3, 5, 10, 17, 17]);
        let bins: Vec<_> =
            found.degrees.histogram.iter().map(|b| (b.from, b.to, b.nodes)).collect();
        assert_eq!(bins, [(0, 0, 0), (1, 1, 1), (2, 3, 17), (4, 7, 11), (8, 15, 3), (16, 31, 2)]);
        assert_eq!((found.feature_density, found.weights), (None, None));
    }
}
