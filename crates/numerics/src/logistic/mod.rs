//! Logistic regression.
//!
//! Two solvers, for two sizes of problem. [`binary`] has one weight per column: Newton's method inverts the exact
//! Hessian and converges to the last bits in a dozen steps. [`multinomial`] has one weight per column and class, too
//! many for a Hessian: L-BFGS.

pub mod binary;
mod lbfgs;
pub mod multinomial;

use crate::elementary::{exp, ln_1p};

/// Cross-entropy of a logit against a target from 0 to 1, and its derivative by the logit: `ln(1 + e^z) - t z` and
/// `sigmoid(z) - t`. Neither overflows.
#[must_use]
pub fn cross_entropy(logit: f64, target: f64) -> (f64, f64) {
    let small = exp(-logit.abs());
    let loss = logit.max(0.0) + ln_1p(small) - target * logit;
    (loss, sigmoid(logit) - target)
}

/// `1 / (1 + e^-z)`.
#[must_use]
pub fn sigmoid(z: f64) -> f64 {
    // The exponential of a number that is not positive never overflows.
    let small = exp(-z.abs());
    if z >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) }
}
