//! Arrow IPC, the file form (Feather version 2 too) and the stream form, by the `arrow` crate.

use std::io::Cursor;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::convert::fb_to_schema;
use arrow::ipc::reader::{FileDecoder, StreamDecoder, read_footer_length};
use arrow::ipc::{Block, root_as_footer};
use vgae_artifacts::claims;

/// Magic bytes at both ends of an Arrow file.
const MAGIC: &[u8] = b"ARROW1";
/// Bytes after the footer: its length and the magic.
const TRAILER: usize = 10;

/// Columns and their values.
type Batches = (SchemaRef, Vec<RecordBatch>);

/// Decodes a whole file that may unpack to `most` bytes. The decoder may panic on a damaged file.
pub(super) fn read(bytes: Vec<u8>, most: u64) -> Result<Batches, ArrowError> {
    let buffer = Buffer::from_vec(bytes);
    if buffer.starts_with(b"FEA1") {
        let text = "this is Feather version 1: write it again as version 2, or as Parquet";
        return Err(ArrowError::IpcError(text.to_owned()));
    }
    if buffer.starts_with(MAGIC) {
        claims::arrow_file(Cursor::new(buffer.as_slice()), most)?;
        file(&buffer)
    } else {
        claims::arrow_stream(Cursor::new(buffer.as_slice()), most)?;
        stream(buffer)
    }
}

fn file(buffer: &Buffer) -> Result<Batches, ArrowError> {
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
        let (head, body) = (length(block.metaDataLength().into())?, length(block.bodyLength())?);
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
    Ok((schema, batches))
}

fn stream(mut buffer: Buffer) -> Result<Batches, ArrowError> {
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
        Some(schema) => Ok((schema, batches)),
        None => Err(ArrowError::IpcError("there is no schema".to_owned())),
    }
}
