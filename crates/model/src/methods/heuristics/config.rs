use vgae_artifacts::Seed;
use vgae_options::Options;

use super::PairFeature;
use crate::method::Entry;
use crate::{
    Callback, DataSize, Estimator, FeatureUse, FitInput, FitOptions, FittedModel, ModelError,
    Needs, PairModel, Scoring,
};

const fn entry(
    name: &'static str,
    about: &'static str,
    default: fn() -> Box<dyn Estimator>,
) -> Entry {
    Entry { name, about, default }
}

/// Pair features that are methods of their own. The others are only columns of a hybrid.
pub(crate) const METHODS: &[Entry] = &[
    entry("common-neighbours", "number of common neighbours", || of(PairFeature::CommonNeighbours)),
    entry("adamic-adar", "common neighbours, weighted by 1 / ln(degree)", || {
        of(PairFeature::AdamicAdar)
    }),
    entry("resource-allocation", "common neighbours, weighted by 1 / degree", || {
        of(PairFeature::ResourceAllocation)
    }),
    entry("katz", "walks between two nodes, weighted by length", || of(PairFeature::Katz)),
    entry("page-rank", "personalised PageRank in both directions", || of(PairFeature::PageRank)),
    entry("feature-cosine", "cosine of TF-IDF features", || of(PairFeature::FeatureCosine)),
];

fn of(feature: PairFeature) -> Box<dyn Estimator> {
    Box::new(Heuristic(feature))
}

/// Method without hyper-parameters that scores pairs by one feature.
#[derive(Debug, Clone, Copy)]
struct Heuristic(PairFeature);

impl Estimator for Heuristic {
    fn groups(&mut self) -> Vec<&mut dyn Options> {
        Vec::new()
    }

    fn boxed(&self) -> Box<dyn Estimator> {
        Box::new(*self)
    }

    fn needs(&self) -> Needs {
        let reads = self.0.uses_features();
        Needs::graph(if reads { FeatureUse::Required } else { FeatureUse::Ignored })
    }

    fn fit(
        &self,
        _: FitInput<'_>,
        _: Seed,
        _: FitOptions,
        _: &mut dyn Callback,
    ) -> Result<FittedModel, ModelError> {
        Ok(FittedModel {
            encoder: None,
            encoder_config: None,
            pair_model: Some(PairModel::of(self.0)),
        })
    }

    fn scoring(&self) -> Scoring {
        Scoring::PairModel { decoder: false }
    }

    fn uses_edge_weights(&self) -> bool {
        false
    }

    fn transductive(&self) -> Option<&'static str> {
        Some("it scores pairs and has no vectors")
    }

    fn memory(&self, data: &DataSize) -> usize {
        data.training_memory(8, self.0.uses_features())
    }

    fn least_memory(&self, _: &DataSize) -> usize {
        0
    }

    fn cost(&self, data: &DataSize) -> u64 {
        data.linear_cost(500)
    }

    fn without_features(&self) -> Option<&'static str> {
        Some("resource-allocation")
    }
}
