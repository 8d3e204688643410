//! From a stream of bytes to a verified file.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use vgae_artifacts::{ArtifactError, atomic};

use super::cache::Hasher;
use super::registry::{FileSpec, Normalise};
use super::{FetchError, Reason};

/// How every gzip stream starts. No file of a registry starts like this: its hash is that of what comes
/// out.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Either the source is at fault, and the next one is tried, or the cache, and that ends the fetch.
pub(super) enum Failure {
    Source(Reason),
    Fatal(FetchError),
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self::Source(reason)
    }
}

/// Unpacks, normalises, counts and hashes what comes `from` a source, and puts it at `path` if it is the
/// file of the registry. Otherwise `path` stays as it was.
///
/// Never reads more than the file can need, nor writes more than its size.
pub(super) fn receive(
    spec: &FileSpec,
    path: &Path,
    from: &mut dyn Read,
    arrived: &mut dyn FnMut(u64),
) -> Result<(), Failure> {
    let mut refused = None;
    let written = atomic::write_with(path, |out| match copy(spec, from, out, arrived) {
        Ok(()) => Ok(()),
        Err(Stop::Disk(error)) => Err(ArtifactError::io("write", path)(error)),
        Err(Stop::Source(reason)) => {
            let found = reason.to_string();
            refused = Some(reason);
            // Makes `write_with` drop the unfinished file; what the caller hears is `refused`.
            Err(ArtifactError::invalid(&spec.name, "the file of the registry", found))
        }
    });
    match (refused, written) {
        (Some(reason), _) => Err(Failure::Source(reason)),
        (None, Err(error)) => Err(Failure::Fatal(error.into())),
        (None, Ok(())) => Ok(()),
    }
}

enum Stop {
    Source(Reason),
    Disk(std::io::Error),
}

fn copy(
    spec: &FileSpec,
    from: &mut dyn Read,
    out: &mut dyn Write,
    arrived: &mut dyn FnMut(u64),
) -> Result<(), Stop> {
    let broken = |error: std::io::Error| Stop::Source(transfer(error));
    // A packed file is smaller than twice its content and a header; carriage returns at most double it.
    let limit = spec.bytes.saturating_mul(2).saturating_add(1 << 16);
    let mut raw = BufReader::with_capacity(1 << 16, from.take(limit));
    let is_packed = raw.fill_buf().map_err(broken)?.starts_with(&GZIP);
    let mut content: Box<dyn Read + '_> =
        if is_packed { Box::new(MultiGzDecoder::new(raw)) } else { Box::new(raw) };

    let mut hasher = Hasher::default();
    let mut total = 0u64;
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = content.read(&mut piece).map_err(broken)?;
        if read == 0 {
            break;
        }
        let kept = normalise(spec.normalise, &mut piece[..read]);
        total += kept as u64;
        if total > spec.bytes {
            let found = "more".to_owned();
            return Err(Stop::Source(Reason::Size { expected: spec.bytes, found }));
        }
        hasher.update(&piece[..kept]);
        out.write_all(&piece[..kept]).map_err(Stop::Disk)?;
        arrived(kept as u64);
    }
    if total != spec.bytes {
        let found = total.to_string();
        return Err(Stop::Source(Reason::Size { expected: spec.bytes, found }));
    }
    let found = hasher.hex();
    if found != spec.sha256 {
        let expected = spec.sha256.clone();
        return Err(Stop::Source(Reason::Hash { expected, found }));
    }
    Ok(())
}

/// Moves the bytes to keep to the front; returns their number.
fn normalise(how: Normalise, bytes: &mut [u8]) -> usize {
    match how {
        Normalise::None => bytes.len(),
        Normalise::StripCr => {
            let mut kept = 0;
            for at in 0..bytes.len() {
                if bytes[at] != b'\r' {
                    bytes[kept] = bytes[at];
                    kept += 1;
                }
            }
            kept
        }
    }
}

/// A reader of ureq gives its own errors inside `io::Error`.
fn transfer(error: std::io::Error) -> Reason {
    match error.get_ref() {
        Some(inner) if inner.is::<ureq::Error>() => Reason::Http(ureq::Error::from(error)),
        _ if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Reason::Http(ureq::Error::Io(error))
        }
        _ => Reason::Read(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::super::cache::sha256;
    use super::*;

    fn spec(content: &[u8], normalise: Normalise) -> FileSpec {
        let (bytes, sha256) = (content.len() as u64, sha256(content));
        FileSpec { name: "f".to_owned(), bytes, sha256, normalise }
    }

    fn packed(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).expect("pack");
        encoder.finish().expect("pack")
    }

    /// Returns the content of the file, or the source's error.
    fn outcome(spec: &FileSpec, sent: &[u8]) -> Result<Vec<u8>, String> {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("f");
        std::fs::write(&path, b"before").expect("an older file");
        let received = receive(spec, &path, &mut Cursor::new(sent), &mut |_| {});
        let files = std::fs::read_dir(folder.path()).expect("listing").count();
        assert_eq!(files, 1, "nothing unfinished stays");
        let content = std::fs::read(&path).expect("the file");
        match received {
            Ok(()) => Ok(content),
            Err(Failure::Source(reason)) => {
                assert_eq!(content, b"before");
                Err(reason.to_string())
            }
            Err(Failure::Fatal(error)) => panic!("{error}"),
        }
    }

    #[test]
    fn what_fits_is_kept() {
        let spec_plain = spec(b"a\nb\n", Normalise::None);
        assert_eq!(outcome(&spec_plain, b"a\nb\n"), Ok(b"a\nb\n".to_vec()));
        assert_eq!(outcome(&spec_plain, &packed(b"a\nb\n")), Ok(b"a\nb\n".to_vec()));
        let spec_text = spec(b"a\nb\n", Normalise::StripCr);
        assert_eq!(outcome(&spec_text, b"a\r\nb\r\n"), Ok(b"a\nb\n".to_vec()));
        assert_eq!(outcome(&spec_text, b"a\nb\n"), Ok(b"a\nb\n".to_vec()));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let spec = spec(b"abcd", Normalise::None);
        let bomb = packed(&vec![0; 10_000_000]);
        let cases: [&[u8]; 5] = [b"abc", b"abcde", b"abce", &bomb, &packed(b"abcd")[..12]];
        let said = cases.map(|sent| outcome(&spec, sent).expect_err("refused"));
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn an_endless_source_is_cut_off() {
        let spec = spec(b"abcd", Normalise::StripCr);
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut endless = std::io::repeat(b'\r');
        let path = folder.path().join("f");
        let received = receive(&spec, &path, &mut endless, &mut |_| {});
        assert!(matches!(received, Err(Failure::Source(Reason::Size { .. }))));
    }
}
