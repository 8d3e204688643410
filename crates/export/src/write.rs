use std::collections::BTreeMap;
use std::path::Path;

use arrow::datatypes::Schema;
use arrow::ipc::writer::FileWriter;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use vgae_artifacts::table::ROW_GROUP_ROWS;
use vgae_artifacts::{ArtifactError, Embedding, Nodes, Provenance, Result, atomic};

use crate::columns::Columns;
use crate::{ExportConfig, Format};

/// Writes the files that `config` names into `folder`.
///
/// # Errors
/// As [`write_embeddings_parquet`].
pub fn write_embeddings(
    folder: &Path,
    nodes: &Nodes,
    embedding: &Embedding,
    config: &ExportConfig,
    provenance: &Provenance,
) -> Result<()> {
    for format in &config.formats {
        let write = match format {
            Format::Parquet => write_embeddings_parquet,
            Format::Arrow => write_embeddings_arrow,
        };
        write(&folder.join(format.file_name()), nodes, embedding, provenance)?;
    }
    Ok(())
}

/// Writes one row a node as Parquet, zstd-compressed, atomically.
///
/// # Errors
/// When there are not as many vectors as nodes, the vectors are empty, or the file cannot be written.
pub fn write_embeddings_parquet(
    path: &Path,
    nodes: &Nodes,
    embedding: &Embedding,
    provenance: &Provenance,
) -> Result<()> {
    const FORM: &str = "Parquet";
    let columns = Columns::new(nodes, embedding, provenance)?;
    let level = ZstdLevel::try_new(3).map_err(ArtifactError::encode(FORM, path))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_key_value_metadata(Some(plain_metadata(columns.schema())));
    // Numbers of a vector hardly ever repeat: with a dictionary the file is half as large again.
    let properties = columns.vectors().fold(properties, |properties, name| {
        let leaf = ColumnPath::from(vec![name.to_owned(), "list".to_owned(), "item".to_owned()]);
        properties.set_column_dictionary_enabled(leaf, false)
    });
    let properties = properties.build();
    atomic::write_with(path, |file| {
        let mut writer = ArrowWriter::try_new(file, columns.schema().clone(), Some(properties))
            .map_err(ArtifactError::encode(FORM, path))?;
        for batch in columns.batches(ROW_GROUP_ROWS) {
            let batch = batch.map_err(ArtifactError::encode(FORM, path))?;
            writer.write(&batch).map_err(ArtifactError::encode(FORM, path))?;
        }
        writer.close().map_err(ArtifactError::encode(FORM, path))?;
        Ok(())
    })
}

/// The schema's metadata once more, by name: the writer hides them in an encoded Arrow schema, which
/// only tools that know Arrow look into (`DuckDB` does not).
fn plain_metadata(schema: &Schema) -> Vec<KeyValue> {
    let sorted: BTreeMap<_, _> = schema.metadata().iter().collect();
    sorted.into_iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect()
}

/// Writes one row a node as an Arrow IPC file, uncompressed so that it can be mapped into memory,
/// atomically.
///
/// # Errors
/// As [`write_embeddings_parquet`].
pub fn write_embeddings_arrow(
    path: &Path,
    nodes: &Nodes,
    embedding: &Embedding,
    provenance: &Provenance,
) -> Result<()> {
    const FORM: &str = "Arrow";
    let columns = Columns::new(nodes, embedding, provenance)?;
    atomic::write_with(path, |file| {
        let mut writer = FileWriter::try_new(file, columns.schema())
            .map_err(ArtifactError::encode(FORM, path))?;
        for batch in columns.batches(ROW_GROUP_ROWS) {
            let batch = batch.map_err(ArtifactError::encode(FORM, path))?;
            writer.write(&batch).map_err(ArtifactError::encode(FORM, path))?;
        }
        writer.finish().map_err(ArtifactError::encode(FORM, path))
    })
}
