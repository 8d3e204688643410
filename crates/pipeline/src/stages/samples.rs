//! The stages over samples: rows of numbers in place of a graph.

use std::error::Error;
use std::path::Path;

use vgae_artifacts::{
    ArtifactError, Embedding, Kind, Matrix, Nodes, Provenance, ReconstructionMetrics, SampleSplit,
    SampleValues, SampleView, Samples, Seed, json, names,
};
use vgae_autoencoder::AutoEncoder;
use vgae_eval::{EvalConfig, SampleEvalConfig};
use vgae_ingest::IngestConfig;
use vgae_ingest::fetch::Fetched;
use vgae_model::ModelError;
use vgae_report::Report;
use vgae_samples::{EvalInput, SampleModel};

use super::artifacts::{Artifacts, Result, Splitting, Training};
use super::callback::TrainingCallback;
use super::{DataStages, Ingested};
use crate::observe::Tell;
use crate::plan::RunPlan;
use crate::verify::recomputed::Recomputed;
use crate::verify::samples::checks;
use crate::{PipelineError, StageError, report};

/// The stages over samples.
pub(crate) struct Tables;

impl DataStages for Tables {
    fn ingest(
        &self,
        out: &Path,
        config: &IngestConfig,
        base: &Path,
        fetched: Option<&Fetched>,
        provenance: &Provenance,
    ) -> Result<Ingested> {
        let (nodes, samples, audit) = vgae_samples::load(config, base, fetched)?;
        nodes.write(&out.join(names::NODES), provenance)?;
        samples.write(&out.join(names::SAMPLES), provenance)?;
        json::write(&out.join(names::AUDIT), Kind::Audit, &audit, provenance)?;
        Ok(Ingested::Samples(audit))
    }

    fn split(
        &self,
        from: &Artifacts,
        out: &Path,
        splitting: &Splitting<'_>,
        provenance: &Provenance,
    ) -> Result<()> {
        let samples = from.samples()?;
        let (count, given) = (samples.len(), samples.given_parts());
        let split = vgae_samples::split(count, given, splitting.config, splitting.seed)?;
        let certificate = vgae_samples::certify(count, given, &split);
        split.write(&out.join(names::SAMPLE_SPLIT), provenance)?;
        json::write(&out.join(names::CERTIFICATE), Kind::Certificate, &certificate, provenance)?;
        Ok(())
    }

    fn train(
        &self,
        from: &Artifacts,
        out: &Path,
        training: &Training<'_>,
        tell: &mut Tell<'_>,
        provenance: &Provenance,
    ) -> Result<Option<Embedding>> {
        let samples = from.samples()?;
        let split = from.sample_split(&samples)?;
        let view = SampleView::new(&samples, &split)?;

        let mut callback =
            TrainingCallback { tell, training, validation: None, provenance, own_epochs: None };
        let options = callback.options();
        let Some((config, beta)) = training.config.of_samples() else {
            return Err(ModelError::NeedsGraph { method: training.config.method().name() }.into());
        };
        let seed = training.seed;
        let fitted =
            vgae_autoencoder::fit_samples(view, config, beta, seed, options, &mut callback)?;

        let embedding = fitted.model.encode(samples.values())?;
        fitted.model.write(&out.join(names::WEIGHTS), provenance)?;
        embedding.write(&out.join(names::LATENT), provenance)?;
        fitted.history.write(&out.join(names::HISTORY), provenance)?;
        Ok(Some(embedding))
    }

    fn eval(
        &self,
        from: &Artifacts,
        out: &Path,
        config: &EvalConfig,
        provenance: &Provenance,
    ) -> Result<()> {
        let (nodes, samples) = (from.nodes()?, from.samples()?);
        let split = from.sample_split(&samples)?;
        let embedding = Embedding::read(&from.path(names::LATENT))?;
        let model = AutoEncoder::read(&from.path(names::WEIGHTS))?;
        let model = &Judged { model: &model, values: samples.values() };
        let (nodes, samples) = (&nodes, &samples);
        let input = EvalInput { samples, nodes, split: &split, embedding: &embedding, model };
        let metrics = vgae_samples::evaluate(&input, config)?;
        Ok(metrics.write(&out.join(names::METRICS), provenance)?)
    }

    fn embed_again(
        &self,
        from: &Artifacts,
        out: &Path,
        _: &Training<'_>,
        provenance: &Provenance,
    ) -> Result<()> {
        let model = AutoEncoder::read(&from.path(names::WEIGHTS))?;
        let embedding = model.encode(from.samples()?.values())?;
        Ok(embedding.write(&out.join(names::LATENT), provenance)?)
    }

    fn verify(&self, folder: &Path, _: &RunPlan) -> Vec<Recomputed> {
        checks(folder)
    }

    fn report(&self, folder: &Path, stamp: String) -> Result<Report, PipelineError> {
        Ok(report::samples::run(folder, stamp)?.render())
    }

    /// The report of samples shows the images of another run beside its own.
    fn shown_beside(&self, folder: &Path) -> Result<Option<String>, PipelineError> {
        report::samples::Other::of(folder).map(|other| other.stamp()).transpose()
    }
}

/// Seed of the noise in evaluations of variational models: one for all, so that two bounds differ by the model
/// alone, and a single stage reproduces the whole chain.
const NOISE: Seed = Seed(0);

impl Artifacts {
    pub(crate) fn samples(&self) -> Result<Samples> {
        Ok(Samples::read(&self.path(names::SAMPLES))?)
    }

    pub(crate) fn sample_split(&self, samples: &Samples) -> Result<SampleSplit> {
        Ok(SampleSplit::read(&self.path(names::SAMPLE_SPLIT), samples.len())?)
    }
}

/// Measures a model on samples in memory, as stage `eval` measures it on test samples, without a PCA beside it.
///
/// # Errors
/// Returns an error when there are no samples, or they have another number of columns than the model.
pub fn measure_samples(
    model: &AutoEncoder,
    samples: &Samples,
) -> Result<ReconstructionMetrics, StageError> {
    let rows = 0..u32::try_from(samples.len()).unwrap_or(u32::MAX);
    let ids: Vec<String> = rows.clone().map(|row| row.to_string()).collect();
    let nodes = &Nodes::new(ids, vec![None; samples.len()])?;
    let split = &SampleSplit { test: rows.collect(), ..SampleSplit::default() };
    let embedding = &model.encode(samples.values())?;
    let model = &Judged { model, values: samples.values() };
    let config = SampleEvalConfig { pca: false, ..SampleEvalConfig::default() };
    let config = EvalConfig { samples: config, ..EvalConfig::default() };
    let metrics =
        vgae_samples::evaluate(&EvalInput { samples, nodes, split, embedding, model }, &config)?;
    let none = || ArtifactError::invalid("samples", "at least one row", "none");
    Ok(metrics.test.ok_or_else(none)?)
}

/// A model and the samples it is judged by.
struct Judged<'a> {
    model: &'a AutoEncoder,
    values: &'a SampleValues,
}

impl SampleModel for Judged<'_> {
    fn reconstruct(&self, rows: &[u32]) -> Result<Matrix, Box<dyn Error + Send + Sync>> {
        Ok(self.model.reconstruct(&rows_of(self.values, rows)?)?)
    }

    fn loss(&self, rows: &[u32]) -> Result<(f64, Option<f64>), Box<dyn Error + Send + Sync>> {
        let loss = self.model.loss(self.values, rows, NOISE)?;
        Ok((loss.reconstruction, self.model.is_variational().then_some(loss.kl)))
    }
}

/// Some of the samples.
pub(crate) fn rows_of(values: &SampleValues, rows: &[u32]) -> vgae_artifacts::Result<SampleValues> {
    if let Some(row) = rows.iter().find(|&&row| row as usize >= values.rows()) {
        let expected = format!("rows below {}", values.rows());
        return Err(ArtifactError::invalid("samples", expected, row.to_string()));
    }
    let rows = rows.iter().map(|&row| row as usize);
    Ok(match values {
        SampleValues::Bytes { columns, data } => {
            let data = rows.flat_map(|row| &data[row * columns..(row + 1) * columns]);
            SampleValues::Bytes { columns: *columns, data: data.copied().collect() }
        }
        SampleValues::Reals(matrix) => {
            let (count, columns) = (rows.len(), matrix.cols());
            let data: Vec<f32> = rows.flat_map(|row| matrix.row(row)).copied().collect();
            SampleValues::Reals(Matrix::from_row_major(count, columns, data)?)
        }
    })
}

/// Samples as a model sees them, one a row.
pub(crate) fn as_seen(values: &SampleValues) -> Matrix {
    let mut matrix = Matrix::zeros(values.rows(), values.columns());
    for (row, out) in matrix.as_mut_slice().chunks_exact_mut(values.columns()).enumerate() {
        values.copy_row(row, out);
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_taken_in_the_order_asked_for() {
        let bytes = SampleValues::Bytes { columns: 2, data: vec![0, 255, 51, 0, 7, 8] };
        let taken = rows_of(&bytes, &[1, 0]).expect("both are there");
        assert_eq!(taken, SampleValues::Bytes { columns: 2, data: vec![51, 0, 0, 255] });
        assert_eq!(as_seen(&taken).as_slice(), [0.2, 0.0, 0.0, 1.0]);
        let reals = SampleValues::Reals(as_seen(&bytes));
        assert_eq!(as_seen(&rows_of(&reals, &[1, 0]).expect("both")), as_seen(&taken));
        let error = rows_of(&bytes, &[3]).expect_err("three samples");
        assert_eq!(error.to_string(), "samples: expected rows below 3, found 3");
    }
}
