//! Learned decoder: `logit(i, j) = W_1 ReLU(W_0 (z_i * z_j) + b_0) + b_1`, with the elementwise product, so
//! that the logit of a pair does not depend on its direction. `mlp-gae` trains it together with the
//! normalised encoder.
//!
//! The ends of a training edge exchange messages in propagation, those of a held-out edge do not, and a
//! learned decoder could overfit to this difference. Therefore training edges are decoded in batches, each
//! with message passing over the other edges only ([`batches`]), as in Wang, Yang & Zhang 2023, "Neural
//! common neighbor with completion for link prediction" (arXiv 2302.00890; `maskinput`).

mod batches;
mod loss;

use rayon::prelude::*;
use vgae_artifacts::{Embedding, Matrix, Pair};

pub(crate) use self::batches::{Batch, Batches};
pub(crate) use self::loss::MlpLoss;
use crate::input::check_vectors;
use crate::methods::gae::weights::{DECODER, decoder_shapes};
use crate::{ModelError, Weights};
use vgae_nn::ops::Kernels;
use vgae_nn::ops::affine::{self, Columns};
use vgae_nn::ops::pair_product;
use vgae_numerics::Dense;

/// Number of pairs decoded at once.
const BLOCK: usize = 256;

/// Columns of a row; each row belongs to a pair.
#[derive(Debug, Clone)]
struct Layout {
    product: Columns,
    hidden: Columns,
    logit: Columns,
    /// Gradient of `hidden`; that of `product` overwrites `product`.
    d_hidden: Columns,
}

impl Layout {
    /// Creates the layout; `backward` adds columns for gradients.
    fn new(latent: usize, hidden: usize, backward: bool) -> Self {
        let end = latent + hidden + 1;
        let stride = end + if backward { hidden } else { 0 };
        let columns = |of| Columns { stride, of };
        Self {
            product: columns(0..latent),
            hidden: columns(latent..latent + hidden),
            logit: columns(latent + hidden..end),
            d_hidden: columns(end..stride),
        }
    }

    fn stride(&self) -> usize {
        self.product.stride
    }

    /// Computes the logits of `rows`; the first rows contain the products of `pairs`. `decoder` contains
    /// weight and bias of both layers.
    fn forward<T: Kernels>(&self, z: &[T], decoder: &[Dense<T>], pairs: &[Pair], rows: &mut [T]) {
        let [w_0, b_0, w_1, b_1] = decoder else { unreachable!("two layers") };
        pair_product::forward((z, self.product.of.len()), pairs, &self.product, rows);
        affine::forward(rows, &self.product, &self.hidden, &w_0.data, &b_0.data, true);
        affine::forward(rows, &self.hidden, &self.logit, &w_1.data, &b_1.data, false);
    }
}

/// Decoder of `mlp-gae`, from the vectors of two nodes to the logit of an edge between them.
#[derive(Debug, Clone)]
pub struct MlpDecoder {
    layout: Layout,
    tensors: Vec<Dense<f32>>,
}

impl MlpDecoder {
    /// Creates the decoder from learned weights: `decoder.0.weight` (`hidden x latent`), `decoder.0.bias` (`1
    /// x hidden`), `decoder.1.weight` (`1 x hidden`) and `decoder.1.bias` (`1 x 1`), as in `PyTorch`'s
    /// `nn.Linear`.
    ///
    /// # Errors
    /// Returns an error when one of them is missing or their shapes do not match.
    pub fn from_weights(weights: &Weights) -> Result<Self, ModelError> {
        let (hidden, latent) = weights.get(DECODER[0]).map_or((1, 1), |w| (w.rows(), w.cols()));
        if hidden == 0 || latent == 0 {
            return Err(ModelError::config("width of the decoder", "at least 1", "0"));
        }
        for (name, expected) in decoder_shapes(hidden, latent) {
            let found = weights.get(&name).map(|matrix| (matrix.rows(), matrix.cols()));
            if found != Some(expected) {
                return Err(ModelError::shape(name, Some(expected), found));
            }
        }
        let tensors = DECODER.iter().filter_map(|name| weights.get(name));
        Ok(Self::of(tensors.map(|tensor| Dense::beside(tensor, None)).collect()))
    }

    /// Creates the decoder from tensors of matching shapes.
    pub(crate) fn of(tensors: Vec<Dense<f32>>) -> Self {
        Self { layout: Layout::new(tensors[0].cols, tensors[0].rows, false), tensors }
    }

    /// Returns the width of the embeddings.
    #[must_use]
    pub fn latent(&self) -> usize {
        self.layout.product.of.len()
    }

    /// Returns the logit of an edge for each of `pairs`, in order and independent of direction. `embedding`
    /// must be of the same training (its mean is used).
    ///
    /// A logit does not depend on the other pairs or on the number of threads.
    ///
    /// # Errors
    /// Returns an error when the embedding has another width, or a pair is a self-loop or has a node out of
    /// range.
    pub fn logits(&self, embedding: &Embedding, pairs: &[Pair]) -> Result<Vec<f32>, ModelError> {
        self.logits_of(embedding.mu(), pairs)
    }

    pub(crate) fn logits_of(&self, mu: &Matrix, pairs: &[Pair]) -> Result<Vec<f32>, ModelError> {
        check_vectors(mu, self.latent(), pairs)?;
        let (layout, stride) = (&self.layout, self.layout.stride());
        let mut logits = vec![0.0; pairs.len()];
        let blocks = logits.par_chunks_mut(BLOCK).zip(pairs.par_chunks(BLOCK));
        blocks.for_each_init(
            // Always a whole block, so that products do not depend on the number of pairs.
            || vec![0.0; BLOCK * stride],
            |rows, (logits, pairs)| {
                layout.forward(mu.as_slice(), &self.tensors, pairs, rows);
                for (logit, row) in logits.iter_mut().zip(rows.chunks_exact(stride)) {
                    *logit = row[layout.logit.of.start];
                }
            },
        );
        Ok(logits)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use vgae_testing::gradcheck;
    use vgae_testing::on_threads;

    #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
    fn matrix(rows: usize, cols: usize, salt: u64) -> Matrix {
        let values = gradcheck::point(rows * cols, salt).into_iter().map(|value| value as f32);
        Matrix::from_row_major(rows, cols, values.collect()).expect("shape")
    }

    fn weights(hidden: usize, latent: usize) -> Weights {
        Weights::from_tensors(
            (1..)
                .zip(decoder_shapes(hidden, latent))
                .map(|(salt, (name, (rows, cols)))| (name, matrix(rows, cols, salt))),
        )
    }

    fn embedding(nodes: usize, latent: usize) -> Embedding {
        Embedding::new(matrix(nodes, latent, 9), None).expect("finite")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Naive implementation: each pair separately, in f64.
        #[test]
        fn logits_are_those_of_each_pair_by_itself(
            hidden in 1usize..40,
            latent in 1usize..70,
            ends in prop::collection::vec((0u32..50, 0u32..50), 0..700),
        ) {
            let (weights, embedding) = (weights(hidden, latent), embedding(50, latent));
            let pairs: Vec<Pair> =
                ends.into_iter().map(|(a, b)| Pair::new(a, b)).filter(|p| !p.is_self_loop()).collect();
            let decoder = MlpDecoder::from_weights(&weights).expect("they fit");
            let logits = on_threads(1, || decoder.logits(&embedding, &pairs)).expect("sound");
            let turned: Vec<Pair> = pairs.iter().rev().map(|p| Pair::new(p.dst, p.src)).collect();
            let mut other = on_threads(3, || decoder.logits(&embedding, &turned)).expect("sound");
            other.reverse();
            prop_assert_eq!(&logits, &other);

            let get = |name: usize| weights.get(DECODER[name]).expect("there");
            for (pair, &logit) in pairs.iter().zip(&logits) {
                let (a, b) = (embedding.mu().row(pair.src as usize), embedding.mu().row(pair.dst as usize));
                let mut expected = f64::from(get(3).as_slice()[0]);
                for unit in 0..hidden {
                    let products = a.iter().zip(b).zip(get(0).row(unit));
                    let sum: f64 = products.map(|((&a, &b), &w)| f64::from(a) * f64::from(b) * f64::from(w)).sum();
                    let sum = sum + f64::from(get(1).as_slice()[unit]);
                    expected += f64::from(get(2).as_slice()[unit]) * sum.max(0.0);
                }
                // Some hundred roundings of f32, in sums that may be larger than their result.
                prop_assert!((f64::from(logit) - expected).abs() < 1e-4, "{logit} {expected}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (sound, embedding) = (weights(4, 3), embedding(5, 3));
        let decoder = MlpDecoder::from_weights(&sound).expect("they fit");
        for wrong in [Pair::new(1, 1), Pair::new(0, 5)] {
            assert!(matches!(
                decoder.logits(&embedding, &[wrong]),
                Err(ModelError::NoSuchPair { .. })
            ));
        }
        let wider = self::embedding(5, 4);
        let error = decoder.logits(&wider, &[]).expect_err("wider").to_string();
        assert!(error.contains("embedding: expected 5 x 3, found 5 x 4"), "{error}");
        // A file with a missing tensor, or with tensors of two trainings.
        for name in DECODER {
            let others = sound.named().into_iter().filter(|(other, _)| *other != name);
            let others = others.map(|(name, matrix)| (name.to_owned(), matrix.clone()));
            let lost = Weights::from_tensors(others.clone());
            assert!(MlpDecoder::from_weights(&lost).is_err(), "{name} lost");
            let other = Weights::from_tensors(others.chain([(name.to_owned(), matrix(7, 2, 1))]));
            assert!(MlpDecoder::from_weights(&other).is_err(), "{name} of another shape");
        }
        let empty = Weights::from_tensors([(DECODER[0].to_owned(), Matrix::zeros(0, 3))]);
        assert!(MlpDecoder::from_weights(&empty).is_err());
    }
}
