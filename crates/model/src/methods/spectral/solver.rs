//! Eigensolver for the largest eigenpairs of the normalised adjacency: subspace iteration with a Chebyshev
//! filter (Zhou, Saad, Tiago & Chelikowsky 2006, J. Comput. Phys. 219, algorithm 4.1) on a block of vectors.
//!
//! A block is required because graphs have eigenvalues of high multiplicity (a hundred isomorphic components
//! have a hundred equal ones), and the Krylov space of a single vector, which faer's partial self-adjoint
//! solver uses, contains only one eigenvector of each. Polynomials of `S` are applied by sparse products on
//! all threads; faer solves the small dense problems.
//!
//! Every sum over rows uses partial sums of fixed chunks, so the number of threads does not change any bit.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::{Mat, Par, Spec};
use rand_chacha::ChaCha8Rng;

use super::operator::{Combination, NormalisedAdjacency, NullVectors};
use crate::{Callback, ModelError};
use vgae_nn::training::check_cancelled;
use vgae_numerics::Scalar;
use vgae_numerics::elementary::acosh;
use vgae_numerics::parallel::{PerChunk, RowChunks, Rows};
use vgae_numerics::product::{View, multiply};

/// Number of nodes below which the dense solver is faster.
const DENSE: usize = 512;
/// Convergence threshold for `|S v - theta v|` of a unit vector.
const TOLERANCE: f64 = 1e-10;
/// Maximum number of filter applications.
const MOST_ITERATIONS: usize = 200;

/// Eigenpairs of the normalised adjacency in descending order.
#[derive(Debug)]
pub(super) struct Eigenpairs {
    pub(super) values: Vec<f64>,
    /// `N x count`, row-major; columns of unit length.
    pub(super) vectors: Vec<f64>,
    /// Number of filter applications; 0 for the dense solver.
    pub(super) iterations: usize,
}

/// Returns the `count` largest eigenpairs of `operator` that are orthogonal to `known`. Requires `count +
/// known.count <= N`.
pub(super) fn largest(
    operator: &NormalisedAdjacency,
    known: &NullVectors,
    count: usize,
    rng: &mut ChaCha8Rng,
    callback: &mut dyn Callback,
) -> Result<Eigenpairs, ModelError> {
    let nodes = operator.nodes();
    // More vectors than requested, since those near the edge of the block converge last.
    let width = (count + (count / 4).max(16)).next_multiple_of(8);
    if nodes <= DENSE || 3 * width > nodes {
        dense(operator, known, count)
    } else {
        filtered(operator, known, (count, width), rng, callback)
    }
}

fn filtered(
    operator: &NormalisedAdjacency,
    known: &NullVectors,
    (count, width): (usize, usize),
    rng: &mut ChaCha8Rng,
    callback: &mut dyn Callback,
) -> Result<Eigenpairs, ModelError> {
    let mut block = Block {
        operator,
        known,
        width,
        x: (0..operator.nodes() * width).map(|_| f32::standard_normal(rng).into()).collect(),
        product: vec![0.0; operator.nodes() * width],
        spare: vec![0.0; operator.nodes() * width],
    };
    // The spectrum is unknown at first: damp its lower half.
    let mut filter = Filter { cut: 0.0, top: 1.0, degree: 8 };
    let mut worst = f64::INFINITY;
    for (iteration, number) in (1..=MOST_ITERATIONS).zip(1..) {
        block.filter(filter);
        block.orthonormalise();
        block.orthonormalise();
        let values = block.rayleigh_ritz();
        let residuals = column_norms(operator.chunks(), &block.residual_rows(&values), width);
        worst = residuals[..count].iter().copied().fold(0.0, f64::max);
        callback.step(number, None);
        check_cancelled(callback)?;
        if worst <= TOLERANCE {
            let vectors = block.x.chunks_exact(width).flat_map(|row| &row[..count]).copied();
            return Ok(Eigenpairs {
                vectors: vectors.collect(),
                values: values[..count].to_vec(),
                iterations: iteration,
            });
        }
        filter = Filter::after(&values, count);
    }
    Err(ModelError::NotConverged { iterations: MOST_ITERATIONS, residual: worst })
}

/// Chebyshev polynomial with absolute value of at most 1 in the unwanted interval `[-1, cut]` and the fastest
/// growth above, divided by its value at `top`.
#[derive(Debug, Clone, Copy)]
struct Filter {
    cut: f64,
    top: f64,
    degree: usize,
}

impl Filter {
    /// Returns the next filter, given the current values in descending order, of which `count` are wanted.
    fn after(values: &[f64], count: usize) -> Self {
        let (top, wanted, last) = (values[0], values[count - 1], values[values.len() - 1]);
        // Slightly below the block's last value, so that a multiple eigenvalue that does not fit into the
        // block still grows relative to lower ones.
        let cut = last - 0.02 * (1.0 - last).max(1e-3);
        let filter = Self { cut, top, degree: 0 };
        // Each pass amplifies the last wanted value by e^14 relative to the cut, but the first by at most
        // e^26 relative to the last wanted one: otherwise all columns converge to the first vector.
        let (wanted, top) = (filter.growth(wanted), filter.growth(top));
        let degree = (14.0 / wanted).min(26.0 / (top - wanted).max(1e-3)).clamp(8.0, 200.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "8 to 200")]
        let degree = degree as usize;
        Self { degree, ..filter }
    }

    /// Returns half the width of the interval, and its centre.
    fn interval(self) -> (f64, f64) {
        (0.5 * (1.0 + self.cut), 0.5 * (self.cut - 1.0))
    }

    /// Returns the logarithm of the growth per degree of an eigenvalue above the cut.
    fn growth(self, value: f64) -> f64 {
        let (radius, centre) = self.interval();
        acosh(((value - centre) / radius).max(1.0 + 1e-9))
    }
}

/// `width` vectors of length `N` as columns of `N x width` matrices.
struct Block<'a> {
    operator: &'a NormalisedAdjacency,
    known: &'a NullVectors,
    width: usize,
    x: Vec<f64>,
    /// `S x`, after [`Block::rayleigh_ritz`].
    product: Vec<f64>,
    spare: Vec<f64>,
}

impl Block<'_> {
    /// Computes `x = p(S) x`, orthogonal to the known vectors.
    fn filter(&mut self, filter: Filter) {
        let (radius, centre) = filter.interval();
        let first = radius / (filter.top - centre);
        // Rounding reintroduces the known vectors, which grow fastest; they are projected out before they
        // grow by e^9.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 1000")]
        let pause = (9.0 / filter.growth(1.0)).clamp(1.0, 1000.0) as usize;
        let mut sigma = first;
        let start =
            Combination { product: first / radius, same: -centre * first / radius, before: 0.0 };
        self.operator.combine(start, &self.x, &self.x, self.width, &mut self.product);
        for step in 1..filter.degree {
            if step % pause == 0 {
                self.known.project_out(&mut self.x, self.width);
                self.known.project_out(&mut self.product, self.width);
            }
            let next = 1.0 / (2.0 / first - sigma);
            let combination = Combination {
                product: 2.0 * next / radius,
                same: -2.0 * centre * next / radius,
                before: -sigma * next,
            };
            let (now, before) = (&self.product, &self.x);
            self.operator.combine(combination, now, before, self.width, &mut self.spare);
            // x, product, spare: previous, current, next.
            std::mem::swap(&mut self.x, &mut self.product);
            std::mem::swap(&mut self.product, &mut self.spare);
            sigma = next;
        }
        std::mem::swap(&mut self.x, &mut self.product);
        self.known.project_out(&mut self.x, self.width);
    }

    /// Orthonormalises the columns by the eigenvectors of their Gram matrix (Stathopoulos & Wu 2002, SIAM J.
    /// Sci. Comput. 23, "SVQB"). Two calls reach working precision.
    fn orthonormalise(&mut self) {
        let (chunks, width) = (self.operator.chunks(), self.width);
        for (column, norm) in column_norms(chunks, &self.x, width).into_iter().enumerate() {
            let scale = if norm > 0.0 { 1.0 / norm } else { 0.0 };
            self.x[column..].iter_mut().step_by(width).for_each(|value| *value *= scale);
        }
        let gram = gram(chunks, &self.x, &self.x, width);
        let (values, mut vectors) = eigen(&gram);
        let least = values[0] * f64::EPSILON * width as f64;
        for (column, &value) in values.iter().enumerate() {
            let scale = 1.0 / value.max(least).sqrt();
            vectors.col_mut(column).iter_mut().for_each(|entry| *entry *= scale);
        }
        times(chunks, &self.x, &vectors, &mut self.spare);
        std::mem::swap(&mut self.x, &mut self.spare);
    }

    /// Rotates orthonormal columns to the best approximations of eigenvectors in their span (Rayleigh-Ritz).
    /// Returns the values in descending order.
    fn rayleigh_ritz(&mut self) -> Vec<f64> {
        let (chunks, width) = (self.operator.chunks(), self.width);
        self.operator.apply(&self.x, width, &mut self.product);
        let (values, vectors) = eigen(&gram(chunks, &self.x, &self.product, width));
        for matrix in [&mut self.x, &mut self.product] {
            times(chunks, matrix, &vectors, &mut self.spare);
            std::mem::swap(matrix, &mut self.spare);
        }
        values
    }

    /// Returns `S x - x diag(values)`.
    fn residual_rows(&self, values: &[f64]) -> Vec<f64> {
        let rows = self.product.chunks_exact(self.width).zip(self.x.chunks_exact(self.width));
        rows.flat_map(|(s_x, x)| {
            s_x.iter().zip(x).zip(values).map(|((s_x, x), value)| s_x - value * x)
        })
        .collect()
    }
}

/// Returns the eigenpairs of a small graph from faer's dense solver, with the known ones moved to the end.
pub(super) fn dense(
    operator: &NormalisedAdjacency,
    known: &NullVectors,
    count: usize,
) -> Result<Eigenpairs, ModelError> {
    let nodes = operator.nodes();
    let mut identity = vec![0.0; nodes * nodes];
    identity.iter_mut().step_by(nodes + 1).for_each(|value| *value = 1.0);
    let mut matrix = vec![0.0; nodes * nodes];
    operator.apply(&identity, nodes, &mut matrix);
    // All eigenvalues are in [-1, 1], and the known ones are 1: subtracting 3 moves them below all others.
    for (row, component) in known.component.iter().enumerate() {
        for (column, other) in known.component.iter().enumerate() {
            if component.is_some() && component == other {
                matrix[row * nodes + column] -= 3.0 * known.values[row] * known.values[column];
            }
        }
    }
    let matrix = Mat::from_fn(nodes, nodes, |row, column| {
        0.5 * (matrix[row * nodes + column] + matrix[column * nodes + row])
    });
    let (values, vectors) = eigen(&matrix);
    if !values.iter().all(|value| value.is_finite()) {
        return Err(ModelError::NotConverged { iterations: 0, residual: f64::NAN });
    }
    let entries = (0..nodes).flat_map(|row| (0..count).map(move |column| (row, column)));
    Ok(Eigenpairs {
        vectors: entries.map(|(row, column)| vectors[(row, column)]).collect(),
        values: values[..count].to_vec(),
        iterations: 0,
    })
}

/// Returns the eigenpairs of a small symmetric matrix in descending order; NaN if the solver fails.
fn eigen(matrix: &Mat<f64>) -> (Vec<f64>, Mat<f64>) {
    let size = matrix.nrows();
    let mut values = faer::Col::<f64>::zeros(size);
    let mut vectors = Mat::zeros(size, size);
    let scratch =
        self_adjoint_evd_scratch::<f64>(size, ComputeEigenvectors::Yes, Par::Seq, Spec::default());
    let found = self_adjoint_evd(
        matrix.as_ref(),
        values.as_mut().as_diagonal_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Spec::default(),
    );
    if found.is_err() {
        values.fill(f64::NAN);
    }
    let vectors = Mat::from_fn(size, size, |row, column| vectors[(row, size - 1 - column)]);
    (values.iter().rev().copied().collect(), vectors)
}

/// Returns `a^T b`, both `N x width`.
fn gram(chunks: &RowChunks, a: &[f64], b: &[f64], width: usize) -> Mat<f64> {
    let size = width * width;
    let mut partial = vec![0.0; chunks.len() * size];
    chunks.for_each(PerChunk { size, data: partial.as_mut_slice() }, |_, rows, out| {
        let range = rows.start * width..rows.end * width;
        let of = |x| View::new(x, rows.len(), width);
        multiply(of(&a[range.clone()]).t(), of(&b[range]), out.data);
    });
    let mut total = vec![0.0; size];
    for part in partial.chunks_exact(size) {
        total.iter_mut().zip(part).for_each(|(total, part)| *total += part);
    }
    Mat::from_fn(width, width, |row, column| {
        0.5 * (total[row * width + column] + total[column * width + row])
    })
}

/// Computes `out = x w` for `N x width` matrices `x` and `out`, and square `w`.
fn times(chunks: &RowChunks, x: &[f64], w: &Mat<f64>, out: &mut [f64]) {
    let width = w.nrows();
    let columns: Vec<f64> = w.col_iter().flat_map(|column| column.iter().copied()).collect();
    let w = View::new(&columns, width, width).t();
    chunks.for_each(Rows::new(out, width), |_, rows, out| {
        let x = View::new(&x[rows.start * width..rows.end * width], rows.len(), width);
        multiply(x, w, out.data);
    });
}

/// Returns the L2 norms of the columns of `x`, `N x width`.
pub(super) fn column_norms(chunks: &RowChunks, x: &[f64], width: usize) -> Vec<f64> {
    let mut partial = vec![0.0; chunks.len() * width];
    chunks.for_each(PerChunk { size: width, data: partial.as_mut_slice() }, |_, rows, sums| {
        for x in x[rows.start * width..rows.end * width].chunks_exact(width) {
            sums.data.iter_mut().zip(x).for_each(|(sum, x)| *sum += x * x);
        }
    });
    let mut total = vec![0.0; width];
    for part in partial.chunks_exact(width) {
        total.iter_mut().zip(part).for_each(|(total, part)| *total += part);
    }
    total.into_iter().map(f64::sqrt).collect()
}
