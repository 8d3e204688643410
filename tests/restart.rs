//! A run killed at any point and started again ends as one that was never killed.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::common::{karate, root, run, run_through_deaths, timeless, vgae_process};
use crate::side_by_side::grid;
use crate::whole::assert_whole;
use crate::{directed, relations};

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
        assert_whole(&killed, &expected);
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

/// `just kill-test 200`: the same at random moments, as often as one likes, on pipelines of every kind.
#[test]
#[ignore = "takes minutes: just kill-test 200"]
fn runs_killed_at_random_end_with_the_same_bytes() {
    let number = |name: &str, otherwise| {
        let text = std::env::var(name).ok();
        text.map_or(otherwise, |text| text.parse().expect("a number"))
    };
    let (wanted, seed) = (number("VGAE_KILLS", 200), number("VGAE_KILL_SEED", 1));
    let folder = tempfile::tempdir().expect("temporary folder");
    let folder_of = |name: &str| {
        let own = folder.path().join(format!("{name}-inputs"));
        std::fs::create_dir(&own).expect("a folder");
        own
    };
    let pipelines = root().join("pipelines");
    let methods = r#""gae*", "sc", "dw", "fastrp", "prone", "adamic-adar""#;
    let campaigns = [
        ("checkpoints", karate(&folder_of("checkpoints"), "vgae*", EPOCHS)),
        ("side by side", grid(&folder_of("grid"), methods, 200, 2)),
        ("relations", relations::distmult(&folder_of("relations"))),
        ("directed", directed::gravity(&folder_of("directed"))),
        ("table", pipelines.join("iris-vae.toml")),
        ("download", pipelines.join("cora-vgae.toml")),
        ("joined", pipelines.join("cora-hybrid.toml")),
    ];
    // The first of them takes what is left over.
    let share = wanted / campaigns.len() as u64;
    let mut deaths = wanted - share * (campaigns.len() as u64 - 1);
    let mut random = Random(seed);
    for (name, pipeline) in campaigns {
        let report = campaign(&pipeline, &folder.path().join(name), deaths, &mut random);
        // Past the test harness, which keeps what is printed to itself.
        writeln!(std::io::stderr(), "{name}: {report}").expect("told");
        deaths = share;
    }
}

/// Kills runs of `pipeline` until `wanted` have died; every one is started again until it ends.
fn campaign(pipeline: &Path, folder: &Path, wanted: u64, random: &mut Random) -> String {
    let whole = folder.join("whole");
    let started = Instant::now();
    run(pipeline, &whole, &[]);
    let life = started.elapsed();
    let expected = timeless(&whole);
    let (mut deaths, mut runs, mut files) = (0, 0, 0);
    while deaths < wanted {
        let out = folder.join(format!("killed-{runs}"));
        while !lives(pipeline, &out, life.mul_f64(random.next())) {
            deaths += 1;
            files += assert_whole(&out, &expected);
        }
        assert_eq!(timeless(&out), expected, "run {runs}");
        std::fs::remove_dir_all(&out).expect("removed");
        runs += 1;
    }
    format!(
        "{deaths} deaths in {runs} runs, each with the same bytes at its end; {files} files read"
    )
}

/// Starts a run and kills it after `life`; whether it ended before.
fn lives(pipeline: &Path, out: &Path, life: Duration) -> bool {
    let mut run = vgae_process()
        .arg("run")
        .arg(pipeline)
        .args(["--offline", "--out"])
        .arg(out)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    std::thread::sleep(life);
    if run.try_wait().expect("status").is_none() {
        run.kill().expect("killed");
    }
    let output = run.wait_with_output().expect("reaped");
    // A death by a signal has no code; a run that refuses to go on would have one.
    let code = output.status.code();
    assert!(matches!(code, None | Some(0)), "{}", String::from_utf8_lossy(&output.stderr));
    code == Some(0)
}

/// Numbers from 0 to 1 (xorshift64*, Vigna 2016): moments of death that can be had again.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1u64 << 53) as f64
    }
}
