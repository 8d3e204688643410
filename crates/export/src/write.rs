use std::path::Path;

use arrow::ipc::writer::FileWriter;
use parquet::arrow::ArrowWriter;
use vgae_artifacts::{ArtifactError, Embedding, Nodes, Provenance, Result, atomic, names, table};

use crate::columns::{self, Columns};
use crate::{ExportConfig, Format, Layout, write_embeddings_csv, write_npy};

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

/// Writes one row a node as Parquet, zstd-compressed, atomically. A row group has 131,072 rows, or as many
/// fewer that a vector column of it is no more than 64 MiB: large enough to compress and to be read in
/// long stretches, small enough that each of several threads finds one to scan.
///
/// # Errors
/// When there are not as many vectors as nodes, the vectors are empty, or the file cannot be written.
pub fn write_embeddings_parquet(
    path: &Path,
    nodes: &Nodes,
    embedding: &Embedding,
    layout: Layout,
    provenance: &Provenance,
) -> Result<()> {
    const FORM: &str = "Parquet";
    let columns = Columns::new(nodes, embedding, layout, provenance)?;
    // Numbers of a vector hardly ever repeat: with a dictionary the file is half as large again.
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

/// Writes one row a node as an Arrow IPC file, uncompressed so that it can be mapped into memory,
/// atomically. A batch is a row group of [`write_embeddings_parquet`].
///
/// # Errors
/// As [`write_embeddings_parquet`].
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
