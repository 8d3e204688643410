//! A disk without room, on a small file system of its own. Only root may make one; elsewhere the test says
//! that it was left out.
#![cfg(target_os = "linux")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bad_input::says;
use crate::common::{karate, run, timeless, vgae};
use crate::whole::assert_whole;

/// A mounted tmpfs, which goes when this does.
struct SmallDisk {
    folder: PathBuf,
    _above: tempfile::TempDir,
}

impl SmallDisk {
    const KIB: usize = 4096;

    fn mount() -> Option<Self> {
        let above = tempfile::tempdir().expect("temporary folder");
        let folder = above.path().join("disk");
        std::fs::create_dir(&folder).expect("folder");
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &format!("size={}k", Self::KIB), "tmpfs"]).arg(&folder);
        let mounted = command.output().is_ok_and(|output| output.status.success());
        mounted.then_some(Self { folder, _above: above })
    }

    /// Leaves room for so many KiB besides what is there already, by a file that takes the rest.
    fn leave(&self, kib: usize) {
        let ballast = self.folder.join("ballast");
        let _first = std::fs::remove_file(&ballast);
        let mut file = std::fs::File::create(&ballast).expect("a file");
        let page = [1; 4096];
        while file.write_all(&page).is_ok() {}
        let length = file.metadata().expect("metadata").len();
        file.set_len(length.saturating_sub(kib as u64 * 1024)).expect("shorter");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _gone = Command::new("umount").arg(&self.folder).output();
    }
}

#[test]
fn a_full_disk_is_named_and_the_run_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount() else {
        let said = "SKIPPED: the tests of a full disk need the right to mount (root)";
        writeln!(std::io::stderr(), "{said}").expect("told");
        return;
    };
    let folder = tempfile::tempdir().expect("temporary folder");
    let pipeline = karate(folder.path(), "vgae*", 200);
    let whole = folder.path().join("whole");
    run(&pipeline, &whole, &[]);
    let expected = timeless(&whole);

    let out = disk.folder.join("out");
    let (mut refusals, mut before) = (0, 0);
    // A little more room each time, so that it ends in every stage.
    for kib in (4..).step_by(8) {
        disk.leave(kib);
        let output = vgae().arg("run").arg(&pipeline).arg("--out").arg(&out).output().expect("ran");
        let stages = assert_kept(&out, &expected);
        assert!(stages >= before, "{stages} stages are left of {before}");
        before = stages;
        if output.status.success() {
            break;
        }
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("panicked"), "{said}");
        says(&said, &[&out.display().to_string(), "No space left on device", "make room"]);
        refusals += 1;
        assert!(refusals < 200, "it never ends: {said}");
    }
    assert!(refusals > 5, "only {refusals} runs met a full disk");
    assert_eq!(timeless(&out), expected);
    assert!(vgae().arg("verify").arg(&out).output().expect("ran").status.success());
}

/// Everything that is there is whole; returns how many stages are finished.
fn assert_kept(
    out: &Path,
    expected: &std::collections::BTreeMap<String, vgae_artifacts::ContentHash>,
) -> usize {
    assert_whole(out, expected);
    let stages = std::fs::read_dir(out.join(".vgae/store/v1")).into_iter().flatten().flatten();
    stages.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.')).count()
}
