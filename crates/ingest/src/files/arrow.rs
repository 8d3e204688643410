//! Arrow IPC, the file form (Feather version 2 too) and the stream form.

use std::io::Cursor;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::buffer::Buffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int64Type, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::convert::fb_to_schema;
use arrow::ipc::reader::{FileDecoder, StreamDecoder, read_footer_length};
use arrow::ipc::{Block, root_as_footer};
use vgae_artifacts::claims;

/// What an Arrow file of the file form starts and ends with.
const MAGIC: &[u8] = b"ARROW1";
/// What stands behind the footer: its length and the magic.
const TRAILER: usize = 10;

/// An Arrow file, decoded.
#[derive(Debug)]
pub struct ArrowFile {
    /// Its columns.
    pub schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl ArrowFile {
    /// Decodes a whole file. Every length that the file claims is checked against what is there. The decoder
    /// may still panic on a damaged file: see `vgae_artifacts::guard`.
    ///
    /// # Errors
    /// When the file is damaged, is no Arrow IPC file, or unpacks to far more than its length.
    pub fn read(bytes: Vec<u8>) -> Result<Self, ArrowError> {
        let buffer = Buffer::from_vec(bytes);
        if buffer.starts_with(b"FEA1") {
            let text = "this is Feather version 1: write it again as version 2, or as Parquet";
            return Err(ArrowError::IpcError(text.to_owned()));
        }
        let most = claims::most_unpacked(buffer.len() as u64);
        if buffer.starts_with(MAGIC) {
            claims::arrow_file(Cursor::new(buffer.as_slice()), most)?;
            Self::file(&buffer)
        } else {
            claims::arrow_stream(Cursor::new(buffer.as_slice()), most)?;
            Self::stream(buffer)
        }
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

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The pieces of a column.
    #[must_use]
    pub fn pieces(&self, position: usize) -> Vec<ArrayRef> {
        self.batches.iter().map(|batch| Arc::clone(batch.column(position))).collect()
    }
}

/// The pieces of a column of one of the types that [`holds_values`] accepts, as the type `to`; `most` is the
/// bytes that the file may unpack to.
///
/// # Errors
/// When many rows share a long text, so that all of them together are too much.
pub fn values(pieces: &[ArrayRef], to: &DataType, most: u64) -> Result<Vec<ArrayRef>, ArrowError> {
    let mut bytes = 0u64;
    for piece in pieces {
        bytes = bytes.saturating_add(text_bytes(piece)?);
    }
    if bytes > most {
        let text = format!("a column of {bytes} bytes of text, more than {most}");
        return Err(ArrowError::IpcError(text));
    }
    pieces.iter().map(|piece| cast(piece, to)).collect()
}

/// The bytes of a column's texts if each row has its own, where rows may share one.
fn text_bytes(piece: &dyn Array) -> Result<u64, ArrowError> {
    Ok(match piece.data_type() {
        DataType::Utf8View => {
            piece.as_string_view().iter().flatten().map(|text| text.len() as u64).sum()
        }
        DataType::Dictionary(..) => {
            let dictionary = piece.as_any_dictionary();
            let words = cast(dictionary.values(), &DataType::LargeUtf8)?;
            let lengths: Vec<u64> = words
                .as_string::<i64>()
                .iter()
                .map(|word| word.map_or(0, |word| word.len() as u64))
                .collect();
            let keys = cast(dictionary.keys(), &DataType::Int64)?;
            let keys = keys.as_primitive::<Int64Type>().iter().flatten();
            keys.filter_map(|key| lengths.get(usize::try_from(key).ok()?)).sum()
        }
        _ => 0,
    })
}

/// Whether a column can hold ids, labels or numbers.
#[must_use]
pub fn holds_values(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => {
            matches!(**values, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
        }
        DataType::Boolean | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        other => other.is_integer() || other.is_floating(),
    }
}

/// Whether a column holds lists of numbers.
#[must_use]
pub fn holds_lists(kind: &DataType) -> bool {
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

#[cfg(test)]
mod tests;
