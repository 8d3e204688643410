//! Metrics of held-out pairs by what they are like.

use vgae_artifacts::table::row_index;
use vgae_artifacts::{Pair, Part, Scores, SliceMetrics};
use vgae_numerics::Adjacency;

use crate::distance::distances;
use crate::{EvalError, SliceBounds, SliceRange, link_metrics};

const PARTS: [Part; 2] = [Part::Validation, Part::Test];

/// By the smaller training degree of the two ends.
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

/// By the distance between the two ends over training edges, and last those that no path joins. The slice of
/// neighbours is left out where it is empty, as in every split that does not leak.
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

/// Scored pairs with what they are sliced by.
struct Sliced<'a> {
    by: &'static str,
    scores: &'a Scores,
    /// One a pair; nothing where a pair has no such number.
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
