use std::path::Path;

use crate::IngestError;

/// Error of a file of columns that its decoder refused, or panicked on.
pub(super) fn unreadable(
    path: &Path,
    form: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
) -> IngestError {
    IngestError::Columns { path: path.to_owned(), form, source }
}
