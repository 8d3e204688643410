//! Data of the report of a run over samples: stored artifacts, and images that its model decodes.

use std::path::{Path, PathBuf};

use vgae_artifacts::{
    ContentHash, Embedding, History, Kind, Manifest, Nodes, SampleAudit, SampleMetrics,
    SampleSplit, Samples, Stage, json, names,
};
use vgae_autoencoder::{AutoEncoder, AutoEncoderError};
use vgae_report::{
    ColumnError, Generated, Interpolated, Plane, Reconstructed, SamplesReport, interpolation_codes,
    pick_rows, plane_codes,
};

use super::{circumstances, optional};
use crate::PipelineError;
use crate::generate::prior_codes;
use crate::stages::samples::{as_seen, rows_of};

/// Originals above their reconstructions.
const SHOWN: usize = 20;
/// Images drawn from the prior.
const DRAWN: usize = 64;
/// Images from one sample to another.
const STEPS: usize = 12;
/// Images in a row of the plane of codes, and rows.
const SIDE: usize = 20;
/// Samples that are reconstructed at once.
const BLOCK: usize = 4096;

/// The stored parts of a run, as far as they are there.
struct Stored {
    samples: Samples,
    nodes: Nodes,
    split: Option<SampleSplit>,
    embedding: Option<Embedding>,
    model: Option<AutoEncoder>,
    audit: Option<SampleAudit>,
}

/// Another run on the same data by the other method, to compare what both generate.
pub(crate) struct Other {
    folder: PathBuf,
    manifest: Manifest,
}

impl Other {
    /// Looks among the folders beside `folder`: first for one with as wide a code and the same seed.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        let own = Manifest::read(folder).ok()?;
        let latent = |manifest: &Manifest| {
            manifest.stage(Stage::Train)?.config.pointer("/autoencoder/latent").cloned()
        };
        let ingest = |manifest: &Manifest| manifest.stage(Stage::Ingest).map(|s| s.fingerprint);
        let here = folder.canonicalize().ok()?;
        let beside = std::fs::read_dir(here.parent()?).ok()?;
        let mut folders: Vec<PathBuf> = beside
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| *path != here)
            .filter(|path| {
                path.join(names::MANIFEST).exists() && path.join(names::SAMPLES).exists()
            })
            .collect();
        folders.sort();
        let others = folders.into_iter().filter_map(|folder| {
            let manifest = Manifest::read(&folder).ok()?;
            let fits = ingest(&manifest) == ingest(&own) && manifest.method != own.method;
            fits.then_some(Self { folder, manifest })
        });
        others.min_by_key(|other| {
            (latent(&other.manifest) != latent(&own), other.manifest.seed != own.seed)
        })
    }

    /// Stands for what a page shows of it.
    pub(crate) fn stamp(&self) -> Result<String, PipelineError> {
        Ok(ContentHash::of_file(&self.folder.join(names::WEIGHTS))?.to_hex())
    }
}

/// Gathers the page of the run in `folder`.
pub(crate) fn run(folder: &Path, stamp: String) -> Result<SamplesReport, PipelineError> {
    let circumstances = circumstances(folder, stamp)?;
    let samples = Samples::read(&folder.join(names::SAMPLES))?;
    let count = samples.len();
    let weights = folder.join(names::WEIGHTS);
    let stored = Stored {
        nodes: Nodes::read(&folder.join(names::NODES))?,
        split: optional(folder, names::SAMPLE_SPLIT, |path| SampleSplit::read(path, count))?,
        embedding: optional(folder, names::LATENT, Embedding::read)?
            .filter(|embedding| embedding.mu().rows() == count),
        model: weights
            .exists()
            .then(|| AutoEncoder::read(&weights).map_err(PipelineError::at(Stage::Train)))
            .transpose()?,
        audit: optional(folder, names::AUDIT, |path| json::read(path, Kind::Audit))?,
        samples,
    };
    let mut report = SamplesReport {
        circumstances,
        certificate: optional(folder, names::CERTIFICATE, |path| {
            json::read(path, Kind::Certificate)
        })?,
        history: optional(folder, names::HISTORY, History::read)?,
        metrics: optional(folder, names::METRICS, SampleMetrics::read)?,
        image: stored.samples.image(),
        mapped: stored.held_out(),
        ..SamplesReport::default()
    };
    if let (Some(model), Some(embedding)) = (&stored.model, &stored.embedding) {
        stored.decoded(&mut report, model, embedding).map_err(PipelineError::at(Stage::Train))?;
        if report.image.is_some() {
            compare(folder, &mut report, model)?;
        } else {
            let names = stored.column_names(report.circumstances.manifest.as_ref());
            report.columns =
                stored.column_errors(model, &names).map_err(PipelineError::at(Stage::Train))?;
        }
    }
    report.audit = stored.audit;
    report.nodes = Some(stored.nodes);
    report.embedding = stored.embedding;
    Ok(report)
}

impl Stored {
    /// Test samples; all of them where there are none.
    fn held_out(&self) -> Vec<u32> {
        let test = self.split.as_ref().map(|split| split.test.clone()).unwrap_or_default();
        if test.is_empty() {
            return (0..u32::try_from(self.samples.len()).unwrap_or(u32::MAX)).collect();
        }
        test
    }

    /// The pictures of a run over images.
    fn decoded(
        &self,
        report: &mut SamplesReport,
        model: &AutoEncoder,
        embedding: &Embedding,
    ) -> Result<(), AutoEncoderError> {
        if self.samples.image().is_none() {
            return Ok(());
        }
        let rows = pick_rows(&self.nodes, &report.mapped, SHOWN);
        let originals = rows_of(self.samples.values(), &rows)?;
        let reconstructions = model.reconstruct(&originals)?;
        let originals = as_seen(&originals);
        if let &[from, to, ..] = rows.as_slice() {
            let images = model.decode(&interpolation_codes(embedding, from, to, STEPS))?;
            report.interpolated = Some(Interpolated { from, to, images });
        }
        report.reconstructed = Some(Reconstructed { rows, originals, reconstructions });
        if model.latent() == 2 {
            let of_prior = model.is_variational();
            let codes = plane_codes(embedding, &report.mapped, SIDE, of_prior);
            let images = model.decode(&codes)?;
            report.plane = Some(Plane { side: SIDE, codes, images, of_prior });
        }
        Ok(())
    }

    /// How well each column of a table comes back on held-out samples.
    fn column_errors(
        &self,
        model: &AutoEncoder,
        names: &[String],
    ) -> Result<Vec<ColumnError>, AutoEncoderError> {
        let held_out = self.held_out();
        let mut sums = vec![(0.0f64, 0.0f64, 0.0f64); self.samples.values().columns()];
        for rows in held_out.chunks(BLOCK) {
            let values = rows_of(self.samples.values(), rows)?;
            let (seen, back) = (as_seen(&values), model.reconstruct(&values)?);
            for row in 0..rows.len() {
                let pairs = seen.row(row).iter().zip(back.row(row));
                for (sum, (&value, &back)) in sums.iter_mut().zip(pairs) {
                    let (value, back) = (f64::from(value), f64::from(back));
                    sum.0 += (value - back).powi(2);
                    sum.1 += value;
                    sum.2 += value * value;
                }
            }
        }
        let count = held_out.len().max(1) as f64;
        let column = |(at, (error, sum, squares)): (usize, (f64, f64, f64))| ColumnError {
            name: names.get(at).cloned().unwrap_or_else(|| format!("column {at}")),
            squared_error: error / count,
            variance: (squares / count - (sum / count).powi(2)).max(0.0),
        };
        Ok(sums.into_iter().enumerate().map(column).collect())
    }

    /// The names of the columns, if audit or configuration say them.
    fn column_names(&self, manifest: Option<&Manifest>) -> Vec<String> {
        let count = self.samples.values().columns();
        let scaling = self.audit.iter().flat_map(|audit| &audit.scaling);
        let scaled: Vec<String> = scaling.map(|scale| scale.column.clone()).collect();
        if scaled.len() == count {
            return scaled;
        }
        let ingest = manifest.and_then(|manifest| manifest.stage(Stage::Ingest));
        let chosen = ingest.and_then(|record| record.config.pointer("/table/columns"));
        chosen.and_then(|names| serde_json::from_value(names.clone()).ok()).unwrap_or_default()
    }
}

/// Decodes draws of the prior with this run's model, and the same draws with another's.
fn compare(
    folder: &Path,
    report: &mut SamplesReport,
    model: &AutoEncoder,
) -> Result<(), PipelineError> {
    let own = report.circumstances.manifest.as_ref();
    let seed = own.map(|own| own.seed).unwrap_or_default();
    let draw = |run: &str,
                method: String,
                model: &AutoEncoder|
     -> Result<Generated, PipelineError> {
        let images = model
            .decode(&prior_codes(DRAWN, model.latent(), seed))
            .map_err(PipelineError::at(Stage::Train))?;
        Ok(Generated { run: run.to_owned(), method, variational: model.is_variational(), images })
    };
    let by_kind = if model.is_variational() { "vae" } else { "ae" };
    let method = own.map_or_else(|| by_kind.to_owned(), |own| own.method.clone());
    let name = own.map_or(&report.circumstances.folder, |own| &own.run);
    let generated = draw(name, method, model)?;
    report.generated.push(generated);
    if let Some(Other { folder, manifest }) = Other::of(folder) {
        // A damaged neighbour is no reason to go without a page.
        let other = AutoEncoder::read(&folder.join(names::WEIGHTS)).ok();
        if let Some(other) = other.filter(|other| other.columns() == model.columns()) {
            report.generated.push(draw(&manifest.run, manifest.method, &other)?);
        }
    }
    Ok(())
}
