//! Runs over samples by the binary: images of real digits, tables of numbers.

use std::fs;
use std::path::{Path, PathBuf};

use predicates::prelude::*;
use vgae_artifacts::{Embedding, Nodes, SampleMetrics, Samples};

use crate::common::{hashes, root, run, run_through_deaths, timeless, vgae};

/// Files of a run over samples.
const FILES: [&str; 13] = [
    "audit.json",
    "certificate.json",
    "embeddings.arrow",
    "embeddings.parquet",
    "history.parquet",
    "latent.safetensors",
    "manifest.json",
    "metrics.json",
    "nodes.parquet",
    "report.html",
    "sample-split.parquet",
    "samples.parquet",
    "weights.safetensors",
];

fn iris() -> PathBuf {
    root().join("pipelines/iris-vae.toml")
}

/// The iris pipeline in another folder, with each `(from, to)` replaced.
fn iris_but(folder: &Path, changes: &[(&str, &str)]) -> PathBuf {
    fs::create_dir_all(folder.join("data")).expect("folder");
    fs::copy(root().join("pipelines/data/iris.csv"), folder.join("data/iris.csv")).expect("copied");
    let mut text = fs::read_to_string(iris()).expect("pipeline");
    for (from, to) in changes {
        assert!(text.contains(from), "{from:?} is not in the pipeline");
        text = text.replace(from, to);
    }
    let path = folder.join("iris.toml");
    fs::write(&path, text).expect("written");
    path
}

/// 784-400-20 on MNIST, one epoch.
fn mnist(folder: &Path, method: &str) -> PathBuf {
    let text = fs::read_to_string(root().join(format!("pipelines/mnist-{method}.toml")));
    let path = folder.join(format!("mnist-{method}.toml"));
    fs::write(&path, text.expect("pipeline").replace("epochs = 10 ", "epochs = 1 "))
        .expect("written");
    path
}

fn metrics(out: &Path) -> SampleMetrics {
    SampleMetrics::read(&out.join("metrics.json")).expect("metrics of samples")
}

#[test]
fn a_table_becomes_codes_that_know_its_labels() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("iris");
    run(&iris(), &out, &[]).stdout(predicate::str::contains("nats"));
    let first = hashes(&out);
    for name in FILES {
        assert!(first.contains_key(name), "{name} is missing: {:?}", first.keys());
    }
    assert_eq!(first.len(), FILES.len(), "nothing else: {:?}", first.keys());
    let nodes = Nodes::read(&out.join("nodes.parquet")).expect("nodes");
    assert_eq!((nodes.len(), nodes.ids()[149].as_str()), (150, "virginica-50"));
    assert_eq!(nodes.labels()[149].as_deref(), Some("virginica"));
    let samples = Samples::read(&out.join("samples.parquet")).expect("samples");
    assert_eq!((samples.len(), samples.values().columns()), (150, 4));

    let metrics = metrics(&out);
    let test = metrics.test.expect("a test part");
    assert_eq!(test.samples, 30);
    // Standardised columns have a mean square of 1.
    assert!(test.squared_error < 0.2, "{test:?}");
    let accuracy = metrics.code.and_then(|code| code.knn_accuracy).expect("labels");
    assert!(accuracy > 0.7, "{accuracy}");

    run(&iris(), &out, &[]).stdout(predicate::str::contains("nothing to do"));
    assert_eq!(hashes(&out), first);
    vgae()
        .arg("verify")
        .arg(&out)
        .assert()
        .success()
        .stdout(predicate::str::contains("ok      leak certificate proved again"))
        .stdout(predicate::str::contains("ok      vectors computed again"))
        .stdout(predicate::str::contains("ok      evaluation done again"));

    // Another code: training and what follows, nothing before.
    let changed = iris_but(&folder.path().join("changed"), &[("latent = 2 ", "latent = 3 ")]);
    let why = vgae().arg("why").arg(&changed).arg("--out").arg(&out).assert().success();
    why.stdout(predicate::str::is_match("ingest +skip").expect("regex"))
        .stdout(predicate::str::is_match("split +skip").expect("regex"))
        .stdout(predicate::str::is_match(r"train +run +train\.latent 2 -> 3").expect("regex"))
        .stdout(predicate::str::is_match("eval +run").expect("regex"));
}

#[test]
fn the_bits_are_the_same_at_any_number_of_threads_and_after_kills() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let changes = [
        ("epochs = 400 ", "epochs = 3000 "),
        ("patience = 50 ", "patience = 0 "),
        ("checkpoint_every = 100 ", "checkpoint_every = 10 "),
        ("hidden = [32] ", "hidden = [40, 24] "),
    ];
    let pipeline = iris_but(folder.path(), &changes);
    let whole = folder.path().join("1");
    run(&pipeline, &whole, &["--threads", "1"]);
    let expected = timeless(&whole);
    for threads in ["2", "5"] {
        let out = folder.path().join(threads);
        run(&pipeline, &out, &["--threads", threads]);
        assert_eq!(timeless(&out), expected, "{threads} threads");
    }

    let killed = folder.path().join("killed");
    let mut resumed = 0;
    run_through_deaths(&pipeline, &killed, || {
        resumed += fs::read_dir(killed.join(".vgae/checkpoints")).map_or(0, |files| {
            files.filter_map(Result::ok).filter(|file| is_checkpoint(&file.path())).count()
        });
    });
    assert!(resumed > 0, "no run went on from a checkpoint");
    assert_eq!(timeless(&killed), expected);
}

fn is_checkpoint(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "safetensors")
}

#[test]
fn stages_run_one_at_a_time_on_samples_too() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let solo = folder.path().join("solo");
    let table = root().join("pipelines/data/iris.csv");
    vgae()
        .arg("ingest")
        .arg(&solo)
        .arg("--table")
        .arg(&table)
        .assert()
        .success()
        .stdout(predicate::str::contains("150 samples, 4 columns"));
    vgae().args(["split", "--test", "0.2"]).arg(&solo).assert().success();
    let options = ["--likelihood", "gaussian", "--hidden", "16,8", "--latent", "2"];
    vgae().args(["train", "--epochs", "30"]).args(options).arg(&solo).assert().success();
    vgae().arg("eval").arg(&solo).assert().success().stdout(predicate::str::contains("knn"));
    vgae().arg("export").arg(&solo).assert().success();
    vgae().arg("report").arg(&solo).assert().success();

    let pipeline = folder.path().join("p.toml");
    let text = format!(
        "[data]\ntable = '{}'\n[split]\ntest = 0.2\n[model]\nmethod = \"vae\"\n\
         epochs = 30\nlikelihood = \"gaussian\"\nhidden = [16, 8]\nlatent = 2\n",
        fs::canonicalize(table).expect("there").display()
    );
    fs::write(&pipeline, text).expect("written");
    let chain = folder.path().join("chain");
    run(&pipeline, &chain, &[]);
    let latent = |folder: &Path| {
        Embedding::read(&folder.join("latent.safetensors")).expect("latent").content_hash()
    };
    assert_eq!(latent(&solo), latent(&chain));
    assert_eq!(metrics(&solo), metrics(&chain), "the noise of judging is one for all");

    // A folder is of one form.
    let mixed = vgae().args(["ingest", "--dataset", "karate"]).arg(&solo).assert().code(2);
    mixed.stderr(predicate::str::contains("samples.parquet"));
    let misfit = vgae().args(["train", "--method", "gae"]).arg(&solo).assert().code(2);
    misfit
        .stderr(predicate::str::contains("needs a graph").and(predicate::str::contains("ae, vae")));
    let strange = vgae().args(["train", "--kl-weight", "1"]).arg(&solo).assert().code(2);
    strange.stderr(predicate::str::contains("no option `kl_weight`"));
}

#[test]
fn init_for_ones_own_table_runs_from_where_it_is_written() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let table = root().join("pipelines/data/iris.csv");
    fs::copy(table, folder.path().join("t.csv")).expect("copied");
    let in_folder = |arguments: &[&str]| {
        let mut command = vgae();
        command.current_dir(folder.path()).args(arguments);
        command.assert().success()
    };
    in_folder(&["init", "mine.toml", "--table", "t.csv"]);
    in_folder(&["run", "mine.toml"]).stdout(predicate::str::contains("nearest neighbours"));
    assert!(folder.path().join("out/mine/embeddings.arrow").exists());
}

#[test]
fn a_grid_over_samples_tells_means_and_spreads() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("grid");
    let grid = "\n[grid]\nmethods = [\"ae\", \"vae\"]\nruns = 3\n\n[run]";
    let pipeline = iris_but(folder.path(), &[("epochs = 400 ", "epochs = 40 "), ("\n[run]", grid)]);
    run(&pipeline, &out, &[])
        .stdout(predicate::str::contains(" ± "))
        .stdout(predicate::str::contains("of PCA"));
    for name in ["iris-ae-s0", "iris-vae-s2"] {
        assert!(out.join("runs").join(name).join("metrics.json").exists(), "{name}");
    }
    let summary = fs::File::open(out.join("summary.parquet")).expect("summary");
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(summary);
    let schema = reader.expect("Parquet").schema().clone();
    for column in ["test_negative_elbo", "test_squared_error", "test_knn_accuracy", "seconds"] {
        schema.field_with_name(column).expect(column);
    }
    vgae().arg("verify").arg(&out).assert().success();
    vgae().arg("report").arg(out.join("runs/iris-vae-s1")).assert().success();
}

#[test]
fn a_method_that_does_not_fit_the_data_is_refused_before_anything_is_read() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("p.toml");
    let refuse = |text: &str| {
        fs::write(&path, text).expect("written");
        let out = folder.path().join("out");
        let output = vgae().arg("run").arg(&path).arg("--out").arg(&out).output().expect("ran");
        assert_eq!(output.status.code(), Some(2));
        assert!(!out.exists());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = [
        refuse("[data]\ndataset = \"mnist\"\n[model]\nmethod = \"gae\"\n"),
        refuse("[data]\ndataset = \"cora\"\n[model]\nmethod = \"vae\"\n"),
        refuse("[grid]\ndatasets = [\"cora\", \"mnist\"]\nmethods = [\"vgae\"]\n"),
        refuse("[data]\ntable = \"t.csv\"\n[grid]\nmethods = [\"ae\", \"dw\"]\n"),
    ];
    insta::assert_snapshot!(said.concat());
}

#[test]
fn new_rows_come_from_the_prior_and_from_nothing_else() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (vae, ae) = (folder.path().join("vae"), folder.path().join("ae"));
    let short = ("epochs = 400 ", "epochs = 20 ");
    run(&iris_but(&folder.path().join("1"), &[short]), &vae, &[]);
    let plain = [short, ("method = \"vae\"", "method = \"ae\"")];
    run(&iris_but(&folder.path().join("2"), &plain), &ae, &[]);
    let generate = |run: &Path, more: &[&str]| {
        let mut command = vgae();
        command.arg("generate").arg(run).args(more);
        command.assert()
    };
    generate(&vae, &["--count", "7"])
        .success()
        .stdout(predicate::str::contains("generated.parquet"));
    let file = vae.join("generated.parquet");
    let rows = Samples::read(&file).expect("a table of samples");
    assert_eq!((rows.len(), rows.values().columns()), (7, 4));
    let once = fs::read(&file).expect("readable");
    generate(&vae, &["--count", "7"]).success();
    assert_eq!(fs::read(&file).expect("readable"), once, "the same seed, the same rows");
    generate(&vae, &["--count", "7", "--seed", "1"]).success();
    assert_ne!(fs::read(&file).expect("readable"), once);

    let png = folder.path().join("x.png");
    let png = png.to_str().expect("a name");
    generate(&vae, &["--out", png])
        .code(2)
        .stderr(predicate::str::contains("rows of a table are no pictures"));
    generate(&ae, &[]).code(2).stderr(predicate::str::contains("`ae`, whose codes have none"));
    generate(folder.path(), &[]).code(2).stderr(predicate::str::contains("no such run"));
    let own = vae.join("samples.parquet");
    generate(&vae, &["--out", own.to_str().expect("a name")])
        .code(2)
        .stderr(predicate::str::contains("one of the run's files"));
    vgae().arg("verify").arg(&vae).assert().success();
}

#[test]
fn digits_are_learned_drawn_and_shown() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (vae, ae) = (folder.path().join("vae"), folder.path().join("ae"));
    run(&mnist(folder.path(), "ae"), &ae, &[]);
    run(&mnist(folder.path(), "vae"), &vae, &[]).stdout(predicate::str::contains("KL"));
    let audit = fs::read_to_string(vae.join("audit.json")).expect("audit");
    assert!(audit.contains("\"samples\": 70000"), "{audit}");
    let found = metrics(&vae);
    let test = found.test.expect("MNIST's own");
    assert_eq!(test.samples, 10_000);
    // After one epoch PyTorch's own example is at some 128.
    let bound = test.negative_elbo.expect("a bound");
    assert!((120.0..140.0).contains(&bound), "{bound}");
    let accuracy = found.code.and_then(|code| code.knn_accuracy).expect("labels");
    assert!(accuracy > 0.9, "{accuracy}");
    let plain = metrics(&ae).test.expect("a test part");
    assert!(plain.negative_elbo.is_none() && plain.squared_error < 0.03, "{plain:?}");

    vgae().args(["generate", "--count", "9"]).arg(&vae).assert().success();
    let sheet = fs::read(vae.join("generated.png")).expect("a sheet");
    assert_eq!(&sheet[..8], b"\x89PNG\r\n\x1a\n");
    let page = fs::read_to_string(vae.join("report.html")).expect("a page");
    assert!(page.contains("data:image/png;base64,"));
    assert!(page.contains("mnist-ae-s0"), "the other method's draws stand beside");
    for elsewhere in ["src=\"http", "href=\"http", "@import"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
    vgae().arg("verify").arg(&vae).assert().success();
}
