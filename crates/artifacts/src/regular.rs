//! Reading of regular files only. Opening a named pipe waits for a writer, and a device has no end, so neither is
//! accepted in place of a stored file.

use std::fs::{File, Metadata};
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// Returns the metadata of a regular file, without opening it.
///
/// # Errors
/// Returns an error when there is no such file, or it is a folder, pipe, socket or device.
pub fn metadata(path: &Path) -> Result<Metadata> {
    let facts = std::fs::metadata(path)?;
    check(&facts)?;
    Ok(facts)
}

fn check(facts: &Metadata) -> Result<()> {
    if facts.is_file() {
        return Ok(());
    }
    if facts.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let message =
        "expected a regular file, found a pipe, socket or device; save its content to a file first";
    Err(Error::new(ErrorKind::InvalidInput, message))
}

/// Opens a regular file.
///
/// # Errors
/// Returns an error when there is no such file, it is no regular file, or it cannot be opened.
pub fn open(path: &Path) -> Result<File> {
    metadata(path)?;
    let file = File::open(path)?;
    // It may have been replaced in between.
    check(&file.metadata()?)?;
    Ok(file)
}

/// Reads a regular file.
///
/// # Errors
/// Returns an error when it cannot be opened ([`open`]) or read.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let mut file = open(path)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX))?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a regular file of UTF-8 text.
///
/// # Errors
/// Returns an error when it cannot be read ([`read`]) or is not UTF-8.
pub fn read_to_string(path: &Path) -> Result<String> {
    String::from_utf8(read(path)?).map_err(|error| Error::new(ErrorKind::InvalidData, error))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn pipes_devices_and_folders_are_refused_without_waiting() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(made.success());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).expect("a link");
        for path in [&pipe, &link, Path::new("/dev/zero"), folder.path()] {
            read(path).expect_err("no regular file");
        }
        let error = read_to_string(&pipe).expect_err("a pipe").to_string();
        assert_eq!(
            error,
            "expected a regular file, found a pipe, socket or device; save its content to a file first"
        );
        let file = folder.path().join("file");
        std::fs::write(&file, "text").expect("written");
        assert_eq!(read_to_string(&file).expect("a file"), "text");
    }
}
