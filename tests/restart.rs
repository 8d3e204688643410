//! A run killed at any point and started again ends as one that was never killed.

use std::process::Stdio;
use std::time::Duration;

use crate::common::{karate, timeless, vgae, vgae_process};

const EPOCHS: u32 = 3000;

#[test]
fn killed_runs_end_with_the_same_bytes() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let pipeline = karate(folder.path(), "vgae*", EPOCHS);
    let whole = folder.path().join("whole");
    vgae().arg("run").arg(&pipeline).arg("--out").arg(&whole).assert().success();
    let expected = timeless(&whole);

    let killed = folder.path().join("killed");
    let mut kills = 0;
    // Ever longer lives, so that deaths fall into every stage. What is there under a final name is
    // always whole: the readers would refuse a torn file.
    for life in (0..).map(|step| Duration::from_millis(2 + 7 * step)) {
        let mut run = vgae_process()
            .arg("run")
            .arg(&pipeline)
            .arg("--out")
            .arg(&killed)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        std::thread::sleep(life);
        if run.try_wait().expect("status").is_some_and(|status| status.success()) {
            break;
        }
        run.kill().expect("killed");
        run.wait().expect("reaped");
        kills += 1;
        if let Ok(files) = std::fs::read_dir(&killed) {
            for file in files.filter_map(Result::ok).filter(|file| file.path().is_file()) {
                let name = file.file_name().to_string_lossy().into_owned();
                if let Some(hash) = expected.get(&name) {
                    let found = vgae_artifacts::ContentHash::of_file(&file.path());
                    assert_eq!(&found.expect("readable"), hash, "{name} is torn");
                }
            }
        }
    }
    assert!(kills > 3, "only {kills} runs were killed: the pipeline is too short for this test");
    assert_eq!(timeless(&killed), expected, "after {kills} kills");
    let left = std::fs::read_dir(killed.join(".vgae/checkpoints")).expect("folder").count();
    assert_eq!(left, 0, "no checkpoint is left of a finished training");
}
