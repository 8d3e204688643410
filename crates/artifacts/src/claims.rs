//! Validation of the sizes declared in a file against its length, before decoding.
//!
//! The decoders of Parquet and Arrow allocate memory for any number in a file: a row group count, the length
//! of a block, the size of a page. One wrong number requests more memory than any machine has, and a failed
//! allocation aborts the program. Therefore every such number is compared here with the bytes that are
//! present.

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
mod limits;

pub use arrow::{arrow_file, arrow_stream};
use limits::{ZSTD_RATIO, impossible};

/// Unpacked size that any packed file may have.
const ALWAYS: u64 = 256 << 20;
/// Maximum ratio of unpacked to packed size above [`ALWAYS`]. Text of ids shrinks to a fifth, and hardly ever
/// to a hundredth.
const RATIO: u64 = 100;
/// Maximum number of rows per byte of a file. Constant columns compress without limit, but no artifact
/// consists of constant columns only: pairs and nodes are distinct.
const MOST_ROWS_A_BYTE: u64 = 1 << 12;
/// Additional unpacked size of a page: an empty page is packed into a few bytes or none.
const SLACK: u64 = 64;
/// Maximum nesting depth; Parquet headers are less deep.
const MOST_DEPTH: u32 = 16;

/// Returns the maximum number of bytes that an untrusted file of `packed` bytes may unpack to: 256 MB or 100
/// times `packed`, whichever is larger.
#[must_use]
pub fn most_unpacked(packed: u64) -> u64 {
    ALWAYS.max(packed.saturating_mul(RATIO))
}

/// Validates the lengths of lists and strings in a Parquet footer.
///
/// A file that is not Parquet passes, since its decoder returns a better error.
///
/// # Errors
/// Returns an error when a length exceeds the size of the footer, or the file cannot be read.
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

/// Validates the row count in the footer of a Parquet file, the offsets of columns, and the sizes of pages in
/// their headers. Returns the number of bytes of each leaf column when decoded, with a text counted as a view
/// of `VIEW` bytes into its page: [`parquet_decoded`] limits these.
///
/// # Errors
/// Returns an error when the file is too small for the declared sizes.
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

/// Checks that the columns to be read from a Parquet file of `length` bytes do not exceed the memory limit of
/// such a file, since run lengths and dictionaries encode any number of values in a few bytes.
///
/// # Errors
/// Returns an error when they take more than [`most_unpacked`].
pub fn parquet_decoded(path: &Path, length: u64, bytes: u64) -> Result<()> {
    let most = most_unpacked(length);
    if bytes <= most {
        return Ok(());
    }
    let expected = format!(
        "at most {most} bytes decoded from a Parquet file of {length} (if this size is intended, \
         write it uncompressed and without dictionaries)"
    );
    Err(ArtifactError::form(path, expected, format!("{bytes} or more")))
}

/// Size in bytes of an Arrow view of a text or binary value in its page.
const VIEW: u64 = 16;

/// Returns reader metadata that decode text and binary columns as views, so that a dictionary value is stored
/// once; [`view_bytes`] returns the size of copies.
///
/// # Errors
/// Returns an error when the schema does not fit the file.
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

/// Returns the number of bytes of a column's values if each is stored separately; 0 if the column has no
/// views.
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

/// Returns the number of bytes of a decoded value.
fn width(kind: Physical) -> u64 {
    match kind {
        Physical::BOOLEAN => 1,
        Physical::INT32 | Physical::FLOAT => 4,
        Physical::INT64 | Physical::DOUBLE => 8,
        Physical::INT96 | Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY => VIEW,
    }
}

/// Returns the maximum compression ratio of a codec.
fn most_times(codec: Compression) -> u64 {
    match codec {
        Compression::UNCOMPRESSED => 1,
        // A copy of 64 bytes takes three bytes in Snappy, 258 bytes take two bits in DEFLATE, 255 bytes take
        // one in LZ4.
        Compression::SNAPPY => 22,
        Compression::GZIP(_) => 1032,
        Compression::LZ4 | Compression::LZ4_RAW => 255,
        _ => ZSTD_RATIO,
    }
}

/// Totals of the page headers of a column.
#[derive(Default)]
struct Pages {
    /// Unpacked size of all pages in bytes.
    unpacked: u64,
    /// Number of values in the data pages.
    values: u64,
}

/// Reads the page headers from `start` to `end`. No page may unpack to more than `most` times its size.
fn pages(from: &mut BufReader<&File>, start: u64, end: u64, most: u64) -> std::io::Result<Pages> {
    let (mut at, mut pages) = (start, Pages::default());
    while at < end {
        from.seek(SeekFrom::Start(at))?;
        let mut header = Thrift { from: &mut *from, left: end - at };
        let numbers = header.structure(0)?;
        let [unpacked, packed] = [numbers[2], numbers[3]].map(|number| u64::try_from(number).ok());
        let (Some(unpacked), Some(packed)) = (unpacked, packed.filter(|&it| it <= header.left))
        else {
            return Err(impossible("a page that is longer than its column"));
        };
        if unpacked > packed.saturating_add(SLACK).saturating_mul(most) {
            return Err(impossible("a page that unpacks to more than its bytes can hold"));
        }
        // Number of values of a data page, in either version of its header.
        let values = numbers[5].max(numbers[8]);
        let values =
            u64::try_from(values).map_err(|_| impossible("a negative number of values"))?;
        pages.unpacked = pages.unpacked.saturating_add(unpacked);
        pages.values = pages.values.saturating_add(values);
        at = end - header.left + packed;
    }
    Ok(pages)
}

/// Returns the last `N` bytes of a file and its length; `None` if it is shorter.
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

/// Reader of values in Thrift's compact protocol, the encoding of Parquet headers. It skips all values except
/// a few numbers.
///
/// Specification: `thrift-compact-protocol.md` of the Apache Thrift project.
struct Thrift<R> {
    from: R,
    /// Number of bytes to the end of the enclosing structure.
    left: u64,
}

impl<R: Read> Thrift<R> {
    /// Reads a struct. Returns the fields with ids 0 to 8: integers by value, structs by the value of their
    /// field 1, and 0 for missing fields.
    fn structure(&mut self, depth: u32) -> std::io::Result<[i64; 9]> {
        if depth > MOST_DEPTH {
            return Err(impossible("headers nested too deeply"));
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
            // The value of a boolean field is its type.
            if matches!(kind, 1 | 2) {
                continue;
            }
            let number = self.value(kind, depth)?;
            if let Some(slot) = usize::try_from(id).ok().and_then(|id| numbers.get_mut(id)) {
                *slot = number;
            }
        }
    }

    /// Reads a value. Returns an integer's value, the value of field 1 of a struct, and 0 for other types.
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
            _ => return Err(impossible("an unknown type of value")),
        }
        Ok(0)
    }

    fn values(&mut self, count: u64, kinds: &[u8], depth: u32) -> std::io::Result<()> {
        // Every value takes at least one byte.
        if count > self.left {
            return Err(impossible("a list with more values than bytes"));
        }
        if depth >= MOST_DEPTH {
            return Err(impossible("headers nested too deeply"));
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

    /// Reads a variable-length integer: seven bits per byte, lowest first.
    fn count(&mut self) -> std::io::Result<u64> {
        let mut number = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(impossible("a number of more than 64 bits"))
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
        self.left = self
            .left
            .checked_sub(count)
            .ok_or_else(|| impossible("more bytes than the file has"))?;
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
