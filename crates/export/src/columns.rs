//! The columns of an embedding file, the same in every form.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, FixedSizeListArray, Float32Array, RecordBatch, StringArray, UInt32Array,
};
use arrow::datatypes::{DataType, Field, SchemaRef};
use arrow::error::ArrowError;
use vgae_artifacts::table::{artifact_schema, row_index, vector_type};
use vgae_artifacts::{ArtifactError, Embedding, Kind, Matrix, Nodes, Provenance, Result};

pub(crate) const NODE: &str = "node";
pub(crate) const ID: &str = "id";
pub(crate) const LABEL: &str = "label";
pub(crate) const EMBEDDING: &str = "embedding";
const MU: &str = "mu";
pub(crate) const LOG_SIGMA: &str = "log_sigma";

/// What is to be written, checked, in batches: a whole second copy of the vectors is never made.
pub(crate) struct Columns<'a> {
    nodes: &'a Nodes,
    embedding: &'a Embedding,
    schema: SchemaRef,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(
        nodes: &'a Nodes,
        embedding: &'a Embedding,
        provenance: &Provenance,
    ) -> Result<Self> {
        let (rows, width) = (embedding.mu().rows(), embedding.mu().cols());
        if rows != nodes.len() {
            return Err(ArtifactError::invalid(
                "embedding",
                format!("a vector for each of {} nodes", nodes.len()),
                format!("{rows} vectors"),
            ));
        }
        // Fixed-size lists count in i32, and readers differ over lists of nothing.
        if width == 0 || i32::try_from(width).is_err() {
            return Err(ArtifactError::invalid(
                "embedding",
                format!("vectors of 1 to {} numbers", i32::MAX),
                format!("vectors of {width}"),
            ));
        }
        let mut fields = vec![
            Field::new(NODE, DataType::UInt32, false),
            Field::new(ID, DataType::Utf8, false),
            Field::new(LABEL, DataType::Utf8, true),
            Field::new(EMBEDDING, vector_type(width), false),
        ];
        if embedding.log_sigma().is_some() {
            fields.push(Field::new(MU, vector_type(width), false));
            fields.push(Field::new(LOG_SIGMA, vector_type(width), false));
        }
        let facts = [("width", width.to_string())];
        let schema = artifact_schema(Kind::Embeddings, fields, &facts, provenance);
        Ok(Self { nodes, embedding, schema })
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The names of the columns that hold vectors.
    pub(crate) fn vectors(&self) -> impl Iterator<Item = &str> {
        let fields = self.schema.fields().iter();
        let vectors =
            fields.filter(|field| matches!(field.data_type(), DataType::FixedSizeList(..)));
        vectors.map(|field| field.name().as_str())
    }

    /// The rows from top to bottom, at most `rows` at a time.
    pub(crate) fn batches(
        &self,
        rows: usize,
    ) -> impl Iterator<Item = std::result::Result<RecordBatch, ArrowError>> + '_ {
        let count = self.nodes.len();
        (0..count).step_by(rows).map(move |start| self.batch(start..count.min(start + rows)))
    }

    fn batch(&self, rows: Range<usize>) -> std::result::Result<RecordBatch, ArrowError> {
        let ids = self.nodes.ids()[rows.clone()].iter().map(|id| Some(id.as_str()));
        let labels = self.nodes.labels()[rows.clone()].iter().map(Option::as_deref);
        let embedding = vectors(self.embedding.mu(), &rows)?;
        let nodes = row_index(rows.start)..row_index(rows.end);
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(nodes)),
            Arc::new(strings(ID, ids)?),
            Arc::new(strings(LABEL, labels)?),
            Arc::clone(&embedding),
        ];
        if let Some(log_sigma) = self.embedding.log_sigma() {
            columns.push(embedding);
            columns.push(vectors(log_sigma, &rows)?);
        }
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }
}

fn vectors(matrix: &Matrix, rows: &Range<usize>) -> std::result::Result<ArrayRef, ArrowError> {
    let width = matrix.cols();
    let values = matrix.as_slice()[rows.start * width..rows.end * width].to_vec();
    let DataType::FixedSizeList(item, width) = vector_type(width) else {
        return Err(ArrowError::SchemaError("vectors are fixed-size lists".to_owned()));
    };
    let values = Arc::new(Float32Array::from(values));
    Ok(Arc::new(FixedSizeListArray::try_new(item, width, values, None)?))
}

/// An error where Arrow would panic: its strings are told apart by `i32` offsets.
fn strings<'a>(
    column: &str,
    values: impl Iterator<Item = Option<&'a str>> + Clone,
) -> std::result::Result<StringArray, ArrowError> {
    let bytes: usize = values.clone().flatten().map(str::len).sum();
    if i32::try_from(bytes).is_err() {
        let message =
            format!("column `{column}`: expected less than 2 GiB in a batch, found {bytes} bytes");
        return Err(ArrowError::InvalidArgumentError(message));
    }
    Ok(values.collect())
}
