use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Array, UInt64Array};
use arrow::datatypes::{DataType, Field};

use crate::table::{self, Table, required};
use crate::{Kind, Provenance, Result};

/// Counts at one threshold: pairs with an equal or higher score are predicted to be edges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// Threshold, which is the score of at least one pair.
    pub threshold: f32,
    /// Number of edges with an equal or higher score.
    pub true_positives: u64,
    /// Number of negatives with an equal or higher score.
    pub false_positives: u64,
}

/// ROC and precision-recall curves of the test pairs: one point per distinct score, from high to low. The
/// last point counts all pairs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curves(pub Vec<CurvePoint>);

impl Curves {
    pub(crate) fn fields() -> Vec<Field> {
        vec![
            required(
                "threshold",
                DataType::Float32,
                "a score; pairs that score at least as much are predicted to be edges",
            ),
            required("true_positives", DataType::UInt64, "edges among these"),
            required("false_positives", DataType::UInt64, "non-edges among these"),
        ]
    }

    /// Writes `curves.parquet`: `threshold` f32, `true_positives`, `false_positives` u64.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let rows = || self.0.iter();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Float32Array::from_iter_values(rows().map(|row| row.threshold))),
            Arc::new(UInt64Array::from_iter_values(rows().map(|row| row.true_positives))),
            Arc::new(UInt64Array::from_iter_values(rows().map(|row| row.false_positives))),
        ];
        table::write_parquet(path, Kind::Curves, Self::fields(), columns, &[], provenance)
    }

    /// Reads a file of [`Curves::write`].
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged or of another kind.
    pub fn read(path: &Path) -> Result<Self> {
        let table = Table::read_parquet(path, Kind::Curves, &Self::fields())?;
        let rows = table.f32s("threshold")?.into_iter();
        let rows = rows.zip(table.u64s("true_positives")?).zip(table.u64s("false_positives")?);
        let point = |((threshold, true_positives), false_positives): ((Option<f32>, u64), u64)| {
            CurvePoint { threshold: threshold.unwrap_or(f32::NAN), true_positives, false_positives }
        };
        Ok(Self(rows.map(point).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("curves.parquet");
        let point = |threshold, true_positives, false_positives| CurvePoint {
            threshold,
            true_positives,
            false_positives,
        };
        let curves = Curves(vec![point(2.5, 1, 0), point(f32::NEG_INFINITY, 2, 3)]);
        curves.write(&path, &Provenance::of_stage("test")).expect("written");
        assert_eq!(Curves::read(&path).expect("reads"), curves);
    }
}
