//! Runs on the engine `spark`, beside the engine `local`. They need Java and, as `VGAE_SCALE_PYTHON`, a Python
//! interpreter with `pyspark`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::common::*;
use vgae_large::LargeConfig;
use vgae_scale::{Engine, Event, Facts, Spark, SparkOptions, TableFiles, run, verify};

const FASTRP: &str =
    "[model]\nmethod = \"fastrp\"\ndimensions = 40\nhop_weights = [0.5, 0.0, 1.0]\n";

fn spark(master: &str, log: &Path) -> Spark {
    let python =
        std::env::var_os("VGAE_SCALE_PYTHON").expect("VGAE_SCALE_PYTHON: Python with pyspark");
    let options = SparkOptions {
        master: master.to_owned(),
        settings: vec!["spark.sql.shuffle.partitions=4".to_owned()],
        python: PathBuf::from(python),
        log: log.to_owned(),
    };
    Spark::new(&options).expect("Spark")
}

/// Runs a project on Spark and compares it with the run in `expected` on the engine `local`.
fn agrees(project: &Project, engine: &mut dyn Engine, out: &str) {
    let (expected, _) = project.run(2, "local");
    let (found, _) = project.run_on(engine, out).expect("a run");
    assert_eq!(found, expected);
    let bits = |out: &str| embedding_bits(&project.path(out).join("embeddings"));
    assert!(bits(out) == bits("local"), "the embeddings differ");
    verify(&project.path(out), &mut local(2), &mut |_| {}).expect("verified by the other engine");
}

#[test]
#[ignore = "needs Java and pyspark"]
fn spark_returns_the_bits_of_the_local_engine() {
    let project = Project::new(&karate(), FASTRP);
    let mut engine = spark("local[2]", &project.path("spark.log"));
    agrees(&project, &mut engine, "karate");

    let project = Project::new(&skewed(3000, 20_000), FASTRP);
    agrees(&project, &mut engine, "skewed");

    // Text ids and given features.
    let name = |node: i64| format!("Zoë \"{node}\"");
    let (src, dst): (Vec<_>, Vec<_>) =
        karate().into_iter().map(|(a, b)| (name(a), name(b))).unzip();
    let project = Project::new(
        &[],
        "nodes = \"nodes.parquet\"\nfeatures = [\"a `b`\"]\n[model]\nmethod = \"sgc\"\nhops = 2\n",
    );
    write_table(&project.path("edges.parquet"), vec![("src", texts(src)), ("dst", texts(dst))]);
    let features = reals((0..=34u8).map(|node| f32::from(node).sin()));
    write_table(
        &project.path("nodes.parquet"),
        vec![("id", texts((0..=34).map(name))), ("a `b`", features)],
    );
    agrees(&project, &mut engine, "text");
    // The datasets of one engine are finished steps for the other.
    let (_, lines) = project.run_on(&mut engine, "local").expect("a run");
    assert!(lines.iter().all(|line| line.starts_with("kept ")), "{lines:?}");

    let error = engine.query("SELECT nothing FROM edges").expect_err("a failed query");
    assert!(format!("{error:#}").contains("nothing"), "{error:#}");
}

#[test]
#[ignore = "needs Java and pyspark"]
fn a_missing_master_or_package_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = |master: &str, python: &str| SparkOptions {
        master: master.to_owned(),
        settings: Vec::new(),
        python: PathBuf::from(python),
        log: folder.path().join("spark.log"),
    };
    let python = std::env::var("VGAE_SCALE_PYTHON").expect("VGAE_SCALE_PYTHON");
    let error = Spark::new(&options("nonsense", &python)).expect_err("no master");
    assert!(format!("{error:#}").contains("cannot start Spark at nonsense"), "{error:#}");
    let error = Spark::new(&options("local[1]", "/nowhere/python3")).expect_err("no Python");
    assert!(format!("{error:#}").contains("--python"), "{error:#}");
}

/// Process ids of the executors that the process `ancestor` started.
fn executors(ancestor: u32) -> Vec<u32> {
    let parent = |pid: u32| -> Option<u32> {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()
    };
    let is_ours = |mut pid: u32| loop {
        match parent(pid) {
            Some(found) if found == ancestor => return true,
            Some(found) if found > 1 => pid = found,
            _ => return false,
        }
    };
    let entries = std::fs::read_dir("/proc").expect("/proc").filter_map(Result::ok);
    let pids = entries.filter_map(|entry| entry.file_name().to_string_lossy().parse::<u32>().ok());
    pids.filter(|pid| {
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&command).contains("CoarseGrainedExecutorBackend") && is_ours(*pid)
    })
    .collect()
}

/// Engine that kills an executor in the middle of each write.
struct Killing {
    engine: Spark,
    killed: usize,
}

impl Engine for Killing {
    fn name(&self) -> &'static str {
        "spark"
    }

    fn register(&mut self, name: &str, files: &TableFiles) -> anyhow::Result<()> {
        self.engine.register(name, files)
    }

    fn write(&mut self, sql: &str, folder: &Path) -> anyhow::Result<()> {
        let engine = &mut self.engine;
        let done = AtomicBool::new(false);
        let (written, killed) = std::thread::scope(|scope| {
            let killer = scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(300));
                // A victim after the end of the step would prove nothing.
                let victim = executors(std::process::id()).into_iter().next();
                let Some(victim) = victim.filter(|_| !done.load(Ordering::SeqCst)) else {
                    return false;
                };
                let status = Command::new("kill").args(["-9", &victim.to_string()]).status();
                status.expect("kill").success()
            });
            let written = engine.write(sql, folder);
            done.store(true, Ordering::SeqCst);
            (written, killer.join().expect("the killer"))
        });
        self.killed += usize::from(killed);
        written
    }

    fn query(&mut self, sql: &str) -> anyhow::Result<Facts> {
        self.engine.query(sql)
    }
}

#[test]
#[ignore = "needs Java and pyspark"]
fn a_killed_executor_does_not_change_a_bit() {
    let project = Project::new(&skewed(20_000, 200_000), FASTRP);
    let (expected, _) = project.run(2, "out");
    let bits = |step: &str| {
        let rows = vectors(
            &project.step("out", step),
            if step == "embeddings" { "embedding_" } else { "y" },
        );
        let rows =
            rows.into_iter().map(|(node, row)| (node, row.into_iter().map(f32::to_bits).collect()));
        rows.collect::<std::collections::BTreeMap<i64, Vec<u32>>>()
    };
    // Steps that are removed run on Spark, each with a killed executor; all others are kept.
    let steps = ["degrees", "hop_2", "embeddings"];
    let before = ["hop_2", "embeddings"].map(bits);
    for step in steps {
        let folder = project.step_folder("out", step);
        std::fs::remove_dir_all(folder).expect("removed");
    }
    let engine = spark("local-cluster[2,1,1024]", &project.path("spark.log"));
    let mut engine = Killing { engine, killed: 0 };
    let (found, lines) = project.run_on(&mut engine, "out").expect("a run");
    let written: Vec<&String> = lines.iter().filter(|line| line.starts_with("written ")).collect();
    assert_eq!(
        written,
        steps.map(|step| format!("written {step}")).iter().collect::<Vec<_>>(),
        "{lines:?}"
    );
    assert!(engine.killed > 0, "no executor was killed in mid-step");
    assert_eq!(found, expected);
    assert!(["hop_2", "embeddings"].map(bits) == before, "the bits differ");
    verify(&project.path("out"), &mut local(2), &mut |_| {}).expect("verified by the other engine");
}

/// Agreement of the engines on any pipeline file, named by `VGAE_SCALE_PIPELINE`: CI passes Cora.
#[test]
#[ignore = "needs Java, pyspark and VGAE_SCALE_PIPELINE"]
fn engines_agree_on_a_given_pipeline() {
    let path = std::env::var("VGAE_SCALE_PIPELINE").expect("VGAE_SCALE_PIPELINE: a pipeline file");
    let config = LargeConfig::read(Path::new(&path)).expect("a pipeline file");
    let folder = tempfile::tempdir().expect("a folder");
    let mut results = Vec::new();
    let mut run_on = |engine: &mut dyn Engine, name: String| {
        let out = folder.path().join(&name);
        let outcome = run(&config, engine, &out, &mut |event| {
            assert!(!matches!(event, Event::Rejected(..)), "{event:?}");
        });
        results.push((outcome.expect("a run"), embedding_bits(&out.join("embeddings"))));
    };
    for threads in [1, 2, 4] {
        run_on(&mut local(threads), format!("local-{threads}"));
    }
    run_on(
        &mut spark("local-cluster[2,1,1024]", &folder.path().join("spark.log")),
        "spark".to_owned(),
    );
    for other in &results[1..] {
        assert_eq!(other.0, results[0].0);
        assert!(other.1 == results[0].1, "the embeddings differ");
    }
}
