//! Lloyd's k-means.

use rand::RngExt;
use rayon::prelude::*;
use vgae_artifacts::{Seed, Stream};
use vgae_numerics::Blocks;

use crate::labels::Labelled;

/// Number of initialisations, of which the best result is kept.
const STARTS: u64 = 10;
/// Maximum number of iterations.
const MOST_ROUNDS: usize = 300;
/// Convergence threshold for the sum of squared shifts of the centres, in units of the mean variance per
/// dimension (scikit-learn's `tol`).
const TOLERANCE: f64 = 1e-4;

/// A clustering.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clusters {
    /// Cluster of each point.
    pub(super) of: Vec<usize>,
    /// Sum of squared distances of points from their centres.
    pub(super) inertia: f64,
}

/// Clusters points around `k` centres: k-means++ (Arthur & Vassilvitskii 2007), then Lloyd's iterations, the
/// best of ten initialisations. Distances are computed in `f32` and sums in `f64`, each in a fixed order.
pub(super) fn fit(points: &Labelled, k: usize, seed: Seed) -> Clusters {
    let blocks = Blocks::new(&points.codes, points.width);
    let tolerance = TOLERANCE * mean_variance(points);
    let starts: Vec<Clusters> = (0..STARTS)
        .into_par_iter()
        .map(|start| {
            let centres = spread_out(points, &blocks, k, seed, start);
            lloyd(points, &blocks, centres, tolerance)
        })
        .collect();
    let mut starts = starts.into_iter();
    let first = starts.next().unwrap_or(Clusters { of: Vec::new(), inertia: 0.0 });
    // The first of equally good results.
    starts.fold(first, |best, next| if next.inertia < best.inertia { next } else { best })
}

/// Returns `k x width` initial centres: a uniform point first, then points drawn with probability
/// proportional to their squared distance from the nearest centre so far.
fn spread_out(points: &Labelled, blocks: &Blocks, k: usize, seed: Seed, start: u64) -> Vec<f32> {
    let mut rng = seed.stream(Stream::KMeans, start);
    let mut centres: Vec<f32> = points.code(rng.random_range(0..points.len())).to_vec();
    let mut nearest = vec![f32::INFINITY; points.len()];
    for _ in 1..k {
        let newest = &centres[centres.len() - points.width..];
        blocks.distances(newest, |first, distances| {
            for (nearest, &distance) in nearest[first..].iter_mut().zip(distances) {
                *nearest = nearest.min(distance);
            }
        });
        let total: f64 = nearest.iter().map(|&distance| f64::from(distance)).sum();
        let mut left = rng.random::<f64>() * total;
        let drawn = nearest.iter().position(|&distance| {
            left -= f64::from(distance);
            left < 0.0
        });
        // All points are centres already, or rounding left a remainder.
        let drawn = drawn.unwrap_or(points.len() - 1);
        centres.extend_from_slice(points.code(drawn));
    }
    centres
}

fn lloyd(points: &Labelled, blocks: &Blocks, mut centres: Vec<f32>, tolerance: f64) -> Clusters {
    let mut found = assign(points, blocks, &centres);
    for _ in 0..MOST_ROUNDS {
        let moved = recentre(points, &found.0, &mut centres);
        let next = assign(points, blocks, &centres);
        let same = next.0 == found.0;
        found = next;
        if same || moved <= tolerance {
            break;
        }
    }
    let inertia = found.1.iter().map(|&distance| f64::from(distance)).sum();
    Clusters { of: found.0, inertia }
}

/// Returns the nearest centre of each point (the first of equally near ones) and its squared distance.
fn assign(points: &Labelled, blocks: &Blocks, centres: &[f32]) -> (Vec<usize>, Vec<f32>) {
    let mut of = vec![0; points.len()];
    let mut nearest = vec![f32::INFINITY; points.len()];
    for (cluster, centre) in centres.chunks_exact(points.width).enumerate() {
        blocks.distances(centre, |first, distances| {
            let places = of[first..].iter_mut().zip(&mut nearest[first..]);
            for ((of, nearest), &distance) in places.zip(distances) {
                if distance < *nearest {
                    (*of, *nearest) = (cluster, distance);
                }
            }
        });
    }
    (of, nearest)
}

/// Moves every centre to the mean of its points; a centre without points stays. Returns the sum of squared
/// shifts.
pub(super) fn recentre(points: &Labelled, of: &[usize], centres: &mut [f32]) -> f64 {
    let width = points.width;
    let mut sums = vec![0.0f64; centres.len()];
    let mut counts = vec![0usize; centres.len() / width];
    for (at, &cluster) in of.iter().enumerate() {
        counts[cluster] += 1;
        let sums = &mut sums[cluster * width..(cluster + 1) * width];
        for (sum, &value) in sums.iter_mut().zip(points.code(at)) {
            *sum += f64::from(value);
        }
    }
    let mut moved = 0.0;
    for (at, (centre, sum)) in centres.iter_mut().zip(sums).enumerate() {
        if counts[at / width] > 0 {
            let mean = sum / counts[at / width] as f64;
            moved += (mean - f64::from(*centre)).powi(2);
            #[expect(clippy::cast_possible_truncation, reason = "distances are computed in f32")]
            let mean = mean as f32;
            *centre = mean;
        }
    }
    moved
}

fn mean_variance(points: &Labelled) -> f64 {
    let count = points.len() as f64;
    let variance = |dimension: usize| {
        let values = || (0..points.len()).map(|at| f64::from(points.code(at)[dimension]));
        let mean = values().sum::<f64>() / count;
        values().map(|value| (value - mean).powi(2)).sum::<f64>() / count
    };
    (0..points.width).map(variance).sum::<f64>() / points.width as f64
}
