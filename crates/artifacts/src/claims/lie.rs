use std::io::{Error, ErrorKind};

/// The most that zstd packs into a byte: a block of 128 KiB into four.
pub(super) const ZSTD_RATIO: u64 = 1 << 15;

/// Error of a file that claims what cannot be.
pub(super) fn lie(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("it claims {what}"))
}
