use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Array, StringArray, UInt32Array};
use arrow::datatypes::{DataType, Field};

use crate::table::{self, Table, booleans, optional, required};
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
    /// Weight of an edge, if weights are predicted.
    pub weight: Option<EdgeWeight>,
}

/// Weight of a held-out edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EdgeWeight {
    /// Weight in the graph.
    pub observed: f32,
    /// Weight that the model predicts.
    pub predicted: f32,
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

    /// Returns the columns of weights, which are absent unless weights are predicted.
    fn weight_fields() -> [Field; 2] {
        [
            optional("weight", DataType::Float32, "weight of an edge; null for negatives"),
            optional(
                "predicted_weight",
                DataType::Float32,
                "predicted weight of an edge; null for negatives",
            ),
        ]
    }

    pub(crate) fn forms() -> Vec<Vec<Field>> {
        let mut weighted = Self::fields();
        weighted.extend(Self::weight_fields());
        vec![Self::fields(), weighted]
    }

    /// Writes `scores.parquet`: `src`, `dst` u32, `part` utf8, `positive` bool, `score` f32 (logit) and, if weights
    /// are predicted, `weight` and `predicted_weight` f32, which are null for negatives.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let rows = || self.0.iter();
        let (mut fields, mut columns): (_, Vec<ArrayRef>) = (
            Self::fields(),
            vec![
                Arc::new(UInt32Array::from_iter_values(rows().map(|row| row.pair.src))),
                Arc::new(UInt32Array::from_iter_values(rows().map(|row| row.pair.dst))),
                Arc::new(StringArray::from_iter_values(rows().map(|row| <&str>::from(row.part)))),
                booleans(rows().map(|row| row.positive)),
                Arc::new(Float32Array::from_iter_values(rows().map(|row| row.score))),
            ],
        );
        if rows().any(|row| row.weight.is_some()) {
            let values = |of: fn(EdgeWeight) -> f32| -> ArrayRef {
                Arc::new(rows().map(|row| row.weight.map(of)).collect::<Float32Array>())
            };
            fields.extend(Self::weight_fields());
            columns.extend([values(|weight| weight.observed), values(|weight| weight.predicted)]);
        }
        table::write_parquet(path, Kind::Scores, fields, columns, &[], provenance)
    }

    /// Reads a file of [`Scores::write`].
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged or of another kind.
    pub fn read(path: &Path) -> Result<Self> {
        let weight_fields = Self::weight_fields();
        let table = Table::read_parquet_with(path, Kind::Scores, &Self::fields(), &weight_fields)?;
        let parts = table.parts("part")?;
        let positives = table.bools("positive")?;
        let scores = table.f32s("score")?;
        let optional = |name: &str| if table.has(name) { table.f32s(name) } else { Ok(Vec::new()) };
        let (observed, predicted) = (optional("weight")?, optional("predicted_weight")?);
        let weight = |row: usize| {
            let (observed, predicted) = (*observed.get(row)?, *predicted.get(row)?);
            Some(EdgeWeight { observed: observed?, predicted: predicted? })
        };
        let mut rows = Vec::with_capacity(table.rows());
        for (((pair, part), positive), score) in
            table.pairs()?.into_iter().zip(parts).zip(positives).zip(scores)
        {
            let (score, weight) = (score.unwrap_or(f32::NAN), weight(rows.len()));
            rows.push(ScoredPair { pair, part, positive, score, weight });
        }
        Ok(Self(rows))
    }
}
