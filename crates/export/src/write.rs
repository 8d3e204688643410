use std::path::Path;

use arrow::ipc::writer::FileWriter;
use parquet::arrow::ArrowWriter;
use vgae_artifacts::{ArtifactError, Embedding, Nodes, Provenance, Result, atomic, names, table};

use crate::columns::{self, Columns};
use crate::{ExportConfig, Format, Layout, write_embeddings_csv, write_npy};

/// Writes the embedding files selected by `config` into `folder`.
///
/// # Errors
/// Returns an error when there is not one vector per node, or a file cannot be written.
pub fn write_embeddings(
    folder: &Path,
    nodes: &Nodes,
    embedding: &Embedding,
    config: &ExportConfig,
    provenance: &Provenance,
) -> Result<()> {
    for format in &config.formats {
        let (path, layout) = (folder.join(format.file_name()), config.layout);
        match format {
            Format::Parquet => {
                write_embeddings_parquet(&path, nodes, embedding, layout, provenance)?;
            }
            Format::Arrow => write_embeddings_arrow(&path, nodes, embedding, layout, provenance)?,
            Format::Csv => write_embeddings_csv(&path, nodes, embedding)?,
            Format::Npy => {
                columns::check(nodes, embedding)?;
                write_npy(&path, embedding.mu())?;
                if let Some(log_sigma) = embedding.log_sigma() {
                    write_npy(&folder.join(names::LOG_SIGMA_NPY), log_sigma)?;
                }
            }
        }
    }
    Ok(())
}

/// Writes one row per node as Parquet with zstd compression, atomically.
///
/// A row group has 131,072 rows, or fewer so that none of its vector columns exceeds 64 MiB. This is large
/// enough for good compression and sequential reads, and small enough for several threads to scan different
/// groups.
///
/// # Errors
/// Returns an error when the number of vectors differs from the number of nodes, the vectors are empty, or
/// the file cannot be written.
pub fn write_embeddings_parquet(
    path: &Path,
    nodes: &Nodes,
    embedding: &Embedding,
    layout: Layout,
    provenance: &Provenance,
) -> Result<()> {
    const FORM: &str = "Parquet";
    let columns = Columns::new(nodes, embedding, layout, provenance)?;
    // Values of vectors rarely repeat; dictionary encoding increases the file size by half.
    let properties = columns
        .leaves()
        .fold(table::writer_properties(columns.schema()), |properties, leaf| {
            properties.set_column_dictionary_enabled(leaf, false)
        })
        .set_max_row_group_row_count(Some(columns.group_rows()))
        .build();
    atomic::write_with(path, |file| {
        let mut writer = ArrowWriter::try_new(file, columns.schema().clone(), Some(properties))
            .map_err(ArtifactError::encode(FORM, path))?;
        for batch in columns.batches() {
            let batch = batch.map_err(ArtifactError::encode(FORM, path))?;
            writer.write(&batch).map_err(ArtifactError::encode(FORM, path))?;
        }
        writer.close().map_err(ArtifactError::encode(FORM, path))?;
        Ok(())
    })
}

/// Writes one row per node as an Arrow IPC file, atomically. The file is uncompressed, so that it can be
/// memory-mapped. A batch has the rows of a row group of [`write_embeddings_parquet`].
///
/// # Errors
/// Returns an error when there is not one vector per node, or the file cannot be written.
pub fn write_embeddings_arrow(
    path: &Path,
    nodes: &Nodes,
    embedding: &Embedding,
    layout: Layout,
    provenance: &Provenance,
) -> Result<()> {
    const FORM: &str = "Arrow";
    let columns = Columns::new(nodes, embedding, layout, provenance)?;
    atomic::write_with(path, |file| {
        let mut writer = FileWriter::try_new(file, columns.schema())
            .map_err(ArtifactError::encode(FORM, path))?;
        for batch in columns.batches() {
            let batch = batch.map_err(ArtifactError::encode(FORM, path))?;
            writer.write(&batch).map_err(ArtifactError::encode(FORM, path))?;
        }
        writer.finish().map_err(ArtifactError::encode(FORM, path))
    })
}
