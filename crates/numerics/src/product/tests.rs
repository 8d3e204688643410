use proptest::prelude::*;
use pulp::Simd;

use super::*;
use crate::Scalar;

/// Values of a matrix without any order.
fn values<T: Scalar>(count: usize, salt: usize) -> Vec<T> {
    let value = |at: usize| ((at * 37 + salt * 101 + 1) as f64 * 12.9898).sin();
    (0..count).map(|at| T::from_f64(value(at))).collect()
}

/// A matrix of which `rows x cols` values are used, in either order.
struct Operand<T> {
    data: Vec<T>,
    layout: Layout,
}

impl<T: Scalar> Operand<T> {
    fn new((rows, cols): (usize, usize), transposed: bool, padding: usize, salt: usize) -> Self {
        let (stored, stride) = if transposed { (cols, rows) } else { (rows, cols) };
        let stride = stride + padding;
        let layout = Layout { rows, cols, start: padding / 2, stride, transposed };
        Self { data: values(stored * stride + padding, salt), layout }
    }

    fn view(&self) -> View<'_, T> {
        View { data: &self.data, layout: self.layout }
    }
}

/// One sum per element.
fn naive<T: Scalar>(a: View<'_, T>, b: View<'_, T>, c: &mut [T]) {
    let cols = b.layout.cols;
    for row in 0..a.layout.rows {
        for col in 0..cols {
            let c = &mut c[row * cols + col];
            for k in 0..a.layout.cols {
                *c = a.data[a.layout.at(row, k)].fused(b.data[b.layout.at(k, col)], *c);
            }
        }
    }
}

fn bits<T: Scalar>(values: &[T]) -> Vec<u64> {
    values.iter().map(|value| value.to_f64().to_bits()).collect()
}

fn on<S: Simd, T: Scalar>(simd: S, a: View<'_, T>, b: View<'_, T>, c: &mut [T], add: bool) {
    let layout = row_major(&a, &b, c.len());
    let product = Product { source: Apart(a.data, c), a: a.layout, b, c: layout, add };
    if let Some(work) = product.check() {
        T::with_packed(|packed| simd.vectorize(work.packed_in(packed)));
    }
}

/// The product on every level of this processor, for all orders of the operands, and within one matrix.
fn assert_like_naive<T: Scalar>((m, k, n): (usize, usize, usize), padding: usize) {
    for (transposed_a, transposed_b) in [(false, false), (false, true), (true, false), (true, true)]
    {
        let a = Operand::<T>::new((m, k), transposed_a, padding, 1);
        let b = Operand::<T>::new((k, n), transposed_b, padding, 2);
        for add in [false, true] {
            let start = if add { values(m * n, 3) } else { vec![T::ZERO; m * n] };
            let mut expected = start.clone();
            naive(a.view(), b.view(), &mut expected);
            let compare = |found: &[T], what: &str| {
                let shape = (m, k, n, padding, transposed_a, transposed_b);
                assert_eq!(bits(found), bits(&expected), "{what}, {shape:?}");
            };
            let mut found = if add { start.clone() } else { values(m * n, 4) };
            if add {
                multiply_add(a.view(), b.view(), &mut found);
            } else {
                multiply(a.view(), b.view(), &mut found);
            }
            compare(&found, "best");
            let mut found = start.clone();
            on(pulp::Scalar, a.view(), b.view(), &mut found, add);
            compare(&found, "scalar");
            #[cfg(target_arch = "x86_64")]
            if let Some(simd) = pulp::x86::V3::try_new() {
                let mut found = start.clone();
                on(simd, a.view(), b.view(), &mut found, add);
                compare(&found, "avx2");
            }
            if add || transposed_a {
                continue;
            }
            // The left matrix and the result as columns of one matrix, in either order.
            for (from, to) in [(padding, k + 2 * padding), (n + padding, 0)] {
                let stride = k + n + 3 * padding;
                let mut rows = values::<T>(m * stride, 5);
                let before = rows.clone();
                for row in 0..m {
                    for at in 0..k {
                        rows[row * stride + from + at] = a.data[a.layout.at(row, at)];
                    }
                }
                multiply_within(&mut rows, stride, from, b.view(), to);
                let mut found = Vec::new();
                for (row, before) in
                    rows.chunks_exact(stride.max(1)).zip(before.chunks_exact(stride.max(1)))
                {
                    found.extend_from_slice(&row[to..to + n]);
                    for at in 0..stride {
                        let used = (from..from + k).contains(&at) || (to..to + n).contains(&at);
                        assert!(
                            used || row[at].to_f64().to_bits() == before[at].to_f64().to_bits(),
                            "untouched"
                        );
                    }
                }
                if stride > 0 {
                    compare(&found, "within");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn products_have_the_bits_of_the_naive_sum(
        m in 0usize..40,
        k in 0usize..20,
        n in 0usize..80,
        padding in 0usize..5,
    ) {
        assert_like_naive::<f32>((m, k, n), padding);
        assert_like_naive::<f64>((m, k, n), padding);
    }
}

#[test]
fn blocks_continue_from_the_stored_sum() {
    for shape in [(1, 1000, 1), (1, 600, 70), (70, 513, 1), (530, 300, 20), (25, 256, 33)] {
        assert_like_naive::<f32>(shape, 0);
        assert_like_naive::<f64>(shape, 3);
    }
}

#[test]
fn a_sum_keeps_what_is_no_number() {
    let a = [f32::NAN, 1.0, f32::INFINITY, 0.0];
    let mut c = [0.0; 2];
    multiply(View::new(&a, 2, 2), View::new(&[1.0, 0.0], 2, 1), &mut c);
    assert!(c[0].is_nan() && c[1].is_infinite());
}
