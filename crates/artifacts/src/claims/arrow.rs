//! Validation of the sizes declared in Arrow IPC files and streams.
//!
//! The decoder trusts the eight bytes before each compressed buffer, which contain its uncompressed length;
//! and columns without bytes (nulls, empty lists) have as many rows as their header declares. Specification:
//! `Message.fbs` and `File.fbs` of the Apache Arrow project.

use std::collections::HashMap;
use std::fmt::Display;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};

use arrow::ipc::reader::read_footer_length;
use arrow::ipc::{FieldNode, Message, MessageHeader, RecordBatch, root_as_footer, root_as_message};

use super::limits::{ZSTD_RATIO, impossible};

/// Length of the trailer after the footer: footer length and magic.
const TRAILER: u64 = 10;
/// Continuation marker before the length of most messages.
const MARK: [u8; 4] = [0xff; 4];
/// Length of the prefix of each compressed buffer, which contains its uncompressed length.
const PREFIX: u64 = 8;
/// Maximum number of rows per byte, since a value takes at least one bit.
const ROWS_A_BYTE: u64 = 8;

/// Validates the sizes declared in an Arrow IPC file: its footer, messages and buffers must lie within the
/// file, the unpacked buffers must not exceed `most` bytes, and the buffers must be large enough for the
/// rows.
///
/// A file that is not Arrow passes, since its decoder returns a better error.
///
/// # Errors
/// Returns an error when the file is too small for the declared sizes, or cannot be read.
pub fn arrow_file(from: impl Read + Seek, most: u64) -> Result<()> {
    let mut file = Claimant::new(from, most)?;
    let Some(start) = file.length.checked_sub(TRAILER) else { return Ok(()) };
    let trailer = file.bytes(start, TRAILER)?;
    let trailer = trailer.try_into().map_err(|_| impossible("more bytes than the file has"))?;
    let Ok(length) = read_footer_length(trailer) else { return Ok(()) };
    let length = length as u64;
    let start =
        start.checked_sub(length).ok_or_else(|| impossible("a footer longer than the file"))?;
    let footer = file.bytes(start, length)?;
    let footer = root_as_footer(&footer).map_err(|error| damaged("the footer", error))?;
    // Blocks do not overlap; without this limit a file could list the same block many times.
    let mut blocks = file.length;
    for block in
        footer.dictionaries().iter().flatten().chain(footer.recordBatches().iter().flatten())
    {
        let numbers = [block.offset(), block.metaDataLength().into(), block.bodyLength()];
        let [offset, head, body] = numbers.map(|number: i64| u64::try_from(number).ok());
        let (offset, head, body) = offset
            .zip(head)
            .zip(body)
            .map(|((offset, head), body)| (offset, head, body))
            .ok_or_else(|| impossible("a block of negative length"))?;
        blocks = head
            .checked_add(body)
            .and_then(|length| blocks.checked_sub(length))
            .ok_or_else(|| impossible("blocks with more bytes than the file has"))?;
        file.within(offset, head + body)?;
        let message = file.bytes(offset, head)?;
        let prefix = if message.starts_with(&MARK) { 8 } else { 4 };
        let message = message.get(prefix..).ok_or_else(|| impossible("a message without bytes"))?;
        file.message(&parsed(message)?, offset + head, body)?;
    }
    Ok(())
}

/// Validates the sizes declared in an Arrow IPC stream, like [`arrow_file`].
///
/// # Errors
/// See [`arrow_file`].
pub fn arrow_stream(from: impl Read + Seek, most: u64) -> Result<()> {
    let mut file = Claimant::new(from, most)?;
    let mut at = 0;
    while file.length - at >= 4 {
        let mut word = file.bytes(at, 4)?;
        at += 4;
        if word == MARK {
            if file.length - at < 4 {
                break;
            }
            word = file.bytes(at, 4)?;
            at += 4;
        }
        let length = word.try_into().map(u32::from_le_bytes).map_or(0, u64::from);
        if length == 0 {
            break;
        }
        let message = file.bytes(at, length)?;
        let message = parsed(&message)?;
        at += length;
        let body = u64::try_from(message.bodyLength());
        let body = body.map_err(|_| impossible("a message of negative length"))?;
        file.within(at, body)?;
        file.message(&message, at, body)?;
        at += body;
    }
    Ok(())
}

fn parsed(bytes: &[u8]) -> Result<Message<'_>> {
    root_as_message(bytes).map_err(|error| damaged("a message", error))
}

fn damaged(what: &str, error: impl Display) -> Error {
    Error::new(ErrorKind::InvalidData, format!("{what} is damaged: {error}"))
}

/// File whose declared sizes are validated.
struct Claimant<R> {
    from: R,
    length: u64,
    most: u64,
    /// Remaining bytes of `most`.
    left: u64,
    /// Number of bytes of each dictionary so far.
    dictionaries: HashMap<i64, u64>,
}

impl<R: Read + Seek> Claimant<R> {
    fn new(mut from: R, most: u64) -> Result<Self> {
        let length = from.seek(SeekFrom::End(0))?;
        Ok(Self { from, length, most, left: most, dictionaries: HashMap::new() })
    }

    fn within(&self, at: u64, length: u64) -> Result<()> {
        let end = at.checked_add(length);
        end.filter(|&end| end <= self.length)
            .map(|_end| ())
            .ok_or_else(|| impossible(&format!("{length} bytes at {at} of {}", self.length)))
    }

    fn bytes(&mut self, at: u64, length: u64) -> Result<Vec<u8>> {
        self.within(at, length)?;
        self.from.seek(SeekFrom::Start(at))?;
        let mut bytes = Vec::new();
        (&mut self.from).take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Validates a message whose body of `length` bytes starts at `body`.
    fn message(&mut self, message: &Message<'_>, body: u64, length: u64) -> Result<()> {
        match message.header_type() {
            MessageHeader::RecordBatch => match message.header_as_record_batch() {
                Some(batch) => self.batch(&batch, body, length).map(|_bytes| ()),
                None => Ok(()),
            },
            MessageHeader::DictionaryBatch => {
                let Some(dictionary) = message.header_as_dictionary_batch() else { return Ok(()) };
                let Some(batch) = dictionary.data() else { return Ok(()) };
                let mut bytes = self.batch(&batch, body, length)?;
                // A delta is appended to a copy of the previous dictionary.
                if dictionary.isDelta() {
                    let before = self.dictionaries.get(&dictionary.id()).copied().unwrap_or(0);
                    self.unpack(before)?;
                    bytes += before;
                }
                self.dictionaries.insert(dictionary.id(), bytes);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Validates a batch. Returns the unpacked size of all its buffers.
    fn batch(&mut self, batch: &RecordBatch<'_>, body: u64, length: u64) -> Result<u64> {
        let is_packed = batch.compression().is_some();
        let mut bytes = 0;
        for buffer in batch.buffers().iter().flatten() {
            let [offset, size] =
                [buffer.offset(), buffer.length()].map(|number| u64::try_from(number).ok());
            let place = offset.zip(size).and_then(|(offset, size)| {
                offset.checked_add(size).filter(|&end| end <= length).map(|_end| (offset, size))
            });
            let (offset, size) = place.ok_or_else(|| impossible("a buffer beyond its message"))?;
            let unpacked =
                if is_packed && size > 0 { self.unpacked(body + offset, size)? } else { size };
            self.unpack(unpacked)?;
            bytes += unpacked;
        }
        let most = bytes.saturating_mul(ROWS_A_BYTE);
        let columns = batch.nodes().into_iter().flatten().map(FieldNode::length);
        for rows in columns.chain([batch.length()]) {
            if u64::try_from(rows).map_or(true, |rows| rows > most) {
                return Err(impossible(&format!("{rows} rows in {bytes} bytes")));
            }
        }
        Ok(bytes)
    }

    /// Returns the unpacked size of a compressed buffer, from its prefix.
    fn unpacked(&mut self, at: u64, size: u64) -> Result<u64> {
        let packed = size
            .checked_sub(PREFIX)
            .ok_or_else(|| impossible("a compressed buffer without bytes"))?;
        let prefix = self.bytes(at, PREFIX)?;
        let prefix = prefix.try_into().map_err(|_| impossible("more bytes than the file has"))?;
        match i64::from_le_bytes(prefix) {
            -1 => Ok(packed),
            claimed => u64::try_from(claimed)
                .ok()
                // No codec has a higher compression ratio than zstd.
                .filter(|&claimed| claimed <= packed.saturating_mul(ZSTD_RATIO))
                .ok_or_else(|| impossible(&format!("{packed} bytes that unpack to {claimed}"))),
        }
    }

    /// Subtracts `bytes` from the remaining unpacked size.
    fn unpack(&mut self, bytes: u64) -> Result<()> {
        let most = self.most;
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or_else(|| impossible(&format!("more than {most} bytes when unpacked")))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
