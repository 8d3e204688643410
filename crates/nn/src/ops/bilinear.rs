//! Bilinear forms with a diagonal matrix per type of pair: `s = b_t + sum over k of d_tk z_ik z_jk` of the pair
//! `(i, j)` of type `t` (`DistMult`: Yang, Yih, He, Gao & Deng 2015, "Embedding entities and relations for learning
//! and inference in knowledge bases", arXiv 1412.6575). `Z` is `N x width`, `D` is `types x width`; a form does not
//! depend on the direction of the pair.
//!
//! Backward: `d_z_i = sum over the pairs of i of slope * d_t * z_j`, gathered by node; `d_d_t = sum over the pairs
//! of type t of slope * z_i * z_j` and `d_b_t = sum of slope`, summed over fixed chunks of pairs. Nothing is
//! scattered, so the bits do not depend on the number of threads.

use vgae_artifacts::Pair;
use vgae_numerics::Scalar;
use vgae_numerics::parallel::{PerChunk, RowChunks, Rows};
use vgae_numerics::simd::{LANES, vectorised};

use super::pair_product::Meetings;

/// Pairs of nodes, each of a type.
#[derive(Debug)]
pub struct TypedPairs {
    pairs: Vec<Pair>,
    /// Type of each pair; all are of type 0 without it.
    types: Option<Vec<u32>>,
    meetings: Meetings,
    chunks: RowChunks,
}

impl TypedPairs {
    /// Creates pairs of two different nodes below `nodes`, with a type per pair unless all are of type 0.
    #[must_use]
    pub fn new(nodes: usize, pairs: Vec<Pair>, types: Option<Vec<u32>>) -> Self {
        let (meetings, chunks) = (Meetings::new(nodes, &pairs), RowChunks::even(pairs.len(), 256));
        Self { pairs, types, meetings, chunks }
    }

    /// Returns the number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Returns whether there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    #[inline(always)]
    fn type_of(&self, pair: usize) -> usize {
        self.types.as_ref().map_or(0, |types| types[pair] as usize)
    }
}

/// Parameters of the forms, or their gradient.
#[derive(Debug)]
pub struct Forms<D> {
    /// Diagonals, `types x width`.
    pub diagonals: D,
    /// Biases, one per type.
    pub biases: D,
}

/// Returns the form of one pair.
#[inline(always)]
pub fn form<T: Scalar>(diagonal: &[T], bias: T, a: &[T], b: &[T]) -> T {
    let mut lanes = [T::ZERO; LANES];
    let all = diagonal.chunks(LANES).zip(a.chunks(LANES)).zip(b.chunks(LANES));
    for ((diagonal, a), b) in all {
        for (((lane, &diagonal), &a), &b) in lanes.iter_mut().zip(diagonal).zip(a).zip(b) {
            *lane = (a * b).fused(diagonal, *lane);
        }
    }
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
        half /= 2;
    }
    bias + lanes[0]
}

/// Returns the form of one pair of stored vectors, summed in `f64`.
#[must_use]
pub fn form_of(diagonal: &[f32], bias: f32, a: &[f32], b: &[f32]) -> f64 {
    let products = diagonal.iter().zip(a).zip(b);
    let products = products.map(|((&d, &a), &b)| f64::from(d) * (f64::from(a) * f64::from(b)));
    products.sum::<f64>() + f64::from(bias)
}

/// Writes the form of each pair to `values`.
pub fn forward<T: Scalar>(
    pairs: &TypedPairs,
    (z, width): (&[T], usize),
    forms: &Forms<&[T]>,
    values: &mut [T],
) {
    pairs.chunks.for_each(Rows::new(values, 1), |_, range, values| {
        vectorised(
            #[inline(always)]
            || {
                for (at, value) in range.zip(values.data.iter_mut()) {
                    let (pair, of) = (pairs.pairs[at], pairs.type_of(at));
                    let diagonal = &forms.diagonals[of * width..][..width];
                    let (a, b) = (row(z, width, pair.src), row(z, width, pair.dst));
                    *value = form(diagonal, forms.biases[of], a, b);
                }
            },
        );
    });
}

/// Adds the gradient with respect to `z` to `d_z`, and writes that of the parameters to `d_forms`. `slopes` are the
/// derivatives of the loss with respect to the forms.
pub fn backward<T: Scalar>(
    pairs: &TypedPairs,
    (z, width): (&[T], usize),
    forms: &Forms<&[T]>,
    slopes: &[T],
    d_z: &mut [T],
    d_forms: Forms<&mut [T]>,
) {
    pairs.meetings.for_each_node(Rows::new(d_z, width), |d_z, at, other| {
        let diagonal = &forms.diagonals[pairs.type_of(at) * width..][..width];
        let products = d_z.iter_mut().zip(diagonal).zip(row(z, width, other));
        for ((d_z, &diagonal), &z) in products {
            *d_z = (slopes[at] * diagonal).fused(z, *d_z);
        }
    });
    let types = d_forms.biases.len();
    let size = types * (width + 1);
    let mut partial = vec![T::ZERO; pairs.chunks.len() * size];
    pairs.chunks.for_each(PerChunk { size, data: &mut partial[..] }, |_, range, sums| {
        vectorised(
            #[inline(always)]
            || {
                for at in range {
                    let (pair, slope, of) = (pairs.pairs[at], slopes[at], pairs.type_of(at));
                    // The sum of slopes comes first.
                    let sums = &mut sums.data[of * (width + 1)..][..=width];
                    sums[0] += slope;
                    let (a, b) = (row(z, width, pair.src), row(z, width, pair.dst));
                    for ((sum, &a), &b) in sums[1..].iter_mut().zip(a).zip(b) {
                        *sum = (slope * a).fused(b, *sum);
                    }
                }
            },
        );
    });
    let (d_diagonals, d_biases) = (d_forms.diagonals, d_forms.biases);
    d_diagonals.fill(T::ZERO);
    d_biases.fill(T::ZERO);
    for sums in partial.chunks_exact(size) {
        let sums = sums.chunks_exact(width + 1);
        for ((sums, d), d_bias) in
            sums.zip(d_diagonals.chunks_exact_mut(width)).zip(d_biases.iter_mut())
        {
            *d_bias += sums[0];
            for (d, &sum) in d.iter_mut().zip(&sums[1..]) {
                *d += sum;
            }
        }
    }
}

#[inline(always)]
fn row<T>(z: &[T], width: usize, node: u32) -> &[T] {
    &z[node as usize * width..][..width]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::bernoulli;
    use vgae_testing::{golden, golden_edges, gradcheck, on_threads, uniform};

    fn typed(nodes: u32, types: u32) -> TypedPairs {
        let pairs = (0..3 * nodes).map(|at| Pair::new(at % nodes, (at * 7 + 1) % nodes));
        let pairs: Vec<Pair> = pairs.filter(|pair| !pair.is_self_loop()).collect();
        let of = (0..).take(pairs.len()).map(|at: u32| at * 5 % types).collect();
        TypedPairs::new(nodes as usize, pairs, (types > 1).then_some(of))
    }

    /// The formula, term by term.
    fn naive(pairs: &TypedPairs, z: &[f64], width: usize, d: &[f64], b: &[f64]) -> Vec<f64> {
        let value = |at: usize| {
            let (pair, of) = (pairs.pairs[at], pairs.type_of(at));
            let (i, j) = (pair.src as usize * width, pair.dst as usize * width);
            b[of] + (0..width).map(|k| d[of * width + k] * z[i + k] * z[j + k]).sum::<f64>()
        };
        (0..pairs.len()).map(value).collect()
    }

    #[test]
    fn the_values_are_the_formula_and_the_gradients_those_of_finite_differences() {
        for (types, width) in [(1, 3), (3, 17), (2, 32)] {
            let pairs = typed(9, types);
            let z = gradcheck::point(9 * width, 1);
            let d = gradcheck::point(types as usize * width, 2);
            let b = gradcheck::point(types as usize, 3);
            let slopes = gradcheck::point(pairs.len(), 4);
            let forms = Forms { diagonals: &d[..], biases: &b[..] };
            let mut values = vec![0.0; pairs.len()];
            forward(&pairs, (&z, width), &forms, &mut values);
            for (found, expected) in values.iter().zip(naive(&pairs, &z, width, &d, &b)) {
                assert!((found - expected).abs() < 1e-12, "{found} for {expected}");
            }
            let (mut d_z, mut d_d, mut d_b) =
                (vec![0.0; z.len()], vec![9.0; d.len()], vec![9.0; b.len()]);
            let d_forms = Forms { diagonals: &mut d_d[..], biases: &mut d_b[..] };
            backward(&pairs, (&z, width), &forms, &slopes, &mut d_z, d_forms);
            let loss = |z: &[f64], d: &[f64], b: &[f64]| {
                gradcheck::dot(&naive(&pairs, z, width, d, b), &slopes)
            };
            gradcheck::assert_gradient("Z", &z, &d_z, |z| loss(z, &d, &b));
            gradcheck::assert_gradient("D", &d, &d_d, |d| loss(&z, d, &b));
            gradcheck::assert_gradient("b", &b, &d_b, |b| loss(&z, &d, b));
        }
    }

    #[test]
    fn threads_change_no_bit() {
        let (width, pairs) = (20, typed(4000, 3));
        #[expect(clippy::cast_possible_truncation, reason = "f32 is tested")]
        let point = |count, salt| -> Vec<f32> {
            gradcheck::point(count, salt).into_iter().map(|value| value as f32).collect()
        };
        let (z, d, b) = (point(4000 * width, 1), point(3 * width, 2), point(3, 3));
        let run = |threads| {
            on_threads(threads, || {
                let forms = Forms { diagonals: &d[..], biases: &b[..] };
                let mut values = vec![0.0; pairs.len()];
                forward(&pairs, (&z, width), &forms, &mut values);
                let (mut d_z, mut d_d, mut d_b) =
                    (vec![0.0; z.len()], vec![0.0; d.len()], vec![0.0; 3]);
                let d_forms = Forms { diagonals: &mut d_d[..], biases: &mut d_b[..] };
                backward(&pairs, (&z, width), &forms, &values, &mut d_z, d_forms);
                (values, d_z, d_d, d_b)
            })
        };
        assert!(run(1) == run(3));
    }

    #[test]
    fn forms_of_several_types_are_those_of_torch() {
        let (golden, nodes, width) = (&golden("torch_bilinear.json")["typed"], 40, 8);
        let edges = golden_edges(nodes);
        let types = (0u32..).take(edges.len()).map(|edge| edge % 3).collect();
        let truths: Vec<f64> =
            (0..edges.len()).map(|edge| if edge % 2 == 0 { 1.0 } else { 0.0 }).collect();
        let pairs = TypedPairs::new(nodes as usize, edges, Some(types));
        let point = |stream, count| uniform(stream, count).map(|u| u - 0.5).collect::<Vec<f64>>();
        let (z, d, b) = (point(7, nodes as usize * width), point(9, 3 * width), point(10, 3));
        let forms = Forms { diagonals: &d[..], biases: &b[..] };
        let mut slopes = vec![0.0; pairs.len()];
        forward(&pairs, (&z, width), &forms, &mut slopes);
        let each = 1.0 / pairs.len() as f64;
        let loss = each * bernoulli::in_f64(&truths, &mut slopes, each);
        let (mut d_z, mut d_d, mut d_b) =
            (vec![0.0; z.len()], vec![0.0; d.len()], vec![0.0; b.len()]);
        let d_forms = Forms { diagonals: &mut d_d[..], biases: &mut d_b[..] };
        backward(&pairs, (&z, width), &forms, &slopes, &mut d_z, d_forms);
        let expected = golden["loss"].as_f64().expect("a number");
        assert!((loss - expected).abs() < 1e-13, "{loss} for {expected}");
        for (key, found) in [("z", d_z), ("diagonal", d_d), ("bias", d_b)] {
            let expected = golden[key].as_array().expect("numbers");
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                let expected = expected.as_f64().expect("a number");
                assert!((found - expected).abs() < 1e-14, "{key}: {found} for {expected}");
            }
        }
    }
}
