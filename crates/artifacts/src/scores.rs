use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Array, StringArray, UInt32Array};
use arrow::datatypes::{DataType, Field};

use crate::table::{self, Table, booleans, required};
use crate::{Kind, Pair, Part, Provenance, Result};

/// A held-out pair with its truth and the logit of a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoredPair {
    /// Nodes of the pair.
    pub pair: Pair,
    /// Validation or test.
    pub part: Part,
    /// Whether the pair is an edge.
    pub positive: bool,
    /// Logit; not its sigmoid, which saturates in `f32` and would create ties.
    pub score: f32,
}

/// All scored pairs of a run, in the order of the split.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scores(pub Vec<ScoredPair>);

impl Scores {
    /// Returns the scores of one part, by truth: `(positive, negative)`.
    #[must_use]
    pub fn of_part(&self, part: Part) -> (Vec<f32>, Vec<f32>) {
        let of = |positive: bool| {
            let matching = self.0.iter().filter(|row| row.part == part && row.positive == positive);
            matching.map(|row| row.score).collect()
        };
        (of(true), of(false))
    }

    pub(crate) fn fields() -> Vec<Field> {
        vec![
            required("src", DataType::UInt32, "index of the first node"),
            required("dst", DataType::UInt32, "index of the second node"),
            required("part", DataType::Utf8, "val or test"),
            required("positive", DataType::Boolean, "whether the pair is an edge"),
            required("score", DataType::Float32, "logit"),
        ]
    }

    /// Writes `scores.parquet`: `src`, `dst` u32, `part` utf8, `positive` bool, `score` f32 (logit).
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let rows = || self.0.iter();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(rows().map(|row| row.pair.src))),
            Arc::new(UInt32Array::from_iter_values(rows().map(|row| row.pair.dst))),
            Arc::new(StringArray::from_iter_values(rows().map(|row| <&str>::from(row.part)))),
            booleans(rows().map(|row| row.positive)),
            Arc::new(Float32Array::from_iter_values(rows().map(|row| row.score))),
        ];
        table::write_parquet(path, Kind::Scores, Self::fields(), columns, &[], provenance)
    }

    /// Reads a file of [`Scores::write`].
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged or of another kind.
    pub fn read(path: &Path) -> Result<Self> {
        let table = Table::read_parquet(path, Kind::Scores, &Self::fields())?;
        let parts = table.parts("part")?;
        let positives = table.bools("positive")?;
        let scores = table.f32s("score")?;
        let mut rows = Vec::with_capacity(table.rows());
        for (((pair, part), positive), score) in
            table.pairs()?.into_iter().zip(parts).zip(positives).zip(scores)
        {
            rows.push(ScoredPair { pair, part, positive, score: score.unwrap_or(f32::NAN) });
        }
        Ok(Self(rows))
    }
}
