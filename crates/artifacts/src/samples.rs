use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ArtifactError, Matrix, Part, Result};

/// Height and width of the image that a row of numbers is, row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct ImageShape {
    /// Rows of pixels.
    pub height: usize,
    /// Pixels in a row.
    pub width: usize,
}

/// The numbers of [`Samples`], one row a sample.
#[derive(Debug, Clone, PartialEq)]
pub enum SampleValues {
    /// Pixels as they are stored, `rows x columns`, row-major; a model sees them divided by 255.
    Bytes {
        /// Numbers a sample.
        columns: usize,
        /// `rows x columns`.
        data: Vec<u8>,
    },
    /// Any finite numbers.
    Reals(Matrix),
}

impl SampleValues {
    /// The number of samples.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Bytes { columns, data } => data.len().checked_div(*columns).unwrap_or(0),
            Self::Reals(matrix) => matrix.rows(),
        }
    }

    /// Numbers a sample.
    #[must_use]
    pub fn columns(&self) -> usize {
        match self {
            Self::Bytes { columns, .. } => *columns,
            Self::Reals(matrix) => matrix.cols(),
        }
    }

    /// Writes a sample as a model sees it.
    ///
    /// # Panics
    /// When `row` is not below [`SampleValues::rows`] or `out` is not [`SampleValues::columns`] long.
    pub fn copy_row(&self, row: usize, out: &mut [f32]) {
        match self {
            Self::Bytes { columns, data } => {
                let bytes = &data[row * columns..(row + 1) * columns];
                assert_eq!(bytes.len(), out.len(), "a row's length");
                for (out, &byte) in out.iter_mut().zip(bytes) {
                    *out = f32::from(byte) / 255.0;
                }
            }
            Self::Reals(matrix) => out.copy_from_slice(matrix.row(row)),
        }
    }
}

/// Rows of numbers without a graph between them: images, or a table of measurements.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    values: SampleValues,
    image: Option<ImageShape>,
    given_parts: Option<Vec<Part>>,
}

impl Samples {
    /// Takes the numbers; what image a row is, if it is one; and the part each row is in, where the
    /// source says so (training or test).
    ///
    /// # Errors
    /// When there is no column, a value is NaN or infinite, or a length or shape does not fit.
    pub fn new(
        values: SampleValues,
        image: Option<ImageShape>,
        given_parts: Option<Vec<Part>>,
    ) -> Result<Self> {
        let (rows, columns) = (values.rows(), values.columns());
        if columns == 0 {
            return Err(ArtifactError::invalid("samples", "at least one column", "none"));
        }
        match &values {
            SampleValues::Bytes { data, .. } if data.len() != rows * columns => {
                return Err(ArtifactError::invalid(
                    "samples",
                    format!("whole rows of {columns} values"),
                    format!("{} values", data.len()),
                ));
            }
            SampleValues::Reals(matrix) => {
                if let Some(at) = matrix.as_slice().iter().position(|value| !value.is_finite()) {
                    return Err(ArtifactError::invalid(
                        format!("column {} of sample {}", at % columns, at / columns),
                        "a finite number",
                        matrix.as_slice()[at].to_string(),
                    ));
                }
            }
            SampleValues::Bytes { .. } => {}
        }
        if let Some(shape) = image
            && shape.height.checked_mul(shape.width) != Some(columns)
        {
            return Err(ArtifactError::invalid(
                "image shape",
                format!("{columns} pixels"),
                format!("{} x {}", shape.height, shape.width),
            ));
        }
        if let Some(parts) = &given_parts
            && parts.len() != rows
        {
            return Err(ArtifactError::invalid(
                "parts of samples",
                format!("one for each of {rows} samples"),
                parts.len().to_string(),
            ));
        }
        Ok(Self { values, image, given_parts })
    }

    /// The numbers.
    #[must_use]
    pub fn values(&self) -> &SampleValues {
        &self.values
    }

    /// The number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.rows()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What image a row is, if it is one.
    #[must_use]
    pub fn image(&self) -> Option<ImageShape> {
        self.image
    }

    /// The part of each row, where the source says so.
    #[must_use]
    pub fn given_parts(&self) -> Option<&[Part]> {
        self.given_parts.as_deref()
    }
}

/// Which samples are learned from, chosen by and judged by; each in ascending order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SampleSplit {
    /// Learned from.
    pub train: Vec<u32>,
    /// Chosen by: early stop.
    pub validation: Vec<u32>,
    /// Judged by.
    pub test: Vec<u32>,
}

/// What a model may see of samples: rows to learn from, and rows to choose by.
#[derive(Debug, Clone, Copy)]
pub struct SampleView<'a> {
    values: &'a SampleValues,
    train: &'a [u32],
    validation: &'a [u32],
}

impl<'a> SampleView<'a> {
    /// The training and validation rows of `samples`.
    ///
    /// # Errors
    /// When a row is not below the number of samples.
    pub fn new(samples: &'a Samples, split: &'a SampleSplit) -> Result<Self> {
        let parts = [&split.train, &split.validation, &split.test];
        if let Some(&row) = parts.into_iter().flatten().find(|&&row| row as usize >= samples.len())
        {
            return Err(ArtifactError::invalid(
                "split of samples",
                format!("rows below {}", samples.len()),
                row.to_string(),
            ));
        }
        Ok(Self { values: &samples.values, train: &split.train, validation: &split.validation })
    }

    /// Numbers a sample.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.values.columns()
    }

    /// How many samples to learn from.
    #[must_use]
    pub fn train_len(&self) -> usize {
        self.train.len()
    }

    /// How many samples to choose by; may be 0.
    #[must_use]
    pub fn validation_len(&self) -> usize {
        self.validation.len()
    }

    /// Writes the training sample at position `at` as a model sees it.
    ///
    /// # Panics
    /// When `at` is not below [`SampleView::train_len`], or `out` is not one row long.
    pub fn copy_train(&self, at: usize, out: &mut [f32]) {
        self.values.copy_row(self.train[at] as usize, out);
    }

    /// Writes the validation sample at position `at` as a model sees it.
    ///
    /// # Panics
    /// When `at` is not below [`SampleView::validation_len`], or `out` is not one row long.
    pub fn copy_validation(&self, at: usize, out: &mut [f32]) {
        self.values.copy_row(self.validation[at] as usize, out);
    }
}
