use std::path::Path;

use arrow::ipc::writer::FileWriter;
use parquet::arrow::ArrowWriter;
use parquet::schema::types::ColumnPath;
use vgae_artifacts::table::{self, ROW_GROUP_ROWS};
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
    let properties = table::writer_properties(columns.schema());
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
