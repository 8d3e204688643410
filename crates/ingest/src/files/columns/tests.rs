use ::arrow::array::{DictionaryArray, Float32Array, Int64Array, ListArray, StringArray};
use ::arrow::datatypes::{Float64Type, Int8Type, Int32Type};
use ::arrow::ipc::CompressionType;
use ::arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};

use super::*;

fn batch() -> RecordBatch {
    let words: DictionaryArray<Int32Type> =
        (0..40).map(|row| (row % 7 != 0).then_some(["a", "bc"][row % 2])).collect();
    let lists = ListArray::from_iter_primitive::<Float64Type, _, _>(
        (0..40).map(|row| Some([Some(f64::from(row)), None])),
    );
    let columns: [(&str, ArrayRef); 5] = [
        ("src", Arc::new(Int64Array::from_iter_values(0..40))),
        ("dst", Arc::new(StringArray::from_iter_values((0..40).map(|row| format!("n{row}"))))),
        ("word", Arc::new(words)),
        ("weight", Arc::new(Float32Array::from_iter_values((0..40u8).map(f32::from)))),
        ("x", Arc::new(lists)),
    ];
    RecordBatch::try_from_iter(columns).expect("columns of one length")
}

fn options(packing: Option<CompressionType>) -> IpcWriteOptions {
    IpcWriteOptions::default().try_with_compression(packing).expect("options")
}

fn file(batch: &RecordBatch, packing: Option<CompressionType>) -> Vec<u8> {
    let writer = FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options(packing));
    let mut writer = writer.expect("a writer");
    writer.write(&batch.slice(0, 1)).expect("written");
    writer.write(&batch.slice(1, batch.num_rows() - 1)).expect("written");
    writer.into_inner().expect("finished")
}

fn stream(batch: &RecordBatch, packing: Option<CompressionType>) -> Vec<u8> {
    let writer = StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options(packing));
    let mut writer = writer.expect("a writer");
    writer.write(batch).expect("written");
    writer.into_inner().expect("finished")
}

/// Reads all of it, as `tables` does.
fn read(bytes: &[u8]) -> Result<Vec<ArrayRef>, String> {
    let read = || {
        let file = ColumnFile::arrow(Path::new("x.arrow"), bytes.to_vec())?;
        let fields = file.fields().iter().enumerate();
        let values = fields.filter(|(_, field)| holds_values(field.data_type()));
        let values: Vec<usize> = values.map(|(at, _)| at).collect();
        Ok::<_, IngestError>(file.values(&values)?.concat())
    };
    read().map_err(|error| match error {
        IngestError::Columns { source, .. } => source.to_string(),
        other => other.to_string(),
    })
}

/// Where the length before the first packed buffer stands: before the magic of zstd.
fn first_prefix(bytes: &[u8]) -> usize {
    let magic = [0x28, 0xb5, 0x2f, 0xfd];
    bytes.windows(4).position(|window| window == magic).expect("a packed buffer") - 8
}

#[test]
fn a_length_beyond_memory_before_a_packed_buffer_is_refused() {
    for mut bytes in
        [file(&batch(), Some(CompressionType::ZSTD)), stream(&batch(), Some(CompressionType::ZSTD))]
    {
        assert!(read(&bytes).is_ok());
        let at = first_prefix(&bytes);
        bytes[at + 7] = 0x40;
        let error = read(&bytes).expect_err("eighteen petabytes");
        assert!(error.contains("bytes that unpack to"), "{error}");
    }
}

#[test]
fn every_byte_may_be_wrong() {
    let forms = [None, Some(CompressionType::ZSTD), Some(CompressionType::LZ4_FRAME)];
    for sound in forms.into_iter().flat_map(|form| [file(&batch(), form), stream(&batch(), form)]) {
        assert!(read(&sound).is_ok());
        let mut bytes = sound.clone();
        for at in 0..sound.len() {
            for wrong in [sound[at] ^ 0xff, sound[at] ^ 0x40, 0] {
                bytes[at] = wrong;
                drop(read(&bytes));
            }
            bytes[at] = sound[at];
            drop(read(&sound[..at]));
        }
    }
}

#[test]
fn a_text_that_all_rows_share_is_not_copied_without_end() {
    let rows = 1 << 20;
    let words = StringArray::from(vec!["long".repeat(1 << 20)]);
    let keys = ::arrow::array::Int8Array::from(vec![0; rows]);
    let words = DictionaryArray::<Int8Type>::try_new(keys, Arc::new(words)).expect("a dictionary");
    let column: (&str, ArrayRef) = ("word", Arc::new(words));
    let batch = RecordBatch::try_from_iter([column]).expect("one column");
    let error = read(&file(&batch, None)).expect_err("four terabytes");
    assert!(error.contains("4398046511104 bytes of text"), "{error}");
}
