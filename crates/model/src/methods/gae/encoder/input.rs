use rand_chacha::ChaCha8Rng;
use vgae_artifacts::Features;

use super::pass::Pass;
use vgae_nn::ops::Kernels;
use vgae_nn::ops::dropout::{self, Mask};
use vgae_nn::ops::sparse::Csr;
use vgae_numerics::parallel::{RowChunks, Rows};
use vgae_numerics::product::{View, multiply};

/// Fewer columns of dense features than this are not worth another thread.
const FEW_COLUMNS: usize = 32;

/// Input `X` of an encoder, which multiplies the first weights, with dropout on its nonzeros as in the
/// authors' code.
pub(crate) struct Input<T> {
    x: Source<T>,
    rows: RowChunks,
    dropout: Option<Dropout<T>>,
}

/// Storage of `X`.
enum Source<T> {
    /// Sparse features and their transpose.
    Features { x: Csr<T>, transposed: Csr<T>, places: Vec<usize> },
    /// Features of which every value is stored, row by row: `N x columns`.
    Dense { x: Vec<T>, columns: usize, chunks: RowChunks },
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
            let columns = features.feature_count();
            if columns > 0 && features.values().len() == nodes * columns {
                let values = features.values().iter();
                let x = values.map(|&value| T::from_f64(f64::from(value))).collect();
                let chunks = RowChunks::even(columns, FEW_COLUMNS);
                return Source::Dense { x, columns, chunks };
            }
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
            transposed_values: match x {
                Source::Features { .. } => vec![T::ZERO; nonzeros],
                Source::Dense { .. } | Source::Identity => Vec::new(),
            },
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
        match &self.x {
            Source::Features { x, places, .. } => {
                dropout.values.copy_from_slice(&x.values);
                dropout.mask.apply(&mut dropout.values);
                for (value, &place) in dropout.transposed_values.iter_mut().zip(places) {
                    *value = dropout.values[place];
                }
            }
            Source::Dense { x, .. } => {
                dropout.values.copy_from_slice(x);
                dropout.mask.apply(&mut dropout.values);
            }
            Source::Identity => {}
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
            (Source::Dense { x, columns, .. }, dropout) => {
                let x = dropout.map_or(x, |dropout| &dropout.values);
                let w = View::new(w, *columns, width);
                self.rows.for_each(Rows::new(out, width), |_, rows, out| {
                    let x = &x[rows.start * columns..rows.end * columns];
                    multiply(View::new(x, rows.len(), *columns), w, out.data);
                });
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
            (Source::Dense { x, columns, chunks }, dropout) => {
                let x = dropout.as_ref().map_or(x, |dropout| &dropout.values);
                let nodes = x.len() / columns;
                let d_y = View::new(d_y, nodes, width);
                chunks.for_each(Rows::new(d_w, width), |_, range, d_w| {
                    let x = View::columns(x, *columns, range.start, (nodes, range.len()));
                    multiply(x.t(), d_y, d_w.data);
                });
            }
            (Source::Identity, Some(Dropout { mask, .. })) => {
                dropout::scale_rows(&self.rows, width, mask.factors(), d_y, d_w);
            }
            (Source::Identity, None) => d_w.copy_from_slice(d_y),
        }
    }
}

#[cfg(test)]
mod tests {
    use vgae_artifacts::{Seed, Stream};

    use super::*;

    /// Features of which every value is stored have dense products, with the bits of the sparse ones.
    #[test]
    fn dense_products_are_those_of_sparse_rows() {
        let (nodes, columns, width) = (301, 70, 5);
        let value = |at: usize| (at as f32 * 0.37).sin();
        let values: Vec<f32> = (0..nodes * columns).map(value).collect();
        let features = Features::from_rows(
            columns,
            (0..=nodes).map(|node| node * columns).collect(),
            (0..nodes).flat_map(|_| 0..70).collect(),
            values,
        );
        let features = features.expect("sound rows");
        let sparse = Csr::<f32>::new(&features);
        let (transposed, places) = sparse.transpose(columns);
        let w: Vec<f32> = (0..columns * width).map(value).collect();
        let d_y: Vec<f32> = (0..nodes * width).map(value).collect();
        for dropout in [0.0, 0.4] {
            let mut input = Input::<f32>::new(nodes, Some(&features), dropout);
            input.draw(&Seed(3).stream(Stream::Dropout, 1));
            let kept = input.dropout.as_ref().map_or(&sparse.values, |dropout| &dropout.values);
            let kept_transposed: Vec<f32> = places.iter().map(|&place| kept[place]).collect();
            let (mut y, mut expected) = (vec![0.0; nodes * width], vec![0.0; nodes * width]);
            sparse.multiply_nonzero(kept, &w, width, &mut expected);
            assert_eq!(input.multiply(&w, width, Pass::Train, &mut y), expected);
            sparse.multiply(&sparse.values, &w, width, &mut expected);
            assert_eq!(input.multiply(&w, width, Pass::Evaluate, &mut y), expected);
            let (mut d_w, mut expected) = (vec![0.0; columns * width], vec![0.0; columns * width]);
            transposed.multiply_nonzero(&kept_transposed, &d_y, width, &mut expected);
            input.backward_weight(&d_y, width, &mut d_w);
            assert_eq!(d_w, expected);
        }
    }
}
