//! What a file claims of itself, checked against its length before a decoder believes it.
//!
//! The decoders of Parquet and Arrow set memory aside for whatever number a file names: a row group count, a
//! block's length, the size of a page. One wrong number asks for more than any machine has, and a failed
//! allocation ends the program, which nothing can catch. So every such number is compared here with the
//! bytes that are there to back it.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use ::arrow::array::{ArrayRef, AsArray};
use ::arrow::datatypes::{DataType, FieldRef, Fields, Schema};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::{Compression, Type as Physical};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

use crate::{ArtifactError, Result};

mod arrow;
mod lie;

pub use arrow::{arrow_file, arrow_stream};
use lie::{ZSTD_RATIO, lie};

/// What a packed file may unpack to, however small it is.
const ALWAYS: u64 = 256 << 20;
/// Beyond that, how many times its own size. Text of ids shrinks to a fifth, and hardly ever to a hundredth.
const RATIO: u64 = 100;
/// Rows that a byte of a file may stand for. Constant columns pack without end, but no table of ours is made
/// of constant columns alone: pairs and nodes are all different.
const MOST_ROWS_A_BYTE: u64 = 1 << 12;
/// What a page may unpack to beyond that: an empty one is packed into a few bytes or none.
const SLACK: u64 = 64;
/// Deeper than any Parquet header.
const MOST_DEPTH: u32 = 16;

/// The most bytes that a stranger's file of `packed` bytes may unpack to: 256 MB or 100 times as many,
/// whichever is more.
#[must_use]
pub fn most_unpacked(packed: u64) -> u64 {
    ALWAYS.max(packed.saturating_mul(RATIO))
}

/// Checks the lists and strings in a Parquet footer, which count what follows them.
///
/// What is no Parquet file passes: its decoder says so better.
///
/// # Errors
/// When a count is larger than the footer has bytes, or the file cannot be read.
pub fn parquet_footer(path: &Path, file: &File) -> Result<()> {
    let Some((tail, length)) = tail::<8>(path, file)? else { return Ok(()) };
    let [a, b, c, d, b'P', b'A', b'R', b'1'] = tail else { return Ok(()) };
    let footer = u64::from(u32::from_le_bytes([a, b, c, d]));
    let Some(start) = (length - 8).checked_sub(footer) else {
        let expected = format!("a footer of at most {} bytes", length - 8);
        return Err(ArtifactError::form(path, expected, footer.to_string()));
    };
    let mut from = file;
    from.seek(SeekFrom::Start(start)).map_err(ArtifactError::io("read", path))?;
    Thrift { from: BufReader::new(from), left: footer }
        .structure(0)
        .map(|_numbers| ())
        .map_err(ArtifactError::decode("Parquet", path))
}

/// Checks what the footer of a Parquet file says of rows, of the places of columns and, in their headers, of
/// the sizes of pages. Returns the bytes that each leaf column takes when it is decoded, a text counted as a
/// view of `VIEW` bytes into its page: what [`parquet_decoded`] limits.
///
/// # Errors
/// When the file cannot hold what is claimed.
pub fn parquet_content(path: &Path, file: &File, metadata: &ParquetMetaData) -> Result<Vec<u64>> {
    let length = file.metadata().map_err(ArtifactError::io("read", path))?.len();
    let rows = u64::try_from(metadata.file_metadata().num_rows()).ok();
    let most = length.saturating_mul(MOST_ROWS_A_BYTE);
    if rows.is_none_or(|rows| rows > most) {
        let expected = format!("at most {most} rows in {length} bytes");
        let found = metadata.file_metadata().num_rows().to_string();
        return Err(ArtifactError::form(path, expected, found));
    }
    let mut from = BufReader::new(file);
    let mut decoded = vec![0u64; metadata.file_metadata().schema_descr().num_columns()];
    let columns = metadata.row_groups().iter().map(RowGroupMetaData::columns);
    for (leaf, column) in columns.flat_map(|columns| columns.iter().enumerate()) {
        let place = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
        let (start, bytes) =
            (u64::try_from(place).ok(), u64::try_from(column.compressed_size()).ok());
        let end = start.zip(bytes).and_then(|(start, bytes)| start.checked_add(bytes));
        let (Some(start), Some(end)) = (start, end.filter(|&end| end <= length)) else {
            let expected = format!("columns within {length} bytes");
            let found = format!("{} bytes at {place}", column.compressed_size());
            return Err(ArtifactError::form(path, expected, found));
        };
        let most = most_times(column.compression());
        let pages = pages(&mut from, start, end, most);
        let pages = pages.map_err(ArtifactError::decode("Parquet", path))?;
        let values = pages.values.saturating_mul(width(column.column_type()));
        if let Some(bytes) = decoded.get_mut(leaf) {
            *bytes = bytes.saturating_add(pages.unpacked).saturating_add(values);
        }
    }
    Ok(decoded)
}

/// Checks that the columns of a Parquet file of `length` bytes that are read take no more memory than such a
/// file may: run lengths and dictionaries stand for any number of values in a few bytes.
///
/// # Errors
/// When they take more than [`most_unpacked`].
pub fn parquet_decoded(path: &Path, length: u64, bytes: u64) -> Result<()> {
    let most = most_unpacked(length);
    if bytes <= most {
        return Ok(());
    }
    let expected = format!(
        "at most {most} bytes decoded from a Parquet file of {length} (if it is meant to be so large, \
         write it uncompressed and without dictionaries)"
    );
    Err(ArtifactError::form(path, expected, format!("{bytes} or more")))
}

/// The bytes of a text or binary value that lies in its page, as Arrow's views refer to it.
const VIEW: u64 = 16;

/// Metadata by which the columns of text and bytes are decoded as views, so that a value that a dictionary
/// holds once takes its bytes once; [`view_bytes`] counts what copies of them would take.
///
/// # Errors
/// When the schema does not fit the file.
pub fn text_views(
    metadata: &Arc<ParquetMetaData>,
    schema: &Schema,
) -> parquet::errors::Result<ArrowReaderMetadata> {
    let view = |field: &FieldRef| {
        let kind = match field.data_type() {
            DataType::Dictionary(_, values) => values,
            other => other,
        };
        let kind = match kind {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8View,
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => DataType::BinaryView,
            _ => return Arc::clone(field),
        };
        Arc::new(field.as_ref().clone().with_data_type(kind))
    };
    let fields: Fields = schema.fields().iter().map(view).collect();
    let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    ArrowReaderMetadata::try_new(
        Arc::clone(metadata),
        ArrowReaderOptions::new().with_schema(schema),
    )
}

/// The bytes of a column's values if each has its own; 0 where they are no views.
#[must_use]
pub fn view_bytes(column: &ArrayRef) -> u64 {
    match column.data_type() {
        DataType::Utf8View => {
            column.as_string_view().iter().flatten().map(|text| text.len() as u64).sum()
        }
        DataType::BinaryView => {
            column.as_binary_view().iter().flatten().map(|bytes| bytes.len() as u64).sum()
        }
        _ => 0,
    }
}

/// The bytes of a decoded value.
fn width(kind: Physical) -> u64 {
    match kind {
        Physical::BOOLEAN => 1,
        Physical::INT32 | Physical::FLOAT => 4,
        Physical::INT64 | Physical::DOUBLE => 8,
        Physical::INT96 | Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY => VIEW,
    }
}

/// The most that a codec makes of a byte.
fn most_times(codec: Compression) -> u64 {
    match codec {
        Compression::UNCOMPRESSED => 1,
        // A copy of 64 bytes takes three, of DEFLATE 258 bytes two bits, of LZ4 255 bytes one.
        Compression::SNAPPY => 22,
        Compression::GZIP(_) => 1032,
        Compression::LZ4 | Compression::LZ4_RAW => 255,
        _ => ZSTD_RATIO,
    }
}

/// What the headers of a column's pages say.
#[derive(Default)]
struct Pages {
    /// Bytes of all pages, unpacked.
    unpacked: u64,
    /// Values in its data pages.
    values: u64,
}

/// Walks over the headers of the pages from `start` to `end`, none of which may unpack to more than `most` times
/// its bytes.
fn pages(from: &mut BufReader<&File>, start: u64, end: u64, most: u64) -> std::io::Result<Pages> {
    let (mut at, mut pages) = (start, Pages::default());
    while at < end {
        from.seek(SeekFrom::Start(at))?;
        let mut header = Thrift { from: &mut *from, left: end - at };
        let numbers = header.structure(0)?;
        let [unpacked, packed] = [numbers[2], numbers[3]].map(|number| u64::try_from(number).ok());
        let (Some(unpacked), Some(packed)) = (unpacked, packed.filter(|&it| it <= header.left))
        else {
            return Err(lie("a page that is longer than its column"));
        };
        if unpacked > packed.saturating_add(SLACK).saturating_mul(most) {
            return Err(lie("a page that unpacks to more than its bytes can hold"));
        }
        // The count of a data page's values, in either version of its header.
        let values = numbers[5].max(numbers[8]);
        let values = u64::try_from(values).map_err(|_| lie("a negative number of values"))?;
        pages.unpacked = pages.unpacked.saturating_add(unpacked);
        pages.values = pages.values.saturating_add(values);
        at = end - header.left + packed;
    }
    Ok(pages)
}

/// The last `N` bytes of a file and its length, if it has as many.
fn tail<const N: usize>(path: &Path, mut file: &File) -> Result<Option<([u8; N], u64)>> {
    let length = file.metadata().map_err(ArtifactError::io("read", path))?.len();
    let Some(start) = length.checked_sub(N as u64) else { return Ok(None) };
    let mut tail = [0; N];
    file.seek(SeekFrom::Start(start))
        .and_then(|_| file.read_exact(&mut tail))
        .and_then(|()| file.rewind())
        .map_err(ArtifactError::io("read", path))?;
    Ok(Some((tail, length)))
}

/// Walks over values in Thrift's compact form, in which Parquet writes its headers, and keeps none of them
/// but a few numbers.
///
/// Form: `thrift-compact-protocol.md` of the Apache Thrift project.
struct Thrift<R> {
    from: R,
    /// Bytes to the end of what holds the values.
    left: u64,
}

impl<R: Read> Thrift<R> {
    /// A struct: its fields with the ids 0 to 8, integers by their value, structs by that of their field 1; 0 for
    /// those that it lacks.
    fn structure(&mut self, depth: u32) -> std::io::Result<[i64; 9]> {
        if depth > MOST_DEPTH {
            return Err(lie("headers within headers without end"));
        }
        let (mut numbers, mut id) = ([0; 9], 0i64);
        loop {
            let head = self.byte()?;
            let kind = head & 0xf;
            if kind == 0 {
                return Ok(numbers);
            }
            let step = i64::from(head >> 4);
            id = if step == 0 { self.integer()? } else { id.saturating_add(step) };
            // The value of a boolean field is its kind.
            if matches!(kind, 1 | 2) {
                continue;
            }
            let number = self.value(kind, depth)?;
            if let Some(slot) = usize::try_from(id).ok().and_then(|id| numbers.get_mut(id)) {
                *slot = number;
            }
        }
    }

    /// A value; an integer's own, of a struct that of its field 1, 0 of others.
    fn value(&mut self, kind: u8, depth: u32) -> std::io::Result<i64> {
        match kind {
            1..=3 => self.skip(1)?,
            4..=6 => return self.integer(),
            7 => self.skip(8)?,
            8 => {
                let length = self.count()?;
                self.skip(length)?;
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.count()? } else { u64::from(head >> 4) };
                self.values(count, &[head & 0xf], depth)?;
            }
            11 => {
                let count = self.count()?;
                let kinds = if count == 0 { 0 } else { self.byte()? };
                self.values(count, &[kinds >> 4, kinds & 0xf], depth)?;
            }
            12 => return Ok(self.structure(depth + 1)?[1]),
            13 => self.skip(16)?,
            _ => return Err(lie("a kind of value that there is not")),
        }
        Ok(0)
    }

    fn values(&mut self, count: u64, kinds: &[u8], depth: u32) -> std::io::Result<()> {
        // Every value takes a byte at least.
        if count > self.left {
            return Err(lie("a list of more values than there are bytes"));
        }
        if depth >= MOST_DEPTH {
            return Err(lie("headers within headers without end"));
        }
        for _ in 0..count {
            for &kind in kinds {
                self.value(kind, depth + 1)?;
            }
        }
        Ok(())
    }

    fn integer(&mut self) -> std::io::Result<i64> {
        let bits = self.count()?;
        Ok((bits >> 1).cast_signed() ^ -(bits & 1).cast_signed())
    }

    /// A number of seven bits a byte, the lowest first.
    fn count(&mut self) -> std::io::Result<u64> {
        let mut number = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(lie("a number of more than 64 bits"))
    }

    fn byte(&mut self) -> std::io::Result<u8> {
        let mut byte = [0];
        self.take(1)?;
        self.from.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    fn skip(&mut self, count: u64) -> std::io::Result<()> {
        self.take(count)?;
        let skipped = std::io::copy(&mut (&mut self.from).take(count), &mut std::io::sink())?;
        if skipped == count { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }

    fn take(&mut self, count: u64) -> std::io::Result<()> {
        self.left = self.left.checked_sub(count).ok_or_else(|| lie("more bytes than it has"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(bytes: &[u8]) -> std::io::Result<[i64; 9]> {
        Thrift { from: bytes, left: bytes.len() as u64 }.structure(0)
    }

    #[test]
    fn headers_are_walked_over_and_their_numbers_kept() {
        // 1: i32 3, 2: i32 -2, 3: i64 300, 5: binary "ab", 6: list of two i32, 7: bool, 8: struct { 1: i32 4 }.
        let bytes =
            b"\x15\x06\x15\x03\x16\xd8\x04\x28\x02ab\x19\x25\x02\x04\x11\x1c\x15\x08\x00\x00";
        assert_eq!(walk(bytes).expect("sound"), [0, 3, -2, 300, 0, 0, 0, 0, 4]);
    }

    #[test]
    fn counts_beyond_the_bytes_are_refused() {
        let list = b"\x19\xfc\xff\xff\xff\xff\x07\x00";
        let string = b"\x18\xff\xff\xff\xff\x07ab\x00";
        let endless = [b"\x1c".repeat(40), b"\x00".repeat(41)].concat();
        let number = [b"\x16".as_slice(), &b"\xff".repeat(12), b"\x00"].concat();
        for bytes in [&list[..], string, &endless, &number, b"\x15", b""] {
            assert!(walk(bytes).is_err(), "{bytes:?}");
        }
    }
}
