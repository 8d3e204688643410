//! A file's bytes, unpacked if it is packed.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use vgae_artifacts::claims;

use crate::IngestError;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// An open file, or what it unpacked to.
#[derive(Debug)]
pub enum Content {
    /// One that is not packed.
    File(File),
    /// What a packed one held.
    Bytes(Vec<u8>),
}

impl Content {
    /// Opens a file. That it is packed is seen from its first bytes, whatever its name; no text starts so.
    pub fn open(path: &Path) -> Result<Self, IngestError> {
        let mut file = File::open(path).map_err(IngestError::read(path))?;
        let facts = file.metadata().map_err(IngestError::read(path))?;
        if facts.is_dir() {
            let reason = std::io::Error::from(std::io::ErrorKind::IsADirectory);
            return Err(IngestError::read(path)(reason));
        }
        let mut magic = Vec::new();
        let rewound = (&mut file).take(4).read_to_end(&mut magic).and_then(|_| file.rewind());
        rewound.map_err(IngestError::read(path))?;
        let limit = claims::most_unpacked(facts.len());
        let unpacked = if magic.starts_with(GZIP) {
            unpack(flate2::read::MultiGzDecoder::new(file), limit)
        } else if magic.starts_with(ZSTD) {
            zstd::Decoder::new(file).and_then(|decoder| unpack(decoder, limit))
        } else {
            return Ok(Self::File(file));
        };
        let form = if magic.starts_with(GZIP) { "gzip" } else { "zstd" };
        match unpacked {
            Ok(Some(bytes)) => Ok(Self::Bytes(bytes)),
            Ok(None) => {
                Err(IngestError::Bomb { path: path.to_owned(), packed: facts.len(), limit })
            }
            Err(source) => Err(IngestError::Unpack { path: path.to_owned(), form, source }),
        }
    }

    #[must_use]
    pub fn is_unpacked(&self) -> bool {
        matches!(self, Self::Bytes(_))
    }

    /// The first bytes, at most `count`.
    pub fn start(&self, path: &Path, count: usize) -> Result<Vec<u8>, IngestError> {
        Ok(match self {
            Self::Bytes(bytes) => bytes[..bytes.len().min(count)].to_vec(),
            Self::File(_) => {
                let mut start = Vec::new();
                let file = self.file(path)?.take(count as u64).read_to_end(&mut start);
                file.map_err(IngestError::read(path))?;
                start
            }
        })
    }

    /// All bytes, from the start.
    pub fn into_bytes(self, path: &Path) -> Result<Vec<u8>, IngestError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::File(mut file) => {
                let mut bytes = Vec::new();
                let read = file.rewind().and_then(|()| file.read_to_end(&mut bytes));
                read.map_err(IngestError::read(path))?;
                Ok(bytes)
            }
        }
    }

    /// The file as it is on disk, from the start.
    pub fn file(&self, path: &Path) -> Result<File, IngestError> {
        let reopened = match self {
            Self::File(file) => file.try_clone(),
            Self::Bytes(_) => File::open(path),
        };
        let mut file = reopened.map_err(IngestError::read(path))?;
        file.seek(SeekFrom::Start(0)).map_err(IngestError::read(path))?;
        Ok(file)
    }
}

/// Nothing when there is more than `limit`. Memory grows with what was unpacked, not with what a header
/// claims.
fn unpack(from: impl Read, limit: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    from.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn more_than_the_limit_is_not_unpacked() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&vec![b'7'; 1 << 20]).expect("packed");
        let bomb = packer.finish().expect("packed");
        assert!(bomb.len() < 2000);
        let unpacked = |limit| {
            let unpacked = unpack(flate2::read::MultiGzDecoder::new(bomb.as_slice()), limit);
            unpacked.expect("sound").map(|bytes| bytes.len())
        };
        assert_eq!(unpacked((1 << 20) - 1), None);
        assert_eq!(unpacked(1 << 20), Some(1 << 20));
    }
}
