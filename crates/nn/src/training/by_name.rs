use vgae_artifacts::tensors::Tensor;

/// Returns the tensors in the order of their names, as files have them.
pub(super) fn by_name(mut tensors: Vec<Tensor>) -> Vec<Tensor> {
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    tensors
}
