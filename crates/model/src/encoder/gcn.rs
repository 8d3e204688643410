use std::sync::Arc;

use vgae_artifacts::{Features, Seed, Stream};

use crate::graph::Adjacency;
use crate::ops::dropout::{self, Mask};
use crate::ops::linear::Linear;
use crate::ops::propagation::Propagation;
use crate::ops::relu;
use crate::ops::sparse::Csr;
use crate::parallel::RowChunks;
use crate::parameters::Parameters;
use crate::scalar::Scalar;

/// The two-layer graph convolution: `H = ReLU(A_hat X W0)`, `encoded = A_hat H W_heads` (Kipf & Welling
/// 2016, arXiv 1611.07308, section 2). The heads' weights stand side by side, so mean and log sigma cost
/// one product and one propagation.
pub(crate) struct Gcn<T> {
    propagation: Propagation<T>,
    input: Input<T>,
    head: Linear<T>,
    dropout: Option<Dropout<T>>,
    rows: RowChunks,
    hidden: usize,
    outputs: usize,
    /// `X W0`, and its gradient: `N x hidden`. Empty when `X W0` is `W0` itself.
    projected: Vec<T>,
    /// `H` after `ReLU` and dropout, `N x hidden`; backward needs it.
    h: Vec<T>,
    /// `N x hidden`.
    d_h: Vec<T>,
    /// `H W_heads`, and its gradient: `N x outputs`.
    mixed: Vec<T>,
    /// `N x outputs`.
    encoded: Vec<T>,
}

/// `X`.
#[expect(clippy::large_enum_variant, reason = "there is one a training")]
enum Input<T> {
    /// Sparse features and their transpose.
    Features { x: Csr<T>, transposed: Csr<T>, places: Vec<usize> },
    /// One-hot nodes: `X = I`, so `X W0 = W0` and there is nothing to multiply.
    Identity,
}

/// Dropout where the authors' code has it: on the input's nonzeros and on `H`.
struct Dropout<T> {
    probability: f64,
    input: Mask<T>,
    hidden: Mask<T>,
    /// The features' values after dropout, in the order of rows and of columns.
    values: Vec<T>,
    transposed_values: Vec<T>,
}

/// Whether dropout acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    Train,
    Evaluate,
}

impl<T: Scalar> Gcn<T> {
    /// An encoder with `outputs` columns; without `features` the input is one-hot.
    pub(crate) fn new(
        adjacency: Arc<Adjacency>,
        features: Option<&Features>,
        hidden: usize,
        outputs: usize,
        dropout: f64,
    ) -> Self {
        let nodes = adjacency.nodes();
        let drops = dropout > 0.0;
        let input = features.map_or(Input::Identity, |features| {
            let x = Csr::new(features);
            let (transposed, places) = x.transpose(features.feature_count());
            // Only dropout asks where an entry of the transpose came from.
            let places = if drops { places } else { Vec::new() };
            Input::Features { x, transposed, places }
        });
        let nonzeros = features.map_or(nodes, |features| features.values().len());
        let dropout = drops.then(|| Dropout {
            probability: dropout,
            input: Mask::new(nonzeros, 0),
            hidden: Mask::new(nodes * hidden, 1),
            values: vec![T::ZERO; nonzeros],
            transposed_values: vec![T::ZERO; nonzeros],
        });
        let projects = features.is_some() || drops;
        Self {
            propagation: Propagation::new(adjacency),
            input,
            head: Linear::new(nodes, hidden, outputs),
            dropout,
            rows: RowChunks::even(nodes, 256),
            hidden,
            outputs,
            projected: vec![T::ZERO; if projects { nodes * hidden } else { 0 }],
            h: vec![T::ZERO; nodes * hidden],
            d_h: vec![T::ZERO; nodes * hidden],
            mixed: vec![T::ZERO; nodes * outputs],
            encoded: vec![T::ZERO; nodes * outputs],
        }
    }

    /// Draws the epoch's dropout masks.
    pub(crate) fn draw(&mut self, seed: Seed, epoch: u32) {
        let Some(dropout) = &mut self.dropout else { return };
        let rng = seed.stream(Stream::Dropout, u64::from(epoch));
        dropout.input.draw(&rng, dropout.probability);
        dropout.hidden.draw(&rng, dropout.probability);
        self.apply_input_mask();
    }

    /// Makes masks that drop nothing.
    pub(crate) fn keep_all(&mut self) {
        let Some(dropout) = &mut self.dropout else { return };
        dropout.input.keep_all();
        dropout.hidden.keep_all();
        self.apply_input_mask();
    }

    fn apply_input_mask(&mut self) {
        let Some(dropout) = &mut self.dropout else { return };
        if let Input::Features { x, places, .. } = &self.input {
            dropout.values.copy_from_slice(&x.values);
            dropout.input.apply(&mut dropout.values);
            for (value, &place) in dropout.transposed_values.iter_mut().zip(places) {
                *value = dropout.values[place];
            }
        }
    }

    /// Whether training passes differ from evaluating ones.
    pub(crate) fn drops(&self) -> bool {
        self.dropout.is_some()
    }

    /// What the last forward pass gave, `N x outputs`.
    pub(crate) fn encoded(&self) -> &[T] {
        &self.encoded
    }

    /// Computes [`Gcn::encoded`].
    pub(crate) fn forward(&mut self, weights: &Parameters<T>, pass: Pass) {
        let dropout = self.dropout.as_ref().filter(|_| pass == Pass::Train);
        let w0 = &weights.w0.data[..];
        let projected = match (&self.input, dropout) {
            (Input::Features { x, .. }, dropout) => {
                let values = dropout.map_or(&x.values[..], |dropout| &dropout.values[..]);
                x.multiply(values, w0, self.hidden, &mut self.projected);
                &self.projected[..]
            }
            (Input::Identity, Some(Dropout { input, .. })) => {
                let out = &mut self.projected;
                dropout::scale_rows(&self.rows, self.hidden, input.factors(), w0, out);
                &self.projected[..]
            }
            (Input::Identity, None) => w0,
        };
        self.propagation.apply(projected, self.hidden, &mut self.h);
        relu::forward(&self.rows, self.hidden, &mut self.h);
        if let Some(dropout) = dropout {
            dropout.hidden.apply(&mut self.h);
        }
        self.head.forward(&self.h, &weights.heads, &mut self.mixed);
        self.propagation.apply(&self.mixed, self.outputs, &mut self.encoded);
    }

    /// Writes `d_weights`, after a forward pass of the kind [`Pass::Train`] with the same weights.
    pub(crate) fn backward(
        &mut self,
        weights: &Parameters<T>,
        d_encoded: &[T],
        d_weights: &mut Parameters<T>,
    ) {
        let d_mixed = &mut self.mixed;
        self.propagation.apply(d_encoded, self.outputs, d_mixed);
        self.head.backward_weight(&self.h, d_mixed, &mut d_weights.heads);
        self.head.backward_input(d_mixed, &weights.heads, &mut self.d_h);
        if let Some(dropout) = &self.dropout {
            dropout.hidden.apply(&mut self.d_h);
        }
        // Dropout leaves the sign of what it keeps, and what it drops has no gradient any more, so the
        // sign of its output serves for ReLU's.
        relu::backward(&self.rows, self.hidden, &self.h, &mut self.d_h);

        let (d_h, d_w0) = (&self.d_h[..], &mut d_weights.w0.data);
        match (&self.input, &self.dropout) {
            (Input::Features { transposed, .. }, dropout) => {
                let values = dropout
                    .as_ref()
                    .map_or(&transposed.values, |dropout| &dropout.transposed_values);
                self.propagation.apply(d_h, self.hidden, &mut self.projected);
                transposed.multiply(values, &self.projected, self.hidden, d_w0);
            }
            (Input::Identity, Some(Dropout { input, .. })) => {
                self.propagation.apply(d_h, self.hidden, &mut self.projected);
                let d_rows = &self.projected;
                dropout::scale_rows(&self.rows, self.hidden, input.factors(), d_rows, d_w0);
            }
            (Input::Identity, None) => self.propagation.apply(d_h, self.hidden, d_w0),
        }
    }
}
