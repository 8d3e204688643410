//! Samples and their split as files, read and written in small batches: Parquet requires several bytes of
//! temporary memory per list value.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeListArray, Float32Array, RecordBatch, StringArray,
    UInt8Array, UInt32Array,
};
use arrow::datatypes::{
    DataType, Field, FieldRef, Float32Type, Schema, SchemaRef, UInt8Type, UInt32Type,
};
use arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;

use crate::guard::guarded;
use crate::table::{self, Table, optional, required};
use crate::{
    ArtifactError, ContentHash, ImageShape, Kind, Matrix, Part, Provenance, Result, SampleSplit,
    SampleValues, Samples, parse_name,
};

/// Number of values in a row group: enough to compress well.
const GROUP_VALUES: usize = 1 << 22;
/// Number of values in a batch during reading or writing.
const BATCH_VALUES: usize = 1 << 18;
/// Maximum number of values per sample.
const MOST_COLUMNS: usize = 1 << 24;

const NODE: &str = "node";
const PART: &str = "part";
const VALUES: &str = "values";

/// Returns the field of a list item of the given type.
fn item_of(number: DataType) -> FieldRef {
    Arc::new(Field::new("item", number, false))
}

impl Samples {
    /// Writes `samples.parquet`: `node` u32, `part` utf8 nullable (the part that the source assigns: train,
    /// val or test), `values` a list of u8 or f32 of fixed length. The metadata contain height and width of
    /// images.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written, or there are more samples than `u32::MAX`.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let (rows, columns) = (self.len(), self.values().columns());
        u32::try_from(rows).map_err(|_| {
            let expected = format!("at most {} samples", u32::MAX);
            ArtifactError::invalid("samples", expected, rows.to_string())
        })?;
        let width = i32::try_from(columns).ok().filter(|_| columns <= MOST_COLUMNS);
        let width = width.ok_or_else(|| too_wide(columns))?;
        let item = match self.values() {
            SampleValues::Bytes { .. } => DataType::UInt8,
            SampleValues::Reals(_) => DataType::Float32,
        };
        let item = item_of(item);
        let fields = Self::fields(&item, width);
        let mut facts = Vec::new();
        if let Some(ImageShape { height, width }) = self.image() {
            facts.push(("image_height", height.to_string()));
            facts.push(("image_width", width.to_string()));
        }
        let schema = table::artifact_schema(Kind::Samples, fields, &facts, provenance);
        let step = batch_rows(BATCH_VALUES, columns);
        let batches = (0..rows).step_by(step).map(|start| {
            let list = self.list(start, (start + step).min(rows), &item, width)?;
            self.batch(&schema, start, list)
        });
        table::write_batches(path, &schema, batch_rows(GROUP_VALUES, columns), batches)
    }

    /// Returns the columns of a file whose samples have `width` values.
    fn fields(item: &FieldRef, width: i32) -> Vec<Field> {
        vec![
            required(NODE, DataType::UInt32, "index of the sample"),
            optional(PART, DataType::Utf8, "part that the source assigns: train, val or test"),
            required(
                VALUES,
                DataType::FixedSizeList(Arc::clone(item), width),
                "values of the sample; bytes are pixels",
            ),
        ]
    }

    pub(crate) fn forms() -> Vec<Vec<Field>> {
        let form = |number| Self::fields(&item_of(number), 1);
        [DataType::UInt8, DataType::Float32].map(form).into()
    }

    fn list(
        &self,
        start: usize,
        end: usize,
        item: &FieldRef,
        width: i32,
    ) -> Result<FixedSizeListArray, ArrowError> {
        let columns = self.values().columns();
        let range = start * columns..end * columns;
        let values: ArrayRef = match self.values() {
            SampleValues::Bytes { data, .. } => Arc::new(UInt8Array::from(data[range].to_vec())),
            SampleValues::Reals(matrix) => {
                Arc::new(Float32Array::from(matrix.as_slice()[range].to_vec()))
            }
        };
        FixedSizeListArray::try_new(Arc::clone(item), width, values, None)
    }

    fn batch(
        &self,
        schema: &SchemaRef,
        start: usize,
        values: FixedSizeListArray,
    ) -> Result<RecordBatch, ArrowError> {
        let rows = start..start + values.len();
        let nodes = rows.clone().map(table::row_index);
        let part = |row: usize| self.given_parts().map(|parts: &[Part]| <&str>::from(parts[row]));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(nodes)),
            Arc::new(rows.map(part).collect::<StringArray>()),
            Arc::new(values),
        ];
        RecordBatch::try_new(Arc::clone(schema), columns)
    }

    /// Reads a file of [`Samples::write`], or a table with the same columns from another tool.
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged, of another kind, declares inconsistent sizes,
    /// `node` is not `0..N` in order, only some samples have a part, or a rule of [`Samples::new`] is
    /// violated.
    pub fn read(path: &Path) -> Result<Self> {
        guarded(|| read(path))
            .unwrap_or_else(|panic| Err(ArtifactError::decode("Parquet", path)(panic)))
    }
}

/// Returns the number of rows with about `values` values.
fn batch_rows(values: usize, columns: usize) -> usize {
    (values / columns.max(1)).clamp(1, table::ROW_GROUP_ROWS)
}

fn too_wide(columns: usize) -> ArtifactError {
    let expected = format!("at most {MOST_COLUMNS} values per sample");
    ArtifactError::invalid("samples", expected, columns.to_string())
}

/// Values read so far.
enum Store {
    Bytes(Vec<u8>),
    Reals(Vec<f32>),
}

impl Store {
    fn is_of(&self, kind: &DataType) -> bool {
        matches!(
            (self, kind),
            (Self::Bytes(_), DataType::UInt8) | (Self::Reals(_), DataType::Float32)
        )
    }
}

fn read(path: &Path) -> Result<Samples> {
    let builder = table::open_parquet(path, Kind::Samples)?;
    let schema = Arc::clone(builder.schema());
    let (mut store, columns) = store_of(path, &schema)?;
    let rows = claimed_rows(path, builder.metadata())?;
    let claimed = rows.checked_mul(columns);
    // Memory is reserved here but not touched, so a wrong size costs nothing.
    let fits = claimed.is_some_and(|claimed| match &mut store {
        Store::Bytes(data) => data.try_reserve_exact(claimed).is_ok(),
        Store::Reals(data) => data.try_reserve_exact(claimed).is_ok(),
    });
    if !fits {
        let expected = "samples that fit into memory";
        return Err(ArtifactError::form(
            path,
            expected,
            format!("{rows} samples of {columns} values"),
        ));
    }
    let image = image_of(path, &schema)?;

    let fields = [
        Field::new(NODE, DataType::UInt32, false),
        Field::new(PART, DataType::Utf8, true),
        Field::new(VALUES, DataType::Null, false),
    ];
    let roots = fields
        .iter()
        .map(|field| {
            schema
                .index_of(field.name())
                .map_err(|_| table::missing(path, Kind::Samples, field, &schema))
        })
        .collect::<Result<Vec<_>>>()?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
    let reader = builder
        .with_projection(mask)
        .with_batch_size(batch_rows(BATCH_VALUES, columns))
        .build()
        .map_err(ArtifactError::decode("Parquet", path))?;
    let mut parts: Vec<Option<Part>> = Vec::new();
    for batch in reader {
        let batch = batch.map_err(ArtifactError::decode("Parquet", path))?;
        let start = parts.len();
        let nodes = table::column(path, &batch, &fields[0])?;
        check_nodes(path, start, nodes.as_primitive::<UInt32Type>().values())?;
        let names = table::column(path, &batch, &fields[1])?;
        for name in names.as_string::<i32>() {
            let part = name
                .map(|name| parse_name("column `part`", name))
                .transpose()
                .map_err(|error| error.in_file(path))?;
            parts.push(part);
        }
        append(path, &mut store, &batch, start)?;
    }
    let values = match store {
        Store::Bytes(data) => SampleValues::Bytes { columns, data },
        Store::Reals(data) => SampleValues::Reals(
            Matrix::from_row_major(parts.len(), columns, data).map_err(|e| e.in_file(path))?,
        ),
    };
    let given = all_or_none(&parts).map_err(|error| error.in_file(path))?;
    Samples::new(values, image, given).map_err(|error| error.in_file(path))
}

/// Returns an empty store of the type of the file's `values`, and the number of values per sample.
fn store_of(path: &Path, schema: &Schema) -> Result<(Store, usize)> {
    let expected = "column `values` with lists of UInt8 or Float32 of one length from 1 up";
    let field = schema
        .field_with_name(VALUES)
        .map_err(|_| ArtifactError::form(path, expected, "no column `values`"))?;
    let found = || ArtifactError::form(path, expected, format!("type {}", field.data_type()));
    let DataType::FixedSizeList(item, width) = field.data_type() else { return Err(found()) };
    let columns = usize::try_from(*width).ok().filter(|&width| width > 0).ok_or_else(found)?;
    if columns > MOST_COLUMNS {
        return Err(too_wide(columns).in_file(path));
    }
    match item.data_type() {
        DataType::UInt8 => Ok((Store::Bytes(Vec::new()), columns)),
        DataType::Float32 => Ok((Store::Reals(Vec::new()), columns)),
        _ => Err(found()),
    }
}

/// Returns the number of rows in the footer, which must agree with the row groups.
fn claimed_rows(path: &Path, metadata: &parquet::file::metadata::ParquetMetaData) -> Result<usize> {
    let whole = metadata.file_metadata().num_rows();
    let groups = metadata
        .row_groups()
        .iter()
        .try_fold(0i64, |sum, group| sum.checked_add(group.num_rows()).filter(|&sum| sum >= 0));
    let rows = u32::try_from(whole).ok().filter(|_| groups == Some(whole));
    rows.map(|rows| rows as usize).ok_or_else(|| {
        let expected = format!("at most {} rows, as many as its row groups hold", u32::MAX);
        ArtifactError::form(path, expected, format!("{whole} rows, in row groups {groups:?}"))
    })
}

fn image_of(path: &Path, schema: &Schema) -> Result<Option<ImageShape>> {
    let count = |name: &str| {
        let text = schema.metadata().get(&format!("vgae.{name}"));
        let count = text.map(|text| {
            text.parse::<usize>().map_err(|_| {
                ArtifactError::form(path, format!("a count in `vgae.{name}`"), text.clone())
            })
        });
        count.transpose()
    };
    match (count("image_height")?, count("image_width")?) {
        (Some(height), Some(width)) => Ok(Some(ImageShape { height, width })),
        (None, None) => Ok(None),
        _ => Err(ArtifactError::form(
            path,
            "both `vgae.image_height` and `vgae.image_width`, or neither",
            "one of them",
        )),
    }
}

fn check_nodes(path: &Path, start: usize, nodes: &[u32]) -> Result<()> {
    let Some(at) = (0..nodes.len()).find(|&at| nodes[at] as usize != start + at) else {
        return Ok(());
    };
    let row = start + at;
    let expected = format!("{row} in row {row} (0, 1, 2, ... in order)");
    Err(ArtifactError::invalid("column `node`", expected, nodes[at].to_string()).in_file(path))
}

fn append(path: &Path, store: &mut Store, batch: &RecordBatch, start: usize) -> Result<()> {
    let expected = || format!("lists of one length without nulls from row {start} on");
    let fault = |found: &str| ArtifactError::form(path, expected(), found);
    let list = batch
        .column_by_name(VALUES)
        .and_then(|column| column.as_fixed_size_list_opt())
        .ok_or_else(|| fault("another type"))?;
    let values = list.values();
    if !store.is_of(values.data_type()) {
        return Err(fault("values of another type"));
    }
    if list.null_count() > 0 || values.null_count() > 0 {
        return Err(fault("nulls"));
    }
    match store {
        Store::Bytes(data) => {
            data.extend_from_slice(values.as_primitive::<UInt8Type>().values());
        }
        Store::Reals(data) => {
            data.extend_from_slice(values.as_primitive::<Float32Type>().values());
        }
    }
    Ok(())
}

fn all_or_none(parts: &[Option<Part>]) -> Result<Option<Vec<Part>>> {
    if parts.iter().all(Option::is_none) {
        return Ok(None);
    }
    match parts.iter().position(Option::is_none) {
        None => Ok(Some(parts.iter().copied().flatten().collect())),
        Some(row) => Err(ArtifactError::invalid(
            "column `part`",
            "a part for every sample, or for none",
            format!("none in row {row}"),
        )),
    }
}

impl SampleSplit {
    /// Returns the part of every sample, if each of `samples_len` is in exactly one and each part is
    /// ascending.
    ///
    /// # Errors
    /// Returns an error when a sample is in no part, in two, twice in one, out of order, or out of range.
    pub fn parts(&self, samples_len: usize) -> Result<Vec<Part>> {
        let fault = |expected: String, found: String| {
            Err(ArtifactError::invalid("split of samples", expected, found))
        };
        let mut parts: Vec<Option<Part>> = vec![None; samples_len];
        for (part, rows) in self.rows() {
            for (at, &row) in rows.iter().enumerate() {
                let Some(slot) = parts.get_mut(row as usize) else {
                    let found = format!("{row} in part {part}");
                    return fault(format!("samples below {samples_len}"), found);
                };
                if let Some(before) = slot.replace(part) {
                    let expected = "each sample in one part".to_owned();
                    return fault(expected, format!("sample {row} in {before} and in {part}"));
                }
                if at > 0 && rows[at - 1] > row {
                    let found = format!("{row} after {}", rows[at - 1]);
                    return fault(format!("part {part} in ascending order"), found);
                }
            }
        }
        match parts.iter().position(Option::is_none) {
            None => Ok(parts.into_iter().flatten().collect()),
            Some(row) => {
                fault(format!("each of {samples_len} samples in a part"), format!("{row} in none"))
            }
        }
    }

    /// Returns the rows of each part.
    fn rows(&self) -> [(Part, &[u32]); 3] {
        [
            (Part::Train, self.train.as_slice()),
            (Part::Validation, self.validation.as_slice()),
            (Part::Test, self.test.as_slice()),
        ]
    }

    /// Returns the number of samples in all parts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows().iter().map(|(_, rows)| rows.len()).sum()
    }

    /// Returns whether all parts are empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns a hash over all samples and their parts.
    #[must_use]
    pub fn content_hash(&self) -> ContentHash {
        let mut bytes = Vec::new();
        for (part, rows) in self.rows() {
            bytes.push(part as u8);
            bytes.extend((rows.len() as u64).to_le_bytes());
            bytes.extend(rows.iter().flat_map(|row| row.to_le_bytes()));
        }
        ContentHash::of(&bytes)
    }

    pub(crate) fn fields() -> Vec<Field> {
        vec![
            required(NODE, DataType::UInt32, "index of the sample"),
            required(PART, DataType::Utf8, "train, val or test"),
        ]
    }

    /// Writes `sample-split.parquet`: `node` u32, `part` utf8 (train / val / test), one row per sample.
    ///
    /// # Errors
    /// Returns an error when the parts do not contain each sample once (see [`SampleSplit::parts`]), or the
    /// file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let parts = self.parts(self.len())?;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values((0..parts.len()).map(table::row_index))),
            Arc::new(StringArray::from_iter_values(parts.iter().map(<&str>::from))),
        ];
        table::write_parquet(path, Kind::SampleSplit, Self::fields(), columns, &[], provenance)
    }

    /// Reads a file of [`SampleSplit::write`], or a table with the same columns from another tool, with rows
    /// in any order.
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged, of another kind, or does not contain each of
    /// `samples_len` samples exactly once.
    pub fn read(path: &Path, samples_len: usize) -> Result<Self> {
        let table = Table::read_parquet(path, Kind::SampleSplit, &Self::fields())?;
        let mut split = Self::default();
        for (node, part) in table.u32s(NODE)?.into_iter().zip(table.parts(PART)?) {
            match part {
                Part::Train => split.train.push(node),
                Part::Validation => split.validation.push(node),
                Part::Test => split.test.push(node),
            }
        }
        for rows in [&mut split.train, &mut split.validation, &mut split.test] {
            rows.sort_unstable();
        }
        split.parts(samples_len).map_err(|error| error.in_file(path))?;
        Ok(split)
    }
}

#[cfg(test)]
mod tests;
