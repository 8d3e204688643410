use rand_chacha::ChaCha8Rng;
use vgae_artifacts::Features;

use super::pass::Pass;
use vgae_nn::ops::Kernels;
use vgae_nn::ops::dropout::{self, Mask};
use vgae_nn::ops::sparse::Csr;
use vgae_numerics::parallel::RowChunks;

/// Input `X` of an encoder, which multiplies the first weights, with dropout on its nonzeros as in the
/// authors' code.
pub(crate) struct Input<T> {
    x: Source<T>,
    rows: RowChunks,
    dropout: Option<Dropout<T>>,
}

/// Storage of `X`.
#[expect(clippy::large_enum_variant, reason = "there is one per training")]
enum Source<T> {
    /// Sparse features and their transpose.
    Features { x: Csr<T>, transposed: Csr<T>, places: Vec<usize> },
    /// One-hot nodes: `X = I`, so `X W = W` without multiplication.
    Identity,
}

struct Dropout<T> {
    probability: f64,
    mask: Mask<T>,
    /// Values of the features after dropout, in row and column order.
    values: Vec<T>,
    transposed_values: Vec<T>,
}

impl<T: Kernels> Input<T> {
    /// Creates the input; without `features` it is one-hot.
    pub(super) fn new(nodes: usize, features: Option<&Features>, dropout: f64) -> Self {
        let drops = dropout > 0.0;
        let x = features.map_or(Source::Identity, |features| {
            let x = Csr::new(features);
            let (transposed, places) = x.transpose(features.feature_count());
            // Only dropout requires the positions of the transpose's entries.
            let places = if drops { places } else { Vec::new() };
            Source::Features { x, transposed, places }
        });
        let nonzeros = features.map_or(nodes, |features| features.values().len());
        let dropout = drops.then(|| Dropout {
            probability: dropout,
            mask: Mask::new(nonzeros, 0),
            values: vec![T::ZERO; nonzeros],
            transposed_values: vec![T::ZERO; nonzeros],
        });
        Self { x, rows: RowChunks::even(nodes, 256), dropout }
    }

    /// Returns whether `X` is the identity: one-hot, without dropout.
    pub(super) fn is_identity(&self) -> bool {
        matches!(self.x, Source::Identity) && self.dropout.is_none()
    }

    /// Draws the mask of an epoch from its generator.
    pub(super) fn draw(&mut self, rng: &ChaCha8Rng) {
        let Some(dropout) = &mut self.dropout else { return };
        dropout.mask.draw(rng, dropout.probability);
        self.apply_mask();
    }

    /// Sets a mask without dropout.
    pub(super) fn keep_all(&mut self) {
        let Some(dropout) = &mut self.dropout else { return };
        dropout.mask.keep_all();
        self.apply_mask();
    }

    fn apply_mask(&mut self) {
        let Some(dropout) = &mut self.dropout else { return };
        if let Source::Features { x, places, .. } = &self.x {
            dropout.values.copy_from_slice(&x.values);
            dropout.mask.apply(&mut dropout.values);
            for (value, &place) in dropout.transposed_values.iter_mut().zip(places) {
                *value = dropout.values[place];
            }
        }
    }

    /// Returns whether training passes differ from evaluation passes.
    pub(super) fn drops(&self) -> bool {
        self.dropout.is_some()
    }

    /// Returns `X W`, `N x width`: in `out`, unless it is `W` itself.
    pub(super) fn multiply<'a>(
        &self,
        w: &'a [T],
        width: usize,
        pass: Pass,
        out: &'a mut [T],
    ) -> &'a [T] {
        let dropout = self.dropout.as_ref().filter(|_| pass == Pass::Train);
        match (&self.x, dropout) {
            (Source::Features { x, .. }, dropout) => {
                match dropout {
                    Some(dropout) => x.multiply_nonzero(&dropout.values, w, width, out),
                    None => x.multiply(&x.values, w, width, out),
                }
                out
            }
            (Source::Identity, Some(Dropout { mask, .. })) => {
                dropout::scale_rows(&self.rows, width, mask.factors(), w, out);
                out
            }
            (Source::Identity, None) => w,
        }
    }

    /// Computes `d_w = X^T d_y`, after [`Input::multiply`] in training.
    pub(super) fn backward_weight(&self, d_y: &[T], width: usize, d_w: &mut [T]) {
        match (&self.x, &self.dropout) {
            (Source::Features { transposed, .. }, Some(dropout)) => {
                transposed.multiply_nonzero(&dropout.transposed_values, d_y, width, d_w);
            }
            (Source::Features { transposed, .. }, None) => {
                transposed.multiply(&transposed.values, d_y, width, d_w);
            }
            (Source::Identity, Some(Dropout { mask, .. })) => {
                dropout::scale_rows(&self.rows, width, mask.factors(), d_y, d_w);
            }
            (Source::Identity, None) => d_w.copy_from_slice(d_y),
        }
    }
}
