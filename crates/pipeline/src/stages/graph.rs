//! The stages over graphs.

use std::collections::BTreeSet;
use std::path::Path;

use vgae_artifacts::{
    Audit, Certificate, EdgeSplit, Edges, Embedding, Graph, HardNegatives, Kind, NegativeSet,
    Nodes, OwnEpochs, Pair, Part, Provenance, json, names,
};
use vgae_eval::{
    EvalConfig, EvalInput, Evaluation, PairScorer, RelationScorer, Validator, WeightPredictor,
};
use vgae_ingest::IngestConfig;
use vgae_ingest::fetch::Fetched;
use vgae_model::{
    Diagnostics, FitInput, FittedModel, Learned, Method, PairModel, Scoring, split_hard_negatives,
};
use vgae_report::Report;

use super::artifacts::{Artifacts, Result, Splitting, Training};
use super::callback::{OwnEpochsRecorder, TrainingCallback};
use super::judged::{JUDGED, positives};
use super::parts::{self, Parts};
use super::{DataStages, Ingested};
use crate::observe::Tell;
use crate::plan::RunPlan;
use crate::scorer::Trained;
use crate::verify::graph::checks;
use crate::verify::recomputed::Recomputed;
use crate::{PipelineError, StageError, report};

/// Writes a graph and its audit.
pub(crate) fn write(
    (graph, audit): &(Graph, Audit),
    out: &Path,
    provenance: &Provenance,
) -> Result<()> {
    graph.nodes.write(&out.join(names::NODES), provenance)?;
    graph.edges.write(&out.join(names::EDGES), provenance)?;
    if let Some(features) = &graph.features {
        features.write(&out.join(names::FEATURES), provenance)?;
    }
    if let Some(relations) = &graph.relations {
        relations.write(&out.join(names::RELATIONS), provenance)?;
    }
    json::write(&out.join(names::AUDIT), Kind::Audit, audit, provenance)?;
    Ok(())
}

/// The stages over graphs.
pub(crate) struct Graphs;

impl DataStages for Graphs {
    fn ingest(
        &self,
        out: &Path,
        config: &IngestConfig,
        base: &Path,
        fetched: Option<&Fetched>,
        provenance: &Provenance,
    ) -> Result<Ingested> {
        let loaded = vgae_ingest::load(config, base, fetched)?;
        write(&loaded, out, provenance)?;
        Ok(Ingested::Graph(loaded.1))
    }

    fn split(
        &self,
        from: &Artifacts,
        out: &Path,
        splitting: &Splitting<'_>,
        provenance: &Provenance,
    ) -> Result<()> {
        let edges = Edges::read(&from.path(names::EDGES), from.node_count()?)?;
        let types = from.node_types()?;
        let Parts { split, given, rule, mut negatives } =
            parts::split(from, &edges, types.as_ref(), splitting)?;
        let certificate = Certificate { given, rule, ..vgae_split::certify(&edges, &split) };
        if let Some(warning) = split.messages().warning() {
            tracing::warn!("{warning}");
        }
        split.write(&out.join(names::SPLIT), provenance)?;
        json::write(&out.join(names::CERTIFICATE), Kind::Certificate, &certificate, provenance)?;
        if splitting.hard.is_empty() && negatives.is_empty() {
            return remove(&out.join(names::HARD_NEGATIVES));
        }
        let features = match splitting.hard {
            [] => None,
            _ => from.features(edges.node_count())?,
        };
        let sets = splitting.hard.iter().flat_map(|&set| JUDGED.map(|part| (set, part)));
        let hard = sets.map(|(set, part)| {
            let lists =
                split_hard_negatives(&split, features.as_ref(), part, set.per_positive() as usize)?;
            Ok(HardNegatives { set, part, lists })
        });
        negatives.extend(hard.collect::<Result<Vec<_>>>()?);
        Ok(HardNegatives::write(&negatives, &out.join(names::HARD_NEGATIVES), provenance)?)
    }

    fn train(
        &self,
        from: &Artifacts,
        out: &Path,
        training: &Training<'_>,
        tell: &mut Tell<'_>,
        provenance: &Provenance,
    ) -> Result<Option<Embedding>> {
        let (config, seed) = (training.config, training.seed);
        let node_count = from.node_count()?;
        let split = from.split(node_count)?;
        let features = if config.reads_features() { from.features(node_count)? } else { None };
        let input = FitInput { features: features.as_ref(), train: split.train_view() };

        let pairs = split.validation();
        let validation = Some((pairs, Validator::new(pairs)));
        let own_epochs = own_epochs_recorder(from, &split, training)?;
        let mut callback = TrainingCallback { tell, training, validation, provenance, own_epochs };
        let options = callback.options();
        let FittedModel { encoder, encoder_config, pair_model } =
            config.fit(input, seed, options, &mut callback)?;

        let mut written = Vec::new();
        if let Some(OwnEpochsRecorder { found, error, .. }) = callback.own_epochs {
            if let Some(error) = error {
                return Err(error.into());
            }
            if !found.metrics.is_empty() {
                found.write(&out.join(names::OWN_EPOCHS), provenance)?;
                written.push(names::OWN_EPOCHS);
            }
        }
        if let Some(fitted) = &encoder {
            let config = encoder_config.as_ref().unwrap_or(config);
            if let Some(view) = split.test_view() {
                let (Learned::Encoder(weights), Some(features)) = (&fitted.weights, &features)
                else {
                    return Err(StageError::NoOtherMessages { method: config.method() });
                };
                let embedding = config.infer(weights, features, view)?;
                embedding.write(&out.join(names::LATENT_TEST), provenance)?;
                written.push(names::LATENT_TEST);
            }
            fitted.weights.write(&out.join(names::WEIGHTS), config, provenance)?;
            fitted.embedding.write(&out.join(names::LATENT), provenance)?;
            let chosen = match &fitted.diagnostics {
                Diagnostics::Training(training) => training.chosen(),
                _ => None,
            };
            fitted.history.write_chosen(&out.join(names::HISTORY), chosen, provenance)?;
            written.extend([names::WEIGHTS, names::LATENT, names::HISTORY]);
        }
        if let Some(model) = pair_model {
            model.write(&out.join(names::PAIR_MODEL), provenance)?;
            written.push(names::PAIR_MODEL);
        }
        keep_only(out, &written)?;
        Ok(encoder.map(|fitted| fitted.embedding))
    }

    fn eval(
        &self,
        from: &Artifacts,
        out: &Path,
        config: &EvalConfig,
        provenance: &Provenance,
    ) -> Result<()> {
        let labels = Nodes::read_labels(&from.path(names::NODES))?;
        let split = from.split(labels.len())?;
        let trained = Trained::read(from, labels.len())?;
        let scorer = trained.scorer(split.train_view())?;
        let test_scorer = split.test_view().map(|view| trained.test_scorer(view)).transpose()?;
        let hard = |set, part| Ok(stored_hard_negatives(from, &split, set, part)?);
        let given = from.optional(names::HARD_NEGATIVES, HardNegatives::given_sets)?;
        let weights = trained.weights.as_ref().zip(trained.embedding.as_ref());
        let weights = weights.map(|(decoder, embedding)| {
            move |pairs: &[Pair]| Ok(decoder.predict(embedding, pairs)?)
        });
        let relations = trained.relations.as_ref().zip(trained.embedding.as_ref());
        let relations = relations.map(|(decoder, embedding)| {
            move |relation: u32, pairs: &[Pair]| Ok(decoder.logits(embedding, relation, pairs)?)
        });
        let input = EvalInput {
            scorer: &scorer,
            split: &split,
            test_scorer: test_scorer.as_ref().map(|scorer| scorer as &dyn PairScorer),
            nodes: trained.embedding.as_ref().map(|embedding| (embedding, labels.as_slice())),
            hard: Some(&hard),
            given: &given.unwrap_or_default(),
            weights: weights.as_ref().map(|weights| weights as &WeightPredictor<'_>),
            relations: relations.as_ref().map(|relations| relations as &RelationScorer<'_>),
            columns: scorer.columns(),
        };
        let Evaluation { mut metrics, scores, curves } = vgae_eval::evaluate(&input, config)?;
        if let Some(own) = from.optional(names::OWN_EPOCHS, OwnEpochs::read)? {
            let (name, text) = OwnEpochs::DEFINITION;
            metrics.definitions.insert(name.to_owned(), text.to_owned());
            metrics.own_epochs = own.metrics;
        }
        let method = provenance.method.as_deref().and_then(|method| method.parse().ok());
        metrics.warnings.extend(unused(&split, method, &labels, trained.embedding.as_ref()));
        metrics.write(&out.join(names::METRICS), provenance)?;
        scores.write(&out.join(names::SCORES), provenance)?;
        curves.write(&out.join(names::CURVES), provenance)?;
        Ok(())
    }

    fn embed_again(
        &self,
        from: &Artifacts,
        out: &Path,
        training: &Training<'_>,
        provenance: &Provenance,
    ) -> Result<()> {
        let scores_pairs = matches!(training.config.scoring(), Scoring::PairModel { .. });
        if scores_pairs && training.config.encoders().is_empty() {
            return Ok(()); // a heuristic, which has no vectors
        }
        let (config, learned) = Learned::read(&from.path(names::WEIGHTS))?;
        if !training.config.embeds_by(&config) {
            return Err(StageError::OtherWeights { found: config.method() });
        }
        let split = from.split(from.node_count()?)?;
        let features =
            if config.reads_features() { from.features(split.node_count())? } else { None };
        let embed = |train| {
            let input = FitInput { features: features.as_ref(), train };
            config.embed_again(&learned, input, training.seed)
        };
        embed(split.train_view())?.write(&out.join(names::LATENT), provenance)?;
        let relations = split.relations().map(|relations| relations.names().to_vec());
        let model = match (training.config.scoring(), relations) {
            (Scoring::Directed(decoder), _) => Some(PairModel::Directed(decoder)),
            (Scoring::Relations, Some(names)) => Some(PairModel::Relations { names }),
            _ => None,
        };
        if let Some(model) = model {
            model.write(&out.join(names::PAIR_MODEL), provenance)?;
        }
        if let Some(view) = split.test_view() {
            embed(view)?.write(&out.join(names::LATENT_TEST), provenance)?;
        }
        Ok(())
    }

    fn verify(&self, folder: &Path, run: &RunPlan) -> Vec<Recomputed> {
        checks(folder, run)
    }

    fn report(&self, folder: &Path, stamp: String) -> Result<Report, PipelineError> {
        Ok(report::run(folder, stamp)?.render())
    }

    fn shown_beside(&self, _: &Path) -> Result<Option<String>, PipelineError> {
        Ok(None)
    }
}

/// Returns the recorder of each metric's own best epoch, if it is requested. A hybrid has none: its encoder
/// is trained in epochs, but its scores are those of the combiner.
fn own_epochs_recorder<'a>(
    from: &Artifacts,
    split: &'a EdgeSplit,
    training: &Training<'a>,
) -> Result<Option<OwnEpochsRecorder<'a>>> {
    let is_product = training.config.scoring() == Scoring::InnerProduct;
    let Some(config) = training.own_epochs.filter(|_| is_product) else { return Ok(None) };
    let given =
        from.optional(names::HARD_NEGATIVES, HardNegatives::given_sets)?.unwrap_or_default();
    let path = from.path(names::HARD_NEGATIVES);
    let mut lists = Vec::new();
    for &set in &given {
        for part in JUDGED {
            let edges = positives(split, part).len();
            lists.extend(HardNegatives::read(&path, set, part, edges)?);
        }
    }
    let (epoch, found, error) = (0, OwnEpochs::default(), None);
    Ok(Some(OwnEpochsRecorder { config, split, given, lists, epoch, found, error }))
}

/// Removes what a training by another method left in a folder, lest it is taken for a part of this one.
fn keep_only(out: &Path, written: &[&str]) -> Result<()> {
    const ALL: [&str; 6] = [
        names::WEIGHTS,
        names::LATENT,
        names::LATENT_TEST,
        names::HISTORY,
        names::PAIR_MODEL,
        names::OWN_EPOCHS,
    ];
    ALL.into_iter()
        .filter(|name| !written.contains(name))
        .try_for_each(|name| remove(&out.join(name)))
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(StageError::Remove { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// Warnings of data that the method or the metrics leave aside.
fn unused(
    split: &EdgeSplit,
    method: Option<Method>,
    labels: &[Option<String>],
    embedding: Option<&Embedding>,
) -> Vec<String> {
    /// Vectors shorter than this are 0 but for rounding.
    const NOTHING: f32 = 1e-6;
    let mut warnings = Vec::new();
    if let Some(method) = method.filter(|method| !method.uses_edge_weights())
        && split.train_view().weights().is_some()
    {
        warnings.push(format!("the weights of the edges are ignored: method `{method}` uses none"));
    }
    let classes: BTreeSet<&str> = labels.iter().flatten().map(String::as_str).collect();
    if classes.len() > vgae_eval::MOST_CLASSES {
        warnings.push(format!(
            "the metrics of labels are left out: there are {} classes, and they are for at most {}",
            classes.len(),
            vgae_eval::MOST_CLASSES
        ));
    }
    let values = embedding.map(|embedding| embedding.mu().as_slice());
    if values.is_some_and(|values| values.iter().all(|value| value.abs() < NOTHING)) {
        warnings.push(
            "all vectors are 0 but for rounding: the method found nothing in this graph or in its features"
                .to_owned(),
        );
    }
    warnings
}

/// The hard negatives of a part: those that the split stage stored, else made anew.
fn stored_hard_negatives(
    from: &Artifacts,
    split: &EdgeSplit,
    set: NegativeSet,
    part: Part,
) -> Result<Vec<Vec<Pair>>> {
    let edges = positives(split, part).len();
    let read = |path: &Path| HardNegatives::read(path, set, part, edges);
    if let Some(stored) = from.optional(names::HARD_NEGATIVES, read)?.flatten() {
        return Ok(stored.lists);
    }
    let features = from.features(split.node_count())?;
    Ok(split_hard_negatives(split, features.as_ref(), part, set.per_positive() as usize)?)
}
