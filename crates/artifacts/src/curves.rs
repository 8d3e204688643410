use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Array, UInt64Array};
use arrow::datatypes::{DataType, Field};

use crate::table::{self, Table, required};
use crate::{Kind, Provenance, Result};

/// The counts at one threshold: pairs that score at least as much are predicted to be edges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// The threshold: a score that some pair has.
    pub threshold: f32,
    /// Edges that score at least as much.
    pub true_positives: u64,
    /// Non-edges that score at least as much.
    pub false_positives: u64,
}

/// The ROC and the precision-recall curve of the test pairs: a point per distinct score, from high to low. The last
/// point counts all pairs.
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
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let rows = || self.0.iter();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Float32Array::from_iter_values(rows().map(|row| row.threshold))),
            Arc::new(UInt64Array::from_iter_values(rows().map(|row| row.true_positives))),
            Arc::new(UInt64Array::from_iter_values(rows().map(|row| row.false_positives))),
        ];
        table::write_parquet(path, Kind::Curves, Self::fields(), columns, &[], provenance)
    }

    /// Reads what [`Curves::write`] wrote.
    ///
    /// # Errors
    /// When the file is missing, damaged or of another kind.
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
