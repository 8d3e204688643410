//! A file's bytes, unpacked if it is packed.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use vgae_artifacts::{claims, regular};

use super::parts::parts;
use crate::findings::EXAMPLES;
use crate::graph_files;
use crate::{FormatError, IngestError};

/// The ways in which a file may be packed, each by the bytes it starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
enum Packing {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
    Zip,
}

impl Packing {
    fn of(start: &[u8]) -> Option<Self> {
        Some(match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [b'P', b'K', 3, 4, ..] => Self::Zip,
            _ => return None,
        })
    }

    /// Returns a decoder of a compressed stream; archives are read as they are.
    fn decoder(self, file: File) -> std::io::Result<Box<dyn Read>> {
        Ok(match self {
            Self::Gzip => Box::new(flate2::read::MultiGzDecoder::new(file)),
            Self::Zstd => Box::new(zstd::Decoder::new(file)?),
            Self::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(file)),
            Self::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(file, true, XZ_MEMORY)),
            Self::Zip => Box::new(std::io::empty()),
        })
    }
}

/// An open file, and how it is packed. Archives of numpy and workbooks of Excel are formats of their own.
fn packing(path: &Path) -> Result<(File, Option<Packing>), IngestError> {
    let mut file = regular::open(path).map_err(IngestError::read(path))?;
    let mut start = Vec::new();
    let rewound = (&mut file).take(START).read_to_end(&mut start).and_then(|_| file.rewind());
    rewound.map_err(IngestError::read(path))?;
    let packing = Packing::of(&start)
        .filter(|packing| *packing != Packing::Zip || !graph_files::is_no_plain_zip(&start));
    Ok((file, packing))
}

/// How much of a file is looked at to see how it is packed: the name of an archive's first member with it.
const START: u64 = 1 << 9;
/// Memory for the dictionary of xz, in KiB: the largest that its presets ask for.
const XZ_MEMORY: u32 = 1 << 17;

/// An open file, or what it unpacked to.
#[derive(Debug)]
pub enum Content {
    /// One that is not packed.
    File(File),
    /// Content of a compressed file.
    Bytes(Vec<u8>),
}

impl Content {
    /// Opens a file. That it is packed is seen from its first bytes, whatever its name; no text starts so.
    ///
    /// # Errors
    /// When the file cannot be read or unpacked, unpacks to far more than its length, or is an archive of several
    /// files.
    pub fn open(path: &Path) -> Result<Self, IngestError> {
        let facts = regular::metadata(path).map_err(IngestError::read(path))?;
        let (file, packing) = packing(path)?;
        let Some(packing) = packing else { return Ok(Self::File(file)) };
        let limit = claims::most_unpacked(facts.len());
        let unpacked = if packing == Packing::Zip {
            unpack_only_member(path, file, limit)?
        } else {
            packing.decoder(file).and_then(|decoder| unpack(decoder, limit))
        };
        match unpacked {
            Ok(Some(bytes)) => Ok(Self::Bytes(bytes)),
            Ok(None) => {
                Err(IngestError::Bomb { path: path.to_owned(), packed: facts.len(), limit })
            }
            Err(source) => {
                let form = packing.into();
                Err(IngestError::Unpack { path: path.to_owned(), form, source })
            }
        }
    }

    /// Whether a file is packed.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn is_packed(path: &Path) -> Result<bool, IngestError> {
        Ok(packing(path)?.1.is_some())
    }

    /// The first bytes of a file, or of the first part of a folder, unpacked, at most `count`; of a damaged file
    /// those before the damage.
    ///
    /// # Errors
    /// As [`Content::open`].
    pub fn peek(path: &Path, count: usize) -> Result<Vec<u8>, IngestError> {
        if path.is_dir() {
            let parts = parts(path)?;
            return parts.first().map_or(Ok(Vec::new()), |part| Self::peek(part, count));
        }
        let (file, packing) = packing(path)?;
        let from: Box<dyn Read> = match packing {
            None => Box::new(file),
            Some(Packing::Zip) => return Self::open(path)?.start(path, count),
            Some(packing) => match packing.decoder(file) {
                Ok(decoder) => decoder,
                Err(_) => return Ok(Vec::new()),
            },
        };
        let mut start = Vec::new();
        // The whole file is going to be read, and then says what is wrong with it.
        drop(from.take(count as u64).read_to_end(&mut start));
        Ok(start)
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
            Self::Bytes(_) => regular::open(path),
        };
        let mut file = reopened.map_err(IngestError::read(path))?;
        file.seek(SeekFrom::Start(0)).map_err(IngestError::read(path))?;
        Ok(file)
    }
}

/// Unpacks the one file of an archive; what macOS adds does not count.
fn unpack_only_member(
    path: &Path,
    file: File,
    limit: u64,
) -> Result<std::io::Result<Option<Vec<u8>>>, IngestError> {
    let mut archive = match zip::ZipArchive::new(file) {
        Ok(archive) => archive,
        Err(error) => return Ok(Err(error.into())),
    };
    let counts = |name: &String| {
        let base = name.rsplit('/').next().unwrap_or_default();
        !name.ends_with('/') && !name.starts_with("__MACOSX/") && !base.starts_with('.')
    };
    let names = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned()));
    let mut names: Vec<String> = names.filter(counts).collect();
    names.sort();
    if let [only] = names.as_slice() {
        let member = archive.by_name(only).map_err(std::io::Error::from);
        return Ok(member.and_then(|member| unpack(member, limit)));
    }
    let count = names.len();
    names.truncate(EXAMPLES);
    let more = if count > names.len() { ", ..." } else { "" };
    let found = format!("{count}: {}{more}", names.join(", "));
    let expected = "an archive of one file (unpack it and name the file that is meant)";
    Err(FormatError::whole(&path.display().to_string(), expected, found).into())
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

    fn zip(members: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, text) in members {
            let options = zip::write::SimpleFileOptions::default();
            archive.start_file(*name, options).expect("a member");
            archive.write_all(text.as_bytes()).expect("written");
        }
        archive.finish().expect("an archive").into_inner()
    }

    #[test]
    fn every_packing_is_seen_by_its_first_bytes() {
        let text = "a,b\n1,2\n";
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("edges.csv");
        let open = |bytes: &[u8]| {
            std::fs::write(&path, bytes).expect("written");
            let content = Content::open(&path).map_err(|error| error.to_string());
            let bytes = content?.into_bytes(&path).map_err(|error| error.to_string())?;
            Ok::<_, String>(String::from_utf8(bytes).expect("text"))
        };
        let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
        bzip2.write_all(text.as_bytes()).expect("packed");
        let bzip2 = bzip2.finish().expect("packed");
        // `printf 'a,b\n1,2\n' | xz -9`
        let xz = b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4F\x02\0!\x01\x1c\0\0\0\x10\xcfX\xcc\x01\0\x07a,b\n1,2\n\0\
                   \xbe\x9c\xbdI\xb5\x12*\xfe\0\x01 \x08\xbb\x19\xd9\xbb\x1f\xb6\xf3}\x01\0\0\0\0\x04YZ";
        let zipped = zip(&[("edges.csv", text), ("__MACOSX/._edges.csv", "x")]);
        for packed in [
            zstd::encode_all(text.as_bytes(), 3).expect("packed"),
            bzip2.clone(),
            xz.to_vec(),
            zipped,
        ] {
            assert_eq!(open(&packed).as_deref(), Ok(text));
        }
        // Several streams one behind another, as parallel packers write them.
        assert_eq!(open(&[bzip2.clone(), bzip2.clone()].concat()), Ok(text.repeat(2)));
        for cut in [&bzip2[..20], &xz[..40]] {
            assert!(open(cut).is_err());
        }
        let error = open(&zip(&[("b.csv", text), ("a.csv", text)])).expect_err("two files");
        assert!(error.ends_with("found 2: a.csv, b.csv"), "{error}");
    }
}
