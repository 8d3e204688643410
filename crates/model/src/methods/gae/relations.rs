//! Decoder of edges with relation types, and its loss.

use std::sync::Arc;

use rand::RngExt;
use rayon::prelude::*;
use vgae_artifacts::{Embedding, Matrix, Pair, PairTypes, Seed, Stream, TrainRelations, TrainView};
use vgae_nn::ops::Kernels;
use vgae_nn::ops::bilinear::{self, Forms, TypedPairs, form_of};
use vgae_numerics::Dense;
use vgae_numerics::parallel::{PerChunk, RowChunks, Rows};

use super::weights::RELATION;
use crate::input::check_vectors;
use crate::non_edges::draw_pair;
use crate::{ModelError, Weights};

/// Number of draws for a pair without an edge, or for a relation that an edge does not have, in case nearly all have.
const MOST_DRAWS: usize = 20;

/// Mean cross-entropy of bilinear forms (`DistMult`: Yang et al. 2015, arXiv 1412.6575): each training edge with each
/// of its relations, against pairs without an edge, and against the same edge with a relation that it does not have.
/// Both are drawn anew in each epoch: `per_positive` pairs and, if there are several relations, one relation.
pub(crate) struct RelationLoss<T> {
    nodes: usize,
    width: usize,
    edges: Vec<Pair>,
    triples: Vec<(Pair, u32)>,
    relations: u32,
    pair_types: Option<Arc<PairTypes>>,
    per_positive: usize,
    pairs: TypedPairs,
    truths: Vec<T>,
    /// Form of each pair, then its slope.
    slopes: Vec<T>,
}

impl<T: Kernels> RelationLoss<T> {
    /// Creates the loss of the training edges of `train` for embeddings of `width` columns.
    ///
    /// # Errors
    /// Returns an error when edges have no relations.
    pub(crate) fn new(
        train: TrainView<'_>,
        width: usize,
        per_positive: usize,
    ) -> Result<Self, ModelError> {
        let relations = train.relations().ok_or(ModelError::NoRelations)?;
        let nodes = train.node_count();
        Ok(Self {
            nodes,
            width,
            edges: train.edges().to_vec(),
            triples: relations.triples.to_vec(),
            relations: relations.count(),
            pair_types: train.pair_types().map(Arc::clone),
            per_positive,
            pairs: TypedPairs::new(nodes, Vec::new(), None),
            truths: Vec::new(),
            slopes: Vec::new(),
        })
    }

    pub(crate) fn shape(&self) -> (usize, usize) {
        (self.nodes, self.width)
    }

    /// Draws the negatives of an epoch.
    pub(crate) fn draw(&mut self, seed: Seed, epoch: u32) {
        let Self { nodes, edges, triples, relations, pair_types, per_positive, .. } = self;
        let mut rng = seed.stream(Stream::Negatives, epoch.into());
        let mut all = triples.clone();
        for &(_, relation) in &*triples {
            for _ in 0..*per_positive {
                let mut draws =
                    (0..MOST_DRAWS).map(|_| draw_pair(*nodes, pair_types.as_deref(), &mut rng));
                let no_edge =
                    |pair: &Pair| !pair.is_self_loop() && edges.binary_search(pair).is_err();
                all.extend(draws.find(no_edge).map(|pair| (pair, relation)));
            }
        }
        if *relations > 1 {
            for (pair, _) in &*triples {
                let mut draws = (0..MOST_DRAWS).map(|_| rng.random_range(0..*relations));
                let false_one =
                    draws.find(|&other| triples.binary_search(&(*pair, other)).is_err());
                all.extend(false_one.map(|other| (*pair, other)));
            }
        }
        self.truths.clear();
        self.truths.resize(triples.len(), T::ONE);
        self.truths.resize(all.len(), T::ZERO);
        self.slopes.resize(all.len(), T::ZERO);
        let (pairs, types) = all.into_iter().unzip();
        self.pairs = TypedPairs::new(self.nodes, pairs, Some(types));
    }

    /// Returns the loss of `z` and writes the gradients.
    pub(crate) fn forward_backward(
        &mut self,
        z: &[T],
        forms: &Forms<&[T]>,
        d_z: &mut [T],
        d_forms: Forms<&mut [T]>,
    ) -> f64 {
        let Self { width, pairs, truths, slopes, .. } = self;
        bilinear::forward(pairs, (z, *width), forms, slopes);
        let each = 1.0 / pairs.len().max(1) as f64;
        let chunks = RowChunks::even(pairs.len(), 1024);
        let mut sums = vec![0.0; chunks.len()];
        let out = (Rows::new(slopes, 1), PerChunk { size: 1, data: &mut sums[..] });
        chunks.for_each(out, |_, range, (slopes, sum)| {
            sum.data[0] = T::bernoulli(&truths[range], slopes.data, each);
        });
        d_z.fill(T::ZERO);
        bilinear::backward(pairs, (z, *width), forms, slopes, d_z, d_forms);
        each * sums.iter().sum::<f64>()
    }
}

/// Decoder of edges with relation types: a bilinear form per type. The logit of an edge of any type is the highest of
/// its types.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationDecoder {
    diagonals: Matrix,
    biases: Matrix,
}

impl RelationDecoder {
    /// Creates the decoder from learned weights: `relation.diagonals` (`types x latent`) and `relation.biases`
    /// (`types x 1`).
    ///
    /// # Errors
    /// Returns an error when one of them is missing or their shapes do not match.
    pub fn from_weights(weights: &Weights) -> Result<Self, ModelError> {
        let [diagonals, biases] = RELATION;
        let shape = |matrix: &Matrix| (matrix.rows(), matrix.cols());
        let Some(diagonal) = weights.get(diagonals).filter(|own| own.rows() * own.cols() > 0)
        else {
            return Err(ModelError::shape(diagonals, Some((1, 1)), None));
        };
        let (expected, found) = (Some((diagonal.rows(), 1)), weights.get(biases));
        let Some(bias) = found.filter(|bias| Some(shape(bias)) == expected) else {
            return Err(ModelError::shape(biases, expected, found.map(shape)));
        };
        Ok(Self { diagonals: diagonal.clone(), biases: bias.clone() })
    }

    /// Creates the decoder from diagonals and biases of matching shapes.
    pub(crate) fn of(forms: &[Dense<f32>]) -> Self {
        Self { diagonals: forms[0].to_matrix(), biases: forms[1].to_matrix() }
    }

    /// Returns the number of relation types.
    #[must_use]
    pub fn relations(&self) -> u32 {
        u32::try_from(self.diagonals.rows()).unwrap_or(u32::MAX)
    }

    /// Returns the logit of an edge of type `relation` for each of `pairs`.
    ///
    /// # Errors
    /// Returns an error when the embedding has another width, or a pair is a self-loop or has a node out of range, or
    /// there is no such type.
    pub fn logits(
        &self,
        embedding: &Embedding,
        relation: u32,
        pairs: &[Pair],
    ) -> Result<Vec<f32>, ModelError> {
        if relation >= self.relations() {
            let expected = format!("below {}", self.relations());
            return Err(ModelError::config("relation", expected, relation.to_string()));
        }
        check_vectors(embedding.mu(), self.diagonals.cols(), pairs)?;
        let logit = |pair: &Pair| self.logit(embedding.mu(), relation as usize, *pair);
        Ok(pairs.par_iter().with_min_len(1024).map(logit).collect())
    }

    /// Returns the most likely relation type of each of `pairs` and its logit; of equal ones, the first.
    ///
    /// # Errors
    /// See [`RelationDecoder::logits`].
    pub fn best(
        &self,
        embedding: &Embedding,
        pairs: &[Pair],
    ) -> Result<Vec<(u32, f32)>, ModelError> {
        self.best_of(embedding.mu(), pairs)
    }

    pub(crate) fn best_of(
        &self,
        mu: &Matrix,
        pairs: &[Pair],
    ) -> Result<Vec<(u32, f32)>, ModelError> {
        check_vectors(mu, self.diagonals.cols(), pairs)?;
        let best = |pair: &Pair| {
            let logits = (0..self.relations()).map(|of| (of, self.logit(mu, of as usize, *pair)));
            let higher = |best: (u32, f32), next: (u32, f32)| {
                // A NaN must not be hidden.
                if next.1 > best.1 || next.1.is_nan() { next } else { best }
            };
            logits.reduce(higher).unwrap_or((0, f32::NAN))
        };
        Ok(pairs.par_iter().with_min_len(256).map(best).collect())
    }

    fn logit(&self, mu: &Matrix, relation: usize, pair: Pair) -> f32 {
        let (a, b) = (mu.row(pair.src as usize), mu.row(pair.dst as usize));
        let (diagonal, bias) = (self.diagonals.row(relation), self.biases.row(relation)[0]);
        #[expect(clippy::cast_possible_truncation, reason = "logits are stored as f32")]
        let logit = form_of(diagonal, bias, a, b) as f32;
        logit
    }
}

impl Weights {
    /// Adds the forms of `relations`, unless they are there: inner products, with a diagonal of ones and no bias.
    ///
    /// # Errors
    /// Returns an error when there are forms already, of another shape.
    pub(super) fn with_relations(
        self,
        relations: Option<TrainRelations<'_>>,
        latent: usize,
    ) -> Result<Self, ModelError> {
        let Some(relations) = relations else { return Ok(self) };
        let types = relations.names.len();
        if self.get(RELATION[0]).is_some() {
            for (name, expected) in RELATION.into_iter().zip([(types, latent), (types, 1)]) {
                let found = self.get(name).map(|matrix| (matrix.rows(), matrix.cols()));
                if found != Some(expected) {
                    return Err(ModelError::shape(name, Some(expected), found));
                }
            }
            return Ok(self);
        }
        let (mut diagonals, biases) = (Matrix::zeros(types, latent), Matrix::zeros(types, 1));
        diagonals.as_mut_slice().fill(1.0);
        let forms = RELATION.into_iter().map(str::to_owned).zip([diagonals, biases]);
        Ok(self.with(forms))
    }
}

#[cfg(test)]
mod tests {
    use vgae_artifacts::{EdgeSplit, LabelledPairs, Relations};
    use vgae_testing::{golden_edges, gradcheck};

    use super::*;

    fn split() -> EdgeSplit {
        let edges = golden_edges(20);
        let named = |(at, pair): (usize, &Pair)| {
            let other = if at % 4 == 0 { vec![(*pair, "also")] } else { Vec::new() };
            [vec![(*pair, ["a", "b"][at % 2])], other].concat()
        };
        let named: Vec<(Pair, &str)> = edges.iter().enumerate().flat_map(named).collect();
        let none = LabelledPairs::default;
        let split = EdgeSplit::new(20, edges, none(), none()).expect("sound");
        split.with_relations(&Relations::new(&named).expect("sound")).expect("all have one")
    }

    #[test]
    fn negatives_do_not_hold_and_the_gradient_is_that_of_the_loss() {
        let split = split();
        let train = split.train_view();
        let mut loss = RelationLoss::<f64>::new(train, 5, 2).expect("relations");
        loss.draw(Seed(1), 3);
        let triples = train.relations().expect("relations").triples;
        assert_eq!(loss.truths.iter().filter(|truth| **truth > 0.0).count(), triples.len());
        // Two pairs without an edge and a relation that does not hold, each.
        assert_eq!(loss.pairs.len(), 4 * triples.len());
        let z = gradcheck::point(20 * 5, 1);
        let (d, b) = (gradcheck::point(3 * 5, 2), gradcheck::point(3, 3));
        let mut value = |z: &[f64], d: &[f64], b: &[f64]| {
            let (mut d_z, mut d_d, mut d_b) = (vec![9.0; 100], vec![9.0; 15], vec![9.0; 3]);
            let forms = Forms { diagonals: d, biases: b };
            let d_forms = Forms { diagonals: &mut d_d[..], biases: &mut d_b[..] };
            (loss.forward_backward(z, &forms, &mut d_z, d_forms), d_z, d_d, d_b)
        };
        let (_, d_z, d_d, d_b) = value(&z, &d, &b);
        gradcheck::assert_gradient("Z", &z, &d_z, |z| value(z, &d, &b).0);
        gradcheck::assert_gradient("D", &d, &d_d, |d| value(&z, d, &b).0);
        gradcheck::assert_gradient("b", &b, &d_b, |b| value(&z, &d, b).0);
    }

    #[test]
    fn a_decoder_of_other_shapes_is_refused() {
        let relations = split();
        let relations = relations.train_view().relations();
        let weights = Weights::from_tensors([]).with_relations(relations, 4).expect("made");
        let decoder = RelationDecoder::from_weights(&weights).expect("sound");
        assert_eq!(decoder.relations(), 3);
        weights.clone().with_relations(relations, 5).expect_err("another width");
        let lost = weights.named().into_iter().take(1);
        let lost = lost.map(|(name, matrix)| (name.to_owned(), matrix.clone()));
        RelationDecoder::from_weights(&Weights::from_tensors(lost)).expect_err("no biases");
        let embedding = Embedding::new(Matrix::zeros(3, 4), None).expect("finite");
        decoder.logits(&embedding, 3, &[]).expect_err("no such type");
        decoder.best(&embedding, &[Pair::new(0, 3)]).expect_err("no such node");
        let best = decoder.best(&embedding, &[Pair::new(0, 1)]).expect("scores");
        assert_eq!(best, [(0, 0.0)]);
    }
}
