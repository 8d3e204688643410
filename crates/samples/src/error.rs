use vgae_artifacts::Part;

/// Error of splitting or evaluating samples.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SampleError {
    /// A part of samples with a fraction above zero would be empty.
    #[error(
        "split: expected at least {needed} samples to choose from, so that a {part} fraction of {fraction} \
         holds one, found {samples}; raise the fraction, or set it to 0 to go without that part"
    )]
    TooFewSamples {
        /// `validation` or `test`.
        part: &'static str,
        /// Its fraction.
        fraction: f64,
        /// The fewest samples that give it one.
        needed: u128,
        /// The samples to choose from: those that are not for the test already.
        samples: usize,
    },
    /// No sample would be left to train on.
    #[error(
        "split: expected at least one sample left to train on, found {samples} samples of which {held_out} \
         are to be held out; use more samples or lower the fractions"
    )]
    NoSampleToTrain {
        /// The samples.
        samples: usize,
        /// Validation and test samples together.
        held_out: usize,
    },
    /// The parts that the source gives are those of other samples.
    #[error("split: expected a given part for each of {samples} samples, found {found}")]
    GivenParts {
        /// The samples.
        samples: usize,
        /// The parts.
        found: usize,
    },
    /// More samples than a row number can name.
    #[error("split: expected at most {} samples, found {found}", u32::MAX)]
    TooManySamples {
        /// The samples.
        found: usize,
    },
    /// The parts of a run over samples do not belong together.
    #[error(
        "eval: expected {expected} as there are samples, found {found}; evaluate the files of one run"
    )]
    SampleCount {
        /// The expected items, and the number of samples.
        expected: String,
        /// How many there are.
        found: usize,
    },
    /// A split names a sample that is not there.
    #[error("eval: expected samples below {samples} in the split, found {found}")]
    SampleOfSplit {
        /// How many samples there are.
        samples: usize,
        /// The one named.
        found: u32,
    },
    /// A model could not reconstruct.
    #[error("eval: the model cannot reconstruct the {part} samples")]
    Model {
        /// Validation or test.
        part: Part,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A model gave a reconstruction of another shape than the samples.
    #[error(
        "eval: expected reconstructions of {part} samples of {expected} values, found {found}; evaluate a \
         model with the samples it was trained on"
    )]
    ReconstructionShape {
        /// Validation or test.
        part: Part,
        /// Rows by columns.
        expected: String,
        /// Rows by columns.
        found: String,
    },
    /// A model's reconstruction or loss is no number.
    #[error(
        "eval: expected a number as the {what} of {part} samples, found {found}; the model has diverged: \
         lower its learning rate and train again"
    )]
    NotFinite {
        /// Validation or test.
        part: Part,
        /// Which number.
        what: &'static str,
        /// The value that was found.
        found: f64,
    },
    /// An eigen-solver did not converge.
    #[error(
        "eval: the principal component analysis did not converge on {columns} columns; set eval.samples.pca to \
         false to go without"
    )]
    Pca {
        /// Numbers a sample.
        columns: usize,
    },
}
