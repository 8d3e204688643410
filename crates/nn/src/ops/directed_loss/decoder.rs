use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_numerics::{Scalar, elementary};

/// Decoder of directed edges: a function of the vectors of source and target to the logit of the edge.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "decoder", rename_all = "kebab-case")]
pub enum DirectedDecoder {
    /// `s_i . t_j`, where `s` is the first half of a vector and `t` the second.
    SourceTarget,
    /// `m_j - distance_weight ln(|x_i - x_j|^2 + 0.01)`, where `m`, the mass, is the last value of a vector and `x`
    /// the others.
    Gravity {
        /// Weight of the distance, above 0.
        distance_weight: f64,
    },
}

impl DirectedDecoder {
    /// Added to squared distances, so that equal vectors have a logit (as in the authors' code).
    pub const LEAST_DISTANCE: f64 = 0.01;

    /// Returns the logit of the edge from `source` to `target`, vectors of the same width; summed in `f64`.
    #[must_use]
    pub fn logit(self, source: &[f32], target: &[f32]) -> f32 {
        let logit = match self {
            Self::SourceTarget => {
                let half = source.len() / 2;
                let products = source[..half].iter().zip(&target[half..]);
                products.map(|(&s, &t)| f64::from(s) * f64::from(t)).sum()
            }
            Self::Gravity { distance_weight } => {
                let last = source.len() - 1;
                let differences = source[..last].iter().zip(target);
                let squares = differences.map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2));
                let squared = squares.sum::<f64>() + Self::LEAST_DISTANCE;
                f64::from(target[last]) - distance_weight * elementary::ln(squared)
            }
        };
        #[expect(clippy::cast_possible_truncation, reason = "logits are stored as f32")]
        let logit = logit as f32;
        logit
    }
}

/// Scalar passes of one pair, for pairs that are few.
impl DirectedDecoder {
    /// Returns the logit before the logarithm: the product, or the squared distance.
    pub(super) fn raw<T: Scalar>(self, source: &[T], target: &[T]) -> T {
        let width = source.len();
        match self {
            Self::SourceTarget => {
                let products = source[..width / 2].iter().zip(&target[width / 2..]);
                products.fold(T::ZERO, |sum, (&s, &t)| s.fused(t, sum))
            }
            Self::Gravity { .. } => {
                let differences = source[..width - 1].iter().zip(target);
                differences.fold(T::from_f64(Self::LEAST_DISTANCE), |sum, (&a, &b)| {
                    let difference = a - b;
                    difference.fused(difference, sum)
                })
            }
        }
    }

    /// Adds `slope` times the gradient of the logit with respect to `own`, the source or else the target, whose
    /// partner is `other`; `raw` is [`DirectedDecoder::raw`] of the pair.
    pub(super) fn add_gradient<T: Scalar>(
        self,
        (own, other): (&[T], &[T]),
        is_source: bool,
        (raw, slope): (T, T),
        d_own: &mut [T],
    ) {
        let width = own.len();
        match self {
            Self::SourceTarget => {
                let (d, other) = if is_source {
                    (&mut d_own[..width / 2], &other[width / 2..])
                } else {
                    (&mut d_own[width / 2..], &other[..width / 2])
                };
                for (d, &other) in d.iter_mut().zip(other) {
                    *d = other.fused(slope, *d);
                }
            }
            Self::Gravity { distance_weight } => {
                let pull = T::from_f64(-2.0 * distance_weight) * slope / raw;
                for ((d, &own), &other) in d_own[..width - 1].iter_mut().zip(own).zip(other) {
                    *d = (own - other).fused(pull, *d);
                }
                if !is_source {
                    d_own[width - 1] += slope;
                }
            }
        }
    }
}
