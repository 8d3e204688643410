//! The checks of a run over samples.

use std::path::Path;

use vgae_artifacts::{
    Embedding, Kind, ReconstructionMetrics, SampleCertificate, SampleMetrics, json, names,
};
use vgae_autoencoder::AutoEncoder;
use vgae_eval::EvalConfig;

use super::recomputed::Recomputed;
use crate::stages::{self, Artifacts};
use crate::{Stage, StageError};
use vgae_artifacts::Manifest;

pub(crate) fn checks(folder: &Path, manifest: &Manifest) -> Vec<Recomputed> {
    let config = manifest.stage(Stage::Eval).map(|record| &record.config);
    vec![
        ("leak certificate proved again", certificate_fault(folder)),
        ("codes computed again from the weights", codes_fault(folder)),
        ("metrics computed again from weights and codes", metrics_fault(folder, config)),
    ]
}

fn certificate_fault(folder: &Path) -> Result<Option<String>, StageError> {
    let from = Artifacts(vec![folder.to_owned()]);
    let samples = from.samples()?;
    let split = from.sample_split(&samples)?;
    let stored: SampleCertificate =
        json::read(&folder.join(names::CERTIFICATE), Kind::Certificate)?;
    let proved = vgae_samples::certify(samples.len(), samples.given_parts(), &split);
    Ok(if !proved.holds() {
        Some(
            "the split leaks: a part overlaps another, or is not the one that the data gives"
                .to_owned(),
        )
    } else if proved != stored {
        Some("certificate.json speaks of another split".to_owned())
    } else {
        None
    })
}

/// By how much a code may differ, to the largest of its file: another machine adds in another order.
const CODE_TOLERANCE: f32 = 1e-4;
/// By how much a metric may differ, likewise.
const METRIC_TOLERANCE: f64 = 1e-3;

fn codes_fault(folder: &Path) -> Result<Option<String>, StageError> {
    let model = AutoEncoder::read(&folder.join(names::WEIGHTS))?;
    let stored = Embedding::read(&folder.join(names::LATENT))?;
    let samples = Artifacts(vec![folder.to_owned()]).samples()?;
    let found = model.encode(samples.values())?;
    let of = |embedding: &Embedding| {
        let sigma = embedding.log_sigma().map(|matrix| matrix.as_slice().to_vec());
        (embedding.mu().as_slice().to_vec(), sigma.unwrap_or_default())
    };
    let ((mu, sigma), (stored_mu, stored_sigma)) = (of(&found), of(&stored));
    let differs = |found: &[f32], stored: &[f32]| {
        let largest = stored.iter().fold(1.0f32, |largest, value| largest.max(value.abs()));
        let allowed = CODE_TOLERANCE * largest;
        found.len() != stored.len()
            || found.iter().zip(stored).any(|(a, b)| (a - b).abs().total_cmp(&allowed).is_gt())
    };
    let differ = differs(&mu, &stored_mu) || differs(&sigma, &stored_sigma);
    Ok(differ.then(|| "latent.safetensors does not follow from weights.safetensors".to_owned()))
}

fn metrics_fault(
    folder: &Path,
    config: Option<&serde_json::Value>,
) -> Result<Option<String>, StageError> {
    let stored = SampleMetrics::read(&folder.join(names::METRICS))?;
    let samples = config.and_then(|config| serde_json::from_value(config.clone()).ok());
    let Some(samples) = samples else {
        return Ok(Some("the manifest does not say how they were computed".to_owned()));
    };
    let config = EvalConfig { samples, ..EvalConfig::default() };
    let found = stages::samples::judge(&Artifacts(vec![folder.to_owned()]), &config)?;
    let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= METRIC_TOLERANCE * a.abs().max(b.abs()),
        (a, b) => a == b,
    };
    let alike = |a: Option<&ReconstructionMetrics>, b: Option<&ReconstructionMetrics>| {
        let of = |metrics: Option<&ReconstructionMetrics>| {
            metrics.map(|m| {
                let plain = [m.reconstruction, m.squared_error].map(Some);
                (m.samples, [plain[0], plain[1], m.kl, m.negative_elbo, m.pca_squared_error])
            })
        };
        match (of(a), of(b)) {
            (Some((n, a)), Some((m, b))) => {
                n == m && a.into_iter().zip(b).all(|(a, b)| close(a, b))
            }
            (a, b) => a.is_none() && b.is_none(),
        }
    };
    let (code, stored_code) = (found.code.as_ref(), stored.code.as_ref());
    let holds = alike(found.validation.as_ref(), stored.validation.as_ref())
        && alike(found.test.as_ref(), stored.test.as_ref())
        && code.is_some() == stored_code.is_some()
        && code.zip(stored_code).is_none_or(|(a, b)| {
            close(a.knn_accuracy, b.knn_accuracy) && close(a.probe_accuracy, b.probe_accuracy)
        });
    let fault = "metrics.json does not follow from the weights, the codes and the samples";
    Ok((!holds).then(|| fault.to_owned()))
}
