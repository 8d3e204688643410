//! Where finished stages are kept: `OUT/.vgae`.
//!
//! ```text
//! OUT/.vgae/lock                        held by the one process that may write
//! OUT/.vgae/store/v1/split-0f3a.../     one folder a finished stage: its outputs and stage.json
//! OUT/.vgae/checkpoints/0f3a...         a training under way
//! ```
//!
//! A stage writes into a folder with a temporary name, which is renamed when all is there and synced.
//! Run folders hold links to the files (copies where links are not to be had), so that a graph that forty
//! runs share is stored once.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::TempDir;
use vgae_artifacts::{ContentHash, FileRecord, Stage, StageRecord, atomic, names, regular};

use crate::PipelineError;

const ROOT: &str = ".vgae";
const STAGES: &str = "store/v1";
const CHECKPOINTS: &str = "checkpoints";
const RECORD: &str = "stage.json";
const LOCK: &str = "lock";

/// The finished stages of one output folder, and the right to add to them.
#[derive(Debug)]
pub(crate) struct Store {
    shelf: Shelf,
    /// A stage that several runs of a plan need is made by one of them, while the others wait.
    under_way: Mutex<HashMap<ContentHash, Arc<Mutex<()>>>>,
    /// The output folder without links in its path.
    place: PathBuf,
    _lock: Lock,
}

/// The right to write into an output folder. The system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held, not read")] File);

/// Takes the lock of the output folder that `folder` is, or is a run of; `None` if no run wrote there.
///
/// # Errors
/// When another process holds it.
pub(crate) fn lock_of_run(folder: &Path) -> Result<Option<Lock>, PipelineError> {
    let out = output_folder(folder);
    out.map(|out| take_lock(&out, &Shelf::new(&out).root.join(LOCK))).transpose()
}

/// Refuses a run folder without a manifest: its files may be of two runs.
///
/// # Errors
/// When a run wrote there and has not finished.
pub(crate) fn refuse_unfinished(folder: &Path) -> Result<(), PipelineError> {
    if folder.join(names::MANIFEST).exists() || output_folder(folder).is_none() {
        return Ok(());
    }
    Err(PipelineError::Usage {
        what: folder.display().to_string(),
        expected: "the folder of a finished run".to_owned(),
        found: format!(
            "one without {}: run the pipeline again, or wait until it ends",
            names::MANIFEST
        ),
    })
}

/// Returns the output folder of a run: `folder`, or that of the grid it belongs to; `None` if no run wrote
/// there.
fn output_folder(folder: &Path) -> Option<PathBuf> {
    let grid = folder.canonicalize().ok().and_then(|folder| {
        let runs = folder.parent().filter(|runs| runs.ends_with(names::RUNS))?;
        Some(runs.parent()?.to_owned())
    });
    let candidates = [Some(folder.to_owned()), grid];
    candidates.into_iter().flatten().find(|out| Shelf::new(out).root.is_dir())
}

/// The finished stages of one output folder, for looking only.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    root: PathBuf,
}

/// A finished stage.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) folder: PathBuf,
    pub(crate) record: StageRecord,
}

/// Cached output of a fingerprint.
#[derive(Debug)]
pub(crate) enum Found {
    Whole(Box<Entry>),
    Damaged { file: String },
    Nothing,
}

impl Shelf {
    pub(crate) fn new(out: &Path) -> Self {
        Self { root: out.join(ROOT) }
    }

    fn stages(&self) -> PathBuf {
        self.root.join(STAGES)
    }

    fn checkpoints(&self) -> PathBuf {
        self.root.join(CHECKPOINTS)
    }

    fn folder(&self, stage: Stage, fingerprint: &ContentHash) -> PathBuf {
        self.stages().join(format!("{stage}-{}", fingerprint.short()))
    }

    /// Looks a stage up and checks that every output still has the bytes it was written with.
    pub(crate) fn find(&self, stage: Stage, fingerprint: &ContentHash) -> Found {
        let folder = self.folder(stage, fingerprint);
        if !folder.exists() {
            return Found::Nothing;
        }
        // A stage writes regular files; a link was put there by another program, and may change.
        let is_own = |name: &str| !atomic::is_link(&folder) && !atomic::is_link(&folder.join(name));
        let record = regular::read(&folder.join(RECORD))
            .ok()
            .filter(|_| is_own(RECORD))
            .and_then(|bytes| serde_json::from_slice::<StageRecord>(&bytes).ok())
            .filter(|record| record.fingerprint == *fingerprint);
        let Some(record) = record else {
            return Found::Damaged { file: RECORD.to_owned() };
        };
        let damaged = record.outputs.iter().find(|(name, file)| {
            !is_own(name) || describe(&folder.join(name)).map_or(true, |found| found != **file)
        });
        match damaged {
            Some((file, _)) => Found::Damaged { file: file.clone() },
            None => Found::Whole(Box::new(Entry { folder, record })),
        }
    }
}

impl Store {
    /// Makes the folder if need be, takes its lock, and removes what a killed run left unfinished.
    pub(crate) fn open(out: &Path) -> Result<Self, PipelineError> {
        let shelf = Shelf::new(out);
        if !shelf.root.exists() {
            refuse_foreign(out)?;
        }
        for below in [STAGES, CHECKPOINTS] {
            atomic::create_folder(out, Path::new(ROOT).join(below))?;
        }
        let lock = take_lock(out, &shelf.root.join(LOCK))?;
        let place = out.canonicalize().map_err(PipelineError::io("find", out))?;
        for folder in [shelf.stages(), shelf.checkpoints()] {
            atomic::sweep(&folder)?;
        }
        Ok(Self { shelf, under_way: Mutex::default(), place, _lock: lock })
    }

    /// Checks that the output folder is still where it was when the run started, not a link to another.
    pub(crate) fn check_place(&self, out: &Path) -> Result<(), PipelineError> {
        let now = out.canonicalize().map_err(PipelineError::io("find", out))?;
        if now == self.place {
            return Ok(());
        }
        Err(PipelineError::Moved { folder: out.to_owned(), now })
    }

    pub(crate) fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Returns the lock of a stage, held while it is looked up or computed.
    pub(crate) fn turn(&self, fingerprint: &ContentHash) -> Arc<Mutex<()>> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(under_way.entry(*fingerprint).or_default())
    }

    /// Where the training with this fingerprint keeps its checkpoint.
    pub(crate) fn checkpoint(&self, fingerprint: &ContentHash) -> PathBuf {
        self.shelf.checkpoints().join(format!("{}.safetensors", fingerprint.short()))
    }

    /// Removes the checkpoint of a cached stage, if there is one.
    pub(crate) fn remove_checkpoint(&self, fingerprint: &ContentHash) -> Result<(), PipelineError> {
        let checkpoint = self.checkpoint(fingerprint);
        match std::fs::remove_file(&checkpoint) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(PipelineError::io("remove the checkpoint", &checkpoint)(error))
            }
            _ => Ok(()),
        }
    }

    /// A folder for a stage to write into.
    pub(crate) fn stage_folder(&self) -> Result<TempDir, PipelineError> {
        let folder = self.shelf.stages();
        let mut builder = tempfile::Builder::new();
        builder.prefix(atomic::TEMPORARY_PREFIX);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o777));
        }
        builder.tempdir_in(&folder).map_err(PipelineError::io("create a folder in", &folder))
    }

    /// Lists what a stage wrote, for its record.
    pub(crate) fn outputs(folder: &Path) -> Result<BTreeMap<String, FileRecord>, PipelineError> {
        let mut outputs = BTreeMap::new();
        for entry in std::fs::read_dir(folder).map_err(PipelineError::io("list", folder))? {
            let entry = entry.map_err(PipelineError::io("list", folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            outputs.insert(name, describe(&entry.path())?);
        }
        Ok(outputs)
    }

    /// Stores a finished stage, in place of a damaged one if there was one.
    pub(crate) fn commit(
        &self,
        written: TempDir,
        record: StageRecord,
    ) -> Result<Entry, PipelineError> {
        let folder = self.shelf.folder(record.stage, &record.fingerprint);
        let mut text = serde_json::to_string_pretty(&record).unwrap_or_default();
        text.push('\n');
        atomic::write(&written.path().join(RECORD), text.as_bytes())?;
        if folder.exists() {
            std::fs::remove_dir_all(&folder)
                .map_err(PipelineError::io("remove the damaged", &folder))?;
        }
        std::fs::rename(written.path(), &folder)
            .map_err(PipelineError::io("rename the finished stage to", &folder))?;
        let _gone = written.keep();
        atomic::sync_folder(&self.shelf.stages())?;
        Ok(Entry { folder, record })
    }
}

/// A folder without a store has seen no run: files with an artifact's name there belong to the user.
fn refuse_foreign(out: &Path) -> Result<(), PipelineError> {
    let own = names::run_files().map(|file| out.join(file.name)).find(|path| path.exists());
    own.map_or(Ok(()), |path| Err(PipelineError::Foreign { path }))
}

/// Puts a stored file under its public name: a link, or a copy where links are not to be had.
pub(crate) fn publish(
    stored: &Path,
    public: &Path,
    file: &FileRecord,
) -> Result<(), PipelineError> {
    if !atomic::is_link(public) && describe(public).is_ok_and(|found| found == *file) {
        return Ok(());
    }
    let folder = public.parent().unwrap_or(Path::new("."));
    // A folder with a temporary name beside the target: a link cannot be made over an existing name,
    // and the rename out of it is atomic.
    let beside = tempfile::Builder::new()
        .prefix(atomic::TEMPORARY_PREFIX)
        .tempdir_in(folder)
        .map_err(PipelineError::io("write in", folder))?;
    let link = beside.path().join("link");
    if std::fs::hard_link(stored, &link).is_ok() {
        std::fs::rename(&link, public).map_err(PipelineError::io("rename a link to", public))?;
    } else {
        atomic::write_with(public, |writer| {
            let mut source =
                regular::open(stored).map_err(vgae_artifacts::ArtifactError::io("read", stored))?;
            std::io::copy(&mut source, writer)
                .map(|_| ())
                .map_err(vgae_artifacts::ArtifactError::io("write", public))
        })?;
    }
    Ok(())
}

/// Whether a name from a manifest stays within its folder: the file could have been edited.
pub(crate) fn is_file_name(name: &str) -> bool {
    Path::new(name).file_name().is_some_and(|file| file == name)
}

/// The hash and size of a file.
pub(crate) fn describe(path: &Path) -> Result<FileRecord, PipelineError> {
    let bytes = regular::metadata(path).map_err(PipelineError::io("read", path))?.len();
    Ok(FileRecord { hash: ContentHash::of_file(path)?, bytes })
}

fn take_lock(out: &Path, path: &Path) -> Result<Lock, PipelineError> {
    if atomic::is_link(path) || has_other_names(path) {
        // It would be opened, and the file that it leads to would be emptied.
        std::fs::remove_file(path).map_err(PipelineError::io("remove the link", path))?;
    }
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(PipelineError::io("open the lock", path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _unread = file.read_to_string(&mut holder);
            return Err(PipelineError::Locked {
                folder: out.to_owned(),
                holder: holder.trim().parse().ok(),
            });
        }
        Err(TryLockError::Error(source)) => {
            return Err(PipelineError::Io { action: "lock", path: path.to_owned(), source });
        }
    }
    let written = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()));
    written.map_err(PipelineError::io("write the lock", path))?;
    Ok(Lock(file))
}

/// Returns whether a file has hard links; not known on Windows.
fn has_other_names(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        std::fs::symlink_metadata(path).is_ok_and(|facts| facts.nlink() > 1)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}
