use std::fs::File;
use std::path::Path;

use arrow::array::{ArrayRef, RecordBatch};
use parquet::arrow::ArrowWriter;

/// Writes a Parquet file of these columns.
///
/// # Panics
/// When the columns differ in length or the file cannot be written.
pub fn write_parquet(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
    let file = File::create(path).expect("create");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("write");
    writer.close().expect("close");
}

/// Returns an error with its causes, and `FOLDER` in place of temporary folders.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    let folder = std::env::temp_dir().display().to_string();
    text.split_whitespace()
        .map(|word| match (word.starts_with(&folder), word.rsplit_once('/')) {
            (true, Some((_, file))) => format!("FOLDER/{file}"),
            _ => word.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}
