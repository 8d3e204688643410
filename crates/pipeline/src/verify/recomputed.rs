use crate::StageError;

/// A check that computes something again: its name, and its fault if it has one.
pub(crate) type Recomputed = (&'static str, Result<Option<String>, StageError>);
