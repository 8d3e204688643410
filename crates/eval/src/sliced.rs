//! Metrics of held-out pairs in slices.

use vgae_artifacts::table::row_index;
use vgae_artifacts::{Pair, Part, Scores, SliceMetrics};
use vgae_numerics::Adjacency;

use crate::distance::distances;
use crate::{EvalError, SliceBounds, SliceRange, link_metrics};

const PARTS: [Part; 2] = [Part::Validation, Part::Test];

/// Slices by the smaller training degree of the two nodes.
pub(crate) fn by_degree(
    scores: &Scores,
    train: &Adjacency,
    bounds: &SliceBounds,
) -> Result<Vec<SliceMetrics>, EvalError> {
    let degree = |pair: Pair| {
        let ends = [pair.src, pair.dst].map(|end| train.degree(end as usize));
        row_index(ends[0].min(ends[1]))
    };
    let values = scores.0.iter().map(|row| Some(degree(row.pair))).collect();
    let sliced = Sliced { by: SliceMetrics::BY_DEGREE, scores, values };
    let mut slices = Vec::new();
    for part in PARTS {
        for range in bounds.iter() {
            let mut slice = sliced.within(part, range)?;
            if range == (SliceRange { from: 0, to: Some(0) }) {
                "cold".clone_into(&mut slice.name);
            }
            slices.push(slice);
        }
    }
    Ok(slices)
}

/// Slices by the distance between the two nodes over training edges, the last slice containing unconnected
/// pairs. The slice of distance 1 is omitted if empty, as in every split without leaks.
pub(crate) fn by_distance(
    scores: &Scores,
    train: &Adjacency,
    bounds: &SliceBounds,
) -> Result<Vec<SliceMetrics>, EvalError> {
    let Some(far) = bounds.last() else { return Ok(Vec::new()) };
    let pairs: Vec<Pair> = scores.0.iter().map(|row| row.pair).collect();
    let values = distances(train, &pairs, far);
    let leaks = values.contains(&Some(1));
    let sliced = Sliced { by: SliceMetrics::BY_DISTANCE, scores, values };
    let mut slices = Vec::new();
    for part in PARTS {
        for range in bounds.iter().filter(|range| leaks || range.to != Some(1)) {
            slices.push(sliced.within(part, range)?);
        }
        slices.push(sliced.slice(part, "apart".to_owned(), None, None, |value| value.is_none())?);
    }
    Ok(slices)
}

/// Scored pairs with the values that they are sliced by.
struct Sliced<'a> {
    by: &'static str,
    scores: &'a Scores,
    /// One value per pair; `None` if it is undefined.
    values: Vec<Option<u32>>,
}

impl Sliced<'_> {
    fn within(&self, part: Part, range: SliceRange) -> Result<SliceMetrics, EvalError> {
        self.slice(part, range.name(), Some(range.from), range.to, |value| {
            value.is_some_and(|value| range.contains(value))
        })
    }

    fn slice(
        &self,
        part: Part,
        name: String,
        from: Option<u32>,
        to: Option<u32>,
        holds: impl Fn(Option<u32>) -> bool,
    ) -> Result<SliceMetrics, EvalError> {
        let of = |positive: bool| -> Vec<f32> {
            let rows = self.scores.0.iter().zip(&self.values);
            let rows = rows.filter(|(row, value)| {
                row.part == part && row.positive == positive && holds(**value)
            });
            rows.map(|(row, _)| row.score).collect()
        };
        let metrics = link_metrics(&of(true), &of(false))?;
        Ok(SliceMetrics { part, by: self.by.to_owned(), name, from, to, metrics })
    }
}
