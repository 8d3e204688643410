//! Input from a pipe, which can be read only once: kept as a file while a command runs.

use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::TempDir;

use crate::args::UsageError;

/// The name that stands for standard input.
const STDIN: &str = "-";

/// Pipes that were read, as files.
#[derive(Debug, Default)]
pub(crate) struct Pipes {
    folder: Option<TempDir>,
    names: Vec<String>,
}

impl Pipes {
    /// The file itself, or what came out of the pipe or of standard input (`-`) as a file that lives as long as
    /// this.
    pub(crate) fn file(&mut self, path: &Path) -> anyhow::Result<PathBuf> {
        if !is_pipe(path) {
            return Ok(path.to_owned());
        }
        let name = match path.file_name() {
            Some(name) if path != Path::new(STDIN) => name.to_string_lossy().into_owned(),
            _ => "stdin".to_owned(),
        };
        if self.names.contains(&name) {
            let text = format!("{} is named twice, and can be read only once", path.display());
            return Err(UsageError(text).into());
        }
        let folder = match &self.folder {
            Some(folder) => folder,
            None => self.folder.insert(tempfile::tempdir().context("no temporary folder")?),
        };
        let file = folder.path().join(&name);
        self.names.push(name);
        copy(path, &file)?;
        Ok(file)
    }
}

/// Whether a path stands for standard input, a pipe or a device.
pub(crate) fn is_pipe(path: &Path) -> bool {
    let is_other = |facts: std::fs::Metadata| !facts.is_file() && !facts.is_dir();
    path == Path::new(STDIN) || std::fs::metadata(path).is_ok_and(is_other)
}

/// Copies what comes out of a pipe.
pub(crate) fn copy(path: &Path, to: &Path) -> anyhow::Result<()> {
    let stdin = std::io::stdin();
    let mut from: Box<dyn Read> = if path == Path::new(STDIN) {
        if stdin.is_terminal() {
            let text = "`-` is standard input, which is a terminal: pipe a file into the command";
            return Err(UsageError(text.to_owned()).into());
        }
        Box::new(stdin.lock())
    } else {
        Box::new(File::open(path).with_context(|| format!("cannot read {}", path.display()))?)
    };
    let mut file =
        File::create_new(to).with_context(|| format!("cannot write {}", to.display()))?;
    std::io::copy(&mut from, &mut file)
        .with_context(|| format!("cannot copy {} to {}", path.display(), to.display()))?;
    Ok(())
}
