//! Arrow IPC, the file form (Feather version 2 too) and the stream form, by the `arrow` crate: polars' own
//! reader would be another ten minutes of compilation.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::buffer::Buffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, SchemaRef, UInt64Type};
use arrow::error::ArrowError;
use arrow::ipc::convert::fb_to_schema;
use arrow::ipc::reader::{FileDecoder, StreamDecoder, read_footer_length};
use arrow::ipc::{Block, root_as_footer};
use polars::prelude::{
    BooleanChunked, Column, Float64Chunked, Int64Chunked, IntoColumn, NewChunkedArray,
    StringChunked, UInt64Chunked,
};

/// What an Arrow file of the file form starts and ends with.
const MAGIC: &[u8] = b"ARROW1";
/// What stands behind the footer: its length and the magic.
const TRAILER: usize = 10;

/// An Arrow file, decoded.
pub(super) struct ArrowFile {
    pub(super) schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl ArrowFile {
    /// Decodes a whole file. Every length that the file claims is checked against what is there.
    pub(super) fn read(bytes: Vec<u8>) -> Result<Self, ArrowError> {
        let buffer = Buffer::from_vec(bytes);
        if buffer.starts_with(b"FEA1") {
            let text = "this is Feather version 1: write it again as version 2, or as Parquet";
            return Err(ArrowError::IpcError(text.to_owned()));
        }
        if buffer.starts_with(MAGIC) { Self::file(&buffer) } else { Self::stream(buffer) }
    }

    fn file(buffer: &Buffer) -> Result<Self, ArrowError> {
        let fault = |text: &str| ArrowError::IpcError(text.to_owned());
        let cut = || fault("the file is cut off");
        let (rest, trailer) = buffer.split_last_chunk::<TRAILER>().ok_or_else(cut)?;
        let length = read_footer_length(*trailer)?;
        let start = rest.len().checked_sub(length).ok_or_else(cut)?;
        let footer = root_as_footer(&rest[start..])
            .map_err(|error| ArrowError::IpcError(format!("the footer is damaged: {error}")))?;
        let schema = footer.schema().ok_or_else(|| fault("the footer has no schema"))?;
        let schema: SchemaRef = Arc::new(fb_to_schema(schema));
        let mut decoder = FileDecoder::new(Arc::clone(&schema), footer.version());
        let data = |block: &Block| {
            let length = |length: i64| usize::try_from(length).ok();
            let (head, body) =
                (length(block.metaDataLength().into())?, length(block.bodyLength())?);
            let (offset, length) = (length(block.offset())?, head.checked_add(body)?);
            let is_there = offset.checked_add(length).is_some_and(|end| end <= buffer.len());
            is_there.then(|| buffer.slice_with_length(offset, length))
        };
        for block in footer.dictionaries().iter().flatten() {
            decoder.read_dictionary(block, &data(block).ok_or_else(cut)?)?;
        }
        let mut batches = Vec::new();
        for block in footer.recordBatches().iter().flatten() {
            batches.extend(decoder.read_record_batch(block, &data(block).ok_or_else(cut)?)?);
        }
        Ok(Self { schema, batches })
    }

    fn stream(mut buffer: Buffer) -> Result<Self, ArrowError> {
        let mut decoder = StreamDecoder::new();
        let mut batches = Vec::new();
        while !buffer.is_empty() {
            match decoder.decode(&mut buffer)? {
                Some(batch) => batches.push(batch),
                None => break,
            }
        }
        let schema = decoder.schema();
        // An end mark is usual, not needed; what must not be is a message that is cut off.
        decoder.finish()?;
        match schema {
            Some(schema) => Ok(Self { schema, batches }),
            None => Err(ArrowError::IpcError("there is no schema".to_owned())),
        }
    }

    /// The pieces of a column.
    pub(super) fn pieces(&self, position: usize) -> Vec<ArrayRef> {
        self.batches.iter().map(|batch| Arc::clone(batch.column(position))).collect()
    }

    /// A column of one of the types that [`holds_values`] accepts, for polars.
    pub(super) fn column(&self, position: usize) -> Result<Column, ArrowError> {
        let field = self.schema.field(position);
        let name = field.name().as_str().into();
        let cast_to = |to: &DataType| -> Result<Vec<ArrayRef>, ArrowError> {
            self.pieces(position).iter().map(|piece| cast(piece, to)).collect()
        };
        Ok(match field.data_type() {
            DataType::Boolean => {
                let pieces = self.pieces(position);
                let values = pieces.iter().flat_map(|piece| piece.as_boolean().iter());
                BooleanChunked::from_iter_options(name, values).into_column()
            }
            DataType::UInt64 => {
                let pieces = self.pieces(position);
                let values =
                    pieces.iter().flat_map(|piece| piece.as_primitive::<UInt64Type>().iter());
                UInt64Chunked::from_iter_options(name, values).into_column()
            }
            whole if whole.is_integer() => {
                let pieces = cast_to(&DataType::Int64)?;
                let values =
                    pieces.iter().flat_map(|piece| piece.as_primitive::<Int64Type>().iter());
                Int64Chunked::from_iter_options(name, values).into_column()
            }
            real if real.is_floating() => {
                let pieces = cast_to(&DataType::Float64)?;
                let values =
                    pieces.iter().flat_map(|piece| piece.as_primitive::<Float64Type>().iter());
                Float64Chunked::from_iter_options(name, values).into_column()
            }
            _ => {
                let pieces = cast_to(&DataType::LargeUtf8)?;
                let values = pieces.iter().flat_map(|piece| piece.as_string::<i64>().iter());
                StringChunked::from_iter_options(name, values).into_column()
            }
        })
    }
}

/// Whether a column can hold ids, labels or numbers.
pub(super) fn holds_values(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => {
            matches!(**values, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
        }
        DataType::Boolean | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        other => other.is_integer() || other.is_floating(),
    }
}

/// Whether a column holds lists of numbers.
pub(super) fn holds_lists(kind: &DataType) -> bool {
    let of_numbers = |field: &Arc<Field>| {
        let kind = field.data_type();
        kind.is_integer() || kind.is_floating() || *kind == DataType::Boolean
    };
    match kind {
        DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _) => {
            of_numbers(field)
        }
        _ => false,
    }
}
