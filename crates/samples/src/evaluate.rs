use vgae_artifacts::metric::definitions;
use vgae_artifacts::{
    CodeMetrics, Part, ReconstructionMetrics, SampleMetrics, SampleSplit, SampleValues,
};
use vgae_numerics::{Pca, RowSource};

use vgae_eval::labels::{Labelled, classes, linear, nearest};
use vgae_eval::{EvalConfig, SampleEvalConfig};

use crate::{EvalInput, SampleError};

/// As many samples are reconstructed at a time.
const CHUNK: usize = 1024;

/// Measures the reconstruction error of validation and test samples, beside a principal component analysis
/// with as many dimensions, and the accuracy of linear probes of their codes. The same values give the same bits
/// at any number of threads.
///
/// # Errors
/// When the parts of `input` do not belong together, the model cannot reconstruct, or a result is no
/// number.
pub fn evaluate(input: &EvalInput<'_>, config: &EvalConfig) -> Result<SampleMetrics, SampleError> {
    check(input)?;
    let config = &config.samples;
    let SampleSplit { train, validation, test } = input.split;
    let judged = !(validation.is_empty() && test.is_empty());
    let pca = if config.pca && judged {
        let source = Rows { values: input.samples.values(), rows: train };
        let columns = source.columns();
        Pca::fit(&source, input.embedding.mu().cols()).map_err(|_| SampleError::Pca { columns })?
    } else {
        None
    };
    Ok(SampleMetrics {
        definitions: definitions("", &ReconstructionMetrics::METRICS)
            .chain(definitions("", &CodeMetrics::METRICS))
            .collect(),
        validation: reconstruction(input, Part::Validation, validation, pca.as_ref())?,
        test: reconstruction(input, Part::Test, test, pca.as_ref())?,
        code: code(input, config),
    })
}

/// That there is one id and one code a sample, and no sample in the split that is not there.
fn check(input: &EvalInput<'_>) -> Result<(), SampleError> {
    let samples = input.samples.len();
    let counts = [("ids", input.nodes.len()), ("codes", input.embedding.mu().rows())];
    for (what, found) in counts {
        if found != samples {
            return Err(SampleError::SampleCount { expected: format!("{samples} {what}"), found });
        }
    }
    let SampleSplit { train, validation, test } = input.split;
    match [train, validation, test].into_iter().flatten().find(|&&row| row as usize >= samples) {
        Some(&found) => Err(SampleError::SampleOfSplit { samples, found }),
        None => Ok(()),
    }
}

/// Some samples, as the model sees them.
struct Rows<'a> {
    values: &'a SampleValues,
    rows: &'a [u32],
}

impl RowSource for Rows<'_> {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn columns(&self) -> usize {
        self.values.columns()
    }

    fn copy_row(&self, row: usize, out: &mut [f32]) {
        self.values.copy_row(self.rows[row] as usize, out);
    }
}

fn reconstruction(
    input: &EvalInput<'_>,
    part: Part,
    rows: &[u32],
    pca: Option<&Pca>,
) -> Result<Option<ReconstructionMetrics>, SampleError> {
    if rows.is_empty() {
        return Ok(None);
    }
    let values = input.samples.values();
    let (reconstruction, kl) =
        input.model.loss(rows).map_err(|source| SampleError::Model { part, source })?;
    let squared_error = squared_error(input, part, rows)?;
    let numbers = [
        ("reconstruction loss", Some(reconstruction)),
        ("KL term", kl),
        ("squared error", Some(squared_error)),
    ];
    for (what, number) in numbers {
        if let Some(found) = number.filter(|number| !number.is_finite()) {
            return Err(SampleError::NotFinite { part, what, found });
        }
    }
    Ok(Some(ReconstructionMetrics {
        samples: rows.len(),
        reconstruction,
        kl,
        negative_elbo: kl.map(|kl| reconstruction + kl),
        squared_error,
        pca_squared_error: pca.map(|pca| pca.squared_error(&Rows { values, rows })),
    }))
}

fn squared_error(input: &EvalInput<'_>, part: Part, rows: &[u32]) -> Result<f64, SampleError> {
    let values: &SampleValues = input.samples.values();
    let columns = values.columns();
    let mut original = vec![0.0; columns];
    let mut sum = 0.0;
    for rows in rows.chunks(CHUNK) {
        let back =
            input.model.reconstruct(rows).map_err(|source| SampleError::Model { part, source })?;
        if (back.rows(), back.cols()) != (rows.len(), columns) {
            return Err(SampleError::ReconstructionShape {
                part,
                expected: format!("{} x {columns}", rows.len()),
                found: format!("{} x {}", back.rows(), back.cols()),
            });
        }
        for (at, &row) in rows.iter().enumerate() {
            values.copy_row(row as usize, &mut original);
            sum += square_of_difference(&original, back.row(at));
        }
    }
    Ok(sum / (rows.len() * columns) as f64)
}

fn square_of_difference(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum()
}

fn code(input: &EvalInput<'_>, config: &SampleEvalConfig) -> Option<CodeMetrics> {
    let (labels, codes) = (input.nodes.labels(), input.embedding.mu());
    let classes = classes(labels, &input.split.train);
    let train = Labelled::new(codes, labels, &input.split.train, &classes);
    let test = Labelled::new(codes, labels, &input.split.test, &classes);
    if train.is_empty() || test.is_empty() {
        return None;
    }
    // More neighbours than there are samples are all of them.
    let k = config.neighbours.min(train.len());
    Some(CodeMetrics {
        knn_k: k,
        knn_accuracy: (k > 0).then(|| test.accuracy(&nearest::predict(&train, &test, k))),
        probe_accuracy: config.probe.then(|| test.accuracy(&linear::fit(&train).predict(&test))),
        labelled_train: train.len(),
        labelled_test: test.len(),
        classes: classes.len(),
    })
}
