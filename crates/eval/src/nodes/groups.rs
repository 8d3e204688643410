//! Clusters of nodes by their vectors, without labels.

use vgae_artifacts::Matrix;
use vgae_numerics::Blocks;

use super::{MOST_CLASSES, SEED, kmeans};
use crate::labels::Labelled;

/// Numbers of clusters that are tried where the data name none.
const TRIED: std::ops::RangeInclusive<usize> = 2..=12;

/// Points by which the number is chosen, at most.
const MOST_TRIED: usize = 2000;

/// Clusters the vectors in `rows` of a matrix by k-means. The number of clusters is `classes`, if it is from 2 to
/// [`MOST_CLASSES`], else that of 2 to 12 with the largest simplified silhouette (Vendramin et al. 2010). Returns the
/// cluster of each row, clusters numbered by falling size; nothing where there are fewer distinct vectors than two.
/// The same values give the same bits for any number of threads.
#[must_use]
pub fn clusters(vectors: &Matrix, rows: &[u32], classes: usize) -> Option<Vec<u32>> {
    let codes = rows.iter().flat_map(|&row| vectors.row(row as usize)).copied().collect();
    let points = Labelled { codes, width: vectors.cols(), of: vec![None; rows.len()], classes: 0 };
    let is_constant = (1..points.len()).all(|at| points.code(at) == points.code(0));
    if is_constant || points.width == 0 || points.codes.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let fit = |k: usize| kmeans::fit(&points, k, SEED).of;
    let of = if (2..=MOST_CLASSES).contains(&classes) && classes <= points.len() {
        fit(classes)
    } else {
        // Fewer points choose the number, at a fraction of the time.
        let count = points.len().min(MOST_TRIED);
        let some: Vec<usize> = (0..count).map(|at| at * points.len() / count).collect();
        let some = points.at(&some);
        let tried = TRIED.take_while(|&k| k <= some.len()).map(|k| {
            let of = kmeans::fit(&some, k, SEED).of;
            (silhouette(&some, &of, k), k)
        });
        fit(tried.reduce(|best, next| if next.0 > best.0 { next } else { best })?.1)
    };
    Some(by_size(&of))
}

/// Mean over the points of (b - a) / max(a, b): a is the distance to the centre of the point's cluster, b that to the
/// nearest centre of another.
fn silhouette(points: &Labelled, of: &[usize], k: usize) -> f64 {
    let mut centres = vec![0.0f32; k * points.width];
    kmeans::recentre(points, of, &mut centres);
    let blocks = Blocks::new(&points.codes, points.width);
    // Squared distances to the own centre and to the nearest other one.
    let mut near = vec![(0.0f32, f32::INFINITY); of.len()];
    let used = centres.chunks_exact(points.width).enumerate();
    for (cluster, centre) in used.filter(|(cluster, _)| of.contains(cluster)) {
        blocks.distances(centre, |first, squares| {
            let places = near[first..].iter_mut().zip(&of[first..]);
            for ((near, &own), &square) in places.zip(squares) {
                if own == cluster {
                    near.0 = square;
                } else {
                    near.1 = near.1.min(square);
                }
            }
        });
    }
    let values = near.into_iter().map(|(own, other)| {
        let (own, other) = (f64::from(own).sqrt(), f64::from(other).sqrt());
        if other.is_finite() && own.max(other) > 0.0 { (other - own) / own.max(other) } else { 0.0 }
    });
    values.sum::<f64>() / of.len().max(1) as f64
}

/// Clusters numbered by falling size, those of one size by their first point.
fn by_size(of: &[usize]) -> Vec<u32> {
    let count = of.iter().max().map_or(0, |most| most + 1);
    let mut sizes = vec![0usize; count];
    let mut first = vec![of.len(); count];
    for (at, &cluster) in of.iter().enumerate() {
        sizes[cluster] += 1;
        first[cluster] = first[cluster].min(at);
    }
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|&cluster| (std::cmp::Reverse(sizes[cluster]), first[cluster]));
    let mut rank = vec![0u32; count];
    for (place, cluster) in (0..).zip(order) {
        rank[cluster] = place;
    }
    of.iter().map(|&cluster| rank[cluster]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three heaps of 9, 6 and 3 points, interleaved.
    fn heaps() -> (Matrix, Vec<u32>) {
        let heap = |at: usize| if at.is_multiple_of(2) { 0 } else { 1 + usize::from(at % 6 == 5) };
        let values = (0..18).flat_map(|at| {
            let centre = [[0.0, 0.0], [9.0, 1.0], [1.0, 8.0]][heap(at)];
            let shift = (at * 7 % 5) as f32 / 10.0;
            [centre[0] + shift, centre[1] - shift]
        });
        let heaps = (0..18).map(|at| u32::try_from(heap(at)).expect("small"));
        (Matrix::from_row_major(18, 2, values.collect()).expect("a matrix"), heaps.collect())
    }

    #[test]
    fn separated_heaps_are_clusters_by_size() {
        let (vectors, heaps) = heaps();
        let rows: Vec<u32> = (0..18).collect();
        assert_eq!(clusters(&vectors, &rows, 0), Some(heaps.clone()));
        assert_eq!(clusters(&vectors, &rows, 3), Some(heaps.clone()));
        let some = clusters(&vectors, &rows[..10], 3).expect("clusters");
        assert_eq!(some, heaps[..10]);
        let two = clusters(&vectors, &rows, 2).expect("clusters");
        assert_eq!(two.iter().max(), Some(&1));
    }

    #[test]
    fn equal_vectors_have_no_clusters() {
        let matrix = |values: &[f32]| Matrix::from_row_major(values.len(), 1, values.to_vec());
        assert_eq!(clusters(&matrix(&[1.0, 1.0]).expect("a matrix"), &[0, 1], 2), None);
        assert_eq!(clusters(&matrix(&[f32::NAN, 1.0]).expect("a matrix"), &[0, 1], 2), None);
        assert_eq!(clusters(&matrix(&[1.0]).expect("a matrix"), &[0], 2), None);
        let two = clusters(&matrix(&[1.0, 2.0]).expect("a matrix"), &[0, 1], 9);
        assert_eq!(two, Some(vec![0, 1]));
    }
}
