//! Parquet tables with kind, schema version and provenance in their metadata.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::compute::{CastOptions, cast_with_options, concat_batches};
use arrow::datatypes::{
    DataType, Field, Float32Type, Float64Type, Schema, SchemaRef, UInt32Type, UInt64Type,
};
use arrow::error::ArrowError;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};

use crate::guard::guarded;
use crate::{
    ArtifactError, FORM_VERSION, Kind, Pair, Part, Provenance, Result, atomic, claims, parse_name,
    regular,
};

/// Number of rows in a Parquet row group: large enough to compress well, small enough to scan in parallel.
pub const ROW_GROUP_ROWS: usize = 1 << 17;

/// Maximum number of rows per batch when reading.
const MOST_BATCH_ROWS: usize = 1 << 24;

const KIND_KEY: &str = "vgae.kind";
const VERSION_KEY: &str = "vgae.version";
const PROVENANCE_KEY: &str = "vgae.provenance";

const DESCRIPTION_KEY: &str = "description";

/// Returns a column without nulls. Its description is stored in the field's metadata.
#[must_use]
pub fn required(name: &str, data_type: DataType, description: &str) -> Field {
    described(Field::new(name, data_type, false), description)
}

/// Returns a nullable column. Its description is stored in the field's metadata.
#[must_use]
pub fn optional(name: &str, data_type: DataType, description: &str) -> Field {
    described(Field::new(name, data_type, true), description)
}

fn described(field: Field, description: &str) -> Field {
    field.with_metadata([(DESCRIPTION_KEY.to_owned(), description.to_owned())].into())
}

/// Returns the description of a column, if its field has one.
#[must_use]
pub fn description(field: &Field) -> Option<&str> {
    field.metadata().get(DESCRIPTION_KEY).map(String::as_str)
}

/// Returns the schema of an artifact: its fields, and in the metadata its kind, version, provenance and
/// `facts` (stored under `vgae.NAME`).
#[must_use]
pub fn artifact_schema(
    kind: Kind,
    fields: Vec<Field>,
    facts: &[(&str, String)],
    provenance: &Provenance,
) -> SchemaRef {
    let mut metadata = HashMap::from([
        (KIND_KEY.to_owned(), kind.to_string()),
        (VERSION_KEY.to_owned(), FORM_VERSION.to_string()),
        (PROVENANCE_KEY.to_owned(), provenance_json(provenance)),
    ]);
    metadata.extend(facts.iter().map(|(name, value)| (format!("vgae.{name}"), value.clone())));
    Arc::new(Schema::new_with_metadata(fields, metadata))
}

/// Returns the provenance as one line of JSON.
#[must_use]
pub fn provenance_json(provenance: &Provenance) -> String {
    serde_json::to_string(provenance).unwrap_or_default()
}

/// Writes one table, atomically, with zstd compression. The same values produce the same bytes.
///
/// # Errors
/// Returns an error when the columns do not match the fields or the file cannot be written.
pub fn write_parquet(
    path: &Path,
    kind: Kind,
    fields: Vec<Field>,
    columns: Vec<ArrayRef>,
    facts: &[(&str, String)],
    provenance: &Provenance,
) -> Result<()> {
    let schema = artifact_schema(kind, fields, facts, provenance);
    let batch =
        RecordBatch::try_new(schema, columns).map_err(ArtifactError::encode("Parquet", path))?;
    write_batch(path, &batch)
}

/// Writes a batch whose schema contains its metadata.
///
/// # Errors
/// Returns an error when the file cannot be written.
pub fn write_batch(path: &Path, batch: &RecordBatch) -> Result<()> {
    let properties = writer_properties(batch.schema_ref()).build();
    atomic::write_with(path, |file| {
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties))
            .map_err(ArtifactError::encode("Parquet", path))?;
        writer.write(batch).map_err(ArtifactError::encode("Parquet", path))?;
        writer.close().map_err(ArtifactError::encode("Parquet", path))?;
        Ok(())
    })
}

/// Writes batches sequentially, atomically, with at most one row group in memory. `schema` contains the
/// metadata of [`artifact_schema`].
///
/// # Errors
/// Returns an error when a batch does not match the schema or the file cannot be written.
pub fn write_batches(
    path: &Path,
    schema: &SchemaRef,
    group_rows: usize,
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
) -> Result<()> {
    let properties = writer_properties(schema).set_max_row_group_row_count(Some(group_rows));
    write_batches_with(path, schema, properties.build(), batches)
}

/// Writes batches like [`write_batches`], with other properties of the file.
///
/// # Errors
/// See [`write_batches`].
pub fn write_batches_with(
    path: &Path,
    schema: &SchemaRef,
    properties: WriterProperties,
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
) -> Result<()> {
    atomic::write_with(path, |file| {
        let mut writer = ArrowWriter::try_new(file, Arc::clone(schema), Some(properties))
            .map_err(ArtifactError::encode("Parquet", path))?;
        for batch in batches {
            let batch = batch.map_err(ArtifactError::encode("Parquet", path))?;
            writer.write(&batch).map_err(ArtifactError::encode("Parquet", path))?;
        }
        writer.close().map_err(ArtifactError::encode("Parquet", path))?;
        Ok(())
    })
}

/// Opens a Parquet artifact of `kind` and validates its schema and the sizes in its metadata (see [`claims`])
/// before any row is read. The decoder may still panic on a damaged file: see [`guarded`].
///
/// # Errors
/// Returns an error when the file is missing, damaged, of another kind or of a newer version.
pub fn open_parquet(path: &Path, kind: Kind) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = regular::open(path).map_err(ArtifactError::io("read", path))?;
    claims::parquet_footer(path, &file)?;
    let again = file.try_clone().map_err(ArtifactError::io("read", path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)
        .map_err(ArtifactError::decode("Parquet", path))?;
    check_kind(path, kind, builder.schema().metadata())?;
    let decoded = claims::parquet_content(path, &again, builder.metadata())?;
    let decoded = decoded.into_iter().fold(0, u64::saturating_add);
    let length = again.metadata().map_err(ArtifactError::io("read", path))?.len();
    claims::parquet_decoded(path, length, decoded)?;
    Ok(builder)
}

/// Reads all columns of a Parquet artifact as they are stored, in one batch.
///
/// # Errors
/// Returns an error when the file is missing, damaged, of another kind or of a newer version.
pub fn read_batch(path: &Path, kind: Kind) -> Result<RecordBatch> {
    let read = || {
        let builder = open_parquet(path, kind)?;
        // The reader's own schema lacks the metadata.
        let schema = Arc::clone(builder.schema());
        let reader = builder.build().map_err(ArtifactError::decode("Parquet", path))?;
        let batches = reader
            .collect::<Result<Vec<_>, _>>()
            .map_err(ArtifactError::decode("Parquet", path))?;
        concat_batches(&schema, &batches).map_err(ArtifactError::decode("Parquet", path))
    };
    guarded(read).unwrap_or_else(|panic| Err(ArtifactError::decode("Parquet", path)(panic)))
}

/// Returns the provenance of a Parquet artifact, if present.
///
/// # Errors
/// See [`read_batch`].
pub fn provenance(path: &Path, kind: Kind) -> Result<Option<Provenance>> {
    let read = || {
        let builder = open_parquet(path, kind)?;
        let text = builder.schema().metadata().get(PROVENANCE_KEY).cloned();
        let parsed = text.map(|text| serde_json::from_str(&text)).transpose();
        parsed.map_err(ArtifactError::decode("provenance", path))
    };
    guarded(read).unwrap_or_else(|panic| Err(ArtifactError::decode("Parquet", path)(panic)))
}

/// Returns the writer properties of all Parquet artifacts: zstd, row groups of [`ROW_GROUP_ROWS`], and the
/// schema's metadata as key-value pairs. The writer stores them only in an encoded Arrow schema, which tools
/// without Arrow support such as `DuckDB` do not read.
#[must_use]
pub fn writer_properties(schema: &Schema) -> WriterPropertiesBuilder {
    let sorted: BTreeMap<_, _> = schema.metadata().iter().collect();
    let metadata =
        sorted.into_iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_key_value_metadata(Some(metadata))
}

/// Table in memory whose columns have the types of its kind.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    batch: RecordBatch,
    /// Columns as stored in the file, before conversion.
    stored: SchemaRef,
    metadata: HashMap<String, String>,
}

impl Table {
    /// Reads the columns of `fields`, in any order, ignoring others. Types that convert without loss (a
    /// signed integer to `u32`, for example) are converted, so that tables of other tools can be read.
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged, of another kind or of a newer version, lacks a
    /// column, has nulls in a column without nulls, or contains values that do not convert.
    pub fn read_parquet(path: &Path, kind: Kind, fields: &[Field]) -> Result<Self> {
        Self::read_parquet_with(path, kind, fields, &[])
    }

    /// Reads like [`Table::read_parquet`], and additionally the `optional` columns that exist: see
    /// [`Table::has`].
    ///
    /// # Errors
    /// See [`Table::read_parquet`].
    pub fn read_parquet_with(
        path: &Path,
        kind: Kind,
        fields: &[Field],
        optional: &[Field],
    ) -> Result<Self> {
        guarded(|| Self::decode_parquet(path, kind, fields, optional))
            .unwrap_or_else(|panic| Err(ArtifactError::decode("Parquet", path)(panic)))
    }

    fn decode_parquet(
        path: &Path,
        kind: Kind,
        fields: &[Field],
        optional: &[Field],
    ) -> Result<Self> {
        let builder = open_parquet(path, kind)?;
        let metadata = builder.schema().metadata().clone();
        let there = optional.iter().filter(|field| builder.schema().index_of(field.name()).is_ok());
        let fields: Vec<Field> = fields.iter().chain(there).cloned().collect();
        let mut roots = Vec::new();
        for field in &fields {
            let position = builder
                .schema()
                .index_of(field.name())
                .map_err(|_| missing(path, kind, field, builder.schema()))?;
            roots.push(position);
        }
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
        // One batch, so that concatenation copies nothing; limited since a damaged file may declare any
        // number of rows.
        let claimed = usize::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        let file = regular::open(path).map_err(ArtifactError::io("read", path))?;
        let length = file.metadata().map_err(ArtifactError::io("read", path))?.len();
        let views = claims::text_views(builder.metadata(), builder.schema());
        let views = views.map_err(ArtifactError::decode("Parquet", path))?;
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, views)
            .with_projection(mask)
            .with_batch_size(claimed.clamp(1, MOST_BATCH_ROWS))
            .build()
            .map_err(ArtifactError::decode("Parquet", path))?;
        let schema = arrow::array::RecordBatchReader::schema(&reader);
        let batches = reader
            .collect::<Result<Vec<_>, _>>()
            .map_err(ArtifactError::decode("Parquet", path))?;
        let texts = batches.iter().flat_map(RecordBatch::columns).map(claims::view_bytes);
        claims::parquet_decoded(path, length, texts.fold(0, u64::saturating_add))?;
        let whole =
            concat_batches(&schema, &batches).map_err(ArtifactError::decode("Parquet", path))?;
        let columns =
            fields.iter().map(|field| column(path, &whole, field)).collect::<Result<Vec<_>>>()?;
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
            .map_err(ArtifactError::decode("Parquet", path))?;
        Ok(Self { path: path.to_owned(), batch, stored: schema, metadata })
    }

    /// Returns whether a column was read; optional columns may be missing.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.batch.schema_ref().index_of(name).is_ok()
    }

    /// Returns the type of a column in the file, if it was read.
    #[must_use]
    pub fn stored_type(&self, name: &str) -> Option<&DataType> {
        self.stored.field_with_name(name).ok().map(Field::data_type)
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    /// Returns the value stored under `vgae.NAME` in the metadata.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.metadata.get(&format!("vgae.{name}")).map(String::as_str)
    }

    /// Returns a metadata value that is a count.
    ///
    /// # Errors
    /// Returns an error when it is present and not a count.
    pub fn count_fact(&self, name: &str) -> Result<Option<usize>> {
        self.fact(name)
            .map(|text| {
                text.parse().map_err(|_| {
                    ArtifactError::form(&self.path, format!("a count in `vgae.{name}`"), text)
                })
            })
            .transpose()
    }

    fn typed(&self, name: &str) -> Result<&ArrayRef> {
        self.batch.column_by_name(name).ok_or_else(|| {
            ArtifactError::form(&self.path, format!("a column `{name}`"), "none of that name")
        })
    }

    /// Returns a column of `u32` without nulls.
    ///
    /// # Errors
    /// Returns an error when the column is missing.
    pub fn u32s(&self, name: &str) -> Result<Vec<u32>> {
        Ok(self.typed(name)?.as_primitive::<UInt32Type>().values().to_vec())
    }

    /// Returns a column of `u32` that has all values or none.
    ///
    /// # Errors
    /// Returns an error when the column is missing.
    pub fn optional_u32s(&self, name: &str) -> Result<Option<Vec<u32>>> {
        let is_empty = self.rows() > 0 && self.is_empty_column(name)?;
        Ok(if is_empty { None } else { Some(self.u32s(name)?) })
    }

    /// Returns a column of `u64` without nulls.
    ///
    /// # Errors
    /// Returns an error when the column is missing.
    pub fn u64s(&self, name: &str) -> Result<Vec<u64>> {
        Ok(self.typed(name)?.as_primitive::<UInt64Type>().values().to_vec())
    }

    /// Returns a column of `f32`.
    ///
    /// # Errors
    /// Returns an error when the column is missing.
    pub fn f32s(&self, name: &str) -> Result<Vec<Option<f32>>> {
        Ok(self.typed(name)?.as_primitive::<Float32Type>().iter().collect())
    }

    /// Returns whether a column contains nulls only.
    ///
    /// # Errors
    /// Returns an error when the column is missing.
    pub fn is_empty_column(&self, name: &str) -> Result<bool> {
        Ok(self.typed(name)?.null_count() == self.rows())
    }

    /// Returns a column of `f64`.
    ///
    /// # Errors
    /// Returns an error when the column is missing.
    pub fn f64s(&self, name: &str) -> Result<Vec<Option<f64>>> {
        Ok(self.typed(name)?.as_primitive::<Float64Type>().iter().collect())
    }

    /// Returns a column of strings.
    ///
    /// # Errors
    /// Returns an error when the column is missing.
    pub fn strings(&self, name: &str) -> Result<Vec<Option<String>>> {
        Ok(self.typed(name)?.as_string::<i32>().iter().map(|s| s.map(str::to_owned)).collect())
    }

    /// Returns a column of part names.
    ///
    /// # Errors
    /// Returns an error when the column is missing, or a value is not the name of a part.
    pub fn parts(&self, name: &str) -> Result<Vec<Part>> {
        let names = self.typed(name)?.as_string::<i32>().iter();
        names
            .map(|name| parse_name("column `part`", name.unwrap_or_default()))
            .collect::<Result<_>>()
            .map_err(|error| error.in_file(&self.path))
    }

    /// Returns a column of booleans without nulls.
    ///
    /// # Errors
    /// Returns an error when the column is missing.
    pub fn bools(&self, name: &str) -> Result<Vec<bool>> {
        Ok(self.typed(name)?.as_boolean().values().iter().collect())
    }

    /// Returns columns `src` and `dst` as pairs.
    ///
    /// # Errors
    /// Returns an error when a column is missing.
    pub fn pairs(&self) -> Result<Vec<Pair>> {
        let ends =
            |name| Ok::<_, ArtifactError>(self.typed(name)?.as_primitive::<UInt32Type>().values());
        let (src, dst) = (ends("src")?, ends("dst")?);
        Ok(src.iter().zip(dst.iter()).map(|(&src, &dst)| Pair::new(src, dst)).collect())
    }
}

fn check_kind(path: &Path, kind: Kind, metadata: &HashMap<String, String>) -> Result<()> {
    if let Some(found) = metadata.get(KIND_KEY).filter(|found| *found != <&str>::from(kind)) {
        return Err(ArtifactError::form(path, format!("kind `{kind}`"), format!("kind `{found}`")));
    }
    if let Some(found) = metadata.get(VERSION_KEY) {
        check_version(path, kind, found)?;
    }
    Ok(())
}

pub(crate) fn check_version(path: &Path, kind: Kind, found: &str) -> Result<()> {
    if found.parse::<u32>().is_ok_and(|version| version <= FORM_VERSION) {
        return Ok(());
    }
    Err(ArtifactError::form(
        path,
        format!("`{kind}` in version {FORM_VERSION} or older"),
        format!("version {found}, written by a newer vgae"),
    ))
}

pub(crate) fn missing(path: &Path, kind: Kind, field: &Field, schema: &Schema) -> ArtifactError {
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    ArtifactError::form(
        path,
        format!("a `{kind}` table with a column `{}` ({})", field.name(), field.data_type()),
        format!("columns {}", names.join(", ")),
    )
}

pub(crate) fn column(path: &Path, batch: &RecordBatch, field: &Field) -> Result<ArrayRef> {
    let found = batch
        .column_by_name(field.name())
        .ok_or_else(|| missing(path, Kind::Nodes, field, batch.schema_ref()))?;
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let lossless = !(found.data_type().is_floating() && field.data_type().is_integer());
    let column = Some(found)
        .filter(|_| lossless)
        .and_then(|found| cast_with_options(found, field.data_type(), &options).ok())
        .ok_or_else(|| {
            ArtifactError::form(
                path,
                format!("column `{}` with values of type {}", field.name(), field.data_type()),
                format!("type {} with values that do not fit", found.data_type()),
            )
        })?;
    if !field.is_nullable() && column.null_count() > 0 {
        return Err(ArtifactError::form(
            path,
            format!("column `{}` without nulls", field.name()),
            format!("{} nulls", column.null_count()),
        ));
    }
    debug_assert_eq!(column.data_type(), field.data_type());
    Ok(column)
}

/// Creates a column of booleans.
pub(crate) fn booleans(values: impl Iterator<Item = bool>) -> ArrayRef {
    Arc::new(values.map(Some).collect::<BooleanArray>())
}

/// Creates a column of strings.
///
/// # Errors
/// Returns an error when the text exceeds 2 GiB, the limit of Arrow's `i32` offsets, where Arrow would panic.
pub fn strings<'a>(
    column: &str,
    values: impl Iterator<Item = Option<&'a str>> + Clone,
) -> Result<ArrayRef, ArrowError> {
    let bytes: usize = values.clone().flatten().map(str::len).sum();
    if i32::try_from(bytes).is_err() {
        let message =
            format!("column `{column}`: expected less than 2 GiB at a time, found {bytes} bytes");
        return Err(ArrowError::InvalidArgumentError(message));
    }
    Ok(Arc::new(values.collect::<StringArray>()))
}

/// Returns a row number as the `u32` that tables store.
///
/// # Panics
/// Never for tables built from [`crate::Nodes`] or [`crate::Edges`], which check their size.
#[must_use]
pub fn row_index(row: usize) -> u32 {
    u32::try_from(row).expect("a checked table has at most u32::MAX nodes")
}

/// Returns the Arrow type of a node vector with `width` entries.
#[must_use]
pub fn vector_type(width: usize) -> DataType {
    let width = i32::try_from(width).unwrap_or(i32::MAX);
    DataType::FixedSizeList(Arc::new(Field::new("item", DataType::Float32, false)), width)
}
