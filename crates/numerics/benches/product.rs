//! Dense products of the shapes that trainings use, beside faer's (`cargo bench -p vgae-numerics --bench product`).
//! Both run in turn on one thread; prints a Markdown table of medians. Limit the level with `VGAE_SIMD`; faer's
//! products are not limited.

#![expect(clippy::print_stdout, reason = "prints a table")]

use std::hint::black_box;
use std::time::Instant;

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use vgae_numerics::Scalar;
use vgae_numerics::product::{View, multiply};
use vgae_numerics::simd;

/// Orders of the operands: `A` and `B` as stored, `B` transposed, `A` transposed.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Plain,
    RightTransposed,
    LeftTransposed,
}

use Form::{LeftTransposed, Plain, RightTransposed};

/// Product `m x k` by `k x n`, and the distance between rows of what is stored per node or sample.
type Case = (&'static str, Form, [usize; 3], usize);

const SINGLE: &[Case] = &[
    ("GAE: H W", Plain, [256, 32, 16], 32),
    ("GAE: dY W^T", RightTransposed, [256, 16, 32], 16),
    ("GAE: H^T dY", LeftTransposed, [32, 256, 16], 32),
    ("deep GAE: H W", Plain, [256, 32, 32], 32),
    ("hidden 256, latent 256: H W", Plain, [309, 256, 256], 256),
    ("hidden 256, latent 256: dY W^T", RightTransposed, [309, 256, 256], 256),
    ("hidden 256, latent 256: H^T dY", LeftTransposed, [256, 309, 256], 256),
    ("learned decoder: X W0^T", RightTransposed, [256, 256, 32], 321),
    ("learned decoder: H W1^T", RightTransposed, [256, 32, 1], 321),
    ("learned decoder: dY W0", Plain, [256, 32, 256], 321),
    ("learned decoder: dY W1", Plain, [256, 1, 32], 321),
    ("learned decoder: dY^T X", LeftTransposed, [8, 18_838, 256], 321),
    ("learned decoder: dY^T H", LeftTransposed, [1, 18_838, 32], 321),
    ("images: X W^T", RightTransposed, [32, 784, 400], 3312),
    ("images: H W^T", RightTransposed, [32, 400, 784], 3312),
    ("images: H W^T, head", RightTransposed, [32, 400, 40], 3312),
    ("images: dY W", Plain, [32, 784, 400], 3312),
    ("images: dY^T X", LeftTransposed, [48, 128, 784], 3312),
    ("images: dY^T H", LeftTransposed, [49, 128, 400], 3312),
    ("all pairs: Z Z^T, 16", RightTransposed, [256, 16, 256], 16),
    ("all pairs: Z Z^T, 128", RightTransposed, [256, 128, 256], 128),
    ("PCA: X^T X", LeftTransposed, [112, 1024, 112], 500),
    ("1024^3", Plain, [1024, 1024, 1024], 1024),
];

const DOUBLE: &[Case] = &[
    ("spectral: X^T Y", LeftTransposed, [160, 309, 160], 160),
    ("spectral: X W", RightTransposed, [309, 160, 160], 160),
    ("spectral: X^T Y, Cora", LeftTransposed, [160, 700, 160], 160),
    ("PCA: X axes", RightTransposed, [1024, 784, 32], 784),
    ("PCA: code axes^T", Plain, [1024, 32, 784], 32),
];

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    simd::limit_by_environment().expect("the level");
    println!("| product | m x k x n | type | ours | faer | ours / faer |");
    println!("|---|---|---|---|---|---|");
    for case in SINGLE {
        measure::<f32>(case, "f32");
    }
    for case in DOUBLE {
        measure::<f64>(case, "f64");
    }
}

fn measure<T: Scalar>(&(name, form, [m, k, n], stride): &Case, of: &str) {
    let values = |count: usize| -> Vec<T> {
        (0..count).map(|at| T::from_f64((at as f64 * 0.7).sin())).collect()
    };
    let ((a_rows, a_cols), (b_rows, b_cols)) = match form {
        Plain => ((m, k), (k, n)),
        RightTransposed => ((m, k), (n, k)),
        LeftTransposed => ((k, m), (k, n)),
    };
    let a = values(a_rows * stride.max(a_cols));
    // Weights are contiguous; for gradients both operands are per node or sample.
    let b_stride = if form == LeftTransposed { stride.max(b_cols) } else { b_cols };
    let a_stride = stride.max(a_cols);
    let b = values(b_rows * b_stride);
    let mut c = vec![T::ZERO; m * n];
    let mut ours = || {
        let a = View::columns(&a, a_stride, 0, (a_rows, a_cols));
        let b = View::columns(&b, b_stride, 0, (b_rows, b_cols));
        match form {
            Plain => multiply(a, b, &mut c),
            RightTransposed => multiply(a, b.t(), &mut c),
            LeftTransposed => multiply(a.t(), b, &mut c),
        }
        black_box(&c);
    };
    let mut other = vec![T::ZERO; m * n];
    let mut faers = || {
        let a = MatRef::from_row_major_slice(&a, a_rows, a_stride).subcols(0, a_cols);
        let b = MatRef::from_row_major_slice(&b, b_rows, b_stride).subcols(0, b_cols);
        let c = MatMut::from_row_major_slice_mut(&mut other, m, n);
        match form {
            Plain => matmul(c, Accum::Replace, a, b, T::ONE, Par::Seq),
            RightTransposed => matmul(c, Accum::Replace, a, b.transpose(), T::ONE, Par::Seq),
            LeftTransposed => matmul(c, Accum::Replace, a.transpose(), b, T::ONE, Par::Seq),
        }
        black_box(&other);
    };
    let flops = 2.0 * (m * k * n) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 1000")]
    let times = (2e7 / flops).clamp(1.0, 1000.0) as usize;
    let (mut our_times, mut faer_times) = (Vec::new(), Vec::new());
    for _ in 0..41 {
        our_times.push(seconds(times, &mut ours));
        faer_times.push(seconds(times, &mut faers));
    }
    let (ours, faers) = (median(our_times), median(faer_times));
    println!(
        "| {name} | {m} x {k} x {n} | {of} | {:.1} us, {:.0} GFLOP/s | {:.1} us, {:.0} GFLOP/s | {:.2} |",
        ours * 1e6,
        flops / ours / 1e9,
        faers * 1e6,
        flops / faers / 1e9,
        ours / faers
    );
}

fn seconds(times: usize, work: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..times).for_each(|_| work());
    start.elapsed().as_secs_f64() / times as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
