use std::io::{Error, ErrorKind};

/// Maximum compression ratio of zstd: a block of 128 KiB in four bytes.
pub(super) const ZSTD_RATIO: u64 = 1 << 15;

/// Returns the error for a header that the file cannot satisfy.
pub(super) fn impossible(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("invalid header: {what}"))
}
