use std::sync::Arc;

use vgae_artifacts::{Pair, PairTypes, Seed, Stream, TrainView};

use crate::non_edges::draw_non_edges;
use vgae_numerics::Adjacency;
use vgae_numerics::random::shuffle;

/// Training edges, divided in each epoch into random batches of about the same size.
pub(crate) struct Batches {
    nodes: usize,
    edges: Vec<Pair>,
    weights: Option<Vec<f32>>,
    pair_types: Option<Arc<PairTypes>>,
    count: usize,
    per_positive: usize,
    /// Edge order of the current epoch.
    order: Vec<u32>,
}

/// Data of one training step.
pub(crate) struct Batch {
    /// Edges to predict.
    pub(crate) positives: Vec<Pair>,
    /// Distinct pairs that are not training edges.
    pub(crate) negatives: Vec<Pair>,
    /// All training edges except the positives.
    pub(crate) rest: Adjacency,
}

impl Batches {
    /// Creates `count` batches, or as many as there are edges, with `per_positive` negatives per edge.
    pub(crate) fn new(train: TrainView<'_>, count: usize, per_positive: usize) -> Self {
        let edges = train.edges().to_vec();
        let weights = train.weights().map(<[f32]>::to_vec);
        let pair_types = train.pair_types().map(Arc::clone);
        let count = count.min(edges.len());
        let nodes = train.node_count();
        Self { nodes, edges, weights, pair_types, count, per_positive, order: Vec::new() }
    }

    /// Returns the number of batches per epoch.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Returns batch number `batch` of an epoch. The batches of an epoch must be taken in order from the
    /// first.
    pub(crate) fn take(&mut self, seed: Seed, epoch: u32, batch: usize) -> Batch {
        let edges = self.edges.len();
        if batch == 0 {
            self.order.clear();
            self.order.extend((0u32..).take(edges));
            shuffle(&mut seed.stream(Stream::Shuffle, epoch.into()), &mut self.order);
        }
        let start = |batch: usize| batch * edges / self.count;
        let taken = &self.order[start(batch)..start(batch + 1)];
        let positives: Vec<Pair> = taken.iter().map(|&at| self.edges[at as usize]).collect();
        let negatives = self.negatives(seed, (u64::from(epoch) << 32) + batch as u64, taken.len());
        let rest = self.without(taken);
        Batch { positives, negatives, rest }
    }

    /// Returns a batch of the given pairs; `None` if one of `positives` is not a training edge.
    pub(crate) fn of(&self, positives: &[Pair], negatives: &[Pair]) -> Option<Batch> {
        let place = |pair: &Pair| {
            let place = self.edges.binary_search(&pair.canonical()).ok()?;
            u32::try_from(place).ok()
        };
        let taken: Vec<u32> = positives.iter().map(place).collect::<Option<_>>()?;
        let rest = self.without(&taken);
        Some(Batch { positives: positives.to_vec(), negatives: negatives.to_vec(), rest })
    }

    fn negatives(&self, seed: Seed, index: u64, positives: usize) -> Vec<Pair> {
        let mut rng = seed.stream(Stream::Negatives, index);
        let (types, wanted) = (self.pair_types.as_deref(), positives * self.per_positive);
        draw_non_edges(self.nodes, &self.edges, types, wanted, &mut rng)
    }

    fn without(&self, taken: &[u32]) -> Adjacency {
        let mut stays = vec![true; self.edges.len()];
        for &at in taken {
            stays[at as usize] = false;
        }
        let kept = |at: &usize| stays[*at];
        let places = || (0..self.edges.len()).filter(kept);
        let edges: Vec<Pair> = places().map(|at| self.edges[at]).collect();
        let weights = self.weights.as_ref();
        let weights = weights.map(|weights| places().map(|at| weights[at]).collect::<Vec<f32>>());
        Adjacency::of_edges(self.nodes, &edges, weights.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::ring;

    #[test]
    fn an_epoch_s_batches_are_all_edges_once_and_none_is_passed_over_while_it_is_asked_for() {
        let split = ring(50);
        let edges = split.train().to_vec();
        let weights: Vec<f32> = (0..edges.len()).map(|at| at as f32).collect();
        let split = split.with_train_weights(weights).expect("as many");
        let mut batches = Batches::new(split.train_view(), 7, 2);
        let mut epochs = Vec::new();
        for epoch in [1, 2, 1] {
            let mut all = Vec::new();
            for batch in 0..batches.count() {
                let Batch { positives, negatives, rest } = batches.take(Seed(1), epoch, batch);
                assert!(
                    positives.len() * 7 >= edges.len() - 7
                        && positives.len() * 7 <= edges.len() + 7
                );
                assert_eq!(negatives.len(), 2 * positives.len());
                let no_edge =
                    |pair: &Pair| edges.binary_search(pair).is_err() && !pair.is_self_loop();
                assert!(negatives.iter().all(no_edge));
                assert_eq!(rest.edges(), edges.len() - positives.len());
                for pair in &edges {
                    let place = rest.neighbours(pair.src as usize).binary_search(&pair.dst);
                    assert_eq!(place.is_err(), positives.contains(pair), "{pair:?}");
                    if let Ok(place) = place {
                        let weight = rest.weights(pair.src as usize).expect("weights")[place];
                        let number = edges.binary_search(pair).expect("an edge");
                        assert!((weight - number as f32).abs() < 0.5, "an edge keeps its weight");
                    }
                }
                all.extend(positives);
            }
            let order = all.clone();
            all.sort_unstable();
            assert_eq!(all, edges);
            epochs.push(order);
        }
        assert!(epochs[0] != epochs[1] && epochs[0] == epochs[2]);
    }

    #[test]
    fn there_are_no_more_batches_than_edges_and_positives_are_edges() {
        let split = ring(9);
        let edges = split.train().to_vec();
        let batches = Batches::new(split.train_view(), 1000, 1);
        assert_eq!(batches.count(), edges.len());
        assert!(batches.of(&edges[..2], &[]).is_some());
        assert!(batches.of(&[Pair::new(0, 3)], &[]).is_none());
    }
}
