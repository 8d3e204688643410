//! Comparison of hand-written gradients with central differences in `f64`.

/// Step of the differences.
const EPS: f64 = 1e-6;
/// Allowed difference, relative to the numerical gradient.
const RTOL: f64 = 1e-3;
/// Allowed difference, absolute.
const ATOL: f64 = 1e-5;

/// The entry furthest outside its tolerance.
#[derive(Debug)]
pub struct Worst {
    /// Position in the gradient.
    pub index: usize,
    analytic: f64,
    numerical: f64,
    /// The difference divided by the tolerance: more than 1 is wrong.
    pub excess: f64,
}

/// Compares `gradient` with central differences of `f` at `point`.
///
/// # Errors
/// When an entry is outside its tolerance.
///
/// # Panics
/// When the lengths differ.
pub fn check(
    point: &[f64],
    gradient: &[f64],
    mut f: impl FnMut(&[f64]) -> f64,
) -> Result<(), Worst> {
    assert_eq!(point.len(), gradient.len(), "one derivative per coordinate");
    let mut at = point.to_vec();
    let mut worst = Worst { index: 0, analytic: 0.0, numerical: 0.0, excess: 0.0 };
    for index in 0..point.len() {
        let mut value_at = |x: f64| {
            at[index] = x;
            f(&at)
        };
        let numerical = (value_at(point[index] + EPS) - value_at(point[index] - EPS)) / (2.0 * EPS);
        at[index] = point[index];
        let analytic = gradient[index];
        let excess = (analytic - numerical).abs() / (ATOL + RTOL * numerical.abs());
        if excess.is_nan() || excess > worst.excess {
            let excess = if excess.is_nan() { f64::INFINITY } else { excess };
            worst = Worst { index, analytic, numerical, excess };
        }
    }
    if worst.excess > 1.0 { Err(worst) } else { Ok(()) }
}

/// Asserts that `gradient` is the gradient of `f` at `point`.
///
/// # Panics
/// When it is not; the message names the worst entry.
pub fn assert_gradient(name: &str, point: &[f64], gradient: &[f64], f: impl FnMut(&[f64]) -> f64) {
    if let Err(worst) = check(point, gradient, f) {
        let Worst { index, analytic, numerical, excess } = worst;
        panic!(
            "gradient of {name}: entry {index} is {analytic}, central differences give {numerical}; \
             the difference is {excess} times what is allowed"
        );
    }
}

/// `len` values in (-1, 1) without structure.
#[must_use]
pub fn point(len: usize, salt: u64) -> Vec<f64> {
    (0..len as u64).map(|at| ((at * 37 + salt * 101 + 1) as f64 * 12.9898).sin()).collect()
}

/// Inner product, which reduces a tensor to a number.
#[must_use]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn a_wrong_gradient_is_rejected() {
    let f = |x: &[f64]| x.iter().map(|x| x.sin()).sum::<f64>();
    let at = point(6, 1);
    let mut gradient: Vec<f64> = at.iter().map(|x| x.cos()).collect();
    check(&at, &gradient, f).expect("the right gradient passes");
    gradient[4] *= 1.01;
    let worst = check(&at, &gradient, f).expect_err("one entry is 1% off");
    assert_eq!(worst.index, 4);
    gradient[4] = f64::NAN;
    assert_eq!(check(&at, &gradient, f).expect_err("NaN is wrong").index, 4);
}
