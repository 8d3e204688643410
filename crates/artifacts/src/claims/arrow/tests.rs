use std::io::Cursor;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, DictionaryArray, Int64Array, NullArray, RecordBatch as Batch, StringArray,
};
use arrow::datatypes::Int32Type;
use arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow::ipc::{CompressionType, root_as_message};

use super::*;

const MOST: u64 = 1 << 28;
const FORMS: [Option<CompressionType>; 3] =
    [None, Some(CompressionType::ZSTD), Some(CompressionType::LZ4_FRAME)];

fn batch() -> Batch {
    let words: DictionaryArray<Int32Type> = (0..200).map(|row| ["a", "b"][row % 2]).collect();
    let columns: [(&str, ArrayRef); 3] = [
        ("id", Arc::new(Int64Array::from_iter_values(0..200))),
        ("name", Arc::new(StringArray::from_iter_values((0..200).map(|row| format!("n{row}"))))),
        ("word", Arc::new(words)),
    ];
    Batch::try_from_iter(columns).expect("columns of one length")
}

fn file(batch: &Batch, packing: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(packing).expect("options");
    let writer = FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options);
    let mut writer = writer.expect("a writer");
    writer.write(&batch.slice(0, batch.num_rows() / 2)).expect("written");
    writer.write(batch).expect("written");
    writer.into_inner().expect("finished")
}

fn stream(batch: &Batch, packing: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(packing).expect("options");
    let writer = StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options);
    let mut writer = writer.expect("a writer");
    writer.write(batch).expect("written");
    writer.into_inner().expect("finished")
}

fn checked_file(bytes: &[u8]) -> std::result::Result<(), String> {
    arrow_file(Cursor::new(bytes), MOST).map_err(|error| error.to_string())
}

fn checked_stream(bytes: &[u8]) -> std::result::Result<(), String> {
    arrow_stream(Cursor::new(bytes), MOST).map_err(|error| error.to_string())
}

/// Returns the offset of the first compressed buffer of the last batch of a stream.
fn first_prefix(stream: &[u8]) -> usize {
    let (mut at, mut found) = (0, 0);
    loop {
        let length = u32::from_le_bytes(stream[at + 4..at + 8].try_into().expect("four bytes"));
        if length == 0 {
            return found;
        }
        let body = at + 8 + length as usize;
        let message = root_as_message(&stream[at + 8..body]).expect("sound");
        if let Some(batch) = message.header_as_record_batch() {
            let mut buffers = batch.buffers().into_iter().flatten();
            let first = buffers.find(|buffer| buffer.length() > 0).expect("a buffer");
            found = body + usize::try_from(first.offset()).expect("not negative");
        }
        at = body + usize::try_from(message.bodyLength()).expect("not negative");
    }
}

#[test]
fn what_is_true_passes() {
    for packing in FORMS {
        assert_eq!(checked_file(&file(&batch(), packing)), Ok(()), "{packing:?}");
        assert_eq!(checked_stream(&stream(&batch(), packing)), Ok(()), "{packing:?}");
    }
    let empty = batch().slice(0, 0);
    assert_eq!(checked_file(&file(&empty, FORMS[1])), Ok(()));
    assert_eq!(checked_stream(&stream(&empty, FORMS[1])), Ok(()));
    for other in [&b""[..], b"ARROW1", b"id,name\n1,2\n"] {
        assert_eq!(checked_file(other), Ok(()), "the decoder says that it is none");
    }
}

#[test]
fn a_length_before_a_packed_buffer_is_held_against_its_bytes() {
    let mut bytes = stream(&batch(), Some(CompressionType::ZSTD));
    let at = first_prefix(&bytes);
    for (claimed, expected) in [
        (i64::MAX, "unpack to 9223372036854775807"),
        (-2, "unpack to -2"),
        (1 << 40, "unpack to 1099511627776"),
    ] {
        bytes[at..at + 8].copy_from_slice(&claimed.to_le_bytes());
        let error = checked_stream(&bytes).expect_err("an invalid header");
        assert!(error.contains(expected), "{error}");
    }
    bytes[at..at + 8].copy_from_slice(&(-1i64).to_le_bytes());
    assert_eq!(checked_stream(&bytes), Ok(()), "not packed after all");
}

#[test]
fn all_buffers_together_must_fit() {
    let bytes = file(&batch(), Some(CompressionType::ZSTD));
    let error = arrow_file(Cursor::new(&bytes), 1000).expect_err("more");
    assert_eq!(error.to_string(), "invalid header: more than 1000 bytes when unpacked");
}

#[test]
fn rows_need_bytes() {
    let nulls = |rows| {
        let columns: [(&str, ArrayRef); 1] = [("nothing", Arc::new(NullArray::new(rows)))];
        Batch::try_from_iter(columns).expect("one column")
    };
    let error = checked_stream(&stream(&nulls(1 << 40), None)).expect_err("no bytes");
    assert_eq!(error, "invalid header: 1099511627776 rows in 0 bytes");
    assert!(checked_file(&file(&nulls(1 << 40), None)).is_err());
}

#[test]
fn a_block_is_not_read_twice() {
    // Both blocks of the footer become the larger, second one.
    let mut bytes = file(&batch(), None);
    let blocks: Vec<[u8; 24]> = {
        let length = bytes.len() - 10;
        let tail = bytes[length..].try_into().expect("ten bytes");
        let start = length - read_footer_length(tail).expect("a footer");
        let footer = root_as_footer(&bytes[start..length]).expect("sound");
        footer.recordBatches().into_iter().flatten().map(|block| block.0).collect()
    };
    let at = bytes.windows(24).rposition(|window| window == blocks[0]).expect("the first");
    bytes[at..at + 24].copy_from_slice(&blocks[1]);
    let error = checked_file(&bytes).expect_err("twice");
    assert_eq!(error, "invalid header: blocks with more bytes than the file has");
}

#[test]
fn a_file_that_ends_too_soon_is_refused() {
    let bytes = stream(&batch(), Some(CompressionType::LZ4_FRAME));
    let at = first_prefix(&bytes);
    let error = checked_stream(&bytes[..at + 20]).expect_err("cut off");
    assert!(error.contains(" bytes at "), "{error}");
}
