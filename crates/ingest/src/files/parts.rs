//! Folders of part files that are one table, as Spark, Dask and others write them.

use std::path::{Path, PathBuf};

use vgae_artifacts::ContentHash;

use crate::{FormatError, IngestError};

/// The part files of a folder by name. Files whose names start with `_` or `.` are none: marks of success,
/// checksums, metadata.
///
/// # Errors
/// When there is none, or a folder within the folder.
pub(crate) fn parts(folder: &Path) -> Result<Vec<PathBuf>, IngestError> {
    let mut parts = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(IngestError::read(folder))? {
        let entry = entry.map_err(IngestError::read(folder))?;
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b"_") || name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            let expected =
                "part files, and no folders (values in the names of folders are not read)";
            let found = format!("the folder {}", name.display());
            return Err(FormatError::whole(&folder.display().to_string(), expected, found).into());
        }
        parts.push(path);
    }
    if parts.is_empty() {
        let name = folder.display().to_string();
        return Err(FormatError::whole(&name, "part files", "none").into());
    }
    parts.sort();
    Ok(parts)
}

/// The texts of part files as one. The header, if there is one, stands in every part; the reader leaves out the lines
/// that repeat it.
///
/// # Errors
/// When some parts start as the first does and others do not.
pub(crate) fn joined(parts: &[PathBuf], texts: &[String]) -> Result<String, FormatError> {
    let first_line = |text: &str| text.lines().next().unwrap_or_default().trim().to_owned();
    let parts = parts.iter().zip(texts).filter(|(_, text)| !text.trim().is_empty());
    let header = parts.clone().next().map_or(String::new(), |(_, text)| first_line(text));
    let has_header = |text: &str| first_line(text) == header;
    let is_header = parts.clone().skip(1).any(|(_, text)| has_header(text));
    let mut whole = String::new();
    for (part, text) in parts {
        if is_header && !has_header(text) {
            let expected = format!("the header of other parts, `{header}`");
            let (file, found) = (part.display().to_string(), format!("`{}`", first_line(text)));
            return Err(FormatError::line(&file, 0, expected, found));
        }
        whole.push_str(text);
        if !whole.ends_with('\n') {
            whole.push('\n');
        }
    }
    Ok(whole)
}

/// The hash of a file, or of the names and hashes of the part files of a folder.
pub(crate) fn hash(path: &Path) -> Result<ContentHash, IngestError> {
    if !path.is_dir() {
        return Ok(ContentHash::of_file(path)?);
    }
    let mut pieces = Vec::new();
    for part in parts(path)? {
        let name = part.file_name().unwrap_or_default().to_string_lossy().into_owned();
        pieces.push(format!("{name}\0{}\0", ContentHash::of_file(&part)?));
    }
    Ok(ContentHash::of_pieces(pieces))
}
