use std::path::Path;

use vgae_artifacts::DataKind;
use vgae_artifacts::metric::Values;
use vgae_artifacts::{Metrics, Part, Result, SampleMetrics, Scores, names};
use vgae_eval::Calibration;

/// Metrics of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum RunMetrics {
    /// Link prediction, of a graph.
    Graph(Box<Metrics>),
    /// Reconstruction and codes, of samples.
    Samples(Box<SampleMetrics>),
}

impl RunMetrics {
    /// Reads `metrics.json` of a run folder.
    ///
    /// # Errors
    /// When it is missing, damaged, or of the other kind.
    pub fn read(folder: &Path, data_kind: DataKind) -> Result<Self> {
        let path = folder.join(names::METRICS);
        Ok(match data_kind {
            DataKind::Graph => Self::Graph(Box::new(Metrics::read(&path)?)),
            DataKind::Samples => Self::Samples(Box::new(SampleMetrics::read(&path)?)),
        })
    }

    /// Every value by the column that it has in result tables.
    #[must_use]
    pub fn values(&self) -> Values {
        match self {
            Self::Graph(metrics) => metrics.values(),
            Self::Samples(metrics) => metrics.values(),
        }
    }

    /// Those of a graph.
    #[must_use]
    pub fn graph(&self) -> Option<&Metrics> {
        match self {
            Self::Graph(metrics) => Some(metrics),
            Self::Samples(_) => None,
        }
    }

    /// Those of samples.
    #[must_use]
    pub fn samples(&self) -> Option<&SampleMetrics> {
        match self {
            Self::Graph(_) => None,
            Self::Samples(metrics) => Some(metrics),
        }
    }
}

/// Returns the kind of data of the artifacts in a folder.
pub(crate) fn data_kind_of_folder(folder: &Path) -> DataKind {
    if folder.join(names::SAMPLES).exists() { DataKind::Samples } else { DataKind::Graph }
}

/// Probabilities as validation pairs teach them.
pub(crate) fn calibration(scores: &Scores) -> Option<Calibration> {
    let (positive, negative) = scores.of_part(Part::Validation);
    Calibration::fit(&positive, &negative)
}
