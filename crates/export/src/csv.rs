//! Embeddings as CSV text.

use std::fmt::Write as _;
use std::path::Path;

use vgae_artifacts::{ArtifactError, Embedding, Nodes, Result, atomic};

use crate::columns::{self, ID, LABEL, NODE};

const FORM: &str = "CSV";

/// Warns of ids and labels that a spreadsheet would compute. They are written as they are, since a file that
/// alters ids cannot be joined with the data.
fn warn_of_formulas(path: &Path, nodes: &Nodes) {
    let is_formula = |text: &&str| {
        text.starts_with(['=', '@', '\t', '\r'])
            || (text.starts_with(['+', '-']) && text.parse::<f64>().is_err())
    };
    let labels = nodes.labels().iter().flatten();
    let mut texts = nodes.ids().iter().chain(labels).map(String::as_str);
    if let Some(example) = texts.find(is_formula) {
        tracing::warn!(
            path = %path.display(),
            example,
            "ids or labels begin like formulas: a spreadsheet would compute them; import the columns as text"
        );
    }
}

/// Writes one CSV row per node, atomically: `node`, `id`, `label` (empty if missing) and one column per
/// dimension, as for [`crate::Layout::Columns`]. Each number is the shortest text that parses to the same
/// `f32`.
///
/// # Errors
/// Returns an error when there is not one vector per node, or the file cannot be written.
pub fn write_embeddings_csv(path: &Path, nodes: &Nodes, embedding: &Embedding) -> Result<()> {
    columns::check(nodes, embedding)?;
    warn_of_formulas(path, nodes);
    let (mu, log_sigma) = (embedding.mu(), embedding.log_sigma());
    atomic::write_with(path, |file| {
        let fault = |error| ArtifactError::encode(FORM, path)(error);
        let mut writer = csv::Writer::from_writer(file);
        for name in [NODE, ID, LABEL] {
            writer.write_field(name).map_err(fault)?;
        }
        for vector in columns::vector_names(log_sigma.is_some()) {
            for at in 0..mu.cols() {
                writer.write_field(columns::column_name(vector, at)).map_err(fault)?;
            }
        }
        writer.write_record(None::<&[u8]>).map_err(fault)?;
        let mut text = String::new();
        for (node, (id, label)) in nodes.ids().iter().zip(nodes.labels()).enumerate() {
            writer.write_field(node.to_string()).map_err(fault)?;
            writer.write_field(id).map_err(fault)?;
            writer.write_field(label.as_deref().unwrap_or_default()).map_err(fault)?;
            let again = log_sigma.map(|_| mu);
            for matrix in [Some(mu), again, log_sigma].into_iter().flatten() {
                for value in matrix.row(node) {
                    text.clear();
                    // `{:?}`, since `{}` writes 1e-30 with thirty digits.
                    let _infallible = write!(text, "{value:?}");
                    writer.write_field(&text).map_err(fault)?;
                }
            }
            writer.write_record(None::<&[u8]>).map_err(fault)?;
        }
        writer.flush().map_err(ArtifactError::io("write", path))
    })
}
