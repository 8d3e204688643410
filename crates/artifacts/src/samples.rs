use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ArtifactError, Matrix, Part, Result};

/// Height and width of an image stored as a row of values, row-major.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct ImageShape {
    /// Number of pixel rows.
    pub height: usize,
    /// Number of pixels per row.
    pub width: usize,
}

/// Values of [`Samples`], one row per sample.
#[derive(Debug, Clone, PartialEq)]
pub enum SampleValues {
    /// Pixels as stored, `rows x columns`, row-major; models receive them divided by 255.
    Bytes {
        /// Number of values per sample.
        columns: usize,
        /// `rows x columns`.
        data: Vec<u8>,
    },
    /// Finite numbers.
    Reals(Matrix),
}

impl SampleValues {
    /// Returns the number of samples.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Bytes { columns, data } => data.len().checked_div(*columns).unwrap_or(0),
            Self::Reals(matrix) => matrix.rows(),
        }
    }

    /// Returns the number of values per sample.
    #[must_use]
    pub fn columns(&self) -> usize {
        match self {
            Self::Bytes { columns, .. } => *columns,
            Self::Reals(matrix) => matrix.cols(),
        }
    }

    /// Writes the model input of a sample to `out`.
    ///
    /// # Panics
    /// Panics when `row` is not below [`SampleValues::rows`] or the length of `out` is not
    /// [`SampleValues::columns`].
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

/// Rows of numbers without a graph: images, or a table of measurements.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    values: SampleValues,
    image: Option<ImageShape>,
    given_parts: Option<Vec<Part>>,
}

impl Samples {
    /// Creates samples from their values, the image shape if rows are images, and the part of each row if the
    /// source assigns parts (training or test).
    ///
    /// # Errors
    /// Returns an error when there are no columns, a value is NaN or infinite, or a length or shape does not
    /// match.
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

    /// Returns the values.
    #[must_use]
    pub fn values(&self) -> &SampleValues {
        &self.values
    }

    /// Returns the number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.rows()
    }

    /// Returns whether there are no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the image shape, if rows are images.
    #[must_use]
    pub fn image(&self) -> Option<ImageShape> {
        self.image
    }

    /// Returns the part of each row, if the source assigns parts.
    #[must_use]
    pub fn given_parts(&self) -> Option<&[Part]> {
        self.given_parts.as_deref()
    }
}

/// Split of samples into training, validation and test rows, each in ascending order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SampleSplit {
    /// Training rows.
    pub train: Vec<u32>,
    /// Validation rows, for early stopping.
    pub validation: Vec<u32>,
    /// Test rows.
    pub test: Vec<u32>,
}

/// View of the training and validation samples for a model, without test samples.
#[derive(Debug, Clone, Copy)]
pub struct SampleView<'a> {
    values: &'a SampleValues,
    train: &'a [u32],
    validation: &'a [u32],
}

impl<'a> SampleView<'a> {
    /// Creates a view of the training and validation rows of `samples`.
    ///
    /// # Errors
    /// Returns an error when a row is not below the number of samples.
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

    /// Returns the number of values per sample.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.values.columns()
    }

    /// Returns the number of training samples.
    #[must_use]
    pub fn train_len(&self) -> usize {
        self.train.len()
    }

    /// Returns the number of validation samples, possibly 0.
    #[must_use]
    pub fn validation_len(&self) -> usize {
        self.validation.len()
    }

    /// Writes the model input of the training sample at position `at` to `out`.
    ///
    /// # Panics
    /// Panics when `at` is not below [`SampleView::train_len`], or `out` has another length than a row.
    pub fn copy_train(&self, at: usize, out: &mut [f32]) {
        self.values.copy_row(self.train[at] as usize, out);
    }

    /// Writes the model input of the validation sample at position `at` to `out`.
    ///
    /// # Panics
    /// Panics when `at` is not below [`SampleView::validation_len`], or `out` has another length than a row.
    pub fn copy_validation(&self, at: usize, out: &mut [f32]) {
        self.values.copy_row(self.validation[at] as usize, out);
    }
}
