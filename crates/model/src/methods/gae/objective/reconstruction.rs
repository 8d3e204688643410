use vgae_artifacts::Seed;
use vgae_nn::ops::Kernels;
use vgae_nn::ops::bilinear::Forms;
use vgae_nn::ops::edge_weights::{EdgeWeightLoss, WeightScale};
use vgae_nn::ops::inner_product_loss::ReconstructionLoss;
use vgae_numerics::Dense;

use crate::methods::gae::relations::RelationLoss;

/// Loss of the edges of a graph as a function of the vectors of its nodes.
pub(crate) enum Reconstruction<T: Kernels> {
    /// Edges, by a decoder without parameters.
    Edges(Box<dyn ReconstructionLoss<T>>),
    /// Edges, and their weights by a bilinear form.
    Weighted(Box<dyn ReconstructionLoss<T>>, EdgeWeightLoss<T>),
    /// Edges with relation types, by a bilinear form per type.
    Relations(RelationLoss<T>),
}

impl<T: Kernels> Reconstruction<T> {
    /// Draws the pairs of an epoch, if they are sampled.
    pub(super) fn draw(&mut self, seed: Seed, epoch: u32) {
        match self {
            Self::Edges(edges) | Self::Weighted(edges, _) => edges.draw(seed, epoch),
            Self::Relations(relations) => relations.draw(seed, epoch),
        }
    }

    /// Returns the number of nodes and the width of their vectors.
    pub(super) fn shape(&self) -> (usize, usize) {
        match self {
            Self::Edges(edges) | Self::Weighted(edges, _) => edges.shape(),
            Self::Relations(relations) => relations.shape(),
        }
    }

    /// Returns the scale of the weights, if they are predicted.
    pub(super) fn weight_scale(&self) -> Option<WeightScale> {
        match self {
            Self::Weighted(_, weights) => Some(weights.scale()),
            Self::Edges(_) | Self::Relations(_) => None,
        }
    }

    /// Returns the loss of `z` and writes the gradients. `forms` and `d_forms` are diagonals and biases of the bilinear
    /// forms; empty if there are none.
    pub(super) fn forward_backward(
        &mut self,
        z: &[T],
        forms: &[Dense<T>],
        d_z: &mut [T],
        d_forms: &mut [Dense<T>],
    ) -> f64 {
        let (_, width) = self.shape();
        let forms = match (forms, d_forms) {
            ([diagonals, biases], [d_diagonals, d_biases]) => Some((
                Forms { diagonals: &diagonals.data[..], biases: &biases.data[..] },
                Forms { diagonals: &mut d_diagonals.data[..], biases: &mut d_biases.data[..] },
            )),
            _ => None,
        };
        match (self, forms) {
            (Self::Weighted(edges, weights), Some((forms, d_forms))) => {
                let loss = edges.forward_backward(z, d_z);
                loss + weights.forward_backward((z, width), &forms, d_z, d_forms)
            }
            (Self::Edges(edges) | Self::Weighted(edges, _), _) => edges.forward_backward(z, d_z),
            (Self::Relations(relations), Some((forms, d_forms))) => {
                relations.forward_backward(z, &forms, d_z, d_forms)
            }
            (Self::Relations(_), None) => f64::NAN,
        }
    }
}
