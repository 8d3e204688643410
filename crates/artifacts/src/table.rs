//! Parquet tables with a kind, a schema version and provenance in their metadata.

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
};

/// Rows in a Parquet row group: large enough to compress well, small enough to scan in parallel.
pub const ROW_GROUP_ROWS: usize = 1 << 17;

/// Rows read in one go.
const MOST_BATCH_ROWS: usize = 1 << 24;

const KIND_KEY: &str = "vgae.kind";
const VERSION_KEY: &str = "vgae.version";
const PROVENANCE_KEY: &str = "vgae.provenance";

const DESCRIPTION_KEY: &str = "description";

/// A column without nulls. Its description is stored in the field's metadata.
#[must_use]
pub fn required(name: &str, data_type: DataType, description: &str) -> Field {
    described(Field::new(name, data_type, false), description)
}

/// A column that may hold nulls. Its description is stored in the field's metadata.
#[must_use]
pub fn optional(name: &str, data_type: DataType, description: &str) -> Field {
    described(Field::new(name, data_type, true), description)
}

fn described(field: Field, description: &str) -> Field {
    field.with_metadata([(DESCRIPTION_KEY.to_owned(), description.to_owned())].into())
}

/// The description of a column, if its field has one.
#[must_use]
pub fn description(field: &Field) -> Option<&str> {
    field.metadata().get(DESCRIPTION_KEY).map(String::as_str)
}

/// The schema of an artifact: its fields, and in the metadata its kind, version, provenance and `facts`
/// (stored under `vgae.NAME`).
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

/// Provenance as one line of JSON.
#[must_use]
pub fn provenance_json(provenance: &Provenance) -> String {
    serde_json::to_string(provenance).unwrap_or_default()
}

/// Writes one table, atomically, with zstd compression. The same values give the same bytes.
///
/// # Errors
/// When the columns do not fit the fields or the file cannot be written.
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

/// Writes a batch whose schema already carries its metadata.
///
/// # Errors
/// When the file cannot be written.
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

/// Writes batches one after the other, atomically, so that no more than a row group is held besides them.
/// `schema` carries the metadata, as [`artifact_schema`] makes it.
///
/// # Errors
/// When a batch does not fit the schema or the file cannot be written.
pub fn write_batches(
    path: &Path,
    schema: &SchemaRef,
    group_rows: usize,
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
) -> Result<()> {
    let properties =
        writer_properties(schema).set_max_row_group_row_count(Some(group_rows)).build();
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

/// An open Parquet artifact of `kind`: its schema and what its metadata claims, which the file can hold (see
/// [`claims`]), before any row is read. The decoder may still panic on a damaged file: see [`guarded`].
///
/// # Errors
/// When the file is missing or damaged, or says that it is another kind or a newer version.
pub fn open_parquet(path: &Path, kind: Kind) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = File::open(path).map_err(ArtifactError::io("read", path))?;
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

/// How every Parquet artifact is written: zstd, row groups of [`ROW_GROUP_ROWS`], and the schema's
/// metadata once more by name, since the writer hides it in an encoded Arrow schema, which only tools that
/// know Arrow look into (`DuckDB` does not).
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

/// A table in memory whose columns have the types its kind asks for.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    batch: RecordBatch,
    /// The columns as the file has them, before any conversion.
    stored: SchemaRef,
    metadata: HashMap<String, String>,
}

impl Table {
    /// Reads the columns named by `fields`, in any order, ignoring others. Types that convert without
    /// loss (a signed integer for `u32`, say) are converted, so that tables made elsewhere can be read.
    ///
    /// # Errors
    /// When the file is missing or damaged, says that it is another kind or a newer version, lacks a
    /// column, has nulls where none may be, or holds values that do not convert.
    pub fn read_parquet(path: &Path, kind: Kind, fields: &[Field]) -> Result<Self> {
        Self::read_parquet_with(path, kind, fields, &[])
    }

    /// Reads as [`Table::read_parquet`], and those of `optional` that the file has: see [`Table::has`].
    ///
    /// # Errors
    /// As [`Table::read_parquet`].
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
        // One batch, so that joining batches copies nothing; a damaged file may claim any number of rows.
        let claimed = usize::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        let file = File::open(path).map_err(ArtifactError::io("read", path))?;
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

    /// Whether a column was read: the file of an optional one may lack it.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.batch.schema_ref().index_of(name).is_ok()
    }

    /// The type that a column has in the file, if it was read.
    #[must_use]
    pub fn stored_type(&self, name: &str) -> Option<&DataType> {
        self.stored.field_with_name(name).ok().map(Field::data_type)
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    /// The value stored under `vgae.NAME` in the metadata.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.metadata.get(&format!("vgae.{name}")).map(String::as_str)
    }

    /// A fact that counts something.
    ///
    /// # Errors
    /// When it is there and is no count.
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

    /// A column of `u32` without nulls.
    ///
    /// # Errors
    /// When there is no such column.
    pub fn u32s(&self, name: &str) -> Result<Vec<u32>> {
        Ok(self.typed(name)?.as_primitive::<UInt32Type>().values().to_vec())
    }

    /// A column of `u64` without nulls.
    ///
    /// # Errors
    /// When there is no such column.
    pub fn u64s(&self, name: &str) -> Result<Vec<u64>> {
        Ok(self.typed(name)?.as_primitive::<UInt64Type>().values().to_vec())
    }

    /// A column of `f32`.
    ///
    /// # Errors
    /// When there is no such column.
    pub fn f32s(&self, name: &str) -> Result<Vec<Option<f32>>> {
        Ok(self.typed(name)?.as_primitive::<Float32Type>().iter().collect())
    }

    /// Whether a column holds nothing but nulls.
    ///
    /// # Errors
    /// When there is no such column.
    pub fn is_empty_column(&self, name: &str) -> Result<bool> {
        Ok(self.typed(name)?.null_count() == self.rows())
    }

    /// A column of `f64`.
    ///
    /// # Errors
    /// When there is no such column.
    pub fn f64s(&self, name: &str) -> Result<Vec<Option<f64>>> {
        Ok(self.typed(name)?.as_primitive::<Float64Type>().iter().collect())
    }

    /// A column of strings.
    ///
    /// # Errors
    /// When there is no such column.
    pub fn strings(&self, name: &str) -> Result<Vec<Option<String>>> {
        Ok(self.typed(name)?.as_string::<i32>().iter().map(|s| s.map(str::to_owned)).collect())
    }

    /// A column of the names of parts.
    ///
    /// # Errors
    /// When there is no such column, or a value names no part.
    pub fn parts(&self, name: &str) -> Result<Vec<Part>> {
        let names = self.typed(name)?.as_string::<i32>().iter();
        names
            .map(|name| parse_name("column `part`", name.unwrap_or_default()))
            .collect::<Result<_>>()
            .map_err(|error| error.in_file(&self.path))
    }

    /// A column of booleans without nulls.
    ///
    /// # Errors
    /// When there is no such column.
    pub fn bools(&self, name: &str) -> Result<Vec<bool>> {
        Ok(self.typed(name)?.as_boolean().values().iter().collect())
    }

    /// Columns `src` and `dst` as pairs.
    ///
    /// # Errors
    /// When there are no such columns.
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

/// A column of booleans.
pub(crate) fn booleans(values: impl Iterator<Item = bool>) -> ArrayRef {
    Arc::new(values.map(Some).collect::<BooleanArray>())
}

/// A column of text.
///
/// # Errors
/// Where Arrow would panic: its strings are told apart by `i32` offsets, which end at 2 GiB.
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

/// A row number as the `u32` that tables store.
///
/// # Panics
/// Never for tables built from [`crate::Nodes`] or [`crate::Edges`], which check their size.
#[must_use]
pub fn row_index(row: usize) -> u32 {
    u32::try_from(row).expect("a checked table has at most u32::MAX nodes")
}

/// The Arrow type of a node vector with `width` entries.
#[must_use]
pub fn vector_type(width: usize) -> DataType {
    let width = i32::try_from(width).unwrap_or(i32::MAX);
    DataType::FixedSizeList(Arc::new(Field::new("item", DataType::Float32, false)), width)
}
