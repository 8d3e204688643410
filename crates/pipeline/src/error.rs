use std::path::PathBuf;

use vgae_artifacts::{ArtifactError, DataKind, NegativeSet, Part};
use vgae_autoencoder::AutoEncoderError;
use vgae_eval::EvalError;
use vgae_ingest::IngestError;
use vgae_model::{Method, ModelError};
use vgae_options::OptionError;
use vgae_samples::SampleError;
use vgae_split::SplitError;

use crate::Stage;

/// Why a pipeline cannot start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// The pipeline file cannot be read.
    #[error("cannot read the pipeline {}", path.display())]
    ReadConfig {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The pipeline file does not describe a pipeline.
    #[error("{}: {place}: {message}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// Line and key.
        place: String,
        /// The problem.
        message: String,
    },
    /// The values of a pipeline do not make sense.
    #[error("pipeline `{pipeline}` cannot run")]
    Check {
        /// The pipeline's name.
        pipeline: String,
        /// Which value, and why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A value given on the command line or in code does not make sense.
    #[error("{what}: expected {expected}, found {found}")]
    Usage {
        /// Which value.
        what: String,
        /// Allowed values.
        expected: String,
        /// The value that was found.
        found: String,
    },
    /// An option is not accepted.
    #[error(transparent)]
    Option(#[from] OptionError),
    /// The method learns from another kind of data.
    #[error("method `{method}` {}", misfit(*data_kind, data))]
    Misfit {
        /// Name of the dataset.
        data: String,
        /// Kind of the data.
        data_kind: DataKind,
        /// The method asked for.
        method: Method,
    },
    /// Another process is writing to the same folder.
    #[error("{} is in use by another vgae{}: wait until it is done, or choose another folder with --out", folder.display(), holder.map(|id| format!(" (process {id})")).unwrap_or_default())]
    Locked {
        /// The output folder.
        folder: PathBuf,
        /// The process that holds it, if known.
        holder: Option<u32>,
    },
    /// The output folder holds a file that the run would replace and that no run has made.
    #[error("{} was not made by a run of vgae and would be replaced: move it, or choose another folder with --out", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A file or folder cannot be used.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// The failed action, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A stage failed.
    #[error("{}{stage} failed", run.as_ref().map(|run| format!("{run}: ")).unwrap_or_default())]
    Stage {
        /// Which stage.
        stage: Stage,
        /// Which run of a grid.
        run: Option<String>,
        /// Why.
        source: StageError,
    },
    /// An artifact outside a stage (manifest, summary, table) cannot be read or written.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The worker threads cannot be started.
    #[error("cannot start {threads} worker threads")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// The system's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl PipelineError {
    /// Whether the fault lies in what was asked for (exit code 2), not in the run (exit code 1).
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::ReadConfig { .. }
                | Self::Config { .. }
                | Self::Check { .. }
                | Self::Usage { .. }
                | Self::Option(_)
                | Self::Misfit { .. }
                | Self::Foreign { .. }
        )
    }

    /// The error of a configuration.
    pub(crate) fn from_model(error: ModelError) -> Self {
        match error {
            ModelError::Option(error) => Self::Option(error.within("model")),
            error => Self::Stage { stage: Stage::Train, run: None, source: error.into() },
        }
    }

    /// Says of an error in which stage it arose.
    pub(crate) fn at<E: Into<StageError>>(stage: Stage) -> impl Fn(E) -> Self {
        move |source| Self::Stage { stage, run: None, source: source.into() }
    }

    pub(crate) fn io(
        action: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

/// Explains the kind of data that the method needs, and names the methods that fit.
fn misfit(data_kind: DataKind, data: &str) -> String {
    let fit = Method::all().filter(|method| method.data() == data_kind);
    let fit: Vec<&str> = fit.map(Method::name).collect();
    let fit = fit.join(", ");
    match data_kind {
        DataKind::Graph => {
            format!(
                "learns from images or a table of numbers, and `{data}` is a graph: use one of {fit}"
            )
        }
        DataKind::Samples => {
            format!("needs a graph, and `{data}` is images or a table of numbers: use one of {fit}")
        }
    }
}

/// Why a stage failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StageError {
    /// Reading or writing an artifact.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// Fetching or reading raw data.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// Splitting edges.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// Training.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Training over samples.
    #[error(transparent)]
    AutoEncoder(#[from] AutoEncoderError),
    /// Scoring.
    #[error(transparent)]
    Eval(#[from] EvalError),
    /// Splitting or evaluating samples.
    #[error(transparent)]
    Samples(#[from] SampleError),
    /// A split needs vectors from message passing over other edges than those of training.
    #[error(
        "the split passes messages over validation edges where test pairs are scored (`split.messages`), which \
         takes an encoder of features; expected a method such as `gae`, `vgae` or `gnae`, found `{method}`"
    )]
    NoOtherMessages {
        /// The method asked for.
        method: Method,
    },
    /// A split by nodes of a graph without features.
    #[error(
        "split.method = \"nodes\": expected a graph with node features, since test nodes have no training edges, \
         found none; add features, or split by edges"
    )]
    NoFeaturesOfUnseen,
    /// A file has negatives of a part without edges.
    #[error(
        "eval.negatives: expected {part} edges in `split.files` for the lists of {}, found none",
        path.display()
    )]
    NoEdgesForNegatives {
        /// The part.
        part: Part,
        /// The file with the lists.
        path: PathBuf,
    },
    /// The longest list of given negatives is too short or too long.
    #[error(
        "eval.negatives: expected from 1 to {} negatives per edge in the longest list, found {found}",
        NegativeSet::MOST
    )]
    ListLength {
        /// Its length.
        found: u32,
    },
    /// A file that another method left cannot be removed.
    #[error("cannot remove the outdated {}", path.display())]
    Remove {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Vectors that a split needs are missing.
    #[error(
        "expected {} beside {}, as the split passes messages over validation edges where test pairs are scored; \
         train again",
        vgae_artifacts::names::LATENT_TEST,
        vgae_artifacts::names::LATENT
    )]
    NoTestVectors,
    /// Fetching.
    #[error(transparent)]
    Fetch(#[from] vgae_ingest::fetch::FetchError),
}
