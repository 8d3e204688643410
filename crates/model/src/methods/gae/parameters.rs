use crate::Weights;
use crate::methods::gae::weights::{DECODER, EDGE_WEIGHT, RELATION, hidden_name};
use vgae_nn::ops::Kernels;
use vgae_nn::optim::ParameterSet;
use vgae_numerics::Dense;

/// Learned weights in training layout, with concatenated heads. Also used for gradients and Adam's moments.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parameters<T> {
    /// Weights of the hidden layers; the first is `F x hidden`, or `N x hidden` without features.
    pub(crate) hidden: Vec<Dense<T>>,
    /// Weights of the heads, `inputs x latent` or `inputs x 2 latent`: `[w_mu | w_log_sigma]`.
    pub(crate) heads: Dense<T>,
    /// Biases of the heads, one row: `[b_mu | b_log_sigma]`.
    pub(crate) bias: Option<Dense<T>>,
    /// Tensors of a learned decoder, in the order of [`DECODER`]; otherwise empty.
    pub(crate) decoder: Vec<Dense<T>>,
    /// Diagonals and biases of bilinear forms, in the order of [`EDGE_WEIGHT`] or [`RELATION`]; otherwise empty.
    pub(crate) forms: Vec<Dense<T>>,
    /// Whether the forms are those of relation types.
    pub(crate) are_relations: bool,
}

impl<T: Kernels> Parameters<T> {
    /// Converts checked weights.
    pub(crate) fn of(weights: &Weights) -> Self {
        let heads = |mu: &str, log_sigma: &str| {
            weights.get(mu).map(|mu| Dense::beside(mu, weights.get(log_sigma)))
        };
        let are_relations = weights.get(RELATION[0]).is_some();
        let named = |names: &[&str]| {
            let found = names.iter().filter_map(|name| weights.get(name));
            found.map(|matrix| Dense::beside(matrix, None)).collect()
        };
        Self {
            hidden: weights.hidden().map(|matrix| Dense::beside(matrix, None)).collect(),
            heads: heads("w_mu", "w_log_sigma").unwrap_or_else(|| Dense::zeros(0, 0)),
            bias: heads("b_mu", "b_log_sigma"),
            decoder: named(&DECODER),
            forms: named(if are_relations { &RELATION } else { &EDGE_WEIGHT }),
            are_relations,
        }
    }

    /// Returns the number of values.
    pub(crate) fn len(&self) -> usize {
        self.tensors().map(|tensor| tensor.data.len()).sum()
    }

    /// Converts to named weights, with separate heads of `latent` columns each.
    pub(crate) fn to_weights(&self, latent: usize) -> Weights {
        let hidden = self.hidden.iter().enumerate();
        let hidden = hidden.map(|(index, tensor)| (hidden_name(index), tensor.to_matrix()));
        let heads = [("w", Some(&self.heads)), ("b", self.bias.as_ref())];
        let heads = heads.into_iter().filter_map(|(letter, tensor)| Some((letter, tensor?)));
        let heads = heads.flat_map(|(letter, tensor)| {
            let parts = ["mu", "log_sigma"].into_iter().zip((0..tensor.cols).step_by(latent));
            parts.map(move |(head, at)| (format!("{letter}_{head}"), tensor.columns(at, latent)))
        });
        let named = DECODER.iter().zip(&self.decoder);
        let forms = if self.are_relations { &RELATION } else { &EDGE_WEIGHT };
        let named = named.chain(forms.iter().zip(&self.forms));
        let named = named.map(|(name, tensor)| ((*name).to_owned(), tensor.to_matrix()));
        Weights::from_tensors(hidden.chain(heads).chain(named))
    }
}

impl<T: Kernels> ParameterSet for Parameters<T> {
    type Scalar = T;

    fn zeros_like(&self) -> Self {
        let zeros = |tensor: &Dense<T>| Dense::zeros(tensor.rows, tensor.cols);
        Self {
            hidden: self.hidden.iter().map(zeros).collect(),
            heads: zeros(&self.heads),
            bias: self.bias.as_ref().map(zeros),
            decoder: self.decoder.iter().map(zeros).collect(),
            forms: self.forms.iter().map(zeros).collect(),
            are_relations: self.are_relations,
        }
    }

    fn tensors(&self) -> impl Iterator<Item = &Dense<T>> {
        self.hidden
            .iter()
            .chain(std::iter::once(&self.heads))
            .chain(&self.bias)
            .chain(&self.decoder)
            .chain(&self.forms)
    }

    fn tensors_mut(&mut self) -> impl Iterator<Item = &mut Dense<T>> {
        self.hidden
            .iter_mut()
            .chain(std::iter::once(&mut self.heads))
            .chain(&mut self.bias)
            .chain(&mut self.decoder)
            .chain(&mut self.forms)
    }
}
