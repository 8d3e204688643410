//! Columns of the many types that hold ids, labels and numbers, as columns of five.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, LargeStringArray, new_empty_array};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{DataType, Field, Int64Type};
use arrow::error::ArrowError;
use vgae_artifacts::claims;

const HEX: [u8; 16] = *b"0123456789abcdef";

type Result<T> = std::result::Result<T, ArrowError>;

/// The name under which Arrow's metadata keeps the meaning of a type.
const EXTENSION: &str = "ARROW:extension:name";

/// The pieces of a column, all of one of the five types. Its texts may take `most` bytes.
pub(super) fn column(field: &Field, pieces: &[ArrayRef], most: u64) -> Result<Vec<ArrayRef>> {
    let name = field.name();
    let is_uuid = field.data_type() == &DataType::FixedSizeBinary(16)
        && field.metadata().get(EXTENSION).is_none_or(|name| name == "arrow.uuid");
    let bytes = pieces.iter().map(copied_bytes);
    let bytes = bytes.sum::<Result<u64>>()?;
    if bytes > most {
        let text = format!(
            "column `{name}` stands for {bytes} bytes of text, and a file of this size may for {most}: its \
             rows share long texts"
        );
        return Err(ArrowError::InvalidArgumentError(text));
    }
    let empty = new_empty_array(field.data_type());
    let pieces = if pieces.is_empty() { std::slice::from_ref(&empty) } else { pieces };
    let simple = pieces.iter().map(|piece| self::piece(name, piece, is_uuid));
    let simple = simple.collect::<Result<Vec<_>>>()?;
    let is_text = |piece: &ArrayRef| *piece.data_type() == DataType::LargeUtf8;
    if simple.iter().any(is_text) && !simple.iter().all(is_text) {
        // Decimals of which some do not fit an `Int64`.
        return simple.iter().map(|piece| cast(piece, &DataType::LargeUtf8)).collect();
    }
    Ok(simple)
}

fn piece(name: &str, piece: &ArrayRef, is_uuid: bool) -> Result<ArrayRef> {
    match piece.data_type() {
        DataType::Boolean | DataType::UInt64 => Ok(Arc::clone(piece)),
        DataType::Dictionary(_, values) => self::piece(name, &cast(piece, values)?, is_uuid),
        DataType::FixedSizeBinary(_) if is_uuid => {
            let uuids = piece.as_fixed_size_binary().iter().map(|bytes| bytes.map(uuid));
            Ok(Arc::new(uuids.collect::<LargeStringArray>()))
        }
        DataType::FixedSizeBinary(_)
        | DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView => text(name, piece),
        whole if whole.is_integer() => cast(piece, &DataType::Int64),
        real if real.is_floating() => cast(piece, &DataType::Float64),
        decimal if decimal.is_decimal() => self::decimal(piece),
        _ => cast(piece, &DataType::LargeUtf8),
    }
}

/// Whole numbers where all fit, else text; numbers if there are decimal places.
fn decimal(piece: &ArrayRef) -> Result<ArrayRef> {
    let places = match piece.data_type() {
        DataType::Decimal32(_, places)
        | DataType::Decimal64(_, places)
        | DataType::Decimal128(_, places)
        | DataType::Decimal256(_, places) => *places,
        _ => 0,
    };
    if places != 0 {
        return cast(piece, &DataType::Float64);
    }
    let whole = cast(piece, &DataType::Int64)?;
    let fits = whole.null_count() == piece.null_count();
    if fits { Ok(whole) } else { cast(piece, &DataType::LargeUtf8) }
}

/// Bytes as text.
fn text(name: &str, piece: &ArrayRef) -> Result<ArrayRef> {
    let bytes = cast(piece, &DataType::LargeBinary)?;
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(&bytes, &DataType::LargeUtf8, &strict).map_err(|_| {
        let text = "bytes that are not UTF-8 text; write them as text, or as a UUID";
        ArrowError::InvalidArgumentError(format!("column `{name}` has {text}"))
    })
}

/// As RFC 9562 writes it.
fn uuid(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.extend([byte >> 4, byte & 0xf].map(|digit| char::from(HEX[usize::from(digit)])));
    }
    text
}

/// The bytes of a column's texts if each row has its own, where rows may share one.
fn copied_bytes(piece: &ArrayRef) -> Result<u64> {
    let DataType::Dictionary(_, values) = piece.data_type() else {
        return Ok(claims::view_bytes(piece));
    };
    if !(values.is_string() || values.is_binary()) {
        return Ok(0);
    }
    let dictionary = piece.as_any_dictionary();
    let words = cast(dictionary.values(), &DataType::LargeBinary)?;
    let lengths: Vec<u64> = words
        .as_binary::<i64>()
        .iter()
        .map(|word| word.map_or(0, |word| word.len() as u64))
        .collect();
    let keys = cast(dictionary.keys(), &DataType::Int64)?;
    let keys = keys.as_primitive::<Int64Type>().iter().flatten();
    Ok(keys.filter_map(|key| lengths.get(usize::try_from(key).ok()?)).sum())
}
