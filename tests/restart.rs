//! A run killed at any point and started again ends as one that was never killed.

use crate::common::{karate, run, run_through_deaths, timeless};

const EPOCHS: u32 = 3000;

#[test]
fn killed_runs_end_with_the_same_bytes() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let pipeline = karate(folder.path(), "vgae*", EPOCHS);
    let whole = folder.path().join("whole");
    run(&pipeline, &whole, &[]);
    let expected = timeless(&whole);

    let killed = folder.path().join("killed");
    run_through_deaths(&pipeline, &killed, || {
        // What is there under a final name is always whole: the readers would refuse a torn file.
        let Ok(files) = std::fs::read_dir(&killed) else { return };
        for file in files.filter_map(Result::ok).filter(|file| file.path().is_file()) {
            let name = file.file_name().to_string_lossy().into_owned();
            if let Some(hash) = expected.get(&name) {
                let found = vgae_artifacts::ContentHash::of_file(&file.path());
                assert_eq!(&found.expect("readable"), hash, "{name} is torn");
            }
        }
    });
    assert_eq!(timeless(&killed), expected);
}

#[test]
fn a_checkpoint_left_by_a_death_right_after_training_is_removed() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (pipeline, out) = (karate(folder.path(), "gae*", 5), folder.path().join("out"));
    run(&pipeline, &out, &[]);
    let stages = std::fs::read_dir(out.join(".vgae/store/v1")).expect("store");
    let mut names =
        stages.map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned());
    let fingerprint = names.find_map(|name| Some(name.strip_prefix("train-")?.to_owned()));
    let checkpoint =
        out.join(format!(".vgae/checkpoints/{}.safetensors", fingerprint.expect("a training")));
    std::fs::write(&checkpoint, b"left").expect("written");
    run(&pipeline, &out, &[]);
    assert!(!checkpoint.exists());
}
