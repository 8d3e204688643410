//! The page of one run over samples: images, or a table of measurements.

mod codes;
mod data;
mod pictures;
mod result;

use vgae_artifacts::{
    Embedding, History, ImageShape, Matrix, Nodes, SampleAudit, SampleCertificate, SampleMetrics,
};

use super::circumstances::Circumstances;
use super::element::Element;
use super::page::{Page, paragraph};
use super::plot::Plot;
use super::{Report, map, training};

pub use codes::{interpolation_codes, pick_rows, plane_codes};

/// Data of the report of a run over samples. Absent parts are left out, or marked as absent.
/// Matrices of images have one image per row, in the units of the model.
#[derive(Debug, Clone, Default)]
pub struct SamplesReport {
    /// How it came about.
    pub circumstances: Circumstances,
    /// Audit of ingest.
    pub audit: Option<SampleAudit>,
    /// Certificate of the split.
    pub certificate: Option<SampleCertificate>,
    /// The training.
    pub history: Option<History>,
    /// Metrics of the run.
    pub metrics: Option<SampleMetrics>,
    /// Ids and labels.
    pub nodes: Option<Nodes>,
    /// A code a sample.
    pub embedding: Option<Embedding>,
    /// The samples that the map of the codes shows: those of the test part; all of them if it is empty.
    pub mapped: Vec<u32>,
    /// Shape of the images; without it no pictures are drawn.
    pub image: Option<ImageShape>,
    /// Some samples and what becomes of them.
    pub reconstructed: Option<Reconstructed>,
    /// Decoded draws of the prior N(0, I): by this run first, then by others for comparison.
    pub generated: Vec<Generated>,
    /// The way from one sample to another.
    pub interpolated: Option<Interpolated>,
    /// Decoded grid over the plane, for codes of two dimensions.
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

/// Draws of N(0, I), decoded by a model.
#[derive(Debug, Clone)]
pub struct Generated {
    /// The run whose model it is.
    pub run: String,
    /// Its method.
    pub method: String,
    /// Whether it was trained with a prior, so that draws of the prior are like its codes.
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
    /// Decoded codes between both ends, ends included, one image per row.
    pub images: Matrix,
}

/// Decoded codes of the plane, `side x side`, from the top left; see [`plane_codes`].
#[derive(Debug, Clone)]
pub struct Plane {
    /// Images in a row, and rows.
    pub side: usize,
    /// The codes, `side * side x 2`.
    pub codes: Matrix,
    /// Decoded codes, one image per row.
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
        let history = self.history.as_ref().filter(|history| !history.0.is_empty());
        let curves = history.map(|history| training::plots(history, None)).unwrap_or_default();
        let map = match (&self.nodes, &self.embedding) {
            (Some(nodes), Some(embedding)) => {
                let all: Vec<u32>;
                let rows = if self.mapped.is_empty() {
                    all = (0..u32::try_from(nodes.len()).unwrap_or(0)).collect();
                    &all
                } else {
                    &self.mapped
                };
                map::code_map(nodes, embedding, rows)
            }
            _ => None,
        };
        let sections = [
            self.metrics.as_ref().map(|metrics| result::section(metrics, self.image.is_some())),
            self.pictures(),
            result::columns(&self.columns),
            self.generation(),
            map.as_ref().map(|map| map.section("The codes")),
            history.map(|history| training::section_of_samples(history, &curves)),
            self.audit.as_ref().map(|audit| data::section(audit, self.certificate.as_ref())),
            self.circumstances.section(),
        ];
        let page = Page {
            title: self.circumstances.name().to_owned(),
            eyebrow: "vgae: report of a run".to_owned(),
            stamp: super::full_stamp(&self.circumstances.stamp),
            alert: Vec::new(),
            lead: self.lead(),
            sections: sections.into_iter().flatten().collect(),
        };
        let plots: Vec<&Plot> = curves.iter().chain(map.as_ref().map(|map| &map.plot)).collect();
        Report::new(page, &plots)
    }

    fn lead(&self) -> Vec<Element> {
        let said = self.circumstances.said().map(paragraph);
        said.into_iter().chain(self.metrics.as_ref().and_then(result::cards)).collect()
    }

    /// Returns the name of a sample in text.
    fn named(&self, row: u32) -> String {
        let Some(nodes) = self.nodes.as_ref().filter(|nodes| (row as usize) < nodes.len()) else {
            return format!("sample {row}");
        };
        let id = super::number::shortened(&nodes.ids()[row as usize], LETTERS);
        match &nodes.labels()[row as usize] {
            Some(label) => format!("{} ({id})", super::number::shortened(label, LETTERS)),
            None => id,
        }
    }
}

/// As many letters of an id or a label are shown.
const LETTERS: usize = 40;
