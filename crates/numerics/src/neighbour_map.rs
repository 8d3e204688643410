//! A map of points in two dimensions that keeps neighbours together (`UMAP`; `McInnes`, Healy & Melville 2018, arXiv
//! 1802.03426), the same bits at any number of threads.
//!
//! The reference implementation moves two points at a time in a random order. Here all points of an epoch move at
//! once, by the expected force of their neighbours and by drawn repulsions, which depend on nothing but the positions
//! before: so the order of threads does not matter. Exponentials are those of the system's library, so the map can
//! differ in its last digits on another processor; no other artifact depends on it.

use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use vgae_artifacts::table::row_index;
use vgae_artifacts::{Matrix, Seed, Stream};

use crate::nearest::Blocks;
use crate::random::draw;

/// Neighbours of each point.
const NEIGHBOURS: usize = 15;
/// Epochs of the layout.
const EPOCHS: u32 = 300;
/// Other points that repel each point per epoch.
const REPULSIONS: usize = 12;
/// Strength of the repulsions: five per attraction, as in the reference implementation.
const NEGATIVE_RATE: f32 = 5.0;
/// Curve of the attraction, `1 / (1 + A d^(2 B))`: fitted to a least distance of 0.1 (ibid., section 3.2).
const A: f32 = 1.577;
const B: f32 = 0.8951;
/// Largest step of a coordinate per epoch.
const LONGEST: f32 = 4.0;
/// Share of the force that a point follows in the first epoch; all points move at once, so less than 1.
const FIRST_STEP: f32 = 0.25;
/// Width of the initial positions.
const WIDTH: f32 = 10.0;
/// Halvings that find the bandwidth of a point.
const HALVINGS: u32 = 48;

/// Points whose neighbours are looked for together.
const GROUP: usize = 64;

/// Points that share a stream of random numbers.
const CHUNK: usize = 256;

/// An edge of the neighbour graph: the other point, and the membership strength, 0 to 1.
type Edge = (u32, f32);

/// Lays points out in two dimensions from the rows of a matrix; `initial` are positions to start from, such as those
/// on principal axes. Takes time in the square of the number of points: some seconds for 20,000.
///
/// # Panics
/// When `initial` has another length than there are rows, or there are 2^32 rows.
#[must_use]
pub fn neighbour_map(rows: &Matrix, initial: &[[f32; 2]], seed: Seed) -> Vec<[f32; 2]> {
    assert_eq!(rows.rows(), initial.len(), "a position for each row");
    let graph = neighbour_graph(rows);
    layout(&graph, started(initial), seed)
}

/// The nearest rows of each row by Euclidean distance, with distances, ascending; ties by number.
fn nearest(rows: &Matrix) -> Vec<Vec<(f32, u32)>> {
    let blocks = Blocks::new(rows.as_slice(), rows.cols());
    let others = |(row, near): (usize, Vec<(f32, usize)>)| {
        // A row is its own nearest, but for equal ones before it.
        let others = near.into_iter().filter(|&(_, other)| other != row).take(NEIGHBOURS);
        others.map(|(square, other)| (square.sqrt(), row_index(other))).collect()
    };
    let of_group = |first: usize| {
        let group = first..rows.rows().min(first + GROUP);
        let codes: Vec<&[f32]> = group.clone().map(|row| rows.row(row)).collect();
        group.zip(blocks.nearest(&codes, NEIGHBOURS + 1)).map(others).collect::<Vec<_>>()
    };
    let groups: Vec<usize> = (0..rows.rows()).step_by(GROUP).collect();
    groups.into_par_iter().flat_map_iter(of_group).collect()
}

/// The fuzzy neighbour graph (ibid., algorithms 2 and 3): edges of each point by number, symmetric.
fn neighbour_graph(rows: &Matrix) -> Vec<Vec<Edge>> {
    let near = nearest(rows);
    let strengths: Vec<Vec<Edge>> = near.par_iter().map(|near| memberships(near)).collect();
    let mut incoming: Vec<Vec<Edge>> = vec![Vec::new(); strengths.len()];
    for (number, edges) in (0u32..).zip(&strengths) {
        for &(other, strength) in edges {
            incoming[other as usize].push((number, strength));
        }
    }
    let joined = |(own, incoming): (&Vec<Edge>, Vec<Edge>)| {
        let mut all: Vec<Edge> = own.iter().copied().chain(incoming).collect();
        all.sort_by_key(|&(other, _)| other);
        let union = |edges: &[Edge]| {
            // a + b - a b of both directions.
            let absent: f32 = edges.iter().map(|(_, strength)| 1.0 - strength).product();
            (edges[0].0, 1.0 - absent)
        };
        all.chunk_by(|a, b| a.0 == b.0).map(union).collect()
    };
    strengths.iter().zip(incoming).map(joined).collect()
}

/// Strengths of a point's neighbours: 1 for the nearest, then falling so that they sum to `log2` of their number.
fn memberships(near: &[(f32, u32)]) -> Vec<Edge> {
    let Some(&(least, _)) = near.first() else { return Vec::new() };
    let target = (near.len() as f32).log2();
    let sum = |bandwidth: f32| -> f32 {
        near.iter().map(|(distance, _)| (-(distance - least) / bandwidth).exp()).sum()
    };
    let (mut low, mut high) = (0.0f32, f32::INFINITY);
    let mut bandwidth = 1.0f32;
    for _ in 0..HALVINGS {
        if sum(bandwidth) > target {
            high = bandwidth;
        } else {
            low = bandwidth;
        }
        bandwidth = if high.is_finite() { f32::midpoint(low, high) } else { bandwidth * 2.0 };
    }
    let bandwidth = bandwidth.max(f32::MIN_POSITIVE);
    near.iter().map(|&(distance, other)| (other, (-(distance - least) / bandwidth).exp())).collect()
}

/// Initial positions, centred and scaled; robust against outliers, as the scale is the mean distance.
fn started(initial: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let count = initial.len().max(1) as f32;
    let mean = |axis: usize| initial.iter().map(|point| point[axis]).sum::<f32>() / count;
    let middle = [mean(0), mean(1)];
    let spread = initial
        .iter()
        .map(|point| (point[0] - middle[0]).abs() + (point[1] - middle[1]).abs())
        .sum::<f32>()
        / count;
    let scale = if spread > 0.0 { 0.5 * WIDTH / spread } else { 0.0 };
    // Equal points would stay together for ever: each is moved a little, along a spiral.
    let moved = |(at, point): (usize, &[f32; 2])| {
        let angle = at as f32 * 2.399_963;
        let radius = 0.01 * WIDTH * ((at as f32 + 1.0) / count).sqrt();
        let place = |axis: usize| ((point[axis] - middle[axis]) * scale).clamp(-WIDTH, WIDTH);
        [place(0) + radius * angle.cos(), place(1) + radius * angle.sin()]
    };
    initial.iter().enumerate().map(moved).collect()
}

fn layout(graph: &[Vec<Edge>], mut points: Vec<[f32; 2]>, seed: Seed) -> Vec<[f32; 2]> {
    let count = points.len();
    if count < 3 {
        return points;
    }
    for epoch in 0..EPOCHS {
        let step = FIRST_STEP * (1.0 - epoch as f32 / EPOCHS as f32);
        let before = &points;
        let mut moved = vec![[0.0f32; 2]; count];
        moved.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, moved)| {
            let mut rng = seed.stream(Stream::Layout, u64::from(epoch) << 32 | chunk as u64);
            for (place, moved) in moved.iter_mut().enumerate() {
                let at = chunk * CHUNK + place;
                *moved = step_of(&graph[at], before, at, step, &mut rng);
            }
        });
        points = moved;
    }
    points
}

/// The position of a point after a step, from all positions before it.
fn step_of(
    edges: &[Edge],
    before: &[[f32; 2]],
    at: usize,
    step: f32,
    rng: &mut ChaCha8Rng,
) -> [f32; 2] {
    let own = before[at];
    let mut force = [0.0f32; 2];
    let mut strengths = 0.0;
    for &(other, strength) in edges {
        let away = difference(own, before[other as usize]);
        let square = away[0] * away[0] + away[1] * away[1];
        if square > 0.0 {
            let power = square.powf(B - 1.0);
            let slope = -2.0 * A * B * power / (1.0 + A * power * square);
            push(&mut force, away, strength * slope);
        }
        strengths += strength;
    }
    let weight = NEGATIVE_RATE * strengths / REPULSIONS as f32;
    for _ in 0..REPULSIONS {
        let other = draw(rng, before.len());
        if other != at {
            let away = difference(own, before[other]);
            let square = away[0] * away[0] + away[1] * away[1];
            let slope = 2.0 * B / ((0.001 + square) * (1.0 + A * square.powf(B)));
            push(&mut force, away, weight * slope);
        }
    }
    let place = |axis: usize| own[axis] + step * force[axis].clamp(-LONGEST, LONGEST);
    [place(0), place(1)]
}

fn difference(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

/// Adds a force along `away`, each of whose coordinates is limited as in the reference implementation.
fn push(force: &mut [f32; 2], away: [f32; 2], slope: f32) {
    for (force, away) in force.iter_mut().zip(away) {
        *force += (slope * away).clamp(-LONGEST, LONGEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five clouds of 40 points on the corners of a simplex in six dimensions, and where they are in three.
    fn clouds() -> (Matrix, Vec<usize>) {
        let mut values = Vec::new();
        let mut cloud_of = Vec::new();
        for at in 0..200usize {
            let cloud = at % 5;
            cloud_of.push(cloud);
            for axis in 0..6 {
                let noise = ((at * 31 + axis * 17) as f32 * 12.9898).sin() * 0.5;
                values.push(if axis == cloud { 8.0 } else { 0.0 } + noise);
            }
        }
        (Matrix::from_row_major(200, 6, values).expect("a matrix"), cloud_of)
    }

    fn first_two(rows: &Matrix) -> Vec<[f32; 2]> {
        (0..rows.rows()).map(|row| [rows.row(row)[0], rows.row(row)[1]]).collect()
    }

    #[test]
    fn neighbours_stay_together_and_clouds_apart() {
        let (rows, cloud_of) = clouds();
        let points = neighbour_map(&rows, &first_two(&rows), Seed(0));
        assert!(points.iter().flatten().all(|value| value.is_finite()));
        // The initial positions have three clouds on one spot: only the map separates them.
        for (at, own) in points.iter().enumerate() {
            let distance = |other: &[f32; 2]| (own[0] - other[0]).hypot(own[1] - other[1]);
            let mut others: Vec<usize> = (0..points.len()).filter(|&other| other != at).collect();
            others.sort_by(|&a, &b| distance(&points[a]).total_cmp(&distance(&points[b])));
            let same =
                others[..10].iter().filter(|&&other| cloud_of[other] == cloud_of[at]).count();
            assert_eq!(same, 10, "point {at}");
        }
    }

    /// The naive twin sorts all distances, in f64.
    #[test]
    fn the_nearest_are_those_of_all_distances() {
        let values = (0..300 * 5).map(|at| ((at as f32 * 12.9898).sin() * 43_758.547).fract());
        let rows = Matrix::from_row_major(300, 5, values.collect()).expect("a matrix");
        for (row, found) in nearest(&rows).iter().enumerate() {
            let distance = |other: usize| {
                let squares = rows.row(row).iter().zip(rows.row(other));
                squares.map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
            };
            let mut all: Vec<usize> = (0..300).filter(|&other| other != row).collect();
            all.sort_by(|&a, &b| distance(a).total_cmp(&distance(b)));
            assert_eq!(found.len(), NEIGHBOURS);
            for (&(far, _), &other) in found.iter().zip(&all) {
                assert!((f64::from(far) - distance(other)).abs() < 1e-3, "{row}, {other}");
            }
        }
        // Equal points: the first ones.
        let equal = nearest(&Matrix::zeros(200, 3));
        assert!(equal[150].iter().map(|&(_, number)| number).eq(0..15));
        assert!(nearest(&Matrix::zeros(3, 0)).iter().all(Vec::is_empty));
    }

    #[test]
    fn threads_do_not_change_a_bit() {
        let (rows, _) = clouds();
        let map = || neighbour_map(&rows, &first_two(&rows), Seed(1));
        let pool =
            |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let one = pool(1).install(map);
        assert_eq!(one, pool(3).install(map));
        assert_ne!(one, neighbour_map(&rows, &first_two(&rows), Seed(2)));
    }

    #[test]
    fn few_and_equal_points_have_finite_places() {
        for count in [0, 1, 2, 3, 40] {
            let rows = Matrix::zeros(count, 4);
            let points = neighbour_map(&rows, &vec![[0.0; 2]; count], Seed(0));
            assert_eq!(points.len(), count);
            assert!(points.iter().flatten().all(|value| value.is_finite()), "{count}");
        }
    }

    #[test]
    fn strengths_sum_to_the_logarithm_of_their_number() {
        let near: Vec<(f32, u32)> = (0..15).map(|at| (1.0 + at as f32 * 0.3, at)).collect();
        let edges = memberships(&near);
        let sum: f32 = edges.iter().map(|(_, strength)| strength).sum();
        assert!((edges[0].1 - 1.0).abs() < 1e-6 && (sum - 15f32.log2()).abs() < 1e-3, "{sum}");
    }
}
