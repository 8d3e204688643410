use super::Reason;

/// Hears how a fetch goes on, for a progress bar or a log. Every method does nothing unless overridden.
pub trait FetchWatch {
    /// A source is asked for a file of `bytes` bytes.
    fn file_started(&mut self, dataset: &str, file: &str, source: &str, bytes: u64) {
        let _ = (dataset, file, source, bytes);
    }

    /// `bytes` more of the file that was started last have arrived.
    fn bytes_arrived(&mut self, bytes: u64) {
        let _ = bytes;
    }

    /// A file is verified and in the cache.
    fn file_done(&mut self, dataset: &str, file: &str) {
        let _ = (dataset, file);
    }

    /// A package is being downloaded by its registry's client, which says nothing on the way.
    fn package_started(&mut self, source: &str) {
        let _ = source;
    }

    /// A source failed, for `file` or as a whole; the next one is tried.
    fn source_failed(&mut self, dataset: &str, source: &str, file: Option<&str>, reason: &Reason) {
        let _ = (dataset, source, file, reason);
    }
}

/// Hears nothing.
impl FetchWatch for () {}
