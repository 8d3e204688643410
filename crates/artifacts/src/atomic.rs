//! Atomic file writes: a file is absent, unchanged, or complete.
//!
//! The bytes are written under a temporary name in the target's own folder, synced, and then renamed to the
//! final name; the folder is synced last. A process killed at any moment leaves at worst a file whose name
//! starts with [`TEMPORARY_PREFIX`], which [`sweep`] removes.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::{ArtifactError, Result};

/// Prefix of the names of unfinished files.
pub const TEMPORARY_PREFIX: &str = ".vgae-unfinished-";

/// Returns the prefix of unfinished files of this process: [`TEMPORARY_PREFIX`] and the process id.
#[must_use]
pub fn own_prefix() -> String {
    format!("{TEMPORARY_PREFIX}{}-", std::process::id())
}

/// Returns whether an unfinished file belongs to a process that has ended; `None` if that cannot be seen, for
/// lack of `/proc` or of a process id in its name.
#[must_use]
pub fn is_abandoned(name: &str) -> Option<bool> {
    let process: u32 = name.strip_prefix(TEMPORARY_PREFIX)?.split_once('-')?.0.parse().ok()?;
    let processes = Path::new("/proc");
    processes.join("self").exists().then(|| !processes.join(process.to_string()).exists())
}

/// Writes a file through `fill`, so that `path` appears only when the complete file is on disk.
///
/// # Errors
/// Returns an error when the folder is not writable, the disk is full, or `fill` fails; `path` is then
/// unchanged.
pub fn write_with(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<&File>) -> Result<()>,
) -> Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    let prefix = own_prefix();
    builder.prefix(&prefix);
    #[cfg(unix)]
    {
        // The default mode is 0600, for secrets; artifacts are meant to be shared (the umask still applies).
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let temporary = builder.tempfile_in(folder).map_err(ArtifactError::io("write beside", path))?;
    {
        let mut writer = BufWriter::with_capacity(1 << 16, temporary.as_file());
        fill(&mut writer)?;
        writer.flush().map_err(ArtifactError::io("write", path))?;
    }
    temporary.as_file().sync_all().map_err(ArtifactError::io("write", path))?;
    temporary
        .persist(path)
        .map_err(|error| error.error)
        .map_err(ArtifactError::io("rename the finished file to", path))?;
    sync_folder(folder)
}

/// Writes `bytes` like [`write_with`].
///
/// # Errors
/// See [`write_with`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_with(path, |writer| writer.write_all(bytes).map_err(ArtifactError::io("write", path)))
}

/// Creates `root` and the folders `below` it if missing. `root` may be a symbolic link, since the user names
/// it; links below it are rejected.
///
/// # Errors
/// Returns an error when one of the folders below `root` is a link, or cannot be created.
pub fn create_folder(root: &Path, below: impl AsRef<Path>) -> Result<PathBuf> {
    let mut folder = root.to_owned();
    for part in below.as_ref() {
        folder.push(part);
        if is_link(&folder) {
            return Err(ArtifactError::form(
                &folder,
                "a folder of this output folder",
                "a link, which is not followed: remove it, or use another output folder",
            ));
        }
    }
    std::fs::create_dir_all(&folder).map_err(ArtifactError::io("create the folder", &folder))?;
    Ok(folder)
}

/// Returns whether `path` is a symbolic link, broken or not.
#[must_use]
pub fn is_link(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|data| data.file_type().is_symlink())
}

/// Makes renames within `folder` durable. No effect where folders cannot be opened (Windows).
///
/// # Errors
/// Returns an error when the system reports a failure.
pub fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(folder)
            .and_then(|handle| handle.sync_all())
            .map_err(ArtifactError::io("sync", folder))?;
    }
    Ok(())
}

/// Removes the unfinished files of killed processes in `folder` (not below it). Returns their number.
///
/// # Errors
/// Returns an error when the folder cannot be listed or a file cannot be removed.
pub fn sweep(folder: &Path) -> Result<usize> {
    let mut removed = 0;
    for entry in std::fs::read_dir(folder).map_err(ArtifactError::io("list", folder))? {
        let entry = entry.map_err(ArtifactError::io("list", folder))?;
        if !entry.file_name().to_string_lossy().starts_with(TEMPORARY_PREFIX) {
            continue;
        }
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let outcome =
            if is_folder { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        outcome.map_err(ArtifactError::io("remove the unfinished file", &path))?;
        removed += 1;
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn unfinished_files_of_ended_processes_are_told_from_those_of_others() {
        let name = |process: u32| format!("{TEMPORARY_PREFIX}{process}-abc");
        assert_eq!(is_abandoned(&name(std::process::id())), Some(false));
        let mut child = std::process::Command::new("true").spawn().expect("started");
        let process = child.id();
        child.wait().expect("ended");
        assert_eq!(is_abandoned(&name(process)), Some(true));
        assert_eq!(is_abandoned(&format!("{TEMPORARY_PREFIX}abc")), None);
        assert_eq!(is_abandoned("other"), None);
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("a.txt");
        write(&path, b"old").expect("first write");
        let failed = write_with(&path, |writer| {
            writer.write_all(b"half").map_err(ArtifactError::io("write", &path))?;
            Err(ArtifactError::invalid("test", "a", "b"))
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read(&path).expect("still there"), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).expect("listing").count(), 1);
    }

    #[test]
    fn sweep_removes_only_leftovers() {
        let folder = tempfile::tempdir().expect("temporary folder");
        std::fs::write(folder.path().join(".vgae-unfinished-x"), b"half").expect("leftover");
        std::fs::write(folder.path().join("keep"), b"whole").expect("file");
        assert_eq!(sweep(folder.path()).expect("sweep"), 1);
        assert!(folder.path().join("keep").exists());
    }

    #[cfg(unix)]
    #[test]
    fn artifacts_are_readable_by_others() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("a");
        write(&path, b"x").expect("write");
        let mode = std::fs::metadata(&path).expect("metadata").permissions().mode();
        assert_ne!(mode & 0o060, 0, "mode {mode:o}");
    }
}
