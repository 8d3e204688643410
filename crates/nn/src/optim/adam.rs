use rayon::prelude::*;

use vgae_numerics::elementary::pow;
use vgae_numerics::simd::vectorised;
use vgae_numerics::{Dense, Scalar};

/// Adam (Kingma & Ba 2015, arXiv 1412.6980, algorithm 1), as `PyTorch` writes it: bias-corrected moments,
/// `eps` outside the root.
///
/// `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g^2`,
/// `w -= lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps)`.
#[derive(Debug, Clone)]
pub struct Adam<P> {
    learning_rate: f64,
    /// Updates made so far.
    step: u32,
    first_moment: P,
    second_moment: P,
}

/// Tensors that are updated together.
pub trait ParameterSet: Clone {
    /// Number type of the values.
    type Scalar: Scalar;

    /// Zeros of the same shapes.
    #[must_use]
    fn zeros_like(&self) -> Self;

    /// The tensors, in a fixed order.
    fn tensors(&self) -> impl Iterator<Item = &Dense<Self::Scalar>>;

    /// The tensors in the same order, mutable.
    fn tensors_mut(&mut self) -> impl Iterator<Item = &mut Dense<Self::Scalar>>;
}

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPS: f64 = 1e-8;
/// Values a task updates at once.
const CHUNK: usize = 8192;

impl<P: ParameterSet> Adam<P> {
    /// An optimiser before its first update.
    pub fn new(learning_rate: f64, weights: &P) -> Self {
        let zeros = weights.zeros_like();
        Self { learning_rate, step: 0, first_moment: zeros.clone(), second_moment: zeros }
    }

    /// An optimiser after `step` updates that left these moments.
    pub fn resume(learning_rate: f64, step: u32, first_moment: P, second_moment: P) -> Self {
        Self { learning_rate, step, first_moment, second_moment }
    }

    /// First and second moments.
    pub fn moments(&self) -> (&P, &P) {
        (&self.first_moment, &self.second_moment)
    }

    /// One update of `weights`.
    pub fn update(&mut self, weights: &mut P, gradient: &P) {
        self.step += 1;
        let step = AdamStep::new(self.learning_rate, self.step);
        let moments = self.first_moment.tensors_mut().zip(self.second_moment.tensors_mut());
        let values = weights.tensors_mut().zip(gradient.tensors());
        for ((w, g), (m, v)) in values.zip(moments) {
            let moments = m.data.par_chunks_mut(CHUNK).zip(v.data.par_chunks_mut(CHUNK));
            let values = w.data.par_chunks_mut(CHUNK).zip(g.data.par_chunks(CHUNK));
            values.zip(moments).for_each(|((w, g), (m, v))| step.apply(w, g, m, v));
        }
    }
}

/// One update of any slice of the weights: values are updated independently of each other.
#[derive(Debug, Clone, Copy)]
pub struct AdamStep<T> {
    rate: T,
    root_correction: T,
}

impl<T: Scalar> AdamStep<T> {
    /// The update number `step`, from 1.
    #[must_use]
    pub fn new(learning_rate: f64, step: u32) -> Self {
        let t = f64::from(step);
        Self {
            rate: T::from_f64(learning_rate / (1.0 - pow(BETA_1, t))),
            root_correction: T::from_f64(1.0 / (1.0 - pow(BETA_2, t)).sqrt()),
        }
    }

    /// Moves weights `w` with gradient `g` and moments `m`, `v`, all of one length.
    pub fn apply(&self, w: &mut [T], g: &[T], m: &mut [T], v: &mut [T]) {
        let Self { rate, root_correction } = *self;
        let (keep_1, add_1) = (T::from_f64(BETA_1), T::from_f64(1.0 - BETA_1));
        let (keep_2, add_2) = (T::from_f64(BETA_2), T::from_f64(1.0 - BETA_2));
        let eps = T::from_f64(EPS);
        vectorised(
            #[inline(always)]
            || {
                for (((w, &g), m), v) in w.iter_mut().zip(g).zip(m).zip(v) {
                    *m = keep_1.fused(*m, add_1 * g);
                    *v = keep_2.fused(*v, add_2 * g * g);
                    let root = v.root().fused(root_correction, eps);
                    *w -= rate * *m / root;
                }
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone)]
    struct Two([Dense<f64>; 2]);

    impl ParameterSet for Two {
        type Scalar = f64;

        fn zeros_like(&self) -> Self {
            Self([Dense::zeros(1, 1), Dense::zeros(1, 1)])
        }

        fn tensors(&self) -> impl Iterator<Item = &Dense<f64>> {
            self.0.iter()
        }

        fn tensors_mut(&mut self) -> impl Iterator<Item = &mut Dense<f64>> {
            self.0.iter_mut()
        }
    }

    #[test]
    fn works_like_torch() {
        // torch.optim.Adam([w], lr=0.1), w = 1, gradients 0.5, -2, 0 (f64):
        // p = torch.nn.Parameter(torch.ones(1, dtype=torch.float64)); opt = torch.optim.Adam([p], lr=0.1)
        // for g in (0.5, -2.0, 0.0): p.grad = torch.tensor([g], dtype=torch.float64); opt.step(); print(p.item())
        let expected = [0.900_000_002, 0.955_950_351_020_055_5, 0.999_200_132_907_358_8];
        let one = |value: f64| {
            let tensor = Dense { rows: 1, cols: 1, data: vec![value] };
            Two([tensor.clone(), tensor])
        };
        let mut weights = one(1.0);
        let mut adam = Adam::new(0.1, &weights);
        for (gradient, expected) in [0.5, -2.0, 0.0].into_iter().zip(expected) {
            adam.update(&mut weights, &one(gradient));
            assert!((weights.0[0].data[0] - expected).abs() < 1e-14, "{weights:?} {expected}");
        }
    }
}
