use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, FixedSizeListArray, Float32Array, RecordBatch};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Float32Type, Schema, SchemaRef, UInt32Type};
use arrow::ipc::reader::FileReader;
use vgae_artifacts::guard::guarded;
use vgae_artifacts::table::{self, ROW_GROUP_ROWS};
use vgae_artifacts::{
    ArtifactError, Embedding, FORM_VERSION, Kind, Matrix, Nodes, Result, claims, regular,
};

use crate::columns::{EMBEDDING, ID, LABEL, LOG_SIGMA, NODE, column_name};

/// Reads a file of [`crate::write_embeddings_parquet`] in any layout, or a table with the same columns from
/// another tool. In such a table `label` and `log_sigma` are optional, and vectors may be lists of any
/// numeric type if all have the same length.
///
/// # Errors
/// Returns an error when the file is missing, damaged, of another kind or of a newer version, when `node` is
/// not `0..N` in order, or when vectors differ in length or contain a value that is not a finite number.
pub fn read_embeddings_parquet(path: &Path) -> Result<(Nodes, Embedding)> {
    decoded("Parquet", path, || read_parquet(path))
}

fn read_parquet(path: &Path) -> Result<(Nodes, Embedding)> {
    const FORM: &str = "Parquet";
    let builder = table::open_parquet(path, Kind::Embeddings)?;
    let schema = Arc::clone(builder.schema());
    let reader = builder
        .with_batch_size(ROW_GROUP_ROWS)
        .build()
        .map_err(ArtifactError::decode(FORM, path))?;
    Rows::read(path, &schema, reader.map(|batch| batch.map_err(ArtifactError::decode(FORM, path))))
}

/// Reads a file of [`crate::write_embeddings_arrow`], or an Arrow IPC file with the same columns, under the
/// rules of [`read_embeddings_parquet`].
///
/// # Errors
/// See [`read_embeddings_parquet`].
pub fn read_embeddings_arrow(path: &Path) -> Result<(Nodes, Embedding)> {
    decoded("Arrow", path, || read_arrow(path))
}

fn read_arrow(path: &Path) -> Result<(Nodes, Embedding)> {
    const FORM: &str = "Arrow";
    let file = regular::open(path).map_err(ArtifactError::io("read", path))?;
    // The file is uncompressed and each row has an index and a vector, so there are fewer rows than bytes.
    let most_rows = file.metadata().map_err(ArtifactError::io("read", path))?.len();
    claims::arrow_file(&file, claims::most_unpacked(most_rows))
        .map_err(ArtifactError::decode(FORM, path))?;
    let reader =
        FileReader::try_new_buffered(file, None).map_err(ArtifactError::decode(FORM, path))?;
    let schema = reader.schema();
    let batches = reader.map(|batch| {
        let batch = batch.map_err(ArtifactError::decode(FORM, path))?;
        if batch.num_rows() as u64 > most_rows {
            let expected = format!("at most {most_rows} rows in {most_rows} bytes");
            return Err(ArtifactError::form(path, expected, batch.num_rows().to_string()));
        }
        Ok(batch)
    });
    Rows::read(path, &schema, batches)
}

/// Converts panics into errors, since decoders may panic on damaged files.
fn decoded<T>(form: &'static str, path: &Path, read: impl FnOnce() -> Result<T>) -> Result<T> {
    guarded(read).unwrap_or_else(|panic| Err(ArtifactError::decode(form, path)(panic)))
}

/// Rows read so far.
#[derive(Default)]
struct Rows {
    ids: Vec<String>,
    integer_ids: bool,
    labels: Vec<Option<String>>,
    mu: Vectors,
    log_sigma: Option<Vectors>,
}

impl Rows {
    fn read(
        path: &Path,
        schema: &SchemaRef,
        batches: impl Iterator<Item = Result<RecordBatch>>,
    ) -> Result<(Nodes, Embedding)> {
        check_kind(path, schema)?;
        let mut rows = Self::default();
        // An empty batch, so that the columns of a table without rows are checked too.
        rows.push(path, &RecordBatch::new_empty(Arc::clone(schema)))?;
        for batch in batches {
            rows.push(path, &batch?)?;
        }
        rows.finish().map_err(|error| error.in_file(path))
    }

    fn push(&mut self, path: &Path, batch: &RecordBatch) -> Result<()> {
        check_order(path, required(path, batch, NODE)?, self.ids.len())?;
        let embedding = vectors(path, batch, EMBEDDING)?;
        let embedding = embedding.as_ref().map_or_else(|| required(path, batch, EMBEDDING), Ok)?;
        self.mu.push(path, EMBEDDING, embedding)?;
        if let Some(column) = vectors(path, batch, LOG_SIGMA)? {
            self.log_sigma.get_or_insert_default().push(path, LOG_SIGMA, &column)?;
        }
        let ids = required(path, batch, ID)?;
        self.integer_ids = ids.data_type().is_integer();
        let ids = convert(path, ID, ids, &DataType::Utf8)?;
        no_nulls(path, ID, &ids)?;
        self.ids.extend(ids.as_string::<i32>().iter().flatten().map(str::to_owned));
        if let Some(column) = batch.column_by_name(LABEL) {
            let labels = convert(path, LABEL, column, &DataType::Utf8)?;
            let labels = labels.as_string::<i32>().iter();
            self.labels.extend(labels.map(|label| label.map(str::to_owned)));
        } else {
            self.labels.resize(self.ids.len(), None);
        }
        Ok(())
    }

    fn finish(self) -> Result<(Nodes, Embedding)> {
        let rows = self.ids.len();
        let nodes = Nodes::new(self.ids, self.labels)?;
        let nodes = if self.integer_ids { nodes.with_integer_ids() } else { nodes };
        let mu = self.mu.into_matrix(rows)?;
        let log_sigma = self.log_sigma.map(|vectors| vectors.into_matrix(rows)).transpose()?;
        Ok((nodes, Embedding::new(mu, log_sigma)?))
    }
}

/// Returns the column `name`, or the columns of its dimensions combined into a list column. Returns `None` if
/// there are neither.
fn vectors(path: &Path, batch: &RecordBatch, name: &str) -> Result<Option<ArrayRef>> {
    if let Some(column) = batch.column_by_name(name) {
        return Ok(Some(Arc::clone(column)));
    }
    let dimensions: Vec<ArrayRef> = (0..)
        .map_while(|at| batch.column_by_name(&column_name(name, at)))
        .map(|column| {
            no_nulls(path, name, column)?;
            convert(path, name, column, &DataType::Float32)
        })
        .collect::<Result<_>>()?;
    if dimensions.is_empty() {
        return Ok(None);
    }
    let columns: Vec<&[f32]> = dimensions
        .iter()
        .map(|column| &column.as_primitive::<Float32Type>().values()[..])
        .collect();
    let values =
        (0..batch.num_rows()).flat_map(|row| columns.iter().map(move |column| column[row]));
    let values = Arc::new(Float32Array::from_iter_values(values));
    let item = Arc::new(Field::new("item", DataType::Float32, false));
    let width = i32::try_from(columns.len()).unwrap_or(i32::MAX);
    let lists = FixedSizeListArray::try_new(item, width, values, None);
    Ok(Some(Arc::new(lists.map_err(ArtifactError::decode("table", path))?)))
}

/// Concatenated vectors. The width is that of the first vector.
#[derive(Default)]
struct Vectors {
    width: Option<i32>,
    values: Vec<f32>,
}

impl Vectors {
    fn push(&mut self, path: &Path, name: &str, column: &ArrayRef) -> Result<()> {
        no_nulls(path, name, column)?;
        let Some(width) = self.width.or_else(|| width_of(column)) else { return Ok(()) };
        self.width = Some(width);
        // Items are nullable, so that a null is reported by the check below rather than by the conversion.
        let item = Arc::new(Field::new("item", DataType::Float32, true));
        let lists = convert(path, name, column, &DataType::FixedSizeList(item, width))?;
        let values = lists.as_fixed_size_list().values();
        no_nulls(path, name, values)?;
        self.values.extend_from_slice(values.as_primitive::<Float32Type>().values());
        Ok(())
    }

    fn into_matrix(self, rows: usize) -> Result<Matrix> {
        let width = self.width.and_then(|width| usize::try_from(width).ok()).unwrap_or(0);
        Matrix::from_row_major(rows, width, self.values)
    }
}

/// Returns the length of the lists: that of the type if it is fixed, otherwise that of the first list.
fn width_of(column: &ArrayRef) -> Option<i32> {
    match column.data_type() {
        DataType::FixedSizeList(_, width) => Some(*width),
        DataType::List(_) if !column.is_empty() => Some(column.as_list::<i32>().value_length(0)),
        DataType::LargeList(_) if !column.is_empty() => {
            i32::try_from(column.as_list::<i64>().value_length(0)).ok()
        }
        _ => None,
    }
}

fn check_kind(path: &Path, schema: &Schema) -> Result<()> {
    // `artifact_schema` writes these keys; a table from another tool lacks them.
    let (kind, metadata) = (Kind::Embeddings, schema.metadata());
    if let Some(found) = metadata.get("vgae.kind").filter(|found| *found != <&str>::from(kind)) {
        return Err(ArtifactError::form(path, format!("kind `{kind}`"), format!("kind `{found}`")));
    }
    match metadata.get("vgae.version") {
        Some(found) if !found.parse().is_ok_and(|version: u32| version <= FORM_VERSION) => {
            Err(ArtifactError::form(
                path,
                format!("`{kind}` in version {FORM_VERSION} or older"),
                format!("version {found}, written by a newer vgae"),
            ))
        }
        _ => Ok(()),
    }
}

fn required<'a>(path: &Path, batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef> {
    batch.column_by_name(name).ok_or_else(|| {
        let schema = batch.schema_ref();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        ArtifactError::form(
            path,
            format!("a table of embeddings with a column `{name}`"),
            format!("columns {}", names.join(", ")),
        )
    })
}

/// Checks that `node` equals the row index, so that a table in another order is rejected.
fn check_order(path: &Path, column: &ArrayRef, first_row: usize) -> Result<()> {
    let column = convert(path, NODE, column, &DataType::UInt32)?;
    no_nulls(path, NODE, &column)?;
    let nodes = column.as_primitive::<UInt32Type>().values();
    match nodes.iter().zip(first_row..).find(|(node, row)| **node as usize != *row) {
        None => Ok(()),
        Some((node, row)) => Err(ArtifactError::form(
            path,
            format!("node {row} in row {row} (0, 1, 2, ... in order: sort by `node`)"),
            format!("node {node}"),
        )),
    }
}

fn convert(path: &Path, name: &str, column: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    let lossless = !(column.data_type().is_floating() && to.is_integer());
    let options = CastOptions { safe: false, ..CastOptions::default() };
    Some(column)
        .filter(|_| lossless)
        .and_then(|column| cast_with_options(column, to, &options).ok())
        .ok_or_else(|| {
            ArtifactError::form(
                path,
                format!("column `{name}` with values of type {to}"),
                format!("type {} with values that do not fit", column.data_type()),
            )
        })
}

fn no_nulls(path: &Path, name: &str, values: &ArrayRef) -> Result<()> {
    match values.null_count() {
        0 => Ok(()),
        nulls => Err(ArtifactError::form(
            path,
            format!("column `{name}` without nulls"),
            format!("{nulls} nulls"),
        )),
    }
}
