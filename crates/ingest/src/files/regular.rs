use std::fs::Metadata;
use std::path::Path;

use crate::IngestError;

/// Returns the metadata of a regular file. A pipe is refused before it is opened, which could wait for ever.
///
/// # Errors
/// When there is no such file, or it is something else.
pub(super) fn regular(path: &Path) -> Result<Metadata, IngestError> {
    let facts = std::fs::metadata(path).map_err(IngestError::read(path))?;
    if facts.is_dir() {
        let reason = std::io::Error::from(std::io::ErrorKind::IsADirectory);
        return Err(IngestError::read(path)(reason));
    }
    if facts.is_file() { Ok(facts) } else { Err(IngestError::NotAFile { path: path.to_owned() }) }
}
