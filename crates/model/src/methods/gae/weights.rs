use vgae_artifacts::Matrix;
use vgae_artifacts::tensors::Tensor;
use vgae_nn::ShapeError;

/// Weights of an encoder: named row-major matrices. `F` is the number of features, or of nodes for methods
/// without features. The file's header contains the method and its hyper-parameters.
///
/// | tensor | shape | use |
/// |---|---|---|
/// | `w0` | `F x hidden` | `gae`, `vgae`, `deep-*`: first layer |
/// | `w1`, `w2`, ... | `hidden x hidden` | `deep-*`: further hidden layers |
/// | `w_mu` | `hidden x latent`; `F x latent` for `linear-*`, `gnae`, `vgnae`, `mlp-gae` | head of the mean |
/// | `w_log_sigma` | as `w_mu` | head of log sigma (not of log sigma squared); variational methods |
/// | `b_mu`, `b_log_sigma` | `1 x latent` | `gnae`, `vgnae`, `mlp-gae`: biases of the heads |
/// | `decoder.0.weight`, `decoder.0.bias` | `hidden x latent`, `1 x hidden` | `mlp-gae`: the decoder's first layer |
/// | `decoder.1.weight`, `decoder.1.bias` | `1 x hidden`, `1 x 1` | `mlp-gae`: its second layer |
/// | `edge_weight.diagonal`, `edge_weight.bias` | `1 x latent`, `1 x 1` | with `weight_loss`: form that predicts edge weights |
/// | `edge_weight.mean`, `.deviation`, `.least`, `.most` | `1 x 1` | with `weight_loss`: of the training edges' weights; not learned |
/// | `relation.diagonals`, `relation.biases` | `types x latent`, `types x 1` | with `decoder = "distmult"`: a form per relation type |
/// | `column_weights` | `1 x F` | features scaled by `tf-idf` or `standard`: factor of each; not learned |
/// | `column_means` | `1 x F` | features scaled by `standard`: mean of each; not learned |
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// Tensors in the order of [`place`].
    tensors: Vec<(String, Matrix)>,
}

/// The tensors that are not numbered, in their order.
const NAMES: [&str; 18] = [
    "w_mu",
    "w_log_sigma",
    "b_mu",
    "b_log_sigma",
    DECODER[0],
    DECODER[1],
    DECODER[2],
    DECODER[3],
    EDGE_WEIGHT[0],
    EDGE_WEIGHT[1],
    RELATION[0],
    RELATION[1],
    COLUMN_WEIGHTS,
    COLUMN_MEANS,
    EDGE_WEIGHT_SCALE[0],
    EDGE_WEIGHT_SCALE[1],
    EDGE_WEIGHT_SCALE[2],
    EDGE_WEIGHT_SCALE[3],
];
/// Number of [`NAMES`] that are learned.
const LEARNED: usize = 12;
/// Names of the tensors of a learned decoder.
pub(crate) const DECODER: [&str; 4] =
    ["decoder.0.weight", "decoder.0.bias", "decoder.1.weight", "decoder.1.bias"];
/// Names of the parameters of the form that predicts edge weights.
pub(crate) const EDGE_WEIGHT: [&str; 2] = ["edge_weight.diagonal", "edge_weight.bias"];
/// Names of the parameters of the forms of relation types.
pub(crate) const RELATION: [&str; 2] = ["relation.diagonals", "relation.biases"];
/// Names of mean, standard deviation and range of the weights of training edges.
pub(crate) const EDGE_WEIGHT_SCALE: [&str; 4] =
    ["edge_weight.mean", "edge_weight.deviation", "edge_weight.least", "edge_weight.most"];
/// Factors of scaled features.
pub(crate) const COLUMN_WEIGHTS: &str = "column_weights";
/// Means of standardised features.
pub(crate) const COLUMN_MEANS: &str = "column_means";

/// Returns the name of the weights of hidden layer `index`.
pub(crate) fn hidden_name(index: usize) -> String {
    format!("w{index}")
}

/// Returns the sort key of a tensor; `None` if it does not belong to an encoder.
pub(super) fn place(name: &str) -> Option<(usize, usize)> {
    if let Some(at) = NAMES.iter().position(|known| *known == name) {
        return Some((1 + at, 0));
    }
    let index = name.strip_prefix('w')?.parse().ok()?;
    (hidden_name(index) == name).then_some((0, index))
}

impl Weights {
    /// Creates weights from named tensors in any order, ignoring names that do not belong to an encoder.
    #[must_use]
    pub fn from_tensors(tensors: impl IntoIterator<Item = (String, Matrix)>) -> Self {
        let mut tensors: Vec<_> =
            tensors.into_iter().filter(|(name, _)| place(name).is_some()).collect();
        tensors.sort_by_key(|(name, _)| place(name));
        Self { tensors }
    }

    /// Returns the tensors with their names.
    #[must_use]
    pub fn named(&self) -> Vec<(&str, &Matrix)> {
        self.tensors.iter().map(|(name, matrix)| (&**name, matrix)).collect()
    }

    /// Returns the tensor with the given name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Matrix> {
        self.tensors.iter().find(|(known, _)| known == name).map(|(_, matrix)| matrix)
    }

    /// Returns the weights of the hidden layers, from the first.
    pub(crate) fn hidden(&self) -> impl Iterator<Item = &Matrix> {
        (0..).map_while(|index| self.get(&hidden_name(index)))
    }

    /// Returns the names and shapes of the tensors.
    pub(crate) fn shapes(&self) -> Vec<(String, (usize, usize))> {
        let shape = |matrix: &Matrix| (matrix.rows(), matrix.cols());
        self.tensors.iter().map(|(name, matrix)| (name.clone(), shape(matrix))).collect()
    }

    /// Returns the tensors for a checkpoint.
    pub(crate) fn tensors(&self) -> Vec<Tensor> {
        let tensor = |(name, matrix): &(String, Matrix)| Tensor {
            name: name.clone(),
            shape: vec![matrix.rows(), matrix.cols()],
            values: matrix.as_slice().to_vec(),
        };
        self.tensors.iter().map(tensor).collect()
    }

    /// Reads the tensors of a checkpoint.
    pub(crate) fn of_tensors(tensors: &[Tensor]) -> Result<Self, ShapeError> {
        let matrix = |Tensor { name, shape, values }: &Tensor| {
            let matrix = match shape[..] {
                [rows, cols] => Matrix::from_row_major(rows, cols, values.clone()).ok(),
                _ => None,
            };
            let shape_error = || ShapeError {
                name: name.clone(),
                expected: "a matrix".to_owned(),
                found: format!("{shape:?}"),
            };
            Ok((name.clone(), matrix.ok_or_else(shape_error)?))
        };
        Ok(Self::from_tensors(tensors.iter().map(matrix).collect::<Result<Vec<_>, _>>()?))
    }

    /// Adds constants to the weights.
    pub(crate) fn with(self, constants: impl Iterator<Item = (String, Matrix)>) -> Self {
        Self::from_tensors(self.tensors.into_iter().chain(constants))
    }

    /// Checks that the learned tensors are exactly those of `shapes`.
    pub(crate) fn check_shapes(
        &self,
        name: &str,
        shapes: &[(String, (usize, usize))],
    ) -> Result<(), ShapeError> {
        let found = |tensor: &str| self.get(tensor).map(|matrix| (matrix.rows(), matrix.cols()));
        let learned = |tensor: &str| place(tensor).is_some_and(|(group, _)| group <= LEARNED);
        let others = self.tensors.iter().map(|(tensor, _)| tensor).filter(|tensor| {
            learned(tensor) && shapes.iter().all(|(expected, _)| expected != *tensor)
        });
        let expected = shapes.iter().map(|(tensor, shape)| (tensor, Some(*shape)));
        for (tensor, expected) in expected.chain(others.map(|tensor| (tensor, None))) {
            let found = found(tensor);
            if expected != found {
                return Err(ShapeError::new(format!("{name}{tensor}"), expected, found));
            }
        }
        Ok(())
    }
}

/// Returns the names and shapes of a learned decoder's tensors.
pub(crate) fn decoder_shapes(hidden: usize, latent: usize) -> [(String, (usize, usize)); 4] {
    let [w_0, b_0, w_1, b_1] = DECODER.map(str::to_owned);
    [(w_0, (hidden, latent)), (b_0, (1, hidden)), (w_1, (1, hidden)), (b_1, (1, 1))]
}

#[cfg(test)]
mod tests {
    use vgae_numerics::constant;

    use serde_json::json;
    use vgae_artifacts::{Provenance, Seed};

    use super::*;

    use crate::testing::{auto_encoders, gae};
    use crate::{GaeConfig, Learned, Method};

    fn config(method: &str) -> GaeConfig {
        gae(method, &json!({}))
    }

    #[test]
    fn glorot_fills_its_range() {
        let weights = Weights::glorot(500, &config("vgae"), Seed(1));
        let limit = (6.0f32 / 532.0).sqrt();
        let values = weights.get("w0").expect("a first layer").as_slice();
        let most = values.iter().fold(0f32, |most, value| most.max(value.abs()));
        assert!(most <= limit && most > 0.99 * limit, "{most} {limit}");
        let mean = values.iter().sum::<f32>() / 16_000.0;
        // Five standard errors of the mean of a uniform distribution.
        assert!(mean.abs() < 5.0 * limit / (3.0f32 * 16_000.0).sqrt(), "{mean}");
        assert_ne!(weights.get("w_mu"), weights.get("w_log_sigma"));
    }

    #[test]
    fn the_shared_tensors_do_not_depend_on_the_method() {
        let gae = Weights::glorot(7, &config("gae"), Seed(1));
        let vgae = Weights::glorot(7, &config("vgae"), Seed(1));
        let deep = Weights::glorot(7, &config("deep-gae"), Seed(1));
        for name in ["w0", "w_mu"] {
            assert!(gae.get(name) == vgae.get(name) && gae.get(name) == deep.get(name), "{name}");
        }
        assert!(gae.get("w_log_sigma").is_none() && deep.get("w1").is_some());
    }

    #[test]
    fn file_round_trip() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("weights.safetensors");
        for method in auto_encoders() {
            let weights = Weights::glorot(7, &gae(method, &json!({"layers": 13})), Seed(1));
            let weights = weights.with([(COLUMN_WEIGHTS.to_owned(), constant(2.0))].into_iter());
            weights.check("", 7, &gae(method, &json!({"layers": 13}))).expect("as asked for");
            let config = method.parse::<Method>().expect("a method").default_config();
            let learned = Learned::Encoder(weights.clone());
            learned.write(&path, &config, &Provenance::of_stage("test")).expect("writes");
            assert_eq!(Weights::read(&path).expect("reads"), (config, weights));
        }
    }

    #[test]
    fn tensors_that_no_encoder_has_are_left_out_and_others_refused() {
        let one = |name: &str| Weights::from_tensors([(name.to_owned(), constant(1.0))]);
        for name in ["w", "w-1", "w01", "w+1", "eigenvalues", "w_in"] {
            assert!(one(name).named().is_empty(), "{name}");
        }
        let config = config("gae");
        let gae = Weights::glorot(7, &config, Seed(1));
        let more = gae.with([("w1".to_owned(), constant(1.0))].into_iter());
        let error = more.check("", 7, &config).expect_err("a layer more").to_string();
        assert!(error.contains("w1: expected none, found 1 x 1"), "{error}");
    }
}
