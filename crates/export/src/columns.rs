//! The columns of an embedding file, the same in Parquet and Arrow.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, FixedSizeListArray, Float32Array, ListArray, RecordBatch};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, FieldRef, SchemaRef};
use arrow::error::ArrowError;
use parquet::schema::types::ColumnPath;
use vgae_artifacts::table::{ROW_GROUP_ROWS, artifact_schema, required, vector_type};
use vgae_artifacts::{ArtifactError, Embedding, IdType, Kind, Matrix, Nodes, Provenance, Result};

use crate::Layout;

pub(crate) const NODE: &str = "node";
pub(crate) const ID: &str = "id";
pub(crate) const LABEL: &str = "label";
pub(crate) const EMBEDDING: &str = "embedding";
const MU: &str = "mu";
pub(crate) const LOG_SIGMA: &str = "log_sigma";

/// Maximum number of values of one vector column in a row group (64 MiB).
const GROUP_VALUES: usize = 1 << 24;

/// Returns the columns of an embedding file with vectors of `width` numbers. Variational models add `mu` and
/// `log_sigma`.
#[must_use]
pub fn embedding_fields(
    id_type: IdType,
    width: usize,
    layout: Layout,
    variational: bool,
) -> Vec<Field> {
    let mut fields = Nodes::fields(id_type);
    for name in vector_names(variational) {
        match layout {
            Layout::Fixed => fields.push(required(name, vector_type(width), description(name))),
            Layout::List => {
                fields.push(required(name, DataType::List(number()), description(name)));
            }
            Layout::Columns => {
                fields.extend(
                    (0..width)
                        .map(|at| Field::new(column_name(name, at), DataType::Float32, false)),
                );
            }
        }
    }
    fields
}

pub(crate) fn vector_names(variational: bool) -> &'static [&'static str] {
    if variational { &[EMBEDDING, MU, LOG_SIGMA] } else { &[EMBEDDING] }
}

fn description(vector: &str) -> &'static str {
    match vector {
        MU => "mean; variational models only",
        LOG_SIGMA => "logarithm of the standard deviation; variational models only",
        _ => "vector of the node; `mu` for variational models",
    }
}

/// Returns the name of the column that contains one dimension.
pub(crate) fn column_name(vector: &str, at: usize) -> String {
    format!("{vector}_{at}")
}

/// Returns the field of a list item.
fn number() -> FieldRef {
    Arc::new(Field::new("item", DataType::Float32, false))
}

/// Checks that there is one vector per node and that the vectors are not empty.
pub(crate) fn check(nodes: &Nodes, embedding: &Embedding) -> Result<()> {
    let (rows, width) = (embedding.mu().rows(), embedding.mu().cols());
    if rows != nodes.len() {
        return Err(ArtifactError::invalid(
            "embedding",
            format!("a vector for each of {} nodes", nodes.len()),
            format!("{rows} vectors"),
        ));
    }
    // Fixed-size lists use i32 lengths, and readers disagree about lists of length zero.
    if width == 0 || i32::try_from(width).is_err() {
        return Err(ArtifactError::invalid(
            "embedding",
            format!("vectors of 1 to {} numbers", i32::MAX),
            format!("vectors of {width}"),
        ));
    }
    Ok(())
}

/// Checked nodes and vectors, converted in batches so that the vectors are never copied as a whole.
pub(crate) struct Columns<'a> {
    nodes: &'a Nodes,
    embedding: &'a Embedding,
    layout: Layout,
    schema: SchemaRef,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(
        nodes: &'a Nodes,
        embedding: &'a Embedding,
        layout: Layout,
        provenance: &Provenance,
    ) -> Result<Self> {
        check(nodes, embedding)?;
        let (width, variational) = (embedding.mu().cols(), embedding.log_sigma().is_some());
        let fields = embedding_fields(nodes.id_type(), width, layout, variational);
        let facts = [("width", width.to_string())];
        let schema = artifact_schema(Kind::Embeddings, fields, &facts, provenance);
        Ok(Self { nodes, embedding, layout, schema })
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Returns the Parquet leaf columns that contain the values of vectors.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = ColumnPath> {
        let described = Nodes::fields(self.nodes.id_type()).len();
        self.schema.fields().iter().skip(described).map(|field| {
            let mut path = vec![field.name().clone()];
            if field.data_type().is_nested() {
                path.extend(["list".to_owned(), "item".to_owned()]);
            }
            ColumnPath::from(path)
        })
    }

    /// Returns the number of rows per row group: that of every table (8 MiB of vectors of 16 numbers), or
    /// fewer for wide vectors, since readers load a whole row group into memory.
    pub(crate) fn group_rows(&self) -> usize {
        (GROUP_VALUES / self.embedding.mu().cols()).clamp(1, ROW_GROUP_ROWS)
    }

    /// Returns the rows in order, one row group per batch.
    pub(crate) fn batches(
        &self,
    ) -> impl Iterator<Item = std::result::Result<RecordBatch, ArrowError>> + '_ {
        let (count, step) = (self.nodes.len(), self.group_rows());
        (0..count).step_by(step).map(move |start| self.batch(start..count.min(start + step)))
    }

    fn batch(&self, rows: Range<usize>) -> std::result::Result<RecordBatch, ArrowError> {
        let mut columns = self.nodes.columns(rows.clone())?;
        let embedding = self.vectors(self.embedding.mu(), &rows)?;
        columns.extend_from_slice(&embedding);
        if let Some(log_sigma) = self.embedding.log_sigma() {
            columns.extend(embedding);
            columns.extend(self.vectors(log_sigma, &rows)?);
        }
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }

    /// Converts a range of rows of a matrix to one list column, or to one column per dimension.
    fn vectors(
        &self,
        matrix: &Matrix,
        rows: &Range<usize>,
    ) -> std::result::Result<Vec<ArrayRef>, ArrowError> {
        let width = matrix.cols();
        let values = &matrix.as_slice()[rows.start * width..rows.end * width];
        if self.layout == Layout::Columns {
            let column = |at| values.iter().copied().skip(at).step_by(width);
            let arrays = (0..width).map(|at| Float32Array::from_iter_values(column(at)));
            return Ok(arrays.map(|array| Arc::new(array) as ArrayRef).collect());
        }
        let values: ArrayRef = Arc::new(Float32Array::from(values.to_vec()));
        let lists: ArrayRef = match vector_type(width) {
            DataType::FixedSizeList(item, width) if self.layout == Layout::Fixed => {
                Arc::new(FixedSizeListArray::try_new(item, width, values, None)?)
            }
            _ => {
                let offsets = OffsetBuffer::from_repeated_length(width, rows.len());
                Arc::new(ListArray::try_new(number(), offsets, values, None)?)
            }
        };
        Ok(vec![lists])
    }
}
