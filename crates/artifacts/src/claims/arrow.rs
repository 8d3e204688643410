//! What an Arrow IPC file claims, in its file form and in its stream form.
//!
//! The decoder believes the eight bytes before each compressed buffer, which say how long it was; and columns
//! without bytes (of nulls, of empty lists) have as many rows as their header says. Form: `Message.fbs` and
//! `File.fbs` of the Apache Arrow project.

use std::collections::HashMap;
use std::fmt::Display;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};

use arrow::ipc::reader::read_footer_length;
use arrow::ipc::{FieldNode, Message, MessageHeader, RecordBatch, root_as_footer, root_as_message};

use super::lie::{ZSTD_RATIO, lie};

/// What stands behind the footer: its length and the magic.
const TRAILER: u64 = 10;
/// What most messages start with, before their length.
const MARK: [u8; 4] = [0xff; 4];
/// What stands before each buffer of a compressed batch: its length before that.
const PREFIX: u64 = 8;
/// A value takes a bit at least.
const ROWS_A_BYTE: u64 = 8;

/// Checks what a file of the file form claims: that its footer, messages and buffers lie within it, that no
/// more than `most` bytes come out when all buffers are unpacked, and that these can hold the rows.
///
/// What is no Arrow file passes: its decoder says so better.
///
/// # Errors
/// When the file cannot hold what it claims, or cannot be read.
pub fn arrow_file(from: impl Read + Seek, most: u64) -> Result<()> {
    let mut file = Claimant::new(from, most)?;
    let Some(start) = file.length.checked_sub(TRAILER) else { return Ok(()) };
    let trailer = file.bytes(start, TRAILER)?;
    let trailer = trailer.try_into().map_err(|_| lie("more bytes than it has"))?;
    let Ok(length) = read_footer_length(trailer) else { return Ok(()) };
    let length = length as u64;
    let start = start.checked_sub(length).ok_or_else(|| lie("a footer longer than the file"))?;
    let footer = file.bytes(start, length)?;
    let footer = root_as_footer(&footer).map_err(|error| damaged("its footer", error))?;
    // Blocks lie one behind another; so none is decoded a thousand times.
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
            .ok_or_else(|| lie("a block of negative length"))?;
        blocks = head
            .checked_add(body)
            .and_then(|length| blocks.checked_sub(length))
            .ok_or_else(|| lie("blocks of more bytes than it has"))?;
        file.within(offset, head + body)?;
        let message = file.bytes(offset, head)?;
        let prefix = if message.starts_with(&MARK) { 8 } else { 4 };
        let message = message.get(prefix..).ok_or_else(|| lie("a message without bytes"))?;
        file.message(&parsed(message)?, offset + head, body)?;
    }
    Ok(())
}

/// Checks what a file of the stream form claims, as [`arrow_file`] does.
///
/// # Errors
/// As [`arrow_file`].
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
        let body = body.map_err(|_| lie("a message of negative length"))?;
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

/// A file that claims something.
struct Claimant<R> {
    from: R,
    length: u64,
    most: u64,
    /// Of `most`, what is left.
    left: u64,
    /// The bytes of each dictionary so far.
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
            .ok_or_else(|| lie(&format!("{length} bytes at {at}, but has {} in all", self.length)))
    }

    fn bytes(&mut self, at: u64, length: u64) -> Result<Vec<u8>> {
        self.within(at, length)?;
        self.from.seek(SeekFrom::Start(at))?;
        let mut bytes = Vec::new();
        (&mut self.from).take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Checks a message whose body of `length` bytes starts at `body`.
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
                // What comes to a dictionary is put behind a copy of all that was there.
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

    /// Checks a batch; the bytes of all its buffers, unpacked.
    fn batch(&mut self, batch: &RecordBatch<'_>, body: u64, length: u64) -> Result<u64> {
        let is_packed = batch.compression().is_some();
        let mut bytes = 0;
        for buffer in batch.buffers().iter().flatten() {
            let [offset, size] =
                [buffer.offset(), buffer.length()].map(|number| u64::try_from(number).ok());
            let place = offset.zip(size).and_then(|(offset, size)| {
                offset.checked_add(size).filter(|&end| end <= length).map(|_end| (offset, size))
            });
            let (offset, size) = place.ok_or_else(|| lie("a buffer beyond its message"))?;
            let unpacked =
                if is_packed && size > 0 { self.unpacked(body + offset, size)? } else { size };
            self.unpack(unpacked)?;
            bytes += unpacked;
        }
        let most = bytes.saturating_mul(ROWS_A_BYTE);
        let columns = batch.nodes().into_iter().flatten().map(FieldNode::length);
        for rows in columns.chain([batch.length()]) {
            if u64::try_from(rows).map_or(true, |rows| rows > most) {
                return Err(lie(&format!("{rows} rows in {bytes} bytes")));
            }
        }
        Ok(bytes)
    }

    /// How long a packed buffer was, by its prefix.
    fn unpacked(&mut self, at: u64, size: u64) -> Result<u64> {
        let packed =
            size.checked_sub(PREFIX).ok_or_else(|| lie("a packed buffer without bytes"))?;
        let prefix = self.bytes(at, PREFIX)?;
        let prefix = prefix.try_into().map_err(|_| lie("more bytes than it has"))?;
        match i64::from_le_bytes(prefix) {
            -1 => Ok(packed),
            claimed => u64::try_from(claimed)
                .ok()
                // No form of packing packs better than zstd.
                .filter(|&claimed| claimed <= packed.saturating_mul(ZSTD_RATIO))
                .ok_or_else(|| lie(&format!("that {packed} bytes unpack to {claimed}"))),
        }
    }

    /// Takes `bytes` from what may still be unpacked.
    fn unpack(&mut self, bytes: u64) -> Result<()> {
        let most = self.most;
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or_else(|| lie(&format!("to hold more than {most} bytes when it is unpacked")))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
