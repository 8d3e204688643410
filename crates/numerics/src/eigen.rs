//! Eigenpairs of small symmetric matrices with the same bits on every processor.

/// Iterations per eigenvalue, at most; two are usual.
const MOST_ITERATIONS: usize = 60;

/// Eigenpairs of a symmetric matrix in descending order of the eigenvalues.
#[derive(Debug, Clone)]
pub struct SymmetricEigen {
    /// Eigenvalues.
    pub values: Vec<f64>,
    /// Eigenvectors of unit length, one per row.
    pub vectors: Vec<f64>,
}

impl SymmetricEigen {
    /// Decomposes a symmetric `size x size` matrix by Householder reflections to a tridiagonal one and the implicit QL
    /// algorithm (Wilkinson & Reinsch 1971, contributions II/2 and II/4). Errors are of the order of the rounding of the
    /// largest eigenvalue. Returns `None` for values that are not finite.
    ///
    /// # Panics
    /// When `matrix` has another number of values.
    #[must_use]
    pub fn new(mut matrix: Vec<f64>, size: usize) -> Option<Self> {
        assert_eq!(matrix.len(), size * size, "values of a {size} x {size} matrix");
        let mut vectors = vec![0.0; size * size];
        for value in vectors.iter_mut().step_by(size + 1) {
            *value = 1.0;
        }
        for column in 0..size.saturating_sub(2) {
            reflect(&mut matrix, size, column, &mut vectors);
        }
        let mut diagonal: Vec<f64> = (0..size).map(|at| matrix[at * size + at]).collect();
        let mut beside: Vec<f64> =
            (1..size).map(|at| matrix[at * size + at - 1]).chain([0.0]).take(size).collect();
        for first in 0..size {
            diagonalise(first, &mut diagonal, &mut beside, &mut vectors)?;
        }
        if !diagonal.iter().all(|value| value.is_finite()) {
            return None;
        }
        let mut order: Vec<usize> = (0..size).collect();
        order.sort_by(|&a, &b| diagonal[b].total_cmp(&diagonal[a]));
        Some(Self {
            values: order.iter().map(|&at| diagonal[at]).collect(),
            vectors: order.iter().flat_map(|&at| &vectors[at * size..][..size]).copied().collect(),
        })
    }
}

/// Reflects the rows and columns after `column`, so that its values more than one place below the diagonal become 0. The
/// rows of `vectors` are reflected too.
fn reflect(matrix: &mut [f64], size: usize, column: usize, vectors: &mut [f64]) {
    let first = column + 1;
    let mut v: Vec<f64> = (first..size).map(|row| matrix[row * size + column]).collect();
    let rest: f64 = v[1..].iter().map(|value| value * value).sum();
    if rest == 0.0 {
        return;
    }
    let length = (v[0] * v[0] + rest).sqrt();
    let image = if v[0] > 0.0 { -length } else { length };
    v[0] -= image;
    let factor = 2.0 / (v[0] * v[0] + rest);

    // A - v w^T - w v^T with w = p - (factor / 2) (p . v) v and p = factor A v.
    let mut w: Vec<f64> = (first..size)
        .map(|row| factor * dot(&matrix[row * size + first..(row + 1) * size], &v))
        .collect();
    let along = 0.5 * factor * dot(&w, &v);
    w.iter_mut().zip(&v).for_each(|(w, v)| *w -= along * v);
    for (row, (&v_row, &w_row)) in (first..size).zip(v.iter().zip(&w)) {
        let values = &mut matrix[row * size + first..(row + 1) * size];
        for (value, (v, w)) in values.iter_mut().zip(v.iter().zip(&w)) {
            *value -= v_row * w + w_row * v;
        }
    }
    matrix[first * size + column] = image;

    let mut sums = vec![0.0; size];
    for (row, &v) in vectors[first * size..].chunks_exact(size).zip(&v) {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += factor * v * value);
    }
    for (row, &v) in vectors[first * size..].chunks_exact_mut(size).zip(&v) {
        row.iter_mut().zip(&sums).for_each(|(value, sum)| *value -= v * sum);
    }
}

/// Rotates the tridiagonal matrix until value `first` beside the diagonal is 0. `None` if it does not converge.
fn diagonalise(
    first: usize,
    diagonal: &mut [f64],
    beside: &mut [f64],
    vectors: &mut [f64],
) -> Option<()> {
    let size = diagonal.len();
    for _ in 0..MOST_ITERATIONS {
        let is_zero = |at: usize| {
            let scale = diagonal[at].abs() + diagonal[at + 1].abs();
            beside[at].abs() <= f64::EPSILON * scale
        };
        let last = (first..size - 1).find(|&at| is_zero(at)).unwrap_or(size - 1);
        if last == first {
            return Some(());
        }
        // Wilkinson's shift.
        let half = (diagonal[first + 1] - diagonal[first]) / (2.0 * beside[first]);
        let root = (half * half + 1.0).sqrt();
        let root = if half < 0.0 { half - root } else { half + root };
        let mut g = diagonal[last] - diagonal[first] + beside[first] / root;
        let (mut sine, mut cosine, mut shift) = (1.0, 1.0, 0.0);
        let mut split = false;
        for at in (first..last).rev() {
            let (f, b) = (sine * beside[at], cosine * beside[at]);
            let length = (f * f + g * g).sqrt();
            beside[at + 1] = length;
            if length == 0.0 {
                diagonal[at + 1] -= shift;
                beside[last] = 0.0;
                split = true;
                break;
            }
            (sine, cosine) = (f / length, g / length);
            g = diagonal[at + 1] - shift;
            let r = (diagonal[at] - g) * sine + 2.0 * cosine * b;
            shift = sine * r;
            diagonal[at + 1] = g + shift;
            g = cosine * r - b;
            let (upper, lower) = vectors[at * size..(at + 2) * size].split_at_mut(size);
            for (upper, lower) in upper.iter_mut().zip(lower) {
                (*upper, *lower) =
                    (cosine * *upper - sine * *lower, sine * *upper + cosine * *lower);
            }
        }
        if !split {
            diagonal[first] -= shift;
            beside[first] = g;
            beside[last] = 0.0;
        }
    }
    None
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn symmetric() -> impl Strategy<Value = (usize, Vec<f64>)> {
        (1usize..24).prop_flat_map(|size| {
            let values = prop::collection::vec(prop_oneof![Just(0.0), -2.0..2.0f64], size * size);
            values.prop_map(move |values| {
                let entry = |at: usize| values[at] + values[at % size * size + at / size];
                (size, (0..size * size).map(entry).collect())
            })
        })
    }

    proptest! {
        /// The definition: `A v = lambda v`, with orthonormal vectors and descending values.
        #[test]
        fn pairs_are_eigenpairs((size, matrix) in symmetric()) {
            let found = SymmetricEigen::new(matrix.clone(), size).expect("finite values");
            prop_assert!(found.values.is_sorted_by(|a, b| a >= b));
            let vector = |at: usize| &found.vectors[at * size..(at + 1) * size];
            for (at, value) in found.values.iter().enumerate() {
                for (row, &entry) in matrix.chunks(size).zip(vector(at)) {
                    prop_assert!((dot(row, vector(at)) - value * entry).abs() < 1e-12);
                }
                for other in 0..size {
                    let expected = if at == other { 1.0 } else { 0.0 };
                    prop_assert!((dot(vector(at), vector(other)) - expected).abs() < 1e-13);
                }
            }
        }
    }

    #[test]
    fn odd_matrices() {
        let none = SymmetricEigen::new(Vec::new(), 0).expect("empty");
        assert!(none.values.is_empty() && none.vectors.is_empty());
        // A multiple eigenvalue, a large one and zeros.
        let ones = SymmetricEigen::new(vec![1.0; 36], 6).expect("rank 1");
        assert!((ones.values[0] - 6.0).abs() < 1e-13, "{:?}", ones.values);
        assert!(ones.values[1..].iter().all(|value| value.abs() < 1e-13), "{:?}", ones.values);
        assert!(SymmetricEigen::new(vec![f64::NAN; 9], 3).is_none());
        assert!(SymmetricEigen::new(vec![f64::INFINITY; 9], 3).is_none());
    }
}
