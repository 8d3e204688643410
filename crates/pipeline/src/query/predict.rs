//! Prediction of missing links.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Array, Float64Array, StringArray, UInt32Array};
use arrow::datatypes::{DataType, Field};
use serde::Serialize;
use vgae_artifacts::{Kind, Provenance, table};
use vgae_eval::Among;

use super::shortlist::{self, Shortlist};
use super::{NodeId, Probabilities, Run, check_out, id_column};
use crate::{PipelineError, Stage};

/// The most probable missing links, in descending order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Predictions {
    /// How probabilities came about; absent where there were no validation pairs to learn them from.
    pub probabilities: Option<Probabilities>,
    /// Where all pairs were too many to be scored: how many were, see [`Shortlist`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shortlist: Option<Shortlist>,
    /// The links.
    pub predictions: Vec<Prediction>,
}

/// A pair of nodes that is no known edge.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    /// The lower node's index.
    pub src: u32,
    /// The higher node's.
    pub dst: u32,
    /// The lower node's own id.
    pub src_id: NodeId,
    /// The higher node's.
    pub dst_id: NodeId,
    /// The lower node's label.
    pub src_label: Option<String>,
    /// The higher node's.
    pub dst_label: Option<String>,
    /// Logit of an edge; for vectors their inner product.
    pub logit: f32,
    /// How likely an edge is, among as many non-edges as edges.
    pub probability: Option<f64>,
    /// The same if edges not known yet were as rare among all pairs as known ones are.
    pub probability_at_density: Option<f64>,
}

/// Returns the `count` most probable links of the run in `folder` that are no edge of its graph, neither in
/// training nor held out; exact, over all pairs or, with `ids` (a table with a column of ids), over those with one of these
/// nodes, except where [`Predictions::shortlist`] is set. Written to `out` if that is given.
///
/// # Errors
/// When `folder` is no run over a graph, `ids` names a node that it has not, or a file cannot be read or
/// written.
pub fn predict(
    folder: &Path,
    count: usize,
    ids: Option<&Path>,
    out: Option<&Path>,
) -> Result<Predictions, PipelineError> {
    out.map_or(Ok(()), |out| check_out(folder, out))?;
    let run = Run::open(folder)?;
    let wanted = ids.map(|path| wanted(&run, path)).transpose()?;
    let among = Among { nodes: wanted.as_deref(), types: run.pair_types.as_ref() };
    let (found, shortlist) = shortlist::likeliest(&run, among, count)?;
    let probabilities = run.probabilities();
    let rows = found.into_iter().map(|found| {
        let (src, dst) = (found.pair.src, found.pair.dst);
        Prediction {
            src,
            dst,
            src_id: run.node_id(src),
            dst_id: run.node_id(dst),
            src_label: run.label(src).map(str::to_owned),
            dst_label: run.label(dst).map(str::to_owned),
            logit: found.logit,
            probability: probabilities.map(|known| known.of(found.logit)),
            probability_at_density: probabilities.map(|known| known.at_density(found.logit)),
        }
    });
    let predictions = Predictions { probabilities, shortlist, predictions: rows.collect() };
    out.map_or(Ok(()), |out| predictions.write(out))?;
    Ok(predictions)
}

/// The nodes that a table names.
fn wanted(run: &Run, path: &Path) -> Result<Vec<u32>, PipelineError> {
    let what = path.display().to_string();
    let ids = vgae_ingest::read_ids(path).map_err(PipelineError::at(Stage::Ingest))?;
    if run.nodes.ids().contains(&ids.column) {
        return Err(PipelineError::Usage {
            what,
            expected: "a first line with the name of the column, such as `id`".to_owned(),
            found: format!("`{}`, which is an id itself", ids.column),
        });
    }
    run.find(&what, &ids.ids)
}

impl Predictions {
    /// `src`, `dst` u32, `src_id`, `dst_id` int64 or utf8, `src_label`, `dst_label` utf8, `logit` f32, `probability`,
    /// `probability_at_density` f64.
    fn write(&self, path: &Path) -> Result<(), PipelineError> {
        let rows = || self.predictions.iter();
        let text = |name| Field::new(name, DataType::Utf8, true);
        let (src_type, src_ids) = id_column(rows().map(|row| &row.src_id));
        let (dst_type, dst_ids) = id_column(rows().map(|row| &row.dst_id));
        let fields = vec![
            Field::new("src", DataType::UInt32, false),
            Field::new("dst", DataType::UInt32, false),
            Field::new("src_id", src_type, false),
            Field::new("dst_id", dst_type, false),
            text("src_label"),
            text("dst_label"),
            Field::new("logit", DataType::Float32, false),
            Field::new("probability", DataType::Float64, true),
            Field::new("probability_at_density", DataType::Float64, true),
        ];
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(rows().map(|row| row.src))),
            Arc::new(UInt32Array::from_iter_values(rows().map(|row| row.dst))),
            src_ids,
            dst_ids,
            Arc::new(rows().map(|row| row.src_label.as_deref()).collect::<StringArray>()),
            Arc::new(rows().map(|row| row.dst_label.as_deref()).collect::<StringArray>()),
            Arc::new(Float32Array::from_iter_values(rows().map(|row| row.logit))),
            Arc::new(rows().map(|row| row.probability).collect::<Float64Array>()),
            Arc::new(rows().map(|row| row.probability_at_density).collect::<Float64Array>()),
        ];
        let mut facts: Vec<(&str, String)> = match &self.probabilities {
            Some(known) => vec![
                ("platt_slope", known.calibration.slope.to_string()),
                ("platt_intercept", known.calibration.intercept.to_string()),
                ("density", known.density.to_string()),
            ],
            None => Vec::new(),
        };
        facts.extend(self.shortlist.map(|shortlist| ("shortlist", shortlist.told())));
        let provenance = Provenance::of_stage("predict");
        table::write_parquet(path, Kind::Predictions, fields, columns, &facts, &provenance)?;
        Ok(())
    }
}
