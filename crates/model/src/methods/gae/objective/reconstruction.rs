use vgae_nn::ops::Kernels;
use vgae_nn::ops::bilinear::Forms;
use vgae_nn::ops::edge_weights::{EdgeWeightLoss, WeightScale};
use vgae_nn::ops::inner_product_loss::ReconstructionLoss;
use vgae_numerics::Dense;

/// Loss of edges and, if they are predicted, of their weights.
pub(crate) struct Reconstruction<T: Kernels> {
    edges: Box<dyn ReconstructionLoss<T>>,
    weights: Option<EdgeWeightLoss<T>>,
}

impl<T: Kernels> Reconstruction<T> {
    pub(crate) fn new(
        edges: Box<dyn ReconstructionLoss<T>>,
        weights: Option<EdgeWeightLoss<T>>,
    ) -> Self {
        Self { edges, weights }
    }

    /// Returns the loss of edges, to draw its pairs.
    pub(super) fn edges(&mut self) -> &mut dyn ReconstructionLoss<T> {
        &mut *self.edges
    }

    /// Returns the number of nodes and the width of their vectors.
    pub(super) fn shape(&self) -> (usize, usize) {
        self.edges.shape()
    }

    /// Returns the scale of the weights, if they are predicted.
    pub(super) fn weight_scale(&self) -> Option<WeightScale> {
        Some(self.weights.as_ref()?.scale())
    }

    /// Returns the loss of `z` and writes the gradients. `form` and `d_form` are diagonal and bias of the form that
    /// predicts weights; empty if they are not predicted.
    pub(super) fn forward_backward(
        &mut self,
        z: &[T],
        form: &[Dense<T>],
        d_z: &mut [T],
        d_form: &mut [Dense<T>],
    ) -> f64 {
        let (_, width) = self.shape();
        let edges = self.edges.forward_backward(z, d_z);
        match (&mut self.weights, form, d_form) {
            (Some(weights), [diagonal, bias], [d_diagonal, d_bias]) => {
                let forms = Forms { diagonals: &diagonal.data[..], biases: &bias.data[..] };
                let d_forms =
                    Forms { diagonals: &mut d_diagonal.data[..], biases: &mut d_bias.data[..] };
                edges + weights.forward_backward((z, width), &forms, d_z, d_forms)
            }
            _ => edges,
        }
    }
}
