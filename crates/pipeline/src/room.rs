//! Whether a run may share the machine with others.

use std::path::Path;

use vgae_artifacts::DataKind;
use vgae_artifacts::{Audit, Kind, SampleAudit, json, names};
use vgae_model::{Method, ModelConfig, Negatives};

use crate::PipelineError;
use crate::plan::RunPlan;

/// Memory above which a run has the machine to itself. Machines have more than this for each core, so as
/// many runs as there are threads fit.
const LARGE: usize = 256 << 20;
/// Pairs a thread above which the exact loss keeps all threads busy: it is tiles and little else. Two
/// threads are 1.95 times as fast as one at 194 million each (Pubmed). Side by side such runs would gain
/// nothing, and leave threads idle beside the last one.
const BUSY: usize = 50_000_000;

/// What a run needs of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// It may go beside others.
    Shared,
    /// It has all threads and the memory to itself.
    Alone,
}

impl Room {
    /// Of a run whose ingested data lie in `folder`, on a machine with so many threads.
    pub(crate) fn of(run: &RunPlan, folder: &Path, threads: usize) -> Result<Self, PipelineError> {
        let audit = folder.join(names::AUDIT);
        let (model, method) = (run.model.get(), run.method);
        let alone = match run.data_kind {
            DataKind::Graph => {
                let graph: Audit = json::read(&audit, Kind::Audit)?;
                of_graph(model, method, &graph) > LARGE || is_busy(model, graph.nodes, threads)
            }
            DataKind::Samples => of_samples(model, &json::read(&audit, Kind::Audit)?) > LARGE,
        };
        Ok(if alone { Self::Alone } else { Self::Shared })
    }
}

/// Whether training keeps all threads busy.
fn is_busy(model: &ModelConfig, nodes: usize, threads: usize) -> bool {
    let method = if model.method == Method::Hybrid { model.hybrid.encoder } else { model.method };
    let exact = method.is_auto_encoder() && model.negatives == Negatives::All;
    exact && nodes.saturating_mul(nodes) / threads > BUSY
}

/// Bytes that a training over a graph takes, roughly and rather too many: a row of a dozen `f32` matrices
/// a node and a feature (values, gradients, moments), each feature value and each edge in both directions.
fn of_graph(model: &ModelConfig, method: Method, graph: &Audit) -> usize {
    let method = if method == Method::Hybrid { model.hybrid.encoder } else { method };
    let width = match method {
        Method::Pairs(_) => 8,
        Method::Sc => model.spectral.dimensions,
        Method::Dw => model.deepwalk.dimensions,
        Method::Smooth => return of_smooth(graph),
        Method::LinearGae | Method::LinearVgae | Method::Gnae | Method::Vgnae => model.latent,
        Method::DeepGae | Method::DeepVgae => {
            model.hidden.saturating_mul(model.layers).saturating_add(model.latent)
        }
        _ => model.hidden.saturating_add(model.latent),
    };
    let (columns, values) =
        if method.uses_features() { (graph.features, graph.feature_nonzeros) } else { (0, 0) };
    let matrices =
        (graph.nodes.saturating_add(columns)).saturating_mul(width).saturating_mul(12 * 4);
    matrices
        .saturating_add(values.saturating_mul(64))
        .saturating_add(graph.edges.saturating_mul(128))
}

/// Bytes that smoothing features takes: two dense matrices and their copy as an embedding.
fn of_smooth(graph: &Audit) -> usize {
    let dense = graph.nodes.saturating_mul(graph.features).saturating_mul(3 * 4);
    dense.saturating_add(graph.feature_nonzeros.saturating_mul(32))
}

/// The same over samples: their values and codes as `f32`, and each weight with its gradient and moments,
/// for encoder and decoder.
fn of_samples(model: &ModelConfig, data: &SampleAudit) -> usize {
    let autoencoder = &model.autoencoder;
    let row = data.columns.saturating_add(autoencoder.latent.saturating_mul(4));
    let widths =
        autoencoder.hidden.iter().fold(autoencoder.latent, |sum, width| sum.saturating_add(*width));
    let weights = widths.saturating_mul(data.columns.max(widths)).saturating_mul(2 * 4 * 4);
    data.samples.saturating_mul(row).saturating_mul(4).saturating_add(weights)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use vgae_autoencoder::AutoEncoderConfig;

    use super::*;

    fn graph(nodes: usize, edges: usize, features: usize, feature_nonzeros: usize) -> Audit {
        let none = 0;
        let rest = serde_json::json!({
            "nodes": nodes, "edges": edges, "features": features, "feature_nonzeros": feature_nonzeros,
            "directed": false, "raw_edge_entries": none, "self_loops_dropped": none,
            "duplicates_collapsed": none, "unknown_ends_dropped": none, "isolated_nodes": none,
            "max_degree": none, "components": {"count": 1, "largest": none},
            "zero_feature_nodes": none, "classes": none, "unlabelled_nodes": none, "notes": [],
            "findings": [],
        });
        serde_json::from_value(rest).expect("an audit")
    }

    fn samples(samples: usize, columns: usize) -> SampleAudit {
        let none = serde_json::json!({"count": 0, "examples": []});
        let rest = serde_json::json!({
            "samples": samples, "columns": columns, "constant_columns": none,
            "missing": {"values": 0, "columns": none, "action": ""}, "classes": 0,
            "unlabelled_samples": 0, "minimum": 0.0, "maximum": 0.0, "notes": [],
        });
        serde_json::from_value(rest).expect("an audit")
    }

    /// What whole runs on Pubmed and MNIST were measured to take, in MB, less some 30 of the program itself,
    /// lies below what is expected.
    #[test]
    fn known_data_share_and_large_data_do_not() {
        let model = ModelConfig::default();
        let pubmed = graph(19_717, 44_324, 500, 988_031);
        for (method, measured) in
            [(Method::Sc, 108), (Method::Dw, 76), (Method::Gae, 66), (Method::Vgae, 76)]
        {
            let expected = of_graph(&model, method, &pubmed);
            assert!((measured * 1_000_000..LARGE).contains(&expected), "{method}: {expected}");
        }
        let million = graph(1_000_000, 10_000_000, 0, 0);
        assert!(Method::AUTO_ENCODERS.iter().all(|&of| of_graph(&model, of, &million) > LARGE));

        let mnist = of_samples(&model, &samples(70_000, 784));
        assert!((93_000_000..LARGE).contains(&mnist), "{mnist}");
        assert!(of_samples(&model, &samples(700_000, 784)) > LARGE);
    }

    #[test]
    fn the_exact_loss_fills_the_threads_of_a_small_machine() {
        let exact = ModelConfig::default();
        let of = |nodes, threads| is_busy(&exact, nodes, threads);
        assert_eq!([2708, 3327, 19_717].map(|nodes| of(nodes, 2)), [false, false, true]);
        assert!(!of(19_717, 16));
        let walks = ModelConfig { method: Method::Dw, ..exact };
        let sampled = ModelConfig { negatives: Negatives::PerPositive(NonZeroU32::MIN), ..exact };
        assert!(!is_busy(&walks, 19_717, 2) && !is_busy(&sampled, 19_717, 2));
    }

    #[test]
    fn nothing_overflows() {
        let most = usize::MAX;
        let autoencoder = AutoEncoderConfig { latent: most, ..AutoEncoderConfig::default() };
        let model = ModelConfig { hidden: most, autoencoder, ..ModelConfig::default() };
        assert_eq!(of_graph(&model, Method::Gae, &graph(most, most, most, most)), most);
        assert_eq!(of_samples(&model, &samples(most, most)), most);
    }
}
